"""A connector is found by its type, its entry point or its folder, and nothing of it is imported for that."""

import sys
from pathlib import Path

import pytest

from connectors.conformance.target import BadTarget, UnknownTarget, resolve
from connectors.contracts.errors import ComingSoon
from tests.catalog.packages import EXPLODES, manifest, write_metadata, write_package
from tests.connectors.conformance.projects import project


@pytest.fixture(autouse=True)
def _import_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [name for name in sys.modules if name.startswith("barfinex_")]:
        monkeypatch.delitem(sys.modules, name)


def test_an_installed_type() -> None:
    target = resolve("binance")
    assert target.entry is not None
    assert (target.connector_type, target.entry_point) == (
        "binance",
        "connectors.venues.binance:create_connector",
    )
    assert target.emulator == "connectors.emulator.binance"
    assert target.folder.name == "binance"
    assert [file.name for file in target.recordings] == ["futures.jsonl.gz", "spot.jsonl.gz"]
    assert target.import_root is None


def test_the_entry_point_of_an_installed_type_is_that_type() -> None:
    assert resolve("connectors.venues.binance:create_connector").connector_type == "binance"


def test_a_folder(tmp_path: Path) -> None:
    target = resolve(str(project(tmp_path)))
    assert target.manifest_fault is None
    assert target.entry is not None
    assert target.entry.connector_type == target.connector_type == "acme"
    assert target.emulator == "barfinex_acme.emulator"
    assert target.folder == tmp_path / "src" / "barfinex_acme"
    assert [file.name for file in target.recordings] == ["spot.jsonl"]
    assert target.import_root == tmp_path / "src"
    assert [entry.connector_type for entry in target.catalog.entries] == ["acme"]
    assert target.catalog.entry_point("acme") is not None
    assert "barfinex_acme" not in sys.modules


def test_a_folder_by_a_bare_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert resolve("mine").connector_type == "acme"
    assert resolve("./mine/").connector_type == "acme"


def test_an_installed_type_is_preferred_to_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path / "binance")
    monkeypatch.chdir(tmp_path)
    assert resolve("binance").connector_type == "binance"
    assert resolve("./binance").connector_type == "acme"


@pytest.mark.parametrize(
    ("source", "extra"),
    [
        (".", ""),
        ("python/lib", '[tool.hatch.build.targets.wheel]\npackages = ["python/lib/barfinex_acme"]\n'),
    ],
)
def test_where_the_packages_of_a_folder_lie(tmp_path: Path, source: str, extra: str) -> None:
    target = resolve(str(project(tmp_path, source=source, extra=extra)))
    assert target.import_root == tmp_path / source
    assert target.manifest_fault is None


def test_an_entry_point_on_the_path(tmp_path: Path) -> None:
    write_package(tmp_path, "barfinex_acme", manifest())
    sys.path.insert(0, str(tmp_path))
    target = resolve("barfinex_acme.connector:create_connector")
    assert (target.connector_type, target.manifest_fault) == ("acme", None)
    assert target.folder == tmp_path / "barfinex_acme"
    assert "barfinex_acme" not in sys.modules


def test_an_entry_point_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(tmp_path, "barfinex_acme", manifest())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    target = resolve("barfinex_acme.connector:create_connector")
    assert target.import_root == tmp_path


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("segment = ", "not TOML"),
        (manifest().replace("beta", "perfect"), "maturity"),
        (manifest("other"), "the manifest is for 'other', the entry point for 'acme'"),
    ],
)
def test_a_broken_manifest_is_told_in_the_target(tmp_path: Path, text: str, fault: str) -> None:
    target = resolve(str(project(tmp_path, manifest_text=text)))
    assert target.entry is None
    assert fault in (target.manifest_fault or "")


def test_an_installed_package_with_a_broken_manifest(tmp_path: Path) -> None:
    write_package(tmp_path, "barfinex_acme", "nothing of it")
    write_metadata(tmp_path, "barfinex-acme", {"acme": "barfinex_acme.connector:create_connector"})
    sys.path.insert(0, str(tmp_path))
    target = resolve("acme")
    assert target.entry is None
    assert "not TOML" in (target.manifest_fault or "")
    assert EXPLODES.startswith("raise")


def test_an_unknown_type_names_the_known_ones() -> None:
    with pytest.raises(UnknownTarget, match="unknown connector 'binanse'") as raised:
        resolve("binanse")
    assert "binance" in raised.value.known


def test_an_entry_without_code() -> None:
    with pytest.raises(ComingSoon):
        resolve("kraken")


def test_an_unknown_folder_names_the_projects_beside_it(tmp_path: Path) -> None:
    project(tmp_path / "acme")
    with pytest.raises(UnknownTarget) as raised:
        resolve(str(tmp_path / "acmee"))
    assert raised.value.known == (str(tmp_path / "acme"),)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a b:c", "is not of the form package.module:function"),
        ("no_such_package_anywhere:create", "there is no package 'no_such_package_anywhere'"),
        ("/no/such/folder/at/all", "there is no folder"),
    ],
)
def test_a_bad_target_is_told_in_one_line(name: str, told: str) -> None:
    with pytest.raises(BadTarget, match=told):
        resolve(name)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "has no pyproject.toml"),
        ("[project", "is not TOML"),
        ("[project]\nname = 'x'\n", "offers no connector"),
        ('[project.entry-points."barfinex.connectors"]\na = "a:b"\nb = "b:c"\n', "offers a, b"),
        (
            '[project.entry-points."barfinex.connectors"]\na = "not_there_a:b"\n',
            "there is no package 'not_there_a'",
        ),
    ],
)
def test_a_folder_without_a_connector_is_told_in_one_line(
    tmp_path: Path, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(BadTarget, match=told):
        resolve(str(tmp_path))
