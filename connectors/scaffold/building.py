"""The new package on the disk: made beside its place under another name, and moved there when it is whole."""

import contextlib
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from catalog.text import clean
from connectors.contracts.errors import BarfinexError
from connectors.scaffold.choices import Choices
from connectors.scaffold.project import project_files
from connectors.scaffold.recording import record_local_venue


class CannotWrite(BarfinexError):
    """The operating system refuses; its reason is in the text."""


def check_place(output: Path, distribution: str) -> Path:
    """The project's folder, which is to be made. Raises `CannotWrite` where it cannot be."""
    folder = output / distribution
    if not output.is_dir():
        raise CannotWrite(f"there is no folder {clean(output, 300)}")
    if folder.exists() or folder.is_symlink():
        raise CannotWrite(f"{clean(folder, 300)} is there already; move it away or choose another --output")
    return folder


def build(choices: Choices, output: Path, version: str) -> Path:
    """Make the project in `output` and give its folder. Raises `CannotWrite`; then nothing is left."""
    folder = check_place(output, choices.distribution)
    draft = output / f".{choices.distribution}-{secrets.token_hex(4)}"
    try:
        draft.mkdir()
    except OSError as error:
        raise _cannot(folder, error) from None
    try:
        _write(draft, project_files(choices, version))
        record_local_venue(choices, draft)
        _move(draft, folder)
    except OSError as error:
        raise _cannot(folder, error) from None
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(draft)
    return folder


def _move(draft: Path, folder: Path) -> None:
    if folder.exists():
        raise CannotWrite(f"{clean(folder, 300)} has just been made by somebody else")
    draft.rename(folder)


def _write(folder: Path, files: Mapping[PurePosixPath, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def _cannot(folder: Path, error: OSError) -> CannotWrite:
    return CannotWrite(f"cannot make {clean(folder, 300)}: {error.strerror or type(error).__name__}")
