"""Long values split over several keyring entries.

Windows caps an entry at 1,280 UTF-16 units and an RSA key is longer. Each entry starts with a header that says which
part of how many it is and the checksum of the whole, so that parts of two different saves never pass for one value.
"""

import re
import zlib

from connectors.contracts.errors import SecretStoreError

CHUNK = 1_000
"""UTF-16 units of payload in one entry."""

MOST_CHUNKS = 64

_HEADER = re.compile(r"bx1\|(?P<place>\d{1,3})\|(?P<count>\d{1,3})\|(?P<sum>[0-9a-f]{8})\|")


def entry_name(key: str, place: int) -> str:
    """The user name of a field's entry; `#` cannot stand in a field's key."""
    return key if place == 1 else f"{key}#{place}"


def split(key: str, value: str) -> dict[str, str]:
    """The entries that hold `value`, by user name. Raises `SecretStoreError` where it is far too long."""
    parts = _parts(value)
    if len(parts) > MOST_CHUNKS:
        raise SecretStoreError(f"the value of '{key}' is too long to be stored")
    total = zlib.crc32(value.encode())
    return {
        entry_name(key, place): f"bx1|{place}|{len(parts)}|{total:08x}|{part}"
        for place, part in enumerate(parts, start=1)
    }


def count_of(first: str) -> int | None:
    """How many entries the value of this first entry has; `None` where the entry is not ours."""
    header = _HEADER.match(first)
    return min(int(header["count"]), MOST_CHUNKS) if header else None


def join(key: str, entries: list[str]) -> str:
    """The value. Raises `SecretStoreError` where an entry is missing, foreign or of another save."""
    headers = [_HEADER.match(entry) for entry in entries]
    value = "".join(entry[header.end() :] for entry, header in zip(entries, headers, strict=True) if header)
    expected = [
        (str(place), str(len(entries)), f"{zlib.crc32(value.encode()):08x}")
        for place in range(1, len(entries) + 1)
    ]
    if [header and header.groups() for header in headers] != expected:
        raise SecretStoreError(f"what is stored for '{key}' is damaged; save it again")
    return value


def _parts(value: str) -> list[str]:
    parts: list[str] = []
    start = units = 0
    for place, char in enumerate(value):
        width = 2 if ord(char) > 0xFFFF else 1
        if units + width > CHUNK:
            parts.append(value[start:place])
            start, units = place, 0
        units += width
    return [*parts, value[start:]]
