import json
from pathlib import Path

import pytest

from connectors.contracts.errors import SecretStoreError
from connectors.runtime.stores import encrypted_file
from connectors.runtime.stores.encrypted_file import EncryptedFileStore
from connectors.runtime.stores.password_strength import weakness

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "pass word",
        "hunter2hunt",
        "aaaaaaaaaaaaaaaa",
        "            ",
        "abcdefghijklmnop",
        "123456789012345",
        "qwertyuiopasdfgh",
        "abababababababab",
        "passwordpassword",
        "aaaabbbbccccdddd",
    ],
)
def test_a_weak_password_makes_no_file(tmp_path: Path, password: str) -> None:
    with pytest.raises(SecretStoreError, match=r"the password is too (short|easy to guess)") as caught:
        EncryptedFileStore.open_file(tmp_path / "vault", password)
    assert not list(tmp_path.iterdir())
    assert not password.strip() or password not in str(caught.value)


@pytest.mark.parametrize("password", [GOOD, "Tr0ub4dor&3-Tr", "пароль из четырёх слов", "9f8a7c2e41b0"])
def test_a_good_one_does(password: str) -> None:
    assert weakness(password) is None


@pytest.mark.parametrize(
    "change",
    [
        {"m": 262_145},
        {"m": 1_048_576},
        {"t": 10, "m": 262_144},
        {"p": 9},
        {"p": 10**30},
        {"t": 3.0},
        {"salt": "00" * 15},
        {"salt": "00" * 100_000},
        {"nonce": ""},
        {"filler": "x" * 1_000},
    ],
)
def test_hostile_parameters_are_refused_before_they_are_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    path = tmp_path / "vault"
    EncryptedFileStore.open_file(path, GOOD)
    head, _, body = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(head) | change).encode() + b"\n" + body)

    def never(*_: object) -> None:
        raise AssertionError("a key was derived")

    monkeypatch.setattr(encrypted_file, "_cipher", never)
    with pytest.raises(SecretStoreError, match="its header makes no sense"):
        EncryptedFileStore.open_file(path, GOOD)
