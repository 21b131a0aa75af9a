"""`exchangeInfo`: the instruments with their filters, and the limits."""

from decimal import Decimal
from typing import Any

import msgspec

from connectors.emulator.binance.core import Call, Core
from connectors.emulator.binance.errors import BAD_COMBINATION, BAD_SYMBOL, VenueRefusal, invalid_data
from connectors.emulator.binance.limits import RATE_LIMITS
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing

ORDER_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET")
MAX_OPEN_ORDERS = 200
PRICE_BAND_UP, PRICE_BAND_DOWN = Decimal(5), Decimal("0.2")
MAX_NOTIONAL = Decimal(9_000_000)
_PERMISSIONS = {"SPOT", "MARGIN", "LEVERAGED"}
_STATUSES = {"TRADING", "HALT", "BREAK"}


def market_max(instrument: Instrument) -> int:
    """The largest market order, in lots."""
    return instrument.max_quantity // 100


class ExchangeInfo:
    """Each symbol is described anew only when something in it has changed."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._symbols: dict[str, tuple[tuple[str, Decimal], msgspec.Raw]] = {}

    def answer(self, call: Call) -> Any:
        params = call.params
        listings = self._core.market.listings
        wanted = list(listings)
        if "symbol" in params and ("symbols" in params or "permissions" in params):
            raise VenueRefusal(*BAD_COMBINATION)
        if "symbol" in params:
            wanted = [params.symbol()]
        elif "symbols" in params:
            try:
                wanted = msgspec.json.decode(params.text("symbols"), type=list[str])
            except msgspec.MsgspecError:
                raise invalid_data("symbols") from None
        if "permissions" in params and not any(name in params.text("permissions") for name in _PERMISSIONS):
            raise invalid_data("permissions")
        status = params.optional("symbolStatus")
        if status is not None and status not in _STATUSES:
            raise invalid_data("symbolStatus")
        if any(symbol not in listings for symbol in wanted):
            raise VenueRefusal(*BAD_SYMBOL)
        return {
            "timezone": "UTC",
            "serverTime": self._core.now(),
            "rateLimits": RATE_LIMITS,
            "exchangeFilters": [],
            "symbols": [self._raw(symbol) for symbol in wanted if status in (None, listings[symbol].status)],
        }

    def without_symbols(self) -> dict[str, Any]:
        """What a client that also asks for the venue's futures gets here: there are none."""
        return {
            "timezone": "UTC",
            "serverTime": self._core.now(),
            "rateLimits": [],
            "exchangeFilters": [],
            "assets": [],
            "symbols": [],
        }

    def _raw(self, symbol: str) -> msgspec.Raw:
        listing = self._core.market.listings[symbol]
        state = (listing.status, listing.tick)
        known = self._symbols.get(symbol)
        if known is None or known[0] != state:
            known = state, msgspec.Raw(msgspec.json.encode(_described(listing)))
            self._symbols[symbol] = known
        return known[1]


def _described(listing: Listing) -> dict[str, Any]:
    instrument = listing.instrument
    return {
        "symbol": instrument.symbol,
        "status": listing.status,
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "amendAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(instrument, listing.tick),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def _filters(instrument: Instrument, tick: Decimal) -> list[dict[str, Any]]:
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": f"{tick:.8f}",
            "maxPrice": instrument.price_text(instrument.max_price),
            "tickSize": f"{tick:.8f}",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": instrument.quantity_text(1),
            "maxQty": instrument.quantity_text(instrument.max_quantity),
            "stepSize": instrument.quantity_text(1),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": instrument.quantity_text(market_max(instrument)),
            "stepSize": "0.00000000",
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": str(PRICE_BAND_UP),
            "bidMultiplierDown": str(PRICE_BAND_DOWN),
            "askMultiplierUp": str(PRICE_BAND_UP),
            "askMultiplierDown": str(PRICE_BAND_DOWN),
            "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": f"{instrument.min_notional:.8f}",
            "applyMinToMarket": True,
            "maxNotional": f"{MAX_NOTIONAL:.8f}",
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MAX_OPEN_ORDERS},
    ]
