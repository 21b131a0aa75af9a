"""The configuration: named faults, field by field, and saving that never loses what it did not change."""

import stat
import tomllib
from pathlib import Path

import pytest

from tui import config, keymap, session
from tui.config import Settings


def test_a_missing_file_gives_the_defaults(tmp_path: Path) -> None:
    loaded = config.load(tmp_path / "config.toml")
    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_every_field_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        'theme = "barfinex-light"\nfps = 20\nswap_up_down = true\ndefault_connector = "kraken"\n'
        '[keymap]\n"catalog.search" = "f5"\n'
    )
    loaded = config.load(path)
    assert loaded.problems == ()
    assert loaded.settings == Settings("barfinex-light", 20, True, {"catalog.search": "f5"}, "kraken")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("fps = 0", "fps: must be a whole number from 1 to 30"),
        ("fps = 400", "fps"),
        ("fps = true", "fps"),
        ('fps = "fast"', "fps"),
        ("theme = 3", "theme: must be a short text"),
        ('theme = "a\\u001b]0;x"', "theme"),
        ("swap_up_down = 1", "swap_up_down: must be true or false"),
        ('keymap = "x"', "keymap: must be a table"),
        ("[keymap]\nsearch = 3", "keymap"),
        ("colour = 1", "colour: no such setting"),
    ],
)
def test_a_bad_field_is_named_and_only_it_is_ignored(tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'default_connector = "kraken"\n{line}\n')
    loaded = config.load(path)
    assert len(loaded.problems) == 1
    assert named in loaded.problems[0]
    assert "config.toml" in loaded.problems[0]
    assert loaded.settings == Settings(default_connector="kraken")


@pytest.mark.parametrize("content", [b"fps = = 3", b"\xff\xfe\x00", b"[keymap\n"])
def test_a_file_that_is_not_toml_gives_the_defaults_and_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    loaded = config.load(path)
    assert loaded.settings == Settings()
    assert "config.toml" in loaded.problems[0]


def test_saving_changes_what_was_changed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    config.save(path, {"theme": "barfinex-light"})
    path.write_text(path.read_text() + 'fps = "fast"\nother = [1, 2]\n')
    config.save(path, {"swap_up_down": True})
    assert tomllib.loads(path.read_text()) == {
        "theme": "barfinex-light",
        "fps": "fast",
        "other": [1, 2],
        "swap_up_down": True,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["config.toml"]


def test_an_unfinished_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("fps = = 3\n")
    with pytest.raises(OSError, match="left alone"):
        config.save(path, {"fps": 3})
    assert path.read_text() == "fps = = 3\n"


def test_the_session_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "session.toml"
    last = session.LastMarket("binance", "spot", "local", "ETHUSDT")
    session.save(path, last)
    assert session.load(path) == last
    without = session.LastMarket("binance", "spot", "local")
    session.save(path, without)
    assert session.load(path) == without


@pytest.mark.parametrize("content", ["", "x = ", "last_market = 3", "[last_market]\nconnector_type = 1"])
def test_a_damaged_session_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "session.toml"
    assert session.load(path) is None
    path.write_text(content)
    assert session.load(path) is None


def test_keys_that_cannot_be_given_away_are_refused_by_name() -> None:
    chosen, refused = keymap.checked(
        {
            "catalog.search": "f5, ctrl+f",
            "catalog.market": "ctrl+m",
            "catalog.wizard": " ",
            "catalog.open": "f5",
        }
    )
    assert chosen == {"catalog.search": "f5,ctrl+f", "catalog.open": "f5"}
    assert any("ctrl+m is Enter" in line for line in refused)
    assert any("catalog.wizard: no key" in line for line in refused)
    assert any("f5 is given to catalog.search and to catalog.open" in line for line in refused)
