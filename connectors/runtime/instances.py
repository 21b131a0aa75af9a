"""What the manager tells of an activated connector."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.model import LOCAL, CatalogEntry, MarketType


class ConnectorStatus(StrEnum):
    INACTIVE = "INACTIVE"
    CONNECTING = "CONNECTING"
    ACTIVE = "ACTIVE"
    """The venue answered: its instruments are loaded."""
    RECONNECTING = "RECONNECTING"
    ERROR = "ERROR"
    STOPPING = "STOPPING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One `type:market` at one moment. Times are milliseconds since the epoch, UTC; it holds no secret."""

    connector_type: str
    market_type: MarketType
    environment: str
    profile: str
    status: ConnectorStatus
    activated_at: int | None = None
    """When the venue first answered."""
    has_credentials: bool = False
    subscription_count: int = 0
    instrument_count: int = 0
    error: str | None = None
    notice: str | None = None
    """What is worth knowing though it works (stored credentials could not be read, so market data only)."""
    last_heartbeat: int | None = None
    """When the venue was last heard from."""


_PRECEDENCE = (
    ConnectorStatus.ERROR,
    ConnectorStatus.ACTIVE,
    ConnectorStatus.CONNECTING,
    ConnectorStatus.RECONNECTING,
)


def overall_status(statuses: set[ConnectorStatus]) -> ConnectorStatus:
    """A catalog entry's status over its instances."""
    return next((status for status in _PRECEDENCE if status in statuses), ConnectorStatus.INACTIVE)


_SAFE_ENVIRONMENTS = (LOCAL, "testnet", "paper", "demo", "sandbox", "practice", "sim")


def default_environment(entry: CatalogEntry) -> str | None:
    """What to connect to where nobody named it; `None`: it must be named. Real money is never a default."""
    return next((name for name in _SAFE_ENVIRONMENTS if name in entry.environments), None)
