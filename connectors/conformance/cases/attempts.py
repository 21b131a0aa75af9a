"""Calls that must fail in a certain way."""

from collections.abc import Awaitable

from connectors.conformance.case import CaseFailed
from connectors.conformance.rig import within
from connectors.contracts.errors import BarfinexError

SECONDS = 15.0


async def raises(
    work: Awaitable[object],
    wanted: type[BaseException] | tuple[type[BaseException], ...],
    what: str,
    *,
    seconds: float = SECONDS,
) -> BaseException:
    """The error that `work` raised, which is one of the wanted. Raises `CaseFailed` where it is another, or none."""
    names = " or ".join(kind.__name__ for kind in (wanted if isinstance(wanted, tuple) else (wanted,)))
    try:
        await within(seconds, work, f"{what} is refused")
    except wanted as error:
        return error
    except CaseFailed:
        raise
    except Exception as error:
        raise CaseFailed(f"{what} raises {names}, not {type(error).__name__}: {_text(error)}") from error
    raise CaseFailed(f"{what} raises {names}; it went well")


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, BarfinexError) else repr(error)[:200]
