"""The floor: the same typed decode of a frame and nothing else."""

from capture import Capture
from peer import serve

from connectors.venues.binance import wire
from connectors.venues.binance.decode import decoder


class Floor:
    def __init__(self, capture: Capture) -> None:
        trade = decoder(wire.Envelope[wire.LiveAggregateTrade])
        depth = decoder(wire.Envelope[wire.SpotDepth if capture.market == "spot" else wire.FuturesDepth])
        kline, price = (
            decoder(wire.Envelope[wire.LiveKlineFrame]),
            decoder(wire.Envelope[wire.LiveBookTicker]),
        )
        self.by_kind = {"aggTrade": trade, "depth": depth, "kline": kline, "bookTicker": price}

    async def run(self, frames: list[bytes]) -> None:
        stream = frames[0].partition(b"@")[2]
        decode = next(decode for kind, decode in self.by_kind.items() if stream.startswith(kind.encode()))
        for frame in frames:
            decode(frame)

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[list[list[float]]]]:
        return {}


serve(Floor)
