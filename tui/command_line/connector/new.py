"""`barfinex connector new`: a connector's package, whole and running, to be made into one's own."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.command_line import interrupts
from tui.command_line.connector import answers, offers
from tui.command_line.connector.asking import Asker
from tui.command_line.output import print_lines

if TYPE_CHECKING:
    from connectors.scaffold.choices import Choices


def new(
    name: Annotated[str, typer.Argument(help="The connector's type: small letters, digits, single - or _.")],
    segment: Annotated[
        str | None,
        typer.Option(
            help="Where the catalog shows it, for example CRYPTO_OTHER.",
            show_default=False,
            autocompletion=offers.segments,
        ),
    ] = None,
    markets: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="spot, futures, margin; with commas.",
            show_default=False,
            autocompletion=offers.markets,
        ),
    ] = None,
    credentials: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="none, or key-secret: a key, and a secret that signs by HMAC.",
            show_default=False,
            autocompletion=offers.credentials,
        ),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="trades, books, candles, prices, history, orders; with commas.",
            show_default=False,
            autocompletion=offers.features,
        ),
    ] = None,
    transport: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="How it streams: websocket, http-stream or polling.",
            show_default=False,
            autocompletion=offers.transports,
        ),
    ] = None,
    display_name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Its name on the screen.", show_default=False)
    ] = None,
    website: Annotated[str | None, typer.Option(metavar="URL", show_default=False)] = None,
    description: Annotated[
        str | None, typer.Option(metavar="TEXT", help="One sentence for the catalog.", show_default=False)
    ] = None,
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Where its folder is made.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take the defaults.")] = False,
) -> None:
    """Make a connector's package: barfinex-exchange-NAME, whole and running, to be made into your venue's.

    It brings a small local venue of its own, and works on it at once: install it, watch it, check it, and then change
    one room after the other. What is not said by an option is asked for on a terminal; elsewhere the defaults are
    taken: CRYPTO_OTHER, spot, no credentials, all market data, WebSocket.
    """
    from connectors.scaffold.building import build, check_place
    from connectors.scaffold.choices import check_name, distribution_of
    from tui.version import __version__

    interrupts.deliver()
    check_name(name, answers.taken())
    check_place(output, distribution_of(name))
    asker = Asker(asks=not yes and sys.stdin.isatty() and sys.stderr.isatty())
    choices = answers.chosen(
        asker,
        name,
        segment=segment,
        markets=markets,
        credentials=credentials,
        features=features,
        transport=transport,
        display_name=display_name,
        website=website,
        description=description,
    )
    folder = build(choices, output, __version__)
    _tell(choices, folder)


def _tell(choices: "Choices", folder: Path) -> None:
    """The folder on standard output, and for the person what to do next."""
    from connectors.scaffold.choices import STREAMS

    place = str(folder) if folder.is_absolute() or str(folder).startswith("..") else f"./{folder}"
    made = sum(1 for file in folder.rglob("*") if file.is_file())
    print_lines([place])
    name, market = choices.name, choices.markets[0].value
    where = "" if market == "spot" else f" --market {market}"
    lines = [
        f"made {place}: {made} files, a connector for {choices.display_name} with a local venue of its own",
        "",
        "next:",
        f"  pip install -e {place}",
        f"  barfinex catalog --search {name}",
    ]
    if choices.features.intersection(STREAMS):
        lines.append(f"  barfinex watch {name} BTCUSDT{where} --environment local --json --count 5")
    lines.append(f"  less {place}/README.md")
    print("\n".join(lines), file=sys.stderr, flush=True)
