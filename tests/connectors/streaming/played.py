"""Recordings made in the test, what a replay gives of them, and books kept apart from it in plain dictionaries."""

import functools
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.model import MarketType
from connectors.contracts import BookState, Candle, LiveBook, Price, StreamStatus, Trade
from connectors.streaming.book import Book
from connectors.streaming.recording import RecordedEvent
from connectors.streaming.replay import Replay
from connectors.venues.binance.replay import BinanceReplay

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures"
Sides = tuple[dict[float, float], dict[float, float]]


@functools.cache
def _lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines][1:]


def captured(name: str) -> list[dict[str, Any]]:
    path = CAPTURES / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the market captures are not beside this checkout")
    return [dict(event) for event in _lines(path)]


def as_event(line: dict[str, Any]) -> RecordedEvent:
    return RecordedEvent(**line)


class Collected:
    """A replay's consumer that keeps everything, books as they were at each change."""

    def __init__(self) -> None:
        self.trades: list[Trade] = []
        self.candles: list[Candle] = []
        self.prices: list[Price] = []
        self.statuses: list[StreamStatus] = []
        self.books: list[tuple[str, BookState, int | None, Sides]] = []

    def trade(self, trade: Trade) -> None:
        self.trades.append(trade)

    def candle(self, candle: Candle) -> None:
        self.candles.append(candle)

    def price(self, price: Price) -> None:
        self.prices.append(price)

    def status(self, status: StreamStatus) -> None:
        self.statuses.append(status)

    def book(self, book: LiveBook) -> None:
        assert isinstance(book, Book)
        self.books.append((book.symbol, book.state, book.sequence, (dict(book.bids), dict(book.asks))))

    @property
    def kinds(self) -> list[str]:
        return [status.kind for status in self.statuses]

    def states(self, symbol: str) -> list[BookState]:
        states: list[BookState] = []
        for name, state, _, _ in self.books:
            if name == symbol and (not states or states[-1] is not state):
                states.append(state)
        return states


def play(events: Iterable[dict[str, Any]], market: MarketType = MarketType.SPOT) -> tuple[Replay, Collected]:
    collected = Collected()
    replay = Replay(BinanceReplay(market), collected)
    for event in events:
        replay.play(as_event(event))
    return replay, collected


def apply(sides: Sides, bids: list[list[str]], asks: list[list[str]]) -> None:
    for side, levels in zip(sides, (bids, asks), strict=True):
        for price, quantity in levels:
            if float(quantity):
                side[float(price)] = float(quantity)
            else:
                side.pop(float(price), None)


def reconstruct(events: Iterable[dict[str, Any]]) -> dict[str, dict[int, Sides]]:
    """The true book of every symbol at every sequence, by the venue's rule and nothing of ours.

    Of a side that its snapshot may have cut, nothing is known beyond the snapshot's last level.
    """
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    books: dict[str, Sides] = {}
    at: dict[str, int] = {}
    edges: dict[str, tuple[float, float]] = {}
    history: dict[str, dict[int, Sides]] = defaultdict(dict)

    def take(symbol: str, data: dict[str, Any]) -> None:
        if data["u"] >= at[symbol]:
            lowest, highest = edges[symbol]
            apply(
                books[symbol],
                [level for level in data["b"] if float(level[0]) >= lowest],
                [level for level in data["a"] if float(level[0]) <= highest],
            )
            at[symbol] = data["u"]
            history[symbol][data["u"]] = (dict(books[symbol][0]), dict(books[symbol][1]))

    for event in events:
        if event["kind"] == "http" and urlsplit(event["url"]).path.endswith("/depth"):
            query = parse_qs(urlsplit(event["url"]).query)
            symbol, limit = query["symbol"][0], int(query["limit"][0])
            body = json.loads(event["data"])
            books[symbol] = ({}, {})
            apply(books[symbol], body["bids"], body["asks"])
            bids, asks = books[symbol]
            edges[symbol] = (
                min(bids) if len(bids) >= limit else -inf,
                max(asks) if len(asks) >= limit else inf,
            )
            at[symbol] = body["lastUpdateId"]
            history[symbol][at[symbol]] = (dict(books[symbol][0]), dict(books[symbol][1]))
            for data in waiting.pop(symbol, []):
                take(symbol, data)
        elif event["kind"] == "recv":
            data = json.loads(event["data"])["data"]
            if data.get("e") == "depthUpdate" and data["s"] in books:
                take(data["s"], data)
            elif data.get("e") == "depthUpdate":
                waiting[data["s"]].append(data)
    return history


class Script:
    """Writes a recording by hand, event after event, a second apart."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, **fields: Any) -> "Script":
        self.events.append({"ts_ns": (len(self.events) + 1) * 1_000_000_000, "kind": kind, **fields})
        return self

    def open(self, conn: str, url: str = "wss://venue/stream") -> "Script":
        return self.add("open", conn=conn, url=url)

    def close(self, conn: str, reason: str = "broken") -> "Script":
        return self.add("close", conn=conn, data=reason)

    def ask(self, conn: str, *streams: str, method: str = "SUBSCRIBE") -> "Script":
        number = len(self.events)
        self.add("sent", conn=conn, data=json.dumps({"method": method, "params": streams, "id": number}))
        return self.add("recv", conn=conn, data=json.dumps({"result": None, "id": number}))

    def frame(self, conn: str, stream: str, data: dict[str, Any]) -> "Script":
        text = json.dumps({"stream": stream, "data": data}, separators=(",", ":"))
        return self.add("recv", conn=conn, data=text)

    def diff(self, conn: str, first: int, last: int, quantity: float = 1.0) -> "Script":
        """Sets the bid 100 + last to this quantity."""
        data = {
            "e": "depthUpdate",
            "E": last,
            "s": "BTCUSDT",
            "U": first,
            "u": last,
            "b": [[str(100 + last), str(quantity)]],
            "a": [],
        }
        return self.frame(conn, "btcusdt@depth@100ms", data)

    def snapshot(self, last: int, *, limit: int = 1000, status: int | None = None) -> "Script":
        body = {"lastUpdateId": last, "bids": [[str(100 + last), "1"]], "asks": [["900", "1"]]}
        url = f"https://venue/api/v3/depth?symbol=BTCUSDT&limit={limit}"
        return self.add("http", url=url, data=json.dumps(body), status=status)

    def candle(self, conn: str, minute: int, volume: float, *, closed: bool = False) -> "Script":
        times = {"t": minute * 60_000, "T": minute * 60_000 + 59_999}
        figures = {"o": "2", "h": "3", "l": "1", "c": "2", "v": str(volume)}
        kline = {**times, "s": "BTCUSDT", "i": "1m", **figures, "x": closed}
        data = {"e": "kline", "E": 1, "s": "BTCUSDT", "k": kline}
        return self.frame(conn, "btcusdt@kline_1m", data)

    def trade(self, conn: str, number: int) -> "Script":
        data = {
            "e": "trade",
            "E": number,
            "s": "BTCUSDT",
            "t": number,
            "p": "1",
            "q": "2",
            "T": number,
            "m": False,
        }
        return self.frame(conn, "btcusdt@trade", data)
