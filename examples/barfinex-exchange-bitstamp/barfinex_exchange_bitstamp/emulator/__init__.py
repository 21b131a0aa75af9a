"""Bitstamp's spot protocol over the common market: public channels and public REST calls.

Sources: WebSocket API v2; HTTP API, "Market info", "Tickers", "Order book", "Transactions (public)".
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from barfinex_exchange_bitstamp.emulator.dialect import BitstampDialect
    from connectors.emulator.toolkit import Clock, Faults, Market

REST = "/api/v2"


def create_dialect(market: "Market", clock: "Clock", faults: "Faults") -> "BitstampDialect":
    # Whoever only asks for the URLs does not load the dialect.
    from barfinex_exchange_bitstamp.emulator.dialect import BitstampDialect  # noqa: PLC0415

    return BitstampDialect(market, clock)


def endpoints(authority: str) -> dict[str, str]:
    """The base URLs by name. `authority` is `host:port`."""
    return {"rest": f"http://{authority}{REST}", "ws": f"ws://{authority}"}
