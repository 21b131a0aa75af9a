"""What every test starts from."""

import signal

import pytest

from connectors.runtime import redaction
from tests.time_limit import pytest_configure, pytest_timeout_set_timer

__all__ = ["pytest_configure", "pytest_timeout_set_timer"]

# A run in the background of a shell inherits an ignored SIGINT, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test told the program to hide is not hidden from the next."""
    monkeypatch.setattr(redaction, "_known", type(redaction._known)())
