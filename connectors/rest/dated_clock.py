"""The clock of a venue that cannot be asked for its time: HTTP dates every answer."""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from connectors.rest.clock import STEP, machine_date

_LONGEST_CACHED = 86_400


class DatedClock:
    """Implements `VenueClock`. An answer's `Date` is cut to the second, so it bounds the venue's time from both sides.

    This machine's date is believed as far as it lies within the bounds of all answers since its last step.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] | None = None
    ) -> None:
        self._clock = clock
        self._wall = wall or machine_date
        self._bounds: tuple[float, float] | None = None
        self._apart = 0.0

    @property
    def skew_ms(self) -> float | None:
        return None if self._bounds is None else self.ms_at(self._clock()) - self._wall() * 1000

    def moment(self) -> float:
        return self._clock()

    def ms_at(self, moment: float) -> int:
        apart = self._wall() - self._clock()
        offset = apart * 1000
        if self._bounds is not None and abs(apart - self._apart) <= STEP:
            low, high = self._bounds
            offset = min(max(offset, low), high)
        return round(moment * 1000 + offset)

    async def refresh(self) -> None:
        """The next answer tells."""

    def observe(self, headers: Mapping[str, str], sent: float) -> None:
        """An answer to what was sent at a `moment`."""
        dated = _date_ms(headers)
        if dated is None:
            return
        received = self._clock()
        low, high = dated - received * 1000, dated + 1000 - sent * 1000
        apart = self._wall() - received
        if self._bounds is not None and abs(apart - self._apart) <= STEP:
            narrower = max(low, self._bounds[0]), min(high, self._bounds[1])
            # Bounds that exclude each other: the venue's clock was set, or a quartz drifted.
            if narrower[0] <= narrower[1]:
                low, high = narrower
        self._bounds, self._apart = (low, high), apart


def _date_ms(headers: Mapping[str, str]) -> float | None:
    """What a cache kept is older than its date by its `Age`."""
    try:
        dated = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError, IndexError):
        return None
    age = headers.get("age", "0")
    if not (age.isascii() and age.isdigit() and len(age) < 6 and int(age) <= _LONGEST_CACHED):
        return None
    return (dated + int(age)) * 1000
