"""Bitstamp's streaming protocol: requests, answers, and how its frames are told apart.

One address for everything, one channel a request, at most 1,024 channels and 90 days a connection, and client frames
under 512 bytes. Requests have no ids: an answer names the channel, and an error (`bts:error`) not even that, so that a
refused channel is known by the acknowledgement that does not come. A channel of a market that there is not is
acknowledged and stays silent; symbols are therefore checked against the venue's list before.
Source: WebSocket API v2. How many messages a second the venue takes is not published.
"""

import json
from collections.abc import Sequence

from barfinex_exchange_bitstamp import wire
from barfinex_exchange_bitstamp.stream_names import TRADES
from connectors.contracts.errors import BadFrame
from connectors.toolkit import FAULTS, Control, ControlKind, Limits, Outgoing, bad_frame, clean, decoder

_BEFORE_NAME = b',"channel":"'
_AFTER_NAME = (b',"event":"trade"}', b',"event":"data"}')
_LIFETIME = 90 * 86_400.0

_any = decoder(wire.AnyFrame)
_numbered = decoder(wire.NumberedFrame)
_error = decoder(wire.StreamError)


class BitstampDialect:
    name = "bitstamp"
    key_end = None
    limits = Limits(streams=1_024, messages_per_second=10, batch=1, lifetime=_LIFETIME)

    def __init__(self, base_url: str) -> None:
        self._url = base_url.rstrip("/")

    def url(self, category: str) -> str:
        return self._url

    def key(self, channel: str) -> bytes:
        return channel.encode()

    def subscribe(self, channels: Sequence[str], request_id: int) -> Outgoing:
        return _request("bts:subscribe", channels)

    def unsubscribe(self, channels: Sequence[str], request_id: int) -> Outgoing:
        return _request("bts:unsubscribe", channels)

    def ping(self) -> Outgoing:
        """The venue's own; WebSocket pings are not in its documentation."""
        return Outgoing('{"event":"bts:heartbeat"}')

    def route(self, frame: bytes) -> bytes | None:
        """The channel's name, which comes after the data; nothing in the data of these channels looks like it."""
        _, _, end = frame.rpartition(_BEFORE_NAME)
        name, _, rest = end.partition(b'"')
        return name if rest in _AFTER_NAME else None

    def control(self, frame: bytes) -> Control:
        try:
            found = _any(frame)
        except FAULTS as fault:
            raise bad_frame(fault) from None
        match found.event:
            case "data" | "trade":
                return Control(ControlKind.DATA, key=found.channel.encode())
            case "bts:subscription_succeeded":
                return Control(ControlKind.ACK, channels=(found.channel,))
            case "bts:unsubscription_succeeded":
                return Control(ControlKind.LEFT, channels=(found.channel,))
            case "bts:error":
                channels = (found.channel,) if found.channel else ()
                return Control(ControlKind.ERROR, channels=channels, reason=_reason(found.data))
            case "bts:request_reconnect":
                return Control(ControlKind.SHUTDOWN)
            case "bts:heartbeat":
                return Control(ControlKind.HEARTBEAT)
            case event if event.startswith("bts:"):
                return Control(ControlKind.IGNORED)
            case event:
                raise BadFrame(f"unknown event '{clean(event)}'")

    def sequence(self, channel: str, frame: bytes) -> int | None:
        """A trade's id, for one taker order makes many at one time; a book's time in microseconds."""
        numbers = _numbers_of(frame)
        return numbers.id if channel.startswith(TRADES) else numbers.microtimestamp

    def event_time(self, frame: bytes) -> int | None:
        micros = microtime(frame)
        return None if micros is None else micros // 1_000


def microtime(frame: bytes) -> int | None:
    """The venue's time of a frame's event in microseconds. Never raises."""
    return _numbers_of(frame).microtimestamp


def _numbers_of(frame: bytes) -> wire.Numbers:
    try:
        return _numbered(frame).data
    except FAULTS:
        return wire.Numbers()


def _request(event: str, channels: Sequence[str]) -> Outgoing:
    (channel,) = channels
    return Outgoing(json.dumps({"event": event, "data": {"channel": channel}}))


def _reason(data: bytes) -> str:
    try:
        error = _error(bytes(data))
    except FAULTS:
        return "refused"
    code = "" if error.code is None else f" (code {error.code})"
    return clean(f"{error.message or 'refused'}{code}", 200)
