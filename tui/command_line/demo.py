"""`barfinex demo`: the app on a local exchange."""

import typer

from tui.command_line.screen import open_app


def demo() -> None:
    """Open the app on a local exchange: no network, no account.

    A Binance-like exchange with a made-up market runs in a process beside the app and ends with it.
    """
    raise typer.Exit(open_demo())


def open_demo() -> int:
    """The app with a market on its way."""
    return open_app("binance", "spot", "local", "BTCUSDT")
