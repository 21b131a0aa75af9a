"""`barfinex replay`: a recording, played back."""

from pathlib import Path
from typing import Annotated

import typer

from tui.command_line.finite import finite
from tui.command_line.log import Verbose, start_log
from tui.command_line.problems import BadUsage
from tui.command_line.screen import open_app
from tui.command_line.subscription_options import Utc
from tui.recording_plan import RecordingPlan


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            help="A recording; the parts that continue it are found beside it. - is standard input.",
            show_default=False,
        ),
    ],
    speed: Annotated[
        float,
        typer.Option(
            min=0,
            callback=finite,
            help="1 is as it happened, 10 ten times as fast, 0 as fast as can be.",
        ),
    ] = 1.0,
    max_idle: Annotated[
        float | None,
        typer.Option(
            "--max-idle",
            metavar="SECONDS",
            min=0,
            callback=finite,
            help="Where nothing happened for longer, pass over the rest of it and say so.",
            show_default=False,
        ),
    ] = None,
    symbols: Annotated[
        str | None, typer.Option(help="Only these, separated by commas.", show_default=False)
    ] = None,
    depth: Annotated[
        int,
        typer.Option(
            min=1,
            max=5000,
            help="Levels a side of the order book; known_bid and known_ask say how far it is known.",
        ),
    ] = 20,
    utc: Utc = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    screen: Annotated[
        bool, typer.Option("--screen", help="Open the app on it: play, pause, step, seek.")
    ] = False,
    verbose: Verbose = 0,
) -> None:
    """Play a recording back through the connector's own adapters and order books.

    Nothing is left out, at any speed: every trade, candle and price, and an order book after every change of it, with
    its state. A book that lost a piece of its stream is shown as such until the next snapshot in the recording. What
    happened to the connections is a line of its own, kind status. Of a damaged recording everything that can be read is
    played, and then the damage is told. Each line says that it is a replay, and of which environment if that
    is known.
    """
    if screen:
        if as_json:
            raise BadUsage("--screen opens the app; it does not go with --json")
        if str(file) == "-":
            raise BadUsage("--screen needs a file: standard input is for its keys")
        raise typer.Exit(
            open_app(recording=RecordingPlan(file, speed, symbols and symbols.split(",")[0], max_idle))
        )
    from tui.command_line.replaying import play

    start_log(verbose)
    raise typer.Exit(
        play(file, speed=speed, symbols=symbols, depth=depth, as_json=as_json, utc=utc, max_idle=max_idle)
    )
