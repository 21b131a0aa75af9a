"""The log pane: the program's own records, filtered, held or followed."""

import logging
from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from tui.formatting import clock_text
from tui.log_ring import CAPACITY, LogLine, LogRing
from tui.widgets.columns import on_cursor
from tui.widgets.list_pane import ListPane
from tui.widgets.rows import Row, Run, crop

LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
_WORDS = {logging.DEBUG: "debug", logging.INFO: "info", logging.WARNING: "warning", logging.ERROR: "error"}


def level_run(level: int) -> Run:
    """A level in five cells."""
    if level >= logging.ERROR:
        return "ERROR", "error"
    if level >= logging.WARNING:
        return "WARN ", "warning"
    return ("INFO ", "primary") if level >= logging.INFO else ("DEBUG", "faint")


def log_row(line: LogLine, width: int, *, selected: bool = False) -> Row:
    base = "cursor" if selected else "text"
    level, tone = level_run(line.level)
    runs: list[Run] = [
        ("▸" if selected else " ", base),
        (clock_text(line.timestamp, milliseconds=width >= 100) + " ", base if selected else "muted"),
        (level, on_cursor(tone) if selected else tone),
        (f" {short_name(line.logger)} ", base if selected else "muted"),
        (line.text + (" …" if line.detail else ""), base),
    ]
    return crop(runs, width, base)


def short_name(logger: str) -> str:
    """The last part of a logger's name, which is the file that speaks."""
    return logger.rpartition(".")[2]


def copied_line(line: LogLine) -> str:
    time, level = clock_text(line.timestamp, milliseconds=True), level_run(line.level)[0].strip()
    text = f"{time} {level} {line.logger} {line.text}"
    return f"{text}\n{line.detail}" if line.detail else text


class LogPane(ListPane[LogLine]):
    """Follows the newest record until one is chosen or the pane is paused."""

    title = "Log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "level(1)", "Level", id="log.level"),
        Binding("L", "level(-1)", "Lower level", show=False, id="log.level_down"),
        Binding("p,space", "pause", "Pause", key_display="p", id="log.pause"),
        Binding("f,end", "follow", "Follow", key_display="f", id="log.follow"),
        Binding("escape", "leave_hold", "Follow", show=False),
    ]

    def __init__(self, ring: LogRing, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self.ring = ring
        self.level = ring.recorded
        self.text = ""
        self._lines: list[LogLine] = []
        self._read = 0
        self._held: list[LogLine] | None = None
        self._held_at = 0
        self._paused = False

    # --- records -------------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        new = self.ring.since(self._read)
        self._read = self.ring.total
        found = [line for line in new if self._passes(line)]
        self._lines.extend(found)
        del self._lines[:-CAPACITY]
        return bool(found)

    def _passes(self, line: LogLine) -> bool:
        wanted = self.text
        return line.level >= self.level and (
            not wanted or wanted in line.text.casefold() or wanted in line.logger.casefold()
        )

    def filter(self, *, level: int | None = None, text: str | None = None) -> None:
        """Show only records of that level or above that hold the text, whatever its case."""
        self.level = self.level if level is None else level
        self.text = self.text if text is None else text.casefold()
        self._lines.clear()
        self._read = 0
        self._release()
        self.changed()
        self.redraw()

    def items(self) -> Sequence[LogLine]:
        return self._lines if self._held is None else self._held

    def key_of(self, item: LogLine) -> Hashable:
        return item.number

    def place(self) -> int | None:
        return None if self._chosen_key is None else super().place()

    @property
    def new_count(self) -> int:
        """Records that came since the pane was held, by this filter."""
        return 0 if self._held is None else sum(line.number > self._held_at for line in self._lines)

    # --- drawing -------------------------------------------------------------------------------------------------

    def top_for(self, count: int, at: int | None, room: int) -> int:
        return max(0, count - room) if self._held is None else super().top_for(count, at, room)

    def item_row(self, item: LogLine, width: int, *, selected: bool) -> Row:
        return log_row(item, width, selected=selected)

    def header_runs(self) -> list[Run]:
        runs: list[Run] = [(f"  {_WORDS[self.level]} and above", "header")]
        if self.text:
            runs.append((f'  with "{self.text}"', "header.bold"))
        if self._paused or self._chosen_key is not None:
            word = "PAUSED" if self._paused else "HELD"
            runs += [(f"  {word} ", "header.warning"), (f"{self.new_count} new, f follows", "header")]
        return runs

    def explanation(self) -> list[Run]:
        if self.text or self.level > logging.INFO:
            return [("no record passes the filter", "muted")]
        return [("nothing was logged yet", "muted")]

    def copied_text(self, item: LogLine) -> str:
        return copied_line(item)

    # --- what the user does --------------------------------------------------------------------------------------

    def _hold(self) -> None:
        if self._held is None:
            self._held = list(self._lines)
            self._held_at = self.ring.total

    def _release(self) -> None:
        self._held = None
        self._paused = False
        self._chosen_key = None

    def choose(self, at: int) -> None:
        if self._lines:
            self._hold()
            super().choose(at)

    def action_step(self, step: int) -> None:
        if self._chosen_key is None:
            self.choose(len(self.items()) - 1 + min(0, step + 1))
        else:
            super().action_step(step)

    def action_edge(self, last: int) -> None:
        if last:
            self.action_follow()
        else:
            self.choose(0)

    def action_pause(self) -> None:
        if self._paused:
            self._release()
        else:
            self._hold()
            self._paused = True
        self.redraw()

    def action_follow(self) -> None:
        self._release()
        self.redraw()

    def action_leave_hold(self) -> None:
        if self._held is None:
            raise SkipAction
        self.action_follow()

    def action_level(self, step: int) -> None:
        at = (LEVELS.index(self.level) + step) % len(LEVELS)
        # Debugging is recorded only while it is asked for.
        self.ring.record(min(LEVELS[at], logging.INFO))
        self.filter(level=LEVELS[at])
