"""What really goes to the terminal: no byte of a hostile text's escapes, and no local variable of a crash."""

import base64
import stat
from urllib.parse import quote

import pytest

from tests.tui.guards.payloads import C1_CSI, CLIPBOARD, OVERRIDE, TITLE_BREAK
from tests.tui.guards.terminal import AppInTerminal
from tests.tui.guards.terminal_app import SECRET

ESCAPES = {"title": TITLE_BREAK, "clipboard": CLIPBOARD, "c1": C1_CSI, "bidi": OVERRIDE}


@pytest.mark.parametrize("name", ESCAPES)
def test_no_escape_of_a_hostile_catalog_reaches_the_terminal(name: str) -> None:
    with AppInTerminal("hostile", name) as terminal:
        terminal.read_until(b"Binance")
        for keys in (b"i", b"i", b"a", b"\x1b", b"?", b"\x1b", b"w"):
            terminal.send(keys)
            terminal.read_for(0.3)
        terminal.send(b"\x11")
        terminal.read_rest()
    payload = ESCAPES[name]
    assert payload.encode() not in terminal.output
    for raw in (b"\x1b]52", b"\x1b]0;", "\x9b".encode(), "\u202e".encode(), "\u2066".encode()):
        assert raw not in terminal.output


def test_a_crash_shows_a_plain_message_and_no_local() -> None:
    with AppInTerminal("crash") as terminal:
        terminal.read_until(b"Binance")
        terminal.send(b"\x1b[20~")
        code = terminal.read_rest()
    assert code == 1
    reports = list((terminal.home / "state").glob("crash-*.txt"))
    assert len(reports) == 1
    assert stat.S_IMODE(reports[0].stat().st_mode) == 0o600
    report = reports[0].read_text()
    assert "ValueError" in report
    assert "terminal_app.py" not in report  # a test's frame is not ours; the app's are
    for form in (
        SECRET.encode(),
        base64.b64encode(SECRET.encode()),
        SECRET.encode().hex().encode(),
        quote(SECRET).encode(),
        b"X-Api-Key",
    ):
        assert form not in terminal.output
        assert form not in report.encode()
    assert b"Traceback" not in terminal.output
    assert b"barfinex stopped" in terminal.output.replace(b"\r\n", b" ")
