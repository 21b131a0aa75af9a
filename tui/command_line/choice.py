"""What the words on the command line stand for, or the one line that says which of them stands for nothing."""

from catalog.catalog import BrokenEntry, Catalog
from catalog.model import CatalogEntry, ExchangeSegment, MarketType
from tui.command_line.problems import BadUsage, Failure, say, unknown
from tui.command_line.terminal import on_terminal


def connector(catalog: Catalog, name: str) -> CatalogEntry:
    entry = catalog.get(name.strip().lower())
    if entry is None:
        for skipped in catalog.broken:
            if skipped.name == name.strip().lower():
                raise Failure(skipped_text(skipped))
        known = [entry.connector_type for entry in catalog.entries]
        raise unknown("connector", name, known, hint="'barfinex catalog' lists them")
    if package := catalog.source(entry.connector_type).package:
        say(f"{entry.connector_type}: a connector of the package {package}")
    return entry


def skipped_text(broken: BrokenEntry) -> str:
    where = ": ".join(part for part in (broken.distribution, broken.file, broken.field) if part)
    return f"skipped {broken.name} ({where}): {broken.reason}"


def market(entry: CatalogEntry, name: str) -> MarketType:
    supported = {market.value: market for market in entry.supported_markets}
    chosen = supported.get(name.strip().lower())
    if chosen is None:
        raise BadUsage(
            f"{entry.connector_type} has no market '{name}'; it has {', '.join(supported)}"
            if name.strip().lower() in {market.value for market in MarketType}
            else f"unknown market '{name}'; {entry.connector_type} has {', '.join(supported)}"
        )
    return chosen


def environment(entry: CatalogEntry, name: str | None) -> str:
    """The environment that was asked for, or one that is no real money; which, is then said."""
    offered = entry.environments
    if name is not None:
        if name not in offered:
            raise unknown("environment", name, offered, where=f"of {entry.connector_type}")
        return name
    from connectors.runtime.instances import default_environment

    chosen = default_environment(entry)
    if chosen is None:
        raise BadUsage(
            f"{entry.connector_type} has no environment to try things in; name one with --environment"
            f" ({', '.join(offered) or 'none is known'})"
        )
    say(f"environment: {chosen} (another: --environment)")
    return chosen


def environment_to_store(entry: CatalogEntry, name: str | None) -> str:
    """Whose keys are about to be stored: named, asked for on a terminal, or the only one there is; never guessed."""
    offered = entry.environments
    if name is None and list(offered) != ["live"] and len(offered) == 1:
        return next(iter(offered))
    if name is None:
        if not on_terminal():
            raise BadUsage(
                f"name whose keys these are with --environment: {', '.join(offered) or 'none is known'}"
            )
        name = input(f"Environment ({', '.join(offered)}): ").strip()
    if name not in offered:
        raise unknown("environment", name, offered, where=f"of {entry.connector_type}")
    return name


def segment(name: str) -> ExchangeSegment:
    known = {segment.value: segment for segment in ExchangeSegment}
    chosen = known.get(name.strip().upper().replace("-", "_").replace(" ", "_"))
    if chosen is None:
        raise unknown("segment", name, known)
    return chosen
