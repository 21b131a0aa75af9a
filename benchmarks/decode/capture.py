"""The frames of a recording, by kind, ready for a peer. Standard library only: it runs in every peer's environment."""

import gzip
import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

KINDS = ("aggTrade", "depth", "kline", "bookTicker")


@dataclass
class Capture:
    market: str
    exchange_info: dict = field(default_factory=dict)
    snapshots: dict = field(default_factory=dict)
    """Symbol to the REST depth answer, as text."""
    frames: dict = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def round_of(self, kind: str) -> list[bytes]:
        """Enough frames for a round. A capture holds few of some kinds: the same ones again fill it.

        Trades are numbered on, symbol by symbol, so that none is a duplicate and none is missing; where a candle
        closes they go on in time with the one after it, so that none is late and none is missing.
        """
        frames = self.frames[kind]
        if kind == "depth":
            return frames
        times = 1 + 500 // len(frames)
        if any(b'"x":true' in frame for frame in frames):
            return [_later(frame, again) for again in range(times) for frame in frames]
        return _numbered_on(frames * times) if kind == "aggTrade" else frames * times


def _numbered_on(trades: list[bytes]) -> list[bytes]:
    due: dict[bytes, int] = {}
    numbered = []
    for trade in trades:
        stream = trade.partition(b"@")[0]
        number = re.search(rb'"a":(\d+)', trade)
        due[stream] = due.get(stream, int(number[1]) - 1) + 1
        numbered.append(trade[: number.start(1)] + b"%d" % due[stream] + trade[number.end(1) :])
    return numbered


def _later(candle: bytes, times: int) -> bytes:
    """The same candle so many minutes later."""
    minute = 60_000
    return re.sub(
        rb'"([tT])":(\d+)', lambda found: b'"%s":%d' % (found[1], int(found[2]) + times * minute), candle
    )


def load(path: str) -> Capture:
    """Depth frames that the snapshot already holds are left out: each peer would only skip them."""
    with gzip.open(path, "rt") as lines:
        header, *events = [json.loads(line) for line in lines]
    capture = Capture(header["market_type"])
    for event in events:
        if event["kind"] != "http":
            continue
        url = urlsplit(event["url"])
        if url.path.endswith("/exchangeInfo"):
            capture.exchange_info = json.loads(event["data"])
        elif url.path.endswith("/depth"):
            capture.snapshots[parse_qs(url.query)["symbol"][0]] = event["data"]
    known = {symbol: json.loads(text)["lastUpdateId"] for symbol, text in capture.snapshots.items()}
    for event in events:
        if event["kind"] != "recv":
            continue
        envelope = json.loads(event["data"])
        data = envelope["data"]
        kind = envelope["stream"].split("@")[1].split("_")[0]
        if kind == "depth" and data["u"] < known[data["s"]] + (capture.market == "spot"):
            continue
        capture.frames[kind].append(event["data"].encode())
    return capture
