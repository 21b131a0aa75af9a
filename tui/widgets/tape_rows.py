"""The trade tape as rows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from connectors.contracts import Trade
from tui.formatting import Precision, clock_text
from tui.widgets.rows import Row, bar, crop, right

LARGE = 5.0
"""A trade this many times the recent mean is emphasised."""
_SPAN = 1_000
"""The bar's logarithmic scale reaches from the largest trade down to about this fraction of it."""


@dataclass(frozen=True, slots=True)
class TapeColumns:
    """Widths; the price always stays, then size, time, bar and milliseconds as there is room."""

    time: int
    price: int
    size: int
    bar: int

    @classmethod
    def of(cls, width: int, price_width: int) -> "TapeColumns":
        price = max(5, min(price_width, width - 2))
        left = width - 2 - price
        size = min(10, left - 1) if left >= 5 else 0
        left -= size + 1 if size else 0
        time = 12 if left >= 21 else 8 if left >= 9 else 0
        left -= time + 1 if time else 0
        return cls(time, price, size, min(24, left - 1) if left >= 4 else 0)


def price_width(prices: Sequence[float], precision: Precision) -> int:
    """Cells of the longest of these prices, which is the highest or the lowest."""
    return max(len(precision.price_text(price)) for price in (max(prices), min(prices))) if prices else 9


def tape_header(columns: TapeColumns, width: int) -> Row:
    text = "time".ljust(columns.time + 1) if columns.time else ""
    text += "  " + right("price", columns.price)
    if columns.size:
        text += " " + right("size", columns.size)
    return crop([(text, "muted")], width, "muted")


def trade_row(
    trade: Trade,
    precision: Precision,
    columns: TapeColumns,
    width: int,
    *,
    largest: float,
    mean: float,
    selected: bool = False,
) -> Row:
    """One trade: side by arrow and colour, the bar on a logarithmic scale, a large one with a mark and in bold."""
    tone = "up" if trade.side == "buy" else "down"
    large = mean > 0 and trade.quantity >= mean * LARGE
    weight = f"{tone}.row" if selected else f"{tone}.bold" if large else tone
    runs: list[tuple[str, str]] = []
    if columns.time:
        shown = clock_text(trade.timestamp, milliseconds=columns.time > 8)
        runs.append((shown.ljust(columns.time) + " ", "cursor" if selected else "muted"))
    arrow = "▲ " if tone == "up" else "▼ "
    runs.append((arrow + right(_price(trade.price, precision, columns.price), columns.price), weight))
    if columns.size:
        size = precision.quantity(precision.units(trade.quantity), columns.size)
        style = "cursor" if selected else "bold" if large else "text"
        runs.append((" " + right(size, columns.size), style))
    if columns.bar:
        mark = "◆" if large else " "
        share = min(1.0, trade.quantity / largest) if largest > 0 else 1.0
        length = bar(log1p(_SPAN * share), log1p(_SPAN), columns.bar)
        runs.append((mark, f"{tone}.bold" if large else "text"))
        runs.append((length, f"{tone}.bar"))
    return crop(runs, width, "cursor" if selected else "text")


def _price(price: float, precision: Precision, width: int) -> str:
    text = precision.price_text(price)
    return text if len(text) <= width else text.replace(",", "")


def copied_text(trade: Trade, precision: Precision) -> str:
    """A row as it goes to the clipboard: tab-separated, in full, for a spreadsheet."""
    moment = clock_text(trade.timestamp, milliseconds=True)
    price = f"{trade.price:.{precision.price_decimals}f}"
    size = f"{trade.quantity:.{precision.quantity_decimals}f}"
    return f"{moment}\t{trade.symbol}\t{trade.side}\t{price}\t{size}"
