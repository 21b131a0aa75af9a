"""`barfinex watch`: the live stream, headless."""

from typing import Annotated

import typer

from tui.command_line import completion
from tui.command_line.log import Verbose, start_secure
from tui.command_line.problems import INTERRUPTED, OK


def watch(
    connector: Annotated[
        str,
        typer.Argument(
            help="A connector of the catalog, for example binance.", autocompletion=completion.connectors
        ),
    ],
    symbols: Annotated[
        list[str], typer.Argument(metavar="SYMBOL...", help="BTCUSDT, btc_usdt and BTC/USDT are the same.")
    ],
    market: Annotated[str, typer.Option(help="spot, futures or margin.")] = "spot",
    environment: Annotated[
        str | None,
        typer.Option(
            help="Where to connect: local, testnet, live. By default never live.", show_default=False
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="A running emulator, for example http://127.0.0.1:8080. Implies local.")
    ] = None,
    channels: Annotated[
        str, typer.Option(help="What to print, separated by commas.")
    ] = "trades,book,candles,prices",
    interval: Annotated[str, typer.Option(help="Length of a candle: 1m, 5m, 1h, 1d...")] = "1m",
    depth: Annotated[int, typer.Option(min=1, max=5000, help="Levels a side of the order book.")] = 20,
    count: Annotated[
        int | None, typer.Option(min=1, help="Leave after so many lines.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    verbose: Verbose = 0,
) -> None:
    """Print live trades, order books, candles and prices.

    An order book is printed only while it is verified, so never crossed; what happens to a stream (lost, reconnecting,
    resynced, dropped) is a line of its own, kind `status`, in order with the data. Where standard output is read too
    slowly, books and prices are conflated and dropped events are counted. With --count, a line is kept for every
    channel and symbol until it has been heard, for up to 10 seconds. Ctrl-C ends an endless watch with exit code 0 and
    a counted one, before its count, with 130.
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
    )
    from tui.command_line.watching import stream

    start_secure(verbose)
    raise typer.Exit(run_headless(stream(wanted), when_interrupted=OK if count is None else INTERRUPTED))
