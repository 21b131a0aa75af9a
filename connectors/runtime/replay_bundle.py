"""A played recording as a connector's bundle: whoever can watch a live market can watch this one."""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from catalog.model import MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import NotSupported, UnknownSymbol, UnsupportedTimeFrame
from connectors.contracts.events import Candle, Price
from connectors.contracts.health import ConnectionHealth
from connectors.contracts.instrument_index import InstrumentIndex
from connectors.contracts.instruments import Instrument
from connectors.contracts.refusals import RefusedAccount, RefusedOrders
from connectors.contracts.services import (
    AccountHandler,
    CandleHandler,
    CandleOptions,
    ExchangeAdapterSet,
    ExchangeConnectorBundle,
    InstrumentsHandler,
    InstrumentValidation,
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
from connectors.streaming.feeds import Listener
from connectors.streaming.outline import Outline
from connectors.streaming.player import Player
from connectors.streaming.replay_stage import ReplayStage

_REFUSAL = "a recording has no account"


def replay_bundle(
    player: Player, stage: ReplayStage, outline: Outline, market_type: MarketType
) -> ExchangeConnectorBundle:
    """The streams of a recording at the player's position. Everything that would need the venue is refused."""
    client = ReplayClient(outline, market_type)
    return ExchangeConnectorBundle(
        client=client,
        ws=ReplayWsManager(player, stage, client),
        account_api=RefusedAccount(_REFUSAL),
        market_api=ReplayMarketApi(stage, client),
        order_api=RefusedOrders("a recording takes no orders"),
        adapters=_adapters(outline),
    )


class ReplayClient:
    """The instruments that the recording has streams of."""

    def __init__(self, outline: Outline, market_type: MarketType) -> None:
        self._index = InstrumentIndex(
            outline.instruments.get(symbol) or Instrument(symbol, symbol, "", symbol, market_type)
            for symbol in outline.symbols
        )
        self.instruments: Mapping[str, Instrument] = self._index.by_name

    def set_credentials(self, credentials: Credentials) -> None:
        raise NotSupported(_REFUSAL)

    async def ensure_ready(self, timeout_ms: int = 10_000) -> None: ...

    def validate_exchange_instruments(
        self, market_type: MarketType, symbols: Sequence[str]
    ) -> InstrumentValidation:
        known = {symbol: self._index.find(symbol) is not None for symbol in symbols}
        return InstrumentValidation(
            tuple(symbol for symbol, there in known.items() if there),
            tuple(symbol for symbol, there in known.items() if not there),
        )

    def instrument(self, symbol: str) -> Instrument:
        found = self._index.find(symbol)
        if found is None:
            raise UnknownSymbol(symbol, "this recording")
        return found

    async def close(self) -> None: ...


class ReplayWsManager:
    """Streams of what is played. A subscription begins with what is on the stage already."""

    def __init__(self, player: Player, stage: ReplayStage, client: ReplayClient) -> None:
        self._player = player
        self._stage = stage
        self._client = client

    async def subscribe_to_trade(self, options: TradeOptions, handler: TradeHandler) -> Unsubscribe:
        symbols = [one.symbol for one in options.instruments]
        for symbol in symbols:
            for trade in self._stage.last_trades.get(symbol, ()):
                handler(trade)
        return _ending(self._stage.trades.join(symbols, Listener(handler, options.on_status)))

    async def subscribe_to_order_book(
        self, options: OrderBookOptions, handler: OrderBookHandler
    ) -> Unsubscribe:
        symbols = [one.symbol for one in options.instruments]
        for symbol in symbols:
            if (book := self._stage.last_books.get(symbol)) is not None:
                handler(book)
        return _ending(self._stage.books.join(symbols, Listener(handler, options.on_status)))

    async def subscribe_to_candles(self, options: CandleOptions, handler: CandleHandler) -> Unsubscribe:
        def of_interval(candle: Candle) -> None:
            if candle.interval == options.interval.value:
                handler(candle)

        symbols = [one.symbol for one in options.instruments]
        for symbol in symbols:
            for candle in self._stage.last_candles.get((symbol, options.interval.value), {}).values():
                handler(candle)
        return _ending(self._stage.candles.join(symbols, Listener(of_interval, options.on_status)))

    async def subscribe_to_instrument_prices(
        self, options: PriceOptions, handler: PriceHandler
    ) -> Unsubscribe:
        symbols = self._client.instruments if options.symbols is None else options.symbols
        for symbol in symbols:
            if (price := self._stage.last_prices.get(symbol)) is not None:
                handler(price)
        return _ending(self._stage.prices.join(symbols, Listener(handler, options.on_status)))

    async def subscribe_to_instruments(
        self, options: StreamOptions, handler: InstrumentsHandler
    ) -> Unsubscribe:
        handler(tuple(self._client.instruments.values()))
        return _ending(lambda: None)

    async def subscribe_to_account(self, options: StreamOptions, handler: AccountHandler) -> Unsubscribe:
        raise NotSupported(_REFUSAL)

    def health(self) -> Sequence[ConnectionHealth]:
        replay = self._player.replay
        return [
            ConnectionHealth(
                name="recording",
                state="RECONNECTING" if self._stage.lost else "CONNECTED",
                generation=1,
                byte_age=None,
                latency_ms=None,
                messages=replay.frames,
                reconnects=0,
                dropped=0,
                quarantined=replay.bad,
                last_error="the connection was lost here" if self._stage.lost else None,
            )
        ]

    async def destroy(self) -> None: ...


class ReplayMarketApi:
    """What the recording has shown up to its position."""

    def __init__(self, stage: ReplayStage, client: ReplayClient) -> None:
        self._stage = stage
        self._client = client

    async def get_instruments_info(self) -> Sequence[Instrument]:
        return tuple(self._client.instruments.values())

    async def get_prices(self) -> Mapping[str, Price]:
        return dict(self._stage.last_prices)

    async def get_candles(
        self,
        instrument: Instrument,
        interval: TimeFrame,
        *,
        limit: int = 500,
        end_time: int | None = None,
    ) -> Sequence[Candle]:
        kept = self._stage.last_candles.get((instrument.symbol, interval.value), {})
        found = [
            kept[timestamp]
            for timestamp in sorted(kept)
            if end_time is None or timestamp + interval.milliseconds <= end_time + 1
        ]
        return found[-limit:] if limit > 0 else []


def _adapters(outline: Outline) -> ExchangeAdapterSet:
    def convert(time_frame: TimeFrame) -> str:
        if outline.intervals and time_frame.value not in outline.intervals:
            raise UnsupportedTimeFrame(time_frame.value, outline.intervals)
        return time_frame.value

    def refuse(*_: object) -> NoReturn:
        raise NotSupported("a recording's frames go through its connector's own adapters")

    return ExchangeAdapterSet(
        create_trade_adapter=refuse,
        create_order_book_adapter=refuse,
        create_candle_adapter=refuse,
        create_account_adapter=refuse,
        create_instruments_adapter=refuse,
        create_instrument_prices_adapter=refuse,
        convert_time_frame=convert,
    )


def _ending(leave: Callable[[], None]) -> Unsubscribe:
    async def end() -> None:
        leave()

    return end
