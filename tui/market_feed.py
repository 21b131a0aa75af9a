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
from connectors.contracts.errors import BarfinexError, RequestTimeout
from tui.feed_slot import Slot
from tui.history_poll import UNCLAIMED, follow
from tui.link_health import read_link
from tui.market_store import CandleSeries, Condition, Link, MarketStore, PaneState

log = logging.getLogger(__name__)

ANSWER_SECONDS = 20.0
"""A subscription or a page of history that takes longer has failed."""
UNSUBSCRIBE_SECONDS = 3.0
HISTORY_PAGE = 500
HISTORY_EVERY = 5.0
"""Seconds between two looks at the candles of a venue that does not stream them."""
FIRST_RETRY, LAST_RETRY = 2.0, 30.0

_Opener = Callable[[ExchangeConnectorBundle], Awaitable[Unsubscribe]]
_RESTORED = frozenset({"connected", "live", "resynced"})


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
        self._older = asyncio.Event()
        self._refill = asyncio.Event()
        self._polled: tuple[float, int] | None = None

    # --- what to watch -------------------------------------------------------------------------------------------

    def instruments(self) -> Mapping[str, Instrument]:
        return self._bundle().client.instruments

    def select(self, symbol: str | None = None) -> MarketStore:
        """Watch a symbol (the market's best known one where none is named), in a new store, from now on.

        Raises `UnknownSymbol` or `NotActive`; what was watched then goes on.
        """
        client = self._bundle().client
        instrument = client.instrument(symbol or default_symbol(client.instruments))
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
            self._market.put(lambda: self._run_market(store, instrument))
            self._watch_candles()

    def load_older(self) -> None:
        """Load the page of history before the oldest candle, unless that is being done or there is none."""
        series = self.store.candles
        if len(series) and not series.complete and not series.loading_older:
            series.loading_older = True
            self._older.set()

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
        series.loading_older = False
        self._older.clear()
        self._refill.clear()

        async def candles(bundle: ExchangeConnectorBundle) -> Unsubscribe:
            hear = self._listener(store, series.condition, restored=self._refill.set)
            options = CandleOptions(
                market_type=self._market_type,
                instruments=[instrument],
                interval=series.time_frame,
                on_status=hear,
            )
            try:
                unsubscribe = await bundle.ws.subscribe_to_candles(options, store.on_candle)
            except UNCLAIMED:
                return await self._follow_history(bundle, store, series, instrument)
            try:
                await self._load(bundle, series, instrument)
            except UNCLAIMED:
                # Without a past the chart begins now.
                series.complete = True
            except BaseException:
                await self._end(unsubscribe)
                raise
            return unsubscribe

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(series.condition, candles))
            tasks.create_task(self._on_demand(self._older, series, instrument, older=True))
            tasks.create_task(self._on_demand(self._refill, series, instrument, older=False))

    async def _follow_history(
        self,
        bundle: ExchangeConnectorBundle,
        store: MarketStore,
        series: CandleSeries,
        instrument: Instrument,
    ) -> Unsubscribe:
        """Raises the connector's refusal where it has no history either."""
        await self._load(bundle, series, instrument)

        def fetch(count: int) -> Awaitable[Sequence[Candle]]:
            return self._bundle().market_api.get_candles(instrument, series.time_frame, limit=count)

        def troubled(failure: Exception | None) -> None:
            if failure is None:
                series.condition.set(PaneState.LIVE)
            else:
                series.condition.set(PaneState.STALE, reason(failure))

        return follow(fetch, store.on_candle, self._history_every, ANSWER_SECONDS, troubled)

    async def _keep(self, condition: Condition, opener: _Opener) -> None:
        """Hold one subscription: open it, again and again where that fails for a passing reason, and end it."""
        delay = FIRST_RETRY
        while True:
            condition.set(PaneState.LOADING)
            opened = await self._open(opener)
            if not isinstance(opened, Exception):
                condition.set(PaneState.LIVE)
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

    async def _on_demand(
        self, wanted: asyncio.Event, series: CandleSeries, instrument: Instrument, *, older: bool
    ) -> None:
        """History when asked for: older pages, or what was missed while the connection was down."""
        while True:
            await wanted.wait()
            wanted.clear()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._load(self._bundle(), series, instrument, older=older)
            except Exception as failure:  # noqa: BLE001 - what is shown stays; scrolling asks again
                log.info("history failed error=%s", failure)
            finally:
                if older:
                    series.loading_older = False

    async def _load(
        self,
        bundle: ExchangeConnectorBundle,
        series: CandleSeries,
        instrument: Instrument,
        *,
        older: bool = False,
    ) -> None:
        end = series.oldest - 1 if older and series.oldest is not None else None
        page = await bundle.market_api.get_candles(
            instrument, series.time_frame, limit=HISTORY_PAGE, end_time=end
        )
        series.merge(page, older=older)

    # --- what happens to the streams -----------------------------------------------------------------------------

    def _listener(
        self, store: MarketStore, condition: Condition, restored: Callable[[], None] | None = None
    ) -> Callable[[StreamStatus], None]:
        lost = False

        def hear(status: StreamStatus) -> None:
            nonlocal lost
            store.statuses.append(status)
            kind, cause = status.kind, clean(status.reason, MESSAGE_LIMIT)
            if kind in ("lost", "reconnecting"):
                lost = True
                retry_at = None if status.retry_in_ms is None else self._clock() + status.retry_in_ms / 1000
                link = store.link
                link.state, link.cause, link.retry_at = "RECONNECTING", cause or link.cause, retry_at
                store.link_version += 1
            elif kind == "stale":
                condition.set(PaneState.STALE, cause)
            elif kind == "failed":
                condition.set(PaneState.ERROR, cause or "the venue refused the subscription")
            elif kind == "gap":
                condition.set(condition.state, cause)
            elif kind in _RESTORED:
                if condition.state is not PaneState.LOADING:
                    condition.set(PaneState.LIVE)
                if lost and restored is not None:
                    restored()
                lost = False

        return hear

    def poll(self) -> None:
        """Read the connection's health; once a second is enough."""
        now, store = self._clock(), self.store
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


def reason(error: BaseException) -> str:
    """One plain line; an error that is not ours is named with its kind."""
    text = clean(error, MESSAGE_LIMIT)
    return (
        text if isinstance(error, BarfinexError) and text else f"{type(error).__name__}: {text}".rstrip(": ")
    )


def default_symbol(instruments: Mapping[str, Instrument]) -> str:
    """What to watch where nothing was named: bitcoin in dollars where there is such, else the first that trades."""
    for symbol in ("BTCUSDT", "BTCUSD", "BTCUSDC", "BTCEUR"):
        if symbol in instruments:
            return symbol
    tradable = (symbol for symbol, instrument in instruments.items() if instrument.tradable)
    return next(tradable, next(iter(instruments), ""))
