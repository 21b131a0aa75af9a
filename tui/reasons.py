"""What went wrong, in one plain line."""

from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts.errors import BarfinexError


def reason(error: BaseException) -> str:
    """One plain line; an error that is not ours is named with its kind."""
    text = clean(error, MESSAGE_LIMIT)
    return (
        text if isinstance(error, BarfinexError) and text else f"{type(error).__name__}: {text}".rstrip(": ")
    )
