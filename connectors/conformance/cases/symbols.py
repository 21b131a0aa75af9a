"""Symbols: the normal form and the way back, over the recorded instrument lists."""

from connectors.conformance.case import Casebook, NotClaimed, require
from connectors.conformance.instrument_faults import instrument_faults
from connectors.conformance.played import Played, play, recordings_of, replay_of
from connectors.conformance.subject import Subject

BOOK = Casebook("symbols")

_TOLD = 3


@BOOK.case(
    "Y01",
    "The recorded instruments are sound",
    "Every instrument has one normal symbol and one venue symbol, both its own, two assets, and steps that are steps.",
    after=("R01",),
)
async def instruments_are_sound(subject: Subject) -> None:
    create = replay_of(subject)
    seen = 0
    for recording in recordings_of(subject):
        venue, lists = create(), 0
        for event in recording.events:
            if event.kind != "http" or (event.status is not None and not 200 <= event.status < 300):
                continue
            answer = venue.answer(event.url or "", event.payload())
            if isinstance(answer, list | tuple):
                lists += 1
                faults = list(instrument_faults(answer, subject.market_type))
                more = f" (and {len(faults) - _TOLD} more)" if len(faults) > _TOLD else ""
                require(not faults, "; ".join(faults[:_TOLD]) + more)
        seen += lists
    if not seen:
        raise NotClaimed("there is no instrument list in the recordings")


@BOOK.case(
    "Y02",
    "Every recorded symbol is a listed one",
    "The symbols of trades, books, candles and prices are those of the instrument list, written the same way.",
    after=("Y01",),
)
async def symbols_are_listed(subject: Subject) -> None:
    create = replay_of(subject)
    for recording in recordings_of(subject):
        played = Played()
        replay = await play(create(), recording.events, played)
        if not replay.instruments:
            continue
        for event in (*played.trades, *played.views, *played.candles, *played.prices):
            require(
                event.symbol in replay.instruments,
                f"{type(event).__name__} of '{event.symbol}', which the instrument list has not",
            )
