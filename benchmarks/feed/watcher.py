"""The market-watch screen, or the same feed without a screen, in a process of its own.

    python watcher.py REST WS FPS REPORT       FPS 0: no screen, only the store is filled

It writes a line to the file or pipe REPORT when the market is there, and one with its figures for every line on it
that says how many seconds to measure; it ends with the pipe.
"""

import asyncio
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

from catalog.model import MarketType
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.venues.binance import create_connector
from tui.market_feed import MarketFeed
from tui.market_store import MarketStore

SYMBOL = "S0000USDT"


def make_bundle(rest: str, ws: str) -> ExchangeConnectorBundle:
    return create_connector(
        ConnectorContext(
            connector_type="binance",
            market_type=MarketType.SPOT,
            environment="local",
            endpoints={"rest": rest, "ws": ws, "ws_api": ws},
        )
    )


async def until_live(feed: MarketFeed) -> None:
    while feed.store.book_state.value != "SYNCED" or not len(feed.store.candles):
        await asyncio.sleep(0.05)


class Reporter:
    """Measures for as long as it is told, again and again."""

    def __init__(self, path: str) -> None:
        self.requests = open(f"{path}.in")  # noqa: SIM115 - open for the whole life of the process
        self.answers = open(f"{path}.out", "w")  # noqa: SIM115
        self.frames = 0
        self.frame_seconds = 0.0
        self.late: list[float] = []

    def say(self, **figures: object) -> None:
        print(json.dumps(figures), file=self.answers, flush=True)

    async def serve(self, store: MarketStore) -> None:
        gc.collect()
        gc.freeze()
        self.say(ready=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, self.requests.readline):
            self.frames, self.frame_seconds = 0, 0.0
            self.late.clear()
            trades, cpu, start = store.trades.total, time.process_time(), loop.time()
            while (left := start + float(line) - loop.time()) > 0:
                before = loop.time()
                await asyncio.sleep(min(0.02, left))
                self.late.append(loop.time() - before - min(0.02, left))
            seconds = loop.time() - start
            late = sorted(self.late)
            self.say(
                cpu=100 * (time.process_time() - cpu) / seconds,
                trades=(store.trades.total - trades) / seconds,
                frames=self.frames / seconds,
                frame_ms=1000 * self.frame_seconds / max(1, self.frames),
                lag_ms=1000 * late[int(0.99 * len(late))],
            )


async def without_screen(bundle: ExchangeConnectorBundle, reporter: Reporter) -> None:
    await bundle.client.ensure_ready()
    feed = MarketFeed(lambda: bundle, MarketType.SPOT)
    feed.select(SYMBOL)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(feed.run())
        await until_live(feed)
        await reporter.serve(feed.store)
        running.cancel()
    await bundle.ws.destroy()


def with_screen(bundle: ExchangeConnectorBundle, reporter: Reporter, fps: int) -> None:
    from textual.app import App
    from textual.screen import Screen

    from tui.screens import market
    from tui.themes import DEFAULT_THEME, THEMES

    class Source:
        """What the exchange manager gives the screen."""

        def bundle(self, connector_type: str, market_type: MarketType, /) -> ExchangeConnectorBundle:
            return bundle

        def instance(self, connector_type: str, market_type: MarketType, /) -> Any:
            return None

    class TimedScreen(market.MarketScreen):
        """Times what is drawn: the frame tick, and what Textual does to paint it."""

        CSS_PATH = Path(market.__file__).with_name("market.tcss")

        def frame(self) -> None:
            start = time.process_time()
            super().frame()
            reporter.frames += 1
            reporter.frame_seconds += time.process_time() - start

        def _on_timer_update(self) -> None:
            start = time.process_time()
            super()._on_timer_update()
            reporter.frame_seconds += time.process_time() - start

    class Watcher(App[None]):
        async def on_mount(self) -> None:
            for theme in THEMES:
                self.register_theme(theme)
            self.theme = DEFAULT_THEME
            await bundle.client.ensure_ready()
            screen = TimedScreen(Source(), "binance", MarketType.SPOT, SYMBOL, fps=fps)
            await self.push_screen(screen)
            self.run_worker(self.measure(screen))

        async def measure(self, screen: Screen[Any]) -> None:
            assert isinstance(screen, TimedScreen)
            await until_live(screen.feed)
            await reporter.serve(screen.store)
            self.exit()

    Watcher().run()


def main() -> None:
    rest, ws, fps, path = sys.argv[1:]
    reporter = Reporter(path)
    bundle = make_bundle(rest, ws)
    if int(fps):
        with_screen(bundle, reporter, int(fps))
    else:
        asyncio.run(without_screen(bundle, reporter))


if __name__ == "__main__":
    main()
