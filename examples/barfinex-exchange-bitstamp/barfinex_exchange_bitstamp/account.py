"""Accounts on Bitstamp: not in this release, and said so by name."""

from connectors.contracts.errors import NotYetImplemented
from connectors.contracts.refusals import RefusedAccount


def account_api() -> RefusedAccount:
    """Every call raises `NotYetImplemented` before anything is sent."""
    return RefusedAccount("this connector reads public market data of Bitstamp alone", NotYetImplemented)
