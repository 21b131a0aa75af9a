"""Packages that add entries: real ones on disk, whose code raises when it is imported."""

import importlib.machinery
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.catalog import Catalog, Source
from catalog.registrations import BrokenEntry
from tests.catalog.packages import install, manifest, write_metadata, write_package


def fault(catalog: Catalog, name: str = "acme") -> BrokenEntry:
    (found,) = [broken for broken in catalog.broken if broken.name == name]
    return found


def assert_not_imported(*packages: str) -> None:
    assert not [name for name in sys.modules if name.partition(".")[0] in packages]


def test_an_installed_package_adds_an_entry_without_being_imported(site: Path) -> None:
    install(site)
    catalog = Catalog.load()
    entry = catalog.get("acme")
    assert entry is not None
    assert entry.display_name == "Acme"
    assert entry in catalog.entries
    assert catalog.source("acme") == Source("barfinex-acme", "1.2.3", builtin=False)
    assert_not_imported("barfinex_acme")
    entry_point = catalog.entry_point("acme")
    assert entry_point is not None
    with pytest.raises(RuntimeError, match="the package was imported"):
        entry_point.load()


def test_our_own_are_a_table_and_no_entry_point(site: Path) -> None:
    catalog = Catalog.load()
    assert catalog.source("binance") == Source("barfinex", "", builtin=True)
    assert catalog.source("kraken").builtin
    entry_point = catalog.entry_point("binance")
    assert entry_point is not None
    assert entry_point.value == "connectors.venues.binance:create_connector"
    assert catalog.entry_point("kraken") is None
    assert catalog.entry_point("nobody") is None
    with pytest.raises(KeyError):
        catalog.source("nobody")
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert not [group for group in project.get("entry-points", {}) if group.startswith("barfinex.")]


@pytest.mark.parametrize("name", ["barfinex", "Barfinex", "BARFINEX"])
def test_a_package_that_calls_itself_barfinex_is_a_stranger_s(site: Path, name: str) -> None:
    (site / "barfinex-0.0.1.dist-info" / "entry_points.txt").unlink()
    write_package(site, "evil", manifest("binance", "Evil"))
    info = write_metadata(
        site, name, {"binance": "evil:create_connector", "acme": "evil:create_connector"}, version="99"
    )
    (info / "entry_points.txt").open("a").write("[barfinex.emulators]\nbinance = evil.connector\n")
    catalog = Catalog.load()
    entry = catalog.get("binance")
    assert entry is not None
    assert entry.display_name == "Binance"
    assert catalog.source("binance").builtin
    assert catalog.get("acme") is None
    assert fault(catalog).reason.startswith("a package that calls itself barfinex offers it")
    assert_not_imported("evil")


def test_an_older_installation_that_lists_what_is_built_in_is_no_fault(site: Path) -> None:
    write_metadata(
        site, "barfinex", {"binance": "connectors.venues.binance:create_connector"}, version="0.0.2"
    )
    catalog = Catalog.load()
    assert not [item for item in catalog.broken if item.distribution == "barfinex"]
    assert catalog.source("binance").builtin


def test_what_lies_in_the_working_directory_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path)
    monkeypatch.chdir(tmp_path)
    # As `python -m` has it.
    monkeypatch.syspath_prepend(str(tmp_path))
    assert Catalog.load().get("acme") is None


def test_an_editable_install_by_path_file(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RECORD lists the path file and metadata alone; the package is in its project's folder."""
    project = tmp_path / "project" / "src"
    write_package(project, "barfinex_acme", manifest())
    entry_points = {"acme": "barfinex_acme.connector:create_connector"}
    write_metadata(site, "barfinex-acme", entry_points, record=("barfinex_acme.pth",))
    monkeypatch.syspath_prepend(str(project))
    assert Catalog.load().get("acme") is not None
    assert_not_imported("barfinex_acme")


def test_an_editable_install_by_import_hook(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project" / "sources"
    write_package(project, "barfinex_acme", manifest())
    write_metadata(site, "barfinex-acme", {"acme": "barfinex_acme:create_connector"}, record=())

    class Hook:
        """What a build backend installs where a path file would show too much."""

        @staticmethod
        def find_spec(
            name: str, path: object = None, target: object = None
        ) -> importlib.machinery.ModuleSpec | None:
            if name != "barfinex_acme":
                return None
            return importlib.machinery.PathFinder.find_spec(name, [str(project)])

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Hook])
    assert Catalog.load().get("acme") is not None
    assert_not_imported("barfinex_acme")


def test_a_package_without_a_record_is_found_where_it_would_be_imported(site: Path) -> None:
    write_package(site, "barfinex_acme", manifest())
    write_metadata(site, "barfinex-acme", {"acme": "barfinex_acme.connector:create_connector"})
    assert Catalog.load().get("acme") is not None
    assert_not_imported("barfinex_acme")


def test_the_first_copy_of_a_package_wins(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path / "second"
    install(second, manifest_text=manifest(title="Second"))
    monkeypatch.syspath_prepend(str(second))
    install(site, manifest_text=manifest(title="First"))
    catalog = Catalog.load()
    entry = catalog.get("acme")
    assert entry is not None
    assert entry.display_name == "Second"
    assert not [broken for broken in catalog.broken if broken.name == "acme"]


def lay_no_manifest(site: Path) -> None:
    write_package(site, "barfinex_acme", None)
    write_metadata(site, "barfinex-acme", {"acme": "barfinex_acme.connector:create_connector"})


def lay_no_package(site: Path) -> None:
    write_metadata(site, "barfinex-acme", {"acme": "barfinex_acme.connector:create_connector"})


def lay_other_name(site: Path) -> None:
    install(site, manifest_text=manifest("other"))


def lay_bad_manifest(site: Path) -> None:
    install(site, manifest_text=manifest().replace('type = "password"', 'type = "secret"'))


def lay_missing_recorded_file(site: Path) -> None:
    install(site)
    (site / "barfinex_acme" / "manifest.toml").unlink()


def lay_later_contract(site: Path) -> None:
    install(site, manifest_text="contract = 2\n" + manifest())


def lay_no_code(site: Path) -> None:
    text = manifest().replace('"beta"', '"coming_soon"').replace("trade_streaming = true\n", "")
    install(site, manifest_text=text)


def lay_no_function(site: Path) -> None:
    write_package(site, "barfinex_acme", manifest())
    write_metadata(site, "barfinex-acme", {"acme": "barfinex_acme"})


BROKEN: dict[str, tuple[Callable[[Path], None], str, str, str]] = {
    "no manifest": (lay_no_manifest, "", "", "its package 'barfinex_acme' has no manifest.toml"),
    "no package": (lay_no_package, "", "", "its package 'barfinex_acme' has no manifest.toml"),
    "another name": (
        lay_other_name,
        "manifest.toml",
        "connector_type",
        "the manifest is for 'other', the entry point for 'acme'",
    ),
    "a bad manifest": (
        lay_bad_manifest,
        "manifest.toml",
        "credentials[1].type",
        "should be 'text', 'password', 'multiline', 'url' or 'file'",
    ),
    "a lost manifest": (
        lay_missing_recorded_file,
        "",
        "",
        "its package 'barfinex_acme' has no manifest.toml",
    ),
    "a later contract": (
        lay_later_contract,
        "manifest.toml",
        "contract",
        "written for contract 2, but this release speaks contract 1",
    ),
    "no code": (
        lay_no_code,
        "manifest.toml",
        "maturity",
        "the manifest says coming_soon, yet there is an entry point",
    ),
    "no function": (lay_no_function, "", "", "its entry point is not of the form 'package.module:function'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_package_is_named_with_the_reason_and_harms_no_other(site: Path, case: str) -> None:
    lay, file, field, reason = BROKEN[case]
    lay(site)
    install(site, "sound")
    catalog = Catalog.load()
    found = fault(catalog)
    assert (found.distribution, Path(found.file).name, found.field, found.reason) == (
        "barfinex-acme",
        file,
        field,
        reason,
    )
    assert catalog.get("acme") is None
    assert catalog.entry_point("acme") is None
    assert catalog.get("sound") is not None
    assert catalog.get("binance") is not None
    assert_not_imported("barfinex_acme", "barfinex_sound")


def test_a_type_that_is_taken_stays_with_its_owner(site: Path) -> None:
    install(site, "binance")
    catalog = Catalog.load()
    assert fault(catalog, "binance").reason == "the type 'binance' is taken by Binance; choose another"
    entry = catalog.get("binance")
    assert entry is not None
    assert entry.display_name == "Binance"
    assert catalog.source("binance").builtin
    entry_point = catalog.entry_point("binance")
    assert entry_point is not None
    assert entry_point.value.startswith("connectors.venues.")


def test_a_type_that_is_only_announced_is_given_to_the_package_that_brings_its_code(site: Path) -> None:
    announced = Catalog.load().get("kraken")
    assert announced is not None
    assert not announced.has_code
    install(site, "kraken", manifest_text=manifest("kraken", "Kraken of ours"))
    catalog = Catalog.load()
    entry = catalog.get("kraken")
    assert entry is not None
    assert entry.display_name == "Kraken of ours"
    assert [each.connector_type for each in catalog.entries].count("kraken") == 1
    assert catalog.source("kraken").distribution == "barfinex-kraken"
    entry_point = catalog.entry_point("kraken")
    assert entry_point is not None
    assert entry_point.value == "barfinex_kraken.connector:create_connector"
    assert not any(each.name == "kraken" for each in catalog.broken)


def lay_two(site: Path, name: str = "acme") -> None:
    for distribution in ("barfinex-b", "barfinex-a"):
        package = distribution.replace("-", "_")
        write_package(site, package, manifest(name, distribution))
        write_metadata(site, distribution, {name: f"{package}.connector:create_connector"})


@pytest.mark.parametrize("name", ["acme", "kraken"])
def test_of_two_packages_with_one_type_neither_is_used(site: Path, name: str) -> None:
    lay_two(site, name)
    install(site, "sound")
    catalog = Catalog.load()
    entry = catalog.get(name)
    assert entry is None or not entry.has_code
    assert catalog.entry_point(name) is None
    found = catalog.fault(name)
    assert found is not None
    assert found.reason == (
        f"the type '{name}' is claimed by barfinex-a 1.2.3 and barfinex-b 1.2.3; none is used: uninstall all but one"
    )
    assert [item.distribution for item in catalog.broken if item.name == name] == ["barfinex-a", "barfinex-b"]
    assert catalog.get("sound") is not None


def test_a_package_that_cannot_be_used_claims_nothing(site: Path) -> None:
    install(site)
    write_metadata(site, "barfinex-broken", {"acme": "nothing.there:create_connector"})
    catalog = Catalog.load()
    assert catalog.source("acme").package == "barfinex-acme 1.2.3"
    assert catalog.fault("acme") is None


def test_a_package_with_an_impossible_name_is_not_used(site: Path) -> None:
    write_package(site, "barfinex_acme", manifest())
    write_metadata(site, "b\u0430rfinex", {"acme": "barfinex_acme:create_connector"})
    assert fault(Catalog.load()).reason == "its package has a name that no package can have"


def test_damaged_metadata_costs_nothing_but_itself(site: Path) -> None:
    info = write_metadata(site, "barfinex-acme", {"acme": "barfinex_acme:create_connector"})
    (info / "entry_points.txt").write_bytes(b"[barfinex.connectors]\n\xff\xfe\n")
    install(site, "sound")
    catalog = Catalog.load()
    assert catalog.get("sound") is not None
    assert catalog.get("binance") is not None
    assert fault(catalog, "barfinex-acme").reason.startswith("its entry points cannot be read: ")


def test_other_groups_are_none_of_ours(site: Path) -> None:
    before = Catalog.load()
    info = write_metadata(site, "other", {})
    (info / "entry_points.txt").write_text("[console_scripts]\nacme = barfinex_acme:main\n")
    after = Catalog.load()
    assert after.entries == before.entries
    assert after.broken == before.broken
