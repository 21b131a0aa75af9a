"""Holes in a recording: long times in which nothing was recorded, as over a night with the machine asleep."""


class Holes:
    """What is more than `max_idle` seconds between an event and all that came before it, is passed over."""

    def __init__(self, max_idle: float | None) -> None:
        self.max_ns = 0 if max_idle is None else int(max_idle * 1e9)
        self._looks = max_idle is not None
        self._latest_ns: int | None = None

    def before(self, ts_ns: int) -> int:
        """The nanoseconds to pass over before the event of this time. Events may stand out of order."""
        latest, self._latest_ns = self._latest_ns, max(ts_ns, self._latest_ns or 0)
        if latest is None or not self._looks:
            return 0
        return max(0, ts_ns - latest - self.max_ns)


def length_text(nanoseconds: int) -> str:
    """`0:07`, `12:05`, `1:02:03`."""
    seconds = max(0, nanoseconds) // 1_000_000_000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
