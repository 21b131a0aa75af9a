"""What the words of `connector new` stand for: options and answers alike, and what the shell offers for them."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from tui.command_line.connector.asking import Asker
from tui.command_line.problems import BadUsage, unknown

if TYPE_CHECKING:
    from connectors.scaffold.choices import Choices

W = TypeVar("W", bound=StrEnum)


def chosen(
    ask: Asker,
    name: str,
    *,
    segment: str | None,
    markets: str | None,
    credentials: str | None,
    features: str | None,
    transport: str | None,
    display_name: str | None,
    website: str | None,
    description: str | None,
) -> "Choices":
    """Every choice, said, asked for or the default. Raises `BadUsage` or `BadChoice`."""
    from catalog.model import ExchangeSegment, MarketType
    from connectors.scaffold import choices
    from tui.command_line import choice

    shown = _checked_text(ask, "Display name", display_name, _titled(name), choices.check_display_name)
    area = ask("Segment", segment, ExchangeSegment.CRYPTO_OTHER.value, choice.segment)
    of_markets = ask(
        _of("Markets", MarketType),
        markets,
        MarketType.SPOT.value,
        lambda text: _words("market", text, MarketType),
    )
    keys = ask(
        _of("Credentials", choices.Keys),
        credentials,
        choices.Keys.NONE.value,
        lambda text: _word("kind of credentials", text, choices.Keys),
    )

    def read_features(text: str) -> frozenset[choices.Feature]:
        wanted = frozenset(_words("feature", text, choices.Feature))
        choices.check_features(wanted, area)
        choices.check_keys(keys, wanted)
        return wanted

    does = ask(
        _of("Features", choices.Feature),
        features,
        ",".join(feature.value for feature in choices.DATA),
        read_features,
    )
    streams = ask(
        _of("Transport", choices.Transport),
        transport,
        choices.Transport.WEBSOCKET.value,
        lambda text: _word("transport", text, choices.Transport),
    )
    host = f"https://www.{name.replace('_', '-')}.example"
    site = _checked_text(ask, "Website", website, host, choices.check_website)
    sentence = _checked_text(
        ask,
        "Description",
        description,
        f"{shown}, connected by a package of its own.",
        choices.check_description,
    )
    return choices.Choices(
        name=name,
        display_name=shown,
        segment=area,
        markets=tuple(of_markets),
        features=does,
        keys=keys,
        transport=streams,
        website=site,
        description=sentence,
    )


def _of(question: str, known: type[W]) -> str:
    return f"{question}, of {' '.join(word.value for word in known)}"


def _checked_text(
    ask: Asker, question: str, said: str | None, default: str, check: Callable[[str], None]
) -> str:
    def read(text: str) -> str:
        check(text.strip())
        return text.strip()

    return ask(question, said, default, read)


def taken() -> set[str]:
    """The types that cannot be taken: those that have code, broken ones too. What is only announced is free."""
    from catalog.catalog import Catalog

    catalog = Catalog.load()
    return {entry.connector_type for entry in catalog.entries if entry.has_code} | {
        broken.name for broken in catalog.broken
    }


def _titled(name: str) -> str:
    return " ".join(part.capitalize() for part in name.replace("_", "-").split("-"))


def _word(what: str, text: str, known: type[W]) -> W:
    words = {word.value: word for word in known}
    found = words.get(text.strip().lower())
    if found is None:
        raise unknown(what, text, words)
    return found


def _words(what: str, text: str, known: type[W]) -> list[W]:
    """Words between commas or spaces, each once, in their usual order."""
    named = {_word(what, part, known) for part in text.replace(",", " ").split()}
    if not named:
        raise BadUsage(f"name at least one {what}: {', '.join(word.value for word in known)}")
    return [word for word in known if word in named]
