"""Bitstamp, spot: public market data by the venue's own protocol. Needs no key."""

from typing import TYPE_CHECKING

from catalog.model import MarketType
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle

if TYPE_CHECKING:
    from connectors.toolkit import VenueReplay


def create_connector(context: ConnectorContext) -> ExchangeConnectorBundle:
    """The bundle of one market and environment. No I/O.

    Raises `UnsupportedMarket`, and `UsageError` where an address is missing or unsafe.
    """
    # Imported here, so that naming the connector costs nothing.
    from barfinex_exchange_bitstamp.account import account_api  # noqa: PLC0415
    from barfinex_exchange_bitstamp.adapters import adapters  # noqa: PLC0415
    from barfinex_exchange_bitstamp.client import BitstampClientService  # noqa: PLC0415
    from barfinex_exchange_bitstamp.market import BitstampMarketApi  # noqa: PLC0415
    from barfinex_exchange_bitstamp.orders import order_api  # noqa: PLC0415
    from barfinex_exchange_bitstamp.ws import BitstampWsManager  # noqa: PLC0415

    client = BitstampClientService(context)
    market_api = BitstampMarketApi(client)
    return ExchangeConnectorBundle(
        client=client,
        ws=BitstampWsManager(client, market_api),
        account_api=account_api(),
        market_api=market_api,
        order_api=order_api(),
        adapters=adapters(),
    )


def create_replay(market_type: MarketType) -> "VenueReplay":
    """What plays recordings of one market. Raises `UnsupportedMarket`."""
    from barfinex_exchange_bitstamp.replay import replay  # noqa: PLC0415

    return replay(market_type)
