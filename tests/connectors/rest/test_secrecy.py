"""No key and no signature in any log line, error, traceback or repr."""

import logging
import pickle
import traceback

import pytest

from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import BarfinexError
from connectors.rest.client import RestClient
from connectors.rest.limits import LimitScope
from connectors.rest.requests import RestRequest
from connectors.venues.binance.rest import BinanceRest
from connectors.venues.binance.signing import ApiKey
from tests.connectors.rest.server import Reply, Request, loopback

KEY = "canaryKey0123456789canaryKey"
SECRET = "canarySecret9876543210canarySecret"

FAULTS = {
    "good": Reply(),
    "unauthorised": Reply(b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}', 401),
    "bad signature": Reply(b'{"code":-1022,"msg":"Signature for this request is not valid."}', 400),
    "down": Reply(b"<html>", 503),
    "limited": Reply(b"{}", 429, {"Retry-After": "60"}),
    "moved": Reply(b"", 302, {"Location": "https://example.com/"}),
    "cut": Reply(cut=True),
    "silent": Reply(hang=True),
    "too long": Reply(b"x" * 100_000),
    "garbage": Reply(b"\x1f\x8b", headers={"content-encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_signed_call_leaks_nothing_however_it_ends(
    fault: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    signatures: list[str] = []
    taped: list[tuple[str, str, int, bytes]] = []

    def handler(request: Request) -> Reply:
        assert request.headers["x-mbx-apikey"] == KEY
        signatures.append(request.params["signature"])
        return FAULTS[fault]

    venue = BinanceRest(lambda: 1_700_000_000_000)
    venue.api_key = ApiKey(Credentials({"apiKey": KEY, "apiSecret": SECRET}))
    text = ""
    async with (
        loopback(handler) as server,
        RestClient(server.url, venue, LimitScope(), tap=lambda *call: taped.append(call)) as client,
    ):
        try:
            await client.call(RestRequest(path="/api/v3/account", signed=True, timeout=1, max_bytes=10_000))
        except BarfinexError as error:
            text = "".join(traceback.TracebackException.from_exception(error).format())
            text += repr(error) + repr(error.__cause__)
        text += repr(client) + repr(venue) + repr(venue.api_key)
    captured = capfd.readouterr()
    text += caplog.text + captured.out + captured.err + repr(taped)
    assert signatures
    assert "During handling" not in text, "an error of the HTTP library, which knows URL and headers, is kept"
    for secret in (KEY, SECRET, "canary", *signatures, "1700000000000"):
        assert secret not in text


def test_a_key_is_neither_shown_nor_pickled() -> None:
    key = ApiKey(Credentials({"apiKey": KEY, "apiSecret": SECRET}))
    assert "canary" not in repr(key)
    assert "canary" not in repr(key.signed_query)
    with pytest.raises(TypeError):
        pickle.dumps(key)
