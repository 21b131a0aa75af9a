"""The page on the configuration holds what the code has: every setting, its default, every binding."""

import dataclasses
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tui import config, keymap
from tui.binding_ids import binding_ids

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "configuration.md"


@pytest.fixture
def make_keys(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.delitem(sys.modules, "make_keys", raising=False)
    import make_keys

    return make_keys


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_bindings_are_those_of_the_code(make_keys) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == make_keys.page(text), "run: python docs/make_keys.py"
    assert make_keys.bindings().keys() == binding_ids()


def test_the_example_holds_every_setting_and_all_of_it_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example(), encoding="utf-8")
    loaded = config.load(path)
    assert loaded.problems == ()
    assert keymap.checked(loaded.settings.keymap)[1] == []
    named = tomllib.loads(example())
    assert named.keys() == {field.name for field in dataclasses.fields(config.Settings)}
    network = {field.name for field in dataclasses.fields(config.Settings().network)}
    assert named["network"].keys() == network


def test_defaults_and_reserved_keys_are_as_they_are(tmp_path: Path) -> None:
    named, usual = tomllib.loads(example()), config.Settings()
    assert (named["theme"], named["fps"], named["swap_up_down"]) == (
        usual.theme,
        usual.fps,
        usual.swap_up_down,
    )
    text = PAGE.read_text(encoding="utf-8")
    assert f"{config.MIN_FPS} to {config.MAX_FPS}" in text
    assert all(f"`{key}`" in text for key in keymap.RESERVED)
