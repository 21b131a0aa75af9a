"""The adapters: pure functions from a frame of the venue to a normalised event, whatever the frame."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from connectors.conformance.adapting import (
    CLAIMED,
    KINDS,
    REFUSALS,
    Sample,
    interval_of,
    make,
    samples_of,
    usable,
)
from connectors.conformance.case import Casebook, CaseFailed, NotClaimed, require
from connectors.conformance.deeds import deeds
from connectors.conformance.hostile import EMPTY, UNREADABLE, altered
from connectors.conformance.made import made
from connectors.conformance.played import recordings_of, replay_of
from connectors.conformance.purity import asked_of_the_world
from connectors.conformance.ranges import fault_of
from connectors.conformance.subject import Subject
from connectors.contracts.errors import BadFrame, BarfinexError
from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.contracts.services import ExchangeAdapterSet
from connectors.contracts.timeframes import TimeFrame

BOOK = Casebook("adapters")

Adapt: TypeAlias = Callable[[Any], None]

_PATHS = 40
"""So many values of a frame are replaced, one at a time."""
_TURN = 20
"""Frames after which others get their turn."""
_EVENTS = (Trade, OrderBookUpdate, Candle, Price)


@BOOK.case(
    "A01",
    "Every adapter is made as the contract says",
    "Given a handler and a market, by its member or its word, each gives a function of one frame, or refuses typed.",
)
async def are_made(subject: Subject) -> None:
    async with made(subject) as bundle:
        interval = interval_of(bundle.adapters) or TimeFrame.M1
        for kind in KINDS:
            claim = CLAIMED.get(kind)
            for market in (subject.market_type, subject.market_type.value):
                try:
                    adapter: object = make(bundle.adapters, kind, market, lambda _: None, interval)
                except REFUSALS as error:
                    if claim in subject.claims and kind != "account":
                        raise CaseFailed(
                            f"the {kind} adapter is refused, yet {claim} is claimed: {error}"
                        ) from None
                    continue
                require(
                    callable(adapter),
                    f"the {kind} adapter is {type(adapter).__name__}, not a function of a frame",
                )


@BOOK.case(
    "A02",
    "Frames that are nothing are refused",
    "Noise, half a frame, endless nesting or text in no encoding raises BadFrame, and the handler is not called.",
    after=("A01",),
)
async def nothing_is_refused(subject: Subject) -> None:
    async with made(subject) as bundle:
        for kind, interval in usable(subject, bundle.adapters):
            heard: list[Any] = []
            adapt = make(bundle.adapters, kind, subject.market_type, heard.append, interval)
            for told, frame in {**UNREADABLE, **EMPTY}.items():
                refused = _refused(adapt, frame, f"the {kind} adapter, given {told}")
                require(not heard, f"the {kind} adapter, given {told}, calls its handler")
                require(
                    refused or told in EMPTY,
                    f"the {kind} adapter, given {told}, passes over it instead of raising BadFrame",
                )
                await asyncio.sleep(0)


@BOOK.case(
    "A03",
    "Hostile values are refused",
    "A recorded frame with one value made infinite, negative, enormous, absent or of another type raises BadFrame, or"
    " what is delivered is still in range and clean.",
    after=("A01", "R01"),
    timeout=60,
)
async def hostile_values_are_refused(subject: Subject) -> None:
    async with made(subject) as bundle:
        for sample in _samples(subject, 1):
            heard: list[Any] = []
            adapt = make(bundle.adapters, sample.kind, subject.market_type, heard.append, sample.interval)
            for number, (told, frame) in enumerate(altered(sample.frame, _PATHS)):
                if number % _TURN == 0:
                    await asyncio.sleep(0)
                heard.clear()
                where = f"the {sample.kind} adapter, given {told}"
                _refused(adapt, frame, where)
                for event in heard:
                    fault = fault_of(event) if isinstance(event, _EVENTS) else None
                    require(fault is None, f"{where}, delivers it: {fault}")


@BOOK.case(
    "A04",
    "An adapter asks nothing of the world",
    "While it reads a frame an adapter asks neither the clock nor chance, and touches no file, socket or thread: the"
    " same frame means the same tomorrow and in a replay.",
    after=("A01", "R01"),
)
async def asks_nothing(subject: Subject) -> None:
    async with made(subject) as bundle:
        for sample in _samples(subject, 5):
            heard: list[Any] = []
            adapt = make(bundle.adapters, sample.kind, subject.market_type, heard.append, sample.interval)
            with deeds() as done, asked_of_the_world() as asked:
                adapt(sample.frame)
            noted = list(dict.fromkeys([*asked, *done]))
            require(not noted, f"the {sample.kind} adapter, given a frame: {', '.join(noted)}")
            await asyncio.sleep(0)


@BOOK.case(
    "A05",
    "The same frame gives the same event",
    "Read twice, later, and in another order among the symbols, a frame gives one and the same event.",
    after=("A01", "R01"),
)
async def same_frame_same_event(subject: Subject) -> None:
    samples = _samples(subject, 5)
    async with made(subject) as bundle:
        first = [_events(bundle.adapters, subject, sample) for sample in samples]
        await asyncio.sleep(0.02)
        backwards = [_events(bundle.adapters, subject, sample) for sample in reversed(samples)]
    async with made(subject) as bundle:
        by_symbol = sorted(range(len(samples)), key=lambda place: samples[place].symbol or "")
        sorted_anew = {place: _events(bundle.adapters, subject, samples[place]) for place in by_symbol}
    for place, sample in enumerate(samples):
        others = (backwards[-1 - place], sorted_anew[place])
        require(
            all(other == first[place] for other in others),
            f"the {sample.kind} adapter gives {first[place]} the first time and {others[0]} the second",
        )


@BOOK.case(
    "A06",
    "The adapters say what the stream says",
    "A recorded frame gives the same trade, candle or price through the adapter as through the connector's stream.",
    after=("A01", "R01"),
)
async def same_as_the_stream(subject: Subject) -> None:
    async with made(subject) as bundle:
        for sample in _samples(subject, 20):
            if sample.kind in ("order_book", "instruments"):
                continue
            given = _events(bundle.adapters, subject, sample)
            # A stream may add what only it knows, as the closing of a candle whose successor is there.
            missing = [event for event in given if event not in sample.events]
            require(
                given and not missing,
                f"the {sample.kind} adapter gives {given or 'nothing'}, the stream {sample.events[-1]}",
            )


@BOOK.case(
    "A07",
    "A frame may be bytes, text or decoded",
    "The same frame as bytes, as text and as decoded JSON gives the same event, as the contract says.",
    after=("A01", "R01"),
)
async def any_form(subject: Subject) -> None:
    async with made(subject) as bundle:
        for sample in _samples(subject, 3):
            right = _events(bundle.adapters, subject, sample)
            for form, frame in _forms(sample.frame).items():
                heard: list[Any] = []
                adapt = make(bundle.adapters, sample.kind, subject.market_type, heard.append, sample.interval)
                where = f"the {sample.kind} adapter, given a recorded frame as {form}"
                require(not _refused(adapt, frame, where), f"{where}, refuses it")
                require(heard == right, f"{where}, gives {heard or 'nothing'}; as bytes it gives {right}")


def _forms(frame: bytes) -> dict[str, Any]:
    """A frame in the other forms that it has: a binary one has none."""
    try:
        return {"text": frame.decode(), "decoded JSON": msgspec.json.decode(frame)}
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        return {}


def _samples(subject: Subject, most: int) -> list[Sample]:
    samples = samples_of(replay_of(subject)(), recordings_of(subject), most)
    if not samples:
        raise NotClaimed("there is no frame in the recordings that an adapter could be given")
    return samples


def _events(adapters: ExchangeAdapterSet, subject: Subject, sample: Sample) -> list[Any]:
    heard: list[Any] = []
    make(adapters, sample.kind, subject.market_type, heard.append, sample.interval)(sample.frame)
    return heard


def _refused(adapt: Adapt, frame: object, where: str) -> bool:
    """Whether the frame is refused as it should be. Raises `CaseFailed` where anything else is raised."""
    try:
        adapt(frame)
    except BadFrame:
        return True
    except BarfinexError as error:
        raise CaseFailed(f"{where}, raises {type(error).__name__} instead of BadFrame: {error}") from None
    except Exception as error:  # noqa: BLE001 - whatever a stranger's adapter lets through is what is looked for
        raise CaseFailed(f"{where}, raises {type(error).__name__} instead of BadFrame") from None
    return False
