"""Orders on Bitstamp: not in this release, and said so by name."""

from connectors.contracts.errors import NotYetImplemented
from connectors.contracts.refusals import RefusedOrders


def order_api() -> RefusedOrders:
    """Every call raises `NotYetImplemented` before anything is sent."""
    return RefusedOrders("this connector places no orders on Bitstamp", NotYetImplemented)
