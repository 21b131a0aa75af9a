"""The commands put together, and the one place where an error becomes a line and an exit code."""

from typing import Annotated, Protocol, runtime_checkable

import typer

from catalog.text import clean
from tui.command_line import (
    catalog,
    connector,
    credentials,
    demo,
    emulate,
    interrupts,
    record,
    replay,
    screen,
    watch,
)
from tui.command_line.problems import BAD_USAGE, FAILED, INTERRUPTED, OK, BadUsage, Failure, say
from tui.command_line.standard_streams import OutputFailed, ReaderGone
from tui.version import __version__

HELP = """A terminal exchange manager.

Without a command it opens the app. Data goes to standard output, everything else to standard error; with --json there
is one JSON object a line. Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted before it was done."""

EXAMPLES = """Examples:

\b
  barfinex                                the app
  barfinex demo                           the app on a local exchange
  barfinex catalog --search binance       what can be connected
  barfinex watch binance BTCUSDT --json   a live stream, headless"""


def application() -> typer.Typer:
    """A fresh typer application with every command."""
    app = typer.Typer(
        name="barfinex",
        help=HELP,
        epilog=EXAMPLES,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True)(_without_command)
    app.command("demo")(demo.demo)
    app.command("catalog")(catalog.catalog)
    app.add_typer(credentials.commands(), name="credentials")
    app.command("watch")(watch.watch)
    app.command("record")(record.record)
    app.command("replay")(replay.replay)
    app.command("emulate")(emulate.emulate)
    app.add_typer(connector.commands(), name="connector")
    return app


def _without_command(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"barfinex {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.Exit(screen.open_app())


def dispatch(arguments: list[str]) -> int:
    """Run one command line and give its exit code. Errors made on purpose become one line on standard error."""
    try:
        code = typer.main.get_command(application()).main(
            args=arguments, prog_name="barfinex", standalone_mode=False
        )
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BadUsage as error:
        say(str(error))
        return BAD_USAGE
    except Failure as error:
        say(str(error))
        return FAILED
    except (OutputFailed, ReaderGone):
        raise
    except Exception as error:
        if interrupts.is_interrupt(error):
            return INTERRUPTED
        code = _explained(error)
        if code is None:
            raise
    return code if isinstance(code, int) else OK


@runtime_checkable
class _ParserError(Protocol):
    """What typer raises about the command line, whichever parser is inside it."""

    def format_message(self) -> str: ...


def _explained(error: Exception) -> int | None:
    """The exit code of an error that was raised on purpose, once its line is printed; `None` for a defect of ours."""
    if isinstance(error, _ParserError):
        text = " ".join(error.format_message().split()).rstrip(".")
        say(f"{text[:1].lower()}{text[1:]}")
        return BAD_USAGE
    if isinstance(error, OSError):
        # Of the machine, not of ours: a disk, a folder, a limit.
        where = f"{clean(error.filename)}: " if error.filename is not None else ""
        say(f"{where}{error.strerror or clean(error) or type(error).__name__}")
        return FAILED
    from connectors.contracts.errors import BarfinexError, BrokenConnector, UsageError

    if not isinstance(error, BarfinexError):
        return None
    say(str(error))
    # A broken package is no fault of the command line that names it.
    failed = not isinstance(error, UsageError) or isinstance(error, BrokenConnector)
    return FAILED if failed else BAD_USAGE
