"""Keys go to the package that they were given to, with the files that it had then, and to no other unasked."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from connectors.contracts.errors import MissingCredentials
from connectors.runtime.instances import ConnectorStatus
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.package_identity import PackageIdentity, PackageNotAllowed, package_identity
from connectors.runtime.vault import CredentialVault
from tests.catalog.packages import write_metadata
from tests.connectors.runtime.conftest import Install, MakeManager, Venue
from tests.tui.command_line.running import barfinex

KEYS = {"apiKey": "good-key", "apiSecret": "good-secret"}
NAME = ("acme", "testnet", "main")


def package_of(manager: ExchangeManager) -> Path:
    entry_point = manager.catalog.entry_point("acme")
    assert entry_point is not None
    site = next(
        Path(place) for place in sys.path if (Path(place) / entry_point.module.partition(".")[0]).is_dir()
    )
    return site / entry_point.module.partition(".")[0]


async def kept(manager: ExchangeManager) -> ExchangeManager:
    await manager.save_credentials(*NAME, KEYS)
    return manager


async def active(manager: ExchangeManager, venue: Venue) -> bool:
    (instance,) = await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    return instance.has_credentials


async def test_the_same_package_has_them(install: Install, make_manager: MakeManager, venue: Venue) -> None:
    install()
    manager = await kept(make_manager())
    (record,) = await manager.list_credentials()
    assert record.package == "barfinex-acme"
    assert record.package_hash
    assert len(record.package_hash) == 64
    assert await manager.package_question(*NAME) is None
    assert await active(make_manager(), venue)


async def test_other_files_of_it_have_to_be_allowed(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = await kept(make_manager())
    file = package_of(manager) / "connector.py"
    file.write_text(file.read_text() + "\n# An upgrade.\n")
    with pytest.raises(PackageNotAllowed) as refused:
        await active(manager, venue)
    assert str(refused.value) == (
        "the package barfinex-acme 1.2.3 is not what it was when the credentials of acme testnet main were given to "
        "it; if you trust it with them: barfinex credentials allow acme"
    )
    assert venue.asked == []
    assert await manager.package_question(*NAME) == refused.value.reason
    (given,) = await manager.allow_package("acme")
    assert given.name == "acme testnet main"
    assert await active(manager, venue)


@pytest.mark.parametrize("change", ["a new file", "a file less", "the manifest", "a file beside it"])
async def test_any_file_counts(install: Install, make_manager: MakeManager, change: str) -> None:
    install()
    manager = await kept(make_manager())
    root = package_of(manager)
    match change:
        case "a new file":
            (root / "more.py").write_text("")
        case "a file less":
            (root / "__init__.py").unlink()
        case "the manifest":
            (root / "manifest.toml").write_text((root / "manifest.toml").read_text() + "# another\n")
        case _:
            (root.parent / "acme_helper.py").write_text("")
            info = next(root.parent.glob("*.dist-info"))
            (info / "RECORD").open("a").write("acme_helper.py,,\n")
            manager = make_manager()
    assert await manager.package_question(*NAME) is not None


async def test_byte_code_and_another_version_of_the_same_files_do_not(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = await kept(make_manager())
    root = package_of(manager)
    (root / "__pycache__").mkdir(exist_ok=True)
    (root / "__pycache__" / "connector.cpython-399.pyc").write_bytes(b"x")
    info = next(root.parent.glob("*.dist-info"))
    metadata = (info / "METADATA").read_text()
    (info / "METADATA").write_text(metadata.replace("1.2.3", "1.2.4"))
    (info / "INSTALLER").write_text("pip\n")
    info.rename(info.with_name("barfinex_acme-1.2.4.dist-info"))
    later = make_manager()
    assert later.package("acme") == "barfinex-acme 1.2.4"
    assert await active(later, venue)


async def test_another_package_that_claims_the_type_asks(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = await kept(make_manager())
    root = package_of(manager)
    shutil.rmtree(next(root.parent.glob("*.dist-info")))
    write_metadata(root.parent, "evil", {"acme": f"{root.name}.connector:create_connector"})
    stranger = make_manager()
    with pytest.raises(
        PackageNotAllowed, match=r"given to the package barfinex-acme, and now the package evil 1\.2\.3"
    ):
        await active(stranger, venue)
    with pytest.raises(PackageNotAllowed):
        await stranger.vault.load(*NAME, package=await package_identity(stranger.catalog, "acme"))
    assert venue.asked == []


async def test_where_market_data_needs_no_key_it_goes_without(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install(keyless=True)
    manager = await kept(make_manager())
    (package_of(manager) / "more.py").write_text("")
    (instance,) = await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    assert instance.status is ConnectorStatus.ACTIVE
    assert not instance.has_credentials
    assert instance.notice is not None
    assert "barfinex credentials allow acme" in instance.notice


async def test_given_anew_they_are_the_package_s(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = await kept(make_manager())
    (package_of(manager) / "more.py").write_text("")
    assert await active(await kept(manager), venue)


async def test_one_profile_can_be_allowed_alone(install: Install, make_manager: MakeManager) -> None:
    install()
    manager = await kept(make_manager())
    await manager.save_credentials("acme", "testnet", "hedge", KEYS)
    (package_of(manager) / "more.py").write_text("")
    (given,) = await manager.allow_package("acme", "testnet", "hedge")
    assert given.profile == "hedge"
    assert await manager.package_question(*NAME) is not None
    assert await manager.package_question("acme", "testnet", "hedge") is None
    assert await manager.allow_package("acme", "live") == ()


async def test_what_was_kept_before_it_was_noted_stays_with_what_is_built_in(
    install: Install, make_manager: MakeManager, vault: CredentialVault
) -> None:
    install()
    await vault.save(*NAME, KEYS)
    await vault.save("binance", "testnet", "main", KEYS)
    manager = make_manager()
    assert await manager.package_question("binance", "testnet", "main") is None
    question = await manager.package_question(*NAME)
    assert question is not None
    assert "before it was noted to which package" in question


async def test_keys_of_a_package_do_not_go_to_what_is_built_in_later(vault: CredentialVault) -> None:
    record = await vault.save("binance", "testnet", "main", KEYS)
    own = await package_identity(Catalog.load(), "binance")
    own.check(replace(record, package="barfinex", package_hash=""))
    with pytest.raises(
        PackageNotAllowed, match="were given to the package barfinex-binance, not to barfinex itself"
    ):
        own.check(replace(record, package="barfinex-binance", package_hash="0" * 64))
    stranger = PackageIdentity("bar-finex", "", "bar-finex")
    with pytest.raises(PackageNotAllowed, match="given to barfinex itself"):
        stranger.check(replace(record, package="barfinex", package_hash=""))


async def test_nobody_asks_for_what_is_not_there(install: Install, make_manager: MakeManager) -> None:
    install()
    manager = make_manager()
    assert await manager.package_question(*NAME) is None
    with pytest.raises(MissingCredentials):
        await manager.activate("acme", ["spot"], environment="testnet")


def test_the_command_line_names_the_package_and_lets_it_be_allowed(
    install: Install, make_manager: MakeManager, tmp_path: Path
) -> None:
    install()
    root = package_of(make_manager())
    home = tmp_path / "home"
    path = {"PYTHONPATH": f"{root.parent}:{Path(__file__).parents[3]}"}
    file = home / ".config" / "barfinex" / "credentials.json"
    file.parent.mkdir(parents=True)
    record = {
        "connector_type": "acme",
        "environment": "testnet",
        "profile": "main",
        "fields": ["apiKey"],
        "created": 1,
    }
    record |= {"store": "keyring", "package": "barfinex-acme", "package_hash": "0" * 64}
    file.write_text(json.dumps({"version": 1, "credentials": [record]}))
    listed = barfinex("credentials", "list", home=home, **path)
    assert "for the package barfinex-acme" in listed.stdout
    tested = barfinex("credentials", "test", "acme", "--environment", "testnet", home=home, **path)
    assert tested.returncode == 1
    assert "acme: a connector of the package barfinex-acme 1.2.3" in tested.stderr
    assert "is not what it was" in tested.stderr
    assert "barfinex credentials allow acme" in tested.stderr
    allowed = barfinex("credentials", "allow", "acme", home=home, **path)
    assert allowed.returncode == 0, allowed.stderr
    assert "acme testnet main: for barfinex-acme 1.2.3 from now on" in allowed.stderr
    assert json.loads(file.read_text())["credentials"][0]["package_hash"] != "0" * 64
    catalog = barfinex("catalog", "--search", "acme", "--json", home=home, **path)
    assert json.loads(catalog.stdout)["package"] == "barfinex-acme 1.2.3"
    table = barfinex("catalog", "--search", "acme", home=home, **path)
    assert "barfinex-acme 1.2.3" in table.stdout
    ended = barfinex("credentials", "allow", "binance", home=home, **path)
    assert ended.returncode == 2
