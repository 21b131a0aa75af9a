"""The venue's clock moves against ours: after sleep, a set date or at the venue. Streams and history follow it."""

from collections.abc import Callable

import pytest

from connectors.contracts import Credentials, StreamOptions, StreamStatus, TimeFrame
from connectors.contracts.orders import AccountUpdate
from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.emulator.testing import running_emulator
from connectors.venues.binance.market import BinanceMarketApi
from tests.connectors.emulator.support import rest_client, signed
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance_rig import SPOT, Connector, connector_on

AHEAD = 60_000


async def account_of(connector: Connector, statuses: list[StreamStatus]) -> list[AccountUpdate]:
    connector.client.set_credentials(Credentials({"apiKey": TRADE_KEY, "apiSecret": TRADE_SECRET}))
    updates: list[AccountUpdate] = []
    options = StreamOptions(market_type=SPOT, on_status=statuses.append)
    await connector.ws.subscribe_to_account(options, updates.append)
    return updates


async def trade(emulator: Emulator) -> None:
    query, headers = signed(emulator, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
    async with rest_client(emulator) as rest:
        placed = await rest.post(f"/api/v3/order?{query}", headers=headers)
    assert placed.json()["status"] == "FILLED"


def follows(connector: Connector, emulator: Emulator) -> Callable[[], bool]:
    return lambda: abs(connector.client.now_ms() - emulator.clock.now() - emulator.clock.offset) < 2_000


async def test_the_account_stream_comes_back_when_the_venue_is_a_minute_ahead():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        statuses: list[StreamStatus] = []
        updates = await account_of(connector, statuses)
        emulator.inject(Rule("clock", milliseconds=AHEAD))
        emulator.inject(Rule("abort", now=True))
        await until(lambda: [one.kind for one in statuses].count("connected") == 2)
        await until(lambda: connector.ws.health()[0].subscriptions[0].state == "ACTIVE")
        await trade(emulator)
        await until(lambda: updates)
        assert "failed" not in [one.kind for one in statuses]


async def test_a_sign_in_that_is_refused_for_its_time_is_made_again_at_once():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        emulator.inject(Rule("clock", milliseconds=AHEAD))
        # Whoever asks first learns nothing, so that the old offset is signed with.
        emulator.inject(Rule("status", target="/api/v3/time", count=3))
        updates = await account_of(connector, [])
        assert follows(connector, emulator)()
        await trade(emulator)
        await until(lambda: updates)


async def test_a_reconnect_measures_the_clock_without_keys_too():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        await connector.watch_trades("BTCUSDT", [])
        emulator.inject(Rule("clock", milliseconds=AHEAD))
        emulator.inject(Rule("abort", now=True))
        await until(follows(connector, emulator))


@pytest.mark.parametrize("hours", [-12, 12])
async def test_history_after_a_step_goes_by_the_venues_clock(hours: int):
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        client, date = connector.client, [0.0]
        assert client.clock is not None
        real = client.clock._wall
        client.clock._wall = lambda: real() + date[0]
        await client.refresh_clock()
        emulator.inject(Rule("clock", milliseconds=hours * 3_600_000))
        date[0] = hours * 3_600.0
        market = BinanceMarketApi(client)
        candles = await market.get_candles(client.instrument("BTCUSDT"), TimeFrame.M1, limit=1_000)
        assert follows(connector, emulator)()
        assert [candle.closed for candle in candles[:-1]] == [True] * (len(candles) - 1)
