"""Frames that no adapter may take, and recorded ones with one value in them replaced by a hostile one."""

import copy
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import msgspec

from connectors.streaming.decoding import FAULTS

Path: TypeAlias = tuple[str | int, ...]

_LONG = "x" * 1_000_000
_DEEP = 100_000

UNREADABLE: dict[str, bytes | str] = {
    "an empty frame": b"",
    "an empty text": "",
    "one null byte": b"\x00",
    "noise": bytes(range(256)),
    "text that is not UTF-8": b'{"s":"\xff\xfe\xfd"}',
    "a lone surrogate": '{"s":"\ud800"}',
    "half a frame": b'{"e":"trade","s":"BTC',
    "a hundred thousand open brackets": b"[" * _DEEP,
    "a hundred thousand open braces": b'{"a":' * _DEEP,
    "HTML": b"<html><body>502 Bad Gateway</body></html>",
    "a megabyte of one letter": _LONG.encode(),
}
"""Frames that are nothing at all: each is refused with `BadFrame`."""

EMPTY: dict[str, Any] = {
    "null": b"null",
    "a number": b"12345",
    "a number beyond all bounds": b"1e999",
    "NaN": b"NaN",
    "an empty object": b"{}",
    "an empty list": b"[]",
    "a list of nulls": b"[null,null]",
    "a text": b'"text"',
    "decoded: None": None,
    "decoded: a number": 5,
    "decoded: an empty mapping": {},
    "decoded: an empty list": [],
    "decoded: a list of lists": [[[[]]]],
}
"""Frames that say nothing: each is refused with `BadFrame` or passed over."""

VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "an empty text": "",
    "an empty list": [],
    "an empty object": {},
    "a list of nulls": [None],
    "'NaN'": "NaN",
    "'Infinity'": "Infinity",
    # Another word than the one above: as symbols the two would be spellings of one form, and named apart.
    "'-inf'": "-inf",
    "'1e999'": "1e999",
    "'-1'": "-1",
    "-1": -1,
    "an enormous number": 10**30,
    "a megabyte of text": _LONG,
    "an escape code": "\x1b[2J\x07BTC",
    "markup": "[red]BTC[/red][@click=app.quit]",
    "a text that runs backwards": "\u202eBTC",
    "line breaks": "BTC\r\nUSDT\x00",
}

NUMBERS: dict[str, float] = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""Numbers that JSON has not, yet some decoders let through."""


def altered(frame: bytes, most_paths: int) -> Iterator[tuple[str, Any]]:
    """The frame with each of its values replaced by each hostile one, and without it, as bytes and as decoded JSON.

    Nothing where it is no JSON.
    """
    try:
        decoded = msgspec.json.decode(frame)
    except FAULTS:
        return
    for path in list(_leaves(decoded, ()))[:most_paths]:
        name = ".".join(map(str, path))
        for told, value in VALUES.items():
            yield from _both(f"{name} replaced by {told}", _with(decoded, path, value))
        for told, number in NUMBERS.items():
            yield f"{name} replaced by {told}, decoded", _with(decoded, path, number)
        if isinstance(path[-1], str):
            yield from _both(f"{name} left out", _without(decoded, path))


def _both(told: str, frame: Any) -> Iterator[tuple[str, Any]]:
    yield told, msgspec.json.encode(frame)
    yield f"{told}, decoded", frame


def _leaves(node: object, path: Path) -> Iterator[Path]:
    if isinstance(node, dict):
        for key, inner in cast("dict[str, object]", node).items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(node, list):
        # One of each list: the others are read the same way.
        for place, inner in enumerate(cast("list[object]", node)[:1]):
            yield from _leaves(inner, (*path, place))
    elif path:
        yield path


def _with(decoded: Any, path: Path, value: object) -> Any:
    changed = copy.deepcopy(decoded)
    _parent(changed, path)[path[-1]] = value
    return changed


def _without(decoded: Any, path: Path) -> Any:
    changed = copy.deepcopy(decoded)
    del _parent(changed, path)[path[-1]]
    return changed


def _parent(node: Any, path: Path) -> Any:
    for part in path[:-1]:
        node = node[part]
    return node
