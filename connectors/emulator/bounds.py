"""How far an emulator's settings go: beyond, a machine would be busy with the market alone and answer nobody."""

MOST_RATE = 200.0
"""Taker orders a second; each brings three times as many changes of a book."""
MOST_SYMBOLS = 10_000
MOST_LEVELS = 10_000
"""A side of a book."""
LIFETIMES = (0.05, 366 * 86_400.0)
"""Seconds."""

_BOUNDS: dict[str, tuple[float, float]] = {
    "rate": (0.0, MOST_RATE),
    "symbols": (0, MOST_SYMBOLS),
    "lifetime": LIFETIMES,
    "ping_interval": (0.01, 86_400.0),
    "pong_timeout": (0.01, 86_400.0),
    "warm_up_ms": (0, 3_600_000),
    "levels": (1, MOST_LEVELS),
    "live": (0, MOST_SYMBOLS),
}


def check(options: object) -> None:
    """Raises `BadOption` on the first that is out of its bounds; one that is `None` is the emulator's choice."""
    for name, (least, most) in _BOUNDS.items():
        value = getattr(options, name)
        if value is not None and not least <= value <= most:
            from connectors.emulator.errors import BadOption  # noqa: PLC0415 - see there

            raise BadOption(name, least, most)
