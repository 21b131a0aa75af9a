import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import CredentialField
from connectors.contracts.credentials import Secret
from connectors.runtime.pasted_values import tidied

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
BASE64 = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S\n-----END PRIVATE KEY-----"


def field(key: str, kind: str = "password") -> CredentialField:
    return CredentialField.model_validate({"key": key, "label": "L", "type": kind, "required": True})


@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        "  {}\r\n",
        '"{}"',
        "'{}'",
        "\u201c{}\u201d",
        '"{}",',
        "\ufeff{}\u200b",
        "export BINANCE_API_KEY={}",
        'export BINANCE_API_KEY="{}"',
        "API_KEY='{}'",
        '"apiKey": "{}",',
        "apiKey: {}",
        "$env:API_KEY = '{}'",
        "{}\u2424",
    ],
)
@pytest.mark.parametrize("value", [KEY, BASE64])
def test_what_can_mean_one_thing_is_cleaned(pasted: str, value: str) -> None:
    assert tidied(field("apiKey"), Secret(pasted.format(value))) == (Secret(value), None)


def test_what_a_key_never_holds_is_taken_out() -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in KEY)
    halves = KEY[:20] + "\u200b" + KEY[20:]
    stray = KEY[:-5] + " " + KEY[-5:]
    for given_value in (wide, halves, stray):
        assert tidied(field("apiKey"), Secret(given_value)) == (Secret(KEY), None)


@pytest.mark.parametrize(
    ("key", "pasted", "words"),
    [
        ("apiKey", f"{KEY[:30]} {KEY[30:]}", "has a blank inside"),
        ("apiKey", f"{KEY[:30]}\u00a0{KEY[30:]}", "has a blank inside"),
        ("apiKey", f"{KEY}\n{BASE64}", "must be one line"),
        ("apiKey", f"{KEY}\u2424{BASE64}", "must be one line"),
        ("apiKey", f'"{KEY}', "a quotation mark"),
        ("apiKey", f"export BINANCE_API_SECRET={KEY}", "the line of another value"),
        ("apiSecret", f"API_KEY={KEY}", "the line of another value"),
        ("apiSecret", PEM, "is a PEM key"),
        ("apiSecret", PEM.replace("\n", "\u2424"), "is a PEM key"),
        ("apiKey", "\u0430" + KEY, "a character no key has, the 1. one"),
        ("apiKey", KEY + "\u2014", "a character no key has"),
        ("apiKey", f'{{"apiKey": "{KEY}"}}', "is a JSON object"),
        ("apiKey", KEY + "\x1b[2J", "cannot be typed"),
        ("apiKey", "x" * 20_000, "is too long"),
    ],
)
def test_what_can_mean_more_is_refused_and_not_quoted(key: str, pasted: str, words: str) -> None:
    _, fault = tidied(field(key), Secret(pasted))
    assert fault is not None
    assert words in fault
    assert KEY[:10] not in fault


@pytest.mark.parametrize("value", ['my "own" words', "'quoted'", "key=word", "пароль с пробелом", "a: b"])
def test_a_passphrase_is_what_was_typed(value: str) -> None:
    assert tidied(field("passphrase"), Secret(value)) == (Secret(value), None)


@pytest.mark.parametrize(
    "pasted",
    [
        PEM,
        PEM.replace("\n", "\r\n") + "\r\n",
        PEM.replace("\n", "\\n"),
        f'"{PEM}",'.replace("\n", "\\n"),
        "\ufeff" + PEM,
        PEM.replace("\n", "\n    "),
        PEM.replace("\n", " "),
        PEM.replace("\n", ""),
    ],
)
def test_a_pem_key_gets_its_lines_back(pasted: str) -> None:
    assert tidied(field("privateKey", "multiline"), Secret(pasted)) == (Secret(PEM), None)


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        (PEM[:80], "not a whole PEM key"),
        (PEM[5:], "not a whole PEM key"),
        (PEM.replace(BODY, "not base64 !"), "not a whole PEM key"),
        ("planted " + PEM, "not a whole PEM key"),
        (PEM.replace("PRIVATE", "PUBLIC"), "is a public key"),
        (PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"), "protected by a password"),
    ],
)
def test_a_pem_key_that_cannot_be_right_is_refused(pasted: str, words: str) -> None:
    _, fault = tidied(field("privateKey", "multiline"), Secret(pasted))
    assert fault is not None
    assert words in fault


@given(st.text(max_size=200), st.sampled_from(["apiKey", "passphrase", "token"]))
def test_tidying_twice_changes_nothing_more(raw: str, key: str) -> None:
    once, fault = tidied(field(key), Secret(raw))
    if fault is None and once.reveal().strip("\"'`,;") == once.reveal():
        assert tidied(field(key), once)[0] == once or "=" in raw or ":" in raw
