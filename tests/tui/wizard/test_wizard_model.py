"""What the wizard accepts, and how it words what went wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import CredentialField
from connectors.contracts import errors
from tests.tui.scripted import READ_ONLY, real_catalog
from tui import wizard_model
from tui.wizard_model import (
    explain,
    profile_problem,
    read_file,
    read_value,
    rights,
    withdrawal_warning,
)

PEM = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"


def field(kind: str = "password", *, required: bool = True) -> CredentialField:
    return CredentialField.model_validate(
        {"key": "k", "label": "API Key", "type": kind, "required": required}
    )


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("password", "  abc\n", "abc"),
        ("text", "\tabc ", "abc"),
        ("multiline", "\r\n  " + PEM.replace("\n", "  \r\n") + "\n\n", PEM),
        ("multiline", " one ", "one"),
    ],
)
def test_white_space_of_a_paste_is_dropped(kind: str, raw: str, value: str) -> None:
    assert read_value(field(kind), raw) == (value, None)


@given(st.text())
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    for kind in ("password", "multiline"):
        once, fault = read_value(field(kind), raw)
        if fault is None:
            assert read_value(field(kind), once) == (once, None)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("password", "", "is needed"),
        ("password", "a\x1bb", "cannot be typed"),
        ("password", "a\nb", "one line"),
        ("password", "x" * 20_000, "longer than"),
        ("url", "localhost:5000", "is not a URL"),
        ("url", "ftp://host", "is not a URL"),
        ("url", "https://", "is not a URL"),
        ("url", "https://[", "is not a URL"),
        ("multiline", PEM[:40], "not a whole PEM key"),
    ],
)
def test_what_cannot_be_right_is_said_and_never_quoted(kind: str, value: str, words: str) -> None:
    _, said = read_value(field(kind), value)
    assert said is not None
    assert words in said
    assert kind == "url" or not value or value not in said


@pytest.mark.parametrize(
    ("kind", "value"),
    [("password", "ab=="), ("url", "wss://h:1/x"), ("multiline", PEM), ("multiline", "seed words")],
)
def test_what_can_be_right_passes(kind: str, value: str) -> None:
    assert read_value(field(kind), value) == (value, None)


def test_an_optional_field_may_stay_empty() -> None:
    assert read_value(field(required=False), "") == ("", None)


def test_a_file_is_read_and_its_faults_are_named(tmp_path: Path) -> None:
    good, binary, large = tmp_path / "key.pem", tmp_path / "bin", tmp_path / "large"
    good.write_text(PEM)
    binary.write_bytes(b"\xff\xfe\x00\x80")
    large.write_bytes(b"a" * 20_000)
    assert read_file(f" {good} ") == (PEM, None)
    for path, words in (
        (tmp_path, "no file"),
        (tmp_path / "none", "no file"),
        (binary, "not text"),
        (large, "more than"),
    ):
        content, wrong = read_file(str(path))
        assert content == ""
        assert wrong is not None
        assert words in wrong


@pytest.mark.parametrize("name", ["main", "a", "second-account_2"])
def test_profiles_that_are_allowed(name: str) -> None:
    assert profile_problem(name) is None


@pytest.mark.parametrize("name", ["", "Main", "a b", "a/b", "x" * 21, "-a", "ä"])
def test_profiles_that_are_not(name: str) -> None:
    assert profile_problem(name) is not None


REFUSALS = {
    errors.AuthenticationFailed("Invalid API-key"): "refused the key",
    errors.PermissionDenied("not from here"): "may not do this",
    errors.TimestampRejected("recvWindow"): "clock wrong",
    errors.RateLimited("slow down", retry_after=7.2): "asks us to wait",
    errors.RateLimited("banned", banned=True): "asks us to wait",
    errors.VenueUnavailable("503"): "not available",
    errors.RequestTimeout("10 s"): "did not answer in time",
    TimeoutError(): "did not answer in time",
    errors.ConnectionFailed("refused"): "could not be reached",
    errors.MissingCredentials("Binance", ["API Key"]): "cannot be right",
    errors.InvalidCredentials("not PEM"): "cannot be right",
    errors.BadRequest("-1100"): "does not understand",
    errors.NotYetImplemented("no account call"): "cannot be tested",
    errors.BadResponse("html"): "not understood",
}


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("environment", ["live", "testnet", "local"])
def test_every_refusal_has_a_likely_cause_in_plain_words(error: BaseException, environment: str) -> None:
    binance = real_catalog().get("binance")
    assert binance is not None
    why = explain(error, binance, environment)
    assert REFUSALS[error] in why.title
    assert why.causes
    assert all(cause.endswith((".", "below.")) for cause in why.causes)
    assert why.said == str(error)


def test_a_key_of_the_other_side_is_named_as_a_cause() -> None:
    binance = real_catalog().get("binance")
    assert binance is not None
    refusal = errors.AuthenticationFailed("no")
    assert any("test system" in cause for cause in explain(refusal, binance, "live").causes)
    assert any("live venue" in cause for cause in explain(refusal, binance, "testnet").causes)


def test_rights_are_told_by_word_and_unknown_is_not_no() -> None:
    words = {right.name: (right.glyph, right.word.split(":")[0]) for right in rights(READ_ONLY)}
    assert words == {
        "Read": ("✓", "yes"),
        "Trade": ("–", "no"),
        "Withdraw": ("–", "no"),
        "Only from listed IPs": ("✓", "yes"),
    }
    unknown = replace(READ_ONLY, can_read=None, can_trade=None, can_withdraw=None, ip_restricted=None)
    assert all(right.word.startswith("unknown") for right in rights(unknown))


def test_a_right_to_withdraw_is_warned_of() -> None:
    assert withdrawal_warning(READ_ONLY) is None
    assert "CAN WITHDRAW" in str(withdrawal_warning(replace(READ_ONLY, can_withdraw=True)))
    assert "does not say" in str(withdrawal_warning(replace(READ_ONLY, can_withdraw=None)))


@pytest.mark.parametrize(
    "error",
    [
        errors.StoreLocked("x"),
        errors.StoreTimeout("x"),
        errors.StoreUnavailable("x"),
        errors.WrongPassword("x"),
        errors.SecretStoreError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_each_trouble_of_the_store_has_words_of_its_own(error: errors.SecretStoreError) -> None:
    what, todo = wizard_model.store_trouble(error)
    assert what.endswith(".")
    assert todo.endswith(".")
