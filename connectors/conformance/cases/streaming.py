"""What holds for every stream: acknowledged, each event once, ended when it is left, and shared."""

import asyncio
import contextlib
import logging
from typing import Any

from catalog.model import MarketType
from connectors.conformance.case import Casebook, CaseFailed, require
from connectors.conformance.cases.attempts import raises
from connectors.conformance.leaks import Belongings, mine
from connectors.conformance.listening import (
    REFUSALS,
    Heard,
    claimed_stream,
    claimed_streams,
    interval_of,
    listen,
    subscribe,
)
from connectors.conformance.pairs import Pair, matched_pairs
from connectors.conformance.rig import BUSY, Rig, holds, local_rig, until, within
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.errors import SubscriptionFailed, UnknownSymbol, UnsupportedMarket
from connectors.contracts.services import CandleOptions, OrderBookOptions, PriceOptions, TradeOptions

BOOK = Casebook("streaming")

_LAST_SECONDS = 3.0
_READY = ("L01",)
_QUIET_SECONDS = 1.0
_MANY = 20
_NOWHERE = "NOSUCHPAIR"


@BOOK.case(
    "S01",
    "Subscribe returns after the acknowledgement",
    "When it returns, the venue has the subscription; a venue that never acknowledges raises SubscriptionFailed.",
    after=_READY,
)
async def acknowledged(subject: Subject) -> None:
    claimed_stream(subject)
    await asyncio.gather(_acknowledges(subject), _never_acknowledges(subject))


async def _acknowledges(subject: Subject) -> None:
    for claim in claimed_streams(subject):
        async with local_rig(subject) as rig:
            before = rig.emulator.requests
            heard = await listen(rig, claim)
            there = rig.subscriptions.total() >= len(heard.pairs)
            asked = rig.polls and rig.emulator.requests > before
            require(
                there or asked,
                f"{claim}: when subscribe returns, the venue has a subscription for each instrument",
            )


async def _never_acknowledges(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        rig.inject("deaf")
        try:
            await listen(rig)
        except SubscriptionFailed:
            return
        require(
            rig.polls or rig.subscriptions,
            "a venue that does not acknowledge raises SubscriptionFailed; subscribe returned instead",
        )


@BOOK.case(
    "S02",
    "Unsubscribe ends the stream",
    "After it no event comes and the venue has no such subscription; calling it again is harmless.",
    after=_READY,
)
async def unsubscribed(subject: Subject) -> None:
    claimed_stream(subject)
    await asyncio.gather(*(_unsubscribed(subject, claim) for claim in claimed_streams(subject)))


async def _unsubscribed(subject: Subject, claim: Claim) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard = await listen(rig, claim)
        await heard.flows()
        await within(5, heard.leave(), "unsubscribe returns")
        count, asked = len(heard.events), rig.emulator.requests
        await holds(
            lambda: len(heard.events) == count, _QUIET_SECONDS, f"{claim}: no event comes after unsubscribe"
        )
        require(not rig.subscriptions, f"{claim}: the venue still has {dict(rig.subscriptions)}")
        require(rig.emulator.requests <= asked + 1, f"{claim}: the venue is not asked on after unsubscribe")
        await within(5, heard.leave(), "unsubscribing again does nothing")


@BOOK.case(
    "S03",
    "Two subscribers share a stream",
    "Both get every event; where one leaves, the other goes on.",
    after=_READY,
)
async def shared(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        first, second = await listen(rig), await listen(rig)
        await first.flows()
        await second.flows()
        start = len(first.events), len(second.events)
        await until(
            lambda: len(first.events) > start[0] + 3 and len(second.events) > start[1] + 3, 8, "both hear"
        )
        require(
            first.events[start[0] : start[0] + 3] == second.events[start[1] : start[1] + 3],
            "both subscribers get the same events",
        )
        await within(5, first.leave(), "unsubscribe returns")
        count = len(first.events)
        await second.flows(what="who stays goes on hearing when the other leaves")
        await second.flows()
        require(len(first.events) == count, "who left hears nothing more")
        await within(5, second.leave(), "unsubscribe returns")
        await until(lambda: not rig.subscriptions, 3, "nobody is subscribed when both have left")


@BOOK.case(
    "S04",
    "Every trade once, in order",
    "Price, quantity, taker side and time are those of the trade the venue made; none is missing, doubled or swapped.",
    claims=[Claim.TRADES],
    after=_READY,
)
async def trades_told(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        truth = rig.truth
        heard = await listen(rig, Claim.TRADES)
        await _enough_trades(rig, heard)
        rig.emulator.pause()

        def all_told(pair: Pair) -> bool:
            told = heard.trades(pair)
            return any(made[-1].is_told_by(told[-1]) for made in truth.trades(pair.listing))

        # A polled venue tells of the last ones when it is asked the next time.
        with contextlib.suppress(CaseFailed):
            await until(lambda: all(all_told(pair) for pair in heard.pairs), _LAST_SECONDS, "all is told")
        for pair in heard.pairs:
            fault = truth.trades_fault(pair.listing, heard.trades(pair))
            require(fault is None, f"{pair.symbol}: {fault}")
            require(all_told(pair), f"{pair.symbol}: the last trade the venue made arrives")


@BOOK.case(
    "S05",
    "Repeated frames deliver nothing twice",
    "A venue that sends every frame twice causes no trade to be delivered twice.",
    claims=[Claim.TRADES],
    after=_READY,
)
async def repeated(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        truth = rig.truth
        rig.inject("repeat")
        heard = await listen(rig, Claim.TRADES)
        await _enough_trades(rig, heard)
        for pair in heard.pairs:
            fault = truth.trades_fault(pair.listing, heard.trades(pair))
            require(fault is None, f"{pair.symbol}: {fault}")


async def _enough_trades(rig: Rig, heard: Heard, count: int = 12) -> None:
    await until(lambda: all(len(heard.trades(pair)) >= count for pair in heard.pairs), 12, "trades arrive")


@BOOK.case(
    "S10",
    "A failing handler ends nothing",
    "Where a consumer's handler raises, the stream goes on, other consumers hear all of it, and a log record says so.",
    after=_READY,
)
async def handler_fails(subject: Subject) -> None:
    calls: list[object] = []

    def fails(event: object) -> None:
        calls.append(event)
        raise ZeroDivisionError("the consumer's own fault")

    async with local_rig(subject, rate=BUSY) as rig:
        heard = await listen(rig)
        instruments = [pair.instrument for pair in rig.pairs]
        with _Errors(rig.belongings) as told:
            claim = claimed_stream(subject)
            await within(
                20, subscribe(rig, claim, instruments, fails), "the second subscription is acknowledged"
            )
            await until(lambda: len(calls) > 3, 8, "a handler that raises is called for later events too")
            await heard.flows(what="other consumers hear the stream")
            require(told.records, "a handler's error is logged, at WARNING or above")
        await heard.flows()
        require(not heard.told("lost"), "the connection is not given up for a handler's error")


class _Errors(logging.Handler):
    """Hears what one rig's connector logs in earnest."""

    def __init__(self, owner: Belongings) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self._owner = owner

    def emit(self, record: logging.LogRecord) -> None:
        if mine() is self._owner:
            self.records.append(record)

    def __enter__(self) -> "_Errors":
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


@BOOK.case(
    "S13",
    "Health tells the truth",
    "It names every open connection and every subscription with its state, and no more of them once they are left.",
    after=_READY,
)
async def health_is_true(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        require(not rig.emulator.sockets, "no WebSocket is opened before the first subscription")
        heard = await listen(rig)
        await until(
            lambda: len({event.symbol for event in heard.events}) == len(rig.pairs), 8, "events arrive"
        )
        connected = [one for one in rig.health if one.state == "CONNECTED"]
        if not rig.polls:
            require(
                len(connected) == len(rig.emulator.sockets),
                f"health has {len(connected)} CONNECTED, the venue {len(rig.emulator.sockets)} WebSockets",
            )
        subscriptions = [each for one in connected for each in one.subscriptions]
        for pair in heard.pairs:
            own = [each for each in subscriptions if each.symbol in (pair.symbol, None)]
            require(own, f"health has a subscription of {pair.symbol}")
            require(
                all(each.state == "ACTIVE" and each.messages > 0 for each in own),
                f"the subscription of {pair.symbol} is ACTIVE and counts its messages",
            )
        await within(5, heard.leave(), "unsubscribe returns")
        left = [each.channel for one in rig.health for each in one.subscriptions]
        require(not left, f"health has no subscription after unsubscribe, but {left}")


@BOOK.case(
    "S14",
    "An unknown symbol is refused at once",
    "It raises UnknownSymbol before anything is sent, and validation sorts it out.",
    after=_READY,
)
async def unknown_symbol(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        client, pair = rig.bundle.client, rig.pairs[0]
        before = rig.emulator.requests, len(rig.emulator.sockets)
        try:
            client.instrument(_NOWHERE)
        except UnknownSymbol:
            pass
        else:
            raise CaseFailed("client.instrument() raises UnknownSymbol for a symbol that is not listed")
        wanted = [_NOWHERE, pair.symbol]
        checked = client.validate_exchange_instruments(rig.market_type, wanted)
        require(
            (tuple(checked.valid_instruments), tuple(checked.removed_instruments))
            == ((pair.symbol,), (_NOWHERE,)),
            "validate_exchange_instruments() keeps what is listed and removes what is not",
        )
        prices = PriceOptions(market_type=rig.market_type, symbols=(_NOWHERE,))
        joining = rig.bundle.ws.subscribe_to_instrument_prices(prices, lambda _price: None)
        await raises(joining, (UnknownSymbol, *REFUSALS), "prices of an unknown symbol")
        require(
            (rig.emulator.requests, len(rig.emulator.sockets)) == before,
            "nothing is sent for an unknown symbol",
        )


@BOOK.case(
    "S17",
    "Many instruments at once",
    "Subscribing to twenty instruments at once stays within the venue's own limits: none is refused or cut off.",
    after=_READY,
)
async def many(subject: Subject) -> None:
    async with local_rig(subject, symbols=_MANY) as rig:
        pairs = matched_pairs(rig.market, rig.bundle.client.instruments.values())[:_MANY]
        try:
            heard = await listen(rig, pairs=pairs)
        except SubscriptionFailed as error:
            raise CaseFailed(f"{len(pairs)} instruments can be subscribed to at once: {error}") from error
        opened = set(rig.emulator.sockets)
        if not rig.polls:
            require(
                rig.subscriptions.total() >= len(pairs),
                f"the venue has {rig.subscriptions.total()} subscriptions for {len(pairs)} instruments",
            )
        await heard.flows()
        await holds(
            lambda: opened == set(rig.emulator.sockets), 1.0, "the venue closes no connection for its limits"
        )
        require(not heard.told("lost"), "no connection is lost while twenty instruments are subscribed to")
        refused = [status for _, _, status in rig.answers if status in (418, 429)]
        require(not refused, "no request is refused for its rate")


@BOOK.case(
    "S18",
    "A foreign market is refused",
    "Options that name another market than the connector's raise UnsupportedMarket before anything is sent.",
    after=_READY,
)
async def foreign_market(subject: Subject) -> None:
    claimed_stream(subject)
    foreign = next(market for market in MarketType if market is not subject.market_type)
    async with local_rig(subject) as rig:
        before = rig.emulator.requests, len(rig.emulator.sockets)
        ws, instruments = rig.bundle.ws, [rig.pairs[0].instrument]
        calls: dict[Claim, Any] = {
            Claim.TRADES: lambda: ws.subscribe_to_trade(
                TradeOptions(market_type=foreign, instruments=instruments), lambda _: None
            ),
            Claim.BOOKS: lambda: ws.subscribe_to_order_book(
                OrderBookOptions(market_type=foreign, instruments=instruments), lambda _: None
            ),
            Claim.CANDLES: lambda: ws.subscribe_to_candles(
                CandleOptions(market_type=foreign, instruments=instruments, interval=interval_of(rig)),
                lambda _: None,
            ),
        }
        for claim in claimed_streams(subject):
            await raises(calls[claim](), UnsupportedMarket, f"{claim} of the market '{foreign}'")
        try:
            rig.bundle.client.validate_exchange_instruments(foreign, [rig.pairs[0].symbol])
        except UnsupportedMarket:
            pass
        else:
            raise CaseFailed("validate_exchange_instruments() raises UnsupportedMarket for another market")
        require(
            (rig.emulator.requests, len(rig.emulator.sockets)) == before, "nothing is sent for another market"
        )
