"""All the venue knows of one pair: the instrument, its book, its tape and its candles."""

from dataclasses import dataclass
from decimal import Decimal

from connectors.emulator.book import Book
from connectors.emulator.history import History
from connectors.emulator.instruments import Instrument
from connectors.emulator.tape import Tape

TRADING = "TRADING"


@dataclass(slots=True)
class Listing:
    """`last_price` is in ticks. `active`: the simulated market makers are at work here, while the pair is trading.

    `status` is the venue's word. `told_tick` is the step that the venue's list names where it is not the real one.
    """

    instrument: Instrument
    book: Book
    tape: Tape
    history: History
    last_price: int
    last_quantity: int = 1
    active: bool = False
    status: str = TRADING
    told_tick: Decimal | None = None

    @property
    def trading(self) -> bool:
        return self.status == TRADING

    @property
    def tick(self) -> Decimal:
        """As the venue's list has it."""
        return self.told_tick or self.instrument.tick
