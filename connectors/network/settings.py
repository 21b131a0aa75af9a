"""What the user's configuration says about the network. It holds for the whole process, as the network itself does."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    proxy: str | None = field(default=None, repr=False)
    """The proxy for everything but this machine itself, in place of the environment's."""
    no_proxy: str | None = None
    """What is reached directly, as `NO_PROXY` has it, in place of the environment's."""
    ca_file: str | None = None
    """A file of certificate authorities (PEM) that are trusted besides the usual ones."""


_current = NetworkSettings()


def use(settings: NetworkSettings) -> None:
    """Connections that are made from now on go by these."""
    global _current  # noqa: PLW0603 - one network a process
    _current = settings


def current() -> NetworkSettings:
    return _current
