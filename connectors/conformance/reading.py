"""Some public call over REST that asks the venue each time, whichever the connector has."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from connectors.conformance.case import NotClaimed
from connectors.conformance.listening import REFUSALS, interval_of
from connectors.conformance.rig import Rig, within
from connectors.conformance.subject import Claim

SECONDS = 15.0
"""The longest a call may take that is not told to wait."""

Read: TypeAlias = Callable[[], Awaitable[Mapping[str, Any] | Sequence[Any]]]


async def a_read(rig: Rig) -> Read:
    """Raises `NotClaimed` where no call asks the venue."""
    market_api = rig.bundle.market_api
    pair = rig.pairs[0]
    reads: list[Read] = [market_api.get_prices, market_api.get_instruments_info]
    if Claim.HISTORY in rig.subject.claims:
        reads.append(lambda: market_api.get_candles(pair.instrument, interval_of(rig), limit=2))
    for read in reads:
        before = len(rig.answers)
        try:
            await within(SECONDS, read(), "a public call answers")
        except REFUSALS:
            continue
        if len(rig.answers) > before:
            return read
    raise NotClaimed("no public call over REST asks the venue")
