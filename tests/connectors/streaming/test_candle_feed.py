"""`closed` is final, what was cut off is told as a gap, and the venue's last word wins whenever it comes."""

import pytest

from connectors.contracts.errors import BadFrame
from connectors.contracts.events import Candle, StreamStatus
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Listener
from connectors.streaming.list_feeds import CandleListFeed

CHANNEL = Channel("x", "X")
Told = tuple[int, float, bool, bool]


def candle(minute: int, volume: float, closed: bool = False) -> Candle:
    return Candle("X", "1m", minute * 60_000, 1.0, 9.0, 1.0, 2.0, volume, closed)


STALLED = StreamStatus("stale", "no data although the connection lives", 0, symbol="X", channel="x")
UNREADABLE = BadFrame("cannot be read")


class Played:
    """What a feed tells of candles, each a frame of its own, and of breaks between them (`None`), stalls and frames
    that cannot be read."""

    def __init__(self, *frames: Candle | StreamStatus | BadFrame | None, says_closed: bool = True) -> None:
        self.told: list[Told] = []
        self.statuses: list[StreamStatus] = []
        self.feed = CandleFeed(CHANNEL, self._next, says_closed=says_closed)
        self.feed.add(Listener(self._hear, self.statuses.append))
        self._coming: Candle | BadFrame = candle(0, 0.0)
        self.play(*frames)

    def play(self, *frames: Candle | StreamStatus | BadFrame | None) -> None:
        for one in frames:
            match one:
                case None:
                    self.feed.closed("the connection was lost")
                    self.feed.opened()
                case StreamStatus():
                    self.feed.status(one)
                case BadFrame():
                    self._coming = one
                    with pytest.raises(BadFrame):
                        self.feed.frame(b"")
                case _:
                    self._coming = one
                    self.feed.frame(b"")

    def _next(self, frame: bytes) -> Candle:
        if isinstance(self._coming, BadFrame):
            raise self._coming
        return self._coming

    def _hear(self, one: Candle) -> None:
        self.told.append((one.timestamp // 60_000, one.volume, one.closed, one.correction))

    @property
    def gaps(self) -> list[int | None]:
        told = [one for one in self.statuses if one is not STALLED]
        assert all((one.kind, one.channel, one.symbol) == ("gap", "x", "X") for one in told)
        return [one.count for one in told]


def test_a_candle_is_closed_by_the_venues_last_frame_of_it():
    played = Played(candle(0, 1.0), candle(0, 2.0), candle(0, 3.0, True), candle(1, 1.0))
    assert played.told == [
        (0, 1.0, False, False),
        (0, 2.0, False, False),
        (0, 3.0, True, False),
        (1, 1.0, False, False),
    ]
    assert played.gaps == []


def test_a_candle_cut_off_is_not_closed_and_told_with_those_that_were_missed():
    played = Played(candle(0, 10.0), None, candle(3, 1.0))
    assert played.told == [(0, 10.0, False, False), (3, 1.0, False, False)]
    assert played.gaps == [3]
    assert (
        played.statuses[0].reason
        == "the candle of 1970-01-01 00:00:00 UTC was cut off, and 2 after it are missing"
    )


@pytest.mark.parametrize("says_closed", [True, False])
def test_a_candle_cut_off_is_not_closed_by_its_successor(says_closed: bool):
    played = Played(candle(0, 10.0), None, candle(1, 1.0), says_closed=says_closed)
    assert played.told == [(0, 10.0, False, False), (1, 1.0, False, False)]
    assert played.gaps == [1]


@pytest.mark.parametrize("says_closed", [True, False])
@pytest.mark.parametrize("between", [STALLED, UNREADABLE])
def test_a_stall_or_a_frame_that_cannot_be_read_closes_nothing(
    between: StreamStatus | BadFrame, says_closed: bool
):
    played = Played(candle(0, 10.0), between, candle(1, 1.0), says_closed=says_closed)
    assert played.told == [(0, 10.0, False, False), (1, 1.0, False, False)]
    assert played.gaps == [1]
    assert Played(candle(0, 10.0), between, candle(0, 11.0), says_closed=says_closed).gaps == []


@pytest.mark.parametrize("between", [STALLED, UNREADABLE])
def test_candles_that_a_stall_or_an_unreadable_frame_hid_are_told(between: StreamStatus | BadFrame):
    played = Played(candle(0, 10.0, True), between, candle(2, 1.0))
    assert played.gaps == [1]
    assert played.statuses[-1].reason == "1 candle after that of 1970-01-01 00:00:00 UTC is missing"


def test_candles_that_were_missed_after_a_closed_one_are_told():
    played = Played(candle(0, 10.0, True), None, candle(3, 1.0))
    assert played.gaps == [2]
    assert Played(candle(0, 10.0, True), None, candle(1, 1.0)).gaps == []


def test_a_connection_that_is_back_within_the_candle_leaves_no_gap():
    played = Played(candle(0, 10.0), None, candle(0, 12.0), candle(0, 13.0, True), candle(1, 1.0))
    assert played.told[1:3] == [(0, 12.0, False, False), (0, 13.0, True, False)]
    assert played.gaps == []


def test_the_last_frame_of_a_candle_may_come_after_its_successor():
    played = Played(candle(0, 1.0), candle(1, 1.0), candle(0, 9.0, True), candle(1, 2.0))
    assert played.told == [
        (0, 1.0, False, False),
        (1, 1.0, False, False),
        (0, 9.0, True, True),
        (1, 2.0, False, False),
    ]
    assert played.gaps == []


def test_a_candle_whose_last_frame_never_comes_is_told_as_a_gap_and_stays_open():
    played = Played(candle(0, 1.0), candle(1, 1.0), candle(1, 2.0))
    assert played.gaps == [1]
    assert not any(closed for _, _, closed, _ in played.told)
    played.play(candle(0, 9.0, True))
    assert played.told[-1] == (0, 9.0, True, True)


def test_other_last_figures_of_a_closed_candle_are_a_correction_and_the_same_ones_are_not():
    played = Played(
        candle(0, 5.0, True), candle(0, 5.0, True), candle(0, 6.0, True), candle(1, 1.0), candle(0, 6.0, True)
    )
    assert played.told == [(0, 5.0, True, False), (0, 6.0, True, True), (1, 1.0, False, False)]


def test_unfinished_figures_that_come_late_are_dropped():
    played = Played(candle(0, 1.0), candle(1, 1.0), candle(0, 2.0), candle(0, 9.0, True), candle(0, 3.0))
    assert [one for one in played.told if one[0] == 0] == [(0, 1.0, False, False), (0, 9.0, True, True)]
    assert played.gaps == []


def test_missed_candles_that_come_late_fill_their_gap():
    played = Played(candle(0, 1.0, True), None, candle(3, 1.0), candle(1, 4.0, True), candle(2, 5.0, True))
    assert played.told[-2:] == [(1, 4.0, True, True), (2, 5.0, True, True)]


def test_where_the_venue_marks_no_last_frame_the_successor_closes():
    played = Played(
        candle(0, 1.0), candle(0, 2.0), candle(1, 1.0), candle(0, 3.0), candle(0, 3.0), says_closed=False
    )
    assert played.told == [
        (0, 1.0, False, False),
        (0, 2.0, False, False),
        (0, 2.0, True, False),
        (1, 1.0, False, False),
        (0, 3.0, True, True),
    ]
    assert played.gaps == []


def test_a_quiet_stretch_of_an_unbroken_stream_is_no_gap():
    assert Played(candle(0, 1.0, True), candle(5, 1.0)).gaps == []
    assert Played(candle(0, 1.0), candle(5, 1.0), says_closed=False).gaps == []


def test_the_memory_of_closed_candles_is_bounded():
    played = Played(*(candle(minute, 1.0, True) for minute in range(1_000)))
    assert len(played.feed._told) <= 64


def test_lists_that_hold_what_was_missed_leave_no_gap():
    lists = [
        [candle(0, 2.0)],
        [candle(0, 5.0, True), candle(1, 6.0, True), candle(2, 1.0)],
        [candle(1, 6.0, True), candle(2, 2.0)],
    ]
    feed = CandleListFeed(CHANNEL, lambda frame: lists[int(frame)])
    told: list[tuple[int, float, bool]] = []
    statuses: list[StreamStatus] = []
    feed.add(
        Listener(lambda one: told.append((one.timestamp // 60_000, one.volume, one.closed)), statuses.append)
    )
    feed.frame(b"0")
    feed.closed("three calls failed")
    feed.frame(b"1")
    feed.frame(b"2")
    assert told == [(0, 2.0, False), (0, 5.0, True), (1, 6.0, True), (2, 1.0, False), (2, 2.0, False)]
    assert statuses == []


def test_a_list_that_cannot_be_read_closes_nothing():
    lists = {b"0": [candle(0, 2.0)], b"2": [candle(1, 2.0)]}

    def decode(frame: bytes) -> list[Candle]:
        if frame not in lists:
            raise UNREADABLE
        return lists[frame]

    told: list[bool] = []
    feed = CandleListFeed(CHANNEL, decode, says_closed=False)
    feed.add(Listener(lambda one: told.append(one.closed), None))
    feed.frame(b"0")
    with pytest.raises(BadFrame):
        feed.frame(b"1")
    feed.frame(b"2")
    assert told == [False, False]


def test_steps_between_candles_follow_the_calendar():
    january, march = 1_704_067_200_000, 1_709_251_200_000
    assert TimeFrame.MN1.steps(january, march) == 2
    assert TimeFrame.D1.steps(january, january + 23 * 3_600_000) == 1
    assert TimeFrame.M1.steps(march, january) == -86_400
