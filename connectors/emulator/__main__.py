"""`python -m connectors.emulator VENUE`: an emulator in a process of its own."""

import argparse
import sys

from connectors.emulator.faults import BadFault, parse_rule
from connectors.emulator.makers import LEVELS
from connectors.emulator.market import DEFAULT_RATE
from connectors.emulator.own_output import keep_output
from connectors.emulator.server import run


def expected_errors() -> type[Exception]:
    """Asked for only once something was raised: see `connectors.emulator.errors`."""
    from connectors.contracts.errors import BarfinexError  # noqa: PLC0415

    return BarfinexError


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 after an interrupt, 1 where it could not serve or knows no such venue, 2 on bad usage."""
    parser = argparse.ArgumentParser(prog="python -m connectors.emulator", description=__doc__)
    parser.add_argument("venue")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--rate", type=float, default=DEFAULT_RATE, help="taker orders a second on the busiest pair"
    )
    parser.add_argument("--symbols", type=int, default=0, help="list at least this many instruments")
    parser.add_argument("--levels", type=int, default=LEVELS, help="price levels a side of every book")
    parser.add_argument("--lifetime", type=float, default=24 * 3600, help="seconds a WebSocket lives")
    parser.add_argument(
        "--fault", action="append", default=[], help="KIND:name=value,... or JSON; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON with the URLs")
    parser.add_argument("--watch-parent", action="store_true", help="end when standard input ends")
    given = parser.parse_args(arguments)
    out = keep_output()
    try:
        faults = tuple(parse_rule(text) for text in given.fault)
    except BadFault as error:
        parser.error(str(error))
    try:
        run(
            given.venue,
            port=given.port,
            seed=given.seed,
            json_output=given.json,
            rate=given.rate,
            symbols=given.symbols,
            levels=given.levels,
            lifetime=given.lifetime,
            faults=faults,
            watch_parent=given.watch_parent,
            out=out,
        )
    except expected_errors() as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
