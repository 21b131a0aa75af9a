"""Connectors with one defect each, and the case that must catch it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.model import MarketType
from connectors.contracts.refusals import RefusedOrders
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.venues.binance.account import BinanceAccountApi
from connectors.venues.binance.adapters import adapters_for
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.orders import order_api
from connectors.venues.binance.ws import BinanceWsManager

Make = Callable[[ConnectorContext], ExchangeConnectorBundle]


@dataclass(frozen=True)
class Wrong:
    name: str
    make: Make
    caught_by: str
    says: str
    """A part of what the case says of it."""
    module: str
    features: Mapping[str, bool] = field(default_factory=dict)


WRONG: dict[str, Wrong] = {}


def wrong(caught_by: str, says: str, **features: bool) -> Callable[[Any], Any]:
    """Registers a function that makes a bundle, or a class that takes the place of Binance's."""

    def register(made: Any) -> Any:
        name = made.__name__
        assert name not in WRONG
        WRONG[name] = Wrong(name, _maker(made), caught_by, says, made.__module__, features)
        return made

    return register


def _maker(made: Any) -> Make:
    if not isinstance(made, type):
        return made
    parts = {
        "ws": BinanceWsManager,
        "client": BinanceClientService,
        "market": BinanceMarketApi,
        "account": BinanceAccountApi,
        "orders": RefusedOrders,
    }
    part = next(name for name, base in parts.items() if issubclass(made, base))
    return lambda context: binance_with(context, **{part: made})


def binance_with(
    context: ConnectorContext,
    *,
    ws: Callable[..., Any] = BinanceWsManager,
    client: Callable[..., Any] = BinanceClientService,
    market: Callable[..., Any] = BinanceMarketApi,
    account: Callable[..., Any] = BinanceAccountApi,
    orders: Callable[..., Any] = order_api,
) -> ExchangeConnectorBundle:
    """Binance's spot connector with some of its parts replaced."""
    assert context.market_type is MarketType.SPOT
    service = client(context)
    market_api = market(service)
    return ExchangeConnectorBundle(
        client=service,
        ws=ws(service, market_api),
        account_api=account(service),
        market_api=market_api,
        order_api=orders(),
        adapters=adapters_for(context.market_type),
    )
