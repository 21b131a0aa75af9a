"""REST, WebSocket and HTTP streams go through the same proxy, and its password is seen nowhere."""

import asyncio
import importlib.util
import logging

import pytest

from connectors.contracts.errors import RequestTimeout, UsageError
from connectors.network import settings
from connectors.network.proxies import is_bypassed, proxy_for, read_proxy
from connectors.network.settings import NetworkSettings
from connectors.network.trust import tls_context
from connectors.venues.binance.client import BinanceClientService
from tests.connectors.network.authority import Authority
from tests.connectors.network.proxy_servers import proxy_server, serving
from tests.connectors.network.reaching import WAYS, Reach, told
from tests.connectors.venues.binance.venue import context_of

LOGIN = "trader:pr0xy-pa%3Ass%40word@"
ways = pytest.mark.parametrize("reach", WAYS, ids=lambda reach: reach.__name__)
schemes = pytest.mark.parametrize("scheme", ["http", "socks5"])


@ways
@schemes
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "setting"])
async def test_the_users_proxy_is_used(
    reach: Reach,
    scheme: str,
    name: str,
    venue: int,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with proxy_server(scheme, venue, guarded=True) as proxy:
        if name == "setting":
            monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:1")
            settings.use(NetworkSettings(proxy=proxy.url(LOGIN)))
        else:
            monkeypatch.setenv(name, proxy.url(LOGIN))
        await reach("venue.test")
        assert proxy.asked == ["venue.test:443"]
    assert "pr0xy" not in caplog.text + repr(settings.current()) + repr(proxy_for("https://venue.test"))


@ways
@schemes
async def test_a_wrong_password_is_told_without_it(
    reach: Reach, scheme: str, venue: int, monkeypatch: pytest.MonkeyPatch
):
    async with proxy_server(scheme, venue, guarded=True) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url("trader:pr0xy-wrong@"))
        text = await told(reach, "venue.test")
    assert f"through the proxy {proxy.url().replace('socks5:', 'socks5h:')}: the proxy" in text
    assert "wants a user name and a password" in text or "does not connect to it" in text


@ways
@schemes
async def test_a_proxy_that_refuses_is_told(
    reach: Reach, scheme: str, venue: int, monkeypatch: pytest.MonkeyPatch
):
    refusal = b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n"
    async with proxy_server(scheme, venue, refuse=refusal) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        assert "the proxy does not connect to it (" in await told(reach, "venue.test")


@ways
@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05", b"\x05\x77\x00", b"\x04\x00", b""], ids=repr
)
async def test_a_proxy_that_does_not_speak_socks_is_told(
    reach: Reach, answer: bytes, monkeypatch: pytest.MonkeyPatch
):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(3)
        writer.write(answer)
        writer.close()

    async with serving(serve) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5://trader:pr0xy-pass@127.0.0.1:{port}")
        text = await told(reach, "venue.test")
    assert f"through the proxy socks5h://127.0.0.1:{port}: the proxy does not connect to it (" in text


@ways
@schemes
async def test_a_proxy_that_is_not_there_is_told_of_the_venue_apart(
    reach: Reach, scheme: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:9")
    assert "127.0.0.1:9 refuses connections" in await told(reach, "venue.test")
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://no-such-proxy.invalid:9")
    assert "the name no-such-proxy.invalid is not found" in await told(reach, "venue.test")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "ws://localhost:1", "http://[::1]:1", "https://127.9.9.9"]
)
def test_this_machine_is_reached_directly(url: str):
    environ = {"ALL_PROXY": "http://proxy:1", "HTTPS_PROXY": "http://proxy:1", "HTTP_PROXY": "http://proxy:1"}
    assert proxy_for(url, environ) is None


@pytest.mark.parametrize(
    ("exceptions", "host", "port", "direct"),
    [
        ("*", "venue.test", 443, True),
        ("venue.test", "venue.test", 443, True),
        ("venue.test", "api.venue.test", 443, True),
        (".venue.test", "api.venue.test", 443, True),
        ("*.venue.test", "api.venue.test", 443, True),
        ("VENUE.test", "api.venue.TEST", 443, True),
        ("venue.test", "othervenue.test", 443, False),
        ("venue.test:8443", "venue.test", 443, False),
        ("venue.test:443", "venue.test", 443, True),
        ("a.example, venue.test ,", "venue.test", 443, True),
        ("10.0.0.0/8", "10.1.2.3", 443, True),
        ("10.0.0.0/8", "11.1.2.3", 443, False),
        ("2001:db8::/32", "2001:db8::1", 443, True),
        ("[2001:db8::1]:443", "2001:db8::1", 443, True),
        ("", "venue.test", 443, False),
        (",.,:443,", "venue.test", 443, False),
    ],
)
def test_exceptions(exceptions: str, host: str, port: int, direct: bool):
    assert is_bypassed(host, port, exceptions) is direct


def test_which_proxy_a_url_goes_through():
    environ = {
        "https_proxy": "http://lower:1",
        "HTTPS_PROXY": "http://upper:2",
        "ALL_PROXY": "socks5://all:3",
    }
    assert str(proxy_for("wss://venue.test", environ).address) == "http://lower:1"
    assert str(proxy_for("https://venue.test", {"ALL_PROXY": "all"}).address) == "http://all:80"
    assert proxy_for("https://venue.test", environ | {"no_proxy": "venue.test"}) is None
    assert proxy_for("https://venue.test", {}) is None
    settings.use(NetworkSettings(no_proxy="venue.test"))
    assert proxy_for("https://venue.test", environ) is None


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("socks://proxy.example", "socks5h://proxy.example:1080"),
        ("https://user@[2001:db8::1]", "https://[2001:db8::1]:443"),
    ],
)
def test_spellings_of_a_proxy(value: str, address: str):
    assert read_proxy(value, "HTTPS_PROXY").address == address


@pytest.mark.parametrize(
    "value",
    [
        "ftp://pr0xy:1",
        "http://",
        "http://pr0xy:99999",
        "http://pr0xy/path",
        "http://[::1",
        "socks4://pr0xy:1",
        "pr0 xy",
    ],
)
def test_what_is_no_proxy_is_named_by_its_setting(value: str):
    with pytest.raises(UsageError, match="HTTPS_PROXY names no proxy") as refused:
        read_proxy(value, "HTTPS_PROXY")
    assert "pr0" not in str(refused.value)


@pytest.mark.parametrize("missing", ["socksio", "python_socks"])
def test_socks_without_its_extra_says_what_to_install(missing: str, monkeypatch: pytest.MonkeyPatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else there(name))
    with pytest.raises(UsageError, match=r"pip install 'barfinex\[socks\]'"):
        read_proxy("socks5://proxy.example", "ALL_PROXY")


@pytest.mark.parametrize(
    ("slow", "said"),
    [
        (True, "Binance was not ready within 1000 ms through the proxy http://127.0.0.1:{port}"),
        (
            False,
            "Binance was not ready within 1000 ms: no connection to Binance at api.venue.test through the proxy",
        ),
    ],
)
async def test_who_waits_in_vain_behind_a_proxy_is_told_of_it(
    slow: bool, said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors.rest.client.BACKOFF_LIMIT", 0.1)  # few enough for the budget
    monkeypatch.setattr("connectors.rest.client.ATTEMPTS", 1_000_000)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (reader.read() if slow else reader.readline())
        writer.close()

    await tls_context()  # loaded once, which takes a while
    async with serving(serve) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://trader:pr0xy-pass@127.0.0.1:{port}")
        client = BinanceClientService(context_of("https://api.venue.test"))
        with pytest.raises(RequestTimeout) as caught:
            await client.ensure_ready(1000)
        await client.close()
    assert str(caught.value).startswith(said.format(port=port))
