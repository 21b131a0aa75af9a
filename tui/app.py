"""The app: wiring only. It paints first and loads the rest of the program behind the first frame."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.geometry import Size
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from catalog.text import clean_message
from connectors.network import settings as network
from connectors.runtime.daemon_call import call_in_daemon_thread
from tui import config, crash, guards, keymap, session
from tui.log_ring import LogRing
from tui.messages import MarketOpened, ServicesFailed, ServicesReady
from tui.price_cache import PriceCache
from tui.screens.catalog import CatalogScreen
from tui.services import Services, ServicesLoader, load_services
from tui.themes import THEMES, market_colours, swapped
from tui.type_ahead import TypeAhead
from tui.watchdog import TerminalWatchdog
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH, TooSmall

if TYPE_CHECKING:
    from textual.command import Provider

    from tui.recording_plan import RecordingPlan

_HERE = Path(__file__).parent

LOAD_SECONDS = 60.0
"""After this the catalog counts as failed, with a retry; the thread holds up nothing, quitting included."""

QUIT_AGAIN_SECONDS = 3.0
"""Within this time a second Ctrl+C quits."""


@dataclass(frozen=True, slots=True)
class StartPlan:
    """What to open at once: a market, activated on the way."""

    connector_type: str
    market_type: str = "spot"
    environment: str = "local"
    symbol: str | None = None


def _palette() -> "type[Provider]":
    from tui.commands import BarfinexCommands  # noqa: PLC0415 - the palette is opened later, if at all

    return BarfinexCommands


class BarfinexApp(App[int]):
    """`plan` opens a market or a recording at once; the other arguments exist for tests."""

    TITLE = "barfinex"
    # A default screen's own sheet would not be read; absolute, because a subclass may live elsewhere.
    CSS_PATH: ClassVar[Any] = [_HERE / "app.tcss", _HERE / "screens" / "catalog.tcss"]
    COMMANDS: ClassVar[Any] = {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="app.quit", priority=True, tooltip="Leave barfinex"),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("question_mark,f1", "help", "Help", id="app.help", key_display="?", tooltip="Keys and help"),
        Binding("H", "health", "Health", id="app.health", show=False, tooltip="Connections, requests, log"),
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual annotates it
        (0, "-tiny"),
        (MIN_WIDTH, "-narrow"),
        (110, "-wide"),
        (160, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual annotates it
        (0, "-flat"),
        (MIN_HEIGHT, "-short"),
        (34, "-tall"),
    ]

    def __init__(
        self,
        plan: "StartPlan | RecordingPlan | None" = None,
        *,
        load: ServicesLoader = load_services,
        config_file: Path | None = None,
        state_folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        guards.install()
        self.plan = plan
        self.services: Services | None = None
        self.services_error: str | None = None
        self.clock = clock
        self.log_ring = LogRing()
        self._load = load
        self._config_file = config_file or config.config_path()
        self._state_folder = state_folder or session.state_folder()
        self._session_file = self._state_folder / "session.toml"
        loaded = config.load(self._config_file)
        self.settings = loaded.settings
        network.use(loaded.settings.network)
        self.last_market = session.load(self._session_file)
        self._clashes: set[str] = set()
        self._interrupted_at = float("-inf")
        self._keys_ahead = TypeAhead(self)
        self.price_cache = PriceCache()
        self._focus_before: WeakKeyDictionary[Screen[Any], Widget] = WeakKeyDictionary()
        self._watchdog = TerminalWatchdog(lambda: self._leave_soon(1), end=self._end_at_once)
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        problems = list(loaded.problems)
        if self.settings.theme in self.available_themes:
            self.theme = self.settings.theme
        else:
            problems.append(f"theme: '{self.settings.theme}' is not a theme; ignored")
            self.theme = config.DEFAULT_THEME
        chosen, refused = keymap.checked(self.settings.keymap)
        self.keymap = chosen
        self.set_keymap(chosen)
        self.start_problems = config.the_first((*problems, *refused))

    # --- start and end -------------------------------------------------------------------------------------------

    def get_driver_class(self) -> type[Driver]:
        usual = super().get_driver_class()
        if usual.__module__ != "textual.drivers.linux_driver":
            return usual
        from tui.terminal_driver import TerminalDriver  # noqa: PLC0415 - there is none on Windows

        return TerminalDriver

    def get_default_screen(self) -> Screen[Any]:
        return CatalogScreen()

    def on_mount(self) -> None:
        self._watchdog.start()
        # Textual leaves the screens' result type open here.
        self.screen_change_signal.subscribe(self, self._on_screen_change)  # pyright: ignore[reportUnknownMemberType]
        if self.plan is not None:
            from tui.screens.start import StartScreen  # noqa: PLC0415 - only a plan needs it

            self.push_screen(StartScreen(self.plan))
        self.call_after_refresh(self.load_services)

    def reload_services(self) -> bool:
        """Read the catalog again (the retry after a failure too); whether that is begun.

        What is active belongs to the catalog it was read from, so it has to be turned off first.
        """
        if self.services is not None and self.services.manager.instances():
            self.notify("Turn off what is active first, then reload.", severity="warning")
            return False
        self.load_services()
        return True

    def _on_screen_change(self, screen: Screen[Any]) -> None:
        self._check_size(self.size)
        self._check_keys(screen)

    def load_services(self) -> None:
        """Load what the screens need."""
        self.services_error = None
        self.run_worker(self._load_services(), name="services", group="services", exclusive=True)

    async def _load_services(self) -> None:
        try:
            build = await call_in_daemon_thread(self._load, LOAD_SECONDS, name="load services")
            if self.services is not None:
                await self.services.manager.close()
            self.services = build()
            self.services.manager.on_notice(partial(self.notify, severity="warning", timeout=10))
            self.log_ring.attach()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the installation is shown, with a retry
            self.services_error = clean_message(f"{type(error).__name__}: {error}")
            self._tell_screens(ServicesFailed(self.services_error))
            return
        self._tell_screens(ServicesReady())
        self._check_keys(self.screen)
        for problem in self.start_problems:
            self.notify(problem, title="Configuration", severity="warning", timeout=10)

    def _tell_screens(self, message: ServicesReady | ServicesFailed) -> None:
        for screen in self.screen_stack:
            screen.post_message(message)

    async def action_quit(self) -> None:
        self.exit(0)

    async def on_unmount(self) -> None:
        self._keys_ahead.stop()
        self.log_ring.detach()
        if self.services is not None:
            await self.services.manager.close()
        self._watchdog.stop()

    def action_help_quit(self) -> None:
        """Ctrl+C: copying is its other meaning, so once explains and twice leaves."""
        now = self.clock()
        if now - self._interrupted_at <= QUIT_AGAIN_SECONDS:
            self.exit(0)
            return
        self._interrupted_at = now
        self.notify("Press Ctrl+C again to leave, or Ctrl+Q at any time.", title="Leave barfinex?", timeout=3)

    def leave_on_signal(self) -> bool:
        """Leave as on Ctrl+Q; `False` where the app is no longer running."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        self._watchdog.leave_now(lambda: self._leave_soon(0))
        return True

    def _leave_soon(self, code: int) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.exit, code)

    def _end_at_once(self) -> None:
        """Something holds up the event loop: give the terminal back and end the process."""
        give_back = getattr(self._driver, "give_back", None)
        if callable(give_back):
            give_back(0.5)
        os._exit(1)

    def _check_keys(self, screen: Screen[Any]) -> None:
        """Say which keys of this screen the configured keymap took away, once each."""
        owners = [(type(screen).__name__, type(screen).BINDINGS), ("everywhere", type(self).BINDINGS)]
        for line in keymap.clashes(owners, self.keymap):
            if line not in self._clashes:
                self._clashes.add(line)
                self.notify(line, title="Configuration", severity="warning", timeout=10)

    # --- keys ----------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and not self._leaves(event):
            if not self.screen_stack or self._is_too_small(self.size):
                return  # nobody sees what it would do
            if not self._keys_ahead.may_pass(event):
                return
        await super().on_event(event)

    def _leaves(self, event: events.Key) -> bool:
        bound = self._bindings.key_to_bindings.get(event.key, ())
        return any(binding.action in ("quit", "help_quit") for binding in bound)

    # --- guards --------------------------------------------------------------------------------------------------

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """As Textual's, but text is cleaned and never markup, whatever the caller says."""
        del markup
        super().notify(
            clean_message(message),
            title=clean_message(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    def _fatal_error(self) -> None:
        """Textual prints the traceback with every local variable; this prints none."""
        error = sys.exc_info()[1] or self._exception or RuntimeError("unknown")
        report = crash.write_report(error, self._state_folder)
        self.bell()
        self.panic(Text(crash.message(error, report)))

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """As Textual's, with every secret masked."""
        from tui.widgets.secret_input import mask_all  # noqa: PLC0415 - imported already where a secret is shown

        for screen in self.screen_stack:
            mask_all(screen)
        return super().export_screenshot(title=title, simplify=simplify)

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Save the picture and say where, or why not."""
        from tui import pictures  # noqa: PLC0415 - for a picture only

        folder = pictures.folder() if path is None else Path(path)
        try:
            saved = pictures.save(self.export_screenshot(), folder, filename)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.notify(f"{folder}: {reason}", title="The picture could not be saved", severity="error")
            return None
        self.notify(str(saved), title="Picture saved")
        return None

    # --- look ----------------------------------------------------------------------------------------------------

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return market_colours(self.current_theme)

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        if self.settings.swap_up_down:
            variables = swapped(variables)
            self.theme_variables = variables
        return variables

    def change_settings(self, **changes: Any) -> None:
        """Apply and save some settings."""
        self.settings = replace(self.settings, **changes)
        if "theme" in changes:
            self.theme = self.settings.theme
        self.refresh_css(animate=False)
        try:
            config.save(self._config_file, changes)
        except OSError as error:
            self.notify(
                f"The setting is not saved: {error.strerror or error}",
                title="Configuration",
                severity="warning",
            )

    def on_resize(self, event: events.Resize) -> None:
        self._check_size(event.size)

    def _is_too_small(self, size: Size) -> bool:
        return size.width < MIN_WIDTH or size.height < MIN_HEIGHT

    def _check_size(self, size: Size) -> None:
        """Where the terminal is too small, every screen gives way to a plain message."""
        if not self.screen_stack:
            return
        screen, too_small = self.screen, self._is_too_small(size)
        if too_small and not screen.query(TooSmall):
            screen.mount(TooSmall())
        if too_small and not screen.has_class("-too-small") and screen.focused is not None:
            self._focus_before[screen] = screen.focused
        if screen.has_class("-too-small") and not too_small:
            # What is hidden has no focus, and can have it again once it is laid out.
            screen.call_after_refresh(self._focus_again, screen)
        screen.set_class(too_small, "-too-small")

    def _focus_again(self, screen: Screen[Any]) -> None:
        before = self._focus_before.pop(screen, None)
        if before is not None and before.is_attached and before.focusable:
            screen.set_focus(before)
        elif screen.focused is None:
            screen.focus_next()

    # --- what more than one screen asks for ------------------------------------------------------------------------

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen  # noqa: PLC0415 - opened when asked for

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_health(self) -> None:
        """Show how everything active is doing; not from a dialogue."""
        from tui.screens.health import HealthScreen  # noqa: PLC0415 - opened when asked for

        if self.services is not None and not isinstance(self.screen, HealthScreen | ModalScreen):
            self.push_screen(HealthScreen(self.services.manager, self.log_ring))

    def on_market_opened(self, message: MarketOpened) -> None:
        self.remember(
            session.LastMarket(
                message.connector_type, message.market_type, message.environment, message.symbol
            )
        )

    def remember(self, last: session.LastMarket) -> None:
        if last != self.last_market:
            self.last_market = last
            with contextlib.suppress(OSError):  # a convenience: the next start only lacks it
                session.save(self._session_file, last)
