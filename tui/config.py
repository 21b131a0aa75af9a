"""The configuration file: read before the first paint, hence by hand rather than with pydantic.

`config.toml` lies in the user's configuration folder. A bad value is named and left at its default; the others count.
No secret is ever in it.
"""

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from catalog.text import clean
from connectors.network.settings import NetworkSettings
from connectors.runtime.private_file import read_regular, write_private

DEFAULT_THEME = "barfinex-dark"
MIN_FPS, MAX_FPS = 1, 30
LARGEST = 256 * 1024
"""Bytes of a file that is read; a longer one is no configuration, and would hold up the start."""
LONGEST_LINE = 4_096
"""Bytes. The reader's work grows with the square of a line's dots."""
MOST_PROBLEMS = 6
"""So many are told one by one."""


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
    network: NetworkSettings = field(default_factory=NetworkSettings)
    """The table `[network]`: proxies, and whose certificates are trusted."""


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


def _line(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > 1_000 or not value.isprintable():
        raise ValueError("must be a short text")
    return value


def _proxy(value: Any) -> str:
    if "@" in _line(value):
        raise ValueError("user and password do not belong into this file; put them into HTTPS_PROXY")
    return value


_Check = Callable[[Any], Any]

_CHECKS: dict[str, _Check] = {
    "theme": _text,
    "fps": _fps,
    "swap_up_down": _flag,
    "default_connector": _text,
}
_NETWORK_CHECKS: dict[str, _Check] = {"proxy": _proxy, "no_proxy": _line, "ca_file": _line}


def _checked(
    table: Mapping[str, Any], check_of: Callable[[str], _Check | None], problem: Callable[[str], None]
) -> dict[str, Any]:
    """The fields that make sense; each of the others is told, and the rest count."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        check = check_of(name)
        if check is None:
            problem(f"{clean(name)}: no such setting; ignored")
            continue
        try:
            values[name] = check(value)
        except ValueError as error:
            problem(f"{clean(name)}: {clean(error, 200)}; ignored")
    return values


def read_toml(path: Path) -> str:
    """The text of a TOML file, known to be one. Raises `FileNotFoundError`, and `OSError` with one plain line."""
    try:
        content = read_regular(path, LARGEST)
        if max(map(len, content.splitlines()), default=0) > LONGEST_LINE:
            raise OSError(0, f"a line is longer than {LONGEST_LINE:,} bytes")
        text = content.decode("utf-8-sig")
        tomllib.loads(text)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OSError(f"{path.name}: {error.strerror or type(error).__name__}") from None
    except RecursionError:
        raise OSError(f"{path.name}: nested too deeply") from None
    except ValueError as error:  # not UTF-8, not TOML, or a number of thousands of digits
        raise OSError(f"{path.name} is not valid TOML: {clean(error, 200)}") from None
    return text


def load(path: Path) -> Loaded:
    """Read the file; a missing one gives the defaults. Never raises for what is in it."""
    try:
        data = tomllib.loads(read_toml(path))
    except FileNotFoundError:
        return Loaded(Settings())
    except OSError as error:
        return Loaded(Settings(), (f"{error}; defaults are used",))
    problems: list[str] = []

    def named(place: str) -> Callable[[str], None]:
        return lambda text: problems.append(f"{path.name}: {place}{text}")

    values = _checked(data, {**_CHECKS, "keymap": _table, "network": _table}.get, named(""))
    if "keymap" in values:
        values["keymap"] = _checked(values["keymap"], lambda _: _text, named("keymap: "))
    if "network" in values:
        fields = _checked(values["network"], _NETWORK_CHECKS.get, named("network: "))
        values["network"] = NetworkSettings(**fields)
    return Loaded(replace(Settings(), **values), tuple(problems))


def the_first(problems: Sequence[str]) -> tuple[str, ...]:
    """The problems to tell one by one, and a line that counts the others."""
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    return (*problems[:MOST_PROBLEMS], f"{len(problems) - MOST_PROBLEMS:,} more of the kind")


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Change some settings in the file and leave the rest of it, comments and order included. Raises `OSError`.

    A file that is not valid TOML is somebody's unfinished work: it is not overwritten. Where the file is a link
    (dotfiles are often kept so), what it leads to is written.
    """
    import tomlkit  # noqa: PLC0415 - only a change needs the writer

    target = Path(os.path.realpath(path))
    try:
        document = tomlkit.parse(read_toml(target))
    except FileNotFoundError:
        document = tomlkit.document()
    except (OSError, ValueError) as error:
        raise OSError(f"{error}; it was left alone") from None
    for name, value in changes.items():
        document[name] = value
    write_private(target, document.as_string().encode())
