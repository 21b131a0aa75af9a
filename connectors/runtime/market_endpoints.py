"""From the addresses of a whole venue to those of one market of it."""

from collections.abc import Mapping

from catalog.model import MarketType


def of_market(endpoints: Mapping[str, str], market_type: MarketType) -> dict[str, str]:
    """A name that begins with a market (`futures_ws`) stands for that market alone, and there before the common one.

    >>> of_market({"ws": "ws://a", "futures_ws": "ws://b"}, MarketType.FUTURES)
    {'ws': 'ws://b'}
    """
    prefixes = {market: f"{market.value}_" for market in MarketType}
    common = {name: url for name, url in endpoints.items() if not name.startswith(tuple(prefixes.values()))}
    own = prefixes[market_type]
    return common | {name.removeprefix(own): url for name, url in endpoints.items() if name.startswith(own)}
