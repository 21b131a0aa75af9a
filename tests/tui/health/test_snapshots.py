"""Pictures of the health screen, from scripted connectors with a still clock. One picture a test."""

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from connectors.contracts import StreamStatus
from tests.tui.health.pilots import Driver, prepare
from tests.tui.health.scripted import HealthApp, Running, Source, budgets, connection, healthy, subscription
from tests.tui.market.scripted import START

SnapCompare = Callable[..., bool]
Act = Callable[[Driver], Awaitable[None]]


def hook(act: Act | None = None) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        driver = await prepare(pilot)
        for running in driver.source.running:
            for one in running.connections:
                one.messages += 240
                for stream in one.subscriptions:
                    stream.messages += 60
        await driver.poll()
        if act is not None:
            await act(driver)
            await driver.frame()

    return run


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_healthy(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(HealthApp(healthy()), terminal_size=size, run_before=hook())


def test_healthy_on_light(snap_compare: SnapCompare) -> None:
    app = HealthApp(healthy(), theme="barfinex-light")
    assert snap_compare(app, terminal_size=(120, 40), run_before=hook())


def test_reconnecting(snap_compare: SnapCompare) -> None:
    history = (
        StreamStatus("connected", "binance-spot-1#1", START),
        StreamStatus("lost", "the venue closed it: 1001 (going away)", START + 60_000),
        StreamStatus("reconnecting", "HTTP 503", START + 60_500, retry_in_ms=7_400),
    )
    lost = connection(
        state="RECONNECTING",
        byte_age=None,
        latency_ms=None,
        connected_for=None,
        reconnects=3,
        last_error="HTTP 503",
        retry_at=1_008.0,
        history=history,
        subscriptions=[
            subscription("btcusdt@trade", state="PENDING", data_age=4.0),
            subscription("btcusdt@depth@100ms", state="PENDING", data_age=4.1, book_state="STALE"),
        ],
    )
    failed = Running("okx", status="ERROR", environment="live", error="no answer from okx within 10 s")
    app = HealthApp(Source([Running(connections=[lost], client=budgets()), failed]))
    assert snap_compare(app, terminal_size=(120, 40), run_before=hook())


def test_stale_subscription(snap_compare: SnapCompare) -> None:
    gap = StreamStatus("gap", "an update is missing after 812: the next is 815", START, channel="x")
    stale = StreamStatus("stale", "no data although the connection lives", START + 30_000, channel="x")
    streams = [
        subscription("btcusdt@trade"),
        subscription(
            "btcusdt@depth@100ms",
            state="STALE",
            data_age=31.0,
            book_state="STALE",
            gaps=1,
            history=(gap, stale),
        ),
    ]

    async def act(driver: Driver) -> None:
        await driver.go_to("subscriptions")
        await driver.press("down")

    app = HealthApp(Source([Running(connections=[connection(subscriptions=streams)], client=budgets())]))
    assert snap_compare(app, terminal_size=(120, 40), run_before=hook(act))


def test_rate_limited(snap_compare: SnapCompare) -> None:
    app = HealthApp(Source([Running(connections=[connection()], client=budgets(5_800, blocked_for=12.0))]))

    async def act(driver: Driver) -> None:
        await driver.go_to("budgets")

    assert snap_compare(app, terminal_size=(80, 24), run_before=hook(act))


def test_empty(snap_compare: SnapCompare) -> None:
    assert snap_compare(HealthApp(Source(), log=False), terminal_size=(80, 24), run_before=hook())


def test_details_alone(snap_compare: SnapCompare) -> None:
    async def act(driver: Driver) -> None:
        await driver.press("enter")
        await driver.frame()

    assert snap_compare(HealthApp(healthy()), terminal_size=(80, 24), run_before=hook(act))


def test_log_filtered(snap_compare: SnapCompare) -> None:
    async def act(driver: Driver) -> None:
        await driver.press("slash", *"faults", "enter")
        await driver.press("up")

    assert snap_compare(HealthApp(healthy()), terminal_size=(80, 24), run_before=hook(act))


def test_without_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(HealthApp(healthy()), terminal_size=(80, 24), run_before=hook())
