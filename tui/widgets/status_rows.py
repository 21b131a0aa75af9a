"""The title and status lines of the market screen as rows. Pure."""

from dataclasses import dataclass

from connectors.contracts import BookState
from tui.formatting import UNKNOWN, age, change, change_text, compact
from tui.market_store import MarketStore
from tui.widgets.rows import Row, Run, cells_of, crop, row_width

_ENVIRONMENT_STYLES = {"live": "error.tag", "local": "success.tag"}


@dataclass(frozen=True, slots=True)
class Where:
    """The instance watched."""

    connector_type: str
    market_type: str
    environment: str

    @property
    def place(self) -> str:
        return f"{self.connector_type}:{self.market_type}"


def title_row(store: MarketStore, where: Where, width: int) -> Row:
    """Symbol, last price, 24 hours: as much as there is room for, the more important first."""
    instrument = store.instrument
    runs: list[Run] = [
        (f" {where.environment.upper()} ", _ENVIRONMENT_STYLES.get(where.environment, "accent.tag"))
    ]
    if instrument is None:
        runs.append((f" {where.place}", "header.bold"))
        return crop(runs, width, "header")
    precision = store.precision
    pair = f"{instrument.base_asset}/{instrument.quote_asset}"
    runs.append((f" {instrument.symbol} ", "header.focus"))
    if store.halt:
        runs.append((f" {store.halt} ", "error.tag"))
    if store.last is not None:
        tone = "header" if store.link.lost else "header.up" if store.last_rising else "header.down"
        arrow = "▲" if store.last_rising else "▼"
        runs.append((f" {arrow} {precision.price_text(store.last)} ", tone))
    price = store.price
    extra: list[Run] = []
    if price is not None:
        percent = change(price.open_24h, store.last or price.price)
        if percent is not None:
            extra.append((f" {change_text(percent)} 24h ", "header.up" if percent >= 0 else "header.down"))
        for name, value in (("H", price.high_24h), ("L", price.low_24h)):
            if value is not None:
                extra.append((f" {name} {precision.price_text(value)}", "header"))
        if price.volume_24h is not None:
            extra.append((f"  vol {compact(price.volume_24h, 7)} {instrument.base_asset}", "header"))
    extra.append((f"  {pair}  {where.place}", "header"))
    left = width - row_width(runs)
    for text, style in extra:
        if cells_of(text) > left:
            break
        runs.append((text, style))
        left -= cells_of(text)
    return crop(runs, width, "header")


def status_row(store: MarketStore, where: Where, width: int, *, now: float) -> Row:
    """How the feed stands. `now` is monotonic seconds, for the countdown."""
    link = store.link
    healthy = not link.lost and link.state == "CONNECTED"
    style = "header.success" if healthy else "header.error" if link.lost else "header.warning"
    state = f" {'●' if healthy else '○'} {link.state}"
    if link.lost and link.retry_at is not None:
        state += f" in {max(0, round(link.retry_at - now))}s"
    runs: list[Run] = [
        (f" {where.environment.upper()} ", _ENVIRONMENT_STYLES.get(where.environment, "accent.tag"))
    ]
    runs.append((f" {where.place}", "header.bold"))
    runs.append((state, style))
    if link.lost and link.cause:
        runs.append((f": {link.cause}", "header"))
    latency = UNKNOWN if link.latency_ms is None else f"{link.latency_ms:.0f} ms"
    book = store.book_state
    if store.halt:
        runs.append((f" · market {store.halt}", "header.error"))
    parts: list[Run] = [
        (latency, "header"),
        (f"{link.rate:,.0f} msg/s", "header"),
        (
            f"book {book.value}",
            "header.success" if book is BookState.SYNCED and not store.halt else "header.warning",
        ),
        (f"data {age(link.data_age)}", "header"),
        (f"reconnects {link.reconnects}", "header.warning" if link.reconnects else "header"),
        (f"dropped {link.dropped:,}", "header.warning" if link.dropped else "header"),
    ]
    left = width - row_width(runs)
    for text, part_style in parts:
        if cells_of(text) + 3 > left:
            break
        runs += [(" · ", "header"), (text, part_style)]
        left -= cells_of(text) + 3
    return crop(runs, width, "header")
