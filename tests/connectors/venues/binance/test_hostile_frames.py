"""Hostile frames: each is refused with `BadFrame` or comes out clean; nothing else is raised, and nothing hangs."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model import MarketType
from connectors.contracts import (
    AccountAdapterOptions,
    CandleAdapterOptions,
    InstrumentsAdapterOptions,
    TimeFrame,
)
from connectors.contracts.errors import BadFrame
from connectors.venues.binance.adapters import (
    create_account_adapter,
    create_candle_adapter,
    create_instrument_prices_adapter,
    create_instruments_adapter,
    create_order_book_adapter,
    create_trade_adapter,
)
from tests.connectors.venues.binance import frames

events: list[Any] = []

ADAPTERS: dict[str, Callable[[Any], None]] = {
    "trade": create_trade_adapter(events.append)("spot"),
    "book": create_order_book_adapter(events.append)("spot"),
    "candle": create_candle_adapter(CandleAdapterOptions(interval=TimeFrame.M1, handler=events.append)),
    "price": create_instrument_prices_adapter(None, events.append)("spot"),
    "account": create_account_adapter(AccountAdapterOptions(market_type=MarketType.SPOT), events.append)(
        "spot"
    ),
    "instruments": create_instruments_adapter(
        InstrumentsAdapterOptions(market_type=MarketType.SPOT, handler=events.append)
    ),
}
with_every_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)

GARBAGE: list[Any] = [
    b"", b"{", b"}", b"[]]", b"null", b"true", b"1", b'"text"', b"{}", b"\x00", b"\xff\xfe", b'{"e":"trade"}', b"[1]",
    b'{"stream":1,"data":2}', b'{"stream":"a@trade","data":null}', b'{"data":{}}', b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"stream":"x","data":' + b"[" * 100_000, b'{"s":"\\ud800"}',
    "{\"s\":\"\ud800\"}", b"\x1f\x8b\x08\x00", None, 7, 1.5, object(), {}, {"stream": "x", "data": None},
    {1: 2}, {"s": object()}, {"data": {"data": {}}}, float("nan"), {"e": ["trade"]},
]  # fmt: skip


@with_every_adapter
@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_a_bad_frame(adapter: Callable[[Any], None], garbage: Any) -> None:
    events.clear()
    with pytest.raises(BadFrame) as refused:
        adapter(garbage)
    assert events == []
    assert len(str(refused.value)) <= 500


BAD_PRICES = [
    '"NaN"', '"nan"', '"sNaN"', '"Infinity"', '"-inf"', '"1e400"', "1e400", '"-1"', "-1", '"1e18"', '"1_000"',
    '" 1"', '"１２"', '""', "null", "true", "[]", "{}", '"0x10"', '"' + "9" * 5_000 + '"', "9" * 5_000, '"1,5"',
]  # fmt: skip
"""As JSON. Zero and numbers too small for a float are allowed as quantities only."""


@pytest.mark.parametrize("number", [*BAD_PRICES, '"0"', "0", '"1e-400"'], ids=lambda number: number[:20])
def test_a_price_that_cannot_be_is_a_bad_frame(number: str) -> None:
    events.clear()
    for name, frame in {
        "trade": frames.SPOT_TRADE.replace(b'"0.001"', number.encode()),
        "book": frames.SPOT_DEPTH.replace(b'"0.0024"', number.encode()),
        "candle": frames.SPOT_KLINE.replace(b'"0.0025"', number.encode()),
    }.items():
        for form in (frame, frame.decode(), frames.enveloped("x@y", frame)):
            with pytest.raises(BadFrame):
                ADAPTERS[name](form)
    assert events == []


@pytest.mark.parametrize("number", BAD_PRICES, ids=lambda number: number[:20])
def test_a_quantity_that_cannot_be_is_a_bad_frame(number: str) -> None:
    events.clear()
    for name, frame in {
        "trade": frames.SPOT_TRADE.replace(b'"q":"100"', b'"q":' + number.encode()),
        "book": frames.SPOT_DEPTH.replace(b'"10"', number.encode()),
        "candle": frames.SPOT_KLINE.replace(b'"v":"1000"', b'"v":' + number.encode()),
    }.items():
        for form in (frame, frames.enveloped("x@y", frame)):
            with pytest.raises(BadFrame):
                ADAPTERS[name](form)
    assert events == []


@pytest.mark.parametrize(
    "number", [math.nan, math.inf, -math.inf, -1.0, 1e18, 10**400, True, None, [], "NaN"]
)
def test_the_same_holds_for_decoded_frames(number: Any) -> None:
    events.clear()
    for name, frame, path in (
        ("trade", frames.SPOT_TRADE, "p"),
        ("trade", frames.SPOT_TRADE, "q"),
        ("price", frames.SPOT_TICKER, "h"),
    ):
        decoded = json.loads(frame)
        decoded[path] = number
        if name == "price" and number is None:
            continue
        with pytest.raises(BadFrame):
            ADAPTERS[name](decoded)
    depth = json.loads(frames.SPOT_DEPTH)
    depth["b"] = [[number, "1"]]
    with pytest.raises(BadFrame):
        ADAPTERS["book"](depth)
    assert events == []


@pytest.mark.parametrize(
    "levels", ['[["1"]]', '[["1","2","3"]]', '[{"p":1}]', '"x"', '[[["1"],"2"]]', "[1,2]", "null"]
)
def test_levels_of_another_shape_are_a_bad_frame(levels: str) -> None:
    with pytest.raises(BadFrame):
        ADAPTERS["book"](frames.SPOT_DEPTH.replace(b'[["0.0024","10"]]', levels.encode()))


@pytest.mark.parametrize("time", ["-1", "1672515782136000", '"x"', "1e400", "null", "1.5", "9" * 400])
def test_a_time_that_cannot_be_is_a_bad_frame(time: str) -> None:
    with pytest.raises(BadFrame):
        ADAPTERS["trade"](frames.SPOT_TRADE.replace(b'"T":1672515782136', b'"T":' + time.encode()))
    with pytest.raises(BadFrame):
        ADAPTERS["book"](frames.SPOT_DEPTH.replace(b'"E":1672515782136', b'"E":' + time.encode()))


@pytest.mark.parametrize("first", ["161", "-1", '"a"', "null"])
def test_a_range_that_cannot_be_is_a_bad_frame(first: str) -> None:
    with pytest.raises(BadFrame):
        ADAPTERS["book"](frames.SPOT_DEPTH.replace(b'"U":157', b'"U":' + first.encode()))


@pytest.mark.parametrize(
    ("field", "value"), [("h", "0.0010"), ("l", "0.0021"), ("o", "0.0026"), ("c", "0.0001")]
)
def test_a_candle_outside_its_own_range_is_a_bad_frame(field: str, value: str) -> None:
    frame = json.loads(frames.SPOT_KLINE)
    frame["k"][field] = value
    with pytest.raises(BadFrame):
        ADAPTERS["candle"](frame)


SYMBOLS = [
    "\x1b[31mBTC", "BTC\x07USDT", "[bold red]BTC[/]", "[@click=app.quit]BTC", "\u202eTDSUCTB", "BTC USDT", "BTC\nUSDT",
    "币安人生USDT", "１２３４５６", "\x9b31m", "a\u0301", "%1B", "\\x1b",
]  # fmt: skip


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_hostile_symbol_comes_out_as_plain_text(symbol: str) -> None:
    for name in ("trade", "book", "price"):
        events.clear()
        frame = {"trade": frames.SPOT_TRADE, "book": frames.SPOT_DEPTH, "price": frames.SPOT_TICKER}[name]
        ADAPTERS[name]({**json.loads(frame), "s": symbol})
        (event,) = events
        assert event.symbol.isprintable()
        assert not set(event.symbol) & set("[]\\ \x1b")


@pytest.mark.parametrize(
    "symbol",
    ["", "A" * 65, "A" * 1_000_000, "...", "\ud800", None, 5, ["A"]],
    ids=["empty", "65", "a million", "dots", "surrogate", "null", "number", "list"],
)
def test_a_symbol_that_cannot_be_is_a_bad_frame(symbol: Any) -> None:
    for name, frame in {
        "trade": frames.SPOT_TRADE,
        "book": frames.SPOT_DEPTH,
        "price": frames.SPOT_TICKER,
    }.items():
        with pytest.raises(BadFrame) as refused:
            ADAPTERS[name]({**json.loads(frame), "s": symbol})
        assert len(str(refused.value)) <= 500


@pytest.mark.parametrize("number", ["NaN", "1e1000000", "-Infinity", "1" * 100, " 1", "1e18"])
def test_a_balance_that_cannot_be_is_a_bad_frame(number: str) -> None:
    events.clear()
    with pytest.raises(BadFrame):
        ADAPTERS["account"](frames.ACCOUNT_POSITION.replace(b"10000.000000", number.encode()))
    assert events == []


def test_one_malformed_instrument_costs_itself_only(caplog: pytest.LogCaptureFixture) -> None:
    events.clear()
    info = json.loads(frames.SPOT_EXCHANGE_INFO)
    good = info["symbols"][0]
    info["symbols"] = [
        {**good, "symbol": "A" * 100},
        {**good, "symbol": "ONE"},
        {**good, "filters": [{"filterType": "PRICE_FILTER", "tickSize": "NaN"}]},
        {**good, "filters": [{"filterType": "LOT_SIZE", "stepSize": "-1"}]},
        {**good, "filters": 7},
        {"symbol": "TWO"},
        None,
        {**good, "symbol": "ONE"},
        {**good, "symbol": "THREE", "baseAsset": "\x1b[2J[red]", "status": "\x07halt"},
    ]
    ADAPTERS["instruments"](json.dumps(info))
    one, three = events[0]
    assert (one.symbol, three.symbol) == ("ONE", "THREE")
    assert "\x1b" not in three.base_asset
    assert (three.status, three.tradable) == ("HALT", False)
    assert "count=7" in caplog.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)
FIELDS = {name: json.loads(frame) for name, frame in {
    "trade": frames.SPOT_TRADE, "book": frames.SPOT_DEPTH, "candle": frames.SPOT_KLINE, "price": frames.SPOT_TICKER,
    "account": frames.ACCOUNT_POSITION, "instruments": frames.SPOT_EXCHANGE_INFO,
}.items()}  # fmt: skip


@given(st.data())
@settings(max_examples=150)
def test_any_value_in_any_field_is_refused_or_harmless(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FIELDS)))
    frame = dict(FIELDS[name])
    frame[data.draw(st.sampled_from(sorted(frame)))] = data.draw(json_values)
    events.clear()
    try:
        ADAPTERS[name](frame)
    except BadFrame:
        return
    for event in events:
        for field in ("price", "quantity", "bid", "ask", "open", "high", "low", "close", "volume"):
            number = getattr(event, field, None)
            assert number is None or (math.isfinite(number) and 0 <= number < 1e18)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_refused_or_harmless(frame: bytes) -> None:
    for adapter in ADAPTERS.values():
        try:
            adapter(frame)
        except BadFrame:
            continue
