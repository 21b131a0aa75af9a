import asyncio
import sys

import pytest

from catalog.catalog import Catalog
from connectors.contracts import ConnectionHealth, Credentials
from connectors.contracts.errors import (
    AuthenticationFailed,
    BrokenConnector,
    ComingSoon,
    InvalidCredentials,
    MissingCredentials,
    NotActive,
    UnknownConnector,
    UnsupportedEnvironment,
    UnsupportedMarket,
    UsageError,
)
from connectors.runtime.instances import ConnectorStatus, default_environment
from connectors.runtime.vault import CredentialVault
from tests.connectors.runtime import plugin_code
from tests.connectors.runtime.conftest import Install, MakeManager, Venue

KEYS = {"apiKey": "good-key", "apiSecret": "good-secret"}


async def test_active_means_that_the_venue_answered(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = make_manager()
    venue.answering.clear()
    heard: list[ConnectorStatus] = []
    manager.add_listener(lambda: heard.append(manager.entry_status("acme")))
    call = asyncio.create_task(
        manager.activate("acme", ["spot"], environment="testnet", credentials=KEYS, endpoints=venue.endpoints)
    )
    await asyncio.wait_for(venue.connected.wait(), 10)
    assert manager.entry_status("acme") is ConnectorStatus.CONNECTING
    with pytest.raises(NotActive):
        manager.bundle("acme", "spot")
    venue.answering.set()
    (instance,) = await call
    assert instance.status is ConnectorStatus.ACTIVE
    assert instance.instrument_count == 2
    assert instance.has_credentials
    assert instance.activated_at == instance.last_heartbeat
    assert "BTCUSDT" in manager.bundle("acme", "spot").client.instruments
    await manager.deactivate("acme")
    assert manager.instances() == []
    assert venue.asked == ["LIST", "BYE ws", "BYE client"]
    assert heard == [
        ConnectorStatus.CONNECTING,
        ConnectorStatus.ACTIVE,
        ConnectorStatus.INACTIVE,
        ConnectorStatus.INACTIVE,
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"connector_type": "nosuch"}, UnknownConnector, "nosuch"),
        ({"connector_type": "degiro"}, ComingSoon, "DEGIRO"),
        ({"market_types": ["spot", "futures"]}, UnsupportedMarket, "it has spot, margin"),
        ({"market_types": []}, UsageError, "name a market"),
        ({"environment": "paper"}, UnsupportedEnvironment, "it has live, testnet"),
        ({"credentials": {"apiKey": "good-key"}}, MissingCredentials, "Acme needs: API Secret"),
        ({"credentials": {}}, MissingCredentials, "Acme needs: API Key, API Secret"),
        ({"credentials": None}, MissingCredentials, "Acme needs: API Key, API Secret"),
        ({"credentials": {**KEYS, "pin": "1234"}}, InvalidCredentials, "no credential 'pin'"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_changes(
    install: Install,
    make_manager: MakeManager,
    arguments: dict[str, object],
    error: type[Exception],
    text: str,
) -> None:
    install()
    manager = make_manager()
    call = {"connector_type": "acme", "market_types": ["spot"], "environment": "testnet", "credentials": KEYS}
    with pytest.raises(error, match=text):
        await manager.activate(**(call | arguments))
    assert manager.instances() == []


async def test_activating_an_active_pair_changes_nothing(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install(keyless=True)
    manager = make_manager()
    first, second = await asyncio.gather(
        *(
            manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
            for _ in range(2)
        )
    )
    third = await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    assert first == second == third
    assert venue.asked == ["LIST"]
    with pytest.raises(UsageError, match="active already in 'testnet'"):
        await manager.activate("acme", ["spot"], environment="live", endpoints=venue.endpoints)


async def test_a_failure_stays_visible_and_leaves_no_credentials(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = make_manager()
    (failed,) = await manager.activate(
        "acme", ["spot"], environment="testnet", credentials=KEYS, endpoints={"rest": "127.0.0.1:1"}
    )
    assert failed.status is ConnectorStatus.ERROR
    assert failed.error == "cannot reach the venue"
    assert not failed.has_credentials
    assert await manager.list_credentials() == ()
    assert manager.entry_status("acme") is ConnectorStatus.ERROR
    with pytest.raises(NotActive, match="cannot reach the venue"):
        manager.bundle("acme", "spot")
    (again,) = await manager.activate(
        "acme", ["spot"], environment="testnet", credentials=KEYS, endpoints=venue.endpoints
    )
    assert again.status is ConnectorStatus.ACTIVE
    assert again.error is None


async def test_a_broken_connector_harms_no_other(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install("acme", keyless=True)
    install("broken", plugin_code.IMPORT_ERROR, keyless=True)
    manager = make_manager()
    (bad,), (good,) = await asyncio.gather(
        *(
            manager.activate(name, ["spot"], environment="testnet", endpoints=venue.endpoints)
            for name in ("broken", "acme")
        )
    )
    assert good.status is ConnectorStatus.ACTIVE
    assert bad.status is ConnectorStatus.ERROR
    assert "a_package_that_is_not_installed" in (bad.error or "")


async def test_a_connector_that_raises_at_its_end_is_still_torn_down(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    code = (
        plugin_code.WORKING + "\n\nasync def fail(self):\n    raise RuntimeError('no')\n\nWs.destroy = fail\n"
    )
    install("acme", code, keyless=True)
    manager = make_manager()
    await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    await manager.deactivate("acme", ["spot"])
    assert venue.asked == ["LIST", "BYE client"]


async def test_cancelling_the_only_caller_ends_the_attempt(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install(keyless=True)
    manager = make_manager()
    venue.answering.clear()
    call = asyncio.create_task(
        manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    )
    await asyncio.wait_for(venue.connected.wait(), 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert manager.instances() == []
    assert venue.asked[-1] == "BYE client"


async def test_deactivating_while_connecting_ends_the_attempt(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install(keyless=True)
    manager = make_manager()
    venue.answering.clear()
    call = asyncio.create_task(
        manager.activate("acme", ["spot", "margin"], environment="testnet", endpoints=venue.endpoints)
    )
    await asyncio.wait_for(venue.connected.wait(), 10)
    await manager.deactivate("acme")
    ended = {ConnectorStatus.STOPPING, ConnectorStatus.INACTIVE}
    assert {instance.status for instance in await call} <= ended
    assert manager.instances() == []


async def test_stored_credentials_are_used_and_new_ones_reach_what_runs(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = make_manager()
    await manager.save_credentials("acme", "testnet", "main", KEYS)
    (instance,) = await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    assert instance.has_credentials
    api = manager.bundle("acme", "spot").account_api
    assert (await api.get_account_info()).account_id == "account-7"
    with pytest.raises(AuthenticationFailed):
        await manager.save_credentials("acme", "testnet", "main", KEYS | {"apiKey": "bad-key"})
    assert (await api.get_account_info()).account_id == "account-7"
    stored = await manager.vault.load("acme", "testnet", "main")
    assert stored == Credentials(KEYS)
    venue.good_keys = {"newer-key"}
    record = await manager.save_credentials("acme", "testnet", "main", KEYS | {"apiKey": "newer-key"})
    assert (await api.get_account_info()).account_id == "account-7"
    assert record.fingerprint is not None
    assert await manager.delete_credentials("acme", "testnet", "main")
    assert manager.instances() == []
    assert await manager.list_credentials() == ()


async def test_keyless_data_goes_on_where_the_store_fails(
    install: Install, make_manager: MakeManager, venue: Venue, vault: CredentialVault
) -> None:
    install(keyless=True)
    manager = make_manager()
    await manager.save_credentials("acme", "testnet", "main", KEYS)
    vault.store.delete("barfinex/acme/testnet/main", "apiKey")
    vault.store.delete("barfinex/acme/testnet/main", "apiSecret")
    (instance,) = await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    assert instance.status is ConnectorStatus.ACTIVE
    assert not instance.has_credentials
    assert (instance.notice or "").startswith("market data only: the credentials of acme")


async def test_testing_credentials_leaves_nothing(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install()
    manager = make_manager()
    account = await manager.test_credentials(
        "acme", environment="testnet", credentials=KEYS, endpoints=venue.endpoints
    )
    assert account.account_id == "account-7"
    with pytest.raises(AuthenticationFailed, match="the key is wrong"):
        await manager.test_credentials(
            "acme",
            environment="testnet",
            credentials=KEYS | {"apiKey": "bad-key"},
            endpoints=venue.endpoints,
        )
    assert manager.instances() == []
    assert venue.asked == [
        *("LIST", "WHOAMI good-key", "BYE ws", "BYE client"),
        "LIST",
        "WHOAMI bad-key",
        "BYE ws",
        "BYE client",
    ]
    assert await manager.list_credentials() == ()


async def test_reconnecting_is_what_the_streams_say(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install(keyless=True)
    manager = make_manager()
    await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    entry_point = manager.catalog.entry_point("acme")
    assert entry_point is not None
    health = ConnectionHealth("one", "RECONNECTING", 1, 2.0, None, 5, 1, 0, 0)
    sys.modules[entry_point.module].HEALTH.append(health)
    assert manager.entry_status("acme") is ConnectorStatus.RECONNECTING
    health.state = "CONNECTED"
    assert manager.entry_status("acme") is ConnectorStatus.ACTIVE


async def test_a_listener_that_fails_stops_nobody(
    install: Install, make_manager: MakeManager, venue: Venue
) -> None:
    install(keyless=True)
    manager = make_manager()
    heard: list[int] = []

    def fail() -> None:
        raise ValueError("listener")

    manager.add_listener(fail)
    remove = manager.add_listener(lambda: heard.append(1))
    await manager.activate("acme", ["spot"], environment="testnet", endpoints=venue.endpoints)
    assert len(heard) == 2
    remove()
    await manager.deactivate("acme")
    assert len(heard) == 2


def test_real_money_is_never_a_default() -> None:
    chosen = {entry.connector_type: default_environment(entry) for entry in Catalog.load().entries}
    assert chosen["binance"] == "local"
    assert chosen["kraken"] is None or chosen["kraken"] != "live"
    assert "live" not in chosen.values()


async def test_an_incomplete_connector_cannot_be_tested_either(
    install: Install, make_manager: MakeManager
) -> None:
    install("acme", plugin_code.INCOMPLETE)
    with pytest.raises(BrokenConnector, match="subscribe_to_candles is missing"):
        await make_manager().test_credentials("acme", environment="testnet", credentials=KEYS)
