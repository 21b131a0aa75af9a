"""What the app remembers by itself between two runs: the last market. A damaged file is as good as none."""

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.text import clean
from connectors.runtime.private_file import write_private
from tui.config import read_toml


@dataclass(frozen=True, slots=True)
class LastMarket:
    connector_type: str
    market_type: str
    environment: str
    symbol: str | None = None


def state_folder() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415 - not needed where the folder is given

    return user_state_path("barfinex", appauthor=False)


def load(path: Path) -> LastMarket | None:
    try:
        last = tomllib.loads(read_toml(path))["last_market"]
        return LastMarket(
            _name(last["connector_type"]),
            _name(last["market_type"]),
            _name(last["environment"]),
            _name(last["symbol"]) if "symbol" in last else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _name(value: object) -> str:
    if not isinstance(value, str) or not value or value != clean(value):
        raise ValueError("no name")
    return value


def save(path: Path, last: LastMarket) -> None:
    """Raises `OSError`."""
    import tomlkit  # noqa: PLC0415 - only a change needs the writer

    values = {name: value for name, value in asdict(last).items() if value is not None}
    write_private(path, tomlkit.dumps({"last_market": values}).encode())
