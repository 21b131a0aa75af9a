import json
from decimal import Decimal

import msgspec

from catalog.model import MarketType
from connectors.contracts import BookState, Candle, Instrument, OrderBook, Price, StreamStatus, Trade
from tui.command_line.event_lines import JsonLines, PlainLines

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


def as_json(event: object) -> object:
    line = JsonLines("binance", MarketType.SPOT).line(event)  # type: ignore[arg-type]  # one of the event classes
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    return json.loads(line)


def as_text(event: object) -> str:
    line = PlainLines({"BTCUSDT": INSTRUMENT}).line(event)  # type: ignore[arg-type]  # one of the event classes
    assert line.count(b"\n") == 1
    return line.decode().split("  ", 1)[1].strip()


def test_a_trade_in_json_is_the_documented_object() -> None:
    assert as_json(TRADE) == {
        "event": "trade",
        "connector": "binance",
        "market": "spot",
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
        assert set(line) == {"event", "connector", "market", *event.__struct_fields__}


def test_people_read_each_instrument_with_its_own_digits() -> None:
    assert as_text(TRADE) == "trade       BTCUSDT       buy   65000.50  0.00100"
    assert as_text(BOOK).endswith("SYNCED  bid 65000.00 x 1.50000  ask 65000.01 x 0.25000  spread 0.01")
    assert as_text(Price("BTCUSDT", 65000.5, 2)).endswith("65000.50  bid -  ask -  24h low -  high -")
    closed = Candle("BTCUSDT", "1m", 1, 1.0, 2.0, 0.5, 1.5, 10.0, closed=True)
    assert as_text(closed).endswith("1m  open 1.00  high 2.00  low 0.50  close 1.50  volume 10.00000  closed")


def test_an_empty_side_of_a_book_is_a_dash() -> None:
    book = OrderBook("BTCUSDT", BookState.SYNCED, [], [], 1_711_800_000_000)
    assert as_text(book).endswith("SYNCED  bid -  ask -")


def test_text_from_a_venue_cannot_move_the_cursor() -> None:
    line = as_text(StreamStatus("lost", "bye\x1b[2J\nfake line\u202e", 3, symbol="BTC\x1b[31mUSDT"))
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert "bye [2J fake line" in line
