"""The frames of a recording, by kind, ready for a peer. Standard library only: it runs in every peer's environment."""

import gzip
import json
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
