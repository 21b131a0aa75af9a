"""A Binance spot REST service as small as can be, for what the emulator does not do: odd and hostile answers."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from catalog.model import MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.services import ConnectorContext
from connectors.venues.binance.client import BinanceClientService
from tests.connectors.rest.server import LoopbackVenue, Reply, Request, loopback
from tests.connectors.venues.binance import frames

KEY = "test-key"
SECRET = "test-secret"


def error(status: int, code: int, message: str, **headers: str) -> Reply:
    return Reply(json.dumps({"code": code, "msg": message}).encode(), status, headers)


@dataclass
class FakeBinance:
    """`answers` replaces the answer of a path; `ahead_ms` is how far its clock is ahead of this machine's."""

    ahead_ms: int = 0
    used_weight: int | None = None
    answers: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        if request.path in self.answers:
            return self.answers[request.path](request)
        if "signature" in request.params and (refusal := self._refusal(request)) is not None:
            return refusal
        headers = {} if self.used_weight is None else {"X-MBX-USED-WEIGHT-1M": str(self.used_weight)}
        return Reply(self._body(request), headers=headers)

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.ahead_ms

    def _refusal(self, request: Request) -> Reply | None:
        payload, _, signature = request.query.rpartition("&signature=")
        if request.headers.get("x-mbx-apikey") != KEY:
            return error(401, -2015, "Invalid API-key, IP, or permissions for action.")
        if not -1_000 < self.now_ms() - int(request.params["timestamp"]) <= 5_000:
            return error(400, -1021, "Timestamp for this request is outside of the recvWindow.")
        if signature != hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest():
            return error(400, -1022, "Signature for this request is not valid.")
        return None

    def _body(self, request: Request) -> bytes:
        match request.path:
            case "/api/v3/time" | "/fapi/v1/time":
                return json.dumps({"serverTime": self.now_ms()}).encode()
            case "/api/v3/exchangeInfo":
                return frames.SPOT_EXCHANGE_INFO
            case _:
                return b"{}"


def constantly(body: Any) -> Callable[[Request], Reply]:
    return lambda _: Reply(body if isinstance(body, bytes) else json.dumps(body).encode())


def context_of(url: str, environment: str = "local") -> ConnectorContext:
    return ConnectorContext(
        connector_type="binance",
        market_type=MarketType.SPOT,
        environment=environment,
        endpoints={"rest": url},
    )


@asynccontextmanager
async def connected(
    venue: FakeBinance | None = None, *, environment: str = "local", secret: str = SECRET, key: str = KEY
) -> AsyncIterator[tuple[BinanceClientService, FakeBinance, LoopbackVenue]]:
    fake = venue or FakeBinance()
    async with loopback(fake) as server:
        client = BinanceClientService(context_of(server.url, environment))
        client.set_credentials(Credentials({"apiKey": key, "apiSecret": secret}))
        try:
            yield client, fake, server
        finally:
            await client.close()
