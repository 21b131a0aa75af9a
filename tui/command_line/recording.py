"""What `record` does: connect with a recorder on the wires, and say how it goes."""

import asyncio
import re
import sys
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from connectors.contracts import Candle, LiveBook, Price, StreamStatus, Trade
from connectors.runtime.recorder import Recorder, without_secrets
from connectors.streaming.recording import RecordingWriter, part_path
from tui.command_line.problems import OK, BadUsage, Failure, say
from tui.command_line.stdout_sink import StdoutSink
from tui.command_line.subscribing import activated, chosen_instruments, subscribe
from tui.command_line.waiting import waiting_told
from tui.command_line.watch_plan import WatchPlan

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_SMALLEST_PART = 4096
_PROGRESS_EVERY = 1.0
"""Seconds between two looks at the progress on a terminal."""


STDOUT = Path("-")


class Recording:
    """A new file with its recorder. `ended` is set when it takes no more."""

    def __init__(self, path: Path, plan: WatchPlan, max_bytes: int) -> None:
        self.path = path
        self.ended = asyncio.Event()
        self.begun = False
        self._sink = StdoutSink() if path == STDOUT else None
        self.name = "standard output" if self._sink is not None else str(path)
        writer = RecordingWriter(
            path,
            plan.entry.connector_type,
            plan.market.value,
            time.time_ns(),
            environment=plan.environment,
            max_bytes=max_bytes,
            redact=without_secrets,
            sink=self._sink,
        )
        self.recorder = Recorder(writer, max_frames=plan.count, on_end=self.ended.set)
        self._began = time.monotonic()

    @property
    def reader_gone(self) -> bool:
        return self._sink is not None and self._sink.reader_gone

    def discard(self) -> None:
        """Nothing came of it: leave no file behind."""
        self.recorder.close()
        if self._sink is not None:
            return
        for number in range(self.recorder.parts, 0, -1):
            with suppress(OSError):
                (self.path if number == 1 else part_path(self.path, number)).unlink()

    def summary(self) -> str:
        recorder = self.recorder
        seconds = time.monotonic() - self._began
        parts = f" in {recorder.parts} parts" if recorder.parts > 1 else ""
        return (
            f"{recorder.events:,} events ({recorder.frames:,} frames), {_size(recorder.bytes_written)}{parts},"
            f" {seconds:.0f} s"
        )


def new_recording(plan: WatchPlan, path: Path, max_size: str) -> Recording:
    """Raises `Failure` where the file is there already or cannot be made."""
    max_bytes = parse_size(max_size)
    try:
        for taken in () if path == STDOUT else (path, part_path(path, 2)):
            if taken.exists():
                raise Failure(f"{taken} exists already; a recording never overwrites a file")
        return Recording(path, plan, max_bytes)
    except FileExistsError:
        raise Failure(f"{path} exists already; a recording never overwrites a file") from None
    except OSError as error:
        if path != STDOUT:
            with suppress(OSError):  # an empty one would be in the way of the next try
                path.unlink(missing_ok=True)
        raise Failure(f"cannot make {path}: {error.strerror}") from None


def parse_size(text: str) -> int:
    """Bytes of `4096`, `500K`, `100M`, `2G`. Raises `BadUsage`."""
    match = re.fullmatch(r"([0-9]{1,12})([KMG]?)(?:I?B)?", text.strip().upper())
    size = int(match[1]) * _UNITS[match[2]] if match is not None else 0
    if size < _SMALLEST_PART:
        raise BadUsage(
            f"--max-size: '{text}' is no size of {_SMALLEST_PART} bytes or more; write it like 100M"
        )
    return size


async def run(plan: WatchPlan, recording: Recording, duration: float | None) -> int:
    """Record until told to stop. Raises `Failure`, `BadUsage` and what connecting raises; then no file is left."""
    recorder = recording.recorder
    async with AsyncExitStack() as cleanup:
        try:
            bundle = await activated(plan, cleanup, tap=recorder)
            instruments = chosen_instruments(bundle, plan)
            await cleanup.enter_async_context(waiting_told(bundle.ws))
            await subscribe(bundle.ws, plan, instruments, _Nobody())
        except asyncio.CancelledError:
            recording.discard()
            say("interrupted before the recording began: there is no file")
            raise
        except BaseException:
            recording.discard()
            raise
        recording.begun = True
        source = f"{plan.entry.connector_type} {plan.market.value} {plan.environment}"
        say(f"recording to {recording.name}: {source}")
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(duration):
                    await _until_ended(recording)
        finally:
            # Before the connector is torn down: a recording ends with the market, not with our leaving it.
            recorder.close()
            _clear_progress()
            say(f"recorded {recording.summary()}: {recording.name}")
    if recording.reader_gone:
        return OK
    if recorder.failure is not None:
        if not recorder.events:
            recording.discard()
        raise Failure(f"the recording ended early: {recorder.failure}")
    return OK


async def _until_ended(recording: Recording) -> None:
    while not recording.ended.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(_PROGRESS_EVERY):
                await recording.ended.wait()
        _show_progress(recording)


def _show_progress(recording: Recording) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[Krecording {recording.summary()}", end="", file=sys.stderr, flush=True)


def _clear_progress() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _size(count: int) -> str:
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


class _Nobody:
    """Listens to every stream and keeps nothing: what counts was written below."""

    def trade(self, trade: Trade) -> None: ...

    def book(self, book: LiveBook) -> None: ...

    def candle(self, candle: Candle) -> None: ...

    def price(self, price: Price) -> None: ...

    def status(self, status: StreamStatus) -> None: ...
