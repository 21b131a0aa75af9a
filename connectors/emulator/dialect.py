"""What a venue's dialect implements, and which venues have one."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connectors.emulator.clock import Clock
    from connectors.emulator.faults import Faults
    from connectors.emulator.market import Market
    from connectors.emulator.messages import Request, Response, SocketSession
    from connectors.emulator.socket import Socket

TICK_MS = 100
"""How often `Dialect.tick` is called, at whole multiples of venue time."""


class Dialect(Protocol):
    """One venue's protocol over the common market. It does no I/O: it answers, and delivers to sockets."""

    def answer(self, request: "Request") -> "Response": ...

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


class DialectFactory(Protocol):
    def __call__(self, market: "Market", clock: "Clock", faults: "Faults") -> Dialect: ...


VENUES = ("binance",)


def dialect_of(venue: str) -> DialectFactory:
    """Imported only when asked for. Raises `UnknownVenue`."""
    _check(venue)
    from connectors.emulator.binance.dialect import BinanceDialect  # noqa: PLC0415 - only the venue in use

    return BinanceDialect


def dialect_endpoints(venue: str, authority: str) -> dict[str, str]:
    """The URLs of a venue's emulator at `host:port`, without loading it. Raises `UnknownVenue`."""
    _check(venue)
    from connectors.emulator.binance.urls import endpoints  # noqa: PLC0415 - only the venue in use

    return endpoints(authority)


def _check(venue: str) -> None:
    if venue not in VENUES:
        from connectors.emulator.errors import UnknownVenue  # noqa: PLC0415 - see there

        raise UnknownVenue(venue, VENUES)
