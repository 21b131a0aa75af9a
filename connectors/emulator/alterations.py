"""Frames that are wrong: one field changed, or not a message at all."""

from random import Random
from typing import Any

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

    The default moves the first sequence number of a depth event on by one, and makes the price of others no number.
    """
    message = msgspec.json.decode(payload)
    event: Any = message.get("data", message) if isinstance(message, dict) else message
    while isinstance(event, list) and event:
        event = event[0]
    if not isinstance(event, dict):
        return payload[:-1]
    if name is None:
        if isinstance(event.get("U"), int):
            name, value = "U", event["U"] + 1
        else:
            holder: Any = event.get("k", event)
            name = next((key for key in ("p", "c", "b", "bids") if key in holder), None)
            if name is None:
                return payload[:-1]
            holder[name] = "NaN"
            return msgspec.json.encode(message)
    event[name] = value
    return msgspec.json.encode(message)
