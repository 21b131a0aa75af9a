"""Connectors that read their own recordings wrongly, and recordings that are not what they should be."""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from catalog.model import MarketType
from connectors.conformance.target import Target
from connectors.contracts.errors import BadFrame
from connectors.contracts.instruments import Instrument
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.change import BookChange
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, TradeFeed
from connectors.streaming.sequencing import Verdict
from connectors.venues.binance.decode import decode_depth, decode_trade
from connectors.venues.binance.replay import BinanceReplay
from tests.connectors.conformance.wrong.base import Wrong, right, varied


class Varied(BinanceReplay):
    """Binance's replay with another feed for some channels, or another list of instruments."""

    def __init__(
        self,
        market_type: MarketType,
        feed: Callable[[Feed[Any]], Feed[Any] | None],
        listed: Callable[[Instrument], Instrument],
    ) -> None:
        super().__init__(market_type)
        self._vary = feed
        self._listed = listed

    def feed(self, key: bytes) -> Feed[Any] | None:
        made = super().feed(key)
        return None if made is None else self._vary(made)

    def answer(self, url: str, body: bytes) -> Any:
        answer = super().answer(url, body)
        return [self._listed(one) for one in answer] if isinstance(answer, list | tuple) else answer


def _replaying(
    name: str,
    case: str,
    told: str,
    *,
    feed: Callable[[Feed[Any]], Feed[Any] | None] = lambda made: made,
    listed: Callable[[Instrument], Instrument] = lambda instrument: instrument,
) -> Wrong:
    def build(_: Path) -> Target:
        return varied(name, replay=lambda market: Varied(market, feed, listed))

    return Wrong(name, case, told, build)


def _trades(decode: Callable[[bytes], Any]) -> Callable[[Feed[Any]], Feed[Any]]:
    def vary(made: Feed[Any]) -> Feed[Any]:
        is_trades = isinstance(made, TradeFeed)
        return TradeFeed(made.channel, decode, consecutive=False) if is_trades else made

    return vary


class Everything:
    """The rule of a connector that applies every update as it comes."""

    last: int | None = None

    def start(self, snapshot: BookChange) -> None:
        self.last = snapshot.last_sequence

    def judge(self, update: BookChange) -> Verdict:
        self.last = update.last_sequence
        return Verdict.APPLY


class Repeats(TradeFeed):
    """Delivers whatever comes."""

    def frame(self, frame: bytes) -> None:
        self.deliver(decode_trade(frame))


def _without_rule(made: Feed[Any]) -> Feed[Any]:
    is_book = isinstance(made, BookFeed)
    return BookFeed(made.channel, decode_depth, Everything(), None) if is_book else made


def _never_synced(made: Feed[Any]) -> Feed[Any]:
    """The book is known by a symbol that its snapshots do not have."""
    if not isinstance(made, BookFeed):
        return made
    channel = Channel(made.channel.name, f"{made.channel.symbol}X")
    return BookFeed(channel, decode_depth, Everything(), None)


def _refused(frame: bytes) -> Any:
    raise BadFrame("no trade is good enough")


def _in_seconds(frame: bytes) -> Any:
    trade = decode_trade(frame)
    return msgspec.structs.replace(trade, timestamp=trade.timestamp // 1000)


def _free(frame: bytes) -> Any:
    return msgspec.structs.replace(decode_trade(frame), price=0.0)


def _spelled(frame: bytes) -> Any:
    trade = decode_trade(frame)
    return msgspec.structs.replace(trade, symbol=trade.symbol.removesuffix("USDT") + "-USDT")


def _unlisted(frame: bytes) -> Any:
    return msgspec.structs.replace(decode_trade(frame), symbol="BTCUSDTPERP")


_heard: list[int] = []


def _counting(frame: bytes) -> Any:
    _heard.append(1)
    trade = decode_trade(frame)
    return msgspec.structs.replace(trade, quantity=trade.quantity + len(_heard))


def _lines() -> list[bytes]:
    spot = next(path for path in right().recordings if path.name == "spot.jsonl.gz")
    return gzip.decompress(spot.read_bytes()).splitlines()


def _recorded(name: str, case: str, told: str, change: Callable[[list[bytes]], Sequence[bytes]]) -> Wrong:
    def build(folder: Path) -> Target:
        file = folder / "spot.jsonl"
        file.write_bytes(b"\n".join(change(_lines())) + b"\n")
        return varied(name, recordings=(file,))

    return Wrong(name, case, told, build)


RECORDINGS = (
    Wrong(
        "no recording",
        "R01",
        "there is no recording of spot",
        lambda _: varied("no_recording", recordings=()),
    ),
    Wrong("no replay", "R01", "has no function create_replay", lambda _: varied("no_replay", replay=None)),
    _recorded(
        "a recording of another",
        "R01",
        "is a recording of 'kraken'",
        lambda lines: [lines[0].replace(b"binance", b"kraken"), *lines[1:]],
    ),
    _recorded("a damaged recording", "R01", "line 6", lambda lines: [*lines[:5], b"{", *lines[5:]]),
    _recorded(
        "a recording without trades",
        "R02",
        "trade_streaming",
        lambda lines: [line for line in lines if b"@trade" not in line or b"SUBSCRIBE" in line],
    ),
    _replaying(
        "knows no trades",
        "R02",
        "belong to no channel",
        feed=lambda made: None if isinstance(made, TradeFeed) else made,
    ),
    _replaying("refuses trades", "R02", "are refused", feed=_trades(_refused)),
    _replaying("tells time in seconds", "R03", "no time in milliseconds", feed=_trades(_in_seconds)),
    _replaying("gives things away", "R03", "price is 0.0", feed=_trades(_free)),
    _replaying("spells symbols its own way", "R03", "not in the normal form", feed=_trades(_spelled)),
    _replaying("never has a book", "R04", "never become SYNCED", feed=_never_synced),
    _replaying("remembers other replays", "R05", "the first time", feed=_trades(_counting)),
    _replaying(
        "has no rule for its books", "R06", "with levels that the venue never sent", feed=_without_rule
    ),
    _replaying(
        "delivers trades again",
        "R07",
        "sent twice",
        feed=lambda made: (
            Repeats(made.channel, decode_trade, consecutive=False) if isinstance(made, TradeFeed) else made
        ),
    ),
    _replaying(
        "lists symbols with strokes",
        "Y01",
        "not in the normal form",
        listed=lambda one: msgspec.structs.replace(one, symbol=f"{one.base_asset}/{one.quote_asset}"),
    ),
    _replaying(
        "lists everything as one",
        "Y01",
        "one and the same symbol",
        listed=lambda one: msgspec.structs.replace(one, symbol="BTCUSDT"),
    ),
    _replaying(
        "has steps that are none",
        "Y01",
        "which is no step",
        listed=lambda one: msgspec.structs.replace(one, tick_size=one.tick_size and one.tick_size * 0),
    ),
    _replaying(
        "trades what is not listed", "Y02", "which the instrument list has not", feed=_trades(_unlisted)
    ),
)
