"""What the emulator raises to its caller.

Imported where it is raised: the error tree's package brings pydantic along, which would double the start-up time.
"""

from connectors.contracts.errors import BarfinexError, UsageError


class PortInUse(BarfinexError):
    """Nothing can be served on that port."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot serve on {host}:{port} ({reason}); choose another port, or 0 for any")


class BadOption(UsageError):
    """A setting of an emulator is out of its bounds."""

    def __init__(self, name: str, least: float, most: float) -> None:
        super().__init__(f"{name} must be from {least:,g} to {most:,.0f}")


class UnknownVenue(UsageError):
    def __init__(self, venue: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no emulator for '{venue}'; there is one for {', '.join(known)}")


class BrokenVenue(UsageError):
    """A package offers a dialect that cannot be used; the reason is in the text."""

    def __init__(self, venue: str, reason: str) -> None:
        super().__init__(f"the emulator for '{venue}' is broken: {reason}")
