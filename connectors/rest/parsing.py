"""Reading what is long without stopping everything else."""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

_LONG = 256 * 1024
"""Bytes of an answer that takes longer to read than a frame of the screen may."""


async def parsed(
    parse: Callable[Concatenate[bytes, P], T], body: bytes, *args: P.args, **kwargs: P.kwargs
) -> T:
    """`parse(body, ...)`, in a thread where the body is long. `parse` touches nothing that the loop changes."""
    if len(body) < _LONG:
        return parse(body, *args, **kwargs)
    return await asyncio.to_thread(parse, body, *args, **kwargs)
