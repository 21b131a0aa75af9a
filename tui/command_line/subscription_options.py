"""The arguments of every command that subscribes to a connector."""

from typing import Annotated, TypeAlias

import typer

from tui.command_line import completion

Connector: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="A connector of the catalog, for example binance.", autocompletion=completion.connectors
    ),
]
Symbols: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="SYMBOL...", help="BTCUSDT, btc_usdt and BTC/USDT are the same.")
]
Market: TypeAlias = Annotated[str, typer.Option(help="spot, futures or margin.")]
Environment: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Where to connect: local, testnet, live. By default never live.", show_default=False),
]
Url: TypeAlias = Annotated[
    str | None, typer.Option(help="A running emulator, for example http://127.0.0.1:8080. Implies local.")
]
Utc: TypeAlias = Annotated[
    bool,
    typer.Option("--utc", help="Times of UTC instead of here. Candles of a day and longer always have them."),
]
Interval: TypeAlias = Annotated[str, typer.Option(help="Length of a candle: 1m, 5m, 1h, 1d...")]
Profile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Connect with the stored credentials of this profile; without it, with none where none are needed.",
        show_default=False,
    ),
]
