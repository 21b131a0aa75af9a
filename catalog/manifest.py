"""Reading one manifest: a small TOML file that says what an exchange is, without any of its code."""

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.model import CONTRACT_VERSION, CatalogEntry
from catalog.text import MESSAGE_LIMIT, clean

SIZE_LIMIT = 64 * 1024
"""Bytes. The largest of ours is a few kilobytes; a longer file is not a manifest."""


class ManifestError(Exception):
    """A manifest that cannot be used: which file, which field (`credentials[1].type`; empty for the whole), why."""

    def __init__(self, file: Path, field: str, reason: str) -> None:
        self.file = file
        self.field = clean(field)
        self.reason = clean(reason, MESSAGE_LIMIT)
        place = f"{clean(file, 300)}: {self.field}" if self.field else clean(file, 300)
        super().__init__(f"{place}: {self.reason}")


def read_manifest(file: Path) -> CatalogEntry:
    """The entry that `file` describes. Raises `ManifestError`."""
    return parse_manifest(file, _read(file))


def parse_manifest(file: Path, text: str) -> CatalogEntry:
    """As `read_manifest`, for text already read; `file` is only named in errors."""
    try:
        raw = tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise ManifestError(file, "", "not TOML: nested too deeply") from None
    except ValueError as error:
        raise ManifestError(file, "", f"not TOML: {error}") from None
    contract = raw.get("contract", CONTRACT_VERSION)
    if isinstance(contract, int) and contract != CONTRACT_VERSION:
        # Told first: a later contract may have fields that would look like mistakes here.
        reason = f"written for contract {contract}, but this release speaks contract {CONTRACT_VERSION}"
        raise ManifestError(file, "contract", reason)
    try:
        # JSON is the strict form of TOML's types: "yes" is no boolean, "7" no number.
        return CatalogEntry.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        raise _first_fault(file, error) from None


def _read(file: Path) -> str:
    if not file.is_file():
        raise ManifestError(file, "", "there is no such file")
    try:
        with file.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ManifestError(file, "", f"cannot be read: {error.strerror or error}") from None
    if len(content) > SIZE_LIMIT:
        raise ManifestError(file, "", f"larger than {SIZE_LIMIT // 1024} KiB")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ManifestError(file, "", "not UTF-8 text") from None


def _first_fault(file: Path, error: ValidationError) -> ManifestError:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    field, reason = _field_path(faults[0]["loc"]), _plain(faults[0]["type"], faults[0]["msg"])
    if not field and ": " in reason:
        # A rule over several fields names its field in the message.
        field, reason = reason.split(": ", 1)
    if len(faults) > 1:
        reason += f" (and {len(faults) - 1} more)"
    return ManifestError(file, field, reason)


def _plain(kind: str, message: str) -> str:
    match kind:
        case "extra_forbidden":
            return "unknown field"
        case "missing":
            return "missing"
        case _:
            return message.removeprefix("Value error, ").replace("Input should", "should", 1)


def _field_path(location: tuple[Any, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
