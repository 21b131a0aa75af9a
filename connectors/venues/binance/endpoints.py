"""Paths, weights and page sizes of Binance's REST calls, a table a market.

Sources: binance-spot-api-docs, rest-api.md; USD-M futures, REST market data and account endpoints.
"""

from dataclasses import dataclass

from catalog.model import MarketType
from connectors.contracts.errors import UnsupportedMarket
from connectors.rest.requests import Params

WEIGHT = "REQUEST_WEIGHT"
RAW = "RAW_REQUESTS"


@dataclass(frozen=True, slots=True)
class Call:
    path: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class SteppedCall:
    """A call whose weight grows with its `limit`: `steps` maps the largest limit of each step to its weight.

    `only_steps`: the venue takes no limits but those.
    """

    path: str
    steps: tuple[tuple[int, int], ...]
    only_steps: bool = False

    @property
    def most(self) -> int:
        """The largest limit there is."""
        return self.steps[-1][0]

    def of(self, limit: int) -> tuple[Call, int]:
        """The call and the limit to ask for: the largest one where more is wanted."""
        step, weight = next((each for each in self.steps if limit <= each[0]), self.steps[-1])
        return Call(self.path, weight), step if self.only_steps else max(1, min(limit, self.most))


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`price` weighs so much for one symbol and twice that for all; `account` proves a key; `limits` are held until
    `exchangeInfo` names them."""

    time: Call
    exchange_info: Call
    exchange_info_params: Params
    klines: SteppedCall
    tickers: Call
    price: Call
    depth: SteppedCall
    account: Call
    limits: tuple[tuple[str, int, float], ...]


SPOT = Endpoints(
    time=Call("/api/v3/time"),
    exchange_info=Call("/api/v3/exchangeInfo", 20),
    # The permission sets are most of the answer and not used.
    exchange_info_params=(("showPermissionSets", "false"),),
    klines=SteppedCall("/api/v3/klines", ((1000, 2),)),
    tickers=Call("/api/v3/ticker/24hr", 80),
    price=Call("/api/v3/ticker/price", 2),
    depth=SteppedCall("/api/v3/depth", ((100, 5), (500, 25), (1000, 50), (5000, 250))),
    account=Call("/api/v3/account", 20),
    limits=((WEIGHT, 6000, 60.0), (RAW, 61_000, 300.0)),
)

USD_M = Endpoints(
    time=Call("/fapi/v1/time"),
    exchange_info=Call("/fapi/v1/exchangeInfo"),
    exchange_info_params=(),
    klines=SteppedCall("/fapi/v1/klines", ((99, 1), (499, 2), (1000, 5), (1500, 10))),
    tickers=Call("/fapi/v1/ticker/24hr", 40),
    price=Call("/fapi/v2/ticker/price", 1),
    depth=SteppedCall(
        "/fapi/v1/depth",
        ((5, 2), (10, 2), (20, 2), (50, 2), (100, 5), (500, 10), (1000, 20)),
        only_steps=True,
    ),
    account=Call("/fapi/v3/balance", 5),
    limits=((WEIGHT, 2400, 60.0),),
)

POSITIONS = Call("/fapi/v3/positionRisk", 5)
AGGREGATES = Call("/fapi/v1/aggTrades", 20)
LISTEN_KEY = Call("/fapi/v1/listenKey")
KEY_RIGHTS = Call("/sapi/v1/account/apiRestrictions")
"""Of all markets; it is served where spot is, on the live site only."""

_BY_MARKET = {MarketType.SPOT: SPOT, MarketType.FUTURES: USD_M}


def endpoints_for(market_type: MarketType) -> Endpoints:
    """Raises `UnsupportedMarket`."""
    try:
        return _BY_MARKET[market_type]
    except KeyError:
        raise UnsupportedMarket("binance", market_type, [market.value for market in _BY_MARKET]) from None
