"""One letter means different things in different events; what an event is, its name alone tells."""

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
    InstrumentsAdapterOptions,
    Price,
    Trade,
)
from connectors.contracts.errors import BadFrame
from connectors.streaming.dialect import Channel, ControlKind
from connectors.streaming.feeds import Listener
from connectors.venues.binance import unknown_events
from connectors.venues.binance.account_streams import AccountFeed
from connectors.venues.binance.adapters import (
    create_account_adapter,
    create_instrument_prices_adapter,
    create_instruments_adapter,
    create_order_book_adapter,
    create_trade_adapter,
    decode_account,
)
from connectors.venues.binance.decode import decode_prices
from connectors.venues.binance.dialect import ACCOUNT_CHANNEL
from connectors.venues.binance.futures_dialect import BinanceFuturesAccountDialect
from tests.connectors.venues.binance import frames

PREVENTED = {
    "e": "executionReport", "E": 1690413614562, "s": "BTCUSDT", "c": "mine", "S": "BUY", "o": "LIMIT", "f": "GTC",
    "q": "1.00000000", "p": "0.10264410", "x": "TRADE_PREVENTION", "X": "EXPIRED_IN_MATCH", "i": 4293153,
    "t": -1, "v": 3, "A": "3.000000", "B": "3.000000", "u": 1, "U": 37, "Cs": "BTCUSDT", "pl": "2.123456",
    "pL": "0.10000001", "pY": "0.21234562", "W": 1690413614561, "V": "EXPIRE_MAKER",
}  # fmt: skip
"""Self-trade prevention: `B` is a quantity here, and the list of balances in `outboundAccountPosition`."""
BALANCES = {"e": "outboundAccountPosition", "E": 5, "u": 4, "B": [{"a": "ETH", "f": "10.5", "l": ".5"}]}


def accounts(market: MarketType) -> tuple[list[AccountUpdate], Callable[[Any], None]]:
    heard: list[AccountUpdate] = []
    return heard, create_account_adapter(AccountAdapterOptions(market_type=market), heard.append)(market)


def enveloped(event: object) -> bytes:
    return json.dumps({"subscriptionId": 0, "event": event}).encode()


@pytest.mark.parametrize("form", [lambda event: event, enveloped, lambda event: json.dumps(event).encode()])
def test_an_order_ended_by_self_trade_prevention_is_no_bad_frame(form: Callable[[Any], Any]) -> None:
    heard, adapt = accounts(MarketType.SPOT)
    adapt(form(PREVENTED))
    assert heard == []
    adapt(form(BALANCES))
    assert [(held.currency, held.free, held.locked) for held in heard[0].assets] == [
        ("ETH", Decimal("10.5"), Decimal("0.5"))
    ]


@pytest.mark.parametrize(
    ("market", "event"),
    [
        (MarketType.SPOT, {"e": "vipLevelUpdate", "E": "soon", "B": "3", "u": {}}),
        (
            MarketType.FUTURES,
            {"e": "MARGIN_TIER_UPDATE", "E": [1], "a": "9.91", "code": "x", "id": {}, "o": 4},
        ),
        (
            MarketType.FUTURES,
            {"e": "ORDER_TRADE_UPDATE", "E": 1, "T": 1, "o": {"a": "9.91", "b": "0"}, "a": "9.91"},
        ),
    ],
)
def test_an_event_that_is_not_known_is_passed_over_and_told_once(market, event, caplog, monkeypatch) -> None:
    monkeypatch.setattr(unknown_events, "_told", set())
    heard, adapt = accounts(market)
    with caplog.at_level(logging.INFO):
        for _ in range(100):
            adapt(json.dumps(event).encode())
    assert heard == []
    told = [record for record in caplog.records if "passed over" in record.getMessage()]
    assert len(told) == (event["e"] != "ORDER_TRADE_UPDATE")


def test_names_without_end_do_not_fill_the_log(caplog, monkeypatch) -> None:
    monkeypatch.setattr(unknown_events, "_told", set())
    _, adapt = accounts(MarketType.SPOT)
    with caplog.at_level(logging.INFO):
        for number in range(500):
            adapt(enveloped({"e": f"event{number}\x1b[31m", "E": 1}))
    assert 0 < len(caplog.records) < 50
    assert "\x1b" not in caplog.text


def test_what_is_no_event_is_a_bad_frame_still() -> None:
    for market in (MarketType.SPOT, MarketType.FUTURES):
        _, adapt = accounts(market)
        for frame in (b"[]", b"{}", b'{"e": 5}', b'{"e":"outboundAccountPosition","E":1}'):
            if market is MarketType.SPOT or b"outbound" not in frame:
                with pytest.raises(BadFrame):
                    adapt(frame)


def test_the_streams_feed_lives_through_many_of_them() -> None:
    heard: list[AccountUpdate] = []
    feed = AccountFeed(Channel(ACCOUNT_CHANNEL), decode_account)
    feed.add(Listener(heard.append, None))
    for _ in range(60):
        feed.frame(enveloped(PREVENTED))
    feed.frame(enveloped(BALANCES))
    assert len(heard) == 1


def test_a_futures_event_is_data_whatever_else_it_holds() -> None:
    dialect = BinanceFuturesAccountDialect("wss://x", lambda: "key")
    odd = {
        "e": "SOME_UPDATE",
        "E": "1736996475556",
        "id": {"a": 1},
        "code": "x",
        "status": "NEW",
        "error": "none",
    }
    assert dialect.control(json.dumps(odd).encode()).kind is ControlKind.DATA
    expired = {"e": "listenKeyExpired", "E": "1736996475556", "listenKey": "abc"}
    assert dialect.control(json.dumps(expired).encode()).kind is ControlKind.ENDED


def test_in_hedge_mode_the_closed_side_is_told() -> None:
    heard, adapt = accounts(MarketType.FUTURES)
    position = {
        "s": "BTCUSDT",
        "pa": "0",
        "ep": "0.00000",
        "bep": "0",
        "cr": "200",
        "up": "0",
        "mt": "cross",
        "iw": "0",
    }
    sides = [("LONG", "0"), ("SHORT", "-0.5"), ("BOTH", "1")]
    adapt(
        {
            "e": "ACCOUNT_UPDATE",
            "E": 1564745798939,
            "T": 1564745798938,
            "a": {
                "m": "ORDER",
                "B": [],
                "P": [{**position, "ps": side, "pa": amount} for side, amount in sides],
            },
        }
    )
    assert [(held.side, held.quantity) for held in heard[0].positions] == [
        ("long", Decimal(0)),
        ("short", Decimal("-0.5")),
        (None, Decimal(1)),
    ]


def mini(symbol: str, **more: object) -> dict[str, object]:
    return {
        "e": "24hrMiniTicker",
        "E": 1,
        "s": symbol,
        "c": "2",
        "o": "1",
        "h": "3",
        "l": "1",
        "v": "1",
        "q": "1",
        **more,
    }


@pytest.mark.parametrize("stream", ["!miniTicker@arr", "!ticker@arr", None])
def test_contracts_of_coin_m_are_not_taken_for_ours(stream: str | None) -> None:
    rows = [
        mini("BTCUSDT", st=2, ps="BTCUSDT"),
        mini("BTCUSD_PERP", st=1, ps="BTCUSD"),
        mini("ETHUSDT", st="2"),
        mini("ADAUSDT"),
    ]
    frame = rows if stream is None else {"stream": stream, "data": rows}
    heard: list[Price] = []
    create_instrument_prices_adapter(None, heard.append)("futures")(frame)
    assert [price.symbol for price in heard] == ["BTCUSDT", "ETHUSDT", "ADAUSDT"]


def test_one_odd_row_of_all_prices_costs_itself_alone() -> None:
    rows = [mini("BTCUSDT"), mini("ETHUSDT", c="wrong"), mini(""), {"e": "other"}, 7, mini("ADAUSDT", c=".5")]
    for frame in (json.dumps(rows), json.dumps({"stream": "!miniTicker@arr", "data": rows})):
        assert [(price.symbol, price.price) for price in decode_prices(frame.encode())] == [
            ("BTCUSDT", 2.0),
            ("ADAUSDT", 0.5),
        ]
    with pytest.raises(BadFrame):
        decode_prices(json.dumps([mini("ETHUSDT", c="wrong")]).encode())


@pytest.mark.parametrize("form", [lambda frame: frame, lambda frame: json.dumps(frame).encode()])
def test_a_placeholder_is_no_trade_and_no_bad_frame(form: Callable[[Any], Any]) -> None:
    heard: list[Trade] = []
    adapt = create_trade_adapter(heard.append)("futures")
    trade = {"e": "trade", "E": 2, "T": 1, "s": "BTCUSDT", "t": 7, "p": "0", "q": "0", "X": "NA", "m": True}
    adapt(form(trade))
    assert heard == []
    with pytest.raises(BadFrame):
        adapt(form({**trade, "X": "MARKET"}))
    adapt(form({**trade, "X": "MARKET", "p": "5.", "q": ".5"}))
    assert [(one.price, one.quantity) for one in heard] == [(5.0, 0.5)]


def test_one_odd_level_does_not_make_a_book_unreadable() -> None:
    heard: list[Any] = []
    adapt = create_order_book_adapter(heard.append)("spot")
    frame = {
        "e": "depthUpdate",
        "E": 1,
        "s": "BTCUSDT",
        "U": 1,
        "u": 2,
        "b": [["100", ".5"], ["99.", "+1"]],
        "a": [],
    }
    adapt(frame)
    adapt(json.dumps({"stream": "btcusdt@depth", "data": frame}).encode())
    assert [update.bids for update in heard] == [[(100.0, 0.5), (99.0, 1.0)]] * 2


@pytest.mark.parametrize(("tick", "number"), [(".01", "0.01"), ("5.", "5"), ("+1", "1")])
def test_a_tick_in_any_notation_does_not_drop_its_instrument(tick: str, number: str) -> None:
    info = json.loads(frames.SPOT_EXCHANGE_INFO)
    for rule in info["symbols"][0]["filters"]:
        if rule["filterType"] == "PRICE_FILTER":
            rule["tickSize"] = tick
    heard: list[Any] = []
    create_instruments_adapter(InstrumentsAdapterOptions(market_type=MarketType.SPOT, handler=heard.append))(
        info
    )
    ((instrument,),) = heard
    assert instrument.tick_size == Decimal(number)
