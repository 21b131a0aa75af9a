"""The depth ladder as rows: asks above, bids below, the spread between. Pure: whole numbers in, rows out."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.contracts import Level, OrderBook
from tui.formatting import Precision
from tui.widgets.rows import Row, bar, crop, right

STEPS = tuple(factor * 10**power for power in range(7) for factor in (1, 2, 5))
"""How many ticks one row may stand for."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One price of one side: quantity and the cumulative quantity from the best price on, in whole units."""

    ticks: int
    quantity: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Both sides, best first."""

    asks: tuple[Rung, ...]
    bids: tuple[Rung, ...]
    best_ask: int | None
    best_bid: int | None
    """Ungrouped, in ticks."""
    cut: bool
    """The view was as deep as was asked for: there may be more behind the last rung."""
    ask_edge: int | None = None
    bid_edge: int | None = None
    """In ticks, how far a side is known, where it has no rung beyond the last because no more is known."""


def group(
    levels: Sequence[Level], precision: Precision, step: int, *, up: bool, fill: bool = True
) -> tuple[Rung, ...]:
    """Levels (best first) gathered by `step` ticks; asks round `up`, bids down, so no group looks better than it is.

    With `fill` the prices between groups are there too, empty: the ladder's rows are then evenly spaced.
    """
    gathered: dict[int, int] = {}
    for price, quantity in levels:
        ticks = precision.ticks(price)
        key = -(-ticks // step) * step if up else ticks // step * step
        gathered[key] = gathered.get(key, 0) + precision.units(quantity)
    rungs: list[Rung] = []
    total = 0
    direction = step if up else -step
    expected: int | None = None
    for key, quantity in gathered.items():
        if fill and expected is not None and 0 < (key - expected) // direction <= len(levels) * 4:
            rungs.extend(Rung(empty, 0, total) for empty in range(expected, key, direction))
        total += quantity
        rungs.append(Rung(key, quantity, total))
        expected = key + direction
    return tuple(rungs)


def make_ladder(book: OrderBook, precision: Precision, step: int, depth: int) -> Ladder:
    """A view of a book as a ladder. With a step of one tick the rows are the book's own levels, none between."""
    ask_edge = None if book.known_ask is None else precision.ticks(book.known_ask)
    bid_edge = None if book.known_bid is None else precision.ticks(book.known_bid)
    # A group that reaches beyond what is known is not whole.
    asks = tuple(
        rung
        for rung in group(book.asks, precision, step, up=True, fill=step > 1)
        if ask_edge is None or rung.ticks <= ask_edge
    )
    bids = tuple(
        rung
        for rung in group(book.bids, precision, step, up=False, fill=step > 1)
        if bid_edge is None or rung.ticks >= bid_edge
    )
    return Ladder(
        asks,
        bids,
        precision.ticks(book.asks[0][0]) if book.asks else None,
        precision.ticks(book.bids[0][0]) if book.bids else None,
        cut=len(book.asks) >= depth or len(book.bids) >= depth,
        ask_edge=ask_edge if len(book.asks) < depth else None,
        bid_edge=bid_edge if len(book.bids) < depth else None,
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns; what has no room is left out from the right. The price and its size always stay."""

    price: int
    size: int
    total: int
    bar: int

    @classmethod
    def of(cls, width: int, price_width: int) -> "Columns":
        price = max(5, min(price_width, width - 9))
        left = width - 2 - price
        widest = 12 if width >= 50 else 10
        size = max(0, min(widest, left - 1))
        left -= size + 1
        total = min(widest, left - 1) if left >= 7 else 0
        left -= total + 1 if total else 0
        return cls(price, size, total, left - 1 if left >= 4 else 0)


def header_row(columns: Columns, width: int) -> Row:
    text = "  " + right("price", columns.price) + " " + right("size", columns.size)
    if columns.total:
        text += " " + right("total", columns.total)
    if columns.bar:
        text += " depth"
    return crop([(text, "muted")], width, "muted")


def rung_row(
    rung: Rung,
    tone: str,
    columns: Columns,
    precision: Precision,
    width: int,
    *,
    largest: int,
    best: bool,
) -> Row:
    """One price. Its side is told by place, by arrow and by colour; the best price is bold."""
    weight = f"{tone}.bold" if best else tone
    arrow = ("▼" if best else "▾") if tone == "ask" else ("▲" if best else "▴")
    empty = rung.quantity == 0
    runs = [
        (arrow + " ", "faint" if empty else weight if best else f"{tone}.bar"),
        (right(precision.price(rung.ticks), columns.price), "faint" if empty else weight),
        (
            " " + right("" if empty else precision.quantity(rung.quantity, columns.size), columns.size),
            "bold" if best else "text",
        ),
    ]
    if columns.total:
        shown = "" if empty else precision.quantity(rung.cumulative, columns.total)
        runs.append((" " + right(shown, columns.total), "muted"))
    if columns.bar:
        runs.append((" " + bar(0 if empty else rung.cumulative, largest, columns.bar), f"{tone}.bar"))
    return crop(runs, width, "text")


def spread_row(ladder: Ladder, precision: Precision, width: int) -> Row:
    """The spread, absolute and in basis points, and the mid price, which may lie on half a tick."""
    ask, bid = ladder.best_ask, ladder.best_bid
    if ask is None or bid is None:
        side = _missing(ladder)
        return crop([(f"── {side} " + "─" * width, "muted")], width, "muted")
    half = Precision(precision.price_decimals + 1, precision.tick_units * 5, precision.quantity_decimals)
    whole = (ask + bid) % 2 == 0
    middle = precision.price((ask + bid) // 2) if whole else half.price(ask + bid)
    spread = precision.price(ask - bid)
    share = (ask - bid) / (ask + bid) * 20_000 if ask + bid > 0 else 0.0
    points = f"{share:.2f} bp" if share >= 0.1 else f"{share:.4f} bp"
    crossed = ask <= bid
    for text in (
        f"── mid {middle} ── spread {spread} · {points} ",
        f"─ mid {middle} · spread {spread} · {points} ",
        f"─ mid {middle} · {spread} · {points} ",
        f"─ {middle} · {spread} · {points} ",
        f"─ {middle} ─ {spread} ",
        f"{middle} ",
    ):
        if len(text) <= width:
            return crop([(text + "─" * width, "error" if crossed else "accent")], width, "accent")
    return crop([(middle, "accent")], width, "accent")


def _missing(ladder: Ladder) -> str:
    """What stands in place of the spread where a side has no levels, or none that is known."""
    if ladder.best_ask is None and ladder.best_bid is None:
        return "not known" if ladder.ask_edge is not None or ladder.bid_edge is not None else "empty"
    side, edge = ("asks", ladder.ask_edge) if ladder.best_ask is None else ("bids", ladder.bid_edge)
    return f"no {side}" if edge is None else f"{side} not known"


def edge_row(edge: int, precision: Precision, width: int) -> Row:
    """Stands behind a side's last rung where the book goes on and is not known."""
    price = precision.price(edge)
    for text in (f"╌ not known beyond {price} ", f"╌ unknown past {price} ", "╌ unknown "):
        if len(text) <= width:
            return crop([(text + "╌" * width, "muted")], width, "muted")
    return crop([("╌" * width, "muted")], width, "muted")


def ladder_rows(
    ladder: Ladder, precision: Precision, width: int, height: int, *, anchor: int | None = None
) -> list[Row]:
    """`height` rows, always. The spread stands in the middle or, unlocked, the price `anchor` (in ticks) does."""
    window = visible(ladder, height, anchor)
    largest = max((rung.cumulative for rung in window if rung is not None and rung.quantity), default=0)
    columns = Columns.of(width, price_width(window, precision))
    blank: Row = ((" " * width, "text"),)
    spread_at = spread_index(ladder, height, anchor)
    first_ask = ladder.asks[0].ticks if ladder.asks else None
    first_bid = ladder.bids[0].ticks if ladder.bids else None
    rows: list[Row] = []
    for index, rung in enumerate(window):
        if index == spread_at:
            rows.append(spread_row(ladder, precision, width))
        elif rung is None:
            edge = _edge_at(ladder, index - spread_at)
            rows.append(blank if edge is None else edge_row(edge, precision, width))
        else:
            tone = "ask" if index < spread_at else "bid"
            best = rung.ticks == (first_ask if tone == "ask" else first_bid)
            rows.append(rung_row(rung, tone, columns, precision, width, largest=largest, best=best))
    return rows


def _edge_at(ladder: Ladder, away: int) -> int | None:
    """The edge that is told so many rows from the spread, if one is: right behind a side's last rung."""
    rungs, edge = (ladder.asks, ladder.ask_edge) if away < 0 else (ladder.bids, ladder.bid_edge)
    return edge if abs(away) == len(rungs) + 1 else None


def price_width(window: Sequence[Rung | None], precision: Precision) -> int:
    """Cells of the longest price in sight: prices fall from the top, so that it stands at one of the ends."""
    shown = [rung.ticks for rung in window if rung is not None]
    return max(len(precision.price(ticks)) for ticks in (shown[0], shown[-1])) if shown else 9


def spread_index(ladder: Ladder, height: int, anchor: int | None) -> int:
    """The row of the spread; it may lie outside the window where the ladder was scrolled."""
    middle = height // 2
    if anchor is None:
        return middle
    if ladder.asks and anchor >= ladder.asks[0].ticks:
        behind = bisect_left(ladder.asks, anchor, key=lambda rung: rung.ticks)
        return middle + min(behind + 1, len(ladder.asks))
    if ladder.bids and anchor <= ladder.bids[0].ticks:
        below = bisect_left(ladder.bids, -anchor, key=lambda rung: -rung.ticks)
        return middle - min(below + 1, len(ladder.bids))
    return middle


def visible(ladder: Ladder, height: int, anchor: int | None) -> list[Rung | None]:
    """The rungs row by row from the top; nothing where the spread is and where the book ends."""
    spread_at = spread_index(ladder, height, anchor)
    rungs: list[Rung | None] = []
    for index in range(height):
        away = index - spread_at
        side, place = (ladder.asks, -away - 1) if away < 0 else (ladder.bids, away - 1)
        rungs.append(side[place] if away and place < len(side) else None)
    return rungs
