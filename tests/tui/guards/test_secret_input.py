"""A typed secret is nowhere but in its field: not in messages, reprs, logs, the clipboard or a picture."""

import logging

import pytest
from textual import events
from textual.app import ComposeResult
from textual.message import Message

from tests.tui.scripted import Stage, settled
from tui.app import BarfinexApp
from tui.widgets.secret_input import SecretArea, SecretInput

SECRET = "s3cret-CANARY-7f3a"
PEM = "-----BEGIN PRIVATE KEY-----\nCANARYcanary0123456789\nabc\n-----END PRIVATE KEY-----\n"


class FieldsApp(BarfinexApp):
    """The real app with two secret fields on its first screen's place."""

    def compose_fields(self) -> ComposeResult:
        yield SecretInput(id="one")
        yield SecretArea(id="many")


async def fields(app: BarfinexApp) -> tuple[SecretInput, SecretArea]:
    one, many = SecretInput(id="one"), SecretArea(id="many")
    await app.screen.query_one("#middle").mount_all([one, many])
    return one, many


async def test_nothing_tells_what_was_typed_or_pasted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    app = Stage().app()

    def note(message: Message) -> None:
        seen.append(repr(message))
        if not isinstance(message, events.Paste):  # the paste itself has to carry it; its repr does not
            seen.append(str(vars(message)))

    async with app.run_test(size=(100, 40), message_hook=note) as pilot:
        await settled(app, pilot)
        one, many = await fields(app)
        one.focus()
        await pilot.press(*SECRET, "enter")
        many.focus()
        await pilot.pause()
        app.post_message(events.Paste(PEM))
        await pilot.pause()
        assert one.value == SECRET
        assert many.text == PEM
        for keys in (("ctrl+a",), ("ctrl+c",), ("ctrl+x",), ("super+c",)):
            await pilot.press(*keys)
        one.focus()
        await pilot.press("home", "shift+end", "ctrl+c", "ctrl+x")
        await pilot.pause()
        assert one.value == SECRET
        assert app.clipboard == ""
        picture = app.export_screenshot()
        whole = "\n".join(seen) + repr(one) + repr(many) + str(app.tree) + caplog.text
    assert any("Paste" in line for line in seen)
    assert "CANARY" not in whole
    assert "CANARY" not in picture
    assert "PRIVATE" not in picture


async def test_revealing_shows_and_hides_and_a_picture_hides() -> None:
    app = Stage().app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(app, pilot)
        one, many = await fields(app)
        one.value = "CANARY-one"
        many.load_text("CANARY-many")
        for field, value in ((one, "CANARY-one"), (many, "CANARY-many")):
            field.focus()
            await pilot.pause()
            await pilot.press("ctrl+r")
            await pilot.pause()
            strips = "\n".join(
                "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
            )
            assert [text for text in ("CANARY-one", "CANARY-many") if text in strips] == [value]
            assert "CANARY" not in app.export_screenshot()
            await pilot.pause()
            assert one.password
            assert many.masked


async def test_a_pasted_line_comes_without_its_breaks_and_blanks() -> None:
    app = Stage().app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(app, pilot)
        one, _ = await fields(app)
        one.focus()
        await pilot.pause()
        app.post_message(events.Paste("  abc\r\ndef \n"))
        await pilot.pause()
        assert one.value == "abcdef"
        one.value = ""
        app.post_message(events.Paste(f"{'k' * 20}\r\n{'s' * 20}\n"))
        await pilot.pause()
        assert one.value == "k" * 20 + "\u2424" + "s" * 20


async def test_wiping_empties_the_field_and_its_history() -> None:
    app = Stage().app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(app, pilot)
        one, many = await fields(app)
        many.focus()
        await pilot.press(*"abc")
        one.value = SECRET
        one.wipe()
        many.wipe()
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert one.value == ""
        assert many.text == ""
