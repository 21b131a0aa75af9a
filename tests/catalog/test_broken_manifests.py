"""A manifest that cannot be used is named with its file, its field and the reason, and harms no other."""

from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.manifest import SIZE_LIMIT, ManifestError, read_manifest
from tests.catalog.packages import manifest

GOOD = manifest()


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


CASES = {
    "syntax": (changed('segment = "', "segment = "), "", "not TOML: Invalid value (at line 3, column 11)"),
    "syntax: a key twice": (
        changed('maturity = "beta"', 'maturity = "beta"\nmaturity = "beta"'),
        "",
        "not TOML: Cannot overwrite a value (at line 8, column 18)",
    ),
    "an unknown field": (
        changed('maturity = "beta"', 'maturity = "beta"\nlogo = "x.png"'),
        "logo",
        "unknown field",
    ),
    "an unknown feature": (
        changed("trade_streaming = true", "teleportation = true"),
        "features.teleportation",
        "unknown field",
    ),
    "an unknown credential field": (
        changed('label = "API Secret"', 'label = "API Secret"\nhint = "x"'),
        "credentials[1].hint",
        "unknown field",
    ),
    "a missing field": (changed('website = "https://example.com"\n', ""), "website", "missing"),
    "a missing label": (changed('label = "API Secret"\n', ""), "credentials[1].label", "missing"),
    "text for a boolean": (
        changed("required = true", 'required = "yes"'),
        "credentials[0].required",
        "should be a valid boolean",
    ),
    "a number for text": (
        changed('display_name = "Acme"', "display_name = 7"),
        "display_name",
        "should be a valid string",
    ),
    "text for a list": (
        changed('supported_markets = ["spot"]', 'supported_markets = "spot"'),
        "supported_markets",
        "should be a valid array",
    ),
    "no market": (
        changed('supported_markets = ["spot"]', "supported_markets = []"),
        "supported_markets",
        "Tuple should have at least 1 item after validation, not 0",
    ),
    "an unknown market": (
        changed('["spot"]', '["spot", "options"]'),
        "supported_markets[1]",
        "should be 'spot', 'futures' or 'margin'",
    ),
    "a market twice": (
        changed('["spot"]', '["spot", "spot"]'),
        "supported_markets",
        "a market is named twice",
    ),
    "an unknown maturity": (
        changed('"beta"', '"ready"'),
        "maturity",
        "should be 'stable', 'beta', 'experimental' or 'coming_soon'",
    ),
    "an unknown credential type": (
        changed('type = "password"', 'type = "secret"'),
        "credentials[1].type",
        "should be 'text', 'password', 'multiline', 'url' or 'file'",
    ),
    "a key twice in the form": (
        changed('key = "apiSecret"', 'key = "apiKey"'),
        "credentials",
        "two fields have the same key",
    ),
    "claims without code": (
        changed('"beta"', '"coming_soon"'),
        "features",
        "an entry without code (coming_soon) claims a feature",
    ),
    "a type with capitals": (
        changed('connector_type = "acme"', 'connector_type = "Acme"'),
        "connector_type",
        "String should match pattern '^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$'",
    ),
    "an endpoint that is no URL": (
        changed('rest = "https://api.example.com"', 'rest = "file:///etc/passwd"'),
        "environments.live.urls.all.rest",
        "String should match pattern '^(https?|wss?)://[!-~]+$'",
    ),
    "a later contract": (
        "contract = 2\nnew_field = 1\n" + GOOD,
        "contract",
        "written for contract 2, but this release speaks contract 1",
    ),
    "two faults": (
        changed('website = "https://example.com"\n', "").replace("required = true", "required = 1"),
        "credentials[0].required",
        "should be a valid boolean (and 2 more)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_named_with_its_field_and_reason(tmp_path: Path, case: str) -> None:
    text, field, reason = CASES[case]
    file = tmp_path / "acme.toml"
    file.write_text(text)
    with pytest.raises(ManifestError) as caught:
        read_manifest(file)
    error = caught.value
    # Which of several faults comes first is pydantic's affair where a field is missing.
    if case == "two faults":
        assert error.field in {field, "website"}
        assert error.reason.endswith("(and 2 more)")
    else:
        assert (error.field, error.reason) == (field, reason)
    assert error.file == file
    assert str(error).startswith(str(file))
    assert error.reason in str(error)


def test_the_sound_one_reads(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(GOOD)
    entry = read_manifest(file)
    assert (entry.connector_type, entry.display_name) == ("acme", "Acme")
    assert entry.features.trade_streaming


def reason_for(file: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        read_manifest(file)
    assert caught.value.field == ""
    return caught.value.reason


def test_files_that_are_no_manifests(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    assert reason_for(file) == "there is no such file"
    assert reason_for(tmp_path) == "there is no such file"
    file.write_text(GOOD + "#" * SIZE_LIMIT)
    assert reason_for(file) == "larger than 64 KiB"
    file.write_bytes(b"\xff\xfe")
    assert reason_for(file) == "not UTF-8 text"
    file.write_text("a = " + "[" * 30_000)
    assert reason_for(file).startswith("not TOML: ")
    file.write_text("a = " + "9" * 30_000)
    assert reason_for(file).startswith("not TOML: ")


def test_a_manifest_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(GOOD + "#" * (SIZE_LIMIT - len(GOOD)))
    assert read_manifest(file).connector_type == "acme"


def test_hostile_text_is_cleaned(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(changed('display_name = "Acme"', r'display_name = "A\u001b[31mc\u202eme"'))
    assert read_manifest(file).display_name == "A [31mc me"
    file.write_text(r'"\u001b[2Jx" = 1' + "\n" + GOOD)
    with pytest.raises(ManifestError) as caught:
        read_manifest(file)
    assert "\x1b" not in str(caught.value)
    assert caught.value.field == "[2Jx"


def test_a_url_holds_no_hidden_characters(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text(changed("https://example.com", r"https://example.com/\u202ecod"))
    with pytest.raises(ManifestError) as caught:
        read_manifest(file)
    assert caught.value.field == "website"


class TestInTheCatalog:
    @pytest.fixture
    def folder(self, tmp_path: Path, site: Path) -> Path:
        folder = tmp_path / "exchanges"
        folder.mkdir()
        coming = GOOD.replace('"beta"', '"coming_soon"').replace("trade_streaming = true\n", "")
        (folder / "acme.toml").write_text(coming)
        (folder / "zenith.toml").write_text(
            coming.replace('"acme"', '"zenith"').replace('"Acme"', '"Zenith"')
        )
        return folder

    def load(self, folder: Path) -> tuple[list[str], list[tuple[str, str, str, str]]]:
        catalog = Catalog.load(folder)
        mine = [fault for fault in catalog.broken if fault.file.startswith(str(folder))]
        return (
            [entry.connector_type for entry in catalog.entries],
            [(fault.name, Path(fault.file).name, fault.field, fault.reason) for fault in mine],
        )

    def test_a_bad_one_harms_no_other(self, folder: Path) -> None:
        (folder / "bad.toml").write_text(GOOD.replace("required = true", 'required = "yes"', 1))
        (folder / "worse.toml").write_text("=")
        assert self.load(folder) == (
            ["acme", "zenith"],
            [
                ("bad", "bad.toml", "credentials[0].required", "should be a valid boolean"),
                ("worse", "worse.toml", "", "not TOML: Invalid statement (at line 1, column 1)"),
            ],
        )

    def test_the_first_of_two_with_one_type_stands(self, folder: Path) -> None:
        (folder / "copy.toml").write_text((folder / "acme.toml").read_text())
        entries, broken = self.load(folder)
        assert entries == ["acme", "zenith"]
        assert broken == [("copy", "copy.toml", "connector_type", "'acme' is taken by acme.toml")]

    def test_code_must_be_built_in(self, folder: Path) -> None:
        (folder / "ghost.toml").write_text(GOOD.replace('"acme"', '"ghost"'))
        entries, broken = self.load(folder)
        assert "ghost" not in entries
        assert [(name, field) for name, _, field, _ in broken] == [("ghost", "maturity")]
        assert "there is no 'ghost' among what is built in" in broken[0][3]

    def test_what_is_built_in_has_code(self, folder: Path) -> None:
        (folder / "binance.toml").write_text(
            (folder / "acme.toml").read_text().replace('"acme"', '"binance"')
        )
        entries, broken = self.load(folder)
        assert "binance" not in entries
        assert broken == [
            ("binance", "binance.toml", "maturity", "it says coming_soon, yet its code is built in")
        ]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_text("\ufeff" + manifest(), encoding="utf-8")
    assert read_manifest(file).connector_type == "acme"
