"""The log kept in memory: bounded, without secrets, and gone with the app."""

import logging
from collections.abc import Iterator

import pytest

from connectors.runtime.redaction import add_secret
from tui.log_ring import LogRing

log = logging.getLogger("tests.tui.health")


@pytest.fixture
def ring() -> Iterator[LogRing]:
    made = LogRing(capacity=50)
    made.attach()
    yield made
    made.detach()


def texts(ring: LogRing) -> list[str]:
    return [line.text for line in ring.since(0)]


def test_records_are_kept_in_order_and_bounded(ring: LogRing) -> None:
    for number in range(120):
        log.info("number=%d", number)
    assert texts(ring) == [f"number={number}" for number in range(70, 120)]
    assert ring.total == 120
    assert [line.text for line in ring.since(118)] == ["number=118", "number=119"]
    assert ring.since(120) == []


def test_no_secret_is_kept(ring: LogRing) -> None:
    add_secret("s3cr3t-value-of-a-key")
    try:
        raise RuntimeError("sent s3cr3t-value-of-a-key")
    except RuntimeError:
        log.exception("apiKey=abcdef123456 failed with s3cr3t-value-of-a-key")
    [line] = ring.since(0)
    assert "RuntimeError" in line.detail
    for text in (line.text, line.detail):
        assert "s3cr3t" not in text
        assert "abcdef123456" not in text


def test_terminal_escapes_are_cleaned(ring: LogRing) -> None:
    log.info("a\x1b[31mb\u202ec\nd")
    assert not any(character in texts(ring)[0] for character in "\x1b\u202e\n")


def test_debugging_is_recorded_only_on_request_and_never_of_the_wire(ring: LogRing) -> None:
    log.debug("not yet")
    ring.record(logging.DEBUG)
    log.debug("now")
    for name in ("websockets.client", "httpx", "httpcore.connection"):
        logging.getLogger(name).debug("GET wss://secret")
    ring.record(logging.INFO)
    log.debug("no more")
    assert texts(ring) == ["now"]


def test_it_leaves_the_logging_as_it_was() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.Logger.addHandler)
    ring = LogRing()
    ring.attach()
    ring.attach()
    assert root.handlers.count(ring) == 1
    ring.detach()
    ring.detach()
    assert (root.level, list(root.handlers), logging.Logger.addHandler) == before
