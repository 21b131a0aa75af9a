"""A recording on the market screen: the real capture, played by keys, paused, stepped, sought."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts import BookState
from connectors.contracts.errors import BarfinexError
from tests.connectors.streaming.played import CAPTURES
from tui.app import BarfinexApp
from tui.recording_plan import RecordingPlan
from tui.replay_flow import ask_for_recording
from tui.replay_source import EmptyRecording, ReplaySource, read_source
from tui.screens.ask import AskScreen
from tui.screens.catalog import CatalogScreen
from tui.screens.replay import ReplayScreen, seconds_of
from tui.widgets.player_bar import PlayerBar, Shown, player_row
from tui.widgets.rows import row_text
from tui.widgets.status_line import TitleLine

FUTURES = CAPTURES / "binance-futures-2021.jsonl.gz"
SECOND = 1_000_000_000
needs_captures = pytest.mark.skipif(
    not CAPTURES.exists(), reason="the market captures are not beside this checkout"
)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - any condition, whoever brings it about
            await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(
    plan: RecordingPlan | None, tmp_path: Path, size: tuple[int, int] = (130, 36)
) -> AsyncIterator[tuple[BarfinexApp, Pilot[int]]]:
    app = BarfinexApp(plan, config_file=tmp_path / "config.toml", state_folder=tmp_path)
    async with app.run_test(size=size) as pilot:
        yield app, pilot


async def screen_of(app: BarfinexApp) -> ReplayScreen:
    await until(lambda: isinstance(app.screen, ReplayScreen))
    screen = app.screen
    assert isinstance(screen, ReplayScreen)
    await until(lambda: screen.store.instrument is not None)
    return screen


def bar_text(screen: ReplayScreen) -> str:
    bar = screen.query_one(PlayerBar)
    bar.redraw()
    return row_text(bar.rows[0])


@needs_captures
async def test_a_recording_plays_like_the_market_and_obeys_its_keys(tmp_path: Path) -> None:
    async with opened(RecordingPlan(FUTURES, speed=0, symbol="CTKUSDT"), tmp_path) as (app, pilot):
        screen = await screen_of(app)
        player = screen.player
        await until(lambda: player.ended and not player.playing)
        assert screen.store.instrument is not None
        assert screen.store.instrument.symbol == "CTKUSDT"
        await until(lambda: screen.store.book_state is BookState.SYNCED)
        trades = screen.store.trades.total
        assert trades > 0
        assert len(screen.store.candles) == 2
        assert "■ end" in bar_text(screen)
        assert "RECORDING" in row_text(screen.query_one("#title", TitleLine).rows[0])

        await pilot.press("0")
        await until(lambda: not player.seeking and screen.store.trades.total == 0)
        assert screen.store.book_state is BookState.EMPTY
        assert "‖ paused" in bar_text(screen)
        await pilot.press("n")
        await until(lambda: player.position_ns > player.start_ns)
        before = player.position_ns
        await pilot.press("f")
        await until(lambda: not player.seeking and player.position_ns == before + 10 * SECOND)
        await until(lambda: screen.store.book_state is BookState.SYNCED)
        part = screen.store.trades.total
        assert part < trades
        await pilot.press("b")
        await until(lambda: not player.seeking and player.position_ns == before)
        await pilot.press("less_than_sign")
        assert player.speed == 64.0
        await pilot.press("space")
        await until(lambda: player.ended and not player.playing)
        await until(lambda: screen.store.trades.total == trades)
        await pilot.press("t", *"0:10", "enter")
        await until(lambda: player.position_ns == player.start_ns + 10 * SECOND)
        assert app.last_market is None, "a recording is not the market to come back to"
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CatalogScreen))


@needs_captures
async def test_a_click_on_the_bar_goes_there(tmp_path: Path) -> None:
    async with opened(RecordingPlan(FUTURES, speed=0.25), tmp_path) as (app, pilot):
        screen = await screen_of(app)
        player = screen.player
        await pilot.press("space")
        text = bar_text(screen)
        track = [place for place, glyph in enumerate(text) if glyph in "━●─"]
        await pilot.click(PlayerBar, offset=(track[len(track) // 2], 0))
        middle = (player.start_ns + player.end_ns) // 2
        await until(lambda: not player.seeking and abs(player.position_ns - middle) < SECOND)


@needs_captures
async def test_the_palette_opens_a_recording_by_its_name(tmp_path: Path) -> None:
    async with opened(None, tmp_path) as (app, pilot):
        await until(lambda: app.services is not None)
        ask_for_recording(app)
        await until(lambda: isinstance(app.screen, AskScreen))
        await pilot.press(*"/nothing", "enter")
        await pilot.pause()
        assert isinstance(app.screen, AskScreen)
        app.screen.query_one(Input).value = str(FUTURES)
        await pilot.press("enter")
        await screen_of(app)


async def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("hello\n")
    async with opened(RecordingPlan(path), tmp_path) as (app, pilot):

        def text() -> str:
            return str(app.screen.query_one("#steps", Static).visual)

        await until(lambda: "is not a recording" in text())
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CatalogScreen))


def test_an_empty_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"recording": 1, "connector_type": "binance", "market_type": "spot", "started_ns": 1}\n')
    with pytest.raises(EmptyRecording, match="no market data"):
        read_source(Catalog.load(), path)
    with pytest.raises(BarfinexError, match="cannot read"):
        read_source(Catalog.load(), tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("1:30", 90),
        ("1:02:03.5", 3723.5),
        (" 0:07 ", 7),
        ("x", None),
        ("1:2:3:4", None),
        ("", None),
    ],
)
def test_times_are_read(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("width", [12, 30, 47, 60, 80, 120, 200])
@pytest.mark.parametrize("failure", [None, "the file is damaged"])
def test_the_bar_is_exactly_as_wide_as_it_should_be(width: int, failure: str | None) -> None:
    shown = Shown(
        True,
        False,
        False,
        0.25,
        1_700_000_030 * SECOND,
        1_700_000_000 * SECOND,
        1_700_000_060 * SECOND,
        failure,
    )
    row, (begin, length) = player_row(shown, width)
    text = row_text(row)
    assert len(text) == width
    if length:
        track = text[begin : begin + length]
        assert set(track) <= set("━●─")
        assert track.index("●") == round((length - 1) / 2)


def test_what_is_damaged_is_known_from_the_start_and_said_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    header = {"recording": 1, "connector_type": "binance", "market_type": "spot", "started_ns": 1}
    sent = {"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}
    events = [
        {"ts_ns": SECOND, "kind": "open", "conn": "1", "url": "wss://v/stream"},
        {"ts_ns": 2 * SECOND, "kind": "sent", "conn": "1", "data": json.dumps(sent)},
    ]
    lines = [json.dumps(line) for line in (header | {"environment": "testnet"}, *events)]
    path.write_text("\n".join([*lines, '{"ts_ns": 3']))

    async def made() -> ReplaySource:
        return read_source(Catalog.load(), path)()

    source = asyncio.run(made())
    failure = source.player.failure
    assert failure is not None
    assert "cut off" in failure
    assert source.instance("binance", MarketType.SPOT).environment == "recording of testnet"
    for ended in (False, True):
        shown = Shown(not ended, False, ended, 1.0, 2 * SECOND, SECOND, 2 * SECOND, failure)
        assert (failure in row_text(player_row(shown, 200)[0])) is ended
