"""Frames that are wrong: one field changed, or not a message at all."""

from random import Random
from typing import Any, cast

import msgspec

_MALFORMED = (
    '{"e":"depthUpdate","s":"BTCUSDT","U":',
    "not json at all",
    '{"e":"trade","s":"BTCUSDT","t":1,"p":"NaN","q":"-1","T":0,"m":true,"M":true,"E":0}',
    "[" * 5_000,
    '{"stream":"btcusdt@depth","data":null}',
    '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":"x","u":[],"b":{},"a":7}',
    '"\\ud800"',
)


def malformed(random: Random, payload: str | None) -> bytes:
    return (payload if payload is not None else random.choice(_MALFORMED)).encode()


def oversized(size: int) -> bytes:
    """Valid JSON of that many bytes."""
    shell = b'{"padding":""}'
    return b'{"padding":"' + b"x" * max(0, size - len(shell)) + b'"}'


def altered(payload: bytes, name: str | None, value: Any) -> bytes:
    """The message with one field of its event changed: `name` to `value`, or else one whose change must be noticed.

    The default moves the first sequence number of a depth event on by one (where the event names the one before it,
    as futures' do, that one), and makes the price of others no number.
    """
    message: Any = msgspec.json.decode(payload)
    event = _event_of(message)
    if event is None:
        return payload[:-1]
    if name is not None:
        event[name] = value
    elif isinstance(event.get("U"), int):
        event["pu" if isinstance(event.get("pu"), int) else "U"] += 1
    else:
        holder: dict[str, Any] = event.get("k", event)
        price = next((key for key in ("p", "c", "b", "bids") if key in holder), None)
        if price is None:
            return payload[:-1]
        holder[price] = "NaN"
    return msgspec.json.encode(message)


def _event_of(message: Any) -> dict[str, Any] | None:
    """The event in a message: within the combined envelope, and the first where there are many."""
    event = cast("dict[str, Any]", message).get("data", message) if isinstance(message, dict) else message
    if isinstance(event, list) and event:
        event = cast("list[Any]", event)[0]
    return cast("dict[str, Any]", event) if isinstance(event, dict) else None
