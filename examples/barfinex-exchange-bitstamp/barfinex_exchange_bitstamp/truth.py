"""What Bitstamp says over REST about a stream that is silent: cheap calls, of which an address has 400 a second."""

from barfinex_exchange_bitstamp.client import BitstampClientService
from barfinex_exchange_bitstamp.market import BitstampMarketApi
from connectors.contracts.events import OrderBookUpdate


class BitstampTruth:
    """Shared by all channels of a connector. Every call raises a `BarfinexError` where there is no answer."""

    def __init__(self, client: BitstampClientService, market_api: BitstampMarketApi) -> None:
        self._client = client
        self._market_api = market_api
        self._last_trades: dict[str, int] = {}

    async def last_trade(self, symbol: str) -> int:
        """The id of the newest trade that the venue ever told of; -1 where it told of none.

        The venue is asked for the last minute: what is older than that was asked about before.
        """
        told = await self._market_api.get_last_trade_id(self._client.instrument(symbol))
        newest = max(-1 if told is None else told, self._last_trades.get(symbol, -1))
        self._last_trades[symbol] = newest
        return newest

    async def book(self, symbol: str) -> OrderBookUpdate:
        """The best levels, because the venue's time of its book may be that of the question."""
        return await self._market_api.get_book(self._client.instrument(symbol))
