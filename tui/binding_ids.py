"""Every id that `[keymap]` of the configuration may name, screen by screen; a test holds it to the code.

A table, because the screens themselves are imported only when they are opened.
"""

from collections.abc import Mapping

BINDING_IDS: Mapping[str, tuple[str, ...]] = {
    "app": ("health", "help", "quit"),
    "catalog": (
        *("activate", "deactivate", "details", "market", "open", "reload", "search", "wizard"),
        *("filter.clear", "filter.environment", "filter.feature", "filter.market", "filter.maturity"),
    ),
    "chart": (
        *("back", "forward", "left", "now", "page_back", "page_forward", "right", "zoom_in", "zoom_out"),
    ),
    "health": (
        *("alone", "back", "connections", "details", "filter", "log", "next_pane", "open", "previous_pane"),
        *("replace", "requests", "subscriptions"),
    ),
    "ladder": ("centre", "coarser", "down", "finer", "page_down", "page_up", "up"),
    "list": ("copy", "down", "first", "last", "page_down", "page_up", "up"),
    "log": ("follow", "level", "level_down", "pause"),
    "market": (
        *("alone", "back", "chart", "depth", "frame_next", "frame_previous", "next_pane", "previous_pane"),
        *("retry", "symbol", "trades"),
    ),
    "picker": ("down", "page_down", "page_up", "up"),
    "replay": (
        *("back", "back_minute", "faster", "forward", "forward_minute", "play", "restart", "slower", "step"),
        *("time",),
    ),
    "secret": ("reveal",),
    "tape": ("copy", "down", "newest", "page_down", "page_up", "pause", "up"),
    "wizard": ("back", "next"),
}


def binding_ids() -> frozenset[str]:
    return frozenset(f"{place}.{name}" for place, names in BINDING_IDS.items() for name in names)
