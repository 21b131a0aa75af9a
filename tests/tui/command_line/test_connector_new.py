"""`barfinex connector new`: the real command, without a terminal and on one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tui.command_line.running import COMMAND, barfinex, environment

NEW = ("connector", "new")


def test_without_a_terminal_the_defaults_are_taken(tmp_path: Path) -> None:
    done = barfinex(*NEW, "acme", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "./barfinex-exchange-acme\n")
    assert "barfinex watch acme BTCUSDT" in done.stderr
    manifest = (tmp_path / "barfinex-exchange-acme" / "barfinex_exchange_acme" / "manifest.toml").read_text()
    for fact in (
        'display_name = "Acme"',
        'segment = "CRYPTO_OTHER"',
        'supported_markets = ["spot"]',
        "trade_streaming = true",
        "historical_data = true",
        "order_execution = false",
        'ws = "wss://',
    ):
        assert fact in manifest
    assert "[[credentials]]" not in manifest
    again = barfinex(*NEW, "acme", home=tmp_path)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_the_options_are_the_choices(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    done = barfinex(
        *NEW,
        *("my-venue", "--segment", "forex", "--markets", "futures, spot", "--credentials", "key-secret"),
        *("--features", "trades,orders", "--transport", "http-stream", "--display-name", "My Venue AG"),
        *("--website", "https://my.example", "--description", "A venue of my own, for this test."),
        *("--output", "out", "--yes"),
        home=tmp_path,
    )
    assert (done.returncode, done.stdout) == (0, "./out/barfinex-exchange-my-venue\n")
    manifest = (
        tmp_path / "out/barfinex-exchange-my-venue/barfinex_exchange_my_venue/manifest.toml"
    ).read_text()
    for fact in (
        'display_name = "My Venue AG"',
        'segment = "FOREX"',
        'supported_markets = ["spot", "futures"]',
        'website = "https://my.example"',
        'description = "A venue of my own, for this test."',
        "candle_streaming = false",
        "order_execution = true",
        "spot_trading = true",
        'key = "apiSecret"',
        'stream = "https://',
    ):
        assert fact in manifest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Acme",), "'Acme' cannot be a connector's name"),
        (("binance",), "there is a connector 'binance' already"),
        (("class",), "a word of Python's own"),
        (("acme", "--segment", "CRYPTO_OTHR"), "unknown segment 'CRYPTO_OTHR'; did you mean 'CRYPTO_OTHER'"),
        (("acme", "--markets", "spot,swap"), "unknown market 'swap'"),
        (("acme", "--markets", ","), "name at least one market"),
        (("acme", "--features", "trades,orders"), "orders need credentials"),
        (("acme", "--transport", "carrier-pigeon"), "unknown transport 'carrier-pigeon'"),
        (("acme", "--credentials", "password"), "unknown kind of credentials 'password'"),
        (("acme", "--website", "acme"), "is no address of a website"),
        (("acme", "--display-name", 'A"B'), "the display name holds a character that cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = barfinex(*NEW, *arguments, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("barfinex: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*barfinex-exchange*"))


def test_a_folder_that_is_not_there_is_a_failure_in_one_line(tmp_path: Path) -> None:
    done = barfinex(*NEW, "acme", "--output", "nowhere", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "barfinex: there is no folder nowhere\n"


def test_a_type_that_is_only_announced_is_free(tmp_path: Path) -> None:
    done = barfinex(*NEW, "kraken", "--yes", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "./barfinex-exchange-kraken\n")


class Terminal:
    """The command on a pseudo-terminal, its data apart in a pipe."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.screen = ""
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=home,
            env=environment(home, TERM="xterm"),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            start_new_session=True,
        )
        os.close(theirs)

    def answer(self, question: str, text: str) -> None:
        """Wait for a question and answer it; what was read before it is kept in `screen`."""
        end = time.monotonic() + 30
        unread = ""
        while question not in unread:
            assert time.monotonic() < end, f"{question!r} was not asked; the end was {self.screen[-300:]!r}"
            unread += self._read()
        os.write(self._ours, text.encode() + b"\n")

    def _read(self) -> str:
        try:
            text = os.read(self._ours, 4_096).decode()
        except OSError:
            text = ""
        assert text, f"it has ended: {self.screen[-300:]!r}"
        self.screen += text
        return text

    def close(self) -> tuple[int, str]:
        """The exit code, and what came on standard output."""
        output, _ = self.process.communicate(timeout=60)
        while True:
            try:
                self.screen += os.read(self._ours, 4_096).decode()
            except OSError:
                break
        os.close(self._ours)
        return self.process.returncode, output


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
def test_on_a_terminal_it_asks_and_asks_again(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *NEW, "acme", "--transport", "polling")
    terminal.answer("Display name [Acme]:", "")
    terminal.answer("Segment [CRYPTO_OTHER]:", "nonsense")
    terminal.answer("Segment [CRYPTO_OTHER]:", "market-data")
    terminal.answer("Markets, of spot futures margin [spot]:", "spot,futures")
    terminal.answer("Credentials, of none key-secret [none]:", "key-secret")
    features = (
        "Features, of trades books candles prices history orders [trades,books,candles,prices,history]:"
    )
    terminal.answer(features, "trades,orders")
    terminal.answer(features, "trades, books")
    terminal.answer("Website", "ftp://acme")
    terminal.answer("Website", "https://acme.example")
    terminal.answer("Description", "")
    code, output = terminal.close()
    assert (code, output) == (0, "./barfinex-exchange-acme\n")
    assert "unknown segment 'nonsense'" in terminal.screen
    assert "a provider of market data takes no orders" in terminal.screen
    assert "Transport" not in terminal.screen
    manifest = (tmp_path / "barfinex-exchange-acme" / "barfinex_exchange_acme" / "manifest.toml").read_text()
    assert 'segment = "MARKET_DATA"' in manifest
    assert 'supported_markets = ["spot", "futures"]' in manifest
    assert "candle_streaming = false" in manifest


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
def test_ending_the_input_leaves_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *NEW, "acme")
    terminal.answer("Display name [Acme]:", "")
    terminal.answer("Segment [CRYPTO_OTHER]:", "\x04\x04")
    code, output = terminal.close()
    assert (code, output) == (130, "")
    assert not list(tmp_path.glob("*barfinex-exchange*"))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("--segment CRYPTO_M", ["CRYPTO_MAJOR"]),
        ("--markets spot,f", ["spot,futures"]),
        ("--features trades,b", ["trades,books"]),
        ("--credentials k", ["key-secret"]),
        ("--transport h", ["http-stream"]),
    ],
)
def test_the_shell_is_offered_the_choices(tmp_path: Path, typed: str, offered: list[str]) -> None:
    done = barfinex(
        home=tmp_path,
        _BARFINEX_COMPLETE="complete_bash",
        COMP_WORDS=f"barfinex connector new acme {typed}",
        COMP_CWORD="5",
    )
    assert done.stdout.split() == offered
