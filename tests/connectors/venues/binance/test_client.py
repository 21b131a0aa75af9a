import asyncio
import json

import pytest

from catalog.model import MarketType
from connectors.contracts import ReportsHealth
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import (
    AuthenticationFailed,
    BadResponse,
    ConnectionFailed,
    MissingCredentials,
    RequestTimeout,
    UnknownSymbol,
    UnsupportedMarket,
    UsageError,
)
from connectors.contracts.services import ConnectorContext
from connectors.venues.binance.client import BinanceClientService
from tests.connectors.rest.server import Reply, loopback
from tests.connectors.venues.binance import frames
from tests.connectors.venues.binance.venue import FakeBinance, connected, constantly, context_of, error


async def test_ready_means_clock_and_instruments_and_costs_once() -> None:
    async with connected(FakeBinance(ahead_ms=120_000)) as (client, fake, server):
        assert client.instruments == {}
        await asyncio.gather(client.ensure_ready(), client.ensure_ready())
        assert client.instrument("ethbtc").venue_symbol == "ETHBTC"
        assert abs(client.now_ms() - fake.now_ms()) < 1_000
        assert client.clock.skew_ms == pytest.approx(120_000, abs=1_000)
        asked = len(server.requests)
        await client.ensure_ready()
        assert len(server.requests) == asked
        assert [request.path for request in server.requests].count("/api/v3/exchangeInfo") == 1


async def test_symbols_are_found_in_any_spelling_and_validated_against_the_real_list() -> None:
    info = json.loads(frames.SPOT_EXCHANGE_INFO)
    info["symbols"] += [{**info["symbols"][0], "symbol": symbol} for symbol in ("BTCUSDT", "币USDT", "X_Y")]
    fake = FakeBinance(answers={"/api/v3/exchangeInfo": constantly(info)})
    async with connected(fake) as (client, _, _server):
        await client.ensure_ready()
        spellings = ["BTCUSDT", "btc_usdt", "BTC/USDT", "btc-usdt"]
        assert {client.instrument(spelling).symbol for spelling in spellings} == {"BTCUSDT"}
        for spelling in ("币USDT", "币usdt", "币/USDT", "币-usdt"):
            assert client.instrument(spelling).symbol == "币USDT"
        assert client.instrument("XY").venue_symbol == "X_Y"
        checked = client.validate_exchange_instruments(
            MarketType.SPOT, ["NOPE", "btc_usdt", "ETHBTC", "NOPE", "ETHBTC", "\x1b[31m"]
        )
        assert checked.valid_instruments == ("btc_usdt", "ETHBTC")
        assert checked.removed_instruments == ("NOPE", "\x1b[31m")
        with pytest.raises(UnknownSymbol, match="unknown symbol 'NOPE' on Binance spot"):
            client.instrument("NOPE")
        with pytest.raises(UnsupportedMarket):
            client.validate_exchange_instruments(MarketType.FUTURES, [])


async def test_a_silent_venue_is_not_ready() -> None:
    fake = FakeBinance(answers={"/api/v3/exchangeInfo": lambda _: Reply(hang=True)})
    async with connected(fake) as (client, _, _server):
        with pytest.raises(RequestTimeout, match="not ready within 200 ms"):
            await client.ensure_ready(timeout_ms=200)
        fake.answers.clear()
        await client.ensure_ready()
        assert client.instruments


async def test_nobody_there_is_said_so() -> None:
    async with loopback(FakeBinance()) as server:
        url = server.url
    client = BinanceClientService(context_of(url))
    with pytest.raises(ConnectionFailed):
        await client.ensure_ready()
    await client.close()


@pytest.mark.parametrize(
    "body", [b"[]", b"<html>", {"symbols": [], "rateLimits": 1}, {"rateLimits": [], "symbols": [7]}]
)
async def test_an_instrument_list_that_cannot_be_read(body: object) -> None:
    async with connected(FakeBinance(answers={"/api/v3/exchangeInfo": constantly(body)})) as (
        client,
        _,
        _server,
    ):
        with pytest.raises(BadResponse, match=r"instrument list|a web page came"):
            await client.ensure_ready()


async def test_a_clock_that_cannot_be_read() -> None:
    async with connected(FakeBinance(answers={"/api/v3/time": constantly({"serverTime": "soon"})})) as (
        client,
        _,
        _s,
    ):
        with pytest.raises(BadResponse, match="clock"):
            await client.ensure_ready()


async def test_the_request_budget_follows_the_venue() -> None:
    info = json.loads(frames.SPOT_EXCHANGE_INFO)
    info["rateLimits"] = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
        {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 6100},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50},
    ]
    fake = FakeBinance(used_weight=700, answers={"/api/v3/exchangeInfo": constantly(info)})
    async with connected(fake) as (client, _, _server):
        await client.ensure_ready()
        budget = {usage.meter: usage for usage in client.client_health().budgets}
        assert set(budget) == {"REQUEST_WEIGHT", "RAW_REQUESTS"}
        weight = budget["REQUEST_WEIGHT"]
        assert (weight.limit, weight.window) == (1200, 60)
        assert 700 <= weight.used <= 730
        assert (budget["RAW_REQUESTS"].limit, budget["RAW_REQUESTS"].window) == (6100, 300)


async def test_health_has_the_budgets_by_scope_the_block_and_the_clock() -> None:
    async with connected() as (client, _, _server):
        assert isinstance(client, ReportsHealth)
        assert client.client_health().clock_skew_ms is None
        await client.ensure_ready()
        health = client.client_health()
        assert health.clock_skew_ms is not None
        assert {budget.meter for budget in health.budgets} >= {"REQUEST_WEIGHT"}
        assert {budget.scope for budget in health.budgets} == {client.rest.scope.name}
        assert all(budget.blocked_for == 0 and not budget.banned for budget in health.budgets)
        client.rest.scope.block(0.5, banned=True)
        for budget in client.client_health().budgets:
            assert 0 < budget.blocked_for <= 0.5
            assert budget.banned


async def test_signed_calls_need_credentials_and_take_new_ones_at_once() -> None:
    async with connected(secret="wrong") as (client, _, server):
        with pytest.raises(AuthenticationFailed, match="secret does not belong"):
            await client.get(client.endpoints.account, signed=True)
        client.set_credentials(Credentials({"apiKey": "test-key", "apiSecret": "test-secret"}))
        assert await client.get(client.endpoints.account, signed=True) == b"{}"
        with pytest.raises(MissingCredentials):
            client.set_credentials(Credentials({"apiKey": "other"}))
        assert await client.get(client.endpoints.account, signed=True) == b"{}"
        client.set_credentials(Credentials({}))
        with pytest.raises(MissingCredentials):
            await client.get(client.endpoints.account, signed=True)
        keyless = BinanceClientService(context_of(server.url))
        with pytest.raises(MissingCredentials, match="API Key, API Secret"):
            await keyless.get(client.endpoints.account, signed=True)
        with pytest.raises(MissingCredentials):
            _ = keyless.api_key
        await keyless.close()


@pytest.mark.parametrize("ahead_ms", [-3_600_000, 3_600_000])
async def test_a_machine_an_hour_off_signs_right_all_the_same(ahead_ms: int) -> None:
    async with connected(FakeBinance(ahead_ms=ahead_ms)) as (client, fake, server):
        assert await client.get(client.endpoints.account, signed=True) == b"{}"
        fake.ahead_ms += 600_000
        signed = sum("signature" in request.params for request in server.requests)
        assert await client.get(client.endpoints.account, signed=True) == b"{}"
        assert sum("signature" in request.params for request in server.requests) == signed + 2


async def test_public_calls_carry_no_key() -> None:
    async with connected() as (client, _, server):
        await client.ensure_ready()
        assert not any("x-mbx-apikey" in request.headers for request in server.requests)


async def test_a_ban_while_getting_ready_is_reported_once() -> None:
    ban = error(418, -1003, "IP banned", **{"Retry-After": "90"})
    fake = FakeBinance(answers={path: lambda _: ban for path in ("/api/v3/time", "/api/v3/exchangeInfo")})
    async with connected(fake) as (client, _, server):
        with pytest.raises(Exception, match="shut this address out") as refused:
            await client.ensure_ready()
        assert not isinstance(refused.value, BaseExceptionGroup)
        assert len(server.requests) <= 2


def test_an_environment_without_an_address_or_another_market_is_refused() -> None:
    with pytest.raises(UsageError, match="no REST address"):
        BinanceClientService(context_of(""))
    with pytest.raises(UnsupportedMarket):
        BinanceClientService(
            ConnectorContext(
                connector_type="binance",
                market_type=MarketType.MARGIN,
                environment="live",
                endpoints={"rest": "https://api.binance.com"},
            )
        )
