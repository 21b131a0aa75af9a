"""Binance's streams: trades, books, candles, prices, instruments and the account."""

from collections.abc import Sequence
from functools import partial

from connectors.contracts.errors import UnsupportedMarket
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
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener, PriceFeed
from connectors.streaming.hub import Hub
from connectors.streaming.poll import Poll
from connectors.streaming.pool import Pool
from connectors.streaming.settings import SessionSettings
from connectors.streaming.silence_check import SilenceCheck
from connectors.streaming.snapshots import SnapshotDesk
from connectors.streaming.tap import Tap
from connectors.venues.binance.account_streams import AccountStreams
from connectors.venues.binance.addresses import endpoint
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import decode_prices
from connectors.venues.binance.dialect import BinanceDialect
from connectors.venues.binance.live import LiveBookFeed, LiveCandleFeed, LiveTradeFeed
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.stream_names import ALL_PRICES, channel_of
from connectors.venues.binance.timeframes import convert_time_frame
from connectors.venues.binance.truth import BinanceTruth

INSTRUMENTS_EVERY = 180.0
"""Seconds between two looks at the instrument list."""
SILENCE = 10.0
"""Seconds without data after which a stream is checked over REST: a market may be quiet for longer."""
AT_ONCE, EVERY_SECOND, EVERY_TWO_SECONDS = 0.5, 1.5, 2.5
"""In how many seconds the news of a stream that comes at once, or in steps, is here."""
SNAPSHOT_DEPTH = 1000
MANY_CHANNELS = 200
"""Beyond so many, books begin with half the depth, for half the memory and of spot's request weight."""


class BinanceWsManager:
    """Implements `ExchangeWsManager` for one market. Channels are shared: two subscribers cost one stream.

    Opens no connection before the first subscription. `settings`, `book_settings`, and in seconds
    `instruments_every` and `silence`, are for tests; `tap` is the recorder's.
    """

    def __init__(
        self,
        client: BinanceClientService,
        market_api: BinanceMarketApi,
        *,
        settings: SessionSettings | None = None,
        book_settings: BookSettings | None = None,
        instruments_every: float = INSTRUMENTS_EVERY,
        silence: float = SILENCE,
        tap: Tap | None = None,
    ) -> None:
        context = client.context
        self._client = client
        self._market_api = market_api
        self._market_type = context.market_type
        self._endpoints = context.endpoints
        self._settings = settings
        self._book_settings = book_settings
        self._silence = silence
        self._truth = BinanceTruth(client, market_api)
        self._tap = tap
        name = f"{context.connector_type}-{context.market_type.value}"
        self._name = name
        dialect = BinanceDialect(endpoint(context.endpoints, "ws"), context.market_type)
        self._streams = STREAMS[context.market_type]
        self._pool = Pool(dialect, name=name, settings=settings, tap=tap, now_ms=client.now_ms)
        self._hub = Hub(self._pool)
        self._account = AccountStreams(client, name=name, settings=settings, tap=tap)
        self._desk = SnapshotDesk(self._fetch_snapshot, limit=self._streams.snapshots_a_minute, period=60.0)
        self._poll: Poll[Sequence[Instrument]] = Poll(
            market_api.get_instruments_info, instruments_every, name=f"{name} instruments"
        )

    async def subscribe_to_trade(self, options: TradeOptions, handler: TradeHandler) -> Unsubscribe:
        self._check(options)
        channels = [self._channel(one, self._streams.trades) for one in options.instruments]
        return await self._hub.join(channels, self._trade_feed, Listener[Trade](handler, options.on_status))

    async def subscribe_to_order_book(
        self, options: OrderBookOptions, handler: OrderBookHandler
    ) -> Unsubscribe:
        """The handler gets the live book after every change; views of it say which state they were read in."""
        self._check(options)
        channels = [self._channel(one, "depth@100ms") for one in options.instruments]
        listener = Listener[LiveBook](handler, options.on_status)
        return await self._hub.join(channels, self._book_feed, listener)

    async def subscribe_to_candles(self, options: CandleOptions, handler: CandleHandler) -> Unsubscribe:
        """Raises `UnsupportedTimeFrame`."""
        self._check(options)
        interval = convert_time_frame(options.interval, self._market_type)
        channels = [self._channel(one, f"kline_{interval}") for one in options.instruments]
        make = partial(self._candle_feed, options.interval, interval)
        return await self._hub.join(channels, make, Listener[Candle](handler, options.on_status))

    async def subscribe_to_instrument_prices(
        self, options: PriceOptions, handler: PriceHandler
    ) -> Unsubscribe:
        """Raises `UnknownSymbol`."""
        self._check(options)
        listener = Listener[Price](handler, options.on_status)
        if options.symbols is None:
            channel = channel_of(self._market_type, ALL_PRICES, silence=self._silence)
            return await self._hub.join([channel], self._price_feed, listener)
        channels = [self._channel(self._client.instrument(symbol), "ticker") for symbol in options.symbols]
        return await self._hub.join(channels, self._price_feed, listener)

    async def subscribe_to_instruments(
        self, options: StreamOptions, handler: InstrumentsHandler
    ) -> Unsubscribe:
        """The list now, and again whenever it is another."""
        self._check(options)
        return await self._poll.join(Listener[Sequence[Instrument]](handler, options.on_status))

    async def subscribe_to_account(self, options: StreamOptions, handler: AccountHandler) -> Unsubscribe:
        """Raises `MissingCredentials`, and on futures the venue's refusal of the key."""
        self._check(options)
        return await self._account.join(Listener[AccountUpdate](handler, options.on_status))

    def health(self) -> Sequence[ConnectionHealth]:
        return [*self._pool.health(), *self._account.health()]

    def rotate(self, connection: str) -> bool:
        """Implements `RotatesConnections`."""
        reason = "asked for by the user"
        return self._pool.rotate(connection, reason) or self._account.rotate(connection, reason)

    async def destroy(self) -> None:
        """End every subscription, task and socket, within the close timeout."""
        await self._poll.close()
        await self._hub.close()
        await self._pool.close()
        await self._account.close()

    def _check(self, options: StreamOptions) -> None:
        if options.market_type is not self._market_type:
            raise UnsupportedMarket("binance", options.market_type.value, [self._market_type.value])

    def _channel(self, instrument: Instrument, stream: str) -> Channel:
        name = f"{instrument.venue_symbol.lower()}@{stream}"
        return channel_of(self._market_type, name, instrument.symbol, silence=self._silence)

    def _trade_feed(self, channel: Channel) -> Feed[Trade]:
        check = SilenceCheck(partial(self._truth.last_trade, channel.symbol or ""), AT_ONCE)
        return LiveTradeFeed(channel, self._streams.trades, check=check)

    def _book_feed(self, channel: Channel) -> Feed[LiveBook]:
        fetch = partial(self._desk.get, channel.symbol or "")
        check = SilenceCheck(partial(self._truth.book_sequence, channel.symbol or ""), AT_ONCE)
        return LiveBookFeed(channel, self._streams, fetch, self._book_settings, check=check)

    def _candle_feed(self, time_frame: TimeFrame, interval: str, channel: Channel) -> Feed[Candle]:
        check = SilenceCheck(
            partial(self._truth.candles, channel.symbol or "", time_frame), EVERY_TWO_SECONDS
        )
        return LiveCandleFeed(channel, interval, check=check)

    def _price_feed(self, channel: Channel) -> Feed[Price]:
        check = SilenceCheck(partial(self._truth.prices, channel.symbol), EVERY_SECOND)
        return PriceFeed(channel, decode_prices, check=check)

    async def _fetch_snapshot(self, symbol: str) -> OrderBookUpdate:
        depth = SNAPSHOT_DEPTH if len(self._hub) <= MANY_CHANNELS else SNAPSHOT_DEPTH // 2
        return await self._market_api.get_depth(self._client.instrument(symbol), depth)
