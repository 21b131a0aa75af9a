"""The receiving side of the loopback benchmarks: the real connector, or the floor, in a process of its own.

    python receiver.py barfinex|floor REST WS SYMBOLS     answers lines on stdin with lines on stdout

{"begin": true}  -> {"begun": true}: from here CPU and messages are counted
{"end": COUNT}   -> waits until so many messages arrived (2 s at most), then the counts, latencies and CPU
{"books": true}  -> {symbol: [sequence, bids, asks, state]}

`barfinex` is BinanceWsManager as the app has it: trades and books of every symbol, a handler each. `floor` is the
library's own receive loop and a typed decode, the least a Python program with `websockets` can do.
"""

import asyncio
import contextlib
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from catalog.model import MarketType
from connectors.contracts.events import Trade
from connectors.contracts.services import ConnectorContext, LiveBook, OrderBookOptions, TradeOptions

PATIENCE = 2.0


class Receiver(Protocol):
    trades: int
    depths: int
    latencies: list[float]

    async def open(self) -> None: ...

    def cpu_baseline(self) -> None: ...

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[object]]: ...

    def losses(self) -> dict[str, int]: ...


class Barfinex:
    """Counts in the handlers; a status of a gap or a loss counts as well."""

    def __init__(self, rest: str, ws: str, symbols: int) -> None:
        from connectors.streaming.snapshots import SnapshotDesk
        from connectors.venues.binance import create_connector

        self.trades = self.depths = 0
        self.latencies: list[float] = []
        self.statuses: dict[str, int] = {}
        self.live: dict[str, LiveBook] = {}
        context = ConnectorContext(
            connector_type="binance",
            market_type=MarketType.SPOT,
            environment="local",
            endpoints={"rest": rest, "ws": ws, "ws_api": ws},
        )
        self.bundle = create_connector(context)
        manager: Any = self.bundle.ws
        # The venue's own pace, sixty snapshots a minute, would make a thousand books a matter of a quarter of an hour.
        manager._desk = SnapshotDesk(manager._desk._fetch, limit=100_000, period=60.0)

    async def open(self) -> None:
        await self.bundle.client.ensure_ready(60_000)
        instruments = list(self.bundle.client.instruments.values())
        trades = TradeOptions(market_type=MarketType.SPOT, instruments=instruments, on_status=self._status)
        books = OrderBookOptions(market_type=MarketType.SPOT, instruments=instruments, on_status=self._status)
        await self.bundle.ws.subscribe_to_trade(trades, self._trade)
        await self.bundle.ws.subscribe_to_order_book(books, self._book)
        while len(self.live) < len(instruments) or any(book.state != "SYNCED" for book in self.live.values()):
            await asyncio.sleep(0.05)
        self.trades = self.depths = 0
        self.statuses.clear()

    def _trade(self, trade: Trade) -> None:
        self.trades += 1
        self.latencies.append(time.monotonic() - trade.quantity)

    def _book(self, book: LiveBook) -> None:
        self.depths += 1
        self.live[book.symbol] = book

    def _status(self, status: Any) -> None:
        self.statuses[status.kind] = self.statuses.get(status.kind, 0) + 1

    async def close(self) -> None:
        await self.bundle.ws.destroy()
        await self.bundle.client.close()

    def books(self) -> dict[str, list[object]]:
        views = {symbol: book.view(20) for symbol, book in self.live.items()}
        return {name: [one.sequence, one.bids, one.asks, one.state] for name, one in views.items()}

    def losses(self) -> dict[str, int]:
        return self.statuses


class Floor:
    """The library's iterator and one typed decode a message: no session, no symbols, no book, no events."""

    def __init__(self, rest: str, ws: str, symbols: int) -> None:
        from connectors.venues.binance import wire
        from connectors.venues.binance.decode import decoder

        self.trades = self.depths = 0
        self.latencies: list[float] = []
        self.url = f"{ws}/stream"
        self.symbols = symbols
        self.task: asyncio.Task[None] | None = None
        self._trade = decoder(wire.Envelope[wire.TradeFrame])
        self._depth = decoder(wire.Envelope[wire.DepthFrame])

    async def open(self) -> None:
        from websockets.asyncio.client import connect

        self.socket = await connect(self.url, compression=None, ping_interval=None, proxy=None)
        names = [f"s{number:04d}usdt" for number in range(self.symbols)]
        streams = [f"{name}@{kind}" for kind in ("trade", "depth@100ms") for name in names]
        await self.socket.send(json.dumps({"method": "SUBSCRIBE", "params": streams, "id": 1}))
        await self.socket.recv()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        trade, depth = self._trade, self._depth
        while True:
            frame = await self.socket.recv(decode=False)
            if b"@trade" in frame[:40]:
                self.trades += 1
                self.latencies.append(time.monotonic() - trade(frame).data.quantity)
            else:
                self.depths += 1
                depth(frame)

    async def close(self) -> None:
        assert self.task is not None
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
        await self.socket.close()

    def books(self) -> dict[str, list[object]]:
        return {}

    def losses(self) -> dict[str, int]:
        return {}


def resident() -> float:
    """This process's memory in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


async def main() -> None:
    kind, rest, ws, symbols = sys.argv[1:]
    before = resident()
    receiver: Any = (Barfinex if kind == "barfinex" else Floor)(rest, ws, int(symbols))
    await receiver.open()
    gc.collect()
    gc.freeze()
    loop = asyncio.get_running_loop()
    print(json.dumps({"ready": True, "bare_mb": before}), flush=True)
    cpu = 0.0
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        if "begin" in command:
            receiver.trades = receiver.depths = 0
            receiver.latencies.clear()
            cpu = time.process_time()
            answer: dict[str, Any] = {"begun": True}
        elif "end" in command:
            patience = loop.time() + PATIENCE
            while receiver.trades + receiver.depths < command["end"] and loop.time() < patience:
                await asyncio.sleep(0.01)
            answer = {"cpu": time.process_time() - cpu, "trades": receiver.trades, "depths": receiver.depths}
            answer |= {"latencies": receiver.latencies, "losses": receiver.losses(), "mb": resident()}
        else:
            answer = receiver.books()
        print(json.dumps(answer), flush=True)
    await receiver.close()


if __name__ == "__main__":
    asyncio.run(main())
