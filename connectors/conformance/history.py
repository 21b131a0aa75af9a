"""A connector's candles beside the venue's own."""

from collections.abc import Sequence
from itertools import pairwise

from connectors.conformance.pairs import Pair
from connectors.conformance.rig import Rig
from connectors.conformance.truth import rounded
from connectors.contracts.events import Candle
from connectors.contracts.timeframes import TimeFrame
from connectors.emulator.intervals import next_open


def candle_fault(rig: Rig, pair: Pair, candle: Candle) -> str | None:
    """In what a closed candle is not the venue's; `None` where it is."""
    instrument = pair.listing.instrument
    start, now = candle.timestamp, rig.emulator.clock.now()
    end = next_open(candle.interval, start)
    bar = pair.listing.history.bar(start, end, now)
    if end > now:
        return f"the candle of {start} is told as closed before its time is over"
    there = [*(instrument.price_text(ticks) for ticks in (bar.open, bar.high, bar.low, bar.close))]
    there.append(instrument.quantity_text(bar.volume))
    here = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    for name, got, wanted in zip(("open", "high", "low", "close", "volume"), here, there, strict=True):
        if rounded(got) != rounded(float(wanted)):
            return f"the {name} of the candle of {start} is {got}, and {float(wanted)} at the venue"
    return None


def history_fault(rig: Rig, pair: Pair, candles: Sequence[Candle], frame: TimeFrame) -> str | None:
    """What is wrong with a history, whose last candle alone may be open."""
    times = [candle.timestamp for candle in candles]
    if times != sorted(set(times)):
        return "candles are oldest first, each once"
    for earlier, later in pairwise(times):
        if next_open(frame.value, earlier) != later:
            return f"candles are missing between {earlier} and {later}"
    if any(candle.symbol != pair.symbol or candle.interval != frame.value for candle in candles):
        return "every candle has the symbol and the interval that were asked for"
    if any(not candle.closed for candle in candles[:-1]):
        return "only the last candle may be open"
    return next((fault for one in candles if one.closed and (fault := candle_fault(rig, pair, one))), None)
