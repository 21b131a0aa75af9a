"""Orders, where they are claimed: what is sent stands once or not at all, and what is not known is said to be so.

The engine tells what really stands, so an answer that is lost on the way is no excuse.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal

from connectors.conformance.case import Casebook, CaseFailed, require
from connectors.conformance.cases.attempts import raises
from connectors.conformance.pairs import Pair
from connectors.conformance.rig import Rig, local_rig, until, within
from connectors.conformance.subject import Claim, Subject
from connectors.conformance.trading import limit_order, resting_order, stepped, venue_credentials
from connectors.contracts.errors import (
    BarfinexError,
    DuplicateOrder,
    InsufficientFunds,
    InvalidOrder,
    OrderNotFound,
    OrderOutcomeUnknown,
    OrderRejected,
)
from connectors.contracts.orders import Order, OrderFate, OrderRequest
from connectors.emulator.accounts import FUNDS, TRADE_KEY
from connectors.emulator.orders import Order as Standing
from connectors.emulator.orders import Side

BOOK = Casebook("orders")

_READY = ("L01",)
_CLAIMS = (Claim.ORDERS, Claim.CREDENTIALS)
_SECONDS = 20.0
_CLIENT_ID = "kit-order-1"
_STANDS = ("NEW", "PARTIALLY_FILLED")


@asynccontextmanager
async def _trading(subject: Subject) -> AsyncGenerator[Rig]:
    async with local_rig(subject, credentials=venue_credentials(subject)) as rig:
        yield rig


def _standing(rig: Rig, pair: Pair | None = None) -> list[Standing]:
    """What really stands at the venue."""
    key = rig.emulator.market.accounts.key(TRADE_KEY)
    if key is None:
        raise CaseFailed("the emulator has its usual account")
    return rig.market.engine.open_orders(key.account, pair.listing.instrument.symbol if pair else None)


def _placed(rig: Rig) -> list[Standing]:
    """Every order that the venue ever took."""
    key = rig.emulator.market.accounts.key(TRADE_KEY)
    return rig.market.engine.orders(key.account) if key is not None else []


async def _opened(rig: Rig, request: OrderRequest) -> Order:
    return await within(_SECONDS, rig.bundle.order_api.open_order(request), "open_order() answers")


@BOOK.case(
    "O01",
    "An accepted order stands",
    "It stands at the venue as it was sent, and get_open_orders lists it, for its instrument and for all.",
    claims=_CLAIMS,
    after=_READY,
)
async def accepted(subject: Subject) -> None:
    async with _trading(subject) as rig:
        request = resting_order(rig, client_order_id=_CLIENT_ID)
        order = await _opened(rig, request)
        require(
            order.fate is OrderFate.ACCEPTED,
            f"the fate of an order that stands is ACCEPTED, not {order.fate}",
        )
        require(order.status in _STANDS, f"its status is NEW, not '{order.status}'")
        standing = _standing(rig)
        require(len(standing) == 1, f"one order stands at the venue, not {len(standing)}")
        _is_the_same(request, order, standing[0])
        for where in (request.instrument, None):
            listed = await within(_SECONDS, rig.bundle.order_api.get_open_orders(where), "open orders answer")
            require(
                [one.order_id for one in listed] == [order.order_id],
                "get_open_orders() lists the order, once",
            )


def _is_the_same(request: OrderRequest, order: Order, standing: Standing) -> None:
    listed = standing.instrument
    require(listed.price(standing.price) == request.price, "the price at the venue is the one that was sent")
    require(listed.quantity(standing.quantity) == request.quantity, "so is the quantity")
    require((standing.side is Side.BUY) == (request.side == "buy"), "so is the side")
    require(order.price == request.price and order.quantity == request.quantity, "the answer has both")
    require(order.side == request.side, "the answer has the side")
    require(order.symbol == request.instrument.symbol, "the answer has the normal symbol")


@BOOK.case(
    "O02",
    "A rejected order is an error",
    "More than the account holds raises InsufficientFunds or OrderRejected, or says REJECTED; nothing stands.",
    claims=_CLAIMS,
    after=_READY,
)
async def rejected(subject: Subject) -> None:
    async with _trading(subject) as rig:
        pair = rig.pairs[0]
        price = resting_order(rig).price or Decimal(1)
        request = limit_order(pair, price, value=2 * Decimal(FUNDS["USDT"]))
        try:
            order = await _opened(rig, request)
        except (InsufficientFunds, OrderRejected):
            pass
        else:
            require(order.fate is OrderFate.REJECTED, f"an order without funds is REJECTED, not {order.fate}")
        require(not _placed(rig), "nothing stands")


@BOOK.case(
    "O03",
    "A lost answer is an unknown fate",
    "Where the venue took the order and its answer is lost, the fate is UNKNOWN, and exactly one order stands, "
    "to be found by its client id.",
    claims=_CLAIMS,
    after=_READY,
)
async def lost(subject: Subject) -> None:
    async with _trading(subject) as rig:
        await within(_SECONDS, rig.bundle.order_api.get_open_orders(), "open orders answer")
        rig.inject("lost", method="POST", count=1)
        try:
            order = await _opened(rig, resting_order(rig, client_order_id=_CLIENT_ID))
        except OrderOutcomeUnknown:
            pass
        else:
            sure = order.fate is OrderFate.ACCEPTED and len(_standing(rig)) == 1
            require(
                order.fate is OrderFate.UNKNOWN or sure,
                f"the fate is UNKNOWN, or ACCEPTED once it was looked up, not {order.fate}",
            )
        require(len(_placed(rig)) == 1, f"one order was placed, not {len(_placed(rig))}")
        rig.emulator.faults.clear()
        listed = await within(_SECONDS, rig.bundle.order_api.get_open_orders(), "open orders answer")
        require(
            [one.client_order_id for one in listed] == [_CLIENT_ID], "the order is found by its client id"
        )


@BOOK.case(
    "O04",
    "A client id is used once",
    "The same client_order_id a second time raises DuplicateOrder, and one order stands.",
    claims=_CLAIMS,
    after=_READY,
)
async def duplicate(subject: Subject) -> None:
    async with _trading(subject) as rig:
        request = resting_order(rig, client_order_id=_CLIENT_ID)
        await _opened(rig, request)
        await raises(
            rig.bundle.order_api.open_order(request), DuplicateOrder, "the same client_order_id again"
        )
        require(len(_placed(rig)) == 1, f"one order was placed, not {len(_placed(rig))}")


@BOOK.case(
    "O05",
    "An order is closed",
    "close_order cancels by order id or by client id; one that does not stand raises OrderNotFound.",
    claims=_CLAIMS,
    after=_READY,
)
async def closed(subject: Subject) -> None:
    async with _trading(subject) as rig:
        api = rig.bundle.order_api
        instrument = rig.pairs[0].instrument
        by_id = await _opened(rig, resting_order(rig))
        await _opened(rig, resting_order(rig, client_order_id=_CLIENT_ID))
        gone = await within(
            _SECONDS, api.close_order(instrument, order_id=by_id.order_id), "close_order() answers"
        )
        require(gone.order_id == by_id.order_id, "the closed order is the one that was named")
        require(gone.status not in _STANDS, f"a closed order is not '{gone.status}'")
        require([one.client_id for one in _standing(rig)] == [_CLIENT_ID], "the other order stands")
        await within(
            _SECONDS, api.close_order(instrument, client_order_id=_CLIENT_ID), "close_order() answers"
        )
        require(not _standing(rig), "no order stands")
        for named in ({"order_id": by_id.order_id}, {"client_order_id": "no-such-order"}):
            await raises(api.close_order(instrument, **named), OrderNotFound, f"closing {named}")


@BOOK.case(
    "O06",
    "All orders are closed",
    "close_all_orders ends those of the named instrument alone, or every one.",
    claims=_CLAIMS,
    after=_READY,
)
async def all_closed(subject: Subject) -> None:
    async with _trading(subject) as rig:
        first, second = rig.pairs
        api = rig.bundle.order_api
        for pair in (first, first, second):
            await _opened(rig, resting_order(rig, pair=pair))
        ended = await within(_SECONDS, api.close_all_orders(first.instrument), "close_all_orders() answers")
        require(len(ended) == 2, f"two orders were closed, not {len(ended)}")
        require(not _standing(rig, first), f"no order of {first.symbol} stands")
        require(len(_standing(rig, second)) == 1, f"the order of {second.symbol} still stands")
        await within(_SECONDS, api.close_all_orders(), "close_all_orders() answers")
        require(not _standing(rig), "no order stands")
        none = await within(
            _SECONDS, api.close_all_orders(), "close_all_orders() answers with nothing to close"
        )
        require(not none, "nothing is closed where nothing stands")


@BOOK.case(
    "O07",
    "Nothing is rounded silently",
    "A price finer than the tick or a quantity finer than the lot raises InvalidOrder before anything is sent.",
    claims=_CLAIMS,
    after=_READY,
)
async def too_fine(subject: Subject) -> None:
    async with _trading(subject) as rig:
        request = resting_order(rig)
        instrument, before = request.instrument, len(rig.answers)
        tried = 0
        for step, name in ((instrument.tick_size, "price"), (instrument.lot_size, "quantity")):
            if step is None:
                continue
            tried += 1
            finer = {"price": request.price, "quantity": request.quantity}
            finer[name] = (finer[name] or Decimal(1)) + step / 2
            odd = OrderRequest(
                instrument,
                request.side,
                request.type,
                finer["quantity"] or request.quantity,
                price=finer["price"],
                time_in_force=request.time_in_force,
            )
            await raises(rig.bundle.order_api.open_order(odd), InvalidOrder, f"a {name} finer than its step")
        require(tried, "a connector that takes orders knows the tick or the lot")
        require(
            len(rig.answers) == before and not _placed(rig), "nothing is sent for an order that is too fine"
        )


@BOOK.case(
    "O08",
    "What is owned is Decimal",
    "An order keeps its client id and has Decimal numbers, an order id, and a time in milliseconds.",
    claims=_CLAIMS,
    after=_READY,
)
async def exact(subject: Subject) -> None:
    async with _trading(subject) as rig:
        named = await _opened(rig, resting_order(rig, client_order_id=_CLIENT_ID))
        unnamed = await _opened(rig, resting_order(rig))
        require(named.client_order_id == _CLIENT_ID, "the client id is kept")
        require(unnamed.client_order_id, "an order without a client id gets one, so that it can be looked up")
        listed = await within(_SECONDS, rig.bundle.order_api.get_open_orders(), "open orders answer")
        now = rig.emulator.clock.now()
        for order in (named, unnamed, *listed):
            numbers = (order.quantity, order.filled_quantity, order.price)
            require(all(isinstance(one, Decimal) for one in numbers), f"numbers are Decimal, not {numbers}")
            require(order.order_id, "the venue's order id is told")
            require(abs(order.timestamp - now) < 60_000, f"{order.timestamp} is the time in milliseconds")
            require(order.status == order.status.upper(), "the status is in upper case")


@BOOK.case(
    "O09",
    "An order is never sent twice",
    "A 5xx or a broken connection on open_order is not repeated: its fate is unknown and at most one order stands.",
    claims=_CLAIMS,
    after=_READY,
)
async def never_repeated(subject: Subject) -> None:
    async with _trading(subject) as rig:
        await within(_SECONDS, rig.bundle.order_api.get_open_orders(), "open orders answer")
        for kind in ("status", "reset", "lost"):
            placed, seen = len(_placed(rig)), len(rig.answers)
            rig.inject(kind, method="POST", count=1)
            try:
                order = await _opened(rig, resting_order(rig))
            except OrderOutcomeUnknown:
                pass
            except BarfinexError as error:
                raise CaseFailed(
                    f"a '{kind}' on open_order raises OrderOutcomeUnknown, not {error!r}"
                ) from error
            else:
                require(order.fate is not OrderFate.REJECTED, f"a '{kind}' on open_order is no rejection")
            sent = [request for _, request, _ in rig.answers[seen:] if request.method != "GET"]
            require(len(sent) <= 1, f"an order is sent once, not {len(sent)} times ('{kind}')")
            require(len(_placed(rig)) - placed <= 1, f"at most one order is placed ('{kind}')")
            rig.emulator.faults.clear()


@BOOK.case(
    "O10",
    "Partial fills are told",
    "An order that was filled in part says how much, and what of it still stands.",
    claims=_CLAIMS,
    after=_READY,
)
async def partly_filled(subject: Subject) -> None:
    async with _trading(subject) as rig:
        rig.emulator.pause()
        pair = rig.pairs[0]
        asks, listed = pair.listing.book.asks, pair.listing.instrument
        ticks = asks.best
        if ticks is None:
            raise CaseFailed("the emulator's market has asks")
        offered = listed.quantity(asks.quantity(ticks))
        lot = pair.instrument.lot_size or listed.lot
        request = limit_order(pair, listed.price(ticks))
        more = stepped(offered + max(lot, offered), pair.instrument.lot_size, up=True)
        request = OrderRequest(
            pair.instrument,
            "buy",
            request.type,
            more,
            price=request.price,
            time_in_force=request.time_in_force,
            client_order_id=_CLIENT_ID,
        )
        order = await _opened(rig, request)
        require(order.status == "PARTIALLY_FILLED", f"its status is PARTIALLY_FILLED, not '{order.status}'")
        require(order.filled_quantity == offered, f"{offered} of it is filled, not {order.filled_quantity}")
        require(
            order.average_price in (None, request.price),
            f"its average price is {request.price} where it is told",
        )
        await until(lambda: len(_standing(rig)) == 1, 1.0, "the rest stands at the venue")
        open_orders = await within(_SECONDS, rig.bundle.order_api.get_open_orders(), "open orders answer")
        require([one.filled_quantity for one in open_orders] == [offered], "get_open_orders() tells it too")
