"""Which market is watched where none was named."""

from collections.abc import Mapping

from connectors.contracts import Instrument


def default_symbol(instruments: Mapping[str, Instrument]) -> str:
    """What to watch where nothing was named: bitcoin in dollars where there is such, else the first that trades."""
    for symbol in ("BTCUSDT", "BTCUSD", "BTCUSDC", "BTCEUR"):
        if symbol in instruments:
            return symbol
    tradable = (symbol for symbol, instrument in instruments.items() if instrument.tradable)
    return next(tradable, next(iter(instruments), ""))
