"""What several tests of the emulator need."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect

from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.binance.auth import signature_of, ws_payload
from connectors.emulator.clock import ManualClock
from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import running_emulator

START = 1_790_000_123_456
"""A Tuesday afternoon, in the middle of a minute."""


@asynccontextmanager
async def still_emulator(**options: Any) -> AsyncIterator[Emulator]:
    """An emulator whose time stands still until the test lets it pass."""
    async with running_emulator(clock=ManualClock(START), drive=False, **options) as emulator:
        yield emulator


@asynccontextmanager
async def rest_client(emulator: Emulator) -> AsyncIterator[httpx.AsyncClient]:
    # The token is for the emulator's own paths; the venue's do not look at it.
    token = {"Authorization": f"Bearer {emulator.token}"}
    async with httpx.AsyncClient(
        base_url=emulator.endpoints["rest"], headers=token, trust_env=False
    ) as client:
        yield client


@asynccontextmanager
async def stream_client(
    emulator: Emulator, path: str = "/ws", **options: Any
) -> AsyncIterator[ClientConnection]:
    url = emulator.endpoints["ws"] + path
    async with connect(url, compression=None, proxy=None, close_timeout=1, **options) as client:
        yield client


@asynccontextmanager
async def api_client(emulator: Emulator) -> AsyncIterator[ClientConnection]:
    async with connect(emulator.endpoints["ws_api"], compression=None, proxy=None, close_timeout=1) as client:
        yield client


async def receive(client: ClientConnection) -> Any:
    async with asyncio.timeout(5):
        return json.loads(await client.recv())


async def ask(client: ClientConnection, **request: Any) -> Any:
    """Send a control message or WebSocket API request and give its answer, leaving out data on the way."""
    await client.send(json.dumps(request))
    while True:
        answer = await receive(client)
        if "id" in answer or "code" in answer:
            return answer


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 5) -> None:
    """Wait until the condition holds; `seconds` at most."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.01)


def signed(
    emulator: Emulator, key: str = TRADE_KEY, secret: str = TRADE_SECRET, **params: Any
) -> tuple[str, dict[str, str]]:
    """Query and headers of a signed REST request, dated by the venue's own clock."""
    query = urlencode({"timestamp": emulator.clock.now() + emulator.clock.offset, **params})
    return f"{query}&signature={signature_of(query, secret)}", {"X-MBX-APIKEY": key}


def signed_params(emulator: Emulator, **params: Any) -> dict[str, Any]:
    """Parameters of a signed WebSocket API request."""
    values = {"apiKey": TRADE_KEY, "timestamp": emulator.clock.now(), **params}
    text = {name: str(value) for name, value in values.items()}
    return {**values, "signature": signature_of(ws_payload(text), TRADE_SECRET)}
