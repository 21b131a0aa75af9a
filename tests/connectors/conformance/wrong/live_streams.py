"""Stream managers with one defect each."""

import asyncio
import dataclasses
import logging
from typing import Any

import msgspec

from connectors.contracts.events import StreamStatus, Trade
from connectors.contracts.services import TradeOptions
from connectors.rest.connection import address
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.dialect import Limits
from connectors.streaming.feeds import Feed
from connectors.streaming.hub import Hub
from connectors.streaming.pool import Pool
from connectors.streaming.settings import SessionSettings
from connectors.venues.binance.decode import decode_candle, decode_trade
from connectors.venues.binance.dialect import BinanceDialect
from connectors.venues.binance.ws import BinanceWsManager
from tests.connectors.conformance.wrong.live_registry import wrong
from tests.connectors.conformance.wrong.replanned import Replanned


async def nothing() -> None:
    """An unsubscribe that does not."""


@wrong("S01", "the venue has a subscription")
class ReturnsBeforeTheAcknowledgement(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        self._later = asyncio.create_task(super().subscribe_to_trade(options, handler))
        return nothing


@wrong("S02", "no event comes after unsubscribe")
class NeverUnsubscribes(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        await super().subscribe_to_trade(options, handler)
        return nothing


@wrong("S02", "the venue still has")
class StopsListeningOnly(BinanceWsManager):
    """The handler is not called any more, but the venue goes on sending."""

    async def subscribe_to_trade(self, options, handler):
        listening = True
        await super().subscribe_to_trade(options, lambda trade: listening and handler(trade))

        async def leave() -> None:
            nonlocal listening
            listening = False

        return leave


@wrong("S03", "who stays goes on hearing")
class LeavesForEverybody(BinanceWsManager):
    _leaves: list[Any]

    async def subscribe_to_trade(self, options, handler):
        self._leaves = [*getattr(self, "_leaves", ()), await super().subscribe_to_trade(options, handler)]

        async def leave() -> None:
            for each in self._leaves:
                await each()

        return leave


class _Altered(BinanceWsManager):
    """Every trade goes through `alter`."""

    async def subscribe_to_trade(self, options, handler):
        def altered(trade: Trade) -> None:
            for each in self.alter(trade):
                handler(each)

        return await super().subscribe_to_trade(options, altered)

    def alter(self, trade: Trade) -> list[Trade]:
        return [trade]


@wrong("S04", "came twice or out of turn")
class DeliversTwice(_Altered):
    def alter(self, trade):
        return [trade, trade]


@wrong("S04", "was never made")
class SwapsTheSides(_Altered):
    def alter(self, trade):
        return [msgspec.structs.replace(trade, side="buy" if trade.side == "sell" else "sell")]


@wrong("S04", "was never made")
class TellsSeconds(_Altered):
    def alter(self, trade):
        return [msgspec.structs.replace(trade, timestamp=trade.timestamp // 1_000)]


@wrong("S04", "missing")
class LosesEveryFifth(_Altered):
    count = 0

    def alter(self, trade):
        self.count += 1
        return [] if self.count % 5 == 0 else [trade]


class _EveryFrame(Feed[Trade]):
    def frame(self, frame: bytes) -> None:
        self.deliver(decode_trade(frame))


@wrong("S05", "came twice or out of turn")
class DeliversRepeatedFrames(Replanned):
    def trade_feed(self, channel, feed):
        return _EveryFrame(channel)


@wrong("S06", "exactly the wanted set is restored")
class ForgetsAfterALoss(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        def told(status: StreamStatus) -> None:
            if options.on_status is not None:
                options.on_status(status)
            if status.kind == "lost":
                self._forgetting = asyncio.create_task(leave())

        leave = await super().subscribe_to_trade(_with_status(options, told), handler)
        return leave


@wrong("S06", "exactly the wanted set is restored")
class RestoresWhatWasLeft(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        base = super().subscribe_to_trade

        def told(status: StreamStatus) -> None:
            if options.on_status is not None:
                options.on_status(status)
            if status.kind == "lost":
                self._again = [asyncio.create_task(base(one, lambda _trade: None)) for one in self._left]

        leave = await base(_with_status(options, told), handler)

        async def leave_for_now() -> None:
            await leave()
            self._left = [*self._left, options]

        return leave_for_now

    _left: tuple[TradeOptions, ...] | list[TradeOptions] = ()


def _with_status(options: TradeOptions, told) -> TradeOptions:
    return TradeOptions(market_type=options.market_type, instruments=options.instruments, on_status=told)


@wrong("S07", "a lost connection is told")
class TellsNothing(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        return await super().subscribe_to_trade(_with_status(options, None), handler)


@wrong("S07", "every status has a reason")
class TellsWithoutReasons(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        def told(status: StreamStatus) -> None:
            if options.on_status is not None:
                options.on_status(msgspec.structs.replace(status, reason=""))

        return await super().subscribe_to_trade(_with_status(options, told), handler)


@wrong("S08", "a silent stream is shown as stale")
def trusts_silence(context):
    from tests.connectors.conformance.wrong.live_registry import binance_with

    return binance_with(
        context, ws=lambda *args, **options: BinanceWsManager(*args, **options, silence=3_600.0)
    )


@wrong("S09", "no alarm is raised")
class TakesQuietForSilence(Replanned):
    def trade_feed(self, channel, feed):
        feed._check = None
        return feed


@wrong("S10", "a handler that raises is called for later events too")
class EndsWithAFailingHandler(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        failed = False

        def guarded(trade: Trade) -> None:
            nonlocal failed
            if not failed:
                try:
                    handler(trade)
                except Exception:
                    failed = True
                    logging.getLogger(__name__).exception("handler failed")

        return await super().subscribe_to_trade(options, guarded)


@wrong("S10", "a handler's error is logged")
class HidesAFailingHandler(BinanceWsManager):
    async def subscribe_to_trade(self, options, handler):
        def guarded(trade: Trade) -> None:
            try:
                handler(trade)
            except Exception:  # noqa: BLE001 - the defect
                return

        return await super().subscribe_to_trade(options, guarded)


@wrong("S11", "the stream goes on")
def gives_up_on_a_bad_frame(context):
    from tests.connectors.conformance.wrong.live_registry import binance_with

    settings = SessionSettings(bad_frames_disable=1)
    return binance_with(
        context, ws=lambda *args, **options: BinanceWsManager(*args, **options, settings=settings)
    )


@wrong("S12", "no task is left after destroy")
class LeavesATask(BinanceWsManager):
    async def destroy(self):
        await super().destroy()
        self._left = asyncio.create_task(asyncio.sleep(60), name="left behind")


@wrong("S12", "no task is left after destroy")
class KeepsItsSockets(BinanceWsManager):
    async def destroy(self):
        await self._poll.close()


@wrong("S12", "ends everything")
class WaitsForTheVenue(BinanceWsManager):
    async def destroy(self):
        await super().destroy()
        await asyncio.sleep(6)


@wrong("S13", "health has 0 CONNECTED")
class ShowsNoHealth(BinanceWsManager):
    def health(self):
        return []


@wrong("S13", "no WebSocket is opened before the first subscription")
class ConnectsAtOnce(BinanceWsManager):
    def __init__(self, client, market_api, **options):
        super().__init__(client, market_api, **options)
        load = client.ensure_ready

        async def ready(timeout_ms: int = 10_000) -> None:
            await load(timeout_ms)
            instrument = next(iter(client.instruments.values()))
            options = TradeOptions(market_type=self._market_type, instruments=[instrument])
            await self.subscribe_to_trade(options, lambda _trade: None)

        client.ensure_ready = ready


@wrong("S17", "can be subscribed to at once")
class SendsAsFastAsItCan(BinanceWsManager):
    def __init__(self, client, market_api, **options):
        super().__init__(client, market_api, **options)
        dialect = BinanceDialect(address(client.context, "ws"), client.context.market_type)
        dialect.limits = Limits(streams=1024, messages_per_second=1_000, batch=1)
        self._pool = Pool(dialect, name="hasty")
        self._hub = Hub(self._pool)


@wrong("S18", "of the market 'futures'")
class TakesAnyMarket(BinanceWsManager):
    def _check_market(self, options):
        """Whatever was asked for."""


class _EveryCandle(Feed[Any]):
    def frame(self, frame: bytes) -> None:
        candle = decode_candle(frame, "1m")
        self.deliver(msgspec.structs.replace(candle, closed=False))


@wrong("S15", "candle")
class NeverClosesACandle(Replanned):
    def candle_feed(self, channel, feed):
        return _EveryCandle(channel)


@wrong("S15", "closed more than once")
class ClosesACandleTwice(BinanceWsManager):
    async def subscribe_to_candles(self, options, handler):
        def twice(candle) -> None:
            handler(candle)
            if candle.closed:
                handler(candle)

        return await super().subscribe_to_candles(options, twice)


class _Inflated(CandleFeed):
    def frame(self, frame: bytes) -> None:
        candle = decode_candle(frame, "1m")
        self.deliver(msgspec.structs.replace(candle, volume=candle.volume * 2))


@wrong("S15", "the volume of the candle")
class InflatesVolume(Replanned):
    def candle_feed(self, channel, feed):
        return _Inflated(channel, lambda frame: decode_candle(frame, "1m"))


@wrong("S19", "cut off, the")
class ClosesWhatWasCutOff(Replanned):
    """A successor is enough, whatever was lost between them."""

    def candle_feed(self, channel, feed):
        feed._says_closed = False
        feed.closed = lambda reason: None
        return feed


@wrong("S19", "is told as a gap")
class TellsNoGapOfCandles(BinanceWsManager):
    async def subscribe_to_candles(self, options, handler):
        quiet = dataclasses.replace(options, on_status=None)
        return await super().subscribe_to_candles(quiet, handler)


@wrong("S16", "neither traded nor within the spread")
class TellsOtherPrices(BinanceWsManager):
    async def subscribe_to_instrument_prices(self, options, handler):
        return await super().subscribe_to_instrument_prices(
            options, lambda price: handler(msgspec.structs.replace(price, price=price.price * 1.01))
        )
