"""Binance's streams: trades, books, candles, prices, instruments and the account."""

from catalog.model import MarketType
from connectors.contracts.events import OrderBookUpdate
from connectors.contracts.instruments import Instrument
from connectors.rest.connection import address
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.feeds import PriceFeed
from connectors.streaming.manager import INSTRUMENTS_EVERY, StreamManager
from connectors.streaming.plan import Checks, StreamPlan
from connectors.streaming.settings import SessionSettings
from connectors.venues.binance.account_streams import AccountStreams
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import decode_prices
from connectors.venues.binance.dialect import BinanceDialect
from connectors.venues.binance.live import LiveBookFeed, LiveCandleFeed, LiveTradeFeed
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.stream_names import ALL_PRICES, category_of, name_of, topic_of
from connectors.venues.binance.symbols import SYMBOLS
from connectors.venues.binance.timeframes import convert_time_frame
from connectors.venues.binance.truth import BinanceTruth

SILENCE = 10.0
"""Seconds without data after which a stream is checked over REST: a market may be quiet for longer."""
SNAPSHOT_DEPTH = 1000
MANY_STREAMS = 200
"""Beyond so many, books begin with half the depth, for half the memory and of spot's request weight."""


class BinanceWsManager(StreamManager):
    """Implements `ExchangeWsManager` for one market.

    `settings`, `book_settings`, and in seconds `instruments_every` and `silence`, are for tests.
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
    ) -> None:
        context = client.context
        self._client = client
        self._market_api = market_api
        truth = self._truth = BinanceTruth(client, market_api)
        super().__init__(
            client,
            plan_for(context.market_type, address(context, "ws"), silence=silence),
            snapshot=self._snapshot,
            snapshots_a_minute=STREAMS[context.market_type].snapshots_a_minute,
            checks=Checks(
                trades=truth.last_trade,
                books=truth.book_sequence,
                candles=truth.candles,
                prices=truth.prices,
            ),
            account=AccountStreams(client, settings=settings),
            settings=settings,
            book_settings=book_settings,
            instruments_every=instruments_every,
        )

    async def _snapshot(self, instrument: Instrument) -> OrderBookUpdate:
        depth = SNAPSHOT_DEPTH if self.streams <= MANY_STREAMS else SNAPSHOT_DEPTH // 2
        return await self._market_api.get_depth(instrument, depth)


def plan_for(market_type: MarketType, base_url: str, *, silence: float = SILENCE) -> StreamPlan:
    """The streams of a market. Raises `UnsupportedMarket`."""
    dialect = BinanceDialect(base_url, market_type)
    streams = STREAMS[market_type]

    return StreamPlan(
        dialect=dialect,
        name_of=lambda topic: name_of(topic, market_type),
        topic_of=lambda name: topic_of(name, market_type),
        symbol_of=SYMBOLS.__getitem__,
        category_of=(lambda name: "") if market_type is MarketType.SPOT else category_of,
        trades=lambda channel, check: LiveTradeFeed(channel, streams.trades, check=check),
        books=lambda channel, parts: LiveBookFeed(
            channel, streams, parts.fetch, parts.settings, check=parts.check
        ),
        candles=lambda channel, interval, check: LiveCandleFeed(
            channel, convert_time_frame(interval, market_type), check=check
        ),
        prices=lambda channel, check: PriceFeed(channel, decode_prices, check=check),
        all_prices=ALL_PRICES,
        silence=silence,
    )
