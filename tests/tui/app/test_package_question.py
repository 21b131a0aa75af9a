"""Stored credentials that would go to other code than they were given to: the person is asked first."""

import pytest

from tests.tui.scripted import Stage, settled, until
from tui import flows
from tui.screens.choice import ChoiceScreen

QUESTION = "the package barfinex-acme 1.2 is not what it was when the credentials were given to it"


@pytest.mark.parametrize(
    ("keys", "calls"),
    [
        (("escape",), []),
        (("enter",), []),
        (("down", "enter"), ["activate"]),
        (("down", "down", "enter"), ["allow", "activate"]),
    ],
    ids=["left", "no", "without", "yes"],
)
async def test_it_is_asked_before_anything_is_handed_over(keys: tuple[str, ...], calls: list[str]) -> None:
    stage = Stage()
    stage.manager.question = QUESTION
    app = stage.app()
    entry = stage.catalog.get("binance")
    assert entry is not None
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await stage.manager.vault.save("binance", "local", "main", {"apiKey": "key"})
        flows.activate(app, entry)
        await until(lambda: isinstance(app.screen, ChoiceScreen), pilot)
        # Where, which account, which market: whatever comes first is taken.
        while (asked := app.screen) and "hand over" not in getattr(asked, "_title", ""):
            await pilot.press("enter")
            await until(
                lambda before=asked: app.screen is not before and isinstance(app.screen, ChoiceScreen), pilot
            )
        assert isinstance(asked, ChoiceScreen)
        assert asked._title == "Binance: hand over stored credentials?"
        assert asked._note == f"T{QUESTION[1:]}."
        await pilot.press(*keys)
        await until(lambda: app.screen is not asked, pilot)
        await until(lambda: [name for name, _ in stage.manager.calls] == calls, pilot)
