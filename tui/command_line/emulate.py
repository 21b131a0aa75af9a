"""`barfinex emulate`: a local exchange."""

from typing import Annotated

import typer

from tui.command_line.log import Verbose, start_log
from tui.command_line.problems import BadUsage, unknown
from tui.command_line.standard_streams import data


def emulate(
    venue: Annotated[str, typer.Argument(help="Whose protocol to speak, for example binance.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same market.", show_default=False)
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Orders a second on the busiest pair, 200 at most.", show_default=False),
    ] = None,
    symbols: Annotated[int, typer.Option(help="At least so many instruments.")] = 0,
    levels: Annotated[int, typer.Option(help="Price levels a side of every order book.")] = 160,
    lifetime: Annotated[float, typer.Option(help="Seconds that a WebSocket connection lives.")] = 86_400,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Misbehave, for example 'drop:target=*@depth*,probability=0.01'; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say where it listens as one JSON object.")] = False,
    verbose: Verbose = 0,
) -> None:
    """Run a local exchange on loopback that speaks a venue's REST and WebSocket protocol.

    It says on standard output where it listens, and whatever connects to the environment local finds it there. It
    serves until interrupted: Ctrl-C and SIGTERM end it with exit code 0.
    """
    from connectors.emulator.dialect import venues
    from connectors.emulator.faults import BadFault, parse_rule
    from connectors.emulator.market import DEFAULT_RATE

    if venue not in (known := venues()):
        raise unknown("venue", venue, known)
    try:
        rules = tuple(parse_rule(text) for text in fault or ())
    except BadFault as error:
        raise BadUsage(f"--fault: {error}") from None
    from connectors.emulator.server import run

    start_log(verbose)
    run(
        venue,
        port=port,
        seed=seed,
        json_output=as_json,
        rate=DEFAULT_RATE if rate is None else rate,
        symbols=symbols,
        levels=levels,
        lifetime=lifetime,
        faults=rules,
        publish=True,
        out=data(),
    )
