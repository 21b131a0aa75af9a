"""Signatures and times, judged as the venue judges them."""

from urllib.parse import parse_qsl

import pytest

from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET, Account, ApiKey
from connectors.emulator.binance.auth import (
    check_signature,
    check_time,
    rest_payload,
    signature_of,
    ws_payload,
)
from connectors.emulator.binance.errors import VenueRefusal
from connectors.emulator.binance.params import Params
from tests.connectors.emulator.support import rest_client, still_emulator

# The venue's own published example key: known answers V1 to V4 of its documentation.
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
EXAMPLE = ApiKey(KEY, SECRET, Account(1, "example"))
V1 = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
V1_SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
V2 = V1.replace("LTCBTC", "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96")
V2_SIGNATURE = "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"
V3 = (
    f"apiKey={KEY}&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
    "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"
)
V3_SIGNATURE = "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"
V4 = (
    f"apiKey={KEY}&price=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY&symbol=１２３４５６"
    "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"
)
V4_SIGNATURE = "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"


@pytest.mark.parametrize(("payload", "signature"), [(V1, V1_SIGNATURE), (V2, V2_SIGNATURE)])
@pytest.mark.parametrize("split_at", [0, 14, None])
def test_the_published_rest_signatures_are_accepted_in_query_and_body(
    payload: str, signature: str, split_at: int | None
):
    query, body = payload[:split_at], payload[split_at:] if split_at is not None else ""
    for signed_query, signed_body in (
        (f"{query}&signature={signature}" if query else f"signature={signature}", body),
        (query, f"{body}&signature={signature}" if body else f"signature={signature}"),
    ):
        check_signature(EXAMPLE, *rest_payload(signed_query, signed_body))


@pytest.mark.parametrize(("payload", "signature"), [(V3, V3_SIGNATURE), (V4, V4_SIGNATURE)])
def test_the_published_websocket_signatures_are_accepted_in_any_order(payload: str, signature: str):
    pairs = [part.split("=", 1) for part in payload.split("&")]
    params = dict([*reversed(pairs), ["signature", signature]])
    assert ws_payload(params) == payload
    check_signature(EXAMPLE, ws_payload(params), params["signature"])


def test_a_signature_is_hexadecimal_in_either_case_and_over_what_was_sent_not_what_it_means():
    check_signature(EXAMPLE, V1, V1_SIGNATURE.upper())
    reordered = "&".join(reversed(V1.split("&")))
    assert dict(parse_qsl(reordered)) == dict(parse_qsl(V1))
    with pytest.raises(VenueRefusal) as refused:
        check_signature(EXAMPLE, reordered, V1_SIGNATURE)
    assert refused.value.code == -1022


@pytest.mark.parametrize(
    ("ago", "window", "accepted"),
    [
        (0, None, True),
        (5_000, None, True),
        (5_001, None, False),
        (-999, None, True),
        (-1_000, None, False),
        (60_000, "60000", True),
        (100, "99.999", False),
        (100, "100.000", True),
    ],
)
@pytest.mark.parametrize("unit", [1, 1_000])
def test_the_time_window_is_exact_in_milliseconds_and_microseconds(
    ago: int, window: str | None, accepted: bool, unit: int
):
    now = 1_790_000_000_000
    values = {"timestamp": str((now - ago) * unit)} | ({"recvWindow": window} if window else {})
    if accepted:
        check_time(Params(values), now)
        return
    with pytest.raises(VenueRefusal) as refused:
        check_time(Params(values), now)
    assert refused.value.code == -1021


async def test_signature_and_time_are_mandatory():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        headers = {"X-MBX-APIKEY": TRADE_KEY}
        for query, missing in (
            (f"signature={signature_of('', TRADE_SECRET)}", "timestamp"),
            (f"timestamp={emulator.clock.now()}", "signature"),
        ):
            answer = await client.get(f"/api/v3/account?{query}", headers=headers)
            assert answer.json() == {
                "code": -1102,
                "msg": f"Mandatory parameter '{missing}' was not sent, was empty/null, or malformed.",
            }
