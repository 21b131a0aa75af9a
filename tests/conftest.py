"""What every test starts from."""

import signal

from tests.time_limit import pytest_configure, pytest_timeout_set_timer

__all__ = ["pytest_configure", "pytest_timeout_set_timer"]

# A run in the background of a shell inherits an ignored SIGINT, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
