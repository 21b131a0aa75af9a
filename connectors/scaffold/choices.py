"""What an author chooses of a new connector, and what does not go together."""

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from catalog.addresses import shown_address
from catalog.model import ExchangeSegment, MarketType
from catalog.text import clean
from connectors.contracts.errors import UsageError

LONGEST_NAME = 40
LONGEST_DISPLAY_NAME = 40
LONGEST_DESCRIPTION = 300
SHORTEST_DESCRIPTION = 20

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
_URL = re.compile(r"https?://[!-~]+")
_UNSAFE = frozenset('"\\`$')
"""What would end a text in the files it is written into."""


class Transport(StrEnum):
    """How the venue streams."""

    WEBSOCKET = "websocket"
    HTTP_STREAM = "http-stream"
    """Endless HTTP answers, a line or an event a message."""
    POLLING = "polling"
    """Not at all: it is asked again and again."""


class Feature(StrEnum):
    TRADES = "trades"
    BOOKS = "books"
    CANDLES = "candles"
    PRICES = "prices"
    HISTORY = "history"
    ORDERS = "orders"


STREAMS = (Feature.TRADES, Feature.BOOKS, Feature.CANDLES, Feature.PRICES)
DATA = (*STREAMS, Feature.HISTORY)


class Keys(StrEnum):
    """Which credentials the venue wants."""

    NONE = "none"
    KEY_SECRET = "key-secret"  # noqa: S105 - what is asked for, not a secret
    """A key, and a secret that signs by HMAC-SHA256."""


class BadChoice(UsageError):
    """A name that cannot be used, or choices that do not go together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Checked as they are made: raises `BadChoice`."""

    name: str
    """The connector's type."""
    display_name: str
    segment: ExchangeSegment = ExchangeSegment.CRYPTO_OTHER
    markets: tuple[MarketType, ...] = (MarketType.SPOT,)
    features: frozenset[Feature] = frozenset(DATA)
    keys: Keys = Keys.NONE
    transport: Transport = Transport.WEBSOCKET
    website: str
    description: str

    def __post_init__(self) -> None:
        check_name(self.name)
        check_display_name(self.display_name)
        check_website(self.website)
        check_description(self.description)
        check_markets(self.markets)
        check_features(self.features, self.segment)
        check_keys(self.keys, self.features)

    @property
    def distribution(self) -> str:
        return distribution_of(self.name)

    @property
    def package(self) -> str:
        return f"barfinex_exchange_{self.name.replace('-', '_')}"


def distribution_of(name: str) -> str:
    return f"barfinex-exchange-{name.replace('_', '-')}"


def check_name(name: str, taken: Collection[str] = ()) -> None:
    """`taken`: the types that there are already."""
    if len(name) > LONGEST_NAME:
        raise BadChoice(f"the name is longer than {LONGEST_NAME} characters")
    if _NAME.fullmatch(name) is None:
        raise BadChoice(
            f"'{clean(name)}' cannot be a connector's name: it begins with a small letter, then small letters and"
            " digits, with single - or _ between"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise BadChoice(f"'{name}' is a word of Python's own; choose another name")
    spelled = {each.replace("_", "-"): each for each in taken}
    if (known := spelled.get(name.replace("_", "-"))) is not None:
        raise BadChoice(f"there is a connector '{known}' already; choose another name")


def check_display_name(text: str) -> None:
    _check_text("the display name", text, 1, LONGEST_DISPLAY_NAME)


def check_description(text: str) -> None:
    _check_text("the description", text, SHORTEST_DESCRIPTION, LONGEST_DESCRIPTION)


def _check_text(what: str, text: str, shortest: int, longest: int) -> None:
    if not shortest <= len(text) <= longest or text != text.strip():
        raise BadChoice(f"{what} has {shortest} to {longest} characters, and no space at its ends")
    if text != clean(text, longest + 1) or _UNSAFE & set(text):
        raise BadChoice(f"{what} holds a character that cannot be used: quotes, backslashes, $ or control")


def check_website(url: str) -> None:
    if _URL.fullmatch(url) is None or len(url) > 300 or _UNSAFE & set(url):
        raise BadChoice(f"'{clean(shown_address(url))}' is no address of a website: it begins with https://")


def check_markets(markets: Collection[MarketType]) -> None:
    if not markets:
        raise BadChoice("a connector has at least one market")


def check_features(features: Collection[Feature], segment: ExchangeSegment) -> None:
    if not features:
        raise BadChoice("a connector does at least one thing")
    if Feature.ORDERS in features and segment is ExchangeSegment.MARKET_DATA:
        raise BadChoice(
            "a provider of market data takes no orders: leave orders out, or choose another segment"
        )


def check_keys(keys: Keys, features: Collection[Feature]) -> None:
    if Feature.ORDERS in features and keys is Keys.NONE:
        raise BadChoice("orders need credentials: choose key-secret, or leave orders out")
