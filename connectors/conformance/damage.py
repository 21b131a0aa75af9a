"""Recordings with something wrong in them: a book's update lost, repeated, moved or cut short, trades sent twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from connectors.streaming.book_feed import BookFeed
from connectors.streaming.feeds import TradeFeed
from connectors.streaming.recording import RecordedEvent
from connectors.streaming.replay import VenueReplay

_PLACES = 5
"""So many updates of each book are damaged, one at a time."""


@dataclass(frozen=True, slots=True)
class Damage:
    told: str
    events: list[RecordedEvent]


def book_damages(venue: VenueReplay, events: Sequence[RecordedEvent]) -> Iterator[Damage]:
    """The recording anew, each time with one thing wrong in one book's stream."""
    for key, places in _frames_of(venue, events, BookFeed).items():
        name = key.decode(errors="replace")
        for chosen in _spread(len(places)):
            at = places[chosen]
            event = events[at]
            before, rest = list(events[:at]), list(events[at + 1 :])
            yield Damage(f"update {chosen} of {name} lost", before + rest)
            yield Damage(f"update {chosen} of {name} sent twice", [*before, event, event, *rest])
            if (cut := _cut_short(event)) is not None:
                yield Damage(f"update {chosen} of {name} cut short", [*before, cut, *rest])
            if chosen + 1 < len(places):
                swapped = list(events)
                other = places[chosen + 1]
                swapped[at], swapped[other] = events[other], event
                yield Damage(f"updates {chosen} and {chosen + 1} of {name} exchanged", swapped)
            if chosen >= 1:
                late = [*before, event, events[places[chosen - 1]], *rest]
                yield Damage(f"update {chosen - 1} of {name} sent again after its successor", late)


def repeated_trades(venue: VenueReplay, events: Sequence[RecordedEvent]) -> Iterator[RecordedEvent]:
    """The recording with every frame of a trade stream twice, one right after the other."""
    doubled = {at for places in _frames_of(venue, events, TradeFeed).values() for at in places}
    for at, event in enumerate(events):
        yield event
        if at in doubled:
            yield event


def _frames_of(
    venue: VenueReplay, events: Sequence[RecordedEvent], kind: type[object]
) -> dict[bytes, list[int]]:
    """Where the frames of each channel of that kind stand, by the channel's key."""
    kinds: dict[bytes, bool] = {}
    found: defaultdict[bytes, list[int]] = defaultdict(list)
    for at, event in enumerate(events):
        if event.kind != "recv":
            continue
        key = venue.dialect.route(event.payload())
        if key is None:
            continue
        if key not in kinds:
            kinds[key] = isinstance(venue.feed(key), kind)
        if kinds[key]:
            found[key].append(at)
    return found


def _spread(count: int) -> list[int]:
    """Places over the whole length, neither the first nor the last."""
    return sorted({1 + place * (count - 2) // _PLACES for place in range(_PLACES)}) if count > 2 else []


def _cut_short(event: RecordedEvent) -> RecordedEvent | None:
    """Half of a frame, as a broken proxy leaves it."""
    if event.b64 or not event.data or len(event.data) < 4:
        return None
    return msgspec.structs.replace(event, data=event.data[: len(event.data) // 2])
