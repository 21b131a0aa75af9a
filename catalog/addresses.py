"""Where an address leads: out of this machine, or only to itself. Read as a URL, never searched as text."""

import ipaddress
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

ENCRYPTED = {"http": "https", "ws": "wss"}
"""The encrypted scheme of each plain one."""


def is_loopback_host(host: str | None) -> bool:
    """`localhost` itself, 127.0.0.0/8 or ::1; a name that only begins or ends so is another machine's."""
    if not host:
        return False
    if host.lower() == "localhost":
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return (mapped or number).is_loopback


def is_loopback(url: str) -> bool:
    """Whether the URL leads to this machine itself. What cannot be read as a URL does not."""
    parts = _split(url)
    return parts is not None and is_loopback_host(parts.hostname)


def address_problem(url: str, schemes: Collection[str]) -> str | None:
    """Why a connector may not connect to it, as the end of a sentence; `None` where it may.

    `schemes` are the plain ones: `http`, `ws`. Their encrypted twins may lead anywhere, they only to this machine.
    """
    parts = _split(url)
    allowed = {*schemes, *(ENCRYPTED[scheme] for scheme in schemes)}
    if parts is None or parts.scheme not in allowed or not parts.hostname:
        return f"is not {_any_of(schemes)} URL"
    if "@" in parts.netloc:
        return "holds a user name or a password"
    if parts.scheme in ENCRYPTED and not is_loopback_host(parts.hostname):
        return f"must be {ENCRYPTED[parts.scheme]}, but on this machine itself"
    return None


def shown_address(url: str) -> str:
    """It as a message may repeat it, however it is misspelt: without a user name, a password and a query."""
    head, _, rest = url.rpartition("@")
    scheme, found, _ = head.partition("://")
    kept = f"{scheme}://{rest}" if found else rest
    return kept.partition("?")[0].partition("#")[0]


def _any_of(schemes: Collection[str]) -> str:
    named = " or ".join(f"{scheme}(s)" for scheme in schemes)
    return f"an {named}" if named.startswith("http") else f"a {named}"


def _split(url: str) -> SplitResult | None:
    # Libraries differ in what they make of white space and backslashes, and so in where they would connect.
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
