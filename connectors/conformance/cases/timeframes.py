"""Candle intervals: the venue's names for them, and the refusal of those that it has not."""

from typing import Any

from connectors.conformance.case import Casebook, CaseFailed, require
from connectors.conformance.made import made
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.errors import UnsupportedTimeFrame
from connectors.contracts.timeframes import TimeFrame

BOOK = Casebook("timeframes")

_NONE = ("", "7m", "1 m", "60", "1H ", "minute", "\x1b[2J")


@BOOK.case(
    "T01",
    "Every interval is converted or refused",
    "An interval is given the venue's own name, a different one each, or raises UnsupportedTimeFrame: never another's.",
)
async def converted_or_refused(subject: Subject) -> None:
    names: dict[TimeFrame, str | int] = {}
    async with made(subject) as bundle:
        for frame in TimeFrame:
            try:
                name: Any = bundle.adapters.convert_time_frame(frame)
            except UnsupportedTimeFrame:
                continue
            is_name = (isinstance(name, str) and name.strip()) or (type(name) is int and name > 0)
            require(
                is_name, f"convert_time_frame({frame.value}) gives {name!r}, which is no name of an interval"
            )
            names[frame] = name
    by_name: dict[str | int, TimeFrame] = {}
    for frame, name in names.items():
        other = by_name.setdefault(name, frame)
        require(
            other is frame,
            f"{other.value} and {frame.value} are both converted to {name!r}: one of them is a silent substitute",
        )
    candles = subject.claims & {Claim.CANDLES, Claim.HISTORY}
    require(names or not candles, "candles are claimed, but every interval is refused")


@BOOK.case(
    "T02",
    "An interval that does not exist is refused",
    "A word that is no interval raises UnsupportedTimeFrame: a chart of other candles than asked for is a lie.",
)
async def unknown_is_refused(subject: Subject) -> None:
    async with made(subject) as bundle:
        convert: Any = bundle.adapters.convert_time_frame
        for word in _NONE:
            try:
                name = convert(word)
            except UnsupportedTimeFrame:
                continue
            raise CaseFailed(f"convert_time_frame({word!r}) gives {name!r} instead of UnsupportedTimeFrame")
