"""The manifest: are its facts complete, and do they agree with each other?"""

from datetime import UTC, datetime

from catalog.addresses import address_problem, shown_address
from catalog.model import CONTRACT_VERSION, LOCAL, CatalogEntry, ExchangeMaturity, MarketType
from connectors.conformance.case import Casebook, Scope, require
from connectors.conformance.subject import Subject

BOOK = Casebook("manifest")

_SHORTEST_DESCRIPTION = 20
_TELLING = ("secret", "password", "passphrase", "privatekey", "pin", "token", "seed", "mnemonic")
_MASKED = ("password", "multiline", "file")
_TRYING = ("testnet", "paper", "demo", "sandbox")
_DATA = ("trade_streaming", "orderbook_streaming", "candle_streaming", "historical_data")
_TRADING = {
    "spot_trading": MarketType.SPOT,
    "futures_trading": MarketType.FUTURES,
    "margin_trading": MarketType.MARGIN,
}


@BOOK.case(
    "M01",
    "The manifest can be read",
    "manifest.toml lies in the top-level package, is valid, and is for the type that the entry point is named for.",
    scope=Scope.CONNECTOR,
)
async def can_be_read(subject: Subject) -> None:
    fault = subject.target.manifest_fault
    require(fault is None, fault or "")
    entry, expected = subject.entry, subject.target.connector_type
    require(
        entry.connector_type == expected,
        f"connector_type: expected '{expected}', found '{entry.connector_type}'",
    )
    require(
        entry.contract == CONTRACT_VERSION,
        f"contract: this release speaks {CONTRACT_VERSION}, the manifest names {entry.contract}",
    )


@BOOK.case(
    "M02",
    "The facts are complete",
    "Somebody who reads the catalog learns what it is, where it is documented and when that was last checked.",
    scope=Scope.CONNECTOR,
)
async def facts_are_complete(subject: Subject) -> None:
    entry = subject.entry
    length = len(entry.description.strip())
    require(
        length >= _SHORTEST_DESCRIPTION,
        f"description: expected a sentence of at least {_SHORTEST_DESCRIPTION} characters, found {length}",
    )
    require(
        entry.documentation is not None, "documentation: the link to the venue's own documentation is missing"
    )
    checked = entry.verified_on
    require(
        checked is not None or entry.maturity is ExchangeMaturity.EXPERIMENTAL,
        f"verified_on: missing; a {entry.maturity.value} connector says when its facts were last checked",
    )
    today = datetime.now(UTC).date()
    require(checked is None or (checked - today).days <= 1, f"verified_on: {checked} has not come yet")


@BOOK.case(
    "M03",
    "Every environment can be reached",
    "Each environment names encrypted addresses for every market, or is the local one, whose addresses are found.",
    scope=Scope.CONNECTOR,
)
async def environments_can_be_reached(subject: Subject) -> None:
    entry = subject.entry
    require(entry.environments, "environments: there is none, so it can never be activated")
    for name, environment in entry.environments.items():
        if name == LOCAL:
            continue
        for market in entry.supported_markets:
            endpoints = environment.endpoints(market)
            require(endpoints, f"environments.{name}.urls: no address for the market {market.value}")
            for endpoint, url in endpoints.items():
                problem = address_problem(url, ("http", "ws"))
                require(
                    problem is None,
                    f"environments.{name}.urls: '{endpoint}' of {market.value} {problem}: {shown_address(url)}",
                )
    unknown = {
        f"environments.{name}.urls.{market}"
        for name, environment in entry.environments.items()
        for market in environment.urls
        if market != "all" and MarketType(market) not in entry.supported_markets
    }
    require(not unknown, f"{', '.join(sorted(unknown))}: no such market in supported_markets")


@BOOK.case(
    "M04",
    "The features agree with the rest",
    "No feature is claimed that the markets, the credentials, the environments or the venue itself rule out.",
    scope=Scope.CONNECTOR,
)
async def features_agree(subject: Subject) -> None:
    entry = subject.entry
    features = entry.features
    for name, market in _TRADING.items():
        if getattr(features, name):
            require(
                market in entry.supported_markets,
                f"features.{name}: claimed, but {market.value} is not in supported_markets",
            )
            require(features.order_execution, f"features.{name}: claimed, but order_execution is not")
    if features.order_execution:
        require(not entry.data_only, "features.order_execution: claimed by a market data provider")
        require(entry.credentials, "features.order_execution: claimed, but no credentials are asked for")
        require(
            any(getattr(features, name) for name in _TRADING),
            "features.order_execution: claimed, but trading is claimed on no market",
        )
    trying = [name for name in entry.environments if name in _TRYING]
    require(
        not features.testnet_available or trying,
        f"features.testnet_available: claimed, but none of {', '.join(_TRYING)} is among the environments",
    )
    require(
        features.testnet_available or not trying,
        f"features.testnet_available: not claimed, but there is the environment {', '.join(trying)}",
    )
    _within_the_venue(entry)


def _within_the_venue(entry: CatalogEntry) -> None:
    claimed, offered = entry.features.model_dump(), entry.offered.model_dump()
    beyond = [name for name, on in claimed.items() if on and not offered[name]]
    require(
        not beyond, f"features.{', '.join(beyond)}: claimed, but the venue has no such thing (capabilities)"
    )
    useful = any(claimed[name] for name in (*_DATA, "order_execution"))
    require(
        useful or entry.maturity is ExchangeMaturity.EXPERIMENTAL,
        f"features: a {entry.maturity.value} connector claims at least one of {', '.join(_DATA)}, order_execution",
    )


@BOOK.case(
    "M05",
    "The credentials are asked for safely",
    "What is secret is masked while it is typed, and a connector that needs no key says so.",
    scope=Scope.CONNECTOR,
)
async def credentials_are_sane(subject: Subject) -> None:
    entry = subject.entry
    for field in entry.credentials:
        telling = field.key.lower().replace("_", "")
        if any(word == telling or (len(word) > 3 and word in telling) for word in _TELLING):
            require(
                field.type in _MASKED,
                f"credentials.{field.key}: it is a secret, so its type is one of {', '.join(_MASKED)},"
                f" not '{field.type}'",
            )
    keys = [field.key.lower() for field in entry.credentials]
    require(len(keys) == len(set(keys)), "credentials: two keys differ in upper and lower case alone")
    require(
        entry.credentials or not entry.features.order_execution,
        "credentials: none is asked for, yet orders are claimed",
    )
    require(
        entry.required_credentials or entry.keyless_market_data or not entry.credentials,
        "keyless_market_data: no credential is required, so market data needs none: say so",
    )
