"""The instrument picker: type a few letters, press Enter."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from connectors.contracts import Instrument, Price
from connectors.contracts.errors import BarfinexError
from tui.formatting import Precision, change, change_text
from tui.widgets.rows import Row, Run, crop, fit, message_rows, right
from tui.widgets.rows_widget import RowsWidget
from tui.widgets.symbol_match import Candidate, candidates, search

_USUAL_WIDTH = 62
"""What the columns take; the name gets what is left."""


def choice_row(candidate: Candidate, price: Price | None, width: int, *, chosen: bool, recent: bool) -> Row:
    """Symbol, pair, last price and 24 hours; the last two where they are known and there is room."""
    instrument = candidate.instrument
    text = "cursor" if chosen else "text"
    pair = f"{instrument.base_asset}/{instrument.quote_asset}"
    runs: list[Run] = [
        ("▸ " if chosen else "• " if recent else "  ", text),
        (fit(instrument.symbol, 16 + max(0, width - _USUAL_WIDTH)), "cursor" if chosen else "bold"),
        (" " + fit(pair, 14), "cursor" if chosen else "muted"),
    ]
    if not instrument.tradable:
        runs.append((" " + instrument.status, "cursor" if chosen else "warning"))
    elif price is not None and width >= 48:
        runs.append((right(Precision.of(instrument).fitted(price.price).price_text(price.price), 15), text))
        percent = change(price.open_24h, price.price)
        tone = "muted" if percent is None else "up" if percent >= 0 else "down"
        if width >= 62:
            runs.append(
                (right(change_text(percent), 12), f"{tone}.row" if chosen and tone != "muted" else tone)
            )
    return crop(runs, width, text)


class ChoiceList(RowsWidget):
    """The matches; it scrolls so that the chosen one is seen."""

    class Clicked(Message):
        def __init__(self, index: int) -> None:
            self.index = index
            super().__init__()

    def __init__(self, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self.choices: Sequence[Candidate] = ()
        self.prices: Mapping[str, Price] = {}
        self.recent: Mapping[str, int] = {}
        self.index = 0
        self._top = 0

    def offer(self, choices: Sequence[Candidate]) -> None:
        self.choices, self.index, self._top = choices, 0, 0
        self.redraw()

    def move(self, step: int) -> None:
        self.index = max(0, min(len(self.choices) - 1, self.index + step))
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Row]:
        if not self.choices:
            return message_rows([("no instrument fits", "muted")], width, height)
        self._top = max(self.index - height + 1, min(self._top, self.index))
        rows = [
            choice_row(
                one,
                self.prices.get(one.instrument.symbol),
                width,
                chosen=self._top + place == self.index,
                recent=one.instrument.symbol in self.recent,
            )
            for place, one in enumerate(self.choices[self._top : self._top + height])
        ]
        return rows + [((" " * width, "text"),)] * (height - len(rows))

    def on_click(self, event: events.Click) -> None:
        if self._top + event.y < len(self.choices):
            self.post_message(self.Clicked(self._top + event.y))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(3)


class InstrumentPicker(ModalScreen[str | None]):
    """Dismissed with the chosen normal symbol, or nothing."""

    CSS_PATH = "instrument_picker.tcss"
    HELP = """\
## Choose an instrument
Type any letters of its name, in order; separators do not matter. `↑` `↓` choose, `enter` switches, `escape` leaves.
The ones you used last (•) come first.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("up,ctrl+p", "move(-1)", "Up", show=False, priority=True, id="picker.up"),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True, id="picker.down"),
        Binding("pageup", "move(-10)", "Page up", show=False, priority=True, id="picker.page_up"),
        Binding("pagedown", "move(10)", "Page down", show=False, priority=True, id="picker.page_down"),
    ]

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        *,
        prices: Mapping[str, Price] | None = None,
        recent: Sequence[str] = (),
        newest: Callable[[], Mapping[str, Instrument]] | None = None,
        missing: Callable[[], None] | None = None,
    ) -> None:
        """`newest` gives the list as it is by now; `missing` is called where nothing fits what was typed."""
        super().__init__()
        self._instruments = instruments
        self._newest = newest
        self._missing = missing
        self._candidates = candidates(instruments.values())
        self._prices = prices or {}
        self._recent = {symbol: age for age, symbol in enumerate(recent)}

    def compose(self) -> ComposeResult:
        with Vertical(id="picker"):
            yield Input(placeholder="instrument: btc, eth/usdt …", id="picker-query", select_on_focus=False)
            yield ChoiceList(pane_id="picker-list")

    def on_mount(self) -> None:
        listed = self.list
        listed.prices, listed.recent = self._prices, self._recent
        listed.offer(search("", self._candidates, self._recent))
        self.query_one(Input).focus()
        if self._newest is not None:
            self.set_interval(1.0, self.look, name="instruments")

    def look(self) -> None:
        """Offer what the venue lists by now; the choice stays."""
        try:
            newest = self._instruments if self._newest is None else self._newest()
        except BarfinexError:
            return
        if newest is self._instruments or newest == self._instruments:
            return
        self._instruments = newest
        self._candidates = candidates(newest.values())
        listed = self.list
        chosen = listed.choices[listed.index].instrument.symbol if listed.choices else None
        choices = search(self.query_one(Input).value[:40], self._candidates, self._recent)
        listed.offer(choices)
        listed.move(next((at for at, one in enumerate(choices) if one.instrument.symbol == chosen), 0))

    @property
    def list(self) -> ChoiceList:
        return self.query_one(ChoiceList)

    def take_prices(self, prices: Mapping[str, Price]) -> None:
        """Prices that arrived after the picker opened."""
        self._prices = prices
        for listed in self.query(ChoiceList):  # none before the picker is laid out: it then starts with them
            listed.prices = prices
            listed.redraw()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        choices = search(event.value[:40], self._candidates, self._recent)
        self.list.offer(choices)
        if not choices and self._missing is not None:
            self._missing()

    @on(Input.Submitted)
    def _entered(self, _: Any) -> None:
        choices = self.list.choices
        self.dismiss(choices[self.list.index].instrument.symbol if choices else None)

    @on(ChoiceList.Clicked)
    def _clicked(self, event: ChoiceList.Clicked) -> None:
        self.dismiss(self.list.choices[event.index].instrument.symbol)

    def action_move(self, step: int) -> None:
        self.list.move(step)

    def action_cancel(self) -> None:
        self.dismiss(None)
