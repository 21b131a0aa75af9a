"""The common market's pairs as Bitstamp spells them: `btcusdt` in names of channels and paths, `BTC/USDT` elsewhere."""

from connectors.contracts.instruments import decimals
from connectors.emulator.toolkit import Instrument, Levels, Listing, Market


class Pairs:
    def __init__(self, market: Market) -> None:
        self._market = market

    @property
    def moment(self) -> int:
        """Up to when the market has come (ms)."""
        return self._market.now

    def all(self) -> list[Listing]:
        return list(self._market.listings.values())

    def find(self, name: str) -> Listing | None:
        """The pair of that `market_symbol`, its makers at work."""
        symbol = name.upper()
        return self._market.activate(symbol) if name.islower() and symbol in self._market.listings else None


def spelled(instrument: Instrument) -> str:
    return f"{instrument.base}/{instrument.quote}"


def price_decimals(instrument: Instrument) -> int:
    return decimals(instrument.tick, 8)


def amount_decimals(instrument: Instrument) -> int:
    return decimals(instrument.lot, 8)


def price_text(instrument: Instrument, ticks: int) -> str:
    """With as many digits after the point as the pair's prices have."""
    return f"{instrument.price(ticks):.{price_decimals(instrument)}f}"


def level_texts(instrument: Instrument, levels: Levels) -> list[tuple[str, str]]:
    return [(price_text(instrument, price), instrument.quantity_text(lots)) for price, lots in levels]
