"""The floor: the same typed decode of a frame and nothing else."""

from capture import Capture
from peer import serve

from connectors.venues.binance import wire
from connectors.venues.binance.decode import decoder


class Floor:
    def __init__(self, capture: Capture) -> None:
        trade, depth = (
            decoder(wire.Envelope[wire.AggregateTradeFrame]),
            decoder(wire.Envelope[wire.DepthFrame]),
        )
        kline, price = decoder(wire.Envelope[wire.KlineFrame]), decoder(wire.Envelope[wire.PriceFrame])
        self.by_kind = {"aggTrade": trade, "depth": depth, "kline": kline, "bookTicker": price}
        self.capture = capture

    async def run(self, frames: list[bytes]) -> None:
        decode = next(
            self.by_kind[kind] for kind, own in self.capture.frames.items() if own and own[0] is frames[0]
        )
        for frame in frames:
            decode(frame)

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[list[list[float]]]]:
        return {}


serve(Floor)
