"""Asking the venue's history for what a chart has not: what was missed, and what came before it.

No Textual here. One page after the other, with a pause after each that failed, until nothing is missing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from connectors.contracts import Candle
from connectors.contracts.errors import BarfinexError, RateLimited, RequestTimeout, VenueUnavailable
from tui.candle_series import CandleSeries
from tui.pane_state import PaneState
from tui.reasons import reason

log = logging.getLogger(__name__)

HISTORY_PAGE = 500
SETTLE_SECONDS = 1.0
"""A last frame that is only late comes within this, and the venue's history has the candle by then."""
FIRST_PAUSE, LAST_PAUSE = 2.0, 30.0

Page = Callable[[int, int | None], Awaitable[Sequence[Candle]]]
"""Asks for up to so many candles that end at or before a time (ms; now where `None`), oldest first."""


class HistoryFill:
    """Keeps one series whole. `run` does it until cancelled; the rest says what is wanted.

    Every condition of the series that would call it live goes through `recovered`: with a hole it is not.
    """

    def __init__(self, series: CandleSeries, page: Page, clock: Callable[[], float]) -> None:
        self._series = series
        self._page = page
        self._clock = clock
        self._wanted = asyncio.Event()
        self._older = asyncio.Event()
        self._filling = False
        self._newest = False
        """What came after the last candle may be missing too."""

    # --- what is wanted ------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """The newest page. Raises what the venue's history raises."""
        self._merge(await self._page(HISTORY_PAGE, None), None)
        if self._series.newest_hole() is not None:
            self._want()

    def look(self) -> None:
        """After a live candle: fill the hole that it left, if it did."""
        if self._series.torn:
            self._series.torn = False
            self._want()

    def missed(self) -> None:
        """The stream was interrupted: whatever came since the last candle may be missing."""
        self._newest = True
        self._want()

    def recovered(self) -> None:
        """The stream flows (again)."""
        self._series.condition.set(PaneState.LIVE)
        if self._filling:
            self._tell()

    def load_older(self) -> None:
        """The page of history before the oldest candle, unless that is being done or there is none."""
        series = self._series
        if len(series) and not series.complete and not series.loading_older:
            series.loading_older = True
            self._older.set()

    def _want(self) -> None:
        self._filling = True
        self._wanted.set()
        self._tell()

    def _tell(self, cause: str = "", retry_in: float | None = None) -> None:
        condition, missing = self._series.condition, self._series.missing()
        if condition.state in (PaneState.LIVE, PaneState.INCOMPLETE):
            count = {0: "candles may be", 1: "1 candle is"}.get(missing, f"{missing} candles are")
            retry_at = None if retry_in is None else self._clock() + retry_in
            condition.set(PaneState.INCOMPLETE, f"{count} missing: {cause or 'asking'}", retry_at)

    # --- running -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again_and_again(self._wanted, self._fill))
            tasks.create_task(self._again_and_again(self._older, self._load_older))

    async def _again_and_again(self, wanted: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await wanted.wait()
            wanted.clear()
            await work()

    async def _fill(self) -> None:
        series = self._series
        await asyncio.sleep(SETTLE_SECONDS)
        if await self._persist(self._fill_once, self._tell) and not self._wanted.is_set():
            self._filling = False
            if series.condition.state is PaneState.INCOMPLETE:
                series.condition.set(PaneState.LIVE)

    async def _fill_once(self) -> None:
        if self._newest:
            self._merge(await self._page(HISTORY_PAGE, None), None)
            self._newest = False
        while (hole := self._series.newest_hole()) is not None:
            start, end = hole
            count = min(HISTORY_PAGE, self._series.time_frame.steps(start, end))
            self._tell()
            self._merge(await self._page(count, end - 1), end)
            if self._series.newest_hole() == hole:
                raise VenueUnavailable("the venue's history has not the last figures yet")

    async def _load_older(self) -> None:
        series = self._series

        async def once() -> None:
            if (oldest := series.oldest) is not None:
                self._merge(await self._page(HISTORY_PAGE, oldest - 1), oldest, older=True)

        def tell(cause: str, retry_in: float | None) -> None:
            series.older_trouble = cause
            series.version += 1

        series.older_trouble = ""
        try:
            if await self._persist(once, tell):
                series.older_trouble = ""
            else:
                series.complete = True
        finally:
            series.loading_older = False
            series.version += 1

    async def _persist(
        self, work: Callable[[], Awaitable[None]], tell: Callable[[str, float | None], None]
    ) -> bool:
        """Do it until it succeeds, with pauses; whether it did before the venue refused it for good."""
        pause = FIRST_PAUSE
        while True:
            failure: Exception
            try:
                await work()
            except TimeoutError:
                failure = RequestTimeout("the venue's history did not answer in time")
            except Exception as error:  # noqa: BLE001 - a connector is anyone's code: its pane shows the reason
                failure = error
            else:
                return True
            log.info("history failed error=%s", failure)
            if not isinstance(failure, BarfinexError) or not failure.retryable:
                tell(reason(failure), None)
                return False
            asked_for = failure.retry_after if isinstance(failure, RateLimited) else None
            wait = max(pause, asked_for or 0.0)
            tell(f"{reason(failure)}; asked again in {wait:.0f} s", wait)
            await asyncio.sleep(wait)
            pause = min(LAST_PAUSE, pause * 2)

    def _merge(self, page: Sequence[Candle], end: int | None, *, older: bool = False) -> None:
        """`end`: what opened before it was asked for; `None` is now. An open candle is not answered for."""
        frame = self._series.time_frame
        start = page[0].timestamp if page else 0
        last = page[-1] if page else None
        if last is not None and not last.closed:
            end = last.timestamp if end is None else min(end, last.timestamp)
        elif end is None:
            end = 0 if last is None else frame.next_open(last.timestamp)
        elif start >= end:
            # Not what was asked for: without this the same would be asked for for ever.
            start = 0
        self._series.merge(page, older=older, answers=(start, end))
