"""Numbers in decimal notation that JSON has not: `.5`, `5.`, `+1`, `007`.

A decoder refuses their text though it can only mean one thing. Venues send such numbers rarely: they are looked for
only in what could not be decoded, and only where the shape has a number is the text put right.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias, cast

import msgspec
from msgspec import inspect

_SIGN = re.compile(rb'"(?:\+|[+-]?(?:\.[0-9]|0[0-9]|[0-9]+\.["eE]))')
"""Without this there is no odd number in a frame; what has it need not be one."""
_NUMBER = re.compile(r"([+-]?)([0-9]{0,40})(?:\.([0-9]{0,40}))?((?:[eE][+-]?[0-9]{1,3})?)", re.ASCII)

Mend: TypeAlias = Callable[[Any], Any]


def has_odd_numbers(frame: bytes) -> bool:
    return _SIGN.search(frame) is not None


def plain_number(text: str) -> str:
    """The same number as JSON writes it; text that is none comes back as it is."""
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return text
    sign, whole, part, exponent = found[1], found[2], found[3], found[4]
    return f"{sign.strip('+')}{whole.lstrip('0') or '0'}{'.' + part if part else ''}{exponent}"


def without_odd_numbers(frame: bytes, shape: Any) -> bytes:
    """A frame of this shape with its numbers as JSON writes them. Raises what decoding raises."""
    mend = _mender(shape)
    return frame if mend is None else msgspec.json.encode(mend(msgspec.json.decode(frame)))


@lru_cache(maxsize=256)
def _mender(shape: Any) -> Mend | None:
    return _of(inspect.type_info(shape))


def _of(kind: inspect.Type) -> Mend | None:
    """What puts a value of this type right; `None` where it has no number."""
    match kind:
        case inspect.FloatType():
            return _number
        case inspect.Metadata():
            return _of(kind.type)
        case inspect.ListType() | inspect.VarTupleType():
            return _each(_of(kind.item_type))
        case inspect.TupleType():
            return _by_place([_of(item) for item in kind.item_types])
        case inspect.StructType() if kind.array_like:
            tag = [] if kind.tag is None else [None]
            return _by_place([*tag, *(_of(field.type) for field in kind.fields)])
        case inspect.StructType():
            return _by_name({field.encode_name: _of(field.type) for field in kind.fields})
        case inspect.DictType():
            return _by_value(_of(kind.value_type))
        case inspect.UnionType():
            return _any_of(kind)
        case _:
            return None


def _number(value: Any) -> Any:
    return plain_number(value) if isinstance(value, str) else value


def _each(item: Mend | None) -> Mend | None:
    if item is None:
        return None

    def mend(value: Any) -> Any:
        return [item(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value

    return mend


def _by_place(places: list[Mend | None]) -> Mend | None:
    if not any(places):
        return None

    def mend(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        items = cast("list[Any]", value)
        known = [item if each is None else each(item) for item, each in zip(items, places, strict=False)]
        return [*known, *items[len(places) :]]

    return mend


def _by_name(fields: dict[str, Mend | None]) -> Mend | None:
    mending = {name: mend for name, mend in fields.items() if mend is not None}
    if not mending:
        return None

    def mend(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        given = cast("dict[str, Any]", value)
        return given | {name: each(given[name]) for name, each in mending.items() if name in given}

    return mend


def _by_value(each: Mend | None) -> Mend | None:
    if each is None:
        return None

    def mend(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: each(one) for name, one in cast("dict[str, Any]", value).items()}

    return mend


def _any_of(kind: inspect.UnionType) -> Mend | None:
    """A struct is told by its tag; of what else there is, each leaves alone what is not its own."""
    tagged = {one.tag: (one.tag_field, _of(one)) for one in kind.types if isinstance(one, inspect.StructType)}
    text = any(isinstance(one, inspect.StrType) for one in kind.types)
    others = [
        each
        for one in kind.types
        if not isinstance(one, inspect.StructType) and not (text and isinstance(one, inspect.FloatType))
        if (each := _of(one)) is not None
    ]

    def mend(value: Any) -> Any:
        if isinstance(value, dict):
            given = cast("dict[str, Any]", value)
            value = given
            for tag, (field, each) in tagged.items():
                if each is not None and (tag is None or given.get(field or "") == tag):
                    return each(given)
        for each in others:
            value = each(value)
        return value

    return mend
