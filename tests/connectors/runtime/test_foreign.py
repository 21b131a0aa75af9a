"""Whatever a connector's code raises, or does not end, is that connector's error and nobody else's."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connectors.contracts.errors import BarfinexError, BrokenConnector
from connectors.runtime import contained, registry
from connectors.runtime.foreign import describe, is_foreign
from connectors.runtime.instances import ConnectorStatus
from tests.connectors.runtime import plugin_code
from tests.connectors.runtime.conftest import Install, MakeManager, Venue
from tests.tui.command_line.running import environment

KEYS = {"apiKey": "good-key", "apiSecret": "good-secret"}
RAISED = {
    "interrupt": "raise KeyboardInterrupt",
    "exit": "raise SystemExit(3)",
    "sys.exit": "import sys; sys.exit(3)",
    "cancelled": "import asyncio; raise asyncio.CancelledError",
    "own": "raise type('Own', (BaseException,), {})('mine')",
    "generator exit": "raise GeneratorExit",
    "recursion": "f = lambda g: g(g); f(f)",
    "memory": "raise MemoryError",
    "group": "raise BaseExceptionGroup('two', [KeyboardInterrupt(), SystemExit()])",
    "text": "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})",
    "exit in text": "raise type('Odd', (Exception,), {'__str__': lambda self: __import__('sys').exit(2)})",
}
PLACES = {
    "import": ("import asyncio\n\nfrom", "{raised}\nimport asyncio\n\nfrom"),
    "factory": ("    client = Client(context)\n", "    {raised}\n"),
    "ready": ("    async def ensure_ready(self, timeout_ms=10_000):\n", "{before}        {raised}\n"),
    "credentials": ("        self.credentials = credentials\n", "        {raised}\n"),
}


def broken(place: str, raised: str) -> str:
    old, new = PLACES[place]
    assert old in plugin_code.WORKING
    return plugin_code.WORKING.replace(old, new.format(before=old, raised=RAISED[raised]), 1)


@pytest.fixture(autouse=True)
async def impatient(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(contained, "GRACE", 0.1)
    monkeypatch.setattr(registry, "DESTROY_TIMEOUT", 0.2)
    yield
    # A test's loop would wait for what does not end.
    for task in asyncio.all_tasks():
        if task.get_name().startswith("call of"):
            asyncio.tasks._unregister_task(task)
            task._log_destroy_pending = False


@pytest.mark.parametrize("raised", RAISED)
@pytest.mark.parametrize("place", PLACES)
async def test_it_becomes_the_instance_s_error(
    install: Install, make_manager: MakeManager, venue: Venue, place: str, raised: str
) -> None:
    install(code=broken(place, raised))
    manager = make_manager()
    (instance,) = await manager.activate(
        "acme", ["spot"], environment="testnet", credentials=KEYS, endpoints=venue.endpoints
    )
    assert instance.status is ConnectorStatus.ERROR
    assert instance.error
    await manager.deactivate("acme")
    assert manager.instances() == []


SERVICES: dict[str, tuple[str, str]] = {
    "account": ('        answer = await self.client.ask("WHOAMI', "        {raised}\n"),
    "health": ("        return list(HEALTH)\n", "        {raised}\n"),
    "destroy": ('        await self.client.ask("BYE ws")\n', "        {raised}\n"),
    "close": ('        await self.ask("BYE client")\n', "        {raised}\n"),
}


@pytest.mark.parametrize("raised", RAISED)
@pytest.mark.parametrize("place", SERVICES)
async def test_a_call_of_a_running_one_ends_nothing(
    install: Install, make_manager: MakeManager, venue: Venue, place: str, raised: str
) -> None:
    old, new = SERVICES[place]
    line = next(
        line for line in plugin_code.WORKING.splitlines(keepends=True) if line.startswith(old.rstrip("\n"))
    )
    install(code=plugin_code.WORKING.replace(line, new.format(raised=RAISED[raised]), 1))
    manager = make_manager()
    arguments = {"environment": "testnet", "credentials": KEYS, "endpoints": venue.endpoints}
    (instance,) = await manager.activate("acme", ["spot"], **arguments)
    assert instance.status is ConnectorStatus.ACTIVE
    if place == "account":
        with pytest.raises(BrokenConnector):
            await manager.test_credentials("acme", **arguments)
        # As the screens call it: no boundary of the manager's around it.
        with pytest.raises(Exception):  # noqa: B017, PT011 - never a BaseException
            await manager.bundle("acme", "spot").account_api.get_account_info()
    if place == "health":
        assert instance.error is not None
        assert "health cannot be read" in instance.error
    await manager.deactivate("acme")
    assert manager.instances() == []


STUBBORN = """\
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass
"""


async def test_one_that_swallows_cancellation_does_not_keep_deactivation(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    old = "    async def ensure_ready(self, timeout_ms=10_000):\n"
    install(code=plugin_code.WORKING.replace(old, f"{old}        self.context.tap()\n{STUBBORN}", 1))
    manager = make_manager()
    began = asyncio.Event()
    started = asyncio.create_task(
        manager.activate(
            "acme",
            ["spot"],
            environment="testnet",
            credentials=KEYS,
            endpoints=venue.endpoints,
            tap=began.set,
        )
    )
    await began.wait()
    async with asyncio.timeout(5):
        await manager.deactivate("acme")
        (instance,) = await started
    assert manager.instances() == []
    assert instance.status in (ConnectorStatus.STOPPING, ConnectorStatus.INACTIVE)


@pytest.mark.parametrize("place", ["destroy", "close"])
async def test_nor_does_one_that_does_not_end_its_end(
    install: Install, make_manager: MakeManager, venue: Venue, place: str
) -> None:
    old, _ = SERVICES[place]
    install(code=plugin_code.WORKING.replace(old, STUBBORN, 1))
    manager = make_manager()
    await manager.activate(
        "acme", ["spot"], environment="testnet", credentials=KEYS, endpoints=venue.endpoints
    )
    async with asyncio.timeout(5):
        await manager.close()
    assert manager.instances() == []


async def test_one_that_is_never_ready_is_not_waited_for_for_ever(
    install: Install, make_manager: MakeManager, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.runtime.manager.READY_MARGIN", -2.8)
    old = "    async def ensure_ready(self, timeout_ms=10_000):\n"
    install(code=plugin_code.WORKING.replace(old, f"{old}{STUBBORN}", 1))
    manager = make_manager()
    async with asyncio.timeout(5):
        (instance,) = await manager.activate(
            "acme", ["spot"], environment="testnet", credentials=KEYS, endpoints=venue.endpoints
        )
    assert instance.status is ConnectorStatus.ERROR
    assert instance.error is not None
    assert "did not answer within" in instance.error


# --- what is not the connector's ------------------------------------------------------------------------------------


async def test_our_own_cancelling_passes() -> None:
    async def caught() -> bool:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            return is_foreign(error)
        return True

    task = asyncio.create_task(caught())
    await asyncio.sleep(0)
    task.cancel()
    assert not await task


async def test_the_end_of_a_coroutine_passes() -> None:
    seen: list[bool] = []

    async def caught() -> None:
        try:
            await asyncio.sleep(60)
        except BaseException as error:
            seen.append(is_foreign(error))
            raise

    work = caught()
    work.send(None)
    work.close()
    assert seen == [False]


@pytest.mark.skipif(os.name != "posix", reason="no such signal to oneself")
def test_a_real_interrupt_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    seen: list[bool] = []

    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass

    try:
        work()
    except KeyboardInterrupt as error:
        seen.append(is_foreign(error))
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [False]


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), GeneratorExit(), SystemExit(3), asyncio.CancelledError()]
)
def test_what_a_statement_raises_is_the_connector_s(error: BaseException) -> None:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        raising(error)()
    assert is_foreign(caught.value)
    with pytest.raises(BrokenConnector, match=type(error).__name__):
        contained.called("acme", raising(error))


def test_a_typed_error_stays_what_it_is() -> None:
    with pytest.raises(BarfinexError, match="mine"):
        contained.called("acme", raising(BarfinexError("mine")))
    assert describe(ValueError("apiSecret=ABCDEF0123456789")) == "ValueError: apiSecret=***"


# --- the loop ----------------------------------------------------------------------------------------------------

LOOP = """
import asyncio, sys
from tui.contained_run import run_contained

async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

async def raises(error):
    raise error

async def main():
    left = [asyncio.create_task(raises(error)) for error in (SystemExit(3), KeyboardInterrupt())]
    asyncio.get_running_loop().call_soon(sys.exit, 4)
    asyncio.create_task(stubborn(), name="stubborn").add_done_callback(print)
    await asyncio.wait(left)
    print("went on", flush=True)
    if "wait" in sys.argv:
        await asyncio.sleep(3600)
    return 5

try:
    print("gave", run_contained(main()))
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_task_that_raises_or_does_not_end_keeps_nobody(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOP],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(tmp_path),
        check=False,
    )
    assert (done.returncode, done.stdout.split("\n")[:2]) == (0, ["went on", "gave 5"]), done.stderr
    assert "was destroyed" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="no such signal to another")
def test_ctrl_c_still_ends_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP, "wait"], stdout=subprocess.PIPE, text=True, env=environment(tmp_path)
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "went on\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert "interrupted" in output
