import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import cast

import msgspec
import pytest

from catalog.model import MarketType
from connectors.contracts import BookState, Candle, Instrument, OrderBook, Price, StreamStatus, Trade
from tui.command_line.event_lines import JsonLines, Origin, PlainLines

INSTRUMENT = Instrument(
    "BTCUSDT",
    "BTC",
    "USDT",
    "BTCUSDT",
    MarketType.SPOT,
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.00001"),
)
TRADE = Trade("BTCUSDT", 65000.5, 0.001, 1_711_800_000_000, "buy", "12345")
BOOK = OrderBook(
    "BTCUSDT", BookState.SYNCED, [(65000.0, 1.5), (64999.99, 2.0)], [(65000.01, 0.25)], 1_711_800_000_000, 77
)


LOCAL = Origin("binance", MarketType.SPOT, "local")


def as_json(event: object, origin: Origin = LOCAL) -> object:
    line = JsonLines(origin).line(event)  # type: ignore[arg-type]  # one of the event classes
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    return json.loads(line)


def as_text(event: object, origin: Origin = LOCAL, *, utc: bool = False) -> str:
    line = PlainLines({"BTCUSDT": INSTRUMENT}, origin, utc=utc).line(event)  # type: ignore[arg-type]  # one of the event classes
    assert line.count(b"\n") == 1
    return line.decode().strip()


def figures(event: object) -> str:
    """Without time and environment."""
    return as_text(event).split("  ", 2)[2]


def test_a_trade_in_json_is_the_documented_object() -> None:
    assert as_json(TRADE) == {
        "event": "trade",
        "connector": "binance",
        "market": "spot",
        "environment": "local",
        "symbol": "BTCUSDT",
        "price": 65000.5,
        "quantity": 0.001,
        "timestamp": 1711800000000,
        "side": "buy",
        "trade_id": "12345",
    }


def test_a_book_in_json_is_the_documented_object() -> None:
    assert as_json(BOOK) == {
        "event": "order_book",
        "connector": "binance",
        "market": "spot",
        "environment": "local",
        "symbol": "BTCUSDT",
        "state": "SYNCED",
        "bids": [[65000.0, 1.5], [64999.99, 2.0]],
        "asks": [[65000.01, 0.25]],
        "timestamp": 1711800000000,
        "sequence": 77,
        "known_bid": None,
        "known_ask": None,
    }


def test_a_book_says_how_far_it_is_known() -> None:
    book = msgspec.structs.replace(BOOK, known_bid=64999.5, known_ask=65010.0)
    told = as_json(book)
    assert isinstance(told, dict)
    assert (told["known_bid"], told["known_ask"]) == (64999.5, 65010.0)
    assert as_text(book).endswith("spread 0.01  known 64999.50 to 65010.00")
    assert as_text(msgspec.structs.replace(book, known_ask=None)).endswith("  known down to 64999.50")
    assert as_text(msgspec.structs.replace(book, known_bid=None)).endswith("  known up to 65010.00")


def test_a_best_price_that_is_not_known_is_no_empty_side() -> None:
    book = msgspec.structs.replace(BOOK, bids=[], known_bid=64999.5)
    assert as_text(book).endswith("bid unknown  ask 65000.01 x 0.25000  known down to 64999.50")


def test_the_other_events_carry_every_field_of_their_class() -> None:
    for event, name in (
        (Candle("BTCUSDT", "1m", 1, 1.0, 2.0, 0.5, 1.5, 10.0, closed=True), "candle"),
        (Price("BTCUSDT", 1.0, 2), "price"),
        (StreamStatus("lost", "reset by peer", 3, retry_in_ms=250), "status"),
    ):
        line = as_json(event)
        assert isinstance(line, dict)
        assert line["event"] == name
        assert set(line) == {"event", "connector", "market", "environment", *event.__struct_fields__}


def test_people_read_each_instrument_with_its_own_digits() -> None:
    assert figures(TRADE) == "trade       BTCUSDT       buy   65000.50  0.00100"
    assert figures(BOOK).endswith("SYNCED  bid 65000.00 x 1.50000  ask 65000.01 x 0.25000  spread 0.01")
    assert figures(Price("BTCUSDT", 65000.5, 2)).endswith("65000.50  bid -  ask -  24h low -  high -")
    closed = Candle("BTCUSDT", "1m", 1, 1.0, 2.0, 0.5, 1.5, 10.0, closed=True)
    assert figures(closed).endswith("1m  open 1.00  high 2.00  low 0.50  close 1.50  volume 10.00000  closed")


def test_an_empty_side_of_a_book_is_a_dash() -> None:
    book = OrderBook("BTCUSDT", BookState.SYNCED, [], [], 1_711_800_000_000)
    assert figures(book).endswith("SYNCED  bid -  ask -")


def test_text_from_a_venue_cannot_move_the_cursor() -> None:
    line = figures(StreamStatus("lost", "bye\x1b[2J\nfake line\u202e", 3, symbol="BTC\x1b[31mUSDT"))
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert "bye [2J fake line" in line


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be chosen here")
@pytest.mark.usefixtures("in_new_york")
def test_a_line_has_its_date_and_zone_and_a_daily_candle_its_day() -> None:
    assert as_text(TRADE).startswith("2024-03-30 08:00:00.000-04:00  local  trade ")
    assert as_text(TRADE, utc=True).startswith("2024-03-30 12:00:00.000+00:00  local  trade ")
    for interval, shown in (
        ("12h", "2025-12-31 19:00:00.000-05:00"),
        ("1d", "2026-01-01 00:00:00.000+00:00"),
        ("1M", "2026-01-01 00:00:00.000+00:00"),
    ):
        candle = Candle("BTCUSDT", interval, 1_767_225_600_000, 1.0, 2.0, 0.5, 1.5, 10.0)
        assert as_text(candle).startswith(f"{shown}  local  candle ")


def test_a_time_that_no_calendar_has_is_shown_as_it_is() -> None:
    assert as_text(Trade("BTCUSDT", 1.0, 1.0, 10**18, "buy", "1")).startswith(f"{10**18}  local")


def test_a_replay_says_that_it_is_one_and_of_what() -> None:
    unknown, known = (
        Origin("binance", MarketType.SPOT, environment, replay=True) for environment in (None, "testnet")
    )
    assert as_json(TRADE, unknown) == {
        **cast("dict[str, object]", as_json(TRADE)),
        "environment": None,
        "replay": True,
    }
    assert "  replay  trade " in as_text(TRADE, unknown)
    assert "  replay testnet  trade " in as_text(TRADE, known)
