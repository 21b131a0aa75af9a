"""Market watch: chart, depth ladder and trade tape of one instrument, live."""

import time
from collections.abc import Callable
from typing import ClassVar, Protocol

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from catalog.model import MarketType
from connectors.contracts import ExchangeConnectorBundle, TimeFrame
from connectors.contracts.errors import BarfinexError, NotActive
from tui.market_feed import MarketFeed
from tui.market_store import MarketStore
from tui.messages import MarketOpened
from tui.pane_state import PaneState
from tui.price_cache import PriceCache
from tui.screens.timed import TimedScreen
from tui.seen import is_seen
from tui.widgets.chart import TIME_FRAMES, ChartPane
from tui.widgets.instrument_picker import InstrumentPicker
from tui.widgets.ladder import LadderPane
from tui.widgets.pane import MarketPane
from tui.widgets.rows_widget import RowsWidget, app_class
from tui.widgets.status_line import StatusLine, TitleLine
from tui.widgets.status_rows import Where
from tui.widgets.tape import TapePane

DEFAULT_FPS = 12
BLURRED_FPS = 2
RECENT_KEPT = 12


class WatchedInstance(Protocol):
    @property
    def environment(self) -> str: ...


class MarketSource(Protocol):
    """The part of the exchange manager this screen needs."""

    def bundle(self, connector_type: str, market_type: MarketType, /) -> ExchangeConnectorBundle: ...

    def instance(self, connector_type: str, market_type: MarketType, /) -> WatchedInstance | None: ...


class MarketScreen(TimedScreen):
    """`fps` frames a second while it is in front, 2 behind a dialog or another window, none under another screen."""

    app = getters.app(app_class)
    CSS_PATH = "market.tcss"
    _shares_prices = True
    TITLE = "Market"
    AUTO_FOCUS = "#chart"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - Textual declares it so
        (0, "-market-narrow"),
        (120, "-market-wide"),
        (170, "-market-huge"),
    ]
    HELP = """\
## Market watch
`1` chart, `2` depth, `3` trades: once to go there, again to have it alone; `z` does the same. `tab` goes on.
`s` chooses the instrument, `[` and `]` the timeframe, `r` asks again for what failed.
A pane that is dim must not be believed; its second line says why.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,slash", "pick", "Symbol", key_display="s", id="market.symbol"),
        Binding("left_square_bracket", "frame(-1)", "Frame", key_display="[ ]", id="market.frame_previous"),
        Binding("right_square_bracket", "frame(1)", "Next timeframe", show=False, id="market.frame_next"),
        Binding(
            "1",
            "pane('chart')",
            "Pane",
            key_display="1-3",
            id="market.chart",
            tooltip="Chart, depth, trades",
        ),
        Binding("2", "pane('ladder')", "Depth", show=False, id="market.depth"),
        Binding("3", "pane('tape')", "Trades", show=False, id="market.trades"),
        Binding("tab", "next_pane(1)", "Next pane", show=False, id="market.next_pane"),
        Binding("shift+tab", "next_pane(-1)", "Previous pane", show=False, id="market.previous_pane"),
        Binding("z", "alone", "Alone", show=False, id="market.alone"),
        Binding("r", "retry", "Retry", show=False, id="market.retry"),
        Binding("escape", "back", "Back", id="market.back"),
    ]

    def __init__(
        self,
        manager: MarketSource,
        connector_type: str,
        market_type: MarketType | str,
        symbol: str | None = None,
        *,
        fps: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._manager = manager
        self._connector_type = connector_type
        self._market_type = MarketType(market_type)
        self._symbol = symbol
        self._clock = clock
        self._fps = fps
        self._last_frame = 0.0
        self._recent: list[str] = []
        self._own_prices = PriceCache()
        self._alone = False
        self.feed = MarketFeed(self._bundle, self._market_type, clock=clock)
        instance = self._instance()
        self.where = Where(
            connector_type, self._market_type.value, "" if instance is None else instance.environment
        )

    def _bundle(self) -> ExchangeConnectorBundle:
        """Raises `NotActive`, also where the connector runs in another environment than the one this screen names."""
        there = self.where.environment
        instance = self._instance()
        if there and instance is not None and instance.environment != there:
            elsewhere = f"it runs on {instance.environment} now"
            raise NotActive(self._connector_type, self._market_type.value, elsewhere)
        return self._manager.bundle(self._connector_type, self._market_type)

    def _instance(self) -> WatchedInstance | None:
        try:
            return self._manager.instance(self._connector_type, self._market_type)
        except BarfinexError:
            return None

    @property
    def store(self) -> MarketStore:
        return self.feed.store

    # --- composition ---------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        store = self.store
        yield TitleLine(store, self.where, pane_id="title")
        with Container(id="market-panes"):
            yield ChartPane(store, pane_id="chart")
            yield LadderPane(store, pane_id="ladder")
            yield TapePane(store, pane_id="tape")
        yield StatusLine(store, self.where, self._clock, pane_id="status")
        yield Footer()

    def on_mount(self) -> None:
        fps = self._fps or int(getattr(getattr(self.app, "settings", None), "fps", DEFAULT_FPS))
        self.frames = self.set_interval(1 / max(1, min(30, fps)), self._tick, name="frames")
        self.polls = self.set_interval(1.0, self._poll, name="health")
        self.run_worker(self.feed.run(), name="market feed", group="feed", exit_on_error=True)
        self._watch(self._symbol)
        self.feed.poll()

    def _live_widgets(self) -> list[RowsWidget]:
        return list(self.query(RowsWidget))

    # --- frames --------------------------------------------------------------------------------------------------

    def _poll(self) -> None:
        if is_seen(self):
            self.feed.poll()

    def catch_up(self) -> None:
        self.feed.poll()
        self.frame()

    def _tick(self) -> None:
        if not is_seen(self):
            return
        now = time.monotonic()
        in_front = self.app.app_focus and self.is_active
        if not in_front and now - self._last_frame < 1 / BLURRED_FPS:
            return
        self._last_frame = now
        self.frame()

    def frame(self) -> None:
        """Bring every visible widget up to the store."""
        for widget in self._live_widgets():
            if widget.display:
                widget.flush()

    def on_resize(self) -> None:
        self.set_class(self.size.width < 60 or self.size.height < 18 or self._alone, "-alone")

    # --- what is watched -----------------------------------------------------------------------------------------

    def _watch(self, symbol: str | None) -> None:
        try:
            store = self.feed.select(symbol)
        except BarfinexError as error:
            if self.store.instrument is not None:
                self.app.notify(str(error), title="Instrument", severity="warning", markup=False)
                return
            for condition in self.store.conditions():
                condition.set(PaneState.ERROR, str(error))
            self.frame()
            return
        self._show(store)

    def _show(self, store: MarketStore) -> None:
        for widget in self._live_widgets():
            if isinstance(widget, MarketPane | TitleLine):
                widget.show(store)
        if store.instrument is None:
            return
        symbol = store.instrument.symbol
        self._symbol = symbol
        self._recent = [symbol, *(one for one in self._recent if one != symbol)][:RECENT_KEPT]
        self.remember(symbol)
        self.frame()

    def remember(self, symbol: str) -> None:
        """Tell the app that this market is on screen."""
        where = self.where
        self.post_message(MarketOpened(where.connector_type, where.market_type, where.environment, symbol))

    @work(group="picker", exclusive=True)
    async def action_pick(self) -> None:
        try:
            instruments, bundle = self.feed.instruments(), self._bundle()
        except BarfinexError as error:
            self.app.notify(str(error), title="Instruments", severity="warning", markup=False)
            return
        picker = InstrumentPicker(
            instruments,
            prices=self._price_cache.known(self._place),
            recent=self._recent,
            newest=self.feed.instruments,
            missing=self.feed.renew_instruments,
        )
        self._fetch_prices(bundle, picker)
        symbol = await self.app.push_screen_wait(picker)
        if symbol is not None:
            self._watch(symbol)

    @property
    def _place(self) -> tuple[str, ...]:
        where = self.where
        return where.connector_type, where.market_type, where.environment

    @property
    def _price_cache(self) -> PriceCache:
        """The app's, so that a screen opened again asks for nothing that is known; a recording has its own."""
        shared = getattr(self.app, "price_cache", None)
        return shared if isinstance(shared, PriceCache) and self._shares_prices else self._own_prices

    @work(group="prices", exclusive=True)
    async def _fetch_prices(self, bundle: ExchangeConnectorBundle, picker: InstrumentPicker) -> None:
        try:
            prices = await self._price_cache.prices(self._place, bundle.market_api.get_prices)
        except Exception as error:  # noqa: BLE001 - a connector is anyone's code: the picker does without its prices
            self.log.info(f"no prices for the picker: {type(error).__name__}")
            return
        picker.take_prices(prices)

    def switch_time_frame(self, time_frame: TimeFrame) -> None:
        try:
            self.feed.select_time_frame(time_frame)
        except BarfinexError as error:
            self.app.notify(str(error), title="Timeframe", severity="warning", markup=False)
            return
        self.query_one(ChartPane).show(self.store)
        self.frame()

    @on(ChartPane.TimeFrameWanted)
    def _time_frame_wanted(self, message: ChartPane.TimeFrameWanted) -> None:
        self.switch_time_frame(message.time_frame)

    @on(ChartPane.OlderWanted)
    def _older_wanted(self) -> None:
        self.feed.load_older()

    def action_frame(self, step: int) -> None:
        current = self.store.candles.time_frame
        self.switch_time_frame(TIME_FRAMES[(TIME_FRAMES.index(current) + step) % len(TIME_FRAMES)])

    def action_retry(self) -> None:
        if self.store.instrument is None:
            self._watch(self._symbol)
        else:
            self.feed.retry()
            self.frame()

    # --- panes ---------------------------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        pane = self.query_one(f"#{name}", MarketPane)
        if pane.has_focus:
            self.action_alone()
            return
        self._go_to(pane)

    def action_next_pane(self, step: int) -> None:
        panes = list(self.query(MarketPane))
        current = next((place for place, pane in enumerate(panes) if pane.has_class("-chosen")), 0)
        self._go_to(panes[(current + step) % len(panes)])

    def _go_to(self, chosen: MarketPane) -> None:
        for pane in self.query(MarketPane):
            pane.set_class(pane is chosen, "-chosen")
        # A pane that was hidden can be focused only once it is laid out.
        self.call_after_refresh(chosen.focus)

    def action_alone(self) -> None:
        self._alone = not self._alone
        self.on_resize()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for pane in self.query(MarketPane):
            pane.set_class(pane is event.widget, "-chosen")

    async def action_back(self) -> None:
        if self._alone:
            self.action_alone()
        elif len(self.app.screen_stack) > 1:
            await self.app.pop_screen()
