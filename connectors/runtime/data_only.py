"""The order API of an entry that takes no orders."""

from dataclasses import replace

from connectors.contracts.refusals import RefusedOrders
from connectors.contracts.services import ExchangeConnectorBundle


def refuse_orders(bundle: ExchangeConnectorBundle, display_name: str) -> ExchangeConnectorBundle:
    """Every order call raises `NotSupported`, whatever the connector's own order API would have done."""
    return replace(bundle, order_api=RefusedOrders(f"{display_name} is a data provider: it takes no orders"))
