"""The adapters, a documented frame each."""

import json
from collections.abc import Callable
from typing import Any

import frames
import pytest
from barfinex_exchange_bitstamp.adapters import adapters

from catalog.model import MarketType
from connectors.contracts.errors import BadFrame, NotSupported, UnsupportedMarket, UnsupportedTimeFrame
from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import (
    AccountAdapterOptions,
    CandleAdapterOptions,
    InstrumentsAdapterOptions,
)
from connectors.contracts.timeframes import TimeFrame

SET = adapters()
FORMS: list[Callable[[bytes], Any]] = [bytes, bytes.decode, json.loads]


@pytest.mark.parametrize("form", FORMS)
def test_a_trade_has_the_takers_side_and_the_finer_of_its_two_times(form: Callable[[bytes], Any]):
    heard: list[Trade] = []
    SET.create_trade_adapter(heard.append)("spot")(form(frames.TRADE))
    assert heard == [Trade("BTCUSD", 38416.0, 0.0028, 1643643584587, "sell", "212337562")]
    SET.create_trade_adapter(heard.append)("spot")(form(frames.TRADE.replace(b'"type":1', b'"type":0')))
    assert heard[1].side == "buy"


@pytest.mark.parametrize("form", FORMS)
def test_a_book_is_whole_and_a_difference_is_not(form: Callable[[bytes], Any]):
    heard: list[OrderBookUpdate] = []
    adapt = SET.create_order_book_adapter(heard.append)(MarketType.SPOT)
    adapt(form(frames.BOOK))
    adapt(form(frames.DIFFERENCE))
    assert heard == [
        OrderBookUpdate(
            "BTCUSD",
            [(8732.02, 0.00002478), (8729.62, 0.016)],
            [(8735.67, 2.0), (8735.68, 1.532945)],
            1583656800237,
            True,
            1583656800237527,
            depth=100,
        ),
        OrderBookUpdate("BTCUSD", [(8732.02, 0.0)], [], 1583656801000, False, 1583656801000000),
    ]


def test_candles_come_from_the_answer_that_holds_them_and_the_last_is_open():
    heard: list[Candle] = []
    adapt = SET.create_candle_adapter(CandleAdapterOptions(interval=TimeFrame.M1, handler=heard.append))
    adapt(frames.OHLC)
    assert heard == [
        Candle("BTCUSD", "1m", 1593961440000, 9040.87, 9064.77, 9040.87, 9064.77, 18.49436608, True),
        Candle("BTCUSD", "1m", 1593961500000, 9064.66, 9071.59, 9058.76, 9061.07, 3.48631711, False),
    ]


@pytest.mark.parametrize("body", [frames.TICKER, b"[" + frames.TICKER + b"]"])
def test_a_price_has_the_figures_of_24_hours(body: bytes):
    heard: list[Price] = []
    SET.create_instrument_prices_adapter(None, heard.append)("spot")(body)
    assert heard == [
        Price(
            "BTCUSD",
            26216.0,
            1686068944000,
            26208.0,
            26211.0,
            25895.0,
            26252.0,
            25350.0,
            3563.5,
            3563.5 * 25000,
        )
    ]


def test_instruments_are_the_spot_pairs_of_the_list():
    heard: list[Instrument] = []
    options = InstrumentsAdapterOptions(market_type=MarketType.SPOT, handler=heard.extend)
    SET.create_instruments_adapter(options)(frames.MARKETS)
    assert [(each.symbol, each.venue_symbol, each.tradable) for each in heard] == [
        ("BTCUSD", "btcusd", True),
        ("1INCHEUR", "1incheur", False),
    ]
    first = heard[0]
    steps = [str(each) for each in (first.tick_size, first.lot_size, first.min_notional)]
    assert steps == ["1", "1E-8", "10"]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b'"price":38416', b'"price":0'),
        (b'"price":38416', b'"price":"NaN"'),
        (b'"amount":0.0028', b'"amount":-1'),
        (b'"type":1', b'"type":2'),
        (b'"1643643584587000"', b'"1643643584587000000"'),
        (b"live_trades_btcusd", b"live_orders_btcusd"),
        (b"live_trades_btcusd", b"live_trades_"),
        (b'"event":"trade"', b'"event":"data"'),
    ],
)
def test_a_trade_that_cannot_be_right_is_refused(good: bytes, bad: bytes):
    heard: list[Trade] = []
    with pytest.raises(BadFrame):
        SET.create_trade_adapter(heard.append)("spot")(frames.TRADE.replace(good, bad))
    assert heard == []


def test_what_there_is_not_is_refused_by_name():
    with pytest.raises(UnsupportedMarket):
        SET.create_trade_adapter(print)("futures")
    with pytest.raises(NotSupported):
        SET.create_account_adapter(AccountAdapterOptions(market_type=MarketType.SPOT), print)
    with pytest.raises(UnsupportedTimeFrame):
        SET.create_candle_adapter(CandleAdapterOptions(interval=TimeFrame.W1, handler=print))
