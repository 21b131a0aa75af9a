"""Known answers of the venue's documentation (its own sample keys)."""

import hashlib
import hmac
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contracts.credentials import Credentials, Signer
from connectors.contracts.errors import InvalidCredentials, MissingCredentials
from connectors.venues.binance.signing import (
    ApiKey,
    encoded,
    rest_signature,
    signed_query,
    ws_payload,
    ws_signature,
)

SPOT_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SPOT_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
FUTURES_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"


def signer(secret: str) -> Signer:
    return Credentials({"secret": secret}).hmac_sha256("secret")


def order(symbol: str) -> list[tuple[str, str]]:
    return [
        ("symbol", symbol),
        ("side", "BUY"),
        ("type", "LIMIT"),
        ("timeInForce", "GTC"),
        ("quantity", "1"),
        ("price", "0.1"),
        ("recvWindow", "5000"),
        ("timestamp", "1499827319559"),
    ]


@pytest.mark.parametrize(
    ("symbol", "payload", "signature"),
    [
        (
            "LTCBTC",
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
        ),
        (
            "１２３４５６",
            "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
        ),
    ],
    ids=["V1", "V2"],
)
def test_spot_rest(symbol: str, payload: str, signature: str) -> None:
    assert encoded(order(symbol)) == payload
    assert signed_query(order(symbol), signer(SPOT_SECRET)) == f"{payload}&signature={signature}"


@pytest.mark.parametrize(
    ("params", "signature"),
    [
        (
            {
                "symbol": "BTCUSDT",
                "side": "SELL",
                "type": "LIMIT",
                "timeInForce": "GTC",
                "quantity": "0.01000000",
                "price": "52000.00",
                "recvWindow": 100,
                "timestamp": 1645423376532,
                "apiKey": SPOT_KEY,
            },
            "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
        ),
        (
            {
                "symbol": "１２３４５６",
                "side": "BUY",
                "type": "LIMIT",
                "timeInForce": "GTC",
                "quantity": "1.00000000",
                "price": "0.10000000",
                "recvWindow": 5000,
                "timestamp": 1645423376532,
                "apiKey": SPOT_KEY,
            },
            "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
        ),
    ],
    ids=["V3", "V4"],
)
def test_spot_websocket_api(params: dict[str, str | int], signature: str) -> None:
    assert ws_signature(params, signer(SPOT_SECRET)) == signature
    assert ws_signature({**params, "signature": "an old one"}, signer(SPOT_SECRET)) == signature


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943",
            "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
            "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
            "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4",
        ),
    ],
    ids=["V5", "V6: query and body joined without a separator"],
)
def test_futures_rest(payload: str, signature: str) -> None:
    assert rest_signature(payload, signer(FUTURES_SECRET)) == signature


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=12)), max_size=6))
def test_a_query_is_plain_ascii_and_reads_back(params: list[tuple[str, str]]) -> None:
    query = encoded(params)
    assert query.isascii()
    assert parse_qsl(query, keep_blank_values=True) == params
    signed = signed_query(params, signer("s"))
    assert signed.endswith("&signature=" + hmac.new(b"s", query.encode(), hashlib.sha256).hexdigest())


def test_a_keys_calls_carry_window_time_and_signature_last() -> None:
    key = ApiKey(Credentials({"apiKey": SPOT_KEY, "apiSecret": SPOT_SECRET}))
    names = [name for name, _ in parse_qsl(key.signed_query((("a", "1"),), 1_700_000_000_000))]
    assert names == ["a", "recvWindow", "timestamp", "signature"]
    params = key.ws_params({}, 1_700_000_000_000)
    assert params["apiKey"] == SPOT_KEY
    assert ws_payload(params) == f"apiKey={SPOT_KEY}&recvWindow=5000&timestamp=1700000000000".encode()
    assert params["signature"] == ws_signature(params, signer(SPOT_SECRET))


def test_missing_fields_are_named_by_label() -> None:
    with pytest.raises(MissingCredentials, match="API Key, API Secret"):
        ApiKey(Credentials({}))
    with pytest.raises(MissingCredentials, match="needs: API Secret"):
        ApiKey(Credentials({"apiKey": "x"}))


@pytest.mark.parametrize("key", ["a b", "a\r\nX-Evil: 1", "clé", "\x00", " ", "a" * 513])
def test_a_key_that_cannot_be_a_header_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(InvalidCredentials) as refused:
        ApiKey(Credentials({"apiKey": key, "apiSecret": "s"}))
    assert key not in str(refused.value) or key == " "
