"""Joining one channel's frames from two connections during a rotation: nothing lost, nothing twice, in order."""

from collections.abc import Callable

from connectors.streaming.link import Delivery, Route

_MAX_HELD = 10_000


class _Side:
    """One connection's end of a handover, as a route. The channel's own route counts, and fails, by itself."""

    def __init__(self, deliver: Callable[[bytes, float], None]) -> None:
        self.messages = 0
        self.last_data: float | None = None
        self._deliver = deliver

    def take(self, frame: bytes) -> None:
        self._deliver(frame, self.last_data or 0.0)

    def failed(self, error: BaseException) -> None:
        raise error

    def deliver(self, frame: bytes, now: float, /) -> None:
        self._deliver(frame, now)


class Handover:
    """Delivers the old connection's frames until it has caught up with the new one's first, then the new one's.

    The new connection's frames are held meanwhile. Frames are compared by `sequence`; a channel that has none changes
    over at the new connection's first frame. `attach` is called once nothing needs comparing any more. `delivered` is
    the sequence of the last frame before the handover, where it is known.
    """

    def __init__(
        self,
        route: Delivery,
        sequence: Callable[[bytes], int | None],
        attach: Callable[[], None],
        *,
        delivered: int | None = None,
    ) -> None:
        self.switched = False
        self.old: Route = _Side(self._from_old)
        self.new: Route = _Side(self._from_new)
        self._deliver = route.deliver
        self._sequence = sequence
        self._attach = attach
        self._delivered = delivered
        self._held: list[tuple[int, bytes]] = []

    def switch(self, now: float) -> None:
        """Change over now: the held frames that the old connection did not deliver, then the new connection's."""
        if self.switched:
            return
        self.switched = True
        held, self._held = self._held, []
        for number, frame in held:
            self._pass_news(number, frame, now)

    def _from_old(self, frame: bytes, now: float) -> None:
        if self.switched:
            return
        number = self._sequence(frame)
        if number is not None and self._is_news(number):
            self._delivered = number
        self._deliver(frame, now)
        if self._held and not self._is_news(self._held[0][0]):
            self.switch(now)

    def _from_new(self, frame: bytes, now: float) -> None:
        number = self._sequence(frame)
        if number is None:
            self.switch(now)
            self._deliver(frame, now)
            self._attach()
        elif self.switched:
            self._pass_news(number, frame, now)
        else:
            self._held.append((number, frame))
            if not self._is_news(self._held[0][0]) or len(self._held) > _MAX_HELD:
                self.switch(now)

    def _pass_news(self, number: int, frame: bytes, now: float) -> None:
        if self._is_news(number):
            self._delivered = number
            self._deliver(frame, now)
            self._attach()

    def _is_news(self, number: int) -> bool:
        return self._delivered is None or number > self._delivered
