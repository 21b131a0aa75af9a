"""The command palette: everything the keys do, and going to any exchange by name."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui import flows, replay_flow
from tui.catalog_text import SEGMENT_NAMES
from tui.screens.catalog import CatalogScreen
from tui.themes import OFFERED

if TYPE_CHECKING:
    from tui.app import BarfinexApp


class Command(NamedTuple):
    title: str
    help: str
    run: Callable[[], object]
    discover: bool = True


class BarfinexCommands(Provider):
    """One list, made when the palette opens, for both discovery and search."""

    async def startup(self) -> None:
        self._commands = list(self._make())

    async def discover(self) -> Hits:
        for command in self._commands:
            if command.discover:
                yield DiscoveryHit(Content(command.title), command.run, text=command.title, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands:
            score = matcher.match(command.title)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(command.title),
                    command.run,
                    text=command.title,
                    help=command.help,
                )

    def _make(self) -> Iterator[Command]:
        app = cast("BarfinexApp", self.app)
        yield Command("Help", "Keys and what this screen is for", app.action_help)
        yield Command("Health", "Connections, subscriptions, request limits and the log", app.action_health)
        if app.last_market is not None:
            last = app.last_market
            what = last.symbol or last.market_type
            title = f"Market: back to {last.connector_type} {what} ({last.environment})"
            yield Command(title, "The market that was watched last", partial(reopen, app))
        yield Command(
            "Open recording…", "Play a recorded market", partial(replay_flow.ask_for_recording, app)
        )
        yield from self._about_entries(app)
        for name in OFFERED:
            yield Command(f"Theme: {name}", "Colours", partial(app.change_settings, theme=name))
        swapped = not app.settings.swap_up_down
        word = "red rises, green falls" if swapped else "green rises, red falls"
        yield Command(
            f"Colours: {word}", "Swap the colours of up and down", partial(change_swap, app, swapped)
        )
        yield Command(
            "Screenshot", "Save the screen as an SVG picture; secrets stay masked", app.action_screenshot
        )
        yield Command("Reload the catalog", "After a plug-in was installed or mended", app.reload_services)
        yield Command("Quit", "Leave barfinex", app.exit)

    def _about_entries(self, app: "BarfinexApp") -> Iterator[Command]:
        services = app.services
        if services is None:
            return
        running = {item.connector_type for item in services.manager.instances()}
        for entry in services.catalog.entries:
            name, segment = entry.display_name, SEGMENT_NAMES[entry.segment.value]
            active = entry.connector_type in running
            if active:
                yield Command(f"Market: {name}", "Trades, book and candles", partial(flows.watch, app, entry))
                yield Command(f"Deactivate: {name}", "End its streams", partial(flows.deactivate, app, entry))
            elif entry.has_code:
                yield Command(
                    f"Activate: {name}", "Choose where and connect", partial(flows.activate, app, entry)
                )
                yield Command(
                    f"Set up: {name}", "Credentials, tested and stored", partial(flows.set_up, app, entry)
                )
            yield Command(
                f"Go to: {name}", segment, partial(go_to, app, entry.connector_type), discover=False
            )


def reopen(app: "BarfinexApp") -> None:
    """Go back to the last market, which is activated on the way where it is not."""
    last, services = app.last_market, app.services
    if last is None or services is None:
        return
    entry = services.catalog.get(last.connector_type)
    if entry is None:
        app.notify(f"{last.connector_type} is no longer in the catalog.", severity="warning")
        return
    flows.go_back(app, entry, last)


def change_swap(app: "BarfinexApp", swapped: bool) -> None:
    app.change_settings(swap_up_down=swapped)


def go_to(app: "BarfinexApp", connector_type: str) -> None:
    """Back to the catalog, the cursor on this entry."""
    while len(app.screen_stack) > 1 and not isinstance(app.screen, CatalogScreen):
        app.pop_screen()
    if isinstance(app.screen, CatalogScreen):
        app.screen.choose(connector_type)
