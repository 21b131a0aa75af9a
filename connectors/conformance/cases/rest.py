"""Calls over REST: repeated where that is safe, patient where the venue asks for it, and typed where they fail."""

import asyncio
import math
from collections.abc import Sequence

from connectors.conformance.case import Casebook, CaseFailed, NotClaimed, require
from connectors.conformance.cases.attempts import raises
from connectors.conformance.history import history_fault
from connectors.conformance.instrument_faults import instrument_faults
from connectors.conformance.listening import REFUSALS, interval_of
from connectors.conformance.reading import SECONDS, a_read
from connectors.conformance.rig import Rig, local_rig, until, within
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.errors import (
    BadResponse,
    ConnectionFailed,
    RateLimited,
    UsageError,
    VenueError,
    VenueUnavailable,
)
from connectors.contracts.instruments import Instrument

BOOK = Casebook("REST")

_READY = ("L01",)
_BURST = 120
_PAUSE_SECONDS = 1.0
_RETRY_AFTER = 1
_LONG_BAN = 60
_OVERSIZED = 20 * 1024 * 1024
"""Bytes, where the right answer is a few thousand."""
_CANCELLED = 25
_PAGES = 1_700
"""Candles: more than venues give at once."""


@BOOK.case(
    "H01",
    "A read is repeated",
    "Where the venue answers 503 once, a public read succeeds all the same.",
    after=_READY,
)
async def repeated(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        read = await a_read(rig)
        fault = rig.inject("status", status=503, count=1)
        try:
            answer = await within(SECONDS, read(), "a read that met a 503 answers")
        except VenueUnavailable as error:
            raise CaseFailed(f"a read that met one 503 is repeated; it raises: {error}") from error
        require(fault.spent, "the call asks the venue")
        require(answer, "a read that is repeated answers as usual")


@BOOK.case(
    "H02",
    "Retry-After is honoured",
    "After a 429 with Retry-After nothing is sent before that time; then calls go out again.",
    after=_READY,
)
async def retry_after(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        read = await a_read(rig)
        rig.inject("status", status=429, retry_after=_RETRY_AFTER, count=1)
        seen = len(rig.answers)
        first = asyncio.ensure_future(read())
        await until(lambda: len(rig.answers) > seen or first.done(), SECONDS, "the call asks the venue")
        # What is called after the refusal came knows of it.
        await asyncio.sleep(0.1)
        others = [asyncio.ensure_future(read()) for _ in range(3)]
        _only_rate_limited(await asyncio.gather(first, *others, return_exceptions=True))
        refused = rig.answers[seen][0]
        soon = [
            f"{at - refused:.2f}"
            for at, _, _ in rig.answers[seen + 1 :]
            if at - refused < _RETRY_AFTER - 0.05
        ]
        require(
            not soon, f"nothing is sent for {_RETRY_AFTER} s after the 429, but after {', '.join(soon)} s"
        )
        await asyncio.sleep(max(0.0, refused + _RETRY_AFTER + 0.1 - asyncio.get_running_loop().time()))
        require(await within(SECONDS, read(), "calls go out again"), "calls answer again after that time")


def _only_rate_limited(outcomes: Sequence[object]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, RateLimited):
            raise CaseFailed(f"a 429 is waited out or raises RateLimited, not {type(outcome).__name__}")


@BOOK.case(
    "H03",
    "A ban is not hammered",
    "After a 418 with a long Retry-After calls raise RateLimited soon, and nothing more is sent.",
    after=_READY,
)
async def banned(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        read = await a_read(rig)
        rig.inject("status", status=418, retry_after=_LONG_BAN)
        seen = len(rig.answers)
        error = await raises(read(), VenueError, "a call to a venue that has shut us out")
        sent = len(rig.answers) - seen
        require(sent == 1, f"a ban is told once, not met {sent} times")
        if isinstance(error, RateLimited):
            wait = error.retry_after or 0.0
            require(
                error.banned and _LONG_BAN / 2 < wait <= _LONG_BAN * 2,
                f"RateLimited says banned=True and retry_after near {_LONG_BAN} s, "
                f"not banned={error.banned} and {error.retry_after}",
            )
        for _ in range(3):
            await raises(read(), RateLimited, "a call while we are shut out")
        require(len(rig.answers) - seen == sent, "nothing is sent while we are shut out")


@BOOK.case(
    "H04",
    "A burst stays within the limits",
    "Of very many calls at once as many go out as the venue allows; it never has to refuse one.",
    after=_READY,
)
async def burst(subject: Subject) -> None:
    async with local_rig(subject, rate=0.0) as rig:
        read = await a_read(rig)
        calls = [asyncio.ensure_future(read()) for _ in range(_BURST)]
        answered = -1
        # A connector that keeps to the limits comes to wait; one that does not goes on until it is refused.
        while answered < len(rig.answers):
            answered = len(rig.answers)
            await asyncio.wait(calls, timeout=_PAUSE_SECONDS)
        for call in calls:
            call.cancel()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        refused = [status for _, _, status in rig.answers if status in (418, 429)]
        require(not refused, f"the venue refused {len(refused)} of {_BURST} calls for their rate")
        require(
            any(not isinstance(one, BaseException) for one in outcomes), "some calls of a burst are answered"
        )
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, RateLimited):
                raise CaseFailed(f"a call beyond the limits waits or raises RateLimited, not {outcome!r}")


@BOOK.case(
    "H05",
    "Errors are typed",
    "An unknown symbol, garbage, wrong JSON, an oversized body, a redirect and a reset each raise their typed error.",
    after=_READY,
)
async def errors(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        read = await a_read(rig)
        if Claim.HISTORY in subject.claims:
            known = rig.pairs[0].instrument
            unknown = Instrument("NOSUCHPAIR", "NOSUCH", "PAIR", "NOSUCHPAIR", known.market_type)
            call = rig.bundle.market_api.get_candles(unknown, interval_of(rig), limit=2)
            await raises(call, (VenueError, UsageError), "candles of an unknown symbol")
        for what, options in (
            ("a body that is no JSON", {"payload": "<html>not what you think</html>"}),
            ("JSON that is something else", {"payload": '{"surprise": [true, null, {"a": "b"}]}'}),
            ("a body that is cut off", {"payload": '[{"symbol": "BTC'}),
            ("an oversized body", {"payload": " " * _OVERSIZED + "[]"}),
        ):
            rig.inject("status", status=200, **options)
            await raises(read(), BadResponse, what)
            rig.emulator.faults.clear()
        await _redirected(rig)
        rig.inject("reset")
        await raises(read(), ConnectionFailed, "a reset connection")
        rig.emulator.faults.clear()
        require(await within(SECONDS, read(), "a call answers"), "calls answer again after all of these")


async def _redirected(rig: Rig) -> None:
    read = await a_read(rig)
    elsewhere = "/a/place/of/somebody/else"
    rig.inject("status", status=302, location=f"http://127.0.0.1:{rig.emulator.port}{elsewhere}")
    await raises(read(), VenueError, "a redirect")
    rig.emulator.faults.clear()
    followed = [request for _, request, _ in rig.answers if request.path == elsewhere]
    require(not followed, "a redirect is not followed: it could take a key elsewhere")


@BOOK.case(
    "H06",
    "History is the venue's",
    "Candles come oldest first, none twice or missing, with limit and end_time kept across pages, the last one open.",
    claims=[Claim.HISTORY],
    after=_READY,
)
async def history(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        rig.emulator.pause()
        pair, frame, api = rig.pairs[0], interval_of(rig), rig.bundle.market_api
        now = rig.emulator.clock.now()
        latest = await within(SECONDS, api.get_candles(pair.instrument, frame, limit=5), "history answers")
        require(len(latest) == 5, f"limit=5 gives five candles, not {len(latest)}")
        require(history_fault(rig, pair, latest, frame) is None, f"{history_fault(rig, pair, latest, frame)}")
        require(
            latest[-1].timestamp > now - 2 * frame.milliseconds,
            "without an end_time the last candle is the newest",
        )
        open_now = latest[-1].timestamp + frame.milliseconds > rig.emulator.clock.now()
        require(not (open_now and latest[-1].closed), "the candle of this moment is not closed")
        long = await within(SECONDS, api.get_candles(pair.instrument, frame, limit=_PAGES), "pages answer")
        require(
            len(long) == _PAGES, f"limit={_PAGES} gives as many candles over several pages, not {len(long)}"
        )
        require(history_fault(rig, pair, long, frame) is None, f"{history_fault(rig, pair, long, frame)}")
        end = latest[-1].timestamp - 60 * frame.milliseconds + 17
        past = await within(
            SECONDS, api.get_candles(pair.instrument, frame, limit=7, end_time=end), "the past answers"
        )
        require(len(past) == 7, f"limit=7 with an end_time gives seven candles, not {len(past)}")
        require(history_fault(rig, pair, past, frame) is None, f"{history_fault(rig, pair, past, frame)}")
        length = frame.milliseconds
        require(
            end - 2 * length < past[-1].timestamp + length - 1 <= end,
            "with an end_time the last candle is the last one that ends at or before it",
        )
        require(past[-1].closed, "a candle of the past is closed")


@BOOK.case(
    "H07",
    "Prices are finite and the market's",
    "get_prices has the last price of every instrument that trades, finite and above zero, by its normal symbol.",
    after=_READY,
)
async def prices(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        rig.emulator.pause()
        try:
            prices = await within(SECONDS, rig.bundle.market_api.get_prices(), "get_prices() answers")
        except REFUSALS as refusal:
            raise NotClaimed(str(refusal)) from None
        listed = rig.bundle.client.instruments
        for symbol, price in prices.items():
            require(symbol == price.symbol and symbol in listed, f"'{symbol}' is an instrument's symbol")
            require(math.isfinite(price.price) and price.price > 0, f"{symbol}: {price.price} is a price")
        for pair in rig.pairs:
            price, listing = prices.get(pair.symbol), pair.listing
            require(price is not None, f"{pair.symbol} has a price")
            last = float(listing.instrument.price_text(listing.last_price))
            bid = float(listing.instrument.price_text(listing.book.bids.best or 0))
            ask = float(listing.instrument.price_text(listing.book.asks.best or 0))
            got = price.price if price is not None else 0.0
            require(
                math.isclose(got, last, rel_tol=1e-9) or bid <= got <= ask,
                f"{pair.symbol}: {got} is the last price {last} or within {bid} and {ask}",
            )


@BOOK.case(
    "H08",
    "The instrument list is sane",
    "Symbols are normal and unique, steps and limits are Decimals that make sense, and the way back is exact.",
    after=_READY,
)
async def instruments(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        client = rig.bundle.client
        listed = client.instruments
        faults = list(instrument_faults(list(listed.values()), rig.market_type))
        require(not faults, "; ".join(faults[:3]))
        for symbol, one in listed.items():
            require(one.symbol == symbol, f"'{symbol}' is the key of '{one.symbol}'")
            for spelling in (symbol, one.venue_symbol, symbol.lower()):
                require(client.instrument(spelling) == one, f"'{spelling}' leads to {symbol} and to no other")
        checked = client.validate_exchange_instruments(rig.market_type, list(listed))
        require(
            tuple(checked.valid_instruments) == tuple(listed) and not checked.removed_instruments,
            "every listed symbol is valid, in the order it was given",
        )
        for pair in rig.pairs:
            for step, real in (
                (pair.instrument.tick_size, pair.listing.instrument.tick),
                (pair.instrument.lot_size, pair.listing.instrument.lot),
            ):
                require(
                    step is None or step == real, f"{pair.symbol}: a step is {step}, and {real} at the venue"
                )


@BOOK.case(
    "H09",
    "Cancelled calls cost nothing",
    "After many calls that were cancelled half-way the client answers as before.",
    after=_READY,
)
async def cancelled(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        read = await a_read(rig)
        rig.inject("late", milliseconds=300)
        calls = [asyncio.ensure_future(read()) for _ in range(_CANCELLED)]
        await asyncio.sleep(0.1)
        for call in calls:
            call.cancel()
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            require(isinstance(outcome, asyncio.CancelledError), "a call that is cancelled ends as cancelled")
        rig.emulator.faults.clear()
        require(await within(5.0, read(), "a call after cancelled ones answers"), "it answers as usual")
