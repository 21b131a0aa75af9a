"""A venue for the benchmarks: Binance's spot protocol over loopback, as many messages a second as it is told.

It answers the REST calls a connector starts with (time, exchangeInfo, depth, klines, ticker), takes SUBSCRIBE on the
combined endpoint, and pumps when told. Trades and depth updates alternate, symbol after symbol; a depth update has
SIDE levels a side (five) and correct `U` and `u`. Messages are written to the socket as raw frames: a sender that is
slower than the receiver would measure itself.

    python feeder.py SYMBOLS [SIDE]   answers each line on stdin with a line on stdout, the first being its URLs

{"pump": SECONDS, "rate": N, "batched": false, "trades": true} -> {"sent": {stream: count}, "seconds": taken}
{"books": true}                                -> {symbol: [sequence, [[price, size] best 20 bids], [asks]]}

A trade's quantity is the moment it was written, in seconds of the monotonic clock, which on one machine all processes
share: so the receiver knows how long it was on its way.
"""

import asyncio
import http
import json
import random
import struct
import sys
import time
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

LEVELS = 1_000
SIDE = 5
VARIANTS = 64
MIDDLE = 100_000
"""In hundredths: bids stand below it, asks above."""
TICK = 0.001
"""Seconds between two looks at what is due."""


def frame(payload: bytes) -> bytes:
    """An unmasked text frame."""
    size = len(payload)
    return (struct.pack("!BB", 0x81, size) if size < 126 else struct.pack("!BBH", 0x81, 126, size)) + payload


def price_text(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}000000"


class Changes:
    """The updates every book goes through, over and over: a book's state follows from how many it has had."""

    def __init__(self, side: int) -> None:
        draw = random.Random(7)
        self.levels: list[tuple[list[tuple[int, str]], list[tuple[int, str]]]] = []
        self.texts: list[bytes] = []
        for _ in range(VARIANTS):
            sides = []
            for sign in (-1, 1):
                # Near the top more than far away, as in a real market; a price in eight is taken out.
                away = sorted({1 + int(draw.expovariate(1 / 12)) for _ in range(side)})
                sizes = ["0.00000000" if draw.random() < 0.125 else f"{draw.random() * 9:.8f}" for _ in away]
                sides.append([(MIDDLE + sign * step, size) for step, size in zip(away, sizes, strict=True)])
            self.levels.append((sides[0], sides[1]))
            bids, asks = (
                json.dumps([[price_text(p), q] for p, q in side], separators=(",", ":")) for side in sides
            )
            self.texts.append(f'"b":{bids},"a":{asks}}}}}'.encode())

    def book(self, count: int) -> tuple[list[list[str]], list[list[str]]]:
        """Bids and asks, best first, after so many updates."""
        bids = {MIDDLE - step: "1.50000000" for step in range(1, LEVELS + 1)}
        asks = {MIDDLE + step: "1.50000000" for step in range(1, LEVELS + 1)}
        for number in range(max(0, count - VARIANTS), count):
            for book, levels in zip((bids, asks), self.levels[number % VARIANTS], strict=True):
                for price, size in levels:
                    book.pop(price, None) if float(size) == 0 else book.__setitem__(price, size)
        return (
            [[price_text(price), bids[price]] for price in sorted(bids, reverse=True)],
            [[price_text(price), asks[price]] for price in sorted(asks)],
        )


class Stream:
    """One symbol's numbers and ready-made texts."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.trades = 0
        self.updates = 0
        name = symbol.lower()
        self.trade_name, self.depth_name = f"{name}@trade", f"{name}@depth@100ms"
        self.trade_texts = [
            (
                f'{{"stream":"{self.trade_name}","data":{{"e":"trade","E":%d,"s":"{symbol}","t":%d,"p":"{price}",'
                f'"q":"%.6f","T":%d,"m":{side},"M":true}}}}'
            ).encode()
            for price, side in ((price_text(MIDDLE + 1), "false"), (price_text(MIDDLE - 1), "true"))
        ]
        self.depth_text = (
            f'{{"stream":"{self.depth_name}","data":{{"e":"depthUpdate","E":%d,"s":"{symbol}","U":%d,"u":%d,'
        ).encode()

    @property
    def sequence(self) -> int:
        return 1_000 + 3 * self.updates

    def trade(self, millis: int, stamp: float) -> bytes:
        self.trades += 1
        number = self.trades
        return frame(self.trade_texts[number // 3 % 2] % (millis, number, stamp, millis))

    def depth(self, millis: int, changes: Changes) -> bytes:
        first = self.sequence + 1
        text = changes.texts[self.updates % VARIANTS]
        self.updates += 1
        return frame(self.depth_text % (millis, first, first + 2) + text)


class Feeder:
    def __init__(self, symbols: int, side: int) -> None:
        self.changes = Changes(side)
        self.streams = {name: Stream(name) for name in (f"S{number:04d}USDT" for number in range(symbols))}
        self.takers: dict[str, ServerConnection] = {}
        self._heaps: dict[ServerConnection, bytearray] = {}

    # --- REST ----------------------------------------------------------------------------------------------------

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        url = urlsplit(request.path)
        if url.path.startswith("/stream"):
            return None
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        body = json.dumps(self._rest(url.path.rpartition("/")[2], query))
        return connection.respond(http.HTTPStatus.OK, body)

    def _rest(self, call: str, query: dict[str, str]) -> object:
        now = int(time.time() * 1000)
        if call == "time":
            return {"serverTime": now}
        if call == "exchangeInfo":
            # A limit that is never reached: what is measured is not the waiting for it.
            weight = {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": 10**8,
            }
            return {"rateLimits": [weight], "symbols": [self._symbol(name) for name in self.streams]}
        if call == "depth":
            stream = self.streams[query["symbol"]]
            bids, asks = self.changes.book(stream.updates)
            limit = int(query.get("limit", "100"))
            return {"lastUpdateId": stream.sequence, "bids": bids[:limit], "asks": asks[:limit]}
        if call == "klines":
            return self._klines(now, int(query.get("limit", "500")), int(query.get("endTime", now)))
        return []

    @staticmethod
    def _symbol(name: str) -> dict[str, object]:
        filters = [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.00000001", "maxQty": "9000", "stepSize": "0.00000001"},
        ]
        names = {"symbol": name, "baseAsset": name[:-4], "quoteAsset": "USDT"}
        return {**names, "status": "TRADING", "filters": filters, "isMarginTradingAllowed": False}

    @staticmethod
    def _klines(now: int, limit: int, end: int) -> list[list[object]]:
        last = min(now, end) // 60_000 * 60_000
        rows: list[list[object]] = []
        for index in range(limit):
            start = last - (limit - 1 - index) * 60_000
            wave = abs(start // 60_000 % 100 - 50)
            low, high = MIDDLE - 60 - wave, MIDDLE + 10 + wave
            prices = [price_text(value) for value in (low + 20, high, low, high - 20)]
            rows.append([start, *prices, "12.5", start + 59_999])
        return rows

    # --- streams -------------------------------------------------------------------------------------------------

    async def serve_stream(self, connection: ServerConnection) -> None:
        try:
            async for text in connection:
                request = json.loads(text)
                for stream in request["params"]:
                    if request["method"] == "SUBSCRIBE":
                        self.takers[stream] = connection
                    else:
                        self.takers.pop(stream, None)
                await connection.send(json.dumps({"result": None, "id": request["id"]}))
        except ConnectionClosed:
            pass
        finally:
            for stream in [name for name, taker in self.takers.items() if taker is connection]:
                del self.takers[stream]

    async def pump(self, seconds: float, rate: float, *, batched: bool, trades: bool) -> dict[str, object]:
        """Send what is due until the time is over: one message a write, or all that are due in one."""
        sent: Counter[str] = Counter()
        turns = [
            (stream, depth)
            for depth in ((False, True) if trades else (True,))
            for stream in self.streams.values()
        ]
        start = time.monotonic()
        total = 0
        slow = asyncio.create_task(self._slow_streams(seconds))
        while (passed := time.monotonic() - start) < seconds:
            # At most a tick's worth and as much again: what was missed is caught up with, not thrown in one heap.
            due = min(int(passed * rate) - total, int(2 * rate * TICK) + 1)
            for _ in range(due):
                stream, depth = turns[total % len(turns)]
                total += 1
                name = stream.depth_name if depth else stream.trade_name
                taker = self.takers.get(name)
                if taker is None:
                    continue
                stamp = time.monotonic()
                millis = int(time.time() * 1000)
                message = stream.depth(millis, self.changes) if depth else stream.trade(millis, stamp)
                sent[name] += 1
                if batched:
                    self._gather(taker, message)
                else:
                    taker.transport.write(message)
            if batched:
                self._flush()
            await asyncio.sleep(TICK if total >= int((time.monotonic() - start) * rate) else 0)
        await slow
        return {"sent": sent, "seconds": time.monotonic() - start}

    def _gather(self, taker: ServerConnection, message: bytes) -> None:
        self._heaps.setdefault(taker, bytearray()).extend(message)

    def _flush(self) -> None:
        for taker, heap in self._heaps.items():
            if heap:
                taker.transport.write(bytes(heap))
                heap.clear()

    async def _slow_streams(self, seconds: float) -> None:
        """A candle and a ticker a second of each symbol somebody watches: what a market screen has besides."""
        for _ in range(int(seconds)):
            now = int(time.time() * 1000)
            for symbol in self.streams:
                name = symbol.lower()
                if (taker := self.takers.get(f"{name}@kline_1m")) is not None:
                    taker.transport.write(frame(self._kline(symbol, name, now)))
                if (taker := self.takers.get(f"{name}@ticker")) is not None:
                    taker.transport.write(frame(self._ticker(symbol, name, now)))
            await asyncio.sleep(1.0)

    @staticmethod
    def _kline(symbol: str, name: str, now: int) -> bytes:
        start = now // 60_000 * 60_000
        values = {"o": MIDDLE, "c": MIDDLE + 1, "h": MIDDLE + 40, "l": MIDDLE - 40}
        kline = {"t": start, "T": start + 59_999, "s": symbol, "i": "1m", "v": "12.5", "x": False}
        kline |= {key: price_text(value) for key, value in values.items()}
        data = {"e": "kline", "E": now, "s": symbol, "k": kline}
        return json.dumps({"stream": f"{name}@kline_1m", "data": data}, separators=(",", ":")).encode()

    @staticmethod
    def _ticker(symbol: str, name: str, now: int) -> bytes:
        values = {
            "c": MIDDLE,
            "o": MIDDLE - 500,
            "h": MIDDLE + 900,
            "l": MIDDLE - 900,
            "b": MIDDLE - 1,
            "a": MIDDLE + 1,
        }
        data = {"e": "24hrTicker", "E": now, "s": symbol, "v": "1234.5", "q": "1234500.0"}
        data |= {key: price_text(value) for key, value in values.items()}
        return json.dumps({"stream": f"{name}@ticker", "data": data}, separators=(",", ":")).encode()

    def books(self) -> dict[str, list[object]]:
        books: dict[str, list[object]] = {}
        for name, stream in self.streams.items():
            sides = [
                [[float(price), float(size)] for price, size in side[:20]]
                for side in self.changes.book(stream.updates)
            ]
            books[name] = [stream.sequence, *sides]
        return books


async def main() -> None:
    feeder = Feeder(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SIDE)
    loop = asyncio.get_running_loop()
    server = await serve(
        feeder.serve_stream,
        "127.0.0.1",
        0,
        process_request=feeder.answer,
        compression=None,
        ping_interval=None,
        server_header=None,
    )
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"rest": f"http://127.0.0.1:{port}", "ws": f"ws://127.0.0.1:{port}"}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        if "pump" in command:
            answer = await feeder.pump(
                command["pump"],
                command["rate"],
                batched=command.get("batched", False),
                trades=command.get("trades", True),
            )
        else:
            answer = feeder.books()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
