"""cryptofeed: its own handler, its Decimal book, a do-nothing callback a channel."""

import json
from decimal import Decimal

from capture import Capture
from cryptofeed.defines import CANDLES, L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import Binance, BinanceFutures
from cryptofeed.symbols import Symbols
from cryptofeed.types import OrderBook
from peer import serve


async def ignore(*_: object) -> None: ...


class Cryptofeed:
    def __init__(self, capture: Capture) -> None:
        kind = Binance if capture.market == "spot" else BinanceFutures
        if not Symbols.populated(kind.id):
            Symbols.set(kind.id, *kind._parse_symbol_data(capture.exchange_info))
        names = [kind(symbols=[]).exchange_symbol_to_std_symbol(symbol) for symbol in capture.snapshots]
        channels = (TRADES, L2_BOOK, TICKER, CANDLES)
        self.feed = kind(
            symbols=names,
            channels=list(channels),
            callbacks=dict.fromkeys(channels, ignore),
            candle_closed_only=False,
        )
        self.feed.start = lambda *_: None
        for symbol, text in capture.snapshots.items():
            snapshot = json.loads(text)
            name = self.feed.exchange_symbol_to_std_symbol(symbol)
            sides = {
                side: {Decimal(price): Decimal(size) for price, size in snapshot[side]}
                for side in ("bids", "asks")
            }
            self.feed.last_update_id[name] = snapshot["lastUpdateId"]
            self.feed._l2_book[name] = OrderBook(self.feed.id, name, **sides)

    async def run(self, frames: list[bytes]) -> None:
        handler = self.feed.message_handler
        for frame in frames:
            await handler(frame.decode(), None, 0.0)

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[list[list[float]]]]:
        return {
            self.feed.std_symbol_to_exchange_symbol(name): [
                [[float(price), float(side[price])] for price in list(side.keys())[:20]]
                for side in (book.book.bids, book.book.asks)
            ]
            for name, book in self.feed._l2_book.items()
        }


serve(Cryptofeed)
