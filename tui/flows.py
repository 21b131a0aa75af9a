"""What a person does with a catalog entry, from wherever: set up, activate, deactivate, watch.

Each is a short dialog and one call of the manager, run in a worker; what goes wrong is said in one plain line.
"""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from tui import account_choice
from tui.catalog_text import environment_mark, environment_words, environments_safest_first, is_live
from tui.key_hints import key_of
from tui.screens.choice import Choice, ChoiceScreen
from tui.session import LastMarket

if TYPE_CHECKING:
    from catalog.model import CatalogEntry, MarketType
    from tui.app import BarfinexApp, StartPlan


def refusal(entry: "CatalogEntry") -> str | None:
    """Why an entry cannot be used at all, or `None`."""
    if not entry.has_code:
        return f"{entry.display_name} is in the catalog but has no connector yet (coming soon)."
    return None


def _refused(app: "BarfinexApp", entry: "CatalogEntry") -> bool:
    reason = refusal(entry)
    if reason is not None:
        app.notify(reason, severity="warning")
    return reason is not None or app.services is None


def run(app: "BarfinexApp", work: Coroutine[Any, Any, None], name: str) -> None:
    """Run a flow; one at a time of each name."""
    app.run_worker(_reported(app, work), name=name, group=name, exclusive=True)


async def _reported(app: "BarfinexApp", work: Coroutine[Any, Any, None]) -> None:
    from connectors.contracts.errors import BarfinexError  # noqa: PLC0415 - after the first paint

    try:
        await work
    except BarfinexError as error:
        app.notify(str(error), title="That did not work", severity="error", timeout=10)


def set_up(app: "BarfinexApp", entry: "CatalogEntry", environment: str | None = None) -> None:
    """Open the wizard."""
    if _refused(app, entry):
        return
    assert app.services is not None  # noqa: S101 - `_refused` looked
    from tui.screens.wizard import WizardScreen  # noqa: PLC0415 - opened when asked for

    app.push_screen(WizardScreen(app.services.manager, entry, environment=environment))


def activate(app: "BarfinexApp", entry: "CatalogEntry") -> None:
    if not _refused(app, entry):
        run(app, _activate(app, entry), f"activate {entry.connector_type}")


async def _activate(app: "BarfinexApp", entry: "CatalogEntry") -> None:
    assert app.services is not None  # noqa: S101 - `_refused` looked
    names = environments_safest_first(entry.environments)
    if not names:
        app.notify(f"{entry.display_name} names no environment.", severity="warning")
        return
    environment = await app.push_screen_wait(environment_choice(entry, names))
    if environment is None:
        return
    account = await account_choice.account(app, entry, environment)
    if account is None:
        return
    markets = await _markets(app, entry)
    if markets:
        await _connect(app, entry, environment, markets, account)


async def _connect(
    app: "BarfinexApp",
    entry: "CatalogEntry",
    environment: str,
    markets: "list[MarketType]",
    account: "account_choice.Account",
) -> bool:
    """Whether all of them are active; what is not is told."""
    from connectors.contracts.errors import MissingCredentials  # noqa: PLC0415 - after the first paint

    assert app.services is not None  # noqa: S101 - `_refused` looked
    options: dict[str, Any] = {} if account.profile is None else {"profile": account.profile}
    if account.keyless:
        options["credentials"] = {}
    if account.profile is not None:
        allowed = await package_allowed(app, entry, environment, account.profile)
        if allowed is None:
            return False
        if not allowed:
            options["credentials"] = {}
    app.notify(f"Connecting to {entry.display_name} ({environment})…")
    try:
        instances = await app.services.manager.activate(
            entry.connector_type, markets, environment=environment, **options
        )
    except MissingCredentials as error:
        app.notify(str(error), title="Credentials are needed", severity="warning")
        set_up(app, entry, environment)
        return False
    failed = [item for item in instances if item.error]
    for item in failed:
        app.notify(item.error or "", title=f"{entry.display_name} {item.market_type.value}", severity="error")
    for notice in {item.notice for item in instances if item.notice and not item.error}:
        app.notify(notice, title=entry.display_name, severity="warning")
    if not failed:
        where = environment_mark(environment)
        with_keys = f" with the credentials of {account.profile}" if account.profile else ""
        app.notify(f"{entry.display_name} is active on {where}{with_keys}.")
    return not failed


async def package_allowed(
    app: "BarfinexApp", entry: "CatalogEntry", environment: str, profile: str
) -> bool | None:
    """Whether the stored credentials may be used; `None`: do nothing. Asked where they would go to other code."""
    assert app.services is not None  # noqa: S101 - whoever activates has looked
    manager = app.services.manager
    question = await manager.package_question(entry.connector_type, environment, profile)
    if question is None:
        return True
    choices = [Choice("no", "Do not activate"), Choice("yes", "It may have them from now on", "bold $error")]
    if entry.keyless_market_data:
        choices.insert(1, Choice("without", "Market data only, without the credentials"))
    title = f"{entry.display_name}: hand over stored credentials?"
    answer = await app.push_screen_wait(
        ChoiceScreen(title, choices, note=f"{question[:1].upper()}{question[1:]}.")
    )
    if answer == "yes":
        await manager.allow_package(entry.connector_type, environment, profile)
    return {"yes": True, "without": False}.get(answer or "no")


def environment_choice(entry: "CatalogEntry", names: list[str]) -> ChoiceScreen:
    return ChoiceScreen(
        f"Activate {entry.display_name} on",
        [Choice(name, environment_words(name), "bold $error" if is_live(name) else "") for name in names],
        note="Market data and read-only calls; nothing is ordered by activating.",
    )


async def _markets(app: "BarfinexApp", entry: "CatalogEntry") -> "list[MarketType]":
    markets = list(entry.supported_markets)
    if len(markets) <= 1:
        return markets
    choices = [Choice(market.value, market.value) for market in markets]
    chosen = await app.push_screen_wait(ChoiceScreen(f"{entry.display_name}: which market?", choices))
    return [market for market in markets if market.value == chosen]


def deactivate(app: "BarfinexApp", entry: "CatalogEntry") -> None:
    services = app.services
    if services is None:
        return
    if not any(item.connector_type == entry.connector_type for item in services.manager.instances()):
        app.notify(f"{entry.display_name} is not active.")
        return

    async def work() -> None:
        await services.manager.deactivate(entry.connector_type)
        app.notify(f"{entry.display_name} is off; nothing of it is left running.")

    run(app, work(), f"deactivate {entry.connector_type}")


def watch(app: "BarfinexApp", entry: "CatalogEntry", symbol: str | None = None) -> None:
    """Open the market screen of an active entry; where there are several markets, ask which."""
    services = app.services
    if services is None:
        return
    mine = [
        item
        for item in services.manager.instances()
        if item.connector_type == entry.connector_type and item.status.name in ("ACTIVE", "RECONNECTING")
    ]
    if not mine:
        key = key_of(app, "catalog.activate", "a")
        app.notify(f"{entry.display_name} is not active: press {key} to activate it.", severity="warning")
        return

    async def work() -> None:
        chosen = mine[0]
        if len(mine) > 1:
            choices = [
                Choice(str(place), f"{item.market_type.value} on {item.environment}")
                for place, item in enumerate(mine)
            ]
            answer = await app.push_screen_wait(ChoiceScreen(f"{entry.display_name}: which market?", choices))
            if answer is None:
                return
            chosen = mine[int(answer)]
        where = LastMarket(chosen.connector_type, chosen.market_type.value, chosen.environment, symbol)
        open_market(app, where)

    run(app, work(), "watch")


def go_back(app: "BarfinexApp", entry: "CatalogEntry", where: LastMarket) -> None:
    """Show a market that was watched before, asking only before LIVE is entered; no second screen of it is opened."""
    if not _refused(app, entry):
        run(app, _go_back(app, entry, where), "watch")


async def _go_back(app: "BarfinexApp", entry: "CatalogEntry", where: LastMarket) -> None:
    from tui.screens.market import MarketScreen  # noqa: PLC0415 - after the first paint

    services = app.services
    market = next((one for one in entry.supported_markets if one.value == where.market_type), None)
    if services is None or market is None or where.environment not in entry.environments:
        app.notify(f"{entry.display_name} has no such market any more.", severity="warning")
        return
    running = [
        (item.market_type, item.environment)
        for item in services.manager.instances()
        if item.connector_type == entry.connector_type
    ]
    if (market, where.environment) not in running:
        if is_live(where.environment) and not await _live_wanted(app, entry, where.environment):
            return
        # To watch, no key is needed where the venue asks for none.
        account = (
            account_choice.Account(None, keyless=True)
            if entry.keyless_market_data
            else await account_choice.account(app, entry, where.environment)
        )
        if account is None or not await _connect(app, entry, where.environment, [market], account):
            return
    place = (where.connector_type, where.market_type, where.environment)
    for screen in app.screen_stack:
        seen = screen.where if isinstance(screen, MarketScreen) else None
        if seen is not None and (seen.connector_type, seen.market_type, seen.environment) == place:
            while app.screen is not screen:
                await app.pop_screen()
            return
    open_market(app, where, replace=isinstance(app.screen, MarketScreen))


async def _live_wanted(app: "BarfinexApp", entry: "CatalogEntry", environment: str) -> bool:
    """The real venue is never entered by a default."""
    choices = [
        Choice("no", "Stay off"),
        Choice("yes", f"Connect to {environment_words(environment)}", "bold $error"),
    ]
    return await app.push_screen_wait(ChoiceScreen(f"{entry.display_name}: connect?", choices)) == "yes"


def open_market(app: "BarfinexApp", where: LastMarket, *, replace: bool = False) -> None:
    """Show the market screen of an active instance, over the current screen or instead of it.

    Where no symbol is named, the one watched there last is taken.
    """
    from catalog.model import MarketType  # noqa: PLC0415 - after the first paint
    from tui.screens.market import MarketScreen  # noqa: PLC0415

    if app.services is None:
        return
    last, symbol = app.last_market, where.symbol
    if symbol is None and last is not None:
        same = (last.connector_type, last.market_type) == (where.connector_type, where.market_type)
        symbol = last.symbol if same else None
    screen = MarketScreen(
        app.services.manager,
        where.connector_type,
        MarketType(where.market_type),
        symbol,
        fps=app.settings.fps,
    )
    if replace:
        # Textual leaves the screens' result type open here.
        app.switch_screen(screen)  # pyright: ignore[reportUnknownMemberType]
    else:
        app.push_screen(screen)


async def start(app: "BarfinexApp", plan: "StartPlan", progress: Any) -> None:
    """Carry out a start plan: activate and open the market. Raises `BarfinexError`, `TimeoutError`."""
    from catalog.model import MarketType  # noqa: PLC0415 - after the first paint

    services = app.services
    if services is None:
        return
    progress(f"Connecting to {plan.connector_type} {plan.market_type} ({plan.environment})…")
    async with asyncio.timeout(30):
        await services.manager.activate(
            plan.connector_type, [MarketType(plan.market_type)], environment=plan.environment
        )
    progress("Opening the market…")
