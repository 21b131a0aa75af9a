"""The choices in the template's words: short texts that stand where a file of the template names them."""

import json

from catalog.model import CONTRACT_VERSION, MarketType
from connectors.scaffold.choices import STREAMS, Choices, Feature, Keys, Transport

_MARKETS = {
    MarketType.SPOT: "MarketType.SPOT",
    MarketType.FUTURES: "MarketType.FUTURES",
    MarketType.MARGIN: "MarketType.MARGIN",
}
_KINDS = {
    Feature.TRADES: "StreamKind.TRADES",
    Feature.BOOKS: "StreamKind.BOOKS",
    Feature.CANDLES: "StreamKind.CANDLES",
    Feature.PRICES: "StreamKind.PRICES",
}
_CLAIMS = {
    Feature.TRADES: "trade_streaming",
    Feature.BOOKS: "orderbook_streaming",
    Feature.CANDLES: "candle_streaming",
    Feature.HISTORY: "historical_data",
    Feature.ORDERS: "order_execution",
}
_STREAM_ADDRESS = {Transport.WEBSOCKET: ("ws", "wss"), Transport.HTTP_STREAM: ("stream", "https")}
_KEY_FIELDS = """
[[credentials]]
key = "apiKey"
label = "API Key"
type = "text"
required = true

[[credentials]]
key = "apiSecret"
label = "API Secret"
type = "password"
required = true
help = "Shown once, when the key is made."
"""


def values_of(choices: Choices, version: str) -> dict[str, str]:
    """By the names that the template's files use. `version` is barfinex's own."""
    return {
        "type": choices.name,
        "package": choices.package,
        "distribution": choices.distribution,
        "display": choices.display_name,
        "description": choices.description,
        "segment": choices.segment.value,
        "display_toml": _text(choices.display_name),
        "description_toml": _text(choices.description),
        "website_toml": _text(choices.website),
        "markets_toml": ", ".join(f'"{market.value}"' for market in choices.markets),
        "markets_python": "".join(f"{_MARKETS[market]}, " for market in choices.markets).removesuffix(" ")
        if len(choices.markets) == 1
        else ", ".join(_MARKETS[market] for market in choices.markets),
        "streamed_python": _streamed(choices),
        "features_toml": "\n".join(_claims(choices)),
        "credentials_toml": _KEY_FIELDS if choices.keys is Keys.KEY_SECRET else "",
        "live_toml": "\n".join(_live(choices)),
        "contract": str(CONTRACT_VERSION),
        "barfinex": version,
    }


def _text(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def _streamed(choices: Choices) -> str:
    chosen = [_KINDS[feature] for feature in STREAMS if feature in choices.features]
    return f"{{{', '.join(chosen)}}}" if chosen else "set[StreamKind]()"


def _claims(choices: Choices) -> list[str]:
    trades = Feature.ORDERS in choices.features
    claimed = {f"{market.value}_trading": trades and market in choices.markets for market in MarketType}
    claimed |= {name: feature in choices.features for feature, name in _CLAIMS.items()}
    claimed["testnet_available"] = False
    return [f"{name} = {'true' if on else 'false'}" for name, on in claimed.items()]


def _live(choices: Choices) -> list[str]:
    host = choices.name.replace("_", "-")
    lines: list[str] = []
    for market in choices.markets:
        place = f"{market.value}.{host}.example"
        lines += ["", f"[environments.live.urls.{market.value}]", f'rest = "https://api.{place}"']
        if (stream := _STREAM_ADDRESS.get(choices.transport)) is not None:
            name, scheme = stream
            lines.append(f'{name} = "{scheme}://stream.{place}"')
    return [*lines, ""]
