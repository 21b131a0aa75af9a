import json
from pathlib import Path

import pytest

from catalog.model import CatalogEntry, CredentialField
from tui.command_line import credential_input
from tui.command_line.credential_input import ask, parse
from tui.command_line.problems import BadUsage

PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHN0YW5kLWlu\nLW5vdC1hLXJlYWwta2V5\n-----END PRIVATE KEY-----"


def field(key: str, kind: str, *, required: bool = True) -> CredentialField:
    return CredentialField.model_validate(
        {"key": key, "label": key.title(), "type": kind, "required": required}
    )


VENUE = CatalogEntry.model_validate(
    {
        "connector_type": "somewhere",
        "display_name": "Somewhere",
        "segment": "CRYPTO_MAJOR",
        "supported_markets": ["spot"],
        "credentials": [field("api_key", "password"), field("private_key", "multiline")],
        "website": "https://example.org",
        "description": "A venue.",
        "maturity": "coming_soon",
        "features": {},
    }
)


def test_lines_and_json_say_the_same() -> None:
    values = {"api_key": "v1==/+", "private_key": "v2"}
    lines = "\n".join(f"{key} = {value}" for key, value in values.items()) + "\n\n"
    assert parse(lines, VENUE) == parse(json.dumps(values), VENUE) == values


def test_a_key_of_several_lines_goes_in_as_json() -> None:
    assert parse(json.dumps({"private_key": PEM}), VENUE) == {"private_key": PEM}
    with pytest.raises(BadUsage, match="JSON object"):
        parse(f"private_key={PEM}", VENUE)


@pytest.mark.parametrize(
    "text",
    [
        "QUJDREVGSEVYWZ",
        "QUJDREVGSEVYWZ==",
        "secret:QUJDREVGSEVYWZ",
        '{"api_key": "QUJDREVGSEVYWZ"',
        '{"nonsense": "QUJDREVGSEVYWZ"}',
        '{"api_key": ["QUJDREVGSEVYWZ"]}',
        '{"api_key": 1, "QUJDREVGSEVYWZ": 2}',
        "api_key=" + "QUJDREVGSEVYWZ" * 10_000,
    ],
    ids=["bare", "base64", "colon", "cut", "unknown", "list", "number", "long"],
)
def test_what_cannot_be_read_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(BadUsage) as refusal:
        parse(text, VENUE)
    assert "QUJDREVGSEVYWZ" not in str(refusal.value)


def test_secrets_are_asked_for_without_showing_them(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(PEM + "\n")
    asked: list[tuple[str, str]] = []
    shown_answers = iter(["an id", str(file)])
    hidden_answers = iter([" secret ", *PEM.splitlines(), ""])

    def shown(prompt: str) -> str:
        asked.append(("shown", prompt))
        return next(shown_answers)

    def hidden(prompt: str) -> str:
        asked.append(("hidden", prompt))
        return next(hidden_answers)

    fields = [
        field("account", "text"),
        field("secret", "password"),
        field("pem", "multiline"),
        field("keyfile", "file"),
        field("phrase", "password", required=False),
    ]
    values = ask(fields, hidden=hidden, shown=shown)
    assert values == {"account": "an id", "secret": "secret", "pem": PEM, "keyfile": PEM}
    assert [how for how, prompt in asked if prompt] == ["shown", "hidden", "hidden", "shown", "hidden"]
    assert asked[-1][1] == "Phrase (optional): "


def test_a_file_that_cannot_be_read_is_named_by_its_fault(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="FileNotFoundError"):
        ask([field("keyfile", "file")], shown=lambda _: str(tmp_path / "none"))
    big = tmp_path / "big"
    big.write_text("x" * (credential_input.LIMIT + 1))
    with pytest.raises(BadUsage, match="longer"):
        ask([field("keyfile", "file")], shown=lambda _: str(big))


def test_the_lines_of_an_environment_file_are_read() -> None:
    text = "\ufeff# keys\r\nexport SOMEWHERE_API_KEY='v1'\r\nPRIVATE_KEY=v2\r\n"
    assert parse(text, VENUE) == {"api_key": "'v1'", "private_key": "v2"}
    with pytest.raises(BadUsage, match="names api_key twice"):
        parse("api_key=v1\nAPI_KEY=v2", VENUE)
    with pytest.raises(BadUsage, match="is none"):
        parse('{"a":' + "[" * 50_000, VENUE)
