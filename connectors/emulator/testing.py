"""An emulator inside the calling process, for tests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from connectors.emulator.clock import Clock, ManualClock
from connectors.emulator.dialect import VenueModule
from connectors.emulator.emulator import Emulator, EmulatorOptions


@asynccontextmanager
async def running_emulator(
    venue: str = "binance",
    *,
    port: int = 0,
    seed: int | None = 1,
    clock: Clock | None = None,
    module: VenueModule | None = None,
    **options: Any,
) -> AsyncGenerator[Emulator]:
    """Serve on loopback for the length of the block. `options` are those of `EmulatorOptions`.

    `module` serves a venue that no installed package offers.

    The emulator gives its `endpoints`, `market` (with the `engine`), `faults`, `inject`, `state`, and, with
    `drive=False`, `advance`.
    """
    emulator = Emulator(
        venue, EmulatorOptions(seed=seed, **options), port=port, clock=clock or Clock(), module=module
    )
    async with emulator:
        yield emulator


def pass_time(emulator: Emulator, milliseconds: int) -> None:
    """Let that much venue time pass at once, for an emulator with a `ManualClock` and `drive=False`.

    Raises `TypeError` where the emulator's clock runs by itself.
    """
    if not isinstance(emulator.clock, ManualClock):
        raise TypeError("time passes by itself for this emulator: give it a ManualClock")
    emulator.clock.move(milliseconds)
    emulator.advance(emulator.clock.now())
