"""Which proxy a connection goes through: the configuration's, or the environment's as curl reads it.

Names are resolved by the proxy, also for `socks5://`: a network that has a proxy often has no other way to.
"""

import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from catalog.addresses import is_loopback_host
from connectors.contracts.errors import UsageError
from connectors.network.settings import current

_PORTS = {"http": 80, "https": 443, "socks5h": 1080}
_SPELLINGS = {"socks": "socks5h", "socks5": "socks5h"}
_SECURE = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_SOCKS_PARTS = ("socksio", "python_socks")


@dataclass(frozen=True, slots=True)
class Proxy:
    scheme: str
    """`http`, `https` or `socks5h`."""
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """Without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def secret_url(self) -> str:
        """With them: for a library, never for a person."""
        if self.user is None:
            return self.address
        scheme, _, authority = self.address.partition("://")
        return f"{scheme}://{quote(self.user, safe='')}:{quote(self.password, safe='')}@{authority}"


def proxy_for(url: str, environ: Mapping[str, str] = os.environ) -> Proxy | None:
    """The proxy for a URL; `None` where it is reached directly, as this machine itself always is.

    Raises `UsageError` where one is named that cannot be used; the text names the setting, never its value.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback_host(host):
        return None
    settings = current()
    source, value = _named(parts.scheme, settings.proxy, environ)
    if not value:
        return None
    exceptions = settings.no_proxy if settings.no_proxy is not None else _variable("no_proxy", environ)
    if is_bypassed(host, parts.port or _SECURE.get(parts.scheme, 0), exceptions):
        return None
    return read_proxy(value, source)


def read_proxy(value: str, source: str) -> Proxy:
    """`host:port`, `http://`, `https://` or `socks5://`, with a user name and a password where it wants them.

    Raises `UsageError`, which names `source` and never the value.
    """
    parts = _split(value.strip())
    scheme = _SPELLINGS.get(parts.scheme, parts.scheme) if parts is not None else ""
    if parts is None or scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise UsageError(
            f"{source} names no proxy that can be used: http://host:port, https://host:port or socks5://host:port"
        )
    if scheme == "socks5h" and not all(importlib.util.find_spec(part) for part in _SOCKS_PARTS):
        raise UsageError(
            f"{source} names a SOCKS proxy, which needs an extra: python -m pip install 'barfinex[socks]'"
        )
    user = unquote(parts.username) if parts.username else None
    return Proxy(scheme, parts.hostname, parts.port or _PORTS[scheme], user, unquote(parts.password or ""))


def is_bypassed(host: str, port: int, exceptions: str) -> bool:
    """Whether a comma-separated list names it: a name stands for itself and all below it, a network for its
    addresses, `*` for everything; `:port` narrows each."""
    return any(_covers(entry.strip().lower(), host.lower(), port) for entry in exceptions.split(","))


def _covers(entry: str, host: str, port: int) -> bool:
    if entry in ("", "*"):
        return bool(entry)
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass
    name, colon, only = entry.rpartition(":")
    if colon and only.isascii() and only.isdigit():
        return int(only) == port and _covers(name, host, port)
    name = entry.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _named(scheme: str, setting: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    if setting:
        return "the setting network.proxy", setting
    for name in ("https_proxy" if scheme in ("https", "wss") else "http_proxy", "all_proxy"):
        if value := _variable(name, environ):
            return name.upper(), value
    return "", ""


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        _ = parts.port
    except ValueError:
        return None
    return parts if value.isprintable() and " " not in value else None
