"""A session bus that is gone is told as what it is, with the way out."""

import socket
import sys
from pathlib import Path

import pytest

from connectors.contracts.errors import StoreUnavailable
from connectors.runtime.stores.keyring_store import KeyringStore

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="D-Bus is for the others")


@pytest.mark.parametrize("left", ["nothing", "a socket that nobody serves"])
def test_a_stale_address_is_named_with_the_way_out(
    left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = tmp_path / "old"
    if left != "nothing":
        with socket.socket(socket.AF_UNIX) as abandoned:
            abandoned.bind(str(address))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={address},guid=0123")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(
        StoreUnavailable, match=r"names a D-Bus session that is over.*log in anew, or choose an enc"
    ):
        KeyringStore().check()
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        with pytest.raises(StoreUnavailable, match=f"set it to unix:path={tmp_path}/bus"):
            KeyringStore().check()
