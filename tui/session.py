"""What the app remembers by itself between two runs: the last market. A damaged file is as good as none."""

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.text import clean
from tui.config import write_toml


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
        with path.open("rb") as file:
            data = tomllib.load(file)
        last = data["last_market"]
        symbol = last.get("symbol")
        return LastMarket(
            clean(last["connector_type"]),
            clean(last["market_type"]),
            clean(last["environment"]),
            clean(symbol) if symbol else None,
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        return None


def save(path: Path, last: LastMarket) -> None:
    """Raises `OSError`."""
    values = {name: value for name, value in asdict(last).items() if value is not None}
    write_toml(path, {"last_market": values})
