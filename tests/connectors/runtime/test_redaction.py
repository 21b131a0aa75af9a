import base64
import json
import logging
import os
import stat
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.runtime import redaction
from connectors.runtime.disguises import disguises
from connectors.runtime.log_file import log_to

SECRET = "pl4nted/s3cret+v&lue=="

pytestmark = pytest.mark.usefixtures("redacting")


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, StringIO]]:
    """A child logger, with its handler on the parent, added after redaction was installed."""
    stream = StringIO()
    parent = logging.getLogger("tests.redaction")
    handler = logging.StreamHandler(stream)
    parent.addHandler(handler)
    parent.setLevel(logging.DEBUG)
    yield logging.getLogger("tests.redaction.child"), stream
    parent.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "GET /api/v3/account?timestamp=1&signature=c8db5682",
            "GET /api/v3/account?timestamp=1&signature=***",
        ),
        ("signature%3Dc8db5682%26x", "signature%3D***"),
        ('{"apiKey": "abc", "symbol": "BTCUSDT"}', '{"apiKey": "***", "symbol": "BTCUSDT"}'),
        ('{\\"passphrase\\":\\"abc\\"}', '{\\"passphrase\\":\\"***\\"}'),
        ("{'X-MBX-APIKEY': 'abc', 'Accept': '*/*'}", "{'X-MBX-APIKEY': '***', 'Accept': '*/*'}"),
        ("[(b'authorization', b'Bearer abc')]", "[(b'authorization', b'***')]"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("OK-ACCESS-PASSPHRASE: abc", "OK-ACCESS-PASSPHRASE: ***"),
        ("binanceApiSecret=abc next", "binanceApiSecret=*** next"),
        ("https://user:pass@host/path", "https://***@host/path"),
        ("https://token@host/path", "https://***@host/path"),
        ("redis://:pass@host/path", "redis://***@host/path"),
        ("https://user:p@ss@host/path", "https://***@host/path"),
        ("https://host/@someone", "https://host/@someone"),
        ("-----BEGIN X-----\nabc\n-----END X-----", "-----BEGIN X-----***-----END X-----"),
        ("the bucket has 5 tokens left", "the bucket has 5 tokens left"),
        ("symbol=BTCUSDT price=1.5", "symbol=BTCUSDT price=1.5"),
    ],
)
def test_telling_names_hide_what_stands_beside_them(text: str, shown: str) -> None:
    assert redaction.redact(text) == shown


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        json.dumps(SECRET),
        repr(SECRET.encode()),
    ],
)
def test_a_known_value_is_hidden_in_every_disguise(form: str) -> None:
    redaction.add_secret(SECRET)
    shown = redaction.redact(f"<{form}>")
    assert shown.startswith("<")
    assert redaction.MASK in shown
    assert form not in shown


@given(
    before=st.binary(max_size=7),
    secret=st.text("abcXYZ0189+/=_-", min_size=12, max_size=40),
    after=st.binary(max_size=7),
)
@settings(max_examples=60, deadline=None)
def test_base64_of_a_text_around_the_secret_is_found(before: bytes, secret: str, after: bytes) -> None:
    forms = disguises(secret)
    whole = before + secret.encode() + after
    assert any(form in base64.b64encode(whole).decode() for form in forms)
    assert any(form in base64.urlsafe_b64encode(whole).decode() for form in forms)


def test_hostile_text_takes_no_time() -> None:
    started = time.monotonic()
    for text in (
        "a-" * 50_000,
        'token="' * 20_000,
        "://a:" * 20_000,
        "-----BEGIN A-----" * 5_000,
        "apikey " * 20_000,
    ):
        redaction.redact(text)
    assert time.monotonic() - started < 5


def test_records_of_child_loggers_and_their_tracebacks_are_redacted(
    log: tuple[logging.Logger, StringIO],
) -> None:
    logger, stream = log
    redaction.add_secret(SECRET)
    logger.debug("value %s in %r", SECRET, {"x": SECRET})
    logger.info("%(a)s", {"a": SECRET})
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("failed with %s", SECRET, stack_info=True)
    logger.warning("extra", extra={"apiKey": "zzzz", "note": SECRET})
    logger.info("one %s two %s", SECRET)  # noqa: PLE1206 - the mistake is what is tested
    shown = stream.getvalue()
    assert "ValueError: ***" in shown
    assert shown.count(redaction.MASK) >= 5
    assert SECRET not in shown


def test_extra_fields_are_redacted_for_whoever_formats_them() -> None:
    redaction.add_secret(SECRET)
    record = logging.makeLogRecord(
        {"msg": "x", "name": "x", "levelno": 20, "apiKey": "zzzz", "note": [SECRET], "count": 3}
    )
    assert redaction.RedactionFilter().filter(record)
    assert record.__dict__["apiKey"] == redaction.MASK
    assert SECRET not in str(record.__dict__)
    assert record.__dict__["count"] == 3


@pytest.mark.parametrize("name", redaction.WIRE_LOGGERS)
def test_wire_logs_stay_shut_whatever_their_level(name: str) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    child = logging.getLogger(f"{name}.client")
    try:
        root.setLevel(logging.DEBUG)
        child.setLevel(logging.DEBUG)
        child.debug("> GET /?unknown-secret")
        child.info("> GET /?unknown-secret")
        child.warning("slow")
    finally:
        child.setLevel(logging.NOTSET)
        root.setLevel(level)
        root.removeHandler(handler)
    assert stream.getvalue() == "slow\n"


def test_the_log_file_is_private_one_line_a_record_and_redacted(tmp_path: Path) -> None:
    redaction.add_secret(SECRET)
    root = logging.getLogger()
    level = root.level
    handler = log_to(tmp_path / "logs" / "barfinex.log", logging.INFO)
    try:
        logging.getLogger("tests.file").info("first\nsecond \x1b[2J %s", SECRET)
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("tests.file").exception("failed")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    file = tmp_path / "logs" / "barfinex.log"
    first, second = file.read_text().splitlines()
    assert 'level=info logger=tests.file message="first\\nsecond \\u001b[2J ***"' in first
    assert "ValueError: ***" in second
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_installing_twice_adds_one_filter() -> None:
    redaction.install()
    handler = logging.NullHandler()
    logger = logging.getLogger("tests.twice")
    logger.addHandler(handler)
    logger.removeHandler(handler)
    logger.addHandler(handler)
    logger.removeHandler(handler)
    assert len(handler.filters) == 1
