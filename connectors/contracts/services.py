"""What a connector implements: five services and a set of adapters, joined in a bundle.

The names follow the connector guide; they are Protocols, so a connector inherits nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from catalog.model import MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.events import (
    BookState,
    Candle,
    OrderBook,
    OrderBookUpdate,
    Price,
    StreamStatus,
    Trade,
)
from connectors.contracts.health import ConnectionHealth
from connectors.contracts.instruments import Instrument
from connectors.contracts.orders import AccountInfo, AccountUpdate, AssetsInfo, Order, OrderRequest
from connectors.contracts.timeframes import TimeFrame

RawFrame: TypeAlias = Any
"""A frame as the venue sent it: bytes, text, or the JSON already decoded."""

Unsubscribe: TypeAlias = Callable[[], Awaitable[None]]
"""Ends one subscription; calling it again does nothing."""

StatusHandler: TypeAlias = Callable[[StreamStatus], None]


class LiveBook(Protocol):
    """A book that is kept up to date. Reading makes a view; nothing is sorted until then."""

    @property
    def symbol(self) -> str: ...

    @property
    def state(self) -> BookState: ...

    @property
    def version(self) -> int:
        """Grows with every change of the book or of its state."""
        ...

    def view(self, depth: int = 20) -> OrderBook:
        """The best `depth` levels a side, with the state they were read in."""
        ...


TradeHandler: TypeAlias = Callable[[Trade], None]
CandleHandler: TypeAlias = Callable[[Candle], None]
PriceHandler: TypeAlias = Callable[[Price], None]
OrderBookHandler: TypeAlias = Callable[[LiveBook], None]
"""Called after every change of a book or of its state; it should mark, not read."""
OrderBookUpdateHandler: TypeAlias = Callable[[OrderBookUpdate], None]
AccountHandler: TypeAlias = Callable[[AccountUpdate], None]
InstrumentsHandler: TypeAlias = Callable[[Sequence[Instrument]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """What every subscription takes. `on_status` hears what happens to the stream, in order with its data."""

    market_type: MarketType
    on_status: StatusHandler | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeOptions(StreamOptions):
    """Whose trades are wanted."""

    instruments: Sequence[Instrument]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBookOptions(StreamOptions):
    """Whose books are wanted."""

    instruments: Sequence[Instrument]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleOptions(StreamOptions):
    """Whose candles are wanted, and how long each is."""

    instruments: Sequence[Instrument]
    interval: TimeFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOptions(StreamOptions):
    """Whose prices are wanted."""

    symbols: Sequence[str] | None = None
    """Normal symbols; `None` means all of the market's."""


@dataclass(frozen=True, slots=True)
class InstrumentValidation:
    """The symbols that a market lists and those that it does not, as they were spelled."""

    valid_instruments: tuple[str, ...]
    removed_instruments: tuple[str, ...]


class ExchangeClientService(Protocol):
    """The connection to a venue: credentials, readiness, instruments."""

    def set_credentials(self, credentials: Credentials) -> None:
        """Replace the credentials; the next signed call uses them."""
        ...

    async def ensure_ready(self, timeout_ms: int = 10_000) -> None:
        """Reach the venue and load its instruments. Returns at once where that was done.

        Raises `RequestTimeout` after `timeout_ms`, or the typed error of what went wrong.
        """
        ...

    def validate_exchange_instruments(
        self, market_type: MarketType, symbols: Sequence[str]
    ) -> InstrumentValidation:
        """Which of the symbols the venue lists, by its real instrument list; both parts keep order, once each."""
        ...

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a normal or venue symbol. Raises `UnknownSymbol`."""
        ...

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """All instruments by normal symbol; empty before `ensure_ready`."""
        ...

    async def close(self) -> None: ...


class ExchangeWsManager(Protocol):
    """Streams. Each call returns once the venue acknowledged, and gives the way to end it."""

    async def subscribe_to_trade(self, options: TradeOptions, handler: TradeHandler) -> Unsubscribe: ...

    async def subscribe_to_order_book(
        self, options: OrderBookOptions, handler: OrderBookHandler
    ) -> Unsubscribe: ...

    async def subscribe_to_candles(self, options: CandleOptions, handler: CandleHandler) -> Unsubscribe: ...

    async def subscribe_to_account(self, options: StreamOptions, handler: AccountHandler) -> Unsubscribe: ...

    async def subscribe_to_instruments(
        self, options: StreamOptions, handler: InstrumentsHandler
    ) -> Unsubscribe: ...

    async def subscribe_to_instrument_prices(
        self, options: PriceOptions, handler: PriceHandler
    ) -> Unsubscribe: ...

    def health(self) -> Sequence[ConnectionHealth]: ...

    async def destroy(self) -> None:
        """End every subscription, task and socket, within a bounded time."""
        ...


class ExchangeAccountApi(Protocol):
    """What a key's account holds. Without credentials every call raises `MissingCredentials`."""

    async def get_assets_info(self) -> AssetsInfo: ...

    async def get_account_info(self) -> AccountInfo:
        """A signed, read-only call: what the key belongs to and may do, the withdrawal right included."""
        ...


class ExchangeMarketApi(Protocol):
    """Market data that is asked for. All calls raise `VenueError` or `TransportError` where the venue fails."""

    async def get_instruments_info(self) -> Sequence[Instrument]:
        """The venue's list, fetched anew; the client's own list is renewed with it. Asked for every few minutes."""
        ...

    async def get_prices(self) -> Mapping[str, Price]:
        """Current prices of all instruments by normal symbol."""
        ...

    async def get_candles(
        self,
        instrument: Instrument,
        interval: TimeFrame,
        *,
        limit: int = 500,
        end_time: int | None = None,
    ) -> Sequence[Candle]:
        """Up to `limit` candles ending at or before `end_time` (ms; now where absent), oldest first."""
        ...


class ExchangeOrderApi(Protocol):
    """Orders. An order's fate is ACCEPTED, REJECTED on positive evidence, or UNKNOWN: nothing is sent twice.

    Raises `InvalidOrder` before anything is sent, `OrderRejected` and its kin on the venue's word, and
    `OrderOutcomeUnknown` where the answer is lost.
    """

    async def open_order(self, request: OrderRequest) -> Order: ...

    async def close_order(
        self, instrument: Instrument, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order: ...

    async def close_all_orders(self, instrument: Instrument | None = None) -> Sequence[Order]: ...

    async def get_open_orders(self, instrument: Instrument | None = None) -> Sequence[Order]: ...


Adapter: TypeAlias = Callable[[RawFrame], None]
"""Takes one raw frame and calls its handler with what it says. Raises `BadFrame`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleAdapterOptions:
    """The interval that the candles must have, and who gets them."""

    interval: TimeFrame
    handler: CandleHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAdapterOptions:
    """Of which market the account's events are."""

    market_type: MarketType


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentsAdapterOptions:
    """Of which market the instruments are, and who gets the list."""

    market_type: MarketType
    handler: InstrumentsHandler


@dataclass(frozen=True, slots=True)
class ExchangeAdapterSet:
    """Pure transforms from a raw frame to a normalised event: no I/O and no clock.

    An adapter takes a frame as bytes, text or decoded JSON and raises `BadFrame` where it cannot be right.
    """

    create_trade_adapter: Callable[[TradeHandler], Callable[[MarketType | str], Adapter]]
    create_order_book_adapter: Callable[[OrderBookUpdateHandler], Callable[[MarketType | str], Adapter]]
    create_candle_adapter: Callable[[CandleAdapterOptions], Adapter]
    create_account_adapter: Callable[
        [AccountAdapterOptions, AccountHandler], Callable[[MarketType | str], Adapter]
    ]
    create_instruments_adapter: Callable[[InstrumentsAdapterOptions], Adapter]
    create_instrument_prices_adapter: Callable[[Any, PriceHandler], Callable[[MarketType | str], Adapter]]
    convert_time_frame: Callable[[TimeFrame], str | int]


@dataclass(frozen=True, slots=True)
class ExchangeConnectorBundle:
    """One connector for one market: what activation makes and the registry keeps."""

    client: ExchangeClientService
    ws: ExchangeWsManager
    account_api: ExchangeAccountApi
    market_api: ExchangeMarketApi
    order_api: ExchangeOrderApi
    adapters: ExchangeAdapterSet


class WireTap(Protocol):
    """Hears what a connector sends and receives, below its adapters: a recorder. It never raises and never waits.

    A frame that signs in is given in its redacted form; no header, signature or key is ever given.
    """

    def stream(
        self,
        kind: Literal["open", "close", "sent", "recv"],
        conn: str,
        url: str | None,
        data: bytes | str | None,
        /,
    ) -> None:
        """`conn` names one socket; `url` comes with `open`, `data` with `sent`, `recv` and `close` (the reason)."""
        ...

    def http(self, method: str, url: str, status: int, body: bytes, /) -> None:
        """One answered call; `url` is without what signed it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorContext:
    """What the manager tells a connector when it makes it.

    `endpoints` are the named URLs of the chosen environment and market, from the manifest or, for `local`, from the
    running emulator. `tap`, where there is one, is told of everything that goes over the connector's wires.
    """

    connector_type: str
    market_type: MarketType
    environment: str
    endpoints: Mapping[str, str]
    tap: WireTap | None = None


ConnectorFactory: TypeAlias = Callable[[ConnectorContext], ExchangeConnectorBundle]
"""What an entry point of the group `barfinex.connectors` names. It makes the bundle and does no I/O."""
