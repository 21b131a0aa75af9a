"""Manifests that lie or leave something out."""

from datetime import date
from typing import Any

from catalog.model import CredentialField, Environment, MarketType
from tests.connectors.conformance.wrong.base import Wrong, described


def _facts(name: str, case: str, told: str, **changes: Any) -> Wrong:
    return Wrong(name, case, told, lambda _: described(**changes))


def _plain(key: str) -> CredentialField:
    return CredentialField(key=key, label=key, type="text", required=True)


def _at(**urls: dict[str, str]) -> Environment:
    return Environment.model_construct(label="Live", urls=urls)


_SPOT = {"rest": "https://api.example.com"}

MANIFESTS = (
    _facts("for another contract", "M01", "contract: this release speaks 1", contract=2),
    _facts("a description of one word", "M02", "description:", description="Exchange."),
    _facts("no documentation", "M02", "documentation:", documentation=None),
    _facts("never verified", "M02", "verified_on: missing", verified_on=None),
    _facts("verified in the future", "M02", "has not come yet", verified_on=date(2999, 1, 1)),
    _facts("no environment", "M03", "can never be activated", environments=()),
    _facts(
        "an environment without futures",
        "M03",
        "no address for the market futures",
        environments={"live": _at(spot=_SPOT)},
    ),
    _facts(
        "an address in the clear",
        "M03",
        "must be https, but on this machine itself: http://api.example.com",
        environments={"live": _at(all={"rest": "http://api.example.com"})},
    ),
    _facts(
        "an address that only looks like this machine's",
        "M03",
        "must be wss, but on this machine itself: ws://localhost.evil.example",
        environments={"live": _at(all=_SPOT | {"ws": "ws://localhost.evil.example/://127.0.0.1"})},
    ),
    _facts(
        "addresses of a market that it has not",
        "M03",
        "environments.live.urls.margin",
        environments={"live": _at(all=_SPOT, margin=_SPOT)},
    ),
    _facts(
        "trading on a market that it has not",
        "M04",
        "features.futures_trading",
        supported_markets=(MarketType.SPOT,),
        features={"futures_trading": True, "order_execution": True},
    ),
    _facts("trading without orders", "M04", "order_execution is not", features={"spot_trading": True}),
    _facts(
        "orders on no market", "M04", "trading is claimed on no market", features={"order_execution": True}
    ),
    _facts(
        "a testnet that is not claimed",
        "M04",
        "there is the environment testnet",
        features={"testnet_available": False},
    ),
    _facts(
        "more than the venue has",
        "M04",
        "the venue has no such thing",
        capabilities={"candle_streaming": False},
    ),
    _facts(
        "nothing claimed",
        "M04",
        "claims at least one of",
        features={
            "trade_streaming": False,
            "orderbook_streaming": False,
            "candle_streaming": False,
            "historical_data": False,
        },
    ),
    _facts(
        "a secret shown as it is typed", "M05", "credentials.apiSecret", credentials=(_plain("apiSecret"),)
    ),
    _facts(
        "a passphrase shown as it is typed",
        "M05",
        "credentials.pass_phrase",
        credentials=(_plain("pass_phrase"),),
    ),
    _facts(
        "two keys that look the same",
        "M05",
        "upper and lower case",
        credentials=(_plain("key"), _plain("KEY")),
    ),
)
