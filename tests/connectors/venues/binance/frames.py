"""Frames as Binance's documentation and USD-M change notices show them."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_DOCUMENTED = json.loads((Path(__file__).parent / "documented_frames.json").read_text("utf-8"))


def _frame(name: str) -> bytes:
    """The frame as the venue writes it: no white space."""
    return json.dumps(_DOCUMENTED[name], separators=(",", ":")).encode()


SPOT_TRADE = _frame("SPOT_TRADE")
SPOT_AGG_TRADE = _frame("SPOT_AGG_TRADE")
SPOT_KLINE = _frame("SPOT_KLINE")
SPOT_TICKER = _frame("SPOT_TICKER")
SPOT_MINI_TICKER = _frame("SPOT_MINI_TICKER")
SPOT_BOOK_TICKER = _frame("SPOT_BOOK_TICKER")
SPOT_PARTIAL_DEPTH = _frame("SPOT_PARTIAL_DEPTH")
SPOT_DEPTH = _frame("SPOT_DEPTH")
FUTURES_AGG_TRADE = _frame("FUTURES_AGG_TRADE")
FUTURES_TICKER = _frame("FUTURES_TICKER")
FUTURES_BOOK_TICKER = _frame("FUTURES_BOOK_TICKER")
FUTURES_DEPTH = _frame("FUTURES_DEPTH")
ACCOUNT_POSITION = _frame("ACCOUNT_POSITION")
BALANCE_UPDATE = _frame("BALANCE_UPDATE")
EXECUTION_REPORT = _frame("EXECUTION_REPORT")
STREAM_TERMINATED = _frame("STREAM_TERMINATED")
SPOT_EXCHANGE_INFO = _frame("SPOT_EXCHANGE_INFO")
FUTURES_EXCHANGE_INFO = _frame("FUTURES_EXCHANGE_INFO")


def enveloped(stream: str, frame: bytes) -> bytes:
    return b'{"stream":"' + stream.encode() + b'","data":' + frame + b"}"


CAPTURES = Path(__file__).resolve().parents[4].parent / "shared" / "captures"


def captured(name: str) -> Iterator[dict[str, Any]]:
    """The events of a real capture; skips where the captures are not beside the project."""
    path = CAPTURES / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the market captures are not beside the project")
    with gzip.open(path, "rt") as lines:
        next(lines)
        for line in lines:
            yield json.loads(line)
