"""What the shell offers when Tab is pressed in an option of `connector new`."""

from collections.abc import Iterable


def segments(incomplete: str) -> list[tuple[str, str]]:
    from catalog.model import ExchangeSegment

    return [
        (segment.value, segment.label)
        for segment in ExchangeSegment
        if segment.value.startswith(incomplete.upper())
    ]


def markets(incomplete: str) -> list[str]:
    from catalog.model import MarketType

    return _after_commas(incomplete, (market.value for market in MarketType))


def features(incomplete: str) -> list[str]:
    from connectors.scaffold.choices import Feature

    return _after_commas(incomplete, (feature.value for feature in Feature))


def credentials(incomplete: str) -> list[str]:
    from connectors.scaffold.choices import Keys

    return [kind.value for kind in Keys if kind.value.startswith(incomplete)]


def transports(incomplete: str) -> list[str]:
    from connectors.scaffold.choices import Transport

    return [transport.value for transport in Transport if transport.value.startswith(incomplete)]


def _after_commas(incomplete: str, words: Iterable[str]) -> list[str]:
    """The list so far, with each of the words that may be next."""
    before, comma, last = incomplete.rpartition(",")
    chosen = before.split(",")
    return [f"{before}{comma}{word}" for word in words if word.startswith(last) and word not in chosen]
