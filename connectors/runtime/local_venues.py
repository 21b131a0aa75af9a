"""The emulators behind the environment `local`: found when they run, started when not, stopped when ours."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from connectors.contracts.errors import BarfinexError, VenueUnavailable
from connectors.runtime.foreign import describe


class RunningVenue(Protocol):
    """What is needed of an emulator that serves one venue."""

    @property
    def endpoints(self) -> Mapping[str, str]: ...

    @property
    def started(self) -> bool:
        """We started it, so we stop it."""
        ...

    tell: Callable[[str], None] | None
    """Told in plain words what became of it."""

    def watch(self) -> None:
        """See to it that it runs on, where that is ours to do."""
        ...

    async def stop(self) -> None:
        """End it, if it was started here, and its watch."""
        ...


class LocalVenues:
    """One emulator a venue, however many ask for it at once."""

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell
        self._locks: dict[str, asyncio.Lock] = {}
        self._known: list[RunningVenue] = []

    async def endpoints(self, venue: str) -> Mapping[str, str]:
        """Raises `VenueUnavailable` where none runs and none can be started."""
        # Loaded only where somebody connects to it.
        from connectors.emulator.local import find_or_start  # noqa: PLC0415

        async with self._locks.setdefault(venue, asyncio.Lock()):
            try:
                found = await find_or_start(venue)
            except BarfinexError:
                raise
            except (OSError, TimeoutError, RuntimeError, ValueError) as error:
                raise VenueUnavailable(
                    f"no local {venue} emulator could be started: {describe(error)}"
                ) from None
            if all(known.endpoints != found.endpoints for known in self._known):
                self._known.append(found)
                found.tell = self._tell
                found.watch()
            return found.endpoints

    async def close(self) -> None:
        """Stop those we started."""
        known, self._known = self._known, []
        await asyncio.gather(*(venue.stop() for venue in known), return_exceptions=True)
