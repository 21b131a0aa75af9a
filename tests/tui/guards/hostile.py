"""A catalog in which every text is hostile: what a plug-in could do if cleaning at the entrance failed."""

from catalog.catalog import Catalog
from catalog.model import (
    CatalogEntry,
    CredentialField,
    Environment,
    ExchangeMaturity,
    ExchangeSegment,
    Features,
    MarketType,
)
from catalog.registrations import BrokenEntry


def hostile_catalog(payload: str) -> Catalog:
    """Built past validation: the screens are to hold by themselves."""
    field = CredentialField.model_construct(
        key="api_key", label=payload, type="text", required=True, help=payload
    )
    entry = CatalogEntry.model_construct(
        connector_type="hostile",
        display_name=payload,
        segment=ExchangeSegment.CRYPTO_MAJOR,
        supported_markets=(MarketType.SPOT,),
        credentials=(field,),
        website=payload,
        documentation=payload,
        description=payload,
        maturity=ExchangeMaturity.BETA,
        features=Features(spot_trading=True),
        capabilities=None,
        environments={"local": Environment(), payload: Environment()},
        keyless_market_data=True,
        verified_on=None,
        contract=1,
    )
    broken = BrokenEntry(payload, payload, payload, payload, payload)
    return Catalog([entry], [broken])
