"""`barfinex record`: what a connector sends and receives, into a file."""

from pathlib import Path
from typing import Annotated

import typer

from tui.command_line.finite import finite
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
)
from tui.command_line.vault_password import PasswordDescriptor, PasswordFile, PasswordSource


def record(
    connector: Connector,
    symbols: Symbols,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A new file, compressed where its name ends in .gz; - is standard output.",
            show_default=False,
        ),
    ],
    market: Market = "spot",
    environment: Environment = None,
    url: Url = None,
    channels: Annotated[
        str, typer.Option(help="What to subscribe to, separated by commas.")
    ] = "trades,book,candles,prices",
    interval: Interval = "1m",
    duration: Annotated[
        float | None,
        typer.Option(min=0, callback=finite, help="Leave after so many seconds.", show_default=False),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="Leave after so many received frames.", show_default=False)
    ] = None,
    max_size: Annotated[
        str,
        typer.Option(metavar="SIZE", help="Begin another part of the file at so many bytes: 500K, 100M, 2G."),
    ] = "100M",
    profile: Profile = None,
    password_file: PasswordFile = None,
    password_fd: PasswordDescriptor = None,
    verbose: Verbose = 0,
) -> None:
    """Record live streams, below the connector's adapters, to be played back with barfinex replay.

    The file holds every frame and every answer as they came, without keys, signatures or headers. It is never
    overwritten; a long one goes on beside it, market.jsonl in market.2.jsonl, market.3.jsonl and so on, which replay
    finds. Whatever ends the recording, a kill too, what was written can be read. Ctrl-C ends it well; before it has
    begun there is no file, and the exit code is 130.
    """
    from tui.command_line.headless import run_headless
    from tui.command_line.recording import new_recording, run
    from tui.command_line.watch_plan import plan

    wanted = plan(
        connector,
        symbols,
        market=market,
        environment=environment,
        url=url,
        channels=channels,
        interval=interval,
        depth=1,
        count=count,
        as_json=False,
        profile=profile,
        password=PasswordSource(password_file, password_fd),
    )
    start_secure(verbose)
    recording = new_recording(wanted, output, max_size)
    raise typer.Exit(
        run_headless(
            run(wanted, recording, duration), when_interrupted=lambda: OK if recording.begun else INTERRUPTED
        )
    )
