"""The configuration file: read before the first paint, hence by hand rather than with pydantic.

`config.toml` lies in the user's configuration folder. A bad value is named and left at its default; the others count.
No secret is ever in it.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from catalog.text import clean
from connectors.runtime.private_file import write_private
from tui.themes import DEFAULT_THEME

MIN_FPS, MAX_FPS = 1, 30


@dataclass(frozen=True, slots=True)
class Settings:
    theme: str = DEFAULT_THEME
    fps: int = 12
    """Frames a second of the market screen."""
    swap_up_down: bool = False
    """Red rises, green falls."""
    keymap: Mapping[str, str] = field(default_factory=dict[str, str])
    """Binding id -> keys, comma separated."""
    default_connector: str | None = None
    """The catalog opens with this one selected."""


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    problems: tuple[str, ...] = ()
    """One plain line a field that was ignored."""


def config_folder() -> Path:
    from platformdirs import user_config_path  # noqa: PLC0415 - not needed where the folder is given

    return user_config_path("barfinex", appauthor=False)


def config_path() -> Path:
    return config_folder() / "config.toml"


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > 100 or value != clean(value, 100):
        raise ValueError("must be a short text")
    return value


def _fps(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not MIN_FPS <= value <= MAX_FPS:
        raise ValueError(f"must be a whole number from {MIN_FPS} to {MAX_FPS}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be a table")
    return cast("dict[str, Any]", value)


def _keymap(value: Any) -> dict[str, str]:
    return {_text(name): _text(keys) for name, keys in _table(value).items()}


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "theme": _text,
    "fps": _fps,
    "swap_up_down": _flag,
    "keymap": _keymap,
    "default_connector": _text,
}


def load(path: Path) -> Loaded:
    """Read the file; a missing one gives the defaults. Never raises for what is in it."""
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        return Loaded(Settings())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Loaded(Settings(), (f"{path.name}: {clean(error, 200)}; defaults are used",))
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in data.items():
        check = _CHECKS.get(name)
        if check is None:
            problems.append(f"{path.name}: {clean(name)}: no such setting; ignored")
            continue
        try:
            values[name] = check(value)
        except ValueError as error:
            problems.append(f"{path.name}: {clean(name)}: {clean(error, 200)}; ignored")
    return Loaded(replace(Settings(), **values), tuple(problems))


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Change some settings in the file and leave the rest of it as it is. Raises `OSError`.

    A file that is not valid TOML is somebody's unfinished work: it is not overwritten.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        data = {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OSError(f"{path.name} is not valid TOML and was left alone: {clean(error, 100)}") from None
    write_toml(path, {**data, **changes})


def write_toml(path: Path, data: Mapping[str, Any]) -> None:
    """Write the file whole or not at all, readable by its owner alone. Raises `OSError`."""
    import tomli_w  # noqa: PLC0415 - only a change needs the writer

    write_private(path, tomli_w.dumps(data).encode())
