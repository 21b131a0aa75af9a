"""What is wrong on the way to a venue is told apart, for REST and streams alike."""

import asyncio
import ssl
from pathlib import Path

import pytest

from connectors.contracts.errors import BadResponse, CertificateNotTrusted, UsageError, VenueUnavailable
from connectors.network import settings
from connectors.network.pages import unreadable, words_of
from connectors.network.settings import NetworkSettings
from connectors.network.trust import tls_context
from connectors.rest.client import RestClient
from connectors.rest.limits import LimitScope
from connectors.rest.requests import RestRequest
from connectors.venues.binance.rest import BinanceRest
from tests.connectors.network.authority import Authority
from tests.connectors.network.proxy_servers import proxy_server, serving
from tests.connectors.network.reaching import WAYS, Reach, told
from tests.connectors.rest.server import Reply, loopback

ways = pytest.mark.parametrize("reach", WAYS, ids=lambda reach: reach.__name__)


@ways
async def test_a_name_that_does_not_resolve(reach: Reach):
    text = await told(reach, "no-such-venue.invalid")
    assert "the name no-such-venue.invalid is not found: no network, a name server" in text


@ways
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_closed_port(reach: Reach, host: str):
    assert f"{host}:9 refuses connections: nothing listens there" in await told(reach, f"{host}:9")


@ways
async def test_a_certificate_that_is_not_trusted(reach: Reach, venue: int, monkeypatch: pytest.MonkeyPatch):
    async with proxy_server("http", venue) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        with pytest.raises(CertificateNotTrusted, match=r"is not trusted .* SSL_CERT_FILE or in the setting"):
            await reach("venue.test")
        assert len(proxy.asked) == 1


@ways
async def test_a_server_without_tls(reach: Reach):
    async def speak_plainly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with serving(speak_plainly) as port:
        assert "it does not speak TLS as it should" in await told(reach, f"127.0.0.1:{port}")


@ways
@pytest.mark.parametrize("by", ["SSL_CERT_FILE", "SSL_CERT_DIR", "setting"])
async def test_a_companys_authority_is_trusted_where_it_is_named(
    reach: Reach,
    by: str,
    venue: int,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    if by == "SSL_CERT_FILE":
        monkeypatch.setenv(by, str(authority.file))
    elif by == "SSL_CERT_DIR":
        monkeypatch.setenv(by, str(_hashed(authority, tmp_path)))
    else:
        settings.use(NetworkSettings(ca_file=str(authority.file)))
    async with proxy_server("http", venue) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        await reach("venue.test")


async def test_a_certificate_for_another_host_is_not_trusted_though_its_authority_is(
    venue: int, authority: Authority, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with proxy_server("http", venue) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        for reach in WAYS:
            assert "Hostname mismatch" in await told(reach, "another.test")


@ways
@pytest.mark.parametrize("by", ["SSL_CERT_FILE", "SSL_CERT_DIR", "setting", "not PEM"])
async def test_an_authority_that_cannot_be_read_is_told_by_the_name_of_its_setting(
    reach: Reach, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if by.startswith("SSL"):
        monkeypatch.setenv(by, str(tmp_path / "missing"))
        named = by
    else:
        file = tmp_path / "authority.pem"
        if by == "not PEM":
            file.write_text("no certificate")
        settings.use(NetworkSettings(ca_file=str(file)))
        named = "the setting network.ca_file"
    with pytest.raises(UsageError, match=f"{named} names a "):
        await reach("venue.test")


async def test_certificates_are_loaded_once():
    assert await tls_context() is await tls_context()
    assert (await tls_context()).verify_mode is ssl.CERT_REQUIRED


# --- what answers, but is not the venue's data ------------------------------------------------------------------------

SIGN_IN = b"<!DOCTYPE html><html><head><title>Hotel &amp; WiFi</title><style>p{x}</style><script>var a='<p>no'</script>"
SIGN_IN += b"</head><body><p>Please <b>log in</b></p></body></html>"
MAINTENANCE = b"<html><body><h1>Scheduled maintenance</h1>Back at 10:00 UTC</body></html>"


async def _answered(reply: Reply) -> None:
    async with (
        loopback(lambda _request: reply) as venue,
        RestClient(venue.url, BinanceRest(lambda: 0), LimitScope()) as client,
    ):
        await client.call(RestRequest(path="/api/v3/time", timeout=5, repeatable=False))


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (
            Reply(SIGN_IN),
            BadResponse,
            r"a web page came in place of Binance's data, .* sign-in page: 'Hotel & WiFi Please log in'",
        ),
        (Reply(b"\xef\xbb\xbf\n <html>"), BadResponse, "a web page came in place of Binance's data"),
        (
            Reply(MAINTENANCE),
            VenueUnavailable,
            "down for maintenance or overloaded: 'Scheduled maintenance Back at 10:00 UTC'",
        ),
        (Reply(MAINTENANCE, 503), VenueUnavailable, "'Scheduled maintenance Back at 10:00 UTC'"),
        (Reply(b"upstream connect error", 502), VenueUnavailable, "'upstream connect error'"),
        (
            Reply(b"", 302, {"location": "https://portal.example/login?apiKey=hidden"}),
            BadResponse,
            "Binance sends to portal.example, which is not followed; a network's sign-in page does so too",
        ),
        (
            Reply(b'{"code":-1,"msg":"System maintenance until 10:00","data":null}'),
            VenueUnavailable,
            "Binance is down for maintenance or overloaded: 'System maintenance until 10:00'",
        ),
        (Reply(b"", 511), Exception, "this network wants a sign-in first"),
    ],
)
async def test_what_is_not_the_venues_data_is_told_in_its_own_words(
    reply: Reply, kind: type[Exception], text: str
):
    with pytest.raises(kind, match=text) as raised:
        await _answered(reply)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            b'{"code":-1,"msg":"System maintenance, back soon"}',
            "maintenance or overloaded: 'System maintenance, back",
        ),
        (b'{"error":{"message":"Region is closed"}}', "gave no prices but said: 'Region is closed'"),
        (b'{"error":["EGeneral:Nope"]}', "gave no prices but said: 'EGeneral:Nope'"),
        (b'{"surprise":1}', "prices cannot be read: Expected `array`"),
        (b"[" * 100_000, "prices cannot be read"),
    ],
)
def test_an_answer_of_another_form_keeps_the_venues_words(body: bytes, text: str):
    assert text in str(unreadable("Binance", "prices", body, "Expected `array`"))


async def test_an_acknowledgement_is_not_taken_for_an_explanation():
    for body in (
        b'{"code":200,"msg":"success"}',
        b'{"status":1}',
        b'{"msg":"upgrade soon","rows":[1]}',
        b"{}",
    ):
        await _answered(Reply(body))


def test_words_are_clean_short_and_hold_no_secret():
    page = b"<p>\x1b[31mDenied\x07: GET /api?apiKey=canary123456&signature=canary123456 " + b"x" * 5_000
    words = words_of(page)
    assert words.startswith("[31mDenied : GET /api?apiKey=***")
    assert "canary" not in words
    assert len(words) <= 200


def test_a_hostile_page_takes_no_time():
    for page in (b"<" * 1_000_000, b"<script" * 100_000, b"<p>" + b"&amp" * 300_000, b"{" * 1_000_000):
        words_of(page)


def _hashed(authority: Authority, folder: Path) -> Path:
    """A folder as `openssl rehash` leaves it: the hash of this subject is the same on every run."""
    (folder / f"{_SUBJECT_HASH}.0").write_bytes(authority.file.read_bytes())
    return folder


_SUBJECT_HASH = "9e685d7c"
