"""A venue that sends back what it was sent: nothing of it is shown, printed or kept."""

import base64
import json
import urllib.parse
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.model import MarketType
from catalog.text import clean, clean_message, masked
from connectors.contracts.errors import VenueError
from connectors.contracts.orders import AccountInfo
from connectors.runtime.local_venues import LocalVenues
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.recorder import without_secrets
from connectors.runtime.redaction import add_secret
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from connectors.streaming.recording import RecordingWriter
from connectors.streaming.recording_reader import RecordingReader
from tests.connectors.rest.server import LoopbackVenue, Reply, Request, loopback
from tui.wizard_model import explain

KEY = "k3y/Of+The=Account0123"
SECRET = "S3cret/Of+The=Account4567"
VALUES = {"apiKey": KEY, "apiSecret": SECRET}

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "lower": str.lower,
    "upper": str.upper,
    "url": urllib.parse.quote_plus,
    "url twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe="")),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 inside": lambda text: base64.b64encode(f"key={text};".encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "slashes": lambda text: text.replace("/", "\\/"),
    "unicode escapes": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "html": lambda text: text.replace("&", "&amp;"),
    "inside a word": lambda text: f"xx{text}yy",
}


def told(*texts: str) -> list[str]:
    """Which of the values stand in any text, in a form that a person could read back."""
    whole = "\n".join(texts).lower()
    return [
        f"{name} of {value[:3]}"
        for value in (KEY, SECRET)
        for name, form in FORMS.items()
        if form(value).lower().removeprefix("xx").removesuffix("yy") in whole
    ]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_value_leaves_a_cleaned_text(form: str) -> None:
    for value in (KEY, SECRET):
        add_secret(value)
        echoed = f"unknown key {FORMS[form](value)} here"
        for shown in (clean(echoed, 200), clean_message(echoed), masked(echoed), str(VenueError(echoed))):
            assert "***" in shown
            assert FORMS[form](value).lower() not in shown.lower()


def test_a_value_that_a_limit_would_cut_is_masked_whole() -> None:
    add_secret(KEY)
    for padding in range(40, 260):
        assert KEY[:8] not in clean(" " * padding + "x" * (padding % 64) + KEY)


def test_short_values_and_numbers_do_not_hide_data() -> None:
    for value in ("123456", "1234567.50", "abc1234", "account"):
        add_secret(value)
    line = '{"price": 123456, "quantity": 1234567.50, "account": "accounts"}'
    assert masked(line) == line
    assert clean("BTC123456") == "BTC123456"
    assert clean("wrong pin 123456, not 1234567", 200) == "wrong pin ***, not 1234567"


def echoing(request: Request) -> Reply:
    """Every answer holds the key and the secret, wherever a text can stand."""
    headers = {"x-echo": KEY, "retry-after": SECRET}
    if request.path.endswith("/account"):
        account = {
            "makerCommission": 0,
            "takerCommission": 0,
            "canTrade": True,
            "canWithdraw": False,
            "canDeposit": True,
            "updateTime": 0,
            "accountType": KEY,
            "balances": [{"asset": f"x{SECRET}", "free": "1", "locked": "0"}],
            "permissions": [KEY, f"may {SECRET}", KEY.lower()],
        }
        return Reply(json.dumps(account).encode(), headers=headers)
    if request.path.endswith("/time"):
        return Reply(b'{"serverTime": 1700000000000}')
    if request.path.endswith("/exchangeInfo"):
        return Reply(b'{"timezone": "UTC", "serverTime": 1, "rateLimits": [], "symbols": []}')
    return Reply(json.dumps({"code": -2015, "msg": f"no key {KEY} with {SECRET}"}).encode(), status=401)


def refusing(request: Request) -> Reply:
    if request.path.endswith(("/time", "/exchangeInfo")):
        return echoing(request)
    return Reply(json.dumps({"code": -2014, "msg": f"{KEY} and {SECRET}"}).encode(), status=401)


@pytest.fixture
async def venue() -> AsyncIterator[LoopbackVenue]:
    async with loopback(echoing) as running:
        yield running


def endpoints(venue: LoopbackVenue) -> dict[str, str]:
    ws = venue.url.replace("http", "ws")
    return {"rest": venue.url, "ws": ws, "ws_api": ws}


async def test_what_it_says_of_an_account_is_shown_and_kept_without_them(
    venue: LoopbackVenue, tmp_path: Path
) -> None:
    vault = CredentialVault(folder=tmp_path)
    await vault.use_encrypted_file("correct horse battery")
    manager = ExchangeManager(Catalog.load(), vault)
    try:
        account = await manager.test_credentials(
            "binance", environment="local", credentials=VALUES, endpoints=endpoints(venue)
        )
        assert account.permissions
        assert not told(str(account))
        raw = AccountInfo(KEY, MarketType.SPOT, True, None, None, permissions=(SECRET, KEY))
        await manager.save_credentials("binance", "local", "main", VALUES, account=raw)
        assert not told(str(await vault.list()), (tmp_path / "credentials.json").read_text())
        venue.handler = refusing
        with pytest.raises(VenueError) as caught:
            await manager.test_credentials(
                "binance", environment="local", credentials=VALUES, endpoints=endpoints(venue)
            )
    finally:
        await manager.close()
    entry = Catalog.load().get("binance")
    assert entry is not None
    why = explain(caught.value, entry, "local")
    assert "***" in why.said
    assert not told(str(caught.value), why.said)


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_the_command_line_prints_none_of_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
) -> None:
    import asyncio

    from tui.command_line.entry import dispatch

    stored = CredentialVault(SessionMemoryStore(), folder=tmp_path)
    asyncio.run(stored.save("binance", "local", "main", VALUES))
    monkeypatch.setattr("connectors.runtime.vault.CredentialVault", lambda: stored)
    monkeypatch.setattr("tui.command_line.credentials.start_secure", lambda _: None)
    handlers = iter((echoing, refusing))

    async def local(self: LocalVenues, connector_type: str) -> dict[str, str]:
        running = loopback(next(handlers))
        venues.append(running)
        return endpoints(await running.__aenter__())

    venues: list[object] = []
    monkeypatch.setattr(LocalVenues, "endpoints", local)
    codes = [dispatch(["credentials", "test", "binance", "--environment", "local", *flags]) for _ in range(2)]
    said = capsys.readouterr()
    assert codes == [0, 1]
    assert "***" in said.err
    assert not told(said.out, said.err)


def test_a_recording_holds_none_of_it_in_text_or_binary(tmp_path: Path) -> None:
    add_secret(KEY)
    path = tmp_path / "r.jsonl"
    with RecordingWriter(path, "binance", "spot", 1, redact=without_secrets) as writer:
        for form in FORMS.values():
            writer.write(1, "recv", conn="1", data=f"a {form(KEY)} b")
        writer.write(2, "recv", conn="1", data=b"\xff\xfe " + KEY.encode() + b" \x80")
    payloads = [event.payload() for event in RecordingReader(path)]
    assert payloads[-1] == b"\xff\xfe *** \x80"
    assert not told(*(payload.decode("latin-1") for payload in payloads))
