"""Style names of the market widgets, made into terminal styles from the theme's variables.

`$bid $ask $up $down $muted-text` come from the theme; each has a default, so that any theme works. Where colour is
off, weight and glyphs carry the meaning.
"""

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.filter import LineFilter

DEFAULTS: Mapping[str, str] = {
    "bid": "#3fb68b",
    "ask": "#f2666a",
    "up": "#3fb68b",
    "down": "#f2666a",
    "muted-text": "#8594a8",
    "accent": "#e3b341",
    "warning": "#e3b341",
    "error": "#f2666a",
    "success": "#3fb68b",
    "primary": "#4fa3e0",
    "foreground": "#d6dde8",
    "background": "#0e1319",
    "panel": "#1d2733",
}

_TONES = ("bid", "ask", "up", "down", "accent", "warning", "error", "success", "primary")
_BAR_STRENGTH = 0.55
_SHADE_STRENGTH = 0.4


class MarketPalette:
    """Styles by name, for one theme and one background.

    Every tone has its plain name (`bid`), `bid.bold`, `bid.bar` (softer, for bars), `bid.shade` (under shade
    characters), `bid.row` and `bid.tag` (reversed); besides there are `text`, `bold`, `muted`, `faint`, `header`,
    `header.focus`, `header.key`, `cursor`.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        background: Color,
        *,
        dimmed: bool = False,
        filters: Sequence[LineFilter] = (),
    ) -> None:
        colors = {name: _color(variables, name) for name in DEFAULTS}
        fore, panel, muted = colors["foreground"], colors["panel"], colors["muted-text"]
        ansi = any(colors[name].ansi is not None for name in ("foreground", "background", "bid"))
        styles: dict[str, Style] = {}

        def add(
            name: str,
            color: Color,
            back: Color = background,
            *,
            bold: bool = False,
            reverse: bool = False,
            underline: bool = False,
            dim: bool = dimmed,
        ) -> None:
            styles[name] = Style(
                color=color.rich_color,
                bgcolor=back.rich_color,
                bold=bold or None,
                reverse=reverse or None,
                underline=underline or None,
                dim=dim or None,
            )

        def softened(color: Color, strength: float) -> Color:
            return color if ansi else background.blend(color, strength)

        add("text", fore)
        add("bold", fore, bold=True)
        add("muted", muted)
        add("faint", softened(muted, 0.55))
        add("cursor", fore, panel if not ansi else background, bold=True, reverse=ansi)
        for tone in _TONES:
            color = colors[tone]
            add(tone, color)
            add(f"{tone}.bold", color, bold=True)
            add(f"{tone}.bar", softened(color, _BAR_STRENGTH))
            add(f"{tone}.tag", color, bold=True, reverse=True)
            add(f"{tone}.shade", color, softened(color, _SHADE_STRENGTH) if not ansi else background)
            add(f"{tone}.row", color, panel if not ansi else background, bold=True)
        # A header says why the rest is dim, so it never is.
        add("header", muted, panel, dim=False)
        add("header.bold", fore, panel, bold=True, dim=False)
        add("header.focus", colors["primary"], panel, bold=True, dim=False)
        add("header.key", colors["accent"], panel, bold=True, underline=True, dim=False)
        for tone in ("up", "down", "success", "warning", "error"):
            add(f"header.{tone}", colors[tone], panel, bold=True, dim=False)
        self.styles: Mapping[str, Style] = {
            name: _filtered(style, filters, background) for name, style in styles.items()
        }

    def __getitem__(self, name: str) -> Style:
        return self.styles[name]


def _filtered(style: Style, filters: Sequence[LineFilter], background: Color) -> Style:
    """What the app's filters (no colour, ANSI colours, dim) make of a style: done once here, not at every frame."""
    segments = [Segment(" ", style)]
    for one in filters:
        segments = one.apply(segments, background)
    return segments[0].style or style


def _color(variables: Mapping[str, str], name: str) -> Color:
    for text in (variables.get(name), DEFAULTS[name]):
        if text:
            try:
                return Color.parse(text)
            except ColorParseError:
                continue
    raise KeyError(name)
