import copy
import hashlib
import hmac
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest

from connectors.contracts import Credentials, Secret

VALUE = "planted-value"


@pytest.fixture
def secret() -> Secret:
    return Secret(VALUE)


@pytest.fixture
def credentials() -> Credentials:
    return Credentials({"apiKey": VALUE, "apiSecret": VALUE, "empty": ""})


@pytest.mark.parametrize(
    "show", [repr, str, "{}".format, "{!r:>40}".format, ascii, lambda thing: str([thing])]
)
def test_no_text_of_it_shows_the_value(
    secret: Secret, credentials: Credentials, show: Callable[[object], str]
) -> None:
    assert VALUE not in show(secret)
    assert VALUE not in show(credentials)
    assert "apiKey" in show(credentials)


@dataclass
class Holder:
    thing: object


@pytest.mark.parametrize(
    "take",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        vars,
        json.dumps,
        lambda thing: json.dumps(thing, default=vars),
        lambda thing: asdict(Holder(thing)),
        hash,
    ],
)
def test_no_copy_of_it_is_made(
    secret: Secret, credentials: Credentials, take: Callable[[object], object]
) -> None:
    for thing in (secret, credentials):
        with pytest.raises(TypeError):
            take(thing)


def test_a_traceback_with_locals_shows_no_value(credentials: Credentials) -> None:
    def fail(held: Credentials) -> None:
        one = held["apiKey"]
        sign = held.hmac_sha256("apiSecret")
        raise ValueError(f"{one} {held} {sign(b'x')[:0]!r}")

    try:
        fail(credentials)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "held = Credentials(apiKey, apiSecret)" in shown
    assert "one = Secret(***)" in shown
    assert VALUE not in shown


def test_equality_and_truth(secret: Secret) -> None:
    assert secret == Secret(VALUE)
    assert secret != Secret(VALUE + "x")
    assert secret != VALUE
    assert Secret("\ud800") != secret
    assert not Secret("")


def test_credentials_hold_what_is_filled_in(credentials: Credentials) -> None:
    assert list(credentials) == ["apiKey", "apiSecret"]
    assert credentials.value("apiKey") == VALUE
    with pytest.raises(KeyError):
        credentials.value("empty")
    assert credentials == Credentials({"apiKey": Secret(VALUE), "apiSecret": VALUE})


def test_the_signer_signs_with_the_value_again_and_again(credentials: Credentials) -> None:
    sign = credentials.hmac_sha256("apiSecret")
    for payload in (b"one", b"two"):
        assert sign(payload) == hmac.digest(VALUE.encode(), payload, hashlib.sha256)
