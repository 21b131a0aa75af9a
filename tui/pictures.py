"""Where pictures of the screen are put."""

import time
from pathlib import Path


def folder() -> Path:
    """The downloads where there are such, else the home folder: one that a person finds."""
    from platformdirs import user_downloads_path  # noqa: PLC0415 - for a picture only

    downloads = user_downloads_path()
    return downloads if downloads.is_dir() else Path.home()


def save(picture: str, where: Path, name: str | None = None) -> Path:
    """Write it under a name that is not taken. Raises `OSError`."""
    stem = name or f"barfinex-{time.strftime('%Y-%m-%d-%H%M%S')}.svg"
    path = where / stem
    number = 2
    while path.exists():
        path = where / f"{Path(stem).stem}-{number}{Path(stem).suffix}"
        number += 1
    with path.open("x", encoding="utf-8") as file:
        file.write(picture)
    return path
