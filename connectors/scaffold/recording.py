"""A recording for the new package: its connector, listening to its own local venue for some seconds of venue time."""

import asyncio
import importlib
import sys
from collections.abc import AsyncGenerator, Awaitable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import ModuleType

from catalog.model import LOCAL, MarketType
from connectors.contracts import (
    CandleOptions,
    ConnectorContext,
    ExchangeConnectorBundle,
    OrderBookOptions,
    PriceOptions,
    TimeFrame,
    TradeOptions,
    Unsubscribe,
)
from connectors.emulator.clock import ManualClock
from connectors.emulator.dialect import VenueModule, load_module
from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import pass_time, running_emulator
from connectors.runtime.market_endpoints import of_market
from connectors.runtime.recorder import Recorder, without_secrets
from connectors.scaffold.choices import STREAMS, Choices, Feature, Transport
from connectors.streaming.recording import RecordingWriter

SYMBOLS = ("BTCUSDT", "ETHUSDT")
START = 1_767_225_597_000
"""Milliseconds; three seconds later a minute is over, so that a candle closes."""
_TICKS = 60
_TICK_MS = 100
_TURN = 0.004
"""Seconds in which what was sent over loopback arrives."""
_ASK_EVERY = 10 * _TURN
_BOUND = 30.0


def record_local_venue(choices: Choices, project: Path) -> None:
    """Write `recordings/<market>.jsonl.gz` into the package in `project`, whose code is imported for that.

    A connector that streams nothing has nothing to record.
    """
    if not choices.features.intersection(STREAMS):
        return
    folder = project / choices.package / "recordings"
    folder.mkdir()
    with _importable(project, choices.package):
        connector = importlib.import_module(choices.package)
        if choices.transport is Transport.POLLING:
            # Venue time runs so much faster here than the clock by which the connector asks.
            setattr(importlib.import_module(f"{choices.package}.ws"), "EVERY", _ASK_EVERY)  # noqa: B010 - a module's
        emulator = load_module(choices.name, f"{choices.package}.emulator")
        for market in choices.markets:
            draft = folder / f".{market.value}.jsonl.gz"
            asyncio.run(_record(choices, market, connector, emulator, draft))
            # A recording is made for its owner's eyes alone; this one is a file of the package like any other.
            (folder / f"{market.value}.jsonl.gz").write_bytes(draft.read_bytes())
            draft.unlink()


async def _record(
    choices: Choices, market: MarketType, connector: ModuleType, emulator: VenueModule, file: Path
) -> None:
    clock = ManualClock(START)
    writer = RecordingWriter(file, choices.name, market.value, START * 1_000_000, redact=without_secrets)
    recorder = Recorder(writer, clock_ns=lambda: clock.now() * 1_000_000)
    try:
        async with (
            asyncio.timeout(_BOUND),
            running_emulator(choices.name, clock=clock, drive=False, module=emulator) as venue,
            _connected(choices, market, connector, venue, recorder) as bundle,
        ):
            for subscription in _subscriptions(choices, market, bundle):
                await subscription
            for _ in range(_TICKS):
                pass_time(venue, _TICK_MS)
                await asyncio.sleep(_TURN)
            # Before the connection is closed: who plays it sees books that end in sync.
            recorder.close()
    finally:
        recorder.close()


@asynccontextmanager
async def _connected(
    choices: Choices, market: MarketType, connector: ModuleType, venue: Emulator, recorder: Recorder
) -> AsyncGenerator[ExchangeConnectorBundle]:
    bundle: ExchangeConnectorBundle = connector.create_connector(
        ConnectorContext(
            connector_type=choices.name,
            market_type=market,
            environment=LOCAL,
            endpoints=of_market(venue.endpoints, market),
            tap=recorder,
        )
    )
    try:
        await bundle.client.ensure_ready()
        yield bundle
    finally:
        await bundle.ws.destroy()
        await bundle.client.close()


def _subscriptions(
    choices: Choices, market: MarketType, bundle: ExchangeConnectorBundle
) -> Iterator[Awaitable[Unsubscribe]]:
    """One chosen stream after the other."""
    ws, instruments = bundle.ws, [bundle.client.instrument(symbol) for symbol in SYMBOLS]
    if Feature.TRADES in choices.features:
        yield ws.subscribe_to_trade(TradeOptions(market_type=market, instruments=instruments), _ignore)
    if Feature.BOOKS in choices.features:
        yield ws.subscribe_to_order_book(
            OrderBookOptions(market_type=market, instruments=instruments), _ignore
        )
    if Feature.CANDLES in choices.features:
        options = CandleOptions(market_type=market, instruments=instruments, interval=TimeFrame.M1)
        yield ws.subscribe_to_candles(options, _ignore)
    if Feature.PRICES in choices.features:
        yield ws.subscribe_to_instrument_prices(PriceOptions(market_type=market, symbols=SYMBOLS), _ignore)


def _ignore(_event: object) -> None:
    """What is recorded lies below the events."""


@contextmanager
def _importable(project: Path, package: str) -> Generator[None]:
    """The package can be imported inside the block, and leaves no trace there or here."""
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(project))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(project))
        sys.dont_write_bytecode = written
        for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[name]
