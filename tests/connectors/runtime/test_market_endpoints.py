from catalog.model import MarketType
from connectors.runtime.market_endpoints import of_market

ALL = {
    "rest": "http://a",
    "ws": "ws://a",
    "ws_api": "ws://a/api",
    "futures_rest": "http://b",
    "futures_ws": "ws://b",
}


def test_a_markets_own_addresses_come_before_the_common_ones() -> None:
    assert of_market(ALL, MarketType.FUTURES) == {"rest": "http://b", "ws": "ws://b", "ws_api": "ws://a/api"}


def test_other_markets_addresses_are_left_out() -> None:
    assert of_market(ALL, MarketType.SPOT) == {"rest": "http://a", "ws": "ws://a", "ws_api": "ws://a/api"}
