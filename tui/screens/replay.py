"""A recording on the market screen, with a player's keys."""

import re
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from connectors.contracts import TimeFrame
from connectors.streaming.holes import length_text
from tui.candle_series import CandleSeries
from tui.replay_source import ReplaySource
from tui.screens.ask import AskScreen
from tui.screens.market import MarketScreen
from tui.widgets.player_bar import PlayerBar

_SECOND = 1_000_000_000


class ReplayScreen(MarketScreen):
    """`speed` is the one to begin with."""

    TITLE = "Replay"
    _shares_prices = False
    HELP = """\
## Replay
A recording, shown as the live market was. `space` plays and pauses, `n` plays one event. `<` and `>` change the speed.
`b` and `f` go 10 seconds back and forward, `B` and `F` a minute, `0` to the start, `t` to a time; so does a click on
the bar. The rest is as on the market screen:
`1` chart, `2` depth, `3` trades, `z` one alone, `s` another instrument.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the panes' own keys: here the recording is what is played and paused.
        Binding("space", "play_pause", "Play", id="replay.play", priority=True),
        Binding("n", "step", "Step", id="replay.step"),
        Binding("less_than_sign", "speed(-1)", "Speed", key_display="< >", id="replay.slower"),
        Binding("greater_than_sign", "speed(1)", "Faster", show=False, id="replay.faster"),
        Binding("b", "skip(-10)", "Seek", key_display="b f", id="replay.back"),
        Binding("f", "skip(10)", "Forward", show=False, id="replay.forward"),
        Binding("B", "skip(-60)", "A minute back", show=False, id="replay.back_minute"),
        Binding("F", "skip(60)", "A minute forward", show=False, id="replay.forward_minute"),
        Binding("0", "restart", "Restart", id="replay.restart"),
        Binding("t", "go_to", "Time", id="replay.time"),
    ]

    def __init__(
        self, source: ReplaySource, symbol: str | None = None, *, speed: float = 1.0, fps: int | None = None
    ) -> None:
        super().__init__(
            source,
            source.connector_type,
            source.market_type,
            symbol or source.outline.symbols[0],
            fps=fps,
        )
        self.player = source.player
        self.player.on_jump = self._arrived
        self.player.on_hole = self._tell_of_hole
        self.player.set_speed(speed)
        if source.outline.intervals:
            self.store.candles = CandleSeries(TimeFrame(source.outline.intervals[0]))

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield PlayerBar(self.player, pane_id="player")

    def on_mount(self) -> None:
        self.run_worker(self.player.run(), name="player", group="player", exit_on_error=True)
        self.player.play()
        if self.player.failure is not None:
            self.notify(
                self.player.failure, title="This recording is damaged", severity="warning", markup=False
            )

    def _tell_of_hole(self, nanoseconds: int) -> None:
        self.notify(f"Nothing happened for {length_text(nanoseconds)}: passed over.", markup=False)

    def remember(self, symbol: str) -> None:
        """A recording is not the market to come back to."""

    def _arrived(self) -> None:
        """What is shown is of another time: begin anew with what has happened up to here."""
        if self.is_attached and self.store.instrument is not None:
            self._watch(self.store.instrument.symbol)

    def action_play_pause(self) -> None:
        if self.player.playing:
            self.player.pause()
        else:
            self.player.play()
        self.frame()

    def action_step(self) -> None:
        self.player.step()

    def action_speed(self, steps: int) -> None:
        self.player.faster(steps)
        self.frame()

    def action_skip(self, seconds: int) -> None:
        self.player.seek(self.player.position_ns + seconds * _SECOND)

    def action_restart(self) -> None:
        self.player.seek(self.player.start_ns)

    @on(PlayerBar.Sought)
    def _sought(self, message: PlayerBar.Sought) -> None:
        self.player.seek(message.to_ns)

    @work(group="ask", exclusive=True)
    async def action_go_to(self) -> None:
        def fault(text: str) -> str | None:
            return None if seconds_of(text) is not None else "Write it as 90, 1:30 or 1:02:03."

        ask = AskScreen("Go to, from the start", placeholder="1:30", fault=fault)
        answer = await self.app.push_screen_wait(ask)
        seconds = None if answer is None else seconds_of(answer)
        if seconds is not None:
            self.player.seek(self.player.start_ns + round(seconds * _SECOND))


def seconds_of(text: str) -> float | None:
    """Seconds of `90`, `1:30`, `1:02:03.5`; `None` where it is no such time."""
    match = re.fullmatch(r"(?:(?:(\d{1,3}):)?(\d{1,5}):)?(\d{1,6}(?:\.\d{1,3})?)", text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
    return (hours * 60 + minutes) * 60 + seconds
