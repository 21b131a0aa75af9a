"""Binance, spot and USD-M futures: market data, streams and signed account reads, by the venue's own protocol."""

from typing import TYPE_CHECKING

from catalog.model import MarketType
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle

if TYPE_CHECKING:
    from connectors.streaming.replay import VenueReplay


def create_connector(context: ConnectorContext) -> ExchangeConnectorBundle:
    """The bundle of one market and environment. No I/O.

    Raises `UnsupportedMarket`, and `UsageError` where an address is missing or unsafe.
    """
    # Imported here, so that naming the connector costs nothing.
    from connectors.venues.binance.account import BinanceAccountApi  # noqa: PLC0415
    from connectors.venues.binance.adapters import adapters_for  # noqa: PLC0415
    from connectors.venues.binance.client import BinanceClientService  # noqa: PLC0415
    from connectors.venues.binance.futures_account import BinanceFuturesAccountApi  # noqa: PLC0415
    from connectors.venues.binance.market import BinanceMarketApi  # noqa: PLC0415
    from connectors.venues.binance.orders import order_api  # noqa: PLC0415
    from connectors.venues.binance.ws import BinanceWsManager  # noqa: PLC0415

    client = BinanceClientService(context)
    market_api = BinanceMarketApi(client)
    account_api = BinanceAccountApi if context.market_type is MarketType.SPOT else BinanceFuturesAccountApi
    return ExchangeConnectorBundle(
        client=client,
        ws=BinanceWsManager(client, market_api),
        account_api=account_api(client),
        market_api=market_api,
        order_api=order_api(),
        adapters=adapters_for(context.market_type),
    )


def create_replay(market_type: MarketType) -> "VenueReplay":
    """What plays recordings of one market. Raises `UnsupportedMarket`."""
    from connectors.venues.binance.replay import BinanceReplay  # noqa: PLC0415

    return BinanceReplay(market_type)
