"""The package's recordings: what the venue really sent, read as the connector reads it."""

from collections import Counter
from collections.abc import Sequence

from connectors.conformance.case import Casebook, CaseFailed, NotClaimed, require
from connectors.conformance.damage import book_damages, repeated_trades
from connectors.conformance.played import Levels, Played, Recording, levels_of, play, recordings_of, replay_of
from connectors.conformance.ranges import crossed, fault_of
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.events import BookState
from connectors.streaming.replay import Replay

BOOK = Casebook("recording")

_STREAMING = frozenset({Claim.TRADES, Claim.BOOKS, Claim.CANDLES})
_DAY_MS = 86_400_000
_DAMAGED_EVENTS = 2_000
"""Of a recording, the first so many are played with damages, once for each."""
_DAMAGED_DEPTH = 20


@BOOK.case(
    "R01",
    "It brings a recording",
    "The package holds a recording of what the venue sent on this market, and can play it.",
)
async def brings_a_recording(subject: Subject) -> None:
    if not subject.claims & _STREAMING:
        raise NotClaimed("the manifest claims no streams")
    where = subject.target.folder / "recordings"
    require(
        recordings_of(subject),
        f"there is no recording of {subject.market_type.value} in {where.relative_to(where.parents[1])}:"
        " 'barfinex record' makes one",
    )
    replay_of(subject)()


@BOOK.case(
    "R02",
    "Every frame is understood",
    "Every recorded frame finds its channel and its adapter, none is refused, and every claimed stream is in it.",
    after=("R01",),
)
async def every_frame_is_understood(subject: Subject) -> None:
    heard: Counter[Claim] = Counter()
    for recording in recordings_of(subject):
        played, replay = await _played(subject, recording)
        name = recording.path.name
        require(replay.frames, f"{name} holds no received frame")
        require(not replay.bad, f"{name}: {replay.bad} of {replay.frames} frames and answers are refused")
        require(
            not replay.unrouted, f"{name}: {replay.unrouted} of {replay.frames} frames belong to no channel"
        )
        heard[Claim.TRADES] += len(played.trades)
        heard[Claim.BOOKS] += len(played.states)
        heard[Claim.CANDLES] += len(played.candles)
    missing = sorted(claim.value for claim in subject.claims & _STREAMING if not heard[claim])
    require(not missing, f"claimed, but there is none of it in the recordings: {', '.join(missing)}")


@BOOK.case(
    "R03",
    "Every value is in range",
    "Prices and quantities are finite and positive, times are milliseconds of the time of recording, symbols normal.",
    after=("R02",),
)
async def values_are_in_range(subject: Subject) -> None:
    for recording in recordings_of(subject):
        played, _ = await _played(subject, recording)
        for event in (*played.trades, *played.views, *played.candles, *played.prices):
            fault = fault_of(event)
            require(fault is None, fault or "")
        recorded = [event.ts_ns // 1_000_000 for event in recording.events]
        for event in (*played.trades, *played.views):
            require(
                recorded[0] - _DAY_MS <= event.timestamp <= recorded[-1] + _DAY_MS,
                f"{type(event).__name__} of {event.symbol}: its time {event.timestamp} is more than a day from"
                f" the recording's, {recorded[0]}",
            )


@BOOK.case(
    "R04",
    "The books come to stand, uncrossed",
    "Every recorded book becomes SYNCED, and whenever it is, its best bid is below its best ask.",
    claims=[Claim.BOOKS],
    after=("R02",),
)
async def books_stand(subject: Subject) -> None:
    for recording in recordings_of(subject):
        played, _ = await _played(subject, recording)
        synced = {symbol for symbol, state in played.states if state is BookState.SYNCED}
        unsynced = sorted({symbol for symbol, _ in played.states} - synced)
        require(
            not unsynced, f"{recording.path.name}: the books of {', '.join(unsynced)} never become SYNCED"
        )
        for view in played.views:
            require(view.bids or view.asks, f"{view.symbol} is SYNCED and has no levels")
            fault = crossed(view)
            require(fault is None, f"{view.symbol} at {view.sequence}: {fault}")


@BOOK.case(
    "R05",
    "Playing it twice gives the same",
    "The same frames give the same events: nothing in the connector depends on the time or on what came before.",
    after=("R02",),
)
async def twice_the_same(subject: Subject) -> None:
    for recording in recordings_of(subject):
        first, _ = await _played(subject, recording)
        second, _ = await _played(subject, recording)
        for kind in ("trades", "candles", "prices", "views", "states"):
            _same(getattr(first, kind), getattr(second, kind), kind)


@BOOK.case(
    "R06",
    "A damaged stream never makes a wrong book",
    "With one update lost, repeated, moved or cut short, no book is read as SYNCED that the venue never had.",
    claims=[Claim.BOOKS],
    after=("R04",),
    timeout=60,
)
async def damage_is_noticed(subject: Subject) -> None:
    create = replay_of(subject)
    for recording in recordings_of(subject):
        begun = Recording(recording.path, recording.events[:_DAMAGED_EVENTS])
        right = await _states_of(subject, begun)
        for damage in book_damages(create(), begun.events):
            played = Played(_DAMAGED_DEPTH)
            await play(create(), damage.events, played)
            for view in played.views:
                require(
                    levels_of(view) in right[view.symbol],
                    f"{damage.told}: {view.symbol} is read as SYNCED at {view.sequence} with levels that the"
                    " venue never sent",
                )


@BOOK.case(
    "R07",
    "A repeated trade is delivered once",
    "A trade that the venue sends twice, as after a reconnection, reaches the consumer once.",
    claims=[Claim.TRADES],
    after=("R02",),
)
async def trades_come_once(subject: Subject) -> None:
    create = replay_of(subject)
    for recording in recordings_of(subject):
        right, _ = await _played(subject, recording)
        played = Played()
        await play(create(), repeated_trades(create(), recording.events), played)
        _same(right.trades, played.trades, f"{recording.path.name}, with every trade sent twice: trades")


async def _played(subject: Subject, recording: Recording) -> tuple[Played, Replay]:
    played = Played()
    replay = await play(replay_of(subject)(), recording.events, played)
    return played, replay


async def _states_of(subject: Subject, recording: Recording) -> dict[str, set[Levels]]:
    """Every book that the undamaged recording makes, by symbol."""
    played = Played(_DAMAGED_DEPTH)
    await play(replay_of(subject)(), recording.events, played)
    states: dict[str, set[Levels]] = {symbol: set() for symbol, _ in played.states}
    for view in played.views:
        states[view.symbol].add(levels_of(view))
    if not any(states.values()):
        raise CaseFailed(f"{recording.path.name}: no book in it ever becomes SYNCED")
    return states


def _same(one: Sequence[object], other: Sequence[object], what: str) -> None:
    """Raises `CaseFailed` with the first difference."""
    require(len(one) == len(other), f"{what}: {len(one)} the first time, {len(other)} the second")
    for number, (first, second) in enumerate(zip(one, other, strict=True)):
        require(first == second, f"{what}: number {number} is {first} the first time, {second} the second")
