"""The command line of `watch`, read and found to make sense as far as the catalog can tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from catalog.addresses import shown_address
from catalog.catalog import Catalog
from catalog.model import LOCAL, CatalogEntry, MarketType
from catalog.text import clean
from connectors.contracts.errors import ComingSoon
from connectors.contracts.timeframes import TimeFrame, parse_time_frame
from tui.command_line import choice
from tui.command_line.problems import BadUsage, unknown
from tui.command_line.streams import CHANNELS, Channel
from tui.command_line.vault_password import PasswordSource

DEFAULT_PROFILE = "main"
NO_PASSWORD = PasswordSource()


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """A command line that has been read and found to make sense, as far as the catalog can tell."""

    catalog: Catalog
    entry: CatalogEntry
    market: MarketType
    environment: str
    url: str | None
    symbols: tuple[str, ...]
    channels: tuple[Channel, ...]
    interval: TimeFrame
    depth: int
    count: int | None
    as_json: bool
    utc: bool = False
    profile: str | None = None
    """Whose stored credentials to use; `None`: none, where market data needs none."""
    password: PasswordSource = NO_PASSWORD


def plan(
    connector: str,
    symbols: Sequence[str],
    *,
    market: str,
    environment: str | None,
    url: str | None,
    channels: str,
    interval: str,
    depth: int,
    count: int | None,
    as_json: bool,
    utc: bool = False,
    profile: str | None = None,
    password: PasswordSource = NO_PASSWORD,
) -> WatchPlan:
    """Raises `BadUsage` or a `UsageError` that names what is wrong."""
    catalog = Catalog.load()
    entry = choice.connector(catalog, connector)
    if not entry.has_code:
        raise ComingSoon(entry.display_name)
    chosen_market = choice.market(entry, market)
    if url is not None and environment not in (None, LOCAL):
        raise BadUsage(f"--url names a local emulator; it does not go with --environment {environment}")
    if url is not None:
        _check_url(url)
    chosen_environment = choice.environment(entry, LOCAL if url is not None else environment)
    return WatchPlan(
        catalog=catalog,
        entry=entry,
        market=chosen_market,
        environment=chosen_environment,
        url=url,
        symbols=tuple(symbols),
        channels=_channels(channels),
        interval=parse_time_frame(interval),
        depth=depth,
        count=count,
        as_json=as_json,
        profile=DEFAULT_PROFILE if profile is None and password.given else profile,
        password=password,
        utc=utc,
    )


def _check_url(text: str) -> None:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        # What an emulator announces may have a path: that of its REST calls.
        bare = not (parts.query or parts.fragment) and "@" not in parts.netloc
        right = parts.scheme == "http" and bool(parts.hostname) and parts.port is not None and bare
    except ValueError:
        right = False
    if not right:
        shown = clean(shown_address(text), 100)
        raise BadUsage(
            f"--url '{shown}' is no plain address with a port; write it like http://127.0.0.1:8080, "
            "without a user name or a query"
        )


def _channels(text: str) -> tuple[Channel, ...]:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in CHANNELS:
            raise unknown("channel", name, CHANNELS)
    if not names:
        raise BadUsage(f"--channels names none; choose from {', '.join(CHANNELS)}")
    return tuple(dict.fromkeys(cast("list[Channel]", names)))
