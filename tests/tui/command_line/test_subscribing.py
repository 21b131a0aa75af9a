"""Subscribing to what a connector streams, where it does not stream everything."""

from types import SimpleNamespace
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.contracts.errors import NotSupported, NotYetImplemented, SubscriptionFailed
from connectors.contracts.timeframes import TimeFrame
from tui.command_line.streams import CHANNELS, Outbox
from tui.command_line.subscribing import subscribe

PLAN: Any = SimpleNamespace(market=MarketType.SPOT, channels=CHANNELS, interval=TimeFrame.M1)


class Manager:
    """Streams what it has no fault for."""

    def __init__(self, **faults: Exception) -> None:
        self._faults = faults
        self.asked: list[str] = []

    def __getattr__(self, method: str) -> Any:
        async def answer(options: Any, handler: Any) -> None:
            self.asked.append(method)
            fault = self._faults.get(method)
            if fault is not None:
                raise fault

        return answer


async def test_what_a_connector_does_not_stream_is_told_and_left_out(capsys: pytest.CaptureFixture[str]):
    ws: Any = Manager(
        subscribe_to_candles=NotSupported("it streams no candles"),
        subscribe_to_instrument_prices=NotYetImplemented("it streams no prices"),
    )
    assert await subscribe(ws, PLAN, [], Outbox(depth=1)) == ("trades", "book")
    assert capsys.readouterr().err.splitlines() == [
        "barfinex: it streams no candles",
        "barfinex: it streams no prices",
    ]


async def test_where_it_streams_none_of_them_its_refusal_is_the_error():
    plan: Any = SimpleNamespace(market=MarketType.SPOT, channels=("candles",), interval=TimeFrame.M1)
    ws: Any = Manager(subscribe_to_candles=NotSupported("it streams no candles"))
    with pytest.raises(NotSupported, match="it streams no candles"):
        await subscribe(ws, plan, [], Outbox(depth=1))


async def test_any_other_fault_is_raised_as_it_is():
    ws: Any = Manager(
        subscribe_to_trade=SubscriptionFailed("refused"), subscribe_to_candles=NotSupported("no candles")
    )
    with pytest.raises(SubscriptionFailed, match="refused"):
        await subscribe(ws, PLAN, [], Outbox(depth=1))
