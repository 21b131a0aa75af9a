"""All the venue knows of one pair: the instrument, its book, its tape and its candles."""

from dataclasses import dataclass

from connectors.emulator.book import Book
from connectors.emulator.history import History
from connectors.emulator.instruments import Instrument
from connectors.emulator.tape import Tape


@dataclass(slots=True)
class Listing:
    """`last_price` is in ticks. `active`: the simulated market makers are at work here."""

    instrument: Instrument
    book: Book
    tape: Tape
    history: History
    last_price: int
    last_quantity: int = 1
    active: bool = False
