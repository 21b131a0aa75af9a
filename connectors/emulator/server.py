"""Running an emulator in a process of its own."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from connectors.emulator import presence
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.emulator.faults import Rule
from connectors.emulator.makers import LEVELS
from connectors.emulator.market import DEFAULT_RATE


async def serve(
    emulator: Emulator,
    *,
    json_output: bool,
    watch_parent: bool = False,
    publish: bool = False,
    out: TextIO | None = None,
) -> None:
    """Serve until a signal says to leave, or until standard input ends where `watch_parent` is set.

    With `publish`, `connectors.emulator.local` finds it while it runs.
    """
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def end(*_: object) -> None:
        loop.call_soon_threadsafe(ended.set)

    with contextlib.ExitStack() as stack:
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
            if (number := getattr(signal, name, None)) is not None:  # Windows has not all of them
                stack.callback(signal.signal, number, signal.signal(number, end))
        async with emulator:
            facts = _facts(emulator)
            _announce(facts, out or sys.stdout, json_output=json_output)
            # Whoever published it may be gone before it is.
            stack.callback(presence.withdraw, emulator.venue, os.getpid())
            if publish:
                presence.publish(emulator.venue, facts)
            if watch_parent:
                _when_input_ends(end)
            await ended.wait()


def _when_input_ends(act: Callable[[], None]) -> None:
    """Call `act`, from another thread, once standard input is closed: the parent that held it has gone."""

    def wait() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 1_024):
                pass
        act()

    threading.Thread(target=wait, daemon=True, name="parent-watch").start()


def _facts(emulator: Emulator) -> dict[str, object]:
    return {
        "venue": emulator.venue,
        "environment": "local",
        **emulator.endpoints,
        "pid": os.getpid(),
        "seed": emulator.seed,
        "id": emulator.id,
        "token": emulator.token,
    }


def _announce(facts: dict[str, object], out: TextIO, *, json_output: bool) -> None:
    if json_output:
        line = json.dumps(facts)
    else:
        line = "\n".join(
            f"{name:<11} {value}" for name, value in facts.items() if name not in ("id", "token")
        )
    out.write(line + "\n")
    out.flush()


def run(
    venue: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int | None = None,
    json_output: bool = False,
    rate: float = DEFAULT_RATE,
    symbols: int = 0,
    levels: int = LEVELS,
    lifetime: float = 24 * 3600,
    faults: tuple[Rule, ...] = (),
    watch_parent: bool = False,
    publish: bool = False,
    out: TextIO | None = None,
) -> None:
    """Run an emulator until interrupted; `json_output` prints one line of JSON with its URLs, pid and seed.

    With `publish`, whoever looks for a local emulator finds this one. It is said on `out`, else on standard output.
    Raises `PortInUse` and `UnknownVenue`.
    """
    options = EmulatorOptions(
        seed=seed,
        rate=rate,
        symbols=symbols,
        levels=levels,
        # Deep books take their time to be laid: those of other pairs are when somebody asks for them.
        live=1 if levels > LEVELS else None,
        lifetime=lifetime,
        faults=faults,
    )

    async def main() -> None:
        await serve(
            Emulator(venue, options, host, port),
            json_output=json_output,
            watch_parent=watch_parent,
            publish=publish,
            out=out,
        )

    # Told to end before it serves, it ends in order too.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
