"""Bitstamp's streams: trades, order books and the instrument list. It streams neither candles nor prices."""

from barfinex_exchange_bitstamp.client import BitstampClientService
from barfinex_exchange_bitstamp.decode import decode_trade
from barfinex_exchange_bitstamp.dialect import BitstampDialect
from barfinex_exchange_bitstamp.live import WholeBookFeed
from barfinex_exchange_bitstamp.market import BitstampMarketApi
from barfinex_exchange_bitstamp.stream_names import name_of, topic_of
from barfinex_exchange_bitstamp.symbols import SYMBOLS
from barfinex_exchange_bitstamp.truth import BitstampTruth
from connectors.toolkit import Checks, StreamManager, StreamPlan, TradeFeed, address


class BitstampWsManager(StreamManager):
    """Implements `ExchangeWsManager` for spot. Raises `UsageError` where the environment names no address."""

    def __init__(self, client: BitstampClientService, market_api: BitstampMarketApi) -> None:
        truth = BitstampTruth(client, market_api)
        super().__init__(
            client,
            plan_for(address(client.context, "ws")),
            snapshot=market_api.get_book,
            snapshots_a_minute=600,
            checks=Checks(trades=truth.last_trade, books=truth.book),
        )


def plan_for(base_url: str) -> StreamPlan:
    """Trades are told apart by their ids: these grow, but do not follow one another, so a gap cannot be seen."""
    return StreamPlan(
        dialect=BitstampDialect(base_url),
        name_of=name_of,
        topic_of=topic_of,
        symbol_of=SYMBOLS.__getitem__,
        trades=lambda channel, check: TradeFeed(channel, decode_trade, consecutive=False, check=check),
        books=WholeBookFeed,
    )
