"""Binance spot's protocol over the common market.

Sources: the venue's rest-api.md, web-socket-streams.md, web-socket-api.md, user-data-stream.md, errors.md and
filters.md, as of July 2026.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.emulator.binance.dialect import BinanceDialect
    from connectors.emulator.clock import Clock
    from connectors.emulator.faults import Faults
    from connectors.emulator.instruments import Instrument
    from connectors.emulator.market import Market

from connectors.emulator.binance.urls import endpoints

__all__ = ["create_dialect", "credentials", "endpoints", "quiet_pairs"]


def create_dialect(market: "Market", clock: "Clock", faults: "Faults") -> "BinanceDialect":
    # Whoever only asks for the URLs does not load the dialect.
    from connectors.emulator.binance.dialect import BinanceDialect  # noqa: PLC0415

    return BinanceDialect(market, clock, faults)


def quiet_pairs() -> "tuple[Instrument, ...]":
    """The venue lists coins with Chinese names too."""
    from connectors.emulator.instruments import CHINESE  # noqa: PLC0415

    return (CHINESE,)


def credentials(key: str, secret: str) -> dict[str, str]:
    return {"apiKey": key, "apiSecret": secret}
