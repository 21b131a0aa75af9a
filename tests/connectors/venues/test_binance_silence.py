"""A silent stall of any one stream is shown; a quiet market is no alarm."""

import asyncio
from collections.abc import Callable

import pytest

from connectors.contracts import (
    BookState,
    CandleOptions,
    PriceOptions,
    TimeFrame,
    TradeOptions,
)
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.emulator.testing import running_emulator
from tests.connectors.venues.binance_rig import SPOT, Connector, advance, connector_on

CHANNELS = {
    "btcusdt@trade": 0.5,
    "btcusdt@depth@100ms": 0.5,
    "btcusdt@kline_1m": 2.5,
    "btcusdt@ticker": 1.5,
    "!miniTicker@arr": 1.5,
}
"""With the seconds that its news may be on the way."""


async def watch_everything(connector: Connector) -> None:
    instruments, told = connector.instruments("BTCUSDT"), connector.statuses.append

    def ignore(event: object) -> None:
        pass

    ws = connector.ws
    await connector.watch_books("BTCUSDT")
    await ws.subscribe_to_trade(
        TradeOptions(market_type=SPOT, instruments=instruments, on_status=told), ignore
    )
    await ws.subscribe_to_candles(
        CandleOptions(market_type=SPOT, instruments=instruments, interval=TimeFrame.M1, on_status=told),
        ignore,
    )
    for symbols in (["BTCUSDT"], None):
        options = PriceOptions(market_type=SPOT, symbols=symbols, on_status=told)
        await ws.subscribe_to_instrument_prices(options, ignore)
    await connector.synced("BTCUSDT")


def states(connector: Connector) -> dict[str, str]:
    return {one.channel: one.state for one in connector.ws.health()[0].subscriptions}


async def market_moves_until(emulator: Emulator, condition: Callable[[], object]) -> None:
    """The market goes on at its own pace, however fast time passes here."""
    async with asyncio.timeout(15):
        while not condition():
            await advance(emulator, 1)
            await asyncio.sleep(0.01)


async def calm_down(emulator: Emulator) -> None:
    """Nobody trades any more, and the streams that come in steps have said all there was."""
    emulator.market.rate = 0
    await advance(emulator, 60)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_stall_of_one_stream_is_shown_for_it_alone_and_ends_with_its_data(channel: str):
    async with (
        running_emulator(rate=10.0, drive=False) as emulator,
        connector_on(emulator, silence=0.4) as connector,
    ):
        await watch_everything(connector)
        await market_moves_until(
            emulator, lambda: all(one.messages for one in connector.ws.health()[0].subscriptions)
        )
        began = asyncio.get_running_loop().time()
        emulator.inject(Rule("drop", target=channel))
        await market_moves_until(emulator, lambda: states(connector)[channel] == "STALE")
        assert asyncio.get_running_loop().time() - began < 0.4 + CHANNELS[channel] + 3.0
        stale = [event for event in connector.statuses if event.kind == "stale"]
        assert {(event.channel, event.reason) for event in stale} == {
            (channel, "no data although the connection lives")
        }
        assert connector.ws.health()[0].state == "CONNECTED"
        emulator.faults.clear()
        await market_moves_until(emulator, lambda: set(states(connector).values()) == {"ACTIVE"})
        live = [event.channel for event in connector.statuses if event.kind == "live"]
        assert live == [channel]
        assert "lost" not in connector.kinds
        await market_moves_until(emulator, lambda: connector.books["BTCUSDT"].state is BookState.SYNCED)


async def test_a_stall_before_the_first_data_is_shown_once_something_happened():
    async with (
        running_emulator(rate=10.0, drive=False) as emulator,
        connector_on(emulator, silence=0.1) as connector,
    ):
        emulator.inject(Rule("drop", target="*@*"))
        await watch_everything(connector)
        await market_moves_until(emulator, lambda: set(states(connector).values()) == {"STALE"})


@pytest.mark.parametrize("heard", [True, False])
async def test_a_quiet_market_raises_no_alarm_and_is_asked_after_ever_more_rarely(heard: bool):
    async with (
        running_emulator(rate=10.0, drive=False) as emulator,
        connector_on(emulator, silence=0.05) as connector,
    ):
        await watch_everything(connector)
        if heard:
            await market_moves_until(
                emulator, lambda: all(one.messages for one in connector.ws.health()[0].subscriptions)
            )
            await calm_down(emulator)
        before, asked = emulator.requests, []
        for _ in range(3):
            await asyncio.sleep(0.8)  # what is waited for is that nothing happens
            asked.append(emulator.requests - before)
            before = emulator.requests
        assert asked[0] >= len(CHANNELS)
        assert asked[2] <= 2 * len(CHANNELS)
        assert set(states(connector).values()) == {"ACTIVE"}
        assert not {"stale", "gap", "lost"} & set(connector.kinds)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_five_quiet_minutes_raise_no_alarm():
    async with (
        running_emulator(rate=10.0, drive=False) as emulator,
        connector_on(emulator, settings=None) as connector,
    ):
        await watch_everything(connector)
        await calm_down(emulator)
        before = emulator.requests
        await asyncio.sleep(300)  # at the product's own settings
        assert 0 < emulator.requests - before < 60
        assert set(states(connector).values()) == {"ACTIVE"}
        assert connector.books["BTCUSDT"].state is BookState.SYNCED
        assert set(connector.kinds) == {"connected"}
