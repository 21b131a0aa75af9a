"""What screens tell the app. State changes only: nothing here is sent per tick, and nothing carries a secret."""

from textual.message import Message


class MarketOpened(Message):
    """A market is on screen; the app remembers it for the next start."""

    def __init__(self, connector_type: str, market_type: str, environment: str, symbol: str | None) -> None:
        self.connector_type = connector_type
        self.market_type = market_type
        self.environment = environment
        self.symbol = symbol
        super().__init__()


class ServicesReady(Message):
    """The catalog and the manager are loaded."""


class ServicesFailed(Message):
    """They could not be loaded; the reason is plain text."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()
