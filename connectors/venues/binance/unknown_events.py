"""Events of an account's stream that the venue added since: passed over, and each kind told once."""

import logging

from catalog.text import clean

logger = logging.getLogger(__name__)

_MOST = 32
"""Kinds that are told; a venue that makes names up does not fill the log."""
_told: set[str] = set()


def passed_over(event: str) -> None:
    if event not in _told and len(_told) < _MOST:
        _told.add(event)
        logger.info("account event passed over: venue=binance event=%s", clean(event, 64))
