"""A recording made ready for a screen: what plays it and the source the market screen reads. No Textual here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catalog.catalog import Catalog
from catalog.model import MarketType
from catalog.text import clean
from connectors.contracts import ExchangeConnectorBundle
from connectors.contracts.errors import BarfinexError
from connectors.runtime.playback import Playback, open_recording
from connectors.runtime.replay_bundle import replay_bundle
from connectors.streaming.outline import Outline, outline_of
from connectors.streaming.player import Player
from connectors.streaming.replay_stage import ReplayStage

ENVIRONMENT = "recording"


class EmptyRecording(BarfinexError):
    """There is nothing in it to show."""


@dataclass(frozen=True, slots=True)
class ReplayInstance:
    environment: str


class ReplaySource:
    """In the exchange manager's place: its one instance is the recording."""

    def __init__(self, playback: Playback, outline: Outline, max_idle: float | None = None) -> None:
        stage = ReplayStage()
        # Of the run that the outline was made from: a new one begins to count anew.
        damage = playback.reader.damage
        self.outline = outline
        self.connector_type = playback.entry.connector_type
        self.market_type = playback.market_type
        self.player = Player(
            playback.reader,
            playback.venue,
            stage,
            start_ns=outline.start_ns,
            end_ns=outline.end_ns,
            max_idle=max_idle,
        )
        self.player.failure = damage
        recorded = clean(playback.reader.header.environment or "")
        self._instance = ReplayInstance(f"{ENVIRONMENT} of {recorded}" if recorded else ENVIRONMENT)
        self._bundle = replay_bundle(self.player, stage, outline, playback.market_type)

    def bundle(self, connector_type: str, market_type: MarketType, /) -> ExchangeConnectorBundle:
        return self._bundle

    def instance(self, connector_type: str, market_type: MarketType, /) -> ReplayInstance:
        return self._instance


def read_source(catalog: Catalog, path: Path, max_idle: float | None = None) -> Callable[[], ReplaySource]:
    """Read the whole recording once; what is returned is called in the event loop. It takes a second a 100 MB.

    Raises what `open_recording` raises, and `EmptyRecording`.
    """
    playback = open_recording(catalog, path)
    outline = outline_of(playback.reader, playback.venue())
    if not outline.symbols:
        raise EmptyRecording(f"{path.name} holds no market data")
    return lambda: ReplaySource(playback, outline, max_idle)
