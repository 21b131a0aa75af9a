"""The streaming protocol: requests, answers, and how frames are told apart."""

import json

import frames
import pytest
from barfinex_exchange_bitstamp.dialect import BitstampDialect
from barfinex_exchange_bitstamp.replay import requested

from connectors.contracts.errors import BadFrame
from connectors.toolkit import Control, ControlKind, Requested

DIALECT = BitstampDialect("wss://ws.bitstamp.net/")


def test_a_request_names_one_channel_and_fits_the_venues_limit():
    longest = "diff_order_book_" + "x" * 64
    for request, event in ((DIALECT.subscribe, "bts:subscribe"), (DIALECT.unsubscribe, "bts:unsubscribe")):
        data = request([longest], 7).data
        assert json.loads(data) == {"event": event, "data": {"channel": longest}}
        assert len(data) < 512
    assert DIALECT.url("") == "wss://ws.bitstamp.net"
    assert DIALECT.limits.batch == 1


def test_what_was_asked_for_is_read_from_a_recording():
    assert requested(DIALECT.subscribe(["a"], 1).data.encode()) == Requested(subscribed=("a",))
    assert requested(DIALECT.unsubscribe(["a"], 1).data.encode()) == Requested(unsubscribed=("a",))
    for other in (DIALECT.ping().data.encode(), b"", b"[]", b'{"event":"bts:subscribe","data":7}'):
        assert requested(other) == Requested()


@pytest.mark.parametrize(
    ("frame", "channel"),
    [(frames.TRADE, "live_trades_btcusd"), (frames.BOOK, "order_book_btcusd")],
)
def test_data_finds_its_channel_however_it_is_written(frame: bytes, channel: str):
    assert DIALECT.route(frame) == DIALECT.key(channel)
    spaced = json.dumps(json.loads(frame)).encode()
    assert DIALECT.route(spaced) is None
    assert DIALECT.control(spaced) == Control(ControlKind.DATA, key=DIALECT.key(channel))


@pytest.mark.parametrize(
    ("frame", "control"),
    [
        (frames.SUBSCRIBED, Control(ControlKind.ACK, channels=("order_book_btcusd",))),
        (frames.UNSUBSCRIBED, Control(ControlKind.LEFT, channels=("order_book_btcusd",))),
        (frames.REFUSED, Control(ControlKind.ERROR, reason="Connection is unauthorized. (code 4009)")),
        (frames.RECONNECT, Control(ControlKind.SHUTDOWN)),
        (frames.RECONNECT.replace(b'""}', b"null}"), Control(ControlKind.SHUTDOWN)),
        (frames.HEARTBEAT, Control(ControlKind.HEARTBEAT)),
        (b'{"event":"bts:something_new","channel":"","data":{}}', Control(ControlKind.IGNORED)),
    ],
)
def test_what_is_no_data_is_told_apart(frame: bytes, control: Control):
    assert DIALECT.route(frame) is None
    assert DIALECT.control(frame) == control


@pytest.mark.parametrize("frame", [b"", b"{", b"[]", b'"data"', b'{"event":"nonsense"}', b'{"event":7}'])
def test_a_frame_that_is_neither_is_refused(frame: bytes):
    assert DIALECT.route(frame) is None
    with pytest.raises(BadFrame):
        DIALECT.control(frame)


def test_trades_are_joined_by_id_and_books_by_time():
    assert DIALECT.sequence("live_trades_btcusd", frames.TRADE) == 212337562
    assert DIALECT.sequence("order_book_btcusd", frames.BOOK) == 1583656800237527
    assert DIALECT.event_time(frames.BOOK) == 1583656800237
    assert DIALECT.sequence("order_book_btcusd", b"nonsense") is None
    assert DIALECT.event_time(frames.RECONNECT) is None
