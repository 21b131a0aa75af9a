import pytest

from catalog.model import MarketType
from connectors.contracts.errors import UnsupportedMarket
from connectors.venues.binance.endpoints import SPOT, USD_M, SteppedCall, endpoints_for


@pytest.mark.parametrize(
    ("call", "limit", "weight", "asked"),
    [
        (SPOT.depth, 100, 5, 100),
        (SPOT.depth, 101, 25, 101),
        (SPOT.depth, 9_999, 250, 5_000),
        (SPOT.klines, 1_500, 2, 1_000),
        (USD_M.depth, 1, 2, 5),
        (USD_M.depth, 60, 5, 100),
        (USD_M.depth, 1_000, 20, 1_000),
        (USD_M.depth, 5_000, 20, 1_000),
        (USD_M.klines, 0, 1, 1),
        (USD_M.klines, 99, 1, 99),
        (USD_M.klines, 100, 2, 100),
        (USD_M.klines, 500, 5, 500),
        (USD_M.klines, 1_000, 5, 1_000),
        (USD_M.klines, 1_001, 10, 1_001),
        (USD_M.klines, 9_999, 10, 1_500),
    ],
)
def test_what_a_limit_weighs_and_what_is_asked_for(
    call: SteppedCall, limit: int, weight: int, asked: int
) -> None:
    made, number = call.of(limit)
    assert (made.path, made.weight, number) == (call.path, weight, asked)


def test_each_market_has_its_own() -> None:
    assert endpoints_for(MarketType.SPOT).time.path == "/api/v3/time"
    assert endpoints_for(MarketType.FUTURES).time.path == "/fapi/v1/time"
    with pytest.raises(UnsupportedMarket):
        endpoints_for(MarketType.MARGIN)
