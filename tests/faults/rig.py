"""Connectors on one emulator whose time is driven as fast as the machine allows, with faults in it."""

import asyncio
import dataclasses
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from catalog.model import MarketType
from connectors.contracts import BookState, OrderBookOptions, StreamOptions, TradeOptions
from connectors.contracts.credentials import Credentials
from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.binance.dialect import BinanceDialect
from connectors.emulator.binance.limits import Limits
from connectors.emulator.clock import ManualClock
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.emulator.testing import pass_time, running_emulator
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.snapshots import SnapshotDesk
from connectors.venues.binance.endpoints import RAW, WEIGHT
from tests.connectors.venues.binance_rig import QUICK, QUICK_BOOKS, SPOT, Connector
from tests.faults.account_oracle import AccountTruth, AccountWitness
from tests.faults.oracle import Truth, Witness

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")
START = 1_790_000_123_400
"""A whole tenth of a second: books are noted at the moments when the venue tells of them."""
FUTURES = MarketType.FUTURES
ACCOUNT = "userData"
_STREAMS = {SPOT: ("trade", "depth@100ms"), FUTURES: ("aggTrade", "depth@100ms")}
PLENTY = 10**9
_STEP_MS = 100
SETTINGS = dataclasses.replace(QUICK, ping_interval=2.0, ping_timeout=2.0, open_timeout=5.0)
BOOKS = dataclasses.replace(QUICK_BOOKS, fetch_timeout=5.0)
"""Many connectors ask one process for their books at once, on a machine that may be busy."""


def wanted(market_type: MarketType) -> set[str]:
    """The market streams that every connector watches."""
    return {f"{symbol.lower()}@{kind}" for symbol in SYMBOLS for kind in _STREAMS[market_type]}


class Rig:
    """On futures every connector listens to its account too, over a third connection."""

    def __init__(
        self, emulator: Emulator, market_type: MarketType, connectors: list[Connector], pause: float
    ) -> None:
        self.emulator = emulator
        self.market_type = market_type
        self.connectors = connectors
        futures = market_type is FUTURES
        dialect = emulator.dialect
        assert isinstance(dialect, BinanceDialect)
        dialect._core.limits = Limits(weight=PLENTY)
        if futures:
            dialect.usd_m._core.limits = Limits(weight=PLENTY)
        market = dialect.usd_m.market if futures else emulator.market
        self._truth = Truth(market, market_type, SYMBOLS)
        self.witnesses = [Witness(self._truth) for _ in connectors]
        self._accounts = accounts = AccountTruth(dialect.usd_m) if futures else None
        self.account_witnesses = [AccountWitness(accounts) for _ in connectors] if accounts else []
        self.steps = 0
        self._pause = pause

    # --- the market -----------------------------------------------------------------------------------------------

    async def drive(self) -> None:
        """The market's time passes, a tenth of a second at a time."""
        while True:
            pass_time(self.emulator, _STEP_MS)
            self._truth.note()
            if self._accounts is not None:
                self._accounts.step()
            self.steps += 1
            await asyncio.sleep(self._pause)

    async def until(self, condition: Callable[[], object], timeout: float = 60.0, *, why: str = "") -> None:
        try:
            async with asyncio.timeout(timeout):
                while not condition():  # noqa: ASYNC110 - any condition, of either side, without a hook in it
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"not in {timeout:g} s: {why}\n{self.picture()}") from None

    async def steps_pass(self, count: int) -> None:
        aim = self.steps + count
        await self.until(lambda: self.steps >= aim)

    # --- the connectors -------------------------------------------------------------------------------------------

    async def watch(self) -> None:
        await asyncio.gather(
            *map(self._watch, self.connectors, self.witnesses),
            *map(self._watch_account, self.connectors, self.account_witnesses),
        )
        await self.recovered()

    async def _watch(self, connector: Connector, witness: Witness) -> None:
        instruments = connector.instruments(*SYMBOLS)
        market, told = self.market_type, witness.status
        books = OrderBookOptions(market_type=market, instruments=instruments, on_status=told)
        trades = TradeOptions(market_type=market, instruments=instruments, on_status=told)
        await asyncio.gather(
            connector.ws.subscribe_to_order_book(books, witness.book),
            connector.ws.subscribe_to_trade(trades, witness.trade),
        )

    async def _watch_account(self, connector: Connector, witness: AccountWitness) -> None:
        # The wallet is there once somebody has asked for it.
        await connector.client.get(connector.client.endpoints.account, signed=True)
        options = StreamOptions(market_type=self.market_type, on_status=witness.status)
        await connector.ws.subscribe_to_account(options, witness.update)

    @property
    def healthy(self) -> bool:
        """Every connection up, every channel active, every book synced."""
        return all(
            connector.ws.health()
            and all(
                health.state == "CONNECTED" and all(one.state == "ACTIVE" for one in health.subscriptions)
                for health in connector.ws.health()
            )
            and all(
                symbol in witness.books and witness.books[symbol].state is BookState.SYNCED
                for symbol in SYMBOLS
            )
            for connector, witness in zip(self.connectors, self.witnesses, strict=True)
        )

    async def recovered(self, timeout: float = 60.0) -> None:
        await self.until(lambda: self.healthy, timeout, why="recovered")

    def injected(self, kind: str) -> int:
        return self.emulator.faults.counts[kind]

    def picture(self) -> str:
        """What stands in the way of health."""
        lines = [f"injected {dict(self.emulator.faults.counts)}"]
        for connector, witness in zip(self.connectors, self.witnesses, strict=True):
            for health in connector.ws.health():
                ill = [f"{s.channel} {s.state}" for s in health.subscriptions if s.state != "ACTIVE"]
                lines.append(f"{health.name} {health.state} {health.last_error} {ill}")
            lines.append(str([f"{book.symbol} {book.state}" for book in witness.books.values()]))
            lines += [f"{one.channel} {one.kind} {one.reason}" for one in witness.events[-4:]]
        return "\n".join(lines[:40])

    async def settle(self) -> None:
        """After the faults: everything is as if there had been none, and nobody was told a lie on the way."""
        self.emulator.faults.clear()
        await self.recovered()
        before = [witness.delivered.copy() for witness in self.witnesses]
        await self.until(
            lambda: all(
                witness.delivered[symbol] > old[symbol]
                for witness, old in zip(self.witnesses, before, strict=True)
                for symbol in SYMBOLS
            ),
            why="trades flow again",
        )
        await self._accounts_flow()
        await self.recovered()
        for witness in self.witnesses:
            witness.settle()
            assert not witness.wrong, "; ".join(witness.wrong[:5])
            assert witness.synced_reads > 0
        for account in self.account_witnesses:
            assert not account.wrong, "; ".join(account.wrong[:5])
        await self.subscribed()

    async def subscribed(self) -> None:
        """At the venue is each wanted channel once for each connector, and nothing else."""
        channels = wanted(self.market_type) | ({ACCOUNT} if self.account_witnesses else set())
        right = dict.fromkeys(channels, len(self.connectors))
        await self.until(
            lambda: self.emulator.state(1)["subscriptions"] == right, 10, why="subscribed to as wanted"
        )

    async def _accounts_flow(self) -> None:
        """What the accounts pay from now on is heard of by all."""
        if self._accounts is not None:
            paid = len(self._accounts.balances)
            await self.until(
                lambda: all(witness.last >= paid for witness in self.account_witnesses),
                why="the accounts' streams flow again",
            )


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0


def no_file_is_left(before: int) -> bool:
    """Whether no more are open than before, garbage apart; collecting it takes as long as a short run."""
    if open_files() > before:
        gc.collect()
    return open_files() <= before


@asynccontextmanager
async def faulty_market(
    market_type: MarketType,
    connectors: int,
    *,
    rate: float,
    pause: float = 0.002,
    settings=SETTINGS,
    **options: object,
) -> AsyncIterator[Rig]:
    """Connectors that watch books and trades of a fast market. In the end no task, socket or stream is left."""
    tasks, files = asyncio.all_tasks(), open_files()
    async with running_emulator(clock=ManualClock(START), drive=False, rate=rate, seed=11) as emulator:
        watching = [
            Connector(emulator, market_type, settings=settings, book_settings=BOOKS, **options)
            for _ in range(connectors)
        ]
        rig = Rig(emulator, market_type, watching, pause)
        driving = asyncio.create_task(rig.drive())
        try:
            await asyncio.gather(*map(_prepare, watching))
            await rig.watch()
            yield rig
            await rig.settle()
        finally:
            driving.cancel()
            closing = [
                end() for connector in watching for end in (connector.ws.destroy, connector.client.close)
            ]
            await asyncio.gather(driving, *closing, return_exceptions=True)
        await rig.until(lambda: not emulator.sockets, 5, why="every socket is gone")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - tasks == set()
    assert no_file_is_left(files)


async def _prepare(connector: Connector) -> None:
    """Venue time runs many times faster here, so its limits a minute mean nothing."""
    client, ws = connector.client, connector.ws
    await client.ensure_ready()
    client.set_credentials(Credentials({"apiKey": TRADE_KEY, "apiSecret": TRADE_SECRET}))
    for name in (WEIGHT, RAW):
        client.rest.scope.set_limit(name, PLENTY, 1.0)
    ws._desk = SnapshotDesk(ws._desk._fetch, limit=PLENTY)
    ws._truth._pace = ws._truth._heavy_pace = SlidingWindow(PLENTY, 1.0)


def rule(kind: str, target: str = "*@*", probability: float = 1.0, **options: object) -> Rule:
    return Rule(kind, target=target, probability=probability, **options)  # type: ignore[arg-type]
