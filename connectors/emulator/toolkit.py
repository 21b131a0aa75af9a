"""What a venue's emulator dialect is built with, under one name.

The market behind a dialect trades by itself: `Market.listings` holds a `Listing` a pair, with its instrument, book,
tape and candle history, all in whole ticks and lots; `Instrument` turns those into a venue's text.

For a connector's own tests there are `running_emulator`, its faults (`Rule`), and a clock that moves when told.
"""

from connectors.emulator.accounts import Account, Accounts, ApiKey
from connectors.emulator.candles import Bar
from connectors.emulator.channel_session import ChannelSession, HttpChannelSession
from connectors.emulator.channels import Channels, Publisher, Quiet, Send
from connectors.emulator.clock import Clock, ManualClock
from connectors.emulator.dialect import Dialect, VenueModule
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.emulator.engine import Engine
from connectors.emulator.faults import Faults, Rule
from connectors.emulator.http_stream import HttpStream
from connectors.emulator.instruments import Instrument
from connectors.emulator.intervals import next_open, previous_open
from connectors.emulator.listing import Listing
from connectors.emulator.market import Market
from connectors.emulator.messages import (
    EVENT_STREAM,
    JSON_LINES,
    Request,
    Response,
    SocketSession,
    Streaming,
    StreamSession,
    json_response,
)
from connectors.emulator.orders import Fill, Order, OrderRefused, OrderType, Refusal, Side, TimeInForce, Trade
from connectors.emulator.publishers import BookDiff, Candles, Depth, Levels, Timed, Top, Trades
from connectors.emulator.routes import Refused, RestCall, Routes
from connectors.emulator.socket import Socket
from connectors.emulator.testing import pass_time, running_emulator

__all__ = [
    "EVENT_STREAM",
    "JSON_LINES",
    "Account",
    "Accounts",
    "ApiKey",
    "Bar",
    "BookDiff",
    "Candles",
    "ChannelSession",
    "Channels",
    "Clock",
    "Depth",
    "Dialect",
    "Emulator",
    "EmulatorOptions",
    "Engine",
    "Faults",
    "Fill",
    "HttpChannelSession",
    "HttpStream",
    "Instrument",
    "Levels",
    "Listing",
    "ManualClock",
    "Market",
    "Order",
    "OrderRefused",
    "OrderType",
    "Publisher",
    "Quiet",
    "Refusal",
    "Refused",
    "Request",
    "Response",
    "RestCall",
    "Routes",
    "Rule",
    "Send",
    "Side",
    "Socket",
    "SocketSession",
    "StreamSession",
    "Streaming",
    "TimeInForce",
    "Timed",
    "Top",
    "Trade",
    "Trades",
    "VenueModule",
    "json_response",
    "next_open",
    "pass_time",
    "previous_open",
    "running_emulator",
]
