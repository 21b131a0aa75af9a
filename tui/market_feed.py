"""Fills a store from the streams of one connector: subscribes, keeps trying, and ends what is no longer watched.

No Textual here. `run` owns every task; what `select` and its kin change takes effect inside it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts import (
    Candle,
    CandleOptions,
    ExchangeConnectorBundle,
    Instrument,
    MarketType,
    OrderBookOptions,
    PriceOptions,
    StreamStatus,
    TimeFrame,
    TradeOptions,
    Unsubscribe,
)
from connectors.contracts.errors import BarfinexError, RequestTimeout, UnknownSymbol
from tui.candle_series import CandleSeries
from tui.default_symbol import default_symbol
from tui.feed_slot import Slot
from tui.history_fill import HistoryFill, Page
from tui.history_poll import UNCLAIMED, follow
from tui.link_health import read_link
from tui.market_store import Link, MarketStore
from tui.pane_state import Condition, PaneState
from tui.reasons import reason

log = logging.getLogger(__name__)

RENEW_AGAIN = 60.0
"""Seconds between two questions for the venue's list because of doubts."""
ANSWER_SECONDS = 20.0
"""A subscription or a page of history that takes longer has failed."""
UNSUBSCRIBE_SECONDS = 3.0
HISTORY_EVERY = 5.0
"""Seconds between two looks at the candles of a venue that does not stream them."""
FIRST_RETRY, LAST_RETRY = 2.0, 30.0

_Opener = Callable[[ExchangeConnectorBundle], Awaitable[Unsubscribe]]
_RESTORED = frozenset({"connected", "live", "resynced"})
_FLOWS_AGAIN = _RESTORED | {"gap", "dropped"}
"""After these, what was missed can be asked for."""


class MarketFeed:
    """`bundle` gives the running connector and raises the typed error where there is none."""

    def __init__(
        self,
        bundle: Callable[[], ExchangeConnectorBundle],
        market_type: MarketType,
        *,
        time_frame: TimeFrame = TimeFrame.M1,
        history_every: float = HISTORY_EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bundle = bundle
        self._market_type = market_type
        self._history_every = history_every
        self._clock = clock
        self.store = MarketStore(candles=CandleSeries(time_frame))
        self._market = Slot()
        self._candles = Slot()
        self._fill: HistoryFill | None = None
        self._polled: tuple[float, int] | None = None
        self._renewal = asyncio.Event()
        self._renewed_at = -RENEW_AGAIN
        self._streams: object = None
        """Of the bundle that was subscribed to last; another one is a connector that was activated anew."""

    # --- what to watch -------------------------------------------------------------------------------------------

    def instruments(self) -> Mapping[str, Instrument]:
        return self._bundle().client.instruments

    def select(self, symbol: str | None = None) -> MarketStore:
        """Watch a symbol (the market's best known one where none is named), in a new store, from now on.

        Raises `UnknownSymbol` or `NotActive`; what was watched then goes on.
        """
        client = self._bundle().client
        try:
            instrument = client.instrument(symbol or default_symbol(client.instruments))
        except UnknownSymbol:
            self.renew_instruments()
            raise
        link = self.store.link
        self.store = MarketStore(instrument=instrument, candles=CandleSeries(self.store.candles.time_frame))
        self.store.link = link
        self.retry()
        return self.store

    def select_time_frame(self, time_frame: TimeFrame) -> None:
        """Watch candles of another interval. Raises `UnsupportedTimeFrame`."""
        self._bundle().adapters.convert_time_frame(time_frame)
        self.store.candles = CandleSeries(time_frame)
        self._watch_candles()

    def retry(self) -> None:
        """Subscribe to everything anew, at once."""
        store = self.store
        if store.instrument is not None:
            instrument = store.instrument
            self._streams = self._running_streams()
            self._market.put(lambda: self._run_market(store, instrument))
            self._watch_candles()

    def _running_streams(self) -> object:
        try:
            return self._bundle().ws
        except BarfinexError:
            return None

    def load_older(self) -> None:
        """Load the page of history before the oldest candle, unless that is being done or there is none."""
        if self._fill is not None:
            self._fill.load_older()

    def _watch_candles(self) -> None:
        store, series = self.store, self.store.candles
        if store.instrument is not None:
            instrument = store.instrument
            self._candles.put(lambda: self._run_candles(store, series, instrument))

    # --- running -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Feed the store until cancelled; every subscription is then ended."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._market.run())
            tasks.create_task(self._candles.run())
            tasks.create_task(self._renew())

    def renew_instruments(self) -> None:
        """Ask for the venue's list anew: something is not in it, or does not fit what it says."""
        if self._clock() - self._renewed_at >= RENEW_AGAIN:
            self._renewed_at = self._clock()
            self._renewal.set()

    async def _renew(self) -> None:
        while True:
            await self._renewal.wait()
            self._renewal.clear()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._bundle().market_api.get_instruments_info()
            except Exception as failure:  # noqa: BLE001 - a connector is anyone's code: the list then stays as it was
                log.info("instruments not renewed error=%s", failure)
            self._read_instrument()

    def _read_instrument(self) -> None:
        """What the client's list says by now of the instrument on screen."""
        store = self.store
        if store.instrument is None:
            return
        try:
            store.renew(self._bundle().client.instrument(store.instrument.venue_symbol))
        except UnknownSymbol:
            store.renew(None)
        except BarfinexError:
            return
        if store.finer is not None:
            self.renew_instruments()

    async def _run_market(self, store: MarketStore, instrument: Instrument) -> None:
        market = self._market_type

        async def trades(bundle: ExchangeConnectorBundle) -> Unsubscribe:
            hear = self._listener(store, store.trades.condition)
            options = TradeOptions(market_type=market, instruments=[instrument], on_status=hear)
            return await bundle.ws.subscribe_to_trade(options, store.on_trade)

        async def book(bundle: ExchangeConnectorBundle) -> Unsubscribe:
            hear = self._listener(store, store.book_condition)
            options = OrderBookOptions(market_type=market, instruments=[instrument], on_status=hear)
            return await bundle.ws.subscribe_to_order_book(options, store.on_book)

        async def prices(bundle: ExchangeConnectorBundle) -> Unsubscribe:
            options = PriceOptions(market_type=market, symbols=[instrument.symbol])
            return await bundle.ws.subscribe_to_instrument_prices(options, store.on_price)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(store.book_condition, book))
            tasks.create_task(self._keep(store.trades.condition, trades))
            tasks.create_task(self._keep(Condition(), prices))

    async def _run_candles(self, store: MarketStore, series: CandleSeries, instrument: Instrument) -> None:
        if series.older_trouble:
            series.older_trouble, series.complete = "", False
        series.loading_older = False

        async def page(count: int, end: int | None) -> Sequence[Candle]:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._bundle().market_api.get_candles(
                    instrument, series.time_frame, limit=count, end_time=end
                )

        fill = self._fill = HistoryFill(series, page, self._clock)

        def take(candle: Candle) -> None:
            store.on_candle(candle)
            fill.look()

        async def candles(bundle: ExchangeConnectorBundle) -> Unsubscribe:
            hear = self._listener(store, series.condition, fill)
            options = CandleOptions(
                market_type=self._market_type,
                instruments=[instrument],
                interval=series.time_frame,
                on_status=hear,
            )
            try:
                unsubscribe = await bundle.ws.subscribe_to_candles(options, take)
            except UNCLAIMED:
                await fill.load()
                return self._follow_history(series, page, take, fill)
            try:
                await fill.load()
            except UNCLAIMED:
                # Without a past the chart begins now.
                series.complete = True
            except BaseException:
                await self._end(unsubscribe)
                raise
            return unsubscribe

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(series.condition, candles, fill.recovered))
            tasks.create_task(fill.run())

    def _follow_history(
        self, series: CandleSeries, page: Page, take: Callable[[Candle], None], fill: HistoryFill
    ) -> Unsubscribe:
        def troubled(failure: Exception | None) -> None:
            if failure is None:
                fill.recovered()
            else:
                series.condition.set(PaneState.STALE, reason(failure))

        return follow(lambda count: page(count, None), take, self._history_every, troubled)

    async def _keep(
        self, condition: Condition, opener: _Opener, flows: Callable[[], None] | None = None
    ) -> None:
        """Hold one subscription: open it, again and again where that fails for a passing reason, and end it."""
        delay = FIRST_RETRY
        while True:
            condition.set(PaneState.LOADING)
            opened = await self._open(opener)
            if not isinstance(opened, Exception):
                condition.set(PaneState.LIVE) if flows is None else flows()
                try:
                    await asyncio.get_running_loop().create_future()
                finally:
                    await self._end(opened)
                return
            if not isinstance(opened, BarfinexError) or not opened.retryable:
                condition.set(PaneState.ERROR, reason(opened))
                return
            condition.set(PaneState.ERROR, reason(opened), self._clock() + delay)
            await asyncio.sleep(delay)
            delay = min(LAST_RETRY, delay * 2)

    async def _open(self, opener: _Opener) -> Unsubscribe | Exception:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await opener(self._bundle())
        except TimeoutError:
            return RequestTimeout(f"no answer in {ANSWER_SECONDS:.0f} s")
        except Exception as failure:  # noqa: BLE001 - a connector is anyone's code: its pane shows the reason
            log.info("subscription failed error=%s", failure)
            return failure

    async def _end(self, unsubscribe: Unsubscribe) -> None:
        try:
            async with asyncio.timeout(UNSUBSCRIBE_SECONDS):
                await unsubscribe()
        except Exception as failure:  # noqa: BLE001 - nobody waits for the end of what is no longer watched
            log.info("unsubscribe failed error=%s", failure)

    # --- what happens to the streams -----------------------------------------------------------------------------

    def _listener(
        self, store: MarketStore, condition: Condition, fill: HistoryFill | None = None
    ) -> Callable[[StreamStatus], None]:
        missed = False

        def hear(status: StreamStatus) -> None:
            nonlocal missed
            store.statuses.append(status)
            kind, cause = status.kind, clean(status.reason, MESSAGE_LIMIT)
            if kind in ("lost", "reconnecting", "stale", "gap", "dropped", "failed"):
                missed = True
            if kind in ("lost", "reconnecting"):
                retry_at = None if status.retry_in_ms is None else self._clock() + status.retry_in_ms / 1000
                link = store.link
                link.state, link.cause, link.retry_at = "RECONNECTING", cause or link.cause, retry_at
                store.link_version += 1
            elif kind == "stale":
                condition.set(PaneState.STALE, cause)
            elif kind == "failed":
                condition.set(PaneState.ERROR, cause or "the venue refused the subscription")
            elif kind == "gap" and fill is None:
                condition.set(condition.state, cause)
            elif kind in _RESTORED and condition.state is not PaneState.LOADING:
                condition.set(PaneState.LIVE) if fill is None else fill.recovered()
            if fill is not None and missed and kind in _FLOWS_AGAIN:
                fill.missed()
                missed = False

        return hear

    def poll(self) -> None:
        """Read the connection's health; once a second is enough. What was activated anew is subscribed to anew."""
        now, store = self._clock(), self.store
        if store.instrument is not None and self._running_streams() not in (None, self._streams):
            self.retry()
        symbol = None if store.instrument is None else store.instrument.symbol
        try:
            link = read_link(self._bundle().ws.health(), symbol, now)
        except BarfinexError as error:
            link = Link("INACTIVE", reason(error))
        before = self._polled
        self._polled = (now, link.messages)
        if before is not None and now > before[0]:
            link.rate = max(0.0, (link.messages - before[1]) / (now - before[0]))
        old = store.link
        if (link.state, link.cause, link.retry_at) != (old.state, old.cause, old.retry_at):
            store.link_version += 1
        store.link = link
        store.health_version += 1
        self._read_instrument()
