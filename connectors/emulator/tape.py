"""The last trades of one instrument, as they happened and aggregated by taker order and price."""

from collections import deque
from dataclasses import dataclass

from connectors.emulator.orders import Trade

KEPT = 5_000


@dataclass(slots=True)
class AggregateTrade:
    """Consecutive fills of one taker order at one price. `first_id` to `last_id` are its trades."""

    id: int
    price: int
    quantity: int
    first_id: int
    last_id: int
    time: int
    maker_is_buyer: bool
    taker_order_id: int


class Tape:
    def __init__(self, *, first_aggregate_id: int = 1) -> None:
        self.trades: deque[Trade] = deque(maxlen=KEPT)
        self.aggregates: deque[AggregateTrade] = deque(maxlen=KEPT)
        self._next_aggregate_id = first_aggregate_id

    def add(self, trade: Trade) -> None:
        self.trades.append(trade)
        last = self.aggregates[-1] if self.aggregates else None
        if last and last.taker_order_id == trade.taker.id and last.price == trade.price:
            last.quantity += trade.quantity
            last.last_id = trade.id
            return
        self.aggregates.append(
            AggregateTrade(
                self._next_aggregate_id,
                trade.price,
                trade.quantity,
                trade.id,
                trade.id,
                trade.time,
                trade.maker_is_buyer,
                trade.taker.id,
            )
        )
        self._next_aggregate_id += 1
