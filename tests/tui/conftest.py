"""What makes screens come out the same everywhere: no colour or Textual settings of the host, no blinking, no homes."""

import os
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

_HOST_SETTINGS = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLORFGBG", "LC_ALL", "LANG", "SSH_TTY")


@pytest.fixture(autouse=True)
def steady_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name in _HOST_SETTINGS or (name.startswith("TEXTUAL") and "SNAPSHOT" not in name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr(TextArea, "cursor_blink", False)
