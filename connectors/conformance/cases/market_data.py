"""Streams of candles and prices, held to what was traded."""

import math
import time
from collections.abc import Sequence
from itertools import pairwise

from connectors.conformance.case import Casebook, require
from connectors.conformance.history import candle_fault
from connectors.conformance.listening import interval_of, listen, listen_to_prices
from connectors.conformance.pairs import Pair
from connectors.conformance.rig import BUSY, Rig, local_rig, until
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.events import Candle, Price
from connectors.contracts.timeframes import TimeFrame
from connectors.emulator.clock import Clock

BOOK = Casebook("candles and prices")

_READY = ("L01",)
_BEFORE_CLOSE_MS = 9_000


@BOOK.case(
    "S15",
    "Candles update, close once and are right",
    "The open candle is told while it changes, is told as closed exactly once, and a closed one equals the venue's.",
    claims=[Claim.CANDLES],
    after=_READY,
    timeout=120.0,
)
async def candles(subject: Subject) -> None:
    minute = TimeFrame.M1.milliseconds
    now = time.time_ns() // 1_000_000
    clock = Clock(now - now % minute - _BEFORE_CLOSE_MS)
    async with local_rig(subject, rate=BUSY, clock=clock) as rig:
        frame = interval_of(rig)
        heard = await listen(rig, Claim.CANDLES)
        closes = heard.pairs if frame is TimeFrame.M1 else ()
        await until(lambda: all(_of(heard.events, pair) for pair in heard.pairs), 10, "candles arrive")
        await until(
            lambda: all(len({one.volume for one in _of(heard.events, pair)}) > 1 for pair in heard.pairs),
            10,
            "the open candle is told anew when it changes",
        )
        await until(
            lambda: all(_has_followed(_of(heard.events, pair)) for pair in closes),
            75,
            "a new candle opens when the time of the one before is over",
        )
        for pair in heard.pairs:
            told = _of(heard.events, pair)
            fault = _sequence_fault(told, frame) or next(
                (found for one in told if one.closed and (found := candle_fault(rig, pair, one))), None
            )
            require(fault is None, f"{pair.symbol}: {fault}")


def _of(events: Sequence[Candle], pair: Pair) -> list[Candle]:
    return [candle for candle in events if candle.symbol == pair.symbol]


def _has_followed(told: Sequence[Candle]) -> bool:
    return told[-1].timestamp > told[0].timestamp


def _sequence_fault(told: Sequence[Candle], frame: TimeFrame) -> str | None:
    corrected = {candle.timestamp for candle in told if candle.correction}
    told = [candle for candle in told if not candle.correction]
    closed = [candle.timestamp for candle in told if candle.closed]
    if len(closed) != len(set(closed)):
        return "a candle is told as closed more than once"
    for earlier, later in pairwise(told):
        if later.timestamp < earlier.timestamp or (later.timestamp == earlier.timestamp and earlier.closed):
            return f"a candle of {later.timestamp} comes after the one of {earlier.timestamp} was closed"
        if later.timestamp > earlier.timestamp and not (earlier.closed or earlier.timestamp in corrected):
            return f"the candle of {later.timestamp} opens before the one of {earlier.timestamp} is told as closed"
        if later.timestamp == earlier.timestamp and later.volume < earlier.volume:
            return f"the volume of the candle of {later.timestamp} shrinks"
    for candle in told:
        if candle.interval != frame.value:
            return f"its interval is '{candle.interval}', not '{frame.value}'"
        if not candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high:
            return f"the candle of {candle.timestamp} has its prices outside low and high"
    return None


@BOOK.case(
    "S16",
    "Prices are the market's",
    "Each price is one that was traded or lay within the spread, and bid is not above ask.",
    after=_READY,
)
async def prices(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        _, pairs = rig.truth, rig.pairs
        heard = await listen_to_prices(rig, [pair.symbol for pair in pairs])
        every = await listen_to_prices(rig, None)
        for one in (heard, every):
            await until(
                lambda one=one: {pair.symbol for pair in pairs} <= {price.symbol for price in one.events},
                8,
                "prices of the busiest pairs arrive",
            )
            await one.flows()
        listed = rig.bundle.client.instruments
        for price in (*heard.events, *every.events):
            require(price.symbol in listed, f"a price names '{price.symbol}', which no instrument has")
        require(
            {price.symbol for price in heard.events} == {pair.symbol for pair in pairs},
            "a subscription to some symbols tells of these alone",
        )
        for pair in pairs:
            for price in (one for one in (*heard.events, *every.events) if one.symbol == pair.symbol):
                fault = _price_fault(rig, pair, price)
                require(fault is None, f"{pair.symbol}: {fault}")


def _price_fault(rig: Rig, pair: Pair, price: Price) -> str | None:
    if not (math.isfinite(price.price) and price.price > 0):
        return f"{price.price} is no price"
    if price.bid is not None and price.ask is not None and price.bid > price.ask:
        return f"its bid {price.bid} is above its ask {price.ask}"
    instrument = pair.listing.instrument
    traded = {round(float(instrument.price_text(one.price)), 8) for one in pair.listing.tape.trades}
    if round(price.price, 8) in traded or rig.truth.had_spread(pair.listing, price.price):
        return None
    return f"{price.price} was neither traded nor within the spread"
