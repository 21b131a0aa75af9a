"""`barfinex replay`: a recording, played back."""

from pathlib import Path
from typing import Annotated

import typer

from tui.command_line.log import Verbose, start_log
from tui.command_line.problems import BadUsage
from tui.command_line.screen import open_app
from tui.recording_plan import RecordingPlan


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            help="A recording; the parts that continue it are found beside it.", show_default=False
        ),
    ],
    speed: Annotated[
        float, typer.Option(min=0, help="1 is as it happened, 10 ten times as fast, 0 as fast as can be.")
    ] = 1.0,
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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    screen: Annotated[
        bool, typer.Option("--screen", help="Open the app on it: play, pause, step, seek.")
    ] = False,
    verbose: Verbose = 0,
) -> None:
    """Play a recording back through the connector's own adapters and order books.

    Nothing is left out, at any speed: every trade, candle and price, and an order book after every change of it, with
    its state. A book that lost a piece of its stream is shown as such until the next snapshot in the recording. What
    happened to the connections is a line of its own, kind status.
    """
    if screen:
        if as_json:
            raise BadUsage("--screen opens the app; it does not go with --json")
        raise typer.Exit(open_app(recording=RecordingPlan(file, speed, symbols and symbols.split(",")[0])))
    from tui.command_line.replaying import play

    start_log(verbose)
    raise typer.Exit(play(file, speed=speed, symbols=symbols, depth=depth, as_json=as_json))
