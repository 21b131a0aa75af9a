"""What a connector is built with: the machinery every venue shares, under one name.

`connectors.contracts` says what a connector gives; this is what does most of it. A venue adds its dialect, its wire
structs and its calls. Names that are not here or in the contracts may change without notice.
"""

from catalog.text import clean
from connectors.network.pages import unreadable
from connectors.rest.client import RestClient
from connectors.rest.clock import ServerClock
from connectors.rest.connection import PublicVenue, address, connection, rest_address
from connectors.rest.failures import (
    STATUS_FAILURES,
    Failure,
    failure_for_status,
    retry_after_seconds,
    venue_error,
)
from connectors.rest.numbers import decimal_of
from connectors.rest.paging import CandlePage, page_candles
from connectors.rest.parsing import parsed
from connectors.rest.requests import Params, Prepared, RestAnswer, RestRequest, RestVenue
from connectors.rest.venue_client import VenueClient
from connectors.streaming.book import Book
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.change import BookChange
from connectors.streaming.decoding import (
    FAULTS,
    Amount,
    Levels,
    Millis,
    PositivePrice,
    Sequence,
    VenueSymbol,
    bad_frame,
    decoder,
    each_row,
)
from connectors.streaming.dialect import (
    Channel,
    Control,
    ControlKind,
    Dialect,
    Limits,
    Outgoing,
    TimedDialect,
)
from connectors.streaming.feeds import Feed, Listener, PriceFeed, TradeFeed
from connectors.streaming.http_stream import http_stream
from connectors.streaming.list_feeds import CandleListFeed, TradeListFeed
from connectors.streaming.manager import AccountChannel, StreamManager
from connectors.streaming.plan import BookParts, Checks, StreamKind, StreamPlan, Topic
from connectors.streaming.plan_replay import PlanReplay
from connectors.streaming.polling import polling
from connectors.streaming.replay import Answer, Requested, VenueReplay
from connectors.streaming.sequencing import (
    Checksum,
    PlainSequencing,
    PreviousSequencing,
    RangeSequencing,
    Sequencing,
    UnnumberedSequencing,
    Verdict,
)
from connectors.streaming.symbols import SymbolTable
from connectors.streaming.transport import Transport

__all__ = [
    "FAULTS",
    "STATUS_FAILURES",
    "AccountChannel",
    "Amount",
    "Answer",
    "Book",
    "BookChange",
    "BookFeed",
    "BookParts",
    "CandleFeed",
    "CandleListFeed",
    "CandlePage",
    "Channel",
    "Checks",
    "Checksum",
    "Control",
    "ControlKind",
    "Dialect",
    "Failure",
    "Feed",
    "Levels",
    "Limits",
    "Listener",
    "Millis",
    "Outgoing",
    "Params",
    "PlainSequencing",
    "PlanReplay",
    "PositivePrice",
    "Prepared",
    "PreviousSequencing",
    "PriceFeed",
    "PublicVenue",
    "RangeSequencing",
    "Requested",
    "RestAnswer",
    "RestClient",
    "RestRequest",
    "RestVenue",
    "Sequence",
    "Sequencing",
    "ServerClock",
    "StreamKind",
    "StreamManager",
    "StreamPlan",
    "SymbolTable",
    "TimedDialect",
    "Topic",
    "TradeFeed",
    "TradeListFeed",
    "Transport",
    "UnnumberedSequencing",
    "VenueClient",
    "VenueReplay",
    "VenueSymbol",
    "Verdict",
    "address",
    "bad_frame",
    "clean",
    "connection",
    "decimal_of",
    "decoder",
    "each_row",
    "failure_for_status",
    "http_stream",
    "page_candles",
    "parsed",
    "polling",
    "rest_address",
    "retry_after_seconds",
    "unreadable",
    "venue_error",
]
