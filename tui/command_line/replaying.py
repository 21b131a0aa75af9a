"""What `replay` does: read, play, print."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from catalog.catalog import Catalog
from connectors.contracts import BookState, Candle, Instrument, LiveBook, Price, StreamStatus, Trade
from connectors.contracts.errors import UsageError
from connectors.contracts.instrument_index import InstrumentIndex
from connectors.contracts.instruments import normalise_symbol
from connectors.runtime.playback import Playback, open_recording
from connectors.streaming.holes import Holes, length_text
from connectors.streaming.recording import RecordingError
from connectors.streaming.replay import Replay
from tui.command_line.event_lines import JsonLines, Origin, PlainLines
from tui.command_line.problems import FAILED, OK, Failure, say, unknown
from tui.command_line.standard_streams import data
from tui.command_line.streams import Event

Lines: TypeAlias = JsonLines | PlainLines

STDIN = Path("-")
_WRITE_AT = 64 * 1024
"""Bytes gathered for one write, where nobody waits for them."""


class Pace:
    """Waits until an event's turn has come. `speed` 0 never waits.

    Where nothing happened for longer than `max_idle` seconds, the rest of that time is passed over and told.
    """

    def __init__(
        self,
        speed: float,
        *,
        max_idle: float | None = None,
        tell: Callable[[str], None] = say,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._speed = speed
        self._holes = Holes(max_idle)
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._began: tuple[float, int] | None = None

    def wait(self, ts_ns: int, before_waiting: Callable[[], None]) -> None:
        passed_over = self._holes.before(ts_ns)
        if passed_over:
            before_waiting()
            self._tell(f"nothing happened for {length_text(passed_over + self._holes.max_ns)}: passed over")
        if not self._speed:
            return
        if self._began is None:
            self._began = (self._clock(), ts_ns)
        at, first_ns = self._began
        first_ns += passed_over
        self._began = (at, first_ns)
        due = at + (ts_ns - first_ns) / 1e9 / self._speed
        if due > self._clock():
            before_waiting()
            self._sleep(max(0.0, due - self._clock()))


class Printer:
    """A replay's consumer: each event a line on standard output."""

    def __init__(self, lines: Lines, *, depth: int, symbols: frozenset[str]) -> None:
        self.lines = lines
        self.seen: set[str] = set()
        """Every symbol that occurred, asked for or not."""
        self._depth = depth
        self.only = symbols
        self._synced: set[str] = set()
        self._out = bytearray()

    def trade(self, trade: Trade) -> None:
        self._print(trade.symbol, trade)

    def candle(self, candle: Candle) -> None:
        self._print(candle.symbol, candle)

    def price(self, price: Price) -> None:
        self._print(price.symbol, price)

    def status(self, status: StreamStatus) -> None:
        if status.symbol is None or not self.only or status.symbol in self.only:
            # Written with what follows: an error in here is a status handler's, and goes no further.
            self._out += self.lines.line(status)

    def book(self, book: LiveBook) -> None:
        """A book that has never been SYNCED holds nothing to show."""
        symbol = book.symbol
        if symbol not in self._synced:
            if book.state is not BookState.SYNCED:
                return
            self._synced.add(symbol)
        self.seen.add(symbol)
        if not self.only or symbol in self.only:
            self._add(book.view(self._depth))

    def flush(self) -> None:
        """Raises `ReaderGone` and `OutputFailed`."""
        if self._out:
            data().buffer.write(self._out)
            data().buffer.flush()
            self._out.clear()

    def _print(self, symbol: str, event: Event) -> None:
        self.seen.add(symbol)
        if not self.only or symbol in self.only:
            self._add(event)

    def _add(self, event: Event) -> None:
        self._out += self.lines.line(event)
        if len(self._out) >= _WRITE_AT:
            self.flush()


def play(
    path: Path,
    *,
    speed: float,
    symbols: str | None,
    depth: int,
    as_json: bool,
    utc: bool = False,
    max_idle: float | None = None,
) -> int:
    """Raises `BadUsage`, `Failure` and `RecordingError`; the exit code where the recording was read."""
    playback = _opened(path)
    reader = playback.reader
    origin = Origin(
        playback.entry.connector_type, playback.market_type, reader.header.environment, replay=True
    )

    def lines(instruments: Mapping[str, Instrument]) -> Lines:
        return JsonLines(origin) if as_json else PlainLines(instruments, origin, utc=utc)

    wanted = [name.strip() for name in (symbols or "").split(",") if name.strip()]
    printer = Printer(lines({}), depth=depth, symbols=_names(wanted, {}))
    run = Replay(playback.venue(), printer)
    pace = Pace(speed, max_idle=max_idle)
    faults = 0
    for event in reader:
        pace.wait(event.ts_ns, printer.flush)
        if reader.faults > faults:
            # It stood between this event and the one before.
            printer.status(StreamStatus("gap", f"damaged: {reader.fault}", event.ts_ns // 1_000_000))
        try:
            run.play(event)
        except RecordingError as error:
            reader.note(f"{reader.path.name}: {error}")
        faults = reader.faults
        if event.kind == "http":
            printer.only = _names(wanted, run.instruments)
            printer.lines = lines(run.instruments)
    printer.flush()
    if reader.damage is not None:
        say(reader.damage)
    if unheard := printer.only - printer.seen:
        raise unknown("symbol", min(unheard), sorted(printer.seen), where=f"in {reader.path.name}")
    if run.bad or run.unrouted:
        say(
            f"{run.frames} frames played; {run.bad} could not be read, {run.unrouted} are of unknown channels"
        )
    return OK if reader.damage is None else FAILED


def _opened(path: Path) -> Playback:
    on_stdin = path == STDIN
    try:
        return open_recording(
            Catalog.load(),
            Path("standard input") if on_stdin else path,
            stream=sys.stdin.buffer if on_stdin else None,
        )
    except UsageError as error:
        # It is the file that names what there is none of.
        raise Failure(f"{'standard input' if on_stdin else path.name}: {error}") from None


def _names(wanted: Sequence[str], instruments: Mapping[str, Instrument]) -> frozenset[str]:
    """The markets that were asked for, by the names they have in the recording so far."""
    find = InstrumentIndex(instruments.values()).find
    found = ((name, find(name)) for name in wanted)
    return frozenset(normalise_symbol(name) if one is None else one.symbol for name, one in found)
