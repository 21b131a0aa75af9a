"""What the venue's list says of the markets that are listened to: stopped, resumed, or gone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connectors.contracts.events import StreamStatus
from connectors.contracts.instruments import Instrument
from connectors.streaming.clock import epoch_ms
from connectors.streaming.feeds import Listener


class ListingWatch:
    """Tells each listener how its markets stand where they do not trade, and again when that changes."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener[Any]]] = {}
        """By venue symbol: a name may change, the venue's spelling does not."""
        self._known: dict[str, Instrument] = {}
        self._told: dict[str, StreamStatus] = {}
        """What was said last of a market that does not trade: whoever joins hears the same."""

    def join(self, instruments: Iterable[Instrument], listener: Listener[Any]) -> Callable[[], None]:
        """Listen; what is returned ends that."""
        joined = {instrument.venue_symbol: instrument for instrument in instruments}
        for symbol, instrument in joined.items():
            known = self._known.setdefault(symbol, instrument)
            self._listeners.setdefault(symbol, []).append(listener)
            if symbol not in self._told and not known.tradable:
                self._told[symbol] = _status("halted", known, _halt(known))
            if (told := self._told.get(symbol)) is not None:
                listener.status(told)

        def leave() -> None:
            for symbol in joined:
                listeners = self._listeners.get(symbol, [])
                if listener in listeners:
                    listeners.remove(listener)
                if not listeners:
                    for table in (self._listeners, self._known, self._told):
                        table.pop(symbol, None)

        return leave

    def renewed(self, instruments: Sequence[Instrument]) -> None:
        """The list was fetched anew."""
        if not self._listeners:
            return
        listed: Mapping[str, Instrument] = {one.venue_symbol: one for one in instruments}
        for symbol, listeners in list(self._listeners.items()):
            if (event := self._news(symbol, listed.get(symbol))) is not None:
                for listener in list(listeners):
                    listener.status(event)

    def _news(self, symbol: str, now: Instrument | None) -> StreamStatus | None:
        known, told = self._known[symbol], self._told.get(symbol)
        if now is None:
            if told is not None and told.kind == "delisted":
                return None
            event = _status("delisted", known, "the venue lists this market no more")
        elif now.tradable:
            self._known[symbol] = now
            if self._told.pop(symbol, None) is None:
                return None
            return _status("trading", now, "the market trades again")
        else:
            self._known[symbol] = now
            if told is not None and told.kind == "halted" and known.status == now.status:
                return None
            event = _status("halted", now, _halt(now))
        self._told[symbol] = event
        return event


def _halt(instrument: Instrument) -> str:
    return f"the market does not trade: {instrument.status}"


def _status(kind: str, instrument: Instrument, reason: str) -> StreamStatus:
    return StreamStatus(kind, reason, epoch_ms(), symbol=instrument.symbol)
