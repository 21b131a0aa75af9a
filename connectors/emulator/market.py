"""The simulated market: asset values that wander, and participants that quote and trade around them.

Everything follows from the seed and the first moment: `step` gives the same market however often it is called.
Nothing here reads a clock.
"""

import heapq
from collections.abc import Callable, Iterable
from math import exp, inf, log, log1p
from random import Random

from connectors.emulator.accounts import Accounts, seeded_accounts
from connectors.emulator.engine import Engine
from connectors.emulator.history import History
from connectors.emulator.instruments import LIVE_INSTRUMENTS, Instrument, padding_instruments, starting_price
from connectors.emulator.listing import Listing
from connectors.emulator.makers import LEVELS, Participants
from connectors.emulator.orders import Order, Trade
from connectors.emulator.tape import Tape

WARM_UP_MS = 10_000
"""The market is run this long before its first shown moment, so that tape and candles are not empty."""
FOLLOWING_WARM_UP_MS = 2_000
"""Less for a market that is made while another is already served: nobody shall wait for it."""
_WARM_UP_TRADES = 200
"""On the busiest pair."""
DEFAULT_RATE = 4.0
_WALK_MS = 250
_SIGMA_PER_SECOND = 1.0e-4
_COMMON = 0.6
_QUOTES_A_TRADE = 2.0
_FIRST_TRADE_ID = 3_600_000_000
_FIRST_UPDATE_ID = 48_000_000_000


class Market:
    """`rate` is in taker orders a second on the busiest pair; `symbols` pads the list with quiet pairs, after those
    `besides`, on which nobody is at work either until somebody asks for them.

    `levels` are the price levels a side of a book, or a few less.

    `follows` is another market of the venue whose asset values are this one's too: spot, which futures follow. With
    `live` only so many pairs are at work at once, the others when somebody asks for them.
    """

    def __init__(
        self,
        *,
        seed: int,
        start: int,
        rate: float = DEFAULT_RATE,
        symbols: int = 0,
        accounts: Accounts | None = None,
        instruments: tuple[Instrument, ...] = LIVE_INSTRUMENTS,
        besides: tuple[Instrument, ...] = (),
        follows: "Market | None" = None,
        warm_up_ms: int | None = None,
        live: int | None = None,
        levels: int = LEVELS,
    ) -> None:
        self.seed, self.rate, self.levels = seed, rate, levels
        self.accounts = accounts or seeded_accounts()
        self.engine = Engine(self.accounts, first_trade_id=_FIRST_TRADE_ID, first_order_id=30_000_000_000)
        self.engine.on_trade = self._traded
        usual = WARM_UP_MS if follows is None else FOLLOWING_WARM_UP_MS
        self.warm_up_ms = usual if warm_up_ms is None else min(usual, warm_up_ms)
        if rate > 0:
            # Whatever the rate, there is as much to do before somebody is served.
            self.warm_up_ms = min(self.warm_up_ms, int(_WARM_UP_TRADES / rate * 1_000))
        self.live = live
        self.now = start - self.warm_up_ms
        self.on_trade: Callable[[Trade], None] = lambda _trade: None
        self.on_book: Callable[[Listing], None] = lambda _listing: None
        """Called after each event that may have changed a book."""
        self.book_watchers: list[Callable[[Listing], None]] = []
        self.trade_watchers: list[Callable[[Trade], None]] = []
        """Who sees the same as the dialect, and before it: an oracle."""
        self.listings: dict[str, Listing] = {}
        self._values: dict[str, float] = {} if follows is None else follows._values
        self._asset_randoms: dict[str, Random] = {}
        self._common = Random(f"{seed}:common")
        self._participants: dict[str, Participants] = {}
        self._event_randoms: dict[str, Random] = {}
        self._queue: list[tuple[float, str]] = []
        self._next_walk = float(self.now) if follows is None else inf
        padding = max(0, symbols - len(instruments) - len(besides))
        self._list((*instruments, *besides, *padding_instruments(padding)))
        for instrument in instruments[:live]:
            self.activate(instrument.symbol)
        self.step(start)

    def _list(self, instruments: Iterable[Instrument]) -> None:
        for instrument in instruments:
            price = max(1, round(self._starting(instrument) / float(instrument.tick)))
            daily = int(86_400 * self.rate * instrument.activity * instrument.typical_notional)
            lots = int(daily / (price * float(instrument.tick) * float(instrument.lot)))
            self.listings[instrument.symbol] = Listing(
                instrument,
                self.engine.list_instrument(instrument, first_update_id=_FIRST_UPDATE_ID),
                Tape(first_aggregate_id=_FIRST_TRADE_ID // 2),
                History(instrument.symbol, self.now, price, lots, self.seed),
                price,
            )

    @staticmethod
    def _starting(instrument: Instrument) -> float:
        return starting_price(instrument.base) / starting_price(instrument.quote) * (1 + instrument.premium)

    def add(self, instrument: Instrument) -> None:
        """List one more pair; nobody is at work on it yet."""
        self._list((instrument,))

    def remove(self, symbol: str) -> None:
        """List a pair no more. Raises `KeyError` on an unknown one."""
        del self.listings[symbol]
        self._participants.pop(symbol, None)
        self._queue = [entry for entry in self._queue if entry[1] != symbol]
        heapq.heapify(self._queue)

    def activate(self, symbol: str) -> Listing:
        """Put the makers to work on a quiet pair, where they are not yet. Raises `KeyError` on an unknown one."""
        listing = self.listings[symbol]
        if listing.active:
            return listing
        listing.active = True
        instrument = listing.instrument
        for asset in (instrument.base, instrument.quote):
            self._values.setdefault(asset, log(starting_price(asset)))
            if asset not in self._asset_randoms:
                self._asset_randoms[asset] = Random(f"{self.seed}:{asset}")
        participants = Participants(self.engine, listing, f"{self.seed}:{symbol}", self.levels)
        self._participants[symbol] = participants
        self._event_randoms[symbol] = Random(f"{self.seed}:{symbol}:events")
        participants.build(self.fair(listing), self.now)
        self._schedule(symbol, float(self.now))
        return listing

    def fair(self, listing: Listing) -> float:
        """In ticks."""
        instrument = listing.instrument
        return self.worth(instrument) * (1 + instrument.premium) / float(instrument.tick)

    def worth(self, instrument: Instrument) -> float:
        """What the base asset is worth in the quote asset, whatever the pair trades at."""
        return exp(self._values[instrument.base] - self._values[instrument.quote])

    def shift(self, symbol: str, ticks: float) -> None:
        """Let what a pair's base asset is worth change by so many of the pair's ticks; its makers follow.

        Raises `KeyError` on an unknown or quiet pair.
        """
        listing = self.listings[symbol]
        self._values[listing.instrument.base] += log1p(ticks / self.fair(listing))

    def step(self, now: int) -> None:
        """Let everything happen that is due up to `now`. Going back in time does nothing."""
        while self._queue:
            due, symbol = self._queue[0]
            if self._next_walk <= min(due, now):
                self.now = max(self.now, int(self._next_walk))
                self._walk()
                self._next_walk += _WALK_MS
                continue
            if due > now:
                break
            heapq.heappop(self._queue)
            self.now = max(self.now, int(due))
            self._act(symbol)
            self._schedule(symbol, due)
        self.now = max(self.now, now)

    def rest(self, now: int) -> None:
        """Let time pass up to `now` with nothing happening: what was due comes as much later."""
        pause = now - self.now
        if pause <= 0:
            return
        self._queue = [(due + pause, symbol) for due, symbol in self._queue]
        self._next_walk += pause
        self.now = now

    def _schedule(self, symbol: str, after: float) -> None:
        rate = self.rate * self.listings[symbol].instrument.activity * (1 + _QUOTES_A_TRADE)
        gap = self._event_randoms[symbol].expovariate(rate) * 1_000 if rate > 0 else float("inf")
        heapq.heappush(self._queue, (after + gap, symbol))

    def _act(self, symbol: str) -> None:
        listing = self.listings[symbol]
        if not listing.trading:
            return
        participants = self._participants[symbol]
        participants.quote(self.fair(listing), self.now)
        if self._event_randoms[symbol].random() * (1 + _QUOTES_A_TRADE) < 1:
            participants.trade(self.now)
        self._changed(listing)

    def _walk(self) -> None:
        common = self._common.gauss(0.0, 1.0) * _COMMON
        own = (1 - _COMMON**2) ** 0.5
        sigma = _SIGMA_PER_SECOND * (_WALK_MS / 1_000) ** 0.5
        for asset, random in self._asset_randoms.items():
            step = random.gauss(0.0, 1.0)
            if asset != "USDT":
                scale = 0.15 if asset == "EUR" else 1.0
                self._values[asset] += sigma * scale * (common + own * step)

    def _traded(self, trade: Trade) -> None:
        listing = self.listings[trade.instrument.symbol]
        listing.last_price, listing.last_quantity = trade.price, trade.quantity
        listing.tape.add(trade)
        listing.history.add(trade)
        for watch in self.trade_watchers:
            watch(trade)
        self.on_trade(trade)

    def touched(self, order: Order) -> None:
        """Tell that a customer's order may have changed its book."""
        listing = self.listings.get(order.instrument.symbol)
        if listing is not None:
            self._changed(listing)

    def _changed(self, listing: Listing) -> None:
        for watch in self.book_watchers:
            watch(listing)
        self.on_book(listing)
