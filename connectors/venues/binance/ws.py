"""Binance's streams: trades, books, candles, prices, instruments and the account."""

from collections.abc import Mapping, Sequence
from functools import partial

from connectors.contracts.errors import UnsupportedMarket, UsageError
from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.contracts.instruments import Instrument
from connectors.contracts.orders import AccountUpdate
from connectors.contracts.services import (
    AccountHandler,
    CandleHandler,
    CandleOptions,
    ConnectionHealth,
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
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import CandleFeed, Feed, Listener, PriceFeed, TradeFeed
from connectors.streaming.hub import Hub
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.poll import Poll
from connectors.streaming.pool import Pool
from connectors.streaming.sequencing import BinanceSpotSequencing
from connectors.streaming.settings import SessionSettings
from connectors.streaming.snapshots import SnapshotDesk
from connectors.streaming.tap import Tap
from connectors.venues.binance.adapters import decode_account
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import decode_candle, decode_depth, decode_prices, decode_trade
from connectors.venues.binance.dialect import ACCOUNT_CHANNEL, BinanceAccountDialect, BinanceDialect
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.timeframes import convert_time_frame

ALL_PRICES = "!miniTicker@arr"
INSTRUMENTS_EVERY = 180.0
"""Seconds between two looks at the instrument list."""
BOOK_SILENCE = 10.0
"""Seconds without an update after which a book's stream is checked over REST; the other streams may be quiet."""
PROBE_DEPTH = 5
PROBES_A_MINUTE = 120
"""Each weighs 5."""
SNAPSHOT_DEPTH = 1000
SNAPSHOTS_A_MINUTE = 60
"""Each weighs 50 of the 6,000 a minute that an address has; the half is left to other calls."""


class AccountFeed(Feed[AccountUpdate]):
    """Changes of balances; the stream's other events are passed over."""

    def frame(self, frame: bytes) -> None:
        update = decode_account(frame)
        if update is not None:
            self.deliver(update)


class BinanceWsManager:
    """Implements `ExchangeWsManager` for one market. Channels are shared: two subscribers cost one stream.

    Opens no connection before the first subscription. `settings`, `book_settings`, and in seconds
    `instruments_every` and `book_silence`, are for tests; `tap` is the recorder's.
    """

    def __init__(
        self,
        client: BinanceClientService,
        market_api: BinanceMarketApi,
        *,
        settings: SessionSettings | None = None,
        book_settings: BookSettings | None = None,
        instruments_every: float = INSTRUMENTS_EVERY,
        book_silence: float = BOOK_SILENCE,
        tap: Tap | None = None,
    ) -> None:
        context = client.context
        self._client = client
        self._market_api = market_api
        self._market_type = context.market_type
        self._endpoints = context.endpoints
        self._settings = settings
        self._book_settings = book_settings
        self._book_silence = book_silence
        self._probes = SlidingWindow(PROBES_A_MINUTE, 60.0)
        self._tap = tap
        name = f"{context.connector_type}-{context.market_type.value}"
        self._name = name
        dialect = BinanceDialect(_endpoint(context.endpoints, "ws"), context.market_type)
        self._pool = Pool(dialect, name=name, settings=settings, tap=tap, now_ms=client.now_ms)
        self._hub = Hub(self._pool)
        self._account_pool: Pool | None = None
        self._account_hub: Hub | None = None
        self._desk = SnapshotDesk(self._fetch_snapshot, limit=SNAPSHOTS_A_MINUTE, period=60.0)
        self._poll: Poll[Sequence[Instrument]] = Poll(
            market_api.get_instruments_info, instruments_every, name=f"{name} instruments"
        )

    async def subscribe_to_trade(self, options: TradeOptions, handler: TradeHandler) -> Unsubscribe:
        self._check(options)
        channels = [_channel(one, "trade") for one in options.instruments]
        return await self._hub.join(channels, self._trade_feed, Listener[Trade](handler, options.on_status))

    async def subscribe_to_order_book(
        self, options: OrderBookOptions, handler: OrderBookHandler
    ) -> Unsubscribe:
        """The handler gets the live book after every change; views of it say which state they were read in."""
        self._check(options)
        channels = [_channel(one, "depth@100ms", self._book_silence) for one in options.instruments]
        listener = Listener[LiveBook](handler, options.on_status)
        return await self._hub.join(channels, self._book_feed, listener)

    async def subscribe_to_candles(self, options: CandleOptions, handler: CandleHandler) -> Unsubscribe:
        """Raises `UnsupportedTimeFrame`."""
        self._check(options)
        interval = convert_time_frame(options.interval, self._market_type)
        channels = [_channel(one, f"kline_{interval}") for one in options.instruments]
        make = partial(self._candle_feed, interval)
        return await self._hub.join(channels, make, Listener[Candle](handler, options.on_status))

    async def subscribe_to_instrument_prices(
        self, options: PriceOptions, handler: PriceHandler
    ) -> Unsubscribe:
        """Raises `UnknownSymbol`."""
        self._check(options)
        listener = Listener[Price](handler, options.on_status)
        if options.symbols is None:
            return await self._hub.join([Channel(ALL_PRICES)], self._price_feed, listener)
        channels = [_channel(self._client.instrument(symbol), "ticker") for symbol in options.symbols]
        return await self._hub.join(channels, self._price_feed, listener)

    async def subscribe_to_instruments(
        self, options: StreamOptions, handler: InstrumentsHandler
    ) -> Unsubscribe:
        """The list now, and again whenever it is another."""
        self._check(options)
        return await self._poll.join(Listener[Sequence[Instrument]](handler, options.on_status))

    async def subscribe_to_account(self, options: StreamOptions, handler: AccountHandler) -> Unsubscribe:
        """Raises `MissingCredentials`."""
        self._check(options)
        _ = self._client.api_key
        if self._account_hub is None:
            dialect = BinanceAccountDialect(_endpoint(self._endpoints, "ws_api"), self._sign_in)
            name = f"{self._name}-account"
            self._account_pool = Pool(dialect, name=name, settings=self._settings, tap=self._tap)
            self._account_hub = Hub(self._account_pool)
        listener = Listener[AccountUpdate](handler, options.on_status)
        return await self._account_hub.join([Channel(ACCOUNT_CHANNEL)], AccountFeed, listener)

    def health(self) -> Sequence[ConnectionHealth]:
        account = self._account_pool.health() if self._account_pool is not None else ()
        return [*self._pool.health(), *account]

    def rotate(self, connection: str) -> bool:
        """Implements `RotatesConnections`."""
        pools = [pool for pool in (self._pool, self._account_pool) if pool is not None]
        return any(pool.rotate(connection, "asked for by the user") for pool in pools)

    async def destroy(self) -> None:
        """End every subscription, task and socket, within the close timeout."""
        await self._poll.close()
        await self._hub.close()
        await self._pool.close()
        if self._account_hub is not None and self._account_pool is not None:
            await self._account_hub.close()
            await self._account_pool.close()

    def _check(self, options: StreamOptions) -> None:
        if options.market_type is not self._market_type:
            raise UnsupportedMarket("binance", options.market_type.value, [self._market_type.value])

    def _trade_feed(self, channel: Channel) -> Feed[Trade]:
        return TradeFeed(channel, decode_trade, consecutive=True)

    def _book_feed(self, channel: Channel) -> Feed[LiveBook]:
        fetch = partial(self._desk.get, channel.symbol or "")
        probe = partial(self._probe, channel.symbol or "")
        return BookFeed(
            channel, decode_depth, BinanceSpotSequencing(), fetch, self._book_settings, probe=probe
        )

    def _candle_feed(self, interval: str, channel: Channel) -> Feed[Candle]:
        return CandleFeed(channel, lambda frame: decode_candle(frame, interval))

    def _price_feed(self, channel: Channel) -> Feed[Price]:
        return PriceFeed(channel, decode_prices)

    async def _fetch_snapshot(self, symbol: str) -> OrderBookUpdate:
        return await self._market_api.get_depth(self._client.instrument(symbol), SNAPSHOT_DEPTH)

    async def _probe(self, symbol: str) -> int | None:
        await self._probes.turn()
        return (await self._market_api.get_depth(self._client.instrument(symbol), PROBE_DEPTH)).last_sequence

    def _sign_in(self) -> dict[str, str | int]:
        return self._client.api_key.ws_params({}, self._client.now_ms())


def _endpoint(endpoints: Mapping[str, str], name: str) -> str:
    url = endpoints.get(name)
    if not url:
        raise UsageError(f"this environment of Binance names no address for '{name}'")
    return url


def _channel(instrument: Instrument, stream: str, silence: float | None = None) -> Channel:
    name = f"{instrument.venue_symbol.lower()}@{stream}"
    return Channel(name, instrument.symbol, first_data_timeout=silence, stale_after=silence)
