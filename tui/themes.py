"""The app's own themes, and what every theme has: `$bid`, `$ask`, `$up`, `$down`, `$muted-text`, `$frame`."""

from textual.theme import Theme

THEMES: tuple[Theme, ...] = (
    Theme(
        name="barfinex-dark",
        primary="#4fa3e0",
        secondary="#7b8fb2",
        accent="#e3b341",
        warning="#e3b341",
        error="#f2666a",
        success="#3fb68b",
        foreground="#d6dde8",
        background="#0e1319",
        surface="#141b24",
        panel="#1d2733",
        dark=True,
        variables={
            "bid": "#3fb68b",
            "ask": "#f2666a",
            "up": "#3fb68b",
            "down": "#f2666a",
            "scrollbar-background": "#0e1319",
            "scrollbar-background-hover": "#0e1319",
            "scrollbar-background-active": "#0e1319",
            "scrollbar-corner-color": "#0e1319",
            "scrollbar": "#2c3a4b",
            "button-focus-text-style": "bold underline",
            "frame": "#2f3d4f",
            "muted-text": "#8594a8",
        },
    ),
    Theme(
        name="barfinex-light",
        primary="#1863a8",
        secondary="#52627a",
        accent="#8a5a00",
        warning="#8a5a00",
        error="#b3261e",
        success="#0b6b46",
        foreground="#1c2430",
        background="#f7f8fa",
        surface="#ffffff",
        panel="#e6eaf0",
        dark=False,
        variables={
            "bid": "#0b6b46",
            "ask": "#b3261e",
            "up": "#0b6b46",
            "down": "#b3261e",
            "scrollbar-background": "#f7f8fa",
            "scrollbar-background-hover": "#f7f8fa",
            "scrollbar-background-active": "#f7f8fa",
            "scrollbar-corner-color": "#f7f8fa",
            "scrollbar": "#b9c2ce",
            "button-focus-text-style": "bold underline",
            "frame": "#aeb8c5",
            "muted-text": "#586577",
        },
    ),
    # Blue against orange: told apart by every common form of colour blindness, on black with full contrast.
    Theme(
        name="barfinex-contrast",
        primary="#66b3ff",
        secondary="#c0c0c0",
        accent="#ffd75f",
        warning="#ffd75f",
        error="#ff8c5a",
        success="#66b3ff",
        foreground="#ffffff",
        background="#000000",
        surface="#0a0a0a",
        panel="#262626",
        dark=True,
        variables={
            "bid": "#66b3ff",
            "ask": "#ff9d3b",
            "up": "#66b3ff",
            "down": "#ff9d3b",
            "scrollbar-background": "#000000",
            "scrollbar-background-hover": "#000000",
            "scrollbar-background-active": "#000000",
            "scrollbar-corner-color": "#000000",
            "scrollbar": "#5a5a5a",
            "button-focus-text-style": "bold underline",
            "frame": "#8a8a8a",
            "muted-text": "#c0c0c0",
        },
    ),
)

OFFERED = (*(theme.name for theme in THEMES), "ansi-dark", "ansi-light", "textual-dark", "textual-light")
"""What the palette lists; any other theme Textual knows may be named in the configuration."""


def market_colours(theme: Theme) -> dict[str, str]:
    """Defaults for themes that are not ours: the terminal's own colours where the theme leaves colour to it."""
    if theme.ansi:
        up, down, muted, frame = "ansi_green", "ansi_red", "ansi_default", "ansi_bright_black"
    elif theme.dark:
        up, down, muted, frame = "#3fb68b", "#f2666a", "#8594a8", "#4a5666"
    else:
        up, down, muted, frame = "#0b6b46", "#b3261e", "#586577", "#aeb8c5"
    return {"bid": up, "ask": down, "up": up, "down": down, "muted-text": muted, "frame": frame}


def swapped(variables: dict[str, str]) -> dict[str, str]:
    """Red rises and green falls, as in East Asia."""
    return {
        **variables,
        "up": variables["down"],
        "down": variables["up"],
        "bid": variables["ask"],
        "ask": variables["bid"],
    }
