"""`barfinex connector`: for those who write connectors."""

import typer

from tui.command_line.connector.check import check


def commands() -> typer.Typer:
    """The group `connector`."""
    group = typer.Typer(help="Write and check connectors.", rich_markup_mode=None)
    # A lone command would become the group itself.
    group.callback()(_group)
    group.command("check")(check)
    return group


def _group() -> None:
    """Write and check connectors."""
