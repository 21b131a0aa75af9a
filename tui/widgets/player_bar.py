"""The player's line: playing or not, speed, position and the time it was. Its row is a pure function."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from textual import events
from textual.message import Message

from connectors.streaming.holes import length_text
from connectors.streaming.player import Player
from tui.widgets.rows import Row, Run, crop
from tui.widgets.rows_widget import RowsWidget

_SHORTEST_TRACK = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """What the line says. Times are in nanoseconds since the epoch."""

    playing: bool
    seeking: bool
    ended: bool
    speed: float
    position_ns: int
    start_ns: int
    end_ns: int
    failure: str | None = None

    @property
    def share(self) -> float:
        """How much of the recording is behind, 0 to 1."""
        length = self.end_ns - self.start_ns
        return 1.0 if length <= 0 else min(1.0, max(0.0, (self.position_ns - self.start_ns) / length))


def player_row(shown: Shown, width: int) -> tuple[Row, tuple[int, int]]:
    """The line, and where in it the track begins and how long it is (0 where there is no room for one)."""
    if shown.seeking:
        state, style = "» seeking", "header.warning"
    elif shown.playing:
        state, style = "▶ playing", "header.success"
    elif shown.ended:
        state, style = "■ end    ", "header.bold"
    else:
        state, style = "‖ paused ", "header.warning"
    position = length_text(shown.position_ns - shown.start_ns)
    length = length_text(shown.end_ns - shown.start_ns)
    before: list[Run] = [
        (f" {state} ", style),
        (f"{speed_text(shown.speed):>5} ", "header.bold"),
        (f" {position} ", "header.bold"),
    ]
    if shown.failure is not None and shown.ended:
        # All has been played: what is missing matters more than where it stands.
        told: list[Run] = [*before, (f" {length} ", "header"), (f" {shown.failure}", "header.error")]
        return crop(told, width, "header"), (0, 0)
    when = datetime.fromtimestamp(shown.position_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
    after: list[Run] = [(f" {length} ", "header"), (f" {when} UTC ", "header")]
    used = sum(len(text) for text, _ in (*before, *after))
    track = width - used
    if track < _SHORTEST_TRACK:
        after = after[:1]
        track = width - sum(len(text) for text, _ in (*before, *after))
    if track < _SHORTEST_TRACK:
        return crop([*before, *after], width, "header"), (0, 0)
    at = round(shown.share * (track - 1))
    runs: list[Run] = [
        *before,
        ("━" * at, "header.focus"),
        ("●", "header.focus"),
        ("─" * (track - 1 - at), "header"),
        *after,
    ]
    return crop(runs, width, "header"), (sum(len(text) for text, _ in before), track)


def speed_text(speed: float) -> str:
    return "max" if not speed else f"{speed:g}x"


class PlayerBar(RowsWidget):
    """A click on the track goes there."""

    DEFAULT_CSS = "PlayerBar { height: 1; }"

    class Sought(Message):
        """Somebody wants to go to this time (nanoseconds since the epoch)."""

        def __init__(self, to_ns: int) -> None:
            self.to_ns = to_ns
            super().__init__()

    def __init__(self, player: Player, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self._player = player
        self._seen: Shown | None = None
        self._track = (0, 0)

    def changed(self) -> bool:
        player = self._player
        # To a tenth of a second: the line shows no more, whatever the speed.
        position = player.position_ns // 100_000_000 * 100_000_000
        shown = Shown(
            player.playing,
            player.seeking,
            player.ended,
            player.speed,
            max(position, player.start_ns),
            player.start_ns,
            player.end_ns,
            player.failure,
        )
        if shown == self._seen:
            return False
        self._seen = shown
        return True

    def build(self, width: int, height: int) -> Sequence[Row]:
        if self._seen is None:
            self.changed()
        assert self._seen is not None  # noqa: S101 - `changed` has just set it
        row, self._track = player_row(self._seen, width)
        return [row]

    def on_click(self, event: events.Click) -> None:
        begin, length = self._track
        if length > 1 and begin <= event.x < begin + length:
            share = (event.x - begin) / (length - 1)
            span = self._player.end_ns - self._player.start_ns
            self.post_message(self.Sought(self._player.start_ns + round(share * span)))
