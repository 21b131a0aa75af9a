"""An emulator inside the calling process, for tests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from connectors.emulator.clock import Clock
from connectors.emulator.emulator import Emulator, EmulatorOptions


@asynccontextmanager
async def running_emulator(
    venue: str = "binance", *, port: int = 0, seed: int | None = 1, clock: Clock | None = None, **options: Any
) -> AsyncGenerator[Emulator]:
    """Serve on loopback for the length of the block. `options` are those of `EmulatorOptions`.

    The emulator gives its `endpoints`, `market` (with the `engine`), `faults`, `inject`, `state`, and, with
    `drive=False`, `advance`.
    """
    emulator = Emulator(venue, EmulatorOptions(seed=seed, **options), port=port, clock=clock or Clock())
    async with emulator:
        yield emulator
