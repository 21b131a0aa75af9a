"""Finding an instrument by any usual spelling of its name."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from connectors.contracts.instruments import Instrument, normalise_symbol


class InstrumentIndex:
    """A market's instruments. The venue's own spelling always finds its market, whatever else it might mean.

    After it come the name on the screen, both in any case, and the normal form; a form that fits two markets finds
    neither. `normal` gives the normal form of what was typed.
    """

    def __init__(
        self, instruments: Iterable[Instrument] = (), normal: Callable[[str], str] = normalise_symbol
    ) -> None:
        self._normal = normal
        by_name: dict[str, Instrument] = {}
        exact: dict[str, Instrument] = {}
        for one in instruments:
            by_name.setdefault(one.symbol, one)
            exact.setdefault(one.venue_symbol, one)
        self.by_name: Mapping[str, Instrument] = MappingProxyType(by_name)
        kept = list(by_name.values())
        self._ways = (
            exact,
            by_name,
            _unambiguous(kept, lambda one: (one.venue_symbol.casefold(), one.symbol.casefold())),
            _unambiguous(kept, lambda one: (normal(one.venue_symbol), normal(one.symbol))),
        )

    def find(self, text: str) -> Instrument | None:
        exact, by_name, folded, normal = self._ways
        return (
            exact.get(text)
            or by_name.get(text)
            or folded.get(text.casefold())
            or by_name.get(form := self._normal(text))
            or normal.get(form)
        )


def _unambiguous(
    instruments: Iterable[Instrument], forms: Callable[[Instrument], Iterable[str]]
) -> Mapping[str, Instrument]:
    found: dict[str, Instrument] = {}
    twice: set[str] = set()
    for one in instruments:
        for form in forms(one):
            if found.setdefault(form, one) is not one:
                twice.add(form)
    return {form: one for form, one in found.items() if form not in twice}
