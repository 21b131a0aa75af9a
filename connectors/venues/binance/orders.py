"""Orders on Binance: not in this release, and said so by name."""

from connectors.contracts.errors import NotYetImplemented
from connectors.contracts.refusals import RefusedOrders


def order_api() -> RefusedOrders:
    """Every call raises `NotYetImplemented` before anything is sent."""
    return RefusedOrders("orders for Binance come in a later release", NotYetImplemented)
