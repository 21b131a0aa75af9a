"""What a venue's dialect implements, and where the dialects of the installed packages are found.

A package offers a dialect by an entry point in the group `barfinex.emulators`, named for the connector's type, whose
value is the module that serves it (`VenueModule`). Ours register the same way.
"""

import importlib
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    from connectors.emulator.clock import Clock
    from connectors.emulator.faults import Faults
    from connectors.emulator.market import Market
    from connectors.emulator.messages import Request, Response, SocketSession, Streaming
    from connectors.emulator.socket import Socket

GROUP = "barfinex.emulators"
TICK_MS = 100
"""How often `Dialect.tick` is called, at whole multiples of venue time."""


class Dialect(Protocol):
    """One venue's protocol over the common market. It does no I/O: it answers, and delivers to connections."""

    def answer(self, request: "Request") -> "Response | Streaming":
        """The response; a `Streaming` where the venue streams over HTTP and this asks for it."""
        ...

    def accept(self, socket: "Socket") -> "SocketSession | None":
        """The session of a new WebSocket, by its path and query; `None` where the venue has no such path."""
        ...

    @property
    def futures(self) -> "Market | None":
        """The venue's second market, once somebody has asked for it."""
        ...

    def tick(self, now: int) -> None:
        """Send what is due at regular times."""
        ...


@runtime_checkable
class GivesCredentials(Protocol):
    """What a `VenueModule` may have besides, where its connector's credentials are not simply a key and a secret."""

    def credentials(self, key: str, secret: str) -> dict[str, str]:
        """The fields of the connector's manifest, by key, that open the account of one of the emulator's keys."""
        ...


class VenueModule(Protocol):
    """The two functions of the module that an entry point names. Importing it should cost little: the module of the
    dialect itself is best imported inside `create_dialect`."""

    def create_dialect(self, market: "Market", clock: "Clock", faults: "Faults") -> Dialect:
        """The dialect over a market."""
        ...

    def endpoints(self, authority: str) -> dict[str, str]:
        """The base URLs by name at `host:port`, as a client is configured with them; the name of one that serves a
        single market begins with that market (`futures_ws`)."""
        ...


def venues() -> tuple[str, ...]:
    """The types that have a dialect, in order."""
    return tuple(sorted({item.name for item in entry_points(group=GROUP)}))


def venue_module(venue: str) -> VenueModule:
    """Imported only when asked for. Raises `UnknownVenue`, or `BrokenVenue` where its module cannot be used."""
    for item in entry_points(group=GROUP, name=venue):
        return load_module(venue, item.value)
    from connectors.emulator.errors import UnknownVenue  # noqa: PLC0415 - see there

    raise UnknownVenue(venue, venues())


def load_module(venue: str, name: str) -> VenueModule:
    """The module of that name, if it is one that serves a venue. Raises `BrokenVenue`."""
    from connectors.emulator.errors import BrokenVenue  # noqa: PLC0415 - see there

    reason: str | None = None
    module: object = None
    try:
        module = importlib.import_module(name.strip())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module may raise anything on import
        reason = f"{name} cannot be imported: {type(error).__name__}: {error}"
    for function in () if reason else ("create_dialect", "endpoints"):
        if not callable(getattr(module, function, None)):
            reason = f"{name} has no function '{function}'"
            break
    if reason is not None:
        raise BrokenVenue(venue, reason)
    return cast("VenueModule", module)


def dialect_endpoints(venue: str, authority: str) -> dict[str, str]:
    """The URLs of a venue's emulator at `host:port`, without making its dialect. Raises as `venue_module`."""
    return venue_module(venue).endpoints(authority)
