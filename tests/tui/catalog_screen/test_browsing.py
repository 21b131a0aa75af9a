"""The catalog by keyboard and mouse: segments, search, filters, details, states."""

import pytest
from textual.widgets import Input, Static

from catalog.catalog import Catalog
from catalog.registrations import BrokenEntry
from connectors.runtime.instances import ConnectorStatus
from tests.tui.scripted import Stage, real_catalog, settled, until
from tui.catalog_text import (
    FEATURES,
    Filters,
    environment_mark,
    environment_words,
    environments_safest_first,
    feature_letters,
    filter_values,
    is_live,
)
from tui.screens.catalog import CatalogScreen
from tui.screens.choice import ChoiceScreen
from tui.widgets.exchange_detail import ExchangeDetail
from tui.widgets.exchange_table import ExchangeTable
from tui.widgets.filter_bar import Chip
from tui.widgets.segment_tree import BROKEN, SegmentTree


def names(screen: CatalogScreen) -> list[str]:
    table = screen.query_one(ExchangeTable)
    return [str(table.get_row_at(row)[1]).strip() for row in range(table.row_count)]


def detail(screen: CatalogScreen) -> str:
    return str(screen.query_one("#detail-text", Static).content)


def catalog_screen(app: object) -> CatalogScreen:
    screen = app.screen
    assert isinstance(screen, CatalogScreen)
    return screen


async def test_all_entries_are_there_with_counts_by_segment() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        catalog = real_catalog()
        assert screen.query_one(ExchangeTable).row_count == len(catalog.entries)
        tree = screen.query_one(SegmentTree)
        labels = [str(node.label) for node in tree.root.children]
        for segment, entries in catalog.by_segment().items():
            assert any(label.endswith(f"{len(entries):>4}") for label in labels), segment
        assert str(tree.root.label).endswith(str(len(catalog.entries)))


async def test_searching_narrows_while_typing_and_escape_gives_all_back() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        await pilot.press("slash", *"kraken")
        await until(lambda: screen.query_one(ExchangeTable).row_count < 10, pilot)
        assert "Kraken" in names(screen)[0]
        assert detail(screen).startswith("Kraken")
        await pilot.press("escape")
        await until(lambda: screen.query_one(ExchangeTable).row_count == len(real_catalog().entries), pilot)
        assert screen.query_one(ExchangeTable).has_focus
        assert screen.query_one("#search", Input).value == ""


async def test_the_entry_under_the_cursor_stays_chosen_while_filters_change() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        screen.choose("kraken")
        await pilot.press("slash", "k")
        await pilot.pause()
        assert screen.entry is not None
        assert screen.entry.connector_type == "kraken"


async def test_a_segment_of_the_tree_narrows_the_table() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        tree = screen.query_one(SegmentTree)
        tree.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        expected = [entry.display_name for entry in real_catalog().filter(segment="CRYPTO_DERIVATIVES")]
        assert names(screen) == expected


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("1", "market", "margin"),
        ("2", "feature", "candle_streaming"),
        ("3", "maturity", "beta"),
        ("4", "environment", "local"),
    ],
)
async def test_each_filter_by_its_key(key: str, kind: str, value: str) -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        await pilot.press(key)
        await until(lambda: isinstance(app.screen, ChoiceScreen), pilot)
        place = [name for name, _ in filter_values(real_catalog().entries, kind)].index(value)
        await pilot.press(*["down"] * (place + 1), "enter")
        await until(lambda: app.screen is screen, pilot)
        await pilot.pause()
        expected = real_catalog().filter(**{kind: value})
        assert screen.query_one(ExchangeTable).row_count == len(expected)
        assert screen.query_one(f"#chip-{kind}", Chip).has_class("-set")
        await pilot.press("0")
        await pilot.pause()
        assert screen.query_one(ExchangeTable).row_count == len(real_catalog().entries)
        assert not screen.query_one(f"#chip-{kind}", Chip).has_class("-set")


async def test_a_chip_opens_its_filter_by_mouse_and_clear_takes_all_away() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        await pilot.click("#chip-maturity")
        await until(lambda: isinstance(app.screen, ChoiceScreen), pilot)
        await pilot.press("down", "enter")
        await until(lambda: app.screen is screen, pilot)
        await pilot.pause()
        assert screen.query_one("#chip-clear").display
        await pilot.click("#chip-clear")
        await pilot.pause()
        assert screen.query_one(ExchangeTable).row_count == len(real_catalog().entries)
        assert not screen.query_one("#chip-clear").display


async def test_leaving_a_choice_changes_nothing() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        await pilot.press("2", "down", "escape")
        await until(lambda: app.screen is screen, pilot)
        assert screen.query_one(ExchangeTable).row_count == len(real_catalog().entries)


async def test_nothing_found_says_so_and_how_to_go_on() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        await pilot.press("slash", *"zzzz")
        await until(lambda: screen.has_class("-state"), pilot)
        assert "Nothing matches" in str(screen.query_one("#state", Static).content)
        assert detail(screen) == "Nothing chosen."
        await pilot.press("enter", "0")
        await until(lambda: not screen.has_class("-state"), pilot)


async def test_broken_plug_ins_have_a_group_with_the_reason() -> None:
    broken = BrokenEntry("acme", "acme-connector", "acme/manifest.toml", "segment", "no such segment 'MOON'")
    app = Stage(catalog=Catalog(real_catalog().entries, [broken])).app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        assert "1 broken" in str(screen.query_one("#title-counts", Static).content)
        screen.query_one(SegmentTree).choose(BROKEN)
        await until(lambda: names(screen) == ["acme"], pilot)
        await pilot.pause()
        shown = detail(screen)
        for words in ("acme-connector", "acme/manifest.toml", "segment", "no such segment 'MOON'"):
            assert words in shown
        await pilot.press("enter", "w", "a", "d", "m")
        await pilot.pause()
        assert app.screen is screen


async def test_details_are_toggled_where_there_is_no_room_beside_the_table() -> None:
    app = Stage().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        panel = screen.query_one(ExchangeDetail)
        assert not panel.display
        await pilot.press("i")
        await pilot.pause()
        assert panel.display
        assert not screen.query_one(ExchangeTable).parent.display
        await pilot.press("escape")
        await pilot.pause()
        assert not panel.display
        await pilot.resize_terminal(140, 40)
        await pilot.pause()
        assert panel.display


async def test_a_catalog_that_cannot_be_loaded_says_why_and_can_be_tried_again() -> None:
    stage = Stage()
    stage.load_errors = [OSError("no such [folder]")]
    app = stage.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        assert "no such [folder]" in str(screen.query_one("#state", Static).content)
        assert screen.has_class("-failed")
        await pilot.press("r")
        await until(lambda: not screen.has_class("-state"), pilot)
        assert not screen.has_class("-failed")
        assert screen.query_one(ExchangeTable).row_count == len(real_catalog().entries)


async def test_a_change_of_status_touches_its_cell_only() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        screen = catalog_screen(app)
        table = screen.query_one(ExchangeTable)
        row = table.get_row_index("binance")

        def status() -> str:
            return str(table.get_row_at(row)[0])

        assert status() == "○ inactive"
        from catalog.model import MarketType

        await stage.manager.activate("binance", [MarketType.SPOT], environment="local")
        await until(lambda: status() == "● active", pilot)
        assert "1 active" in str(screen.query_one("#title-counts", Static).content)
        assert "spot active on local" in detail(screen)
        for state, words in (
            (ConnectorStatus.RECONNECTING, "↻ reconnect"),
            (ConnectorStatus.ERROR, "✖ error"),
            (ConnectorStatus.STOPPING, "○ inactive"),
        ):
            stage.manager.set_status(state)
            await until(lambda words=words: status() == words, pilot)


async def test_the_configured_connector_is_chosen_at_the_start() -> None:
    app = Stage(config='default_connector = "okx"').app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.pause()
        entry = catalog_screen(app).entry
        assert entry is not None
        assert entry.connector_type == "okx"


def test_a_feature_keeps_its_place_and_tells_ours_from_theirs() -> None:
    for entry in real_catalog().entries:
        letters = feature_letters(entry)
        assert len(letters) == len(FEATURES)
        for letter, (upper, name, _) in zip(letters, FEATURES, strict=True):
            ours, theirs = getattr(entry.features, name), getattr(entry.offered, name)
            assert letter == (upper if ours else upper.lower() if theirs else "·")


def test_live_is_never_first_where_there_is_another() -> None:
    assert environments_safest_first(["live", "testnet", "local"]) == ["local", "testnet", "live"]
    assert environments_safest_first(["eea", "live", "sandbox"]) == ["sandbox", "eea", "live"]


def test_filters_know_whether_they_narrow() -> None:
    assert not Filters().narrowed
    assert Filters(market="spot").narrowed


def test_a_region_of_the_live_venue_is_marked_as_real_money() -> None:
    assert is_live("live")
    assert is_live("eea")
    assert not is_live("local")
    assert "REAL MONEY" in environment_words("us")
    assert environment_mark("us") == "US"
    assert environment_mark("testnet") == "testnet"


async def test_services_that_are_there_before_the_screen_is_furnished_wait_for_it() -> None:
    stage = Stage()
    app = stage.app()
    app.services = stage.load()()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert app.screen.query_one(ExchangeTable).row_count == len(stage.manager.catalog.entries)
