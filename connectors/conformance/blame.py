"""Whose code an error came out of: the case whose task or callback the event loop was running."""

import asyncio
from contextvars import Context
from types import TracebackType

from connectors.conformance.attempt import Attempt, current


def attempt_of(traceback: TracebackType | None) -> Attempt | None:
    """The attempt that an error which left the event loop belongs to; `None` where that cannot be told."""
    while traceback is not None:
        handle = traceback.tb_frame.f_locals.get("self")
        if isinstance(handle, asyncio.Handle):
            # Private, but the only trace of the context once the callback has been left.
            context = getattr(handle, "_context", None)
            if isinstance(context, Context):
                return context.get(current)
        traceback = traceback.tb_next
    return None
