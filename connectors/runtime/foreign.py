"""What a connector's code raises, told apart from what the person or this program does meanwhile.

A plug-in may raise anything: `SystemExit`, `KeyboardInterrupt`, a `CancelledError` of its own. All of it is that
connector's failure. What must pass is our own cancelling, the end of a coroutine, and the person's Ctrl-C.
"""

import asyncio
import dis
import sys

from catalog.text import MESSAGE_LIMIT, clean
from connectors.runtime.redaction import redact

_RAISE = dis.opmap["RAISE_VARARGS"]


def pass_ours(error: BaseException) -> None:
    """Raise `error` again where it is not the connector's own. For an `except BaseException` around foreign code."""
    if not is_foreign(error):
        raise error


def is_foreign(error: BaseException) -> bool:
    """Whether the code that was called raised it, and nobody meant to end the caller."""
    if isinstance(error, asyncio.CancelledError):
        return not _being_cancelled()
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
        return _raised_by_statement(error)
    return True


def _being_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread, so nothing can be cancelled
        return False
    return task is not None and task.cancelling() > 0


def _raised_by_statement(error: BaseException) -> bool:
    """A signal, or the end of a coroutine, strikes anywhere; only code that says `raise` stands at that instruction."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    runner = sys.modules.get("asyncio.runners")
    if runner is not None and code.co_filename == runner.__file__:
        return False  # the loop's own handler of Ctrl-C
    return 0 <= trace.tb_lasti < len(code.co_code) and code.co_code[trace.tb_lasti] == _RAISE


def describe(error: BaseException) -> str:
    """A foreign error in one line, without secrets, whatever its `__str__` does."""
    name, text = clean(type(error).__name__), text_of(error)
    return f"{name}: {text}" if text else name


def text_of(error: BaseException) -> str:
    """What a foreign error says, without secrets; nothing where its `__str__` fails."""
    try:
        return clean(redact(str(error)), MESSAGE_LIMIT)
    except BaseException as fault:  # noqa: BLE001 - a stranger's __str__
        pass_ours(fault)
        return ""
