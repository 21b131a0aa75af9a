"""What differs between the markets' streams."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.model import MarketType
from connectors.streaming.decoding import quick_decoder
from connectors.streaming.sequencing import BinanceFuturesSequencing, RangeSequencing, Sequencing
from connectors.venues.binance import wire


@dataclass(frozen=True, slots=True)
class MarketStreams:
    """`trades` is the stream whose numbers follow one another; of the futures only `@aggTrade` is documented.

    `snapshots_a_minute` leave half of the address's request limit to other calls.
    """

    trades: str
    depth: Callable[[bytes], wire.Envelope[wire.SpotDepth] | wire.Envelope[wire.FuturesDepth]]
    sequencing: Callable[[], Sequencing]
    snapshots_a_minute: int


STREAMS = {
    # A snapshot of 1,000 levels weighs 50 of spot's 6,000 a minute, and 20 of the futures' 2,400.
    MarketType.SPOT: MarketStreams(
        "trade", quick_decoder(wire.Envelope[wire.SpotDepth]), RangeSequencing, 60
    ),
    MarketType.FUTURES: MarketStreams(
        "aggTrade", quick_decoder(wire.Envelope[wire.FuturesDepth]), BinanceFuturesSequencing, 60
    ),
}
