"""ccxt.pro with orjson: its client's text handler, which decodes and dispatches; nobody awaits the futures."""

import json

import ccxt.pro
import orjson  # noqa: F401  (ccxt takes it where it is there; its absence would flatter us)
from capture import Capture
from peer import serve

URLS = {"spot": "wss://stream.binance.com:9443/ws/0", "futures": "wss://fstream.binance.com/public/ws/0"}


class Ccxt:
    def __init__(self, capture: Capture) -> None:
        self.exchange = ccxt.pro.binance(
            {"options": {"defaultType": "spot" if capture.market == "spot" else "swap"}}
        )
        self.exchange.options |= {"crossMarginPairsData": [], "isolatedMarginPairsData": []}
        self.exchange.set_markets(self.exchange.parse_markets(capture.exchange_info["symbols"]))
        self.snapshots = capture.snapshots
        self.client = None
        self.url = URLS[capture.market]
        self.by_id = {}
        for symbol, text in capture.snapshots.items():
            market = self.exchange.safe_market(
                symbol, None, None, "spot" if capture.market == "spot" else "swap"
            )
            book = self.exchange.order_book({}, 1000)
            answer = json.loads(text)
            book.reset(self.exchange.parse_order_book(answer, market["symbol"]))
            book["nonce"] = answer["lastUpdateId"]
            self.exchange.orderbooks[market["symbol"]] = book
            self.by_id[symbol] = book

    async def run(self, frames: list[bytes]) -> None:
        if self.client is None:
            self.client = self.exchange.client(self.url)
        handle = self.client.handle_text_or_binary_message
        for frame in frames:
            handle(frame.decode())

    async def close(self) -> None:
        await self.exchange.close()

    def books(self) -> dict[str, list[list[list[float]]]]:
        return {
            symbol: [
                [[float(price), float(size)] for price, size in book[side][:20]] for side in ("bids", "asks")
            ]
            for symbol, book in self.by_id.items()
        }


serve(Ccxt)
