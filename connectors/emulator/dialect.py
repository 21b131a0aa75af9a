"""What a venue's dialect implements, and where the dialects of the installed packages are found.

A package offers a dialect by an entry point in the group `barfinex.emulators`, named for the connector's type, whose
value is the module that serves it (`VenueModule`). What is built in is served by its own dialect and no other, and the
connector of a package by that package's.
"""

import importlib
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from catalog.addresses import is_loopback, shown_address
from catalog.built_in import EMULATORS
from catalog.registrations import CONNECTOR_GROUP, EMULATOR_GROUP, Registration, canonical, find_registrations
from catalog.text import clean
from connectors.runtime.foreign import describe, pass_ours

if TYPE_CHECKING:
    from connectors.emulator.clock import Clock
    from connectors.emulator.faults import Faults
    from connectors.emulator.instruments import Instrument
    from connectors.emulator.market import Market
    from connectors.emulator.messages import Request, Response, SocketSession, Streaming
    from connectors.emulator.socket import Socket

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


@runtime_checkable
class ListsMore(Protocol):
    """What a `VenueModule` may have besides, where its venue lists pairs that not every venue has."""

    def quiet_pairs(self) -> "tuple[Instrument, ...]":
        """Nobody trades them until somebody asks for them."""
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
    """The types that have a dialect, in order; of some it may be refused (see `module_name`)."""
    offered, _ = find_registrations(EMULATOR_GROUP)
    return tuple(sorted({*EMULATORS, *(item.name for item in offered)}))


def venue_module(venue: str) -> VenueModule:
    """Imported only when asked for. Raises `UnknownVenue`, or `BrokenVenue` where its module cannot be used."""
    return load_module(venue, module_name(venue))


def module_name(venue: str) -> str:
    """The module that serves a venue. Raises `UnknownVenue`, or `BrokenVenue` where it is not clear whose it is."""
    if venue in EMULATORS:
        return EMULATORS[venue]
    from connectors.emulator.errors import BrokenVenue, UnknownVenue  # noqa: PLC0415 - see there

    offered = _of_type(EMULATOR_GROUP, venue)
    if not offered:
        raise UnknownVenue(venue, venues())
    owners = {canonical(item.distribution): item.package for item in _of_type(CONNECTOR_GROUP, venue)}
    fitting = [item for item in offered if not owners or canonical(item.distribution) in owners]
    if not fitting:
        reason = f"it is offered by {_packages(offered)}, the connector by {' and '.join(owners.values())}"
        raise BrokenVenue(venue, f"{reason}; only the connector's own package can bring it")
    if len(fitting) > 1:
        raise BrokenVenue(
            venue, f"it is offered by {_packages(fitting)}, and none is used: uninstall all but one"
        )
    return fitting[0].entry_point.value


def _of_type(group: str, venue: str) -> list[Registration]:
    found, _ = find_registrations(group)
    return [item for item in found if item.entry_point.name == venue]


def _packages(items: list[Registration]) -> str:
    return " and ".join(item.package for item in items)


def load_module(venue: str, name: str) -> VenueModule:
    """The module of that name, if it is one that serves a venue. Raises `BrokenVenue`."""
    from connectors.emulator.errors import BrokenVenue  # noqa: PLC0415 - see there

    reason: str | None = None
    module: object = None
    try:
        module = importlib.import_module(name.strip())
    except BaseException as error:  # noqa: BLE001 - a stranger's module may raise anything on import
        pass_ours(error)
        reason = f"{name} cannot be imported: {describe(error)}"
    for function in () if reason else ("create_dialect", "endpoints"):
        if not callable(getattr(module, function, None)):
            reason = f"{name} has no function '{function}'"
            break
    if reason is not None:
        raise BrokenVenue(venue, reason)
    return cast("VenueModule", module)


def dialect_endpoints(venue: str, authority: str) -> dict[str, str]:
    """The URLs of a venue's emulator at `host:port`, without making its dialect. Raises as `venue_module`."""
    return checked_endpoints(venue, venue_module(venue), authority)


def checked_endpoints(venue: str, module: VenueModule, authority: str) -> dict[str, str]:
    """What a dialect's module says that its URLs are. Raises `BrokenVenue` where one leads out of this machine: keys of
    the environment `local` go there."""
    reason: str | None = None
    given: object = None
    try:
        given = module.endpoints(authority)
    except BaseException as error:  # noqa: BLE001 - a stranger's function
        pass_ours(error)
        reason = f"its endpoints() failed: {describe(error)}"
    return loopback_endpoints(venue, given, reason)


def loopback_endpoints(venue: str, given: object, reason: str | None = None) -> dict[str, str]:
    """`given`, if it is URLs by name that all lead to this machine; else `BrokenVenue`, with `reason`."""
    from connectors.emulator.errors import BrokenVenue  # noqa: PLC0415 - see there

    urls = cast("dict[object, object]", given) if isinstance(given, dict) else {}
    if reason is None and not urls:
        reason = "its endpoints are no URLs by name"
    for name, url in urls.items():
        if not isinstance(name, str) or not isinstance(url, str):
            reason = "its endpoints are no URLs by name"
        elif not is_loopback(url):
            reason = f"its address '{clean(name)}' leads to {clean(shown_address(url))}, not to this machine"
    if reason is not None:
        raise BrokenVenue(venue, reason)
    return cast("dict[str, str]", urls)
