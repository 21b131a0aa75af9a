"""`barfinex watch`: the live stream, headless."""

import threading
from typing import Annotated

import typer

from tui.command_line.log import Verbose, start_secure
from tui.command_line.problems import INTERRUPTED, OK
from tui.command_line.subscription_options import (
    Connector,
    Environment,
    Interval,
    Market,
    Profile,
    Symbols,
    Url,
    Utc,
)
from tui.command_line.vault_password import PasswordDescriptor, PasswordFile, PasswordSource


def watch(
    connector: Connector,
    symbols: Symbols,
    market: Market = "spot",
    environment: Environment = None,
    url: Url = None,
    channels: Annotated[
        str, typer.Option(help="What to print, separated by commas.")
    ] = "trades,book,candles,prices",
    interval: Interval = "1m",
    depth: Annotated[
        int,
        typer.Option(
            min=1,
            max=5000,
            help="Levels a side of the order book; known_bid and known_ask say how far it is known.",
        ),
    ] = 20,
    count: Annotated[
        int | None,
        typer.Option(
            min=1, help="Leave after so many trades, books, candles and prices.", show_default=False
        ),
    ] = None,
    utc: Utc = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    profile: Profile = None,
    password_file: PasswordFile = None,
    password_fd: PasswordDescriptor = None,
    verbose: Verbose = 0,
) -> None:
    """Print live trades, order books, candles and prices.

    Every line names the environment. An order book is printed only while it is verified, so never crossed, and says how
    far it is known where the venue's snapshot was cut: levels beyond are left out. What happens to a stream (lost,
    reconnecting, resynced, dropped) and to its market (halted, delisted, trading) is a line of its own, kind `status`,
    in order with the data and not counted. Where standard output is read too slowly, books and prices are conflated and
    dropped events are counted. With --count, a line is kept for every channel and symbol until it has been heard, for
    up to 10 seconds. Ctrl-C ends an endless watch that has begun with exit code 0, and a counted one before its count
    with 130.
    """
    from tui.command_line.headless import run_headless
    from tui.command_line.watch_plan import plan

    wanted = plan(
        connector,
        symbols,
        market=market,
        environment=environment,
        url=url,
        channels=channels,
        interval=interval,
        depth=depth,
        count=count,
        as_json=as_json,
        profile=profile,
        password=PasswordSource(password_file, password_fd),
        utc=utc,
    )
    from tui.command_line.watching import stream

    start_secure(verbose)
    begun = threading.Event()

    def when_interrupted() -> int:
        return OK if count is None and begun.is_set() else INTERRUPTED

    raise typer.Exit(run_headless(stream(wanted, begun), when_interrupted=when_interrupted))
