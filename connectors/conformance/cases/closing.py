"""A candle that is told as closed has its last figures: after a lost connection, and in an answer that comes late."""

import time

from connectors.conformance.case import Casebook, NotClaimed, require
from connectors.conformance.history import candle_fault
from connectors.conformance.listening import interval_of, listen
from connectors.conformance.rig import BUSY, Rig, local_rig, until, within
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.events import Candle
from connectors.contracts.timeframes import TimeFrame
from connectors.emulator.clock import Clock

BOOK = Casebook("closed candles")

_READY = ("L01",)
_MINUTE = TimeFrame.M1.milliseconds
_BACK_SECONDS = 40.0
"""How soon the next candle is told after a half-open connection, which must be noticed first."""
_LATE_MS = 4_000


@BOOK.case(
    "S19",
    "A candle cut off is not told as closed",
    "A candle that is not over when the connection is lost is told as closed with the venue's last figures or not at "
    "all, and then as a gap.",
    claims=[Claim.CANDLES],
    after=("S15",),
    timeout=90.0,
)
async def cut_off(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY, clock=_before_the_minute(8_000)) as rig:
        _needs_minutes(rig)
        (pair, *_) = rig.pairs
        heard = await listen(rig, Claim.CANDLES, pairs=[pair])
        await until(lambda: heard.events, 6, "candles arrive")
        rig.break_off("half_open")
        cut = heard.events[-1].timestamp
        await until(
            lambda: any(one.timestamp > cut for one in heard.events),
            _BACK_SECONDS,
            "the next candle is told after the loss",
        )
        closed = [one for one in heard.events if one.timestamp == cut and one.closed]
        fault = next((found for one in closed if (found := candle_fault(rig, pair, one))), None)
        require(fault is None, f"{pair.symbol}: cut off, {fault}")
        require(closed or heard.told("gap"), "a candle that was cut off is told as a gap of its channel")


@BOOK.case(
    "S20",
    "History is as old as its question",
    "A candle that was open when the venue answered is not closed, though its time is over when the answer comes.",
    claims=[Claim.HISTORY],
    after=_READY,
    timeout=30.0,
)
async def late_answer(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY, clock=_before_the_minute(3_000)) as rig:
        _needs_minutes(rig)
        (pair, *_) = rig.pairs
        asking = rig.emulator.clock.now()
        current = asking - asking % _MINUTE
        rig.inject("late", milliseconds=_LATE_MS)
        told: list[Candle] = list(
            await within(
                15,
                rig.bundle.market_api.get_candles(pair.instrument, TimeFrame.M1, limit=3),
                "history answers",
            )
        )
        closed = [one for one in told if one.timestamp == current and one.closed]
        fault = next((found for one in closed if (found := candle_fault(rig, pair, one))), None)
        require(fault is None, f"{pair.symbol}: answered late, {fault}")


def _before_the_minute(milliseconds: int) -> Clock:
    """So long before a minute is over."""
    now = time.time_ns() // 1_000_000
    return Clock(now - now % _MINUTE - milliseconds)


def _needs_minutes(rig: Rig) -> None:
    if interval_of(rig) is not TimeFrame.M1:
        raise NotClaimed("it has no candles of a minute, the end of which can be waited for")
