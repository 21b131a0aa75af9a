"""`exchangeInfo`: the contracts with their filters, and the limits."""

from decimal import Decimal
from typing import Any

from connectors.emulator.binance.core import Call, Core
from connectors.emulator.binance.usdm.contracts import PERPETUAL_DELIVERY, is_perpetual, pair_of
from connectors.emulator.candles import DAY
from connectors.emulator.history import LISTED
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing

WEIGHT_LIMIT = 2_400
ORDER_TYPES = ("LIMIT", "MARKET")
_QUARTER = 91 * DAY
_RATE_LIMITS: list[dict[str, object]] = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": WEIGHT_LIMIT},
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1_200},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
]
_ASSETS = [
    {"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"},
    {"asset": "BNB", "marginAvailable": True, "autoAssetExchange": "-10"},
]


class ExchangeInfo:
    def __init__(self, core: Core, delivery: int) -> None:
        self._core = core
        self._delivery = delivery

    def answer(self, _call: Call) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": self._core.now(),
            "futuresType": "U_MARGINED",
            "rateLimits": _RATE_LIMITS,
            "exchangeFilters": [],
            "assets": _ASSETS,
            "symbols": [
                _described(listing, self._delivery) for listing in self._core.market.listings.values()
            ],
        }


def _described(listing: Listing, delivery: int) -> dict[str, Any]:
    instrument = listing.instrument
    perpetual = is_perpetual(instrument)
    return {
        "symbol": instrument.symbol,
        "pair": pair_of(instrument),
        "contractType": "PERPETUAL" if perpetual else "CURRENT_QUARTER",
        "deliveryDate": PERPETUAL_DELIVERY if perpetual else delivery,
        "onboardDate": LISTED if perpetual else delivery - _QUARTER,
        "status": listing.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.quote,
        "pricePrecision": _digits(listing.tick),
        "quantityPrecision": _digits(instrument.lot),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(instrument, listing.tick),
        "orderTypes": ORDER_TYPES,
        "timeInForce": ("GTC", "IOC", "FOK", "GTX", "GTD"),
    }


def _digits(step: Decimal) -> int:
    """After the point."""
    return len(f"{step.normalize():f}".partition(".")[2])


def _filters(instrument: Instrument, tick: Decimal) -> list[dict[str, Any]]:
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": f"{tick:f}",
            "maxPrice": f"{instrument.price(instrument.max_price):f}",
            "tickSize": f"{tick:f}",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": f"{instrument.lot:f}",
            "maxQty": f"{instrument.quantity(instrument.max_quantity):f}",
            "stepSize": f"{instrument.lot:f}",
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": f"{instrument.lot:f}",
            "maxQty": f"{instrument.quantity(instrument.max_quantity // 100):f}",
            "stepSize": f"{instrument.lot:f}",
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": str(instrument.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
    ]
