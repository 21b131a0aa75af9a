"""What is claimed is implemented, and what is not claimed refuses with a typed error: both ways, one case a feature."""

from collections.abc import Awaitable

from connectors.conformance.case import Casebook, CaseFailed
from connectors.conformance.cases.attempts import raises
from connectors.conformance.listening import (
    ACKNOWLEDGE_SECONDS,
    REFUSALS,
    interval_of,
    listen_to_instruments,
    listen_to_prices,
    subscribe,
)
from connectors.conformance.rig import Rig, local_rig, until, within
from connectors.conformance.subject import Claim, Subject
from connectors.conformance.trading import resting_order, venue_credentials
from connectors.contracts.errors import MissingCredentials, VenueError
from connectors.contracts.services import StreamOptions

BOOK = Casebook("claims")

_READY = ("L01",)
_WORKS_OR_REFUSES = (
    "The manifest has no feature for it: it works, or it raises NotSupported or NotYetImplemented."
)


async def _both_ways(subject: Subject, claim: Claim, call: Awaitable[object]) -> None:
    if claim not in subject.claims:
        await raises(call, REFUSALS, f"'{claim}', which the manifest does not claim,")
        return
    try:
        await within(ACKNOWLEDGE_SECONDS, call, f"'{claim}', which the manifest claims, answers")
    except REFUSALS as refusal:
        raise CaseFailed(f"'{claim}' is implemented, as the manifest claims; it says: {refusal}") from refusal


async def _stream_both_ways(subject: Subject, claim: Claim) -> None:
    async with local_rig(subject) as rig:
        instruments = [rig.pairs[0].instrument]
        await _both_ways(subject, claim, subscribe(rig, claim, instruments, lambda _event: None))


@BOOK.case(
    "M20",
    "Trades as claimed",
    "Where the manifest claims trade_streaming, subscribe_to_trade works; where not, it refuses with a typed error.",
    after=_READY,
)
async def trades(subject: Subject) -> None:
    await _stream_both_ways(subject, Claim.TRADES)


@BOOK.case(
    "M21",
    "Order books as claimed",
    "Where the manifest claims orderbook_streaming, subscribe_to_order_book works; where not, it refuses.",
    after=_READY,
)
async def books(subject: Subject) -> None:
    await _stream_both_ways(subject, Claim.BOOKS)


@BOOK.case(
    "M22",
    "Candles as claimed",
    "Where the manifest claims candle_streaming, subscribe_to_candles works; where not, it refuses.",
    after=_READY,
)
async def candles(subject: Subject) -> None:
    await _stream_both_ways(subject, Claim.CANDLES)


@BOOK.case(
    "M23",
    "History as claimed",
    "Where the manifest claims historical_data, get_candles works; where not, it refuses.",
    after=_READY,
)
async def history(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        instrument = rig.pairs[0].instrument
        call = rig.bundle.market_api.get_candles(instrument, interval_of(rig), limit=2)
        await _both_ways(subject, Claim.HISTORY, call)


@BOOK.case(
    "M24",
    "Orders as claimed",
    "Where the manifest claims order_execution the order calls reach the venue; where not, all four refuse.",
    after=_READY,
)
async def orders(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        api, instrument = rig.bundle.order_api, rig.pairs[0].instrument
        claimed = Claim.ORDERS in subject.claims
        if claimed:
            rig.set_credentials(venue_credentials(subject))
        await _both_ways(subject, Claim.ORDERS, api.get_open_orders(instrument))
        if not claimed:
            for what, call in (
                ("open_order()", lambda: api.open_order(resting_order(rig))),
                ("close_order()", lambda: api.close_order(instrument, order_id="1")),
                ("close_all_orders()", lambda: api.close_all_orders(instrument)),
            ):
                await raises(call(), REFUSALS, f"{what} of a connector that claims no orders")


@BOOK.case("M25", "Prices work or refuse", _WORKS_OR_REFUSES, after=_READY)
async def prices(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        await listen_to_prices(rig, [rig.pairs[0].symbol])
        await _works(rig, "get_prices()", rig.bundle.market_api.get_prices())


@BOOK.case("M26", "Instrument lists work or refuse", _WORKS_OR_REFUSES, after=_READY)
async def instruments(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        heard = await listen_to_instruments(rig)
        await until(lambda: heard.events, ACKNOWLEDGE_SECONDS, "the instrument list arrives")
        if {one.symbol for one in heard.events[0]} != set(rig.bundle.client.instruments):
            raise CaseFailed("the list that is streamed is the client's")
        await _works(rig, "get_instruments_info()", rig.bundle.market_api.get_instruments_info())


@BOOK.case(
    "M27",
    "Account streams work or refuse",
    "Without credentials subscribe_to_account raises MissingCredentials, NotSupported or NotYetImplemented.",
    after=_READY,
)
async def account(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        options = StreamOptions(market_type=rig.market_type)
        call = rig.bundle.ws.subscribe_to_account(options, lambda _update: None)
        await raises(call, (MissingCredentials, *REFUSALS), "subscribe_to_account() without credentials")


async def _works(rig: Rig, what: str, call: Awaitable[object]) -> None:
    try:
        answer = await within(ACKNOWLEDGE_SECONDS, call, f"{what} answers")
    except REFUSALS:
        return
    except VenueError as error:
        raise CaseFailed(f"{what} works or refuses; it raises {type(error).__name__}: {error}") from error
    if not answer:
        raise CaseFailed(
            f"{what} answers with nothing, though the venue lists {len(rig.market.listings)} pairs"
        )
