"""The real captures through dialect, decoders and books; the final books equal plain dictionaries kept in the test."""

import asyncio
import json
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.model import MarketType
from connectors.contracts.errors import BadFrame
from connectors.contracts.events import BookState, OrderBookUpdate
from connectors.streaming.book import Book
from connectors.streaming.book_sync import BookSync
from connectors.streaming.dialect import ControlKind
from connectors.streaming.sequencing import BinanceFuturesSequencing, RangeSequencing
from connectors.venues.binance.decode import decode_depth, decoder, snapshot_of
from connectors.venues.binance.dialect import ACCOUNT_CHANNEL, BinanceAccountDialect, BinanceDialect
from connectors.venues.binance.wire import DepthSnapshot
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance.frames import captured, enveloped

DIALECT = BinanceDialect("wss://stream.example:9443", MarketType.SPOT)
read_snapshot = decoder(DepthSnapshot)


class CapturedBook:
    """A book fed by a capture: updates as they came, the snapshot when the capture has it."""

    def __init__(self, symbol: str, sequencing) -> None:
        self.book = Book(symbol)
        self.told: list[str] = []
        self.snapshot: asyncio.Future[OrderBookUpdate] = asyncio.get_running_loop().create_future()
        self.asked = asyncio.Event()
        self.sync = BookSync(self.book, sequencing(), self.fetch, self)
        self.sync.opened()

    async def fetch(self, timeout: float) -> OrderBookUpdate:
        self.asked.set()
        return await self.snapshot

    def deliver(self, book: object) -> None:
        assert not self.book.crossed

    def tell(self, kind: str, reason: str, count: int | None = None) -> None:
        self.told.append(f"{kind}: {reason}")


@pytest.mark.parametrize(
    ("name", "sequencing", "depth_frames"),
    [
        ("binance-spot-2021", RangeSequencing, 177),
        ("binance-futures-2021", BinanceFuturesSequencing, 764),
    ],
)
async def test_every_frame_is_routed_every_sequence_holds_and_the_books_are_right(
    name, sequencing, depth_frames
):
    books: dict[str, CapturedBook] = {}
    updates: dict[str, list[dict]] = {}
    snapshots: dict[str, dict] = {}
    routed: Counter[str] = Counter()
    for event in captured(name):
        if event["kind"] == "http" and "/depth?" in event["url"]:
            symbol = parse_qs(urlsplit(event["url"]).query)["symbol"][0]
            snapshots[symbol] = json.loads(event["data"])
            book = books[symbol]
            await book.asked.wait()
            book.snapshot.set_result(snapshot_of(read_snapshot(event["data"].encode()), symbol))
            await until(lambda book=book: book.book.state is BookState.SYNCED)
        if event["kind"] != "recv":
            continue
        frame = event["data"].encode()
        plain = json.loads(frame)
        key = DIALECT.route(frame)
        assert key == DIALECT.key(plain["stream"])
        channel = plain["stream"].partition("@")[2]
        routed[channel] += 1
        if not channel.startswith("depth"):
            continue
        symbol = plain["data"]["s"]
        updates.setdefault(symbol, []).append(plain["data"])
        if symbol not in books:
            books[symbol] = CapturedBook(symbol, sequencing)
        books[symbol].sync.push(decode_depth(frame))
    assert sum(count for channel, count in routed.items() if channel.startswith("depth")) == depth_frames
    assert len(snapshots) == 4
    for symbol, captured_book in books.items():
        assert captured_book.told == []
        bids, asks, last = rebuild(snapshots[symbol], updates[symbol])
        assert captured_book.book.state is BookState.SYNCED
        assert captured_book.book.sequence == last
        assert captured_book.book.view(100_000).bids == sorted(bids.items(), reverse=True)
        assert captured_book.book.view(100_000).asks == sorted(asks.items())
        await captured_book.sync.stop()


def rebuild(snapshot: dict, updates: list[dict]) -> tuple[dict[float, float], dict[float, float], int]:
    """The venue's written rule, with nothing of ours: dictionaries and text prices."""
    last = snapshot["lastUpdateId"]
    sides = {"b": dict(snapshot["bids"]), "a": dict(snapshot["asks"])}
    for update in updates:
        if update["u"] <= last:
            continue
        last = update["u"]
        for name, side in sides.items():
            for price, quantity in update[name]:
                side[price] = quantity
    bids, asks = (
        {float(price): float(quantity) for price, quantity in side.items() if float(quantity)}
        for side in sides.values()
    )
    return bids, asks, last


@pytest.mark.parametrize(
    ("frame", "kind", "request_id"),
    [
        (b'{"result":null,"id":7}', ControlKind.ACK, 7),
        (b'{"id": 7, "result": null}', ControlKind.ACK, 7),
        (b'{"code":2,"msg":"Invalid request","id":7}', ControlKind.ERROR, 7),
        (b'{"error":{"code":2,"msg":"Invalid request"},"id":7}', ControlKind.ERROR, 7),
        (b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}', ControlKind.SHUTDOWN, None),
        (b'{"e":"serverShutdown","E":1770123456789}', ControlKind.SHUTDOWN, None),
    ],
)
def test_what_control_frames_say(frame, kind, request_id):
    control = DIALECT.control(frame)
    assert (control.kind, control.request_id) == (kind, request_id)


def test_data_in_an_unusual_form_is_still_routed():
    frame = b'{ "data": {"e":"trade"}, "stream": "btcusdt@trade" }'
    assert DIALECT.route(frame) is None
    control = DIALECT.control(frame)
    assert (control.kind, control.key) == (ControlKind.DATA, DIALECT.key("btcusdt@trade"))
    escaped = b'{"stream":"\\u5e01usdt@trade","data":{}}'
    assert DIALECT.control(escaped).key == DIALECT.key("币usdt@trade")


@pytest.mark.parametrize("frame", [b"", b"[]", b"nonsense", b'{"what":1}', b'{"stream":5}', b"[" * 100_000])
def test_frames_that_say_nothing_are_bad(frame):
    with pytest.raises(BadFrame):
        DIALECT.control(frame)


@pytest.mark.parametrize(
    ("frame", "number"),
    [
        (b'{"e":"trade","E":5,"t":12345,"s":"X"}', 12345),
        (b'{"e":"depthUpdate","E":5,"U":157,"u":160}', 160),
        (b'{"e":"kline","E":5,"k":{"t":1}}', 5),
        (b'{"e":"24hrTicker","E":6}', 6),
        (b'[{"e":"24hrMiniTicker","E":6},{"e":"24hrMiniTicker","E":9}]', 9),
        (b"{broken", None),
    ],
)
def test_the_number_that_grows(frame, number):
    assert DIALECT.sequence("any", enveloped("any", frame)) == number


@pytest.mark.parametrize(
    ("frame", "time"),
    [
        (b'{"e":"trade","E":1711800000123,"t":12345,"s":"X"}', 1711800000123),
        (b'[{"e":"24hrMiniTicker","E":6},{"e":"24hrMiniTicker","E":9}]', 6),
        (b'{"u":400900217,"s":"BNBUSDT","b":"25.3","B":"31.2","a":"25.4","A":"40.6"}', None),
        (b"[]", None),
        (b"{broken", None),
    ],
)
def test_the_time_of_an_event(frame, time):
    assert DIALECT.event_time(enveloped("any", frame)) == time


def test_urls_by_category():
    assert DIALECT.url("") == "wss://stream.example:9443/stream"
    assert DIALECT.url("market") == "wss://stream.example:9443/market/stream"


def test_the_account_request_is_signed_anew_each_time_and_recorded_without_its_secrets():
    times = iter((1, 2))
    dialect = BinanceAccountDialect(
        "ws://127.0.0.1:1", lambda: {"apiKey": "KEY", "timestamp": next(times), "signature": "SIG"}
    )
    assert dialect.url("") == "ws://127.0.0.1:1/ws-api/v3"
    first, second = dialect.subscribe([ACCOUNT_CHANNEL], 1), dialect.subscribe([ACCOUNT_CHANNEL], 2)
    assert json.loads(first.data)["params"]["timestamp"] == 1
    assert json.loads(second.data)["params"]["timestamp"] == 2
    assert first.redacted is not None
    assert "KEY" not in first.redacted
    assert "SIG" not in first.redacted


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b'{"id":1,"status":200,"result":{"subscriptionId":0}}', ControlKind.ACK),
        (b'{"id":1,"status":401,"error":{"code":-2015,"msg":"Invalid API-key"}}', ControlKind.ERROR),
        (b'{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1}}', ControlKind.DATA),
        (b'{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1}}', ControlKind.ENDED),
        (b'{"event":{"e":"serverShutdown","E":1}}', ControlKind.SHUTDOWN),
    ],
)
def test_what_the_account_stream_says(frame, kind):
    assert BinanceAccountDialect("ws://x/ws-api/v3", dict).control(frame).kind is kind
