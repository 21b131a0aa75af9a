"""Paths, weights and page sizes of Binance's REST calls, a table a market."""

from dataclasses import dataclass

from catalog.model import MarketType
from connectors.contracts.errors import UnsupportedMarket

WEIGHT = "REQUEST_WEIGHT"
RAW = "RAW_REQUESTS"


@dataclass(frozen=True, slots=True)
class Call:
    path: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`depth` maps the largest limit of each step to its weight; `limits` are held until `exchangeInfo` names them."""

    time: Call
    exchange_info: Call
    klines: Call
    klines_page: int
    tickers: Call
    depth_path: str
    depth: tuple[tuple[int, int], ...]
    account: Call
    key_rights: Call | None
    limits: tuple[tuple[str, int, float], ...]

    def depth_call(self, limit: int) -> tuple[Call, int]:
        """The call and the limit to ask for: the deepest book there is where more is wanted."""
        deepest, heaviest = self.depth[-1]
        weight = next((cost for most, cost in self.depth if limit <= most), heaviest)
        return Call(self.depth_path, weight), max(1, min(limit, deepest))


SPOT = Endpoints(
    time=Call("/api/v3/time"),
    exchange_info=Call("/api/v3/exchangeInfo", 20),
    klines=Call("/api/v3/klines", 2),
    klines_page=1000,
    tickers=Call("/api/v3/ticker/24hr", 80),
    depth_path="/api/v3/depth",
    depth=((100, 5), (500, 25), (1000, 50), (5000, 250)),
    account=Call("/api/v3/account", 20),
    key_rights=Call("/sapi/v1/account/apiRestrictions"),
    limits=((WEIGHT, 6000, 60.0), (RAW, 61_000, 300.0)),
)

_BY_MARKET = {MarketType.SPOT: SPOT}


def endpoints_for(market_type: MarketType) -> Endpoints:
    """Raises `UnsupportedMarket`."""
    try:
        return _BY_MARKET[market_type]
    except KeyError:
        raise UnsupportedMarket("binance", market_type, [market.value for market in _BY_MARKET]) from None
