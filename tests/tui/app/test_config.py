"""The configuration: named faults, field by field, and saving that never loses what it did not change."""

import os
import stat
import tomllib
from pathlib import Path

import pytest

from connectors.network.settings import NetworkSettings
from tui import config, crash, keymap, session
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
        ("network = 1", "network: must be a table"),
        ("[network]\nprxy = 'x'", "network: prxy: no such setting"),
        ("[network]\nca_file = 3", "network: ca_file: must be a short text"),
        ("[network]\nproxy = 'http://me:hidden@proxy:1'", "network: proxy: user and password do not belong"),
    ],
)
def test_a_bad_field_is_named_and_only_it_is_ignored(tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'default_connector = "kraken"\n{line}\n')
    loaded = config.load(path)
    assert len(loaded.problems) == 1
    assert named in loaded.problems[0]
    assert "config.toml" in loaded.problems[0]
    assert "hidden" not in loaded.problems[0]
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


HOSTILE = {
    "nested": b"fps = " + b"[" * 100_000 + b"]" * 100_000,
    "a table in a table in a table": b"[a" + b".a" * 60_000 + b"]\nb = 1\n",
    "inline tables": b"keymap = " + b"{a = " * 20_000 + b"1" + b"}" * 20_000,
    "digits": b"fps = " + b"9" * 10_000,
    "settings": b"".join(b"s%d = 1\n" % number for number in range(150_000)),
    "few settings": b"".join(b"s%d = 1\n" % number for number in range(15_000)),
    "bindings": b"[keymap]\n" + b"".join(b'"x.%d" = "y"\n' % number for number in range(10_000)),
    "escapes": b'theme = "\\u001b]0;x\\u0007"\n',
    "surrogate": b'theme = "\xed\xa0\x80"',
    "zeros": b"\0" * 1000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_an_odd_file_gives_the_defaults_and_a_few_plain_lines(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    loaded = config.load(path)
    refused = keymap.checked(loaded.settings.keymap)[1]
    told = config.the_first((*loaded.problems, *refused))
    assert 1 <= len(told) <= config.MOST_PROBLEMS + 1
    assert all(line.isprintable() and len(line) < 400 for line in told)
    assert loaded.settings.theme == Settings().theme
    assert session.load(path) is None


@pytest.mark.parametrize("content", [b"fps = " + b"[" * 50_000, b"[a" + b".a" * 500 + b"]\nb = 1\n"])
def test_what_cannot_be_changed_safely_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(OSError, match="left alone"):
        config.save(path, {"theme": "nord"})
    assert path.read_bytes() == content


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_or_a_device_or_a_folder_in_its_place_holds_up_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "config.toml"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        loaded = config.load(path)
        assert loaded.settings == Settings()
        assert len(loaded.problems) == 1
        assert loaded.problems[0].endswith("defaults are used")
        assert session.load(path) is None


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbffps = 20\n")
    assert config.load(path) == config.Loaded(Settings(fps=20))
    config.save(path, {"theme": "nord"})
    assert config.load(path).settings == Settings("nord", 20)


@pytest.mark.parametrize(
    "line",
    ["connector_type = 3", "connector_type = [[]]", 'connector_type = "a\\u001b[2Jb"', 'connector_type = ""'],
)
def test_a_session_of_odd_values_is_as_good_as_none(tmp_path: Path, line: str) -> None:
    path = tmp_path / "session.toml"
    path.write_text(f'[last_market]\nmarket_type = "spot"\nenvironment = "local"\n{line}\n')
    assert session.load(path) is None


def test_comments_order_and_unknown_settings_outlive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    before = (
        '# my own file\n\ntheme = "nord"  # a dark one\n\n# a word about the frames\nfps = 20\n'
        'later = {a = 1}\n\n[keymap]  # keys\n"catalog.search" = "f5" # not the slash\n'
    )
    path.write_text(before)
    config.save(path, {"theme": "barfinex-light"})
    assert path.read_text() == before.replace("nord", "barfinex-light")
    config.save(path, {"swap_up_down": True})
    assert tomllib.loads(path.read_text())["swap_up_down"] is True
    assert path.read_text().count("#") == before.count("#")


def test_a_change_is_written_through_links(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "barfinex.toml"
    kept.parent.mkdir()
    kept.write_text("# mine\nfps = 20\n")
    between, path = tmp_path / "between.toml", tmp_path / "config.toml"
    between.symlink_to(kept)
    path.symlink_to("between.toml")
    config.save(path, {"theme": "nord"})
    assert path.is_symlink()
    assert between.is_symlink()
    assert kept.read_text() == '# mine\nfps = 20\ntheme = "nord"\n'


def test_a_link_that_leads_to_nothing_yet_is_written_through(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(tmp_path / "dotfiles" / "barfinex.toml")
    config.save(path, {"theme": "nord"})
    assert path.is_symlink()
    assert config.load(path).settings.theme == "nord"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_folders_and_files_are_their_owners_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        config.save(tmp_path / "a" / "b" / "config.toml", {"fps": 20})
        session.save(tmp_path / "c" / "d" / "session.toml", session.LastMarket("a", "spot", "local"))
        crash.write_report(ValueError(), tmp_path / "e" / "f")
    finally:
        os.umask(before)
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_key_that_there_is_not_is_told_and_a_character_is_as_good_as_its_name() -> None:
    chosen, refused = keymap.checked(
        {
            "app.quit": "ctrl+bogus",
            "catalog.search": "F5",
            "catalog.market": "crtl+f",
            "catalog.reload": "<any>",
            "catalog.open": "f5,?",
            "app.help": "question_mark",
            "catalog.details": "é,龙,ctrl+slash,shift+left,alt+x,space",
        }
    )
    assert chosen == {
        "catalog.open": "f5,question_mark",
        "app.help": "question_mark",
        "catalog.details": "é,龙,ctrl+slash,shift+left,alt+x,space",
    }
    assert refused == [
        "keymap: app.quit: there is no key ctrl+bogus; ignored",
        "keymap: catalog.search: there is no key F5, perhaps f5 is meant; ignored",
        "keymap: catalog.market: there is no key crtl+f; ignored",
        "keymap: catalog.reload: there is no key <any>; ignored",
        "keymap: question_mark is given to catalog.open and to app.help",
    ]


def test_a_bad_field_of_a_table_leaves_its_others(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[keymap]\n"a" = 3\n"catalog.search" = "f5"\n"b" = ["x"]\n'
        '[network]\nproxy = "http://proxy:1"\nca_file = 1\nx = 2\n'
    )
    loaded = config.load(path)
    assert loaded.settings.keymap == {"catalog.search": "f5"}
    assert loaded.settings.network == NetworkSettings(proxy="http://proxy:1")
    assert loaded.problems == (
        "config.toml: keymap: a: must be a short text; ignored",
        "config.toml: keymap: b: must be a short text; ignored",
        "config.toml: network: ca_file: must be a short text; ignored",
        "config.toml: network: x: no such setting; ignored",
    )


def test_a_binding_that_there_is_not_is_told_in_plain_words() -> None:
    chosen, refused = keymap.checked({"catalog.serch": "f5", "x": "f6", "catalog.search": "f7"})
    assert chosen == {"catalog.search": "f7"}
    assert refused == [
        "keymap: catalog.serch: nothing has this name, perhaps catalog.search is meant; ignored",
        "keymap: x: nothing has this name; ignored",
    ]


def test_the_network_is_a_table_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[network]\nproxy = "socks5://proxy:1080"\nno_proxy = ".corp"\nca_file = "~/corp.pem"\n')
    loaded = config.load(path)
    assert loaded.problems == ()
    assert loaded.settings.network == NetworkSettings(
        proxy="socks5://proxy:1080", no_proxy=".corp", ca_file="~/corp.pem"
    )
