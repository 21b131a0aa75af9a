"""A player: a recording with a position in time, that can be played, paused, stepped and sought in."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from connectors.streaming.clock import Clock
from connectors.streaming.recording import RecordedEvent, RecordingError
from connectors.streaming.replay import Replay, VenueReplay
from connectors.streaming.replay_stage import ReplayStage

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 0.0)
"""What can be chosen; 0 is as fast as can be."""
_SLICE = 0.01
"""Seconds of work after which others get their turn."""


class Player:
    """Plays `events`, which is iterated anew for every run, onto `stage`. `run` does the work, until cancelled.

    `start_ns` and `end_ns` are the recording's first and last times. `on_jump` is called when a seek has arrived: what
    the stage holds then is another's past. Where nothing happened for more than `max_idle` seconds, the rest of that
    time is passed over.
    """

    def __init__(
        self,
        events: Iterable[RecordedEvent],
        venue: Callable[[], VenueReplay],
        stage: ReplayStage,
        *,
        start_ns: int,
        end_ns: int,
        max_idle: float | None = None,
        on_jump: Callable[[], None] = lambda: None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.on_jump = on_jump
        self.playing = False
        self.speed = 1.0
        self.failure: str | None = None
        """What of the recording cannot be read."""
        self.on_hole: Callable[[int], None] = lambda _: None
        """Called with the length of a hole, in nanoseconds, whose rest is passed over."""
        self._max_idle = max_idle
        self._events = events
        self._venue = venue
        self._stage = stage
        self._clock = clock
        self._stir = asyncio.Event()
        self._steps = 0
        self._target: int | None = None
        self._since: float | None = None
        """When it began to play from `_at_ns`; `None` while it stands."""
        self._at_ns = start_ns
        self._rewind()

    # --- what the viewer sees ---------------------------------------------------------------------------------------

    @property
    def position_ns(self) -> int:
        """Where it is, in recorded time; between two events it moves on with the clock."""
        at = max(self._replay.now_ns, self._at_ns)
        if self._since is None:
            return at
        going = self._at_ns + int((self._clock() - self._since) * self.speed * 1e9)
        return max(at, min(going, self.end_ns if self._next is None else self._next.ts_ns))

    @property
    def ended(self) -> bool:
        return self._next is None

    @property
    def seeking(self) -> bool:
        return self._target is not None

    @property
    def replay(self) -> Replay:
        """The run so far: its counters, its instruments."""
        return self._replay

    # --- what the viewer does ---------------------------------------------------------------------------------------

    def play(self) -> None:
        """From where it is; at the end, from the start."""
        if self.ended and self._target is None:
            self.seek(self.start_ns)
        self.playing = True
        self._stir.set()

    def pause(self) -> None:
        self._stand()
        self.playing = False
        self._stir.set()

    def step(self) -> None:
        """Pause, and play one event that shows."""
        self.pause()
        self._steps += 1

    def seek(self, to_ns: int) -> None:
        """Go to a time: everything up to it has then happened. It goes on playing, or stays paused, as before."""
        self._target = min(max(to_ns, self.start_ns), self.end_ns)
        self._steps = 0
        self._stir.set()

    def set_speed(self, speed: float) -> None:
        """Recorded seconds a second; 0 is as fast as can be."""
        self._stand()
        self.speed = speed
        self._stir.set()

    def faster(self, steps: int = 1) -> None:
        """The next of `SPEEDS`, or with a negative number an earlier one."""
        place = SPEEDS.index(self.speed) if self.speed in SPEEDS else SPEEDS.index(1.0)
        self.set_speed(SPEEDS[min(max(place + steps, 0), len(SPEEDS) - 1)])

    def _stand(self) -> None:
        """Keep the position that the clock has brought it to."""
        self._at_ns, self._since = self.position_ns, None

    # --- playing ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            self._stir.clear()
            if self._target is not None:
                await self._travel()
            elif self._steps:
                self._steps -= 1
                self._step()
            elif self.playing and not self.ended:
                await self._play_on()
            else:
                self.pause()
                self._stir.clear()
                await self._stir.wait()

    async def _play_on(self) -> None:
        if self._since is None:
            self._at_ns = self.position_ns
            self._since = self._clock()
        since, at_ns = self._since, self._at_ns
        until = self._clock() + _SLICE
        while (event := self._next) is not None:
            wait = (event.ts_ns - at_ns) / 1e9 / self.speed - (self._clock() - since) if self.speed else 0.0
            if wait > 0 and self._passes_over(event):
                return
            if wait > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._stir.wait()
                return
            self._take(event)
            if self._clock() >= until:
                break
        await asyncio.sleep(0)

    def _passes_over(self, event: RecordedEvent) -> bool:
        """Whether the time stepped over a hole before the next event, so that there is less to wait for."""
        if self._max_idle is None:
            return False
        longest = int(self._max_idle * 1e9)
        if event.ts_ns - self.position_ns <= longest:
            return False
        self.on_hole(event.ts_ns - self._replay.now_ns)
        self._at_ns, self._since = event.ts_ns - longest, self._clock()
        return True

    def _step(self) -> None:
        before = self._stage.changes
        while (event := self._next) is not None and self._stage.changes == before:
            self._take(event)

    async def _travel(self) -> None:
        self._stage.muted = True
        self._stand()
        try:
            while (target := self._target) is not None:
                if target < self._replay.now_ns:
                    self._rewind()
                self._at_ns = target
                until = self._clock() + _SLICE
                while (event := self._next) is not None and event.ts_ns <= target and self._clock() < until:
                    self._take(event)
                if (event is None or event.ts_ns > target) and self._target == target:
                    self._target = None
                await asyncio.sleep(0)
        finally:
            self._stage.muted = False
        self.on_jump()

    def _rewind(self) -> None:
        self._stage.clear()
        self._replay = Replay(self._venue(), self._stage)
        self._stage.feed_of = self._replay.feed_of
        self._source: Iterator[RecordedEvent] = iter(self._events)
        self._fetch()

    def _take(self, event: RecordedEvent) -> None:
        try:
            self._replay.play(event)
        except RecordingError as error:
            self.failure = str(error)
        self._fetch()

    def _fetch(self) -> None:
        self._next: RecordedEvent | None = None
        try:
            self._next = next(self._source, None)
        except RecordingError as error:
            self.failure = str(error)
