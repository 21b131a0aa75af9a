"""Every frame of the documentation, as bytes, text and decoded JSON, bare and in its envelope."""

import json
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.contracts import (
    AccountAdapterOptions,
    AccountUpdate,
    Balance,
    Candle,
    CandleAdapterOptions,
    Instrument,
    InstrumentsAdapterOptions,
    OrderBookUpdate,
    Price,
    TimeFrame,
    Trade,
)
from connectors.contracts.errors import BadFrame, UnsupportedMarket, UnsupportedTimeFrame
from connectors.venues.binance.adapters import (
    adapters_for,
    create_account_adapter,
    create_candle_adapter,
    create_instrument_prices_adapter,
    create_instruments_adapter,
    create_order_book_adapter,
    create_trade_adapter,
)
from tests.connectors.venues.binance import frames

FORMS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "text": bytes.decode,
    "decoded": json.loads,
    "enveloped bytes": lambda frame: frames.enveloped("a@b", frame),
    "enveloped text": lambda frame: frames.enveloped("a@b", frame).decode(),
    "enveloped decoded": lambda frame: json.loads(frames.enveloped("a@b", frame)),
}
in_every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def test_the_connector_guides_own_unit_test() -> None:
    calls: list[Trade] = []
    adapter = create_trade_adapter(calls.append)("spot")
    adapter({"s": "BTCUSDT", "p": "65000.50", "q": "0.001", "T": 1711800000000, "m": False, "t": 12345})
    assert calls == [
        Trade(
            symbol="BTCUSDT",
            price=65000.5,
            quantity=0.001,
            timestamp=1711800000000,
            side="buy",
            trade_id="12345",
        )
    ]


@in_every_form
@pytest.mark.parametrize(
    ("market", "frame", "trade"),
    [
        ("spot", frames.SPOT_TRADE, Trade("BNBBTC", 0.001, 100.0, 1672515782136, "sell", "12345")),
        ("spot", frames.SPOT_AGG_TRADE, Trade("BNBBTC", 0.001, 100.0, 1672515782136, "sell", "12345")),
        ("futures", frames.FUTURES_AGG_TRADE, Trade("BTCUSDT", 0.001, 100.0, 123456785, "buy", "5933014")),
    ],
)
def test_trades(form: Callable[[bytes], Any], market: str, frame: bytes, trade: Trade) -> None:
    trades: list[Trade] = []
    create_trade_adapter(trades.append)(market)(form(frame))
    assert trades == [trade]


@in_every_form
@pytest.mark.parametrize(
    ("market", "frame", "update"),
    [
        (
            "spot",
            frames.SPOT_DEPTH,
            OrderBookUpdate(
                "BNBBTC",
                [(0.0024, 10.0)],
                [(0.0026, 0.0)],
                1672515782136,
                first_sequence=157,
                last_sequence=160,
            ),
        ),
        (
            "futures",
            frames.FUTURES_DEPTH,
            OrderBookUpdate(
                "BTCUSDT",
                [(0.0024, 10.0)],
                [(0.0026, 100.0)],
                123456788,
                first_sequence=157,
                last_sequence=160,
                previous_sequence=149,
            ),
        ),
    ],
)
def test_depth_changes(
    form: Callable[[bytes], Any], market: str, frame: bytes, update: OrderBookUpdate
) -> None:
    updates: list[OrderBookUpdate] = []
    create_order_book_adapter(updates.append)(market)(form(frame))
    assert updates == [update]


@pytest.mark.parametrize("decode", [bytes, bytes.decode, json.loads])
def test_a_partial_book_takes_its_symbol_from_the_streams_name(decode: Callable[[bytes], Any]) -> None:
    updates: list[OrderBookUpdate] = []
    adapter = create_order_book_adapter(updates.append)("spot")
    adapter(decode(frames.enveloped("bnbbtc@depth5@100ms", frames.SPOT_PARTIAL_DEPTH)))
    assert updates == [
        OrderBookUpdate(
            "BNBBTC", [(0.0024, 10.0)], [(0.0026, 100.0)], 0, is_snapshot=True, last_sequence=160, depth=5
        )
    ]
    with pytest.raises(BadFrame):
        adapter(decode(frames.SPOT_PARTIAL_DEPTH))


@in_every_form
def test_candles(form: Callable[[bytes], Any]) -> None:
    candles: list[Candle] = []
    adapter = create_candle_adapter(CandleAdapterOptions(interval=TimeFrame.M1, handler=candles.append))
    adapter(form(frames.SPOT_KLINE))
    adapter(form(frames.SPOT_KLINE.replace(b'"x":false', b'"x":true')))
    opened = Candle("BNBBTC", "1m", 1672515780000, 0.002, 0.0025, 0.0015, 0.002, 1000.0, closed=False)
    assert candles[0] == opened
    assert [candle.closed for candle in candles] == [False, True]


def test_a_candle_of_another_interval_is_refused() -> None:
    adapter = create_candle_adapter(CandleAdapterOptions(interval=TimeFrame.H1, handler=lambda _: None))
    with pytest.raises(BadFrame, match="1m"):
        adapter(frames.SPOT_KLINE)


@in_every_form
@pytest.mark.parametrize(
    ("frame", "price"),
    [
        (
            frames.SPOT_TICKER,
            Price("BNBBTC", 0.0025, 1672515782136, 0.0024, 0.0026, 0.001, 0.0025, 0.001, 10000.0, 18.0),
        ),
        (
            frames.SPOT_MINI_TICKER,
            Price("BNBBTC", 0.0025, 1672515782136, None, None, 0.001, 0.0025, 0.001, 10000.0, 18.0),
        ),
        (
            frames.FUTURES_TICKER,
            Price("BTCUSDT", 0.0025, 123456789, None, None, 0.001, 0.0025, 0.001, 10000.0, 18.0),
        ),
        (frames.SPOT_BOOK_TICKER, Price("BNBUSDT", 25.35855, 0, 25.3519, 25.3652)),
        (frames.FUTURES_BOOK_TICKER, Price("BNBUSDT", 25.35855, 1568014460893, 25.3519, 25.3652)),
    ],
)
def test_prices(form: Callable[[bytes], Any], frame: bytes, price: Price) -> None:
    prices: list[Price] = []
    create_instrument_prices_adapter(logging.getLogger(), prices.append)("spot")(form(frame))
    (got,) = prices
    assert got.price == pytest.approx(price.price)
    assert (got.symbol, got.timestamp, got.bid, got.ask) == (
        price.symbol,
        price.timestamp,
        price.bid,
        price.ask,
    )
    assert (got.open_24h, got.high_24h, got.low_24h) == (price.open_24h, price.high_24h, price.low_24h)
    assert (got.volume_24h, got.quote_volume_24h) == (price.volume_24h, price.quote_volume_24h)


@pytest.mark.parametrize("decode", [bytes, bytes.decode, json.loads])
def test_an_array_of_tickers_is_one_call_each_and_leaves_out_what_has_no_price(
    decode: Callable[[bytes], Any],
) -> None:
    prices: list[Price] = []
    untraded = frames.SPOT_MINI_TICKER.replace(b"BNBBTC", b"NEWBTC").replace(
        b'"c":"0.0025"', b'"c":"0.00000000"'
    )
    array = b"[" + b",".join([frames.SPOT_MINI_TICKER, untraded, frames.SPOT_TICKER]) + b"]"
    adapter = create_instrument_prices_adapter(None, prices.append)("spot")
    adapter(decode(array))
    adapter(decode(frames.enveloped("!miniTicker@arr", array)))
    assert [price.symbol for price in prices] == ["BNBBTC"] * 4


def test_an_empty_side_is_no_price() -> None:
    prices: list[Price] = []
    adapter = create_instrument_prices_adapter(None, prices.append)("spot")
    adapter(b'{"u":1,"s":"BNBUSDT","b":"25.5","B":"1","a":"0.00000000","A":"0"}')
    adapter(b'{"u":1,"s":"BNBUSDT","b":"0","B":"0","a":"0","A":"0"}')
    assert prices == [Price("BNBUSDT", 25.5, 0, bid=25.5, ask=None)]


@pytest.mark.parametrize("decode", [bytes, bytes.decode, json.loads])
def test_balances_are_exact_and_other_account_events_pass(decode: Callable[[bytes], Any]) -> None:
    updates: list[AccountUpdate] = []
    options = AccountAdapterOptions(market_type=MarketType.SPOT)
    adapter = create_account_adapter(options, updates.append)("spot")
    for frame in (
        frames.ACCOUNT_POSITION,
        frames.BALANCE_UPDATE,
        frames.EXECUTION_REPORT,
        frames.STREAM_TERMINATED,
    ):
        adapter(decode(frame))
        adapter(json.loads(frame)["event"])
    expected = AccountUpdate(1564034571105, (Balance("ETH", Decimal("10000.000000"), Decimal("0.000000")),))
    assert updates == [expected, expected]
    adapter(b'{"subscriptionId":0,"event":{"e":"somethingNew","E":1}}')
    assert len(updates) == 2


@pytest.mark.parametrize("decode", [bytes, bytes.decode, json.loads])
def test_instruments(decode: Callable[[bytes], Any]) -> None:
    lists: list[Any] = []
    options = InstrumentsAdapterOptions(market_type=MarketType.SPOT, handler=lists.append)
    create_instruments_adapter(options)(decode(frames.SPOT_EXCHANGE_INFO))
    ((instrument,),) = lists
    assert instrument == Instrument(
        symbol="ETHBTC",
        base_asset="ETH",
        quote_asset="BTC",
        venue_symbol="ETHBTC",
        market_type=MarketType.SPOT,
        tick_size=Decimal("0.00000100"),
        lot_size=Decimal("0.00100000"),
        min_quantity=Decimal("0.00100000"),
        max_quantity=Decimal("100000.00000000"),
        min_notional=Decimal("10.00000000"),
        min_price=Decimal("0.00000100"),
        max_price=Decimal("100000.00000000"),
        status="TRADING",
        tradable=True,
        margin_allowed=True,
    )
    assert (instrument.price_decimals, instrument.quantity_decimals) == (6, 3)


def test_futures_instruments() -> None:
    lists: list[Any] = []
    options = InstrumentsAdapterOptions(market_type=MarketType.FUTURES, handler=lists.append)
    create_instruments_adapter(options)(frames.FUTURES_EXCHANGE_INFO)
    ((instrument,),) = lists
    assert instrument.market_type is MarketType.FUTURES
    assert instrument.min_notional == Decimal("5.0")
    assert instrument.tick_size == Decimal("0.0001")


def test_an_unknown_market_is_refused_when_the_adapter_is_made() -> None:
    with pytest.raises(UnsupportedMarket):
        create_trade_adapter(lambda _: None)("bonds")
    with pytest.raises(UnsupportedMarket):
        create_order_book_adapter(lambda _: None)("margin")


def test_the_set_of_a_market_knows_its_intervals() -> None:
    assert adapters_for(MarketType.SPOT).convert_time_frame(TimeFrame.S1) == "1s"
    with pytest.raises(UnsupportedTimeFrame):
        adapters_for(MarketType.FUTURES).convert_time_frame(TimeFrame.S1)


def test_nothing_arrives_from_a_frame_that_is_refused() -> None:
    prices: list[Price] = []
    adapter = create_instrument_prices_adapter(None, prices.append)("spot")
    with pytest.raises(BadFrame):
        adapter(frames.SPOT_TICKER.replace(b'"0.0025"', b'"NaN"'))
    assert prices == []
