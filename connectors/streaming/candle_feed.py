"""Candles as a venue streams them, told as closed only where nothing can change them any more."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from msgspec.structs import replace

from connectors.contracts.errors import BadFrame
from connectors.contracts.events import Candle, StreamStatus
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed
from connectors.streaming.silence_check import SilenceCheck

T = TypeVar("T")

_REMEMBERED = 64
"""Closed candles that are known again."""


class CandleFeed(Feed[Candle]):
    """Candles in order, each closed once, by the venue's last frame of it.

    Where a connection was lost or stalled before that frame came, or a frame could not be read, the candle stays open,
    and it and those that were missed are told as a gap. A last frame that comes late, even after the candle was told as
    closed, is told as a correction; unfinished figures that come late are dropped.
    """

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], Candle],
        *,
        says_closed: bool = True,
        check: SilenceCheck | None = None,
    ) -> None:
        """`says_closed`: the venue marks the last frame of a candle, and `decode` sets `closed` by it.

        Where it marks none, a candle is closed when the next one comes, unless something may be missing between them.
        `check` asks for the newest candles.
        """
        super().__init__(channel, check)
        self._decode = decode
        self._says_closed = says_closed
        self._last: Candle | None = None
        self._answered: Candle | None = None
        self._broken = False
        """Something may have been missed since the last candle."""
        self._unfinished: Candle | None = None
        """Followed by another before its last frame came, which may only be late."""
        self._told: dict[int, Candle] = {}
        """The closed ones, by their times, oldest told first."""
        self._kept = _REMEMBERED

    def frame(self, frame: bytes) -> None:
        self._take(self._read(self._decode, frame))

    def _read(self, decode: Callable[[bytes], T], frame: bytes) -> T:
        try:
            return decode(frame)
        except (BadFrame, RecursionError):
            # It may have been the last one of a candle.
            self._break()
            raise

    def closed(self, reason: str) -> None:
        self._break()

    def status(self, event: StreamStatus) -> None:
        if event.kind == "stale":
            # What was not sent meanwhile does not come, even where the stream goes on without being asked anew.
            self._break()
        super().status(event)

    def _break(self) -> None:
        """Something may be missed between the last candle and the next."""
        self._broken = True

    @property
    def _settled(self) -> bool:
        """Whether nothing is open but, maybe, the last candle."""
        return not self._broken and self._unfinished is None

    def _take(self, candle: Candle) -> None:
        last = self._last
        if last is not None and (
            candle.timestamp < last.timestamp or (candle.timestamp == last.timestamp and last.closed)
        ):
            self._take_late(candle)
            return
        if (unfinished := self._unfinished) is not None:
            self._unfinished = None
            self.tell("gap", f"the candle of {_utc(unfinished)} came without its last frame", 1)
        if last is not None and candle.timestamp > last.timestamp:
            self._leave(last, candle)
        self._broken = False
        self._last = candle
        if candle.closed:
            self._remember(candle)
        self.deliver(candle)

    def _leave(self, last: Candle, candle: Candle) -> None:
        """What becomes of a candle when a later one comes."""
        if last.closed and not self._broken:
            return
        steps = _steps(last, candle)
        between = 0 if steps is None else steps - 1
        if last.closed:
            if between > 0:
                missing = "1 candle" if between == 1 else f"{between} candles"
                self.tell("gap", f"{missing} after that of {_utc(last)} {_are(between)} missing", between)
        elif self._broken or (self._says_closed and steps != 1):
            missing = f", and {between} after it {_are(between)} missing" if between > 0 else ""
            self.tell("gap", f"the candle of {_utc(last)} was cut off{missing}", steps)
        elif self._says_closed:
            self._unfinished = last
        else:
            closed = replace(last, closed=True)
            self._remember(closed)
            self.deliver(closed)

    def _take_late(self, candle: Candle) -> None:
        """A candle whose time is past, or which was told as closed: only the venue's last word still counts."""
        known = self._told.get(candle.timestamp)
        if not self._says_closed and known is not None and candle.volume > known.volume:
            candle = replace(candle, closed=True)
        if not candle.closed or candle == known:
            return
        self._remember(candle)
        if self._unfinished is not None and self._unfinished.timestamp == candle.timestamp:
            self._unfinished = None
        if self._last is not None and self._last.timestamp == candle.timestamp:
            self._last = candle
        self.deliver(replace(candle, correction=True))

    def _remember(self, candle: Candle) -> None:
        told = self._told
        told[candle.timestamp] = candle
        if len(told) > self._kept:
            del told[next(iter(told))]

    def knows(self, answer: Sequence[Candle]) -> bool:
        if self._last is None and self._answered is None and answer:
            self._answered = answer[-1]
        known = self._last or self._answered
        return known is None or not any(_tells_more(candle, known) for candle in answer)


def _tells_more(candle: Candle, known: Candle) -> bool:
    """Whether something was traded that the known candle has not. A candle without a trade may be left unsaid."""
    if candle.timestamp == known.timestamp:
        return candle.volume > known.volume
    return candle.timestamp > known.timestamp and candle.volume > 0


def _steps(earlier: Candle, later: Candle) -> int | None:
    try:
        return TimeFrame(earlier.interval).steps(earlier.timestamp, later.timestamp)
    except (ValueError, OverflowError, OSError):
        return None


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _utc(candle: Candle) -> str:
    try:
        return f"{datetime.fromtimestamp(candle.timestamp / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return str(candle.timestamp)
