"""`barfinex connector`: for those who write connectors."""

import typer

from tui.command_line.connector.check import check
from tui.command_line.connector.new import new


def commands() -> typer.Typer:
    """The group `connector`."""
    group = typer.Typer(help="Write and check connectors.", rich_markup_mode=None)
    group.command("new")(new)
    group.command("check")(check)
    return group
