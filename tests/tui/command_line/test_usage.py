"""What every command keeps to: data on stdout, one plain line on stderr, exit codes 0, 1 and 2."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.tui.command_line.running import COMMAND, barfinex, environment
from tui.version import __version__

COMMANDS = ("demo", "catalog", "credentials", "watch", "emulate", "connector")


def test_the_version(tmp_path: Path) -> None:
    done = barfinex("--version", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"barfinex {__version__}\n", "")


@pytest.mark.parametrize("command", ["", *COMMANDS, "credentials set", "connector check"])
def test_help_is_plain_and_on_stdout(command: str, tmp_path: Path) -> None:
    done = barfinex(*command.split(), "--help", home=tmp_path, COLUMNS="80")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("Usage: barfinex")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    if not command:
        assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("wach binance", "'wach'"),
        ("catalog --segmnt DEX", "--segmnt"),
        ("catalog --segment DEXX", "'DEXX'"),
        ("watch", "connector"),
        ("watch binance", "SYMBOL"),
        ("watch binanse BTCUSDT", "did you mean 'binance'"),
        ("watch binance BTCUSDT --market margin", "margin"),
        ("watch binance BTCUSDT --market bazaar", "'bazaar'"),
        ("watch binance BTCUSDT --environment testnt", "did you mean 'testnet'"),
        ("watch binance BTCUSDT --channels trades,boook", "did you mean 'book'"),
        ("watch binance BTCUSDT --channels ,", "--channels"),
        ("watch binance BTCUSDT --interval 7m", "'7m'"),
        ("watch binance BTCUSDT --count 0", "--count"),
        ("watch binance BTCUSDT --count many", "--count"),
        ("watch binance BTCUSDT --depth 0", "--depth"),
        ("watch binance BTCUSDT --environment live --url http://127.0.0.1:1", "--url"),
        ("watch kraken BTCUSDT --environment demo", "Kraken"),
        ("credentials set upbit", "--environment"),
        ("emulate", "venue"),
        ("emulate binanse", "'binanse'"),
        ("emulate binance --port 70000", "--port"),
        ("credentials", "command"),
        ("credentials set binanse", "did you mean 'binance'"),
        ("credentials set binance --environment tesnet", "did you mean 'testnet'"),
        ("credentials set binance apiSecret=x", "apiSecret=x"),
    ],
)
def test_bad_usage_is_one_plain_line_that_names_it(arguments: str, named: str, tmp_path: Path) -> None:
    done = barfinex(*arguments.split(), home=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if "environment: local" not in line]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("barfinex: ")
    # Versions of the parser differ in the case of an argument's name.
    assert named.casefold() in lines[0].casefold()


def test_a_word_from_the_command_line_cannot_move_the_cursor(tmp_path: Path) -> None:
    done = barfinex("watch", "\x1b[2Jbin\u202eance", "BTCUSDT", home=tmp_path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr


def test_the_app_without_a_terminal_says_so(tmp_path: Path) -> None:
    for arguments in ([], ["demo"]):
        done = barfinex(*arguments, home=tmp_path)
        assert done.returncode == 2
        assert (
            done.stderr
            == "barfinex: the app needs a terminal; 'barfinex --help' lists the commands that do not\n"
        )
        assert done.stdout == ""


def test_the_catalog_is_listed_whole_one_object_a_line(tmp_path: Path) -> None:
    done = barfinex("catalog", "--json", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(entries) >= 60
    assert len({entry["segment"] for entry in entries}) == 13
    fields = {
        *("connector_type", "display_name", "segment", "supported_markets", "credentials", "website"),
        *("description", "maturity", "features", "environments", "documentation", "verified_on"),
    }
    assert all(fields <= set(entry) and len(entry["features"]) == 9 for entry in entries)
    binance = next(entry for entry in entries if entry["connector_type"] == "binance")
    assert {"live", "testnet", "local"} <= set(binance["environments"])


def test_the_catalog_is_narrowed(tmp_path: Path) -> None:
    done = barfinex("catalog", "--segment", "dex", "--search", "uniswap", "--json", home=tmp_path)
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert entries[0]["display_name"] == "Uniswap"
    assert {entry["segment"] for entry in entries} == {"DEX"}
    table = barfinex("catalog", "--search", "binance", home=tmp_path)
    assert "binance" in table.stdout
    assert "live testnet local" in table.stdout
    nothing = barfinex("catalog", "--search", "no such thing", home=tmp_path)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "barfinex: no entry matches\n")


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "catalog", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("wa", "watch"),
        ("watch bina", "binance"),
        ("watch binance --chan", "--channels"),
        ("credentials l", "list"),
        ("connector check bina", "binance"),
    ],
)
def test_the_shell_completes_commands_connectors_and_options(
    typed: str, offered: str, tmp_path: Path
) -> None:
    words = f"barfinex {typed}"
    done = barfinex(
        home=tmp_path,
        _BARFINEX_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(words.count(" ")),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [offered]
