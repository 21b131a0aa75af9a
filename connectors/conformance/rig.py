"""A connector on its own emulator, in this process, with the market as the oracle and what it leaves behind counted."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from catalog.model import LOCAL, MarketType
from connectors.conformance.case import CaseFailed
from connectors.conformance.leaks import Belongings
from connectors.conformance.pairs import Pair, busiest_pairs
from connectors.conformance.subject import Subject
from connectors.conformance.truth import Truth
from connectors.contracts.credentials import Credentials
from connectors.contracts.health import ConnectionHealth
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle, WireTap
from connectors.emulator.clock import Clock
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.emulator.faults import Rule
from connectors.emulator.makers import LEVELS
from connectors.emulator.market import DEFAULT_RATE, Market
from connectors.emulator.messages import Request
from connectors.runtime.market_endpoints import of_market

T = TypeVar("T")

SEED = 7
BUSY = 12.0
"""Taker orders a second on the busiest pair, where a case wants many events soon."""
READY_SECONDS = 10.0
DESTROY_SECONDS = 5.0
"""How long a connector may take to end everything, whatever the venue does."""
_LOOK = 0.02
_HANGS_UP_SECONDS = 8.0
"""The longest that a polled venue hangs up on every call."""
_WARM_UP_MS = 500
_LIVE = 3
"""Each case has a market of its own, so it is kept small."""


class Rig:
    def __init__(self, subject: Subject, emulator: Emulator, bundle: ExchangeConnectorBundle) -> None:
        self.subject = subject
        self.emulator = emulator
        self.bundle = bundle
        self.belongings = Belongings()
        self.answers: list[tuple[float, Request, int | None]] = []
        """Every request that the venue answered: when (monotonic), what, and with which status."""
        self._truth: Truth | None = None
        emulator.answer_watchers.append(self._answered)

    def _answered(self, request: Request, status: int | None) -> None:
        self.answers.append((asyncio.get_running_loop().time(), request, status))

    # --- the venue ------------------------------------------------------------------------------------------------

    @property
    def market_type(self) -> MarketType:
        return self.subject.market_type

    @property
    def market(self) -> Market:
        """The simulated market that the connector's own follows."""
        futures = self.emulator.dialect.futures
        return (
            futures
            if self.market_type is MarketType.FUTURES and futures is not None
            else self.emulator.market
        )

    @property
    def pairs(self) -> list[Pair]:
        """The two busiest instruments, with what the venue knows of them."""
        return busiest_pairs(self.market, self.bundle.client.instruments.values())

    @property
    def truth(self) -> Truth:
        """What the venue's books and trades of those pairs really were, from the first use on."""
        if self._truth is None:
            self._truth = Truth(self.emulator, self.market, [pair.listing for pair in self.pairs])
        return self._truth

    @property
    def subscriptions(self) -> Counter[str]:
        """How many are subscribed to what, by the venue's own names."""
        return Counter(
            name
            for socket in self.emulator.sockets
            if socket.session is not None
            for name in socket.session.subscriptions
        )

    @property
    def polls(self) -> bool:
        """Whether the connector asks again and again instead of holding WebSockets."""
        return not self.emulator.sockets

    def inject(self, kind: str, target: str = "*", **options: Any) -> Rule:
        return self.emulator.inject(Rule(kind, target, **options))

    def break_off(self, kind: str = "close") -> None:
        """End every connection of the connector: `close`, `abort` or `half_open`; a polling one gets no answers."""
        if self.polls:
            rule, rules = self.inject("reset"), self.emulator.faults.http_rules
            # Before all others: of the rules that fit, the first is the one that fires.
            rules.insert(0, rules.pop())
            self._hang_up(rule, asyncio.get_running_loop().time() + _HANGS_UP_SECONDS)
        else:
            self.inject(kind, now=True)

    def _hang_up(self, rule: Rule, end: float) -> None:
        """Leave the rule armed until no connection is up any more: how many calls that takes is the connector's."""
        loop, rules = asyncio.get_running_loop(), self.emulator.faults.http_rules
        if rule not in rules:
            return
        if loop.time() < end and any(one.state == "CONNECTED" for one in self.health):
            loop.call_later(_LOOK, self._hang_up, rule, end)
        else:
            rules.remove(rule)

    def go_silent(self, milliseconds: int | None = None) -> None:
        """No more data, though the venue answers pings; a polling connector waits for its answers."""
        if self.polls:
            self.inject("late", milliseconds=milliseconds or 60_000)
        else:
            self.inject("stall", now=True, milliseconds=milliseconds)

    # --- the connector --------------------------------------------------------------------------------------------

    @property
    def health(self) -> list[ConnectionHealth]:
        return list(self.bundle.ws.health())

    def set_credentials(self, credentials: dict[str, str]) -> None:
        self.bundle.client.set_credentials(Credentials(credentials))

    async def destroy(self) -> None:
        """End the connector as its user does. Raises `CaseFailed` where that takes too long."""
        await within(DESTROY_SECONDS, self.bundle.ws.destroy(), "ws.destroy() ends everything")
        await within(DESTROY_SECONDS, self.bundle.client.close(), "client.close() returns")


async def within(seconds: float, work: Awaitable[T], what: str) -> T:
    """The result of `work`. Raises `CaseFailed` where it takes longer."""
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            return await work
    except TimeoutError:
        if deadline.expired():
            raise CaseFailed(f"{what} within {seconds:g} s") from None
        raise


async def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for a condition. Raises `CaseFailed` where it does not come to hold in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if loop.time() >= end:
            raise CaseFailed(f"{what} (not within {seconds:g} s)")
        await asyncio.sleep(_LOOK)


async def holds(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Watch a condition for so long. Raises `CaseFailed` as soon as it does not hold."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        if not condition():
            raise CaseFailed(what)
        await asyncio.sleep(_LOOK)


@asynccontextmanager
async def local_rig(
    subject: Subject,
    *,
    credentials: dict[str, str] | None = None,
    rate: float = DEFAULT_RATE,
    symbols: int = 0,
    levels: int = LEVELS,
    faults: Iterable[Rule] = (),
    clock: Clock | None = None,
    tap: WireTap | None = None,
    ready: bool = True,
) -> AsyncGenerator[Rig]:
    """The connector ready on a new emulator; `ready=False` leaves `ensure_ready` to the case.

    In the end all is taken down, and whatever a faulty connector left running is cancelled: other cases run beside.
    Raises `CaseFailed` where the package brings no local venue, and what `create` and `ensure_ready` raise.
    """
    if subject.venue is None:
        raise CaseFailed(
            subject.venue_fault
            or "the package offers an emulator dialect in the entry point group 'barfinex.emulators'"
        )
    options = EmulatorOptions(
        seed=SEED,
        rate=rate,
        symbols=symbols,
        levels=levels,
        faults=tuple(faults),
        warm_up_ms=_WARM_UP_MS,
        # The two that are looked at, where each costs much.
        live=_LIVE if levels == LEVELS else 2,
    )
    venue = Emulator(subject.entry.connector_type, options, clock=clock or Clock(), module=subject.venue)
    async with venue as emulator:
        bundle = subject.create(context_on(subject, emulator.endpoints, tap))
        rig = Rig(subject, emulator, bundle)
        with rig.belongings.collected():
            try:
                if credentials is not None:
                    rig.set_credentials(credentials)
                if ready:
                    await within(READY_SECONDS + 1, bundle.client.ensure_ready(), "ensure_ready() returns")
                yield rig
            finally:
                await _take_down(rig)


def context_on(subject: Subject, endpoints: dict[str, str], tap: WireTap | None = None) -> ConnectorContext:
    return ConnectorContext(
        connector_type=subject.entry.connector_type,
        market_type=subject.market_type,
        environment=LOCAL,
        endpoints=of_market(endpoints, subject.market_type),
        tap=tap,
    )


async def _take_down(rig: Rig) -> None:
    for end in (rig.bundle.ws.destroy, rig.bundle.client.close):
        # How it ends is the matter of one case; here it must only be over.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(DESTROY_SECONDS):
                await end()
    left = rig.belongings.tasks()
    for task in left:
        task.cancel()
    await asyncio.wait(left, timeout=1.0) if left else None
