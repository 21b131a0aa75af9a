"""The streams of one market of a venue: its plan over the shared machinery, as the contract has it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

from connectors.contracts.errors import NotSupported, SubscriptionFailed, UnsupportedMarket
from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.contracts.health import ConnectionHealth
from connectors.contracts.instruments import Instrument, fits_tick
from connectors.contracts.orders import AccountUpdate
from connectors.contracts.services import (
    AccountHandler,
    CandleHandler,
    CandleOptions,
    ConnectorContext,
    InstrumentsHandler,
    LiveBook,
    OrderBookHandler,
    OrderBookOptions,
    PriceHandler,
    PriceOptions,
    StreamOptions,
    TradeHandler,
    TradeOptions,
    Unsubscribe,
)
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener
from connectors.streaming.hub import Hub
from connectors.streaming.listing_watch import ListingWatch
from connectors.streaming.plan import BookParts, Checks, Snapshot, StreamKind, StreamPlan, Topic
from connectors.streaming.poll import Poll
from connectors.streaming.pool import Pool
from connectors.streaming.settings import SessionSettings
from connectors.streaming.silence_check import SilenceCheck
from connectors.streaming.snapshots import SnapshotDesk
from connectors.streaming.socket import open_socket
from connectors.streaming.transport import Transport

T = TypeVar("T")

INSTRUMENTS_EVERY = 180.0
"""Seconds between two looks at the instrument list."""
_COMPARED = 10
"""Levels a side of a snapshot that are compared with the tick."""
_ON_ITS_WAY = {
    StreamKind.TRADES: 0.5,
    StreamKind.BOOKS: 0.5,
    StreamKind.PRICES: 1.5,
    StreamKind.CANDLES: 2.5,
}
"""In how many seconds the news of a stream that comes at once, or in steps, is here."""


class StreamClient(Protocol):
    """What is needed of the connector's client service."""

    @property
    def context(self) -> ConnectorContext: ...

    @property
    def name(self) -> str: ...

    def instrument(self, symbol: str) -> Instrument: ...

    def now_ms(self) -> int: ...

    async def load_instruments(self) -> Sequence[Instrument]: ...


@runtime_checkable
class KeepsUp(Protocol):
    """What the client service may have besides: it asks anew for what may have changed."""

    async def refresh_clock(self) -> None: ...

    def lost_touch(self) -> None: ...

    def list_doubted(self) -> None: ...

    def known_instruments(self) -> Sequence[Instrument] | None: ...

    def on_renewed(self, renewed: Callable[[Sequence[Instrument]], None]) -> None: ...


class AccountChannel(Protocol):
    """A venue's account stream, on a connection of its own."""

    async def join(self, listener: Listener[AccountUpdate]) -> Unsubscribe: ...

    def health(self) -> Sequence[ConnectionHealth]: ...

    def rotate(self, connection: str, reason: str) -> bool: ...

    async def close(self) -> None: ...


class StreamManager:
    """Implements `ExchangeWsManager`. Streams are shared: two subscribers cost the venue one.

    Opens no connection before the first subscription. `transport` is WebSocket, `http_stream` or `polling`. `snapshot`
    fetches books where they do not come in the stream, at most `snapshots_a_minute`; without it a book's feed asks for
    them by subscribing anew. `settings`, `book_settings` and `instruments_every` (seconds) are for tests.
    """

    def __init__(
        self,
        client: StreamClient,
        plan: StreamPlan,
        *,
        snapshot: Snapshot | None = None,
        snapshots_a_minute: int = 60,
        checks: Checks | None = None,
        account: AccountChannel | None = None,
        transport: Transport = open_socket,
        settings: SessionSettings | None = None,
        book_settings: BookSettings | None = None,
        instruments_every: float = INSTRUMENTS_EVERY,
    ) -> None:
        context = client.context
        self._client = client
        self._plan = plan
        self._checks = checks or Checks()
        self._market_type = context.market_type
        self._account = account
        self._book_settings = book_settings
        name = f"{context.connector_type}-{context.market_type.value}"
        tap = context.tap.stream if context.tap is not None else None
        self._pool = Pool(
            plan.dialect,
            name=name,
            settings=settings,
            tap=tap,
            now_ms=client.now_ms,
            measure=client.refresh_clock if isinstance(client, KeepsUp) else None,
            reconnected=client.lost_touch if isinstance(client, KeepsUp) else None,
            transport=transport,
        )
        self._hub = Hub(self._pool)
        self._desk = (
            SnapshotDesk(partial(self._fetch, snapshot), limit=snapshots_a_minute, period=60.0)
            if snapshot is not None
            else None
        )
        self._poll: Poll[Sequence[Instrument]] = Poll(
            client.load_instruments,
            instruments_every,
            name=f"{name} instruments",
            known=client.known_instruments if isinstance(client, KeepsUp) else lambda: None,
        )
        self._listings = ListingWatch()
        if isinstance(client, KeepsUp):
            client.on_renewed(self._listings.renewed)
            client.on_renewed(self._poll.offer)

    @property
    def streams(self) -> int:
        """How many streams are listened to."""
        return len(self._hub)

    async def subscribe_to_trade(self, options: TradeOptions, handler: TradeHandler) -> Unsubscribe:
        make = self._offered(self._plan.trades, StreamKind.TRADES, options)
        channels = [self._channel(StreamKind.TRADES, one) for one in options.instruments]
        ask = self._checks.trades

        def feed(channel: Channel) -> Feed[Trade]:
            return make(channel, self._check(StreamKind.TRADES, ask and partial(ask, channel.symbol or "")))

        return await self._join(
            channels, feed, Listener[Trade](handler, options.on_status), options.instruments
        )

    async def subscribe_to_order_book(
        self, options: OrderBookOptions, handler: OrderBookHandler
    ) -> Unsubscribe:
        """The handler gets the live book after every change; views of it say which state they were read in."""
        make = self._offered(self._plan.books, StreamKind.BOOKS, options)
        channels = [self._channel(StreamKind.BOOKS, one) for one in options.instruments]
        ask = self._checks.books

        def feed(channel: Channel) -> Feed[LiveBook]:
            symbol = channel.symbol or ""
            parts = BookParts(
                fetch=partial(self._desk.get, symbol) if self._desk is not None else None,
                renew=partial(self._pool.renew, channel.name),
                settings=self._book_settings,
                check=self._check(StreamKind.BOOKS, ask and partial(ask, symbol)),
            )
            return make(channel, parts)

        return await self._join(
            channels, feed, Listener[LiveBook](handler, options.on_status), options.instruments
        )

    async def subscribe_to_candles(self, options: CandleOptions, handler: CandleHandler) -> Unsubscribe:
        """Raises `UnsupportedTimeFrame`."""
        make = self._offered(self._plan.candles, StreamKind.CANDLES, options)
        interval = options.interval
        channels = [self._channel(StreamKind.CANDLES, one, interval) for one in options.instruments]
        ask = self._checks.candles

        def feed(channel: Channel) -> Feed[Candle]:
            asked = ask and partial(ask, channel.symbol or "", interval)
            return make(channel, interval, self._check(StreamKind.CANDLES, asked))

        return await self._join(
            channels, feed, Listener[Candle](handler, options.on_status), options.instruments
        )

    async def subscribe_to_instrument_prices(
        self, options: PriceOptions, handler: PriceHandler
    ) -> Unsubscribe:
        """Raises `UnknownSymbol`, and `NotSupported` where all symbols are asked for and the venue wants names."""
        make = self._offered(self._plan.prices, StreamKind.PRICES, options)
        if options.symbols is not None:
            instruments = [self._client.instrument(symbol) for symbol in options.symbols]
            listened = instruments
            channels = [self._channel(StreamKind.PRICES, one) for one in instruments]
        elif self._plan.all_prices is not None:
            channels = [self._made(StreamKind.PRICES, self._plan.all_prices, None)]
            listened = []
        else:
            raise NotSupported(f"{self._client.name} has no stream of all prices: name the symbols")
        ask = self._checks.prices

        def feed(channel: Channel) -> Feed[Price]:
            return make(channel, self._check(StreamKind.PRICES, ask and partial(ask, channel.symbol)))

        return await self._join(channels, feed, Listener[Price](handler, options.on_status), listened)

    async def subscribe_to_instruments(
        self, options: StreamOptions, handler: InstrumentsHandler
    ) -> Unsubscribe:
        """The list now, and again whenever it is another."""
        self._check_market(options)
        return await self._poll.join(Listener[Sequence[Instrument]](handler, options.on_status))

    async def subscribe_to_account(self, options: StreamOptions, handler: AccountHandler) -> Unsubscribe:
        """Raises `MissingCredentials`, the venue's refusal of the key, or `NotSupported`."""
        self._check_market(options)
        if self._account is None:
            raise NotSupported(f"the connector of {self._client.name} streams no account")
        return await self._account.join(Listener[AccountUpdate](handler, options.on_status))

    def health(self) -> Sequence[ConnectionHealth]:
        return [*self._pool.health(), *(self._account.health() if self._account is not None else ())]

    def rotate(self, connection: str) -> bool:
        """Implements `RotatesConnections`."""
        reason = "asked for by the user"
        if self._pool.rotate(connection, reason):
            return True
        return self._account is not None and self._account.rotate(connection, reason)

    async def destroy(self) -> None:
        """End every subscription, task and socket, within the close timeout."""
        await self._poll.close()
        await self._hub.close()
        await self._pool.close()
        if self._account is not None:
            await self._account.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _join(
        self,
        channels: Sequence[Channel],
        make: Callable[[Channel], Feed[T]],
        listener: Listener[T],
        instruments: Sequence[Instrument],
    ) -> Unsubscribe:
        try:
            leave = await self._hub.join(channels, make, listener)
        except SubscriptionFailed:
            # Perhaps one of them is listed no more.
            if isinstance(self._client, KeepsUp):
                self._client.list_doubted()
            raise
        forget = self._listings.join(instruments, listener)

        async def unsubscribe() -> None:
            forget()
            await leave()

        return unsubscribe

    def _check_market(self, options: StreamOptions) -> None:
        if options.market_type is not self._market_type:
            connector_type = self._client.context.connector_type
            raise UnsupportedMarket(connector_type, options.market_type.value, [self._market_type.value])

    def _offered(self, make: T | None, kind: StreamKind, options: StreamOptions) -> T:
        self._check_market(options)
        if make is None:
            raise NotSupported(f"the connector of {self._client.name} streams no {kind.value}")
        return make

    def _channel(
        self, kind: StreamKind, instrument: Instrument, interval: TimeFrame | None = None
    ) -> Channel:
        name = self._plan.name_of(Topic(kind, instrument.venue_symbol, interval))
        return self._made(kind, name, instrument.symbol)

    def _made(self, kind: StreamKind, name: str, symbol: str | None) -> Channel:
        checked = getattr(self._checks, kind.name.lower()) is not None
        silence = self._plan.silence if checked or kind in self._plan.steady else None
        category = self._plan.category_of(name)
        return Channel(name, symbol, category, first_data_timeout=silence, stale_after=silence)

    def _check(self, kind: StreamKind, ask: Callable[[], Awaitable[Any]] | None) -> SilenceCheck | None:
        return None if ask is None else SilenceCheck(ask, _ON_ITS_WAY[kind])

    async def _fetch(self, snapshot: Snapshot, symbol: str) -> OrderBookUpdate:
        instrument = self._client.instrument(symbol)
        book = await snapshot(instrument)
        prices = (price for side in (book.bids, book.asks) for price, _ in side[:_COMPARED])
        if not fits_tick(prices, instrument.tick_size) and isinstance(self._client, KeepsUp):
            self._client.list_doubted()
        return book
