"""Whether a screen is seen: in front, or behind nothing but dialogs, which leave it visible around them."""

from typing import Any

from textual.screen import ModalScreen, Screen

from tui.typed import app_of


def is_seen(screen: Screen[Any]) -> bool:
    stack = app_of(screen).screen_stack
    return screen in stack and all(isinstance(one, ModalScreen) for one in stack[stack.index(screen) + 1 :])
