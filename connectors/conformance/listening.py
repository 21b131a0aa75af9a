"""Subscribing to whatever streams a connector claims, and what was heard of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.conformance.case import CaseFailed, NotClaimed
from connectors.conformance.pairs import Pair
from connectors.conformance.rig import Rig, until, within
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.errors import NotSupported, NotYetImplemented, UnsupportedTimeFrame
from connectors.contracts.events import BookState, StreamStatus, Trade
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import (
    CandleOptions,
    LiveBook,
    OrderBookOptions,
    PriceOptions,
    StatusHandler,
    StreamOptions,
    TradeOptions,
    Unsubscribe,
)
from connectors.contracts.timeframes import TimeFrame

STREAMS = (Claim.TRADES, Claim.BOOKS, Claim.CANDLES)
ACKNOWLEDGE_SECONDS = 20.0
"""The longest a subscription may take until it is acknowledged or refused."""
FIRST_SECONDS = 8.0
"""How soon a busy market is heard."""
REFUSALS = (NotSupported, NotYetImplemented)
_INTERVALS = (TimeFrame.M1, TimeFrame.M5, TimeFrame.M15, TimeFrame.H1, TimeFrame.D1)


@dataclass(slots=True)
class Heard:
    """What one subscription told, in order. `leave` ends it."""

    claim: Claim | str
    pairs: Sequence[Pair]
    events: list[Any] = field(default_factory=list[Any])
    statuses: list[StreamStatus] = field(default_factory=list[StreamStatus])
    books: dict[str, LiveBook] = field(default_factory=dict[str, LiveBook])
    leave: Unsubscribe = field(init=False)

    def trades(self, pair: Pair) -> list[Trade]:
        return [event for event in self.events if event.symbol == pair.symbol]

    def told(self, kind: str) -> list[StreamStatus]:
        return [status for status in self.statuses if status.kind == kind]

    @property
    def synced(self) -> bool:
        """Whether every book that is watched is SYNCED now."""
        return len(self.books) == len(self.pairs) and all(
            book.state is BookState.SYNCED for book in self.books.values()
        )

    async def flows(self, seconds: float = FIRST_SECONDS, what: str = "events arrive") -> None:
        """Wait for news. Raises `CaseFailed`."""
        before = len(self.events)
        await until(lambda: len(self.events) > before, seconds, what)


def claimed_stream(subject: Subject) -> Claim:
    """The stream that the cases which fit any are tried on. Raises `NotClaimed`."""
    found = next((claim for claim in STREAMS if claim in subject.claims), None)
    if found is None:
        raise NotClaimed("no stream of trades, books or candles is claimed")
    return found


def claimed_streams(subject: Subject) -> list[Claim]:
    return [claim for claim in STREAMS if claim in subject.claims]


async def listen(
    rig: Rig,
    claim: Claim | None = None,
    pairs: Sequence[Pair] | None = None,
    *,
    also: Callable[[Any], None] | None = None,
) -> Heard:
    """Subscribe to a claimed stream, of the two busiest pairs unless told otherwise.

    `also` is called with every event. Raises `CaseFailed` where it takes too long, and what the subscription raises.
    """
    pairs = rig.pairs if pairs is None else pairs
    claim = claimed_stream(rig.subject) if claim is None else claim
    heard = Heard(claim, pairs)

    def handle(event: Any) -> None:
        heard.events.append(event)
        if claim is Claim.BOOKS:
            heard.books[event.symbol] = event
        if also is not None:
            also(event)

    instruments = [pair.instrument for pair in pairs]
    joining = subscribe(rig, claim, instruments, handle, heard.statuses.append)
    heard.leave = await within(ACKNOWLEDGE_SECONDS, joining, "a subscription is acknowledged or refused")
    return heard


async def subscribe(
    rig: Rig,
    claim: Claim,
    instruments: Sequence[Instrument],
    handler: Callable[[Any], None],
    on_status: StatusHandler | None = None,
) -> Unsubscribe:
    ws, market = rig.bundle.ws, rig.market_type
    if claim is Claim.TRADES:
        trades = TradeOptions(market_type=market, instruments=instruments, on_status=on_status)
        return await ws.subscribe_to_trade(trades, handler)
    if claim is Claim.BOOKS:
        books = OrderBookOptions(market_type=market, instruments=instruments, on_status=on_status)
        return await ws.subscribe_to_order_book(books, handler)
    candles = CandleOptions(
        market_type=market, instruments=instruments, interval=interval_of(rig), on_status=on_status
    )
    return await ws.subscribe_to_candles(candles, handler)


async def listen_to_prices(rig: Rig, symbols: Sequence[str] | None) -> Heard:
    """Raises `NotClaimed` where the connector refuses: its manifest says nothing of prices."""
    heard = Heard("prices", rig.pairs)
    options = PriceOptions(market_type=rig.market_type, symbols=symbols, on_status=heard.statuses.append)
    try:
        joining = rig.bundle.ws.subscribe_to_instrument_prices(options, heard.events.append)
        heard.leave = await within(ACKNOWLEDGE_SECONDS, joining, "a subscription is acknowledged or refused")
    except REFUSALS as refusal:
        raise NotClaimed(str(refusal)) from None
    return heard


async def listen_to_instruments(rig: Rig) -> Heard:
    """As `listen_to_prices`."""
    heard = Heard("instruments", rig.pairs)
    options = StreamOptions(market_type=rig.market_type, on_status=heard.statuses.append)
    try:
        joining = rig.bundle.ws.subscribe_to_instruments(options, heard.events.append)
        heard.leave = await within(ACKNOWLEDGE_SECONDS, joining, "a subscription is acknowledged or refused")
    except REFUSALS as refusal:
        raise NotClaimed(str(refusal)) from None
    return heard


def interval_of(rig: Rig) -> TimeFrame:
    """A candle interval that the connector knows, a minute where it can. Raises `CaseFailed`."""
    for frame in _INTERVALS:
        try:
            rig.bundle.adapters.convert_time_frame(frame)
        except UnsupportedTimeFrame:
            continue
        return frame
    raise CaseFailed(f"one of the intervals {', '.join(_INTERVALS)} is supported")
