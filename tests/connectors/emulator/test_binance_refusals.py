"""What the venue refuses, and its exact code for it. Nothing here changes the venue, so one serves all."""

import json

import pytest

from connectors.emulator.accounts import TRADE_KEY
from connectors.emulator.clock import ManualClock
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.emulator.messages import Request, Response
from tests.connectors.emulator.support import START, signed


@pytest.fixture(scope="module")
def venue() -> Emulator:
    return Emulator("binance", EmulatorOptions(seed=1), clock=ManualClock(START))


def ask(venue: Emulator, method: str, url: str, headers: dict[str, str] | None = None) -> Response:
    path, _, query = url.partition("?")
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return venue.dialect.answer(Request(method, path, query, b"", lower, "127.0.0.1"))


def refusal(answer: Response) -> tuple[int, str]:
    content = json.loads(answer.body)
    return content["code"], content["msg"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("depth", -1102),
        ("depth?symbol=", -1102),
        ("depth?symbol=btcusdt", -1100),
        ("depth?symbol=NOSUCH", -1121),
        ("depth?symbol=BTCUSDT&limit=x", -1100),
        ("depth?symbol=BTCUSDT&limit=0", -1130),
        ("depth?symbol=BTCUSDT&depth=5", -1104),
        ("time?x=1", -1101),
        ("klines?symbol=BTCUSDT", -1102),
        ("klines?symbol=BTCUSDT&interval=7m", -1120),
        ("klines?symbol=BTCUSDT&interval=1M&limit=", -1105),
        ("exchangeInfo?symbol=NOSUCH", -1121),
        ("exchangeInfo?symbol=BTCUSDT&symbols=[]", -1128),
        ("ticker/24hr?symbol=BTCUSDT&type=HUGE", -1130),
    ],
)
def test_a_bad_public_request_is_refused_in_the_venues_words(venue: Emulator, path: str, code: int):
    answer = ask(venue, "GET", f"/api/v3/{path}")
    assert (answer.status, refusal(answer)[0]) == (400, code)


LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "60000",
}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


@pytest.mark.parametrize(
    ("order", "code", "message"),
    [
        (LIMIT | {"price": "60000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        (LIMIT | {"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        (LIMIT | {"quantity": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
        (LIMIT | {"price": "1"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        (LIMIT | {"quantity": "0"}, -1013, "Invalid quantity."),
        (LIMIT | {"quantity": "0.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
        (LIMIT | {"quantity": "-1"}, -1100, None),
        (LIMIT | {"quantity": "NaN"}, -1100, None),
        (LIMIT | {"side": "HOLD"}, -1117, "Invalid side."),
        (LIMIT | {"type": "ICEBERG"}, -1116, "Invalid orderType."),
        (LIMIT | {"timeInForce": "GTD"}, -1115, "Invalid timeInForce."),
        (LIMIT | {"newClientOrderId": "no spaces"}, -1100, None),
        (LIMIT | {"quantity": "3"}, -2010, "Account has insufficient balance for requested action."),
        (MARKET | {"price": "60000"}, -1106, "Parameter 'price' sent when not required."),
        (MARKET | {"quoteOrderQty": "10"}, -1128, "Combination of optional parameters invalid."),
        (MARKET | {"quantity": "100000"}, -1013, "Filter failure: MARKET_LOT_SIZE"),
        (
            {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT_MAKER", "quantity": "0.01", "price": "70000"},
            -2010,
            "Order would immediately match and take.",
        ),
    ],
)
def test_a_bad_order_is_refused_in_the_venues_words(
    venue: Emulator, order: dict[str, str], code: int, message: str | None
):
    query, headers = signed(venue, **order)
    answer = ask(venue, "POST", f"/api/v3/order?{query}", headers)
    assert (answer.status, refusal(answer)[0]) == (400, code)
    assert message is None or refusal(answer)[1] == message
    assert not venue.market.engine.open_orders(venue.market.accounts.key(TRADE_KEY).account)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"key": ""}, 401, -2014),
        ({"key": "not a key!"}, 401, -2014),
        ({"key": "unknown-key"}, 401, -2015),
        ({"secret": "wrong"}, 400, -1022),
        ({"timestamp": 1}, 400, -1021),
        ({"recvWindow": 60_001}, 400, -1131),
        ({"recvWindow": "x"}, 400, -1100),
        ({"timestamp": ""}, 400, -1105),
    ],
)
def test_a_bad_signed_request_is_refused_in_the_venues_words(
    venue: Emulator, change: dict[str, str], status: int, code: int
):
    query, headers = signed(venue, **change)
    answer = ask(venue, "GET", f"/api/v3/account?{query}", headers)
    assert (answer.status, refusal(answer)[0]) == (status, code)
