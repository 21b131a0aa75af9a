"""Credential values from a person or from a pipe, never from argv. No message here quotes what was given."""

import codecs
import json
import re
import sys
from collections.abc import Callable, Iterable
from getpass import getpass
from pathlib import Path
from typing import Any, cast

from catalog.model import CatalogEntry, CredentialField
from catalog.text import clean
from connectors.runtime.pasted_values import folded
from tui.command_line.problems import BadUsage
from tui.command_line.terminal import on_terminal

_EXPORT = re.compile(r"^\s*(?:export\s+|set\s+|\$env:)")

LIMIT = 65_536
"""Characters; the longest key there is has a tenth of that."""


def read_values(entry: CatalogEntry) -> dict[str, str]:
    """The values by field key: asked for where standard input is a terminal, else read from it.

    Raises `BadUsage` where a value has no field, a required field no value, or the input no known form.
    """
    if not entry.credentials:
        raise BadUsage(f"{entry.connector_type} takes no credentials")
    values = ask(entry.credentials) if on_terminal() else parse(_standard_input(), entry)
    missing = [field for field in entry.required_credentials if not values.get(field.key)]
    if missing:
        named = ", ".join(f"{field.key} ({field.label})" for field in missing)
        raise BadUsage(f"{entry.display_name} needs: {named}")
    return values


def _standard_input() -> str:
    """All of it, as text; what Windows writes into files (UTF-16 with its mark) is understood. Raises `BadUsage`."""
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise BadUsage("standard input is closed: values are read from it, or asked for on a terminal")
    content, reason = b"", None
    try:
        content = sys.stdin.buffer.read(4 * LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is closed"
    if reason is not None:
        raise BadUsage(f"standard input cannot be read: {clean(reason)}")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        # The error quotes what it could not read.
        reason = "standard input is not UTF-8 text"
    raise BadUsage(reason)


def parse(text: str, entry: CatalogEntry) -> dict[str, str]:
    """A JSON object of texts, or lines of `key=value`; what is empty is left out."""
    if len(text) > LIMIT:
        raise BadUsage(f"standard input is longer than {LIMIT} characters")
    stripped = text.strip().strip("\ufeff").strip()
    pairs = _json_pairs(stripped) if stripped.startswith("{") else list(_line_pairs(stripped))
    spellings = _spellings(entry)
    values: dict[str, str] = {}
    for name, value in pairs:
        key = spellings.get(name, spellings.get(folded(name)))
        if key is None:
            # The unknown key is not quoted: a line without a key may begin with the secret itself.
            raise BadUsage(
                f"standard input names a field that {entry.connector_type} does not have;"
                f" its fields are {', '.join(field.key for field in entry.credentials)}"
            )
        if key in values:
            raise BadUsage(f"standard input names {key} twice")
        values[key] = value
    return {key: value for key, value in values.items() if value}


def _spellings(entry: CatalogEntry) -> dict[str, str]:
    """The fields by the names that files have for them: `apiKey`, `API_KEY`, `BINANCE_API_KEY`."""
    spelled: dict[str, str] = {}
    for field in entry.credentials:
        for name in (folded(field.key), folded(entry.connector_type + field.key)):
            spelled[name] = field.key
    return spelled | {field.key: field.key for field in entry.credentials}


def _json_pairs(text: str) -> list[tuple[str, str]]:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise BadUsage("standard input begins like a JSON object but is none") from None
    values = cast("dict[str, Any]", data)
    for value in values.values():
        if not isinstance(value, str):
            raise BadUsage("every value of the JSON object on standard input must be a text")
    return list(values.items())


def _line_pairs(text: str) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, equals, value = _EXPORT.sub("", line).partition("=")
        if not equals:
            raise BadUsage(
                f"line {number} of standard input is not key=value;"
                " a value of several lines (a PEM key) goes in as a JSON object"
            )
        yield key.strip(), value.strip()


def ask(
    fields: Iterable[CredentialField],
    *,
    hidden: Callable[[str], str] = getpass,
    shown: Callable[[str], str] = input,
) -> dict[str, str]:
    """One prompt a field. What is secret is not shown while it is typed."""
    values: dict[str, str] = {}
    for field in fields:
        prompt = clean(field.label) + (": " if field.required else " (optional): ")
        if field.type == "multiline":
            value = _pem(prompt, hidden)
        elif field.type == "password":
            value = hidden(prompt).strip()
        elif field.type == "file":
            value = _file(shown(f"{prompt}path of a file: ").strip())
        else:
            value = shown(prompt).strip()
        if value:
            values[field.key] = value
    return values


def _pem(prompt: str, hidden: Callable[[str], str]) -> str:
    """A value of one line, or a PEM block up to its END line."""
    lines = [hidden(prompt).rstrip()]
    if lines[0].startswith("-----BEGIN"):
        while not lines[-1].startswith("-----END"):
            lines.append(hidden("").rstrip())
    return "\n".join(lines).strip()


def _file(path: str) -> str:
    if not path:
        return ""
    try:
        with Path(path).expanduser().open(encoding="utf-8-sig") as file:
            text = file.read(LIMIT + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"cannot read that file: {clean(type(error).__name__)}") from None
    if len(text) > LIMIT:
        raise BadUsage(f"that file is longer than {LIMIT} characters")
    return text.strip()
