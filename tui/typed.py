"""The app as its own class: Textual's annotation of `.app` leaves its type open."""

from typing import TYPE_CHECKING, cast

from textual.dom import DOMNode

if TYPE_CHECKING:
    from tui.app import BarfinexApp


def app_of(node: DOMNode) -> "BarfinexApp":
    return cast("BarfinexApp", node.app)  # pyright: ignore[reportUnknownMemberType] - see above
