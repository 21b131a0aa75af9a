"""The rules of the model."""

from typing import Any

import pytest
from pydantic import ValidationError

from catalog.model import (
    SEGMENT_LABELS,
    CatalogEntry,
    Environment,
    ExchangeMaturity,
    ExchangeSegment,
    Features,
    MarketType,
)


def entry(**fields: Any) -> CatalogEntry:
    return CatalogEntry.model_validate(
        {
            "connector_type": "acme",
            "display_name": "Acme",
            "segment": "CRYPTO_OTHER",
            "supported_markets": ["spot"],
            "website": "https://example.com",
            "description": "A venue.",
            "maturity": "beta",
            "features": {},
        }
        | fields
    )


def test_the_thirteen_segments_have_labels() -> None:
    assert len(ExchangeSegment) == 13
    assert set(SEGMENT_LABELS) == set(ExchangeSegment)
    assert len(set(SEGMENT_LABELS.values())) == 13
    assert ExchangeSegment.CRYPTO_MAJOR.label == "Crypto — major exchanges"


def test_there_are_nine_features_all_off() -> None:
    assert len(Features.model_fields) == 9
    assert not any(Features().model_dump().values())


def test_an_entry_cannot_be_altered() -> None:
    with pytest.raises(ValidationError):
        setattr(entry(), "display_name", "Other")  # noqa: B010 - a plain assignment is refused before it runs


def test_an_entry_can_be_kept_in_a_set() -> None:
    assert len({entry(), entry(), entry(connector_type="other")}) == 2


def test_what_the_venue_offers_is_the_features_unless_told() -> None:
    plain = entry(features={"trade_streaming": True})
    assert plain.offered is plain.features
    told = entry(capabilities={"spot_trading": True})
    assert told.offered.spot_trading
    assert not told.features.spot_trading


def test_code_follows_from_maturity() -> None:
    assert [entry(maturity=maturity).has_code for maturity in ExchangeMaturity] == [True, True, True, False]


def test_a_data_provider_takes_no_orders() -> None:
    assert entry(segment="MARKET_DATA").data_only
    assert not entry(segment="DEX").data_only


def test_required_credentials_are_those_marked() -> None:
    fields = [
        {"key": "token", "label": "Token", "type": "password", "required": True},
        {"key": "accountId", "label": "Account ID", "type": "text", "required": False},
    ]
    assert [field.key for field in entry(credentials=fields).required_credentials] == ["token"]


def test_a_markets_endpoints_lie_over_the_common_ones() -> None:
    environment = Environment.model_validate(
        {
            "urls": {
                "all": {"rest": "https://a.example", "ws": "wss://a.example"},
                "futures": {"ws": "wss://f.example"},
            }
        }
    )
    assert environment.endpoints(MarketType.SPOT) == {"rest": "https://a.example", "ws": "wss://a.example"}
    assert environment.endpoints(MarketType.FUTURES) == {"rest": "https://a.example", "ws": "wss://f.example"}


@pytest.mark.parametrize(
    "urls",
    [
        {"options": {"rest": "https://a.example"}},
        {"all": {"REST": "https://a.example"}},
        {"all": {"rest": "a.example"}},
        {"all": {"rest": "https://a.example/\x1b[2J"}},
        {"all": {"rest": "https://a.example/" + "x" * 300}},
    ],
)
def test_bad_endpoints_are_refused(urls: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        Environment.model_validate({"urls": urls})


@pytest.mark.parametrize("name", ["a", "ib", "trading212", "my-venue", "my_venue_2"])
def test_types_that_are_allowed(name: str) -> None:
    assert entry(connector_type=name).connector_type == name


@pytest.mark.parametrize("name", ["", "Acme", "2venue", "my venue", "../etc", "a--b", "a:b", "x" * 41])
def test_types_that_are_not(name: str) -> None:
    with pytest.raises(ValidationError):
        entry(connector_type=name)


def test_a_refused_value_is_not_shown() -> None:
    """A manifest might be fed a secret by mistake; the error names the field alone."""
    with pytest.raises(ValidationError) as caught:
        entry(website="hunter2")
    assert "hunter2" not in str(caught.value)
