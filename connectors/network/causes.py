"""Why there is no connection, in plain words. A library's own text may hold URLs and headers, and so keys: only what
the system says is passed on."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from typing import TypeVar, cast
from urllib.parse import urlsplit

from catalog.text import clean
from connectors.contracts.errors import CertificateNotTrusted, ConnectionFailed
from connectors.network.proxies import Proxy

E = TypeVar("E", bound=BaseException)

_NO_WAY = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)
_UNSPOKEN = (
    "InvalidMessage",
    "InvalidUpgrade",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "NegotiationError",
    "LocalProtocolError",
    "RemoteProtocolError",
)
_REFUSED = re.compile(rf"\[(?:Errno {errno.ECONNREFUSED}|WinError (?:1225|10061))\]")


def connection_failed(error: BaseException, name: str, netloc: str, proxy: Proxy | None) -> ConnectionFailed:
    """The typed error: `name` is what is not reached (a venue), `netloc` its host and port."""
    through = f" through the proxy {proxy.address}" if proxy is not None else ""
    whom = (
        f"no connection to {name} at {netloc}{through}"
        if name != netloc
        else f"no connection to {name}{through}"
    )
    host = urlsplit(f"//{netloc}").hostname or netloc
    kind = (
        CertificateNotTrusted if _found(error, ssl.SSLCertVerificationError) is not None else ConnectionFailed
    )
    return kind(f"{whom}: {_reason(error, host, netloc, proxy)}")


def _reason(error: BaseException, host: str, netloc: str, proxy: Proxy | None) -> str:
    untrusted = _found(error, ssl.SSLCertVerificationError)
    if untrusted is not None:
        return (
            f"its certificate is not trusted ({clean(untrusted.verify_message or 'unverified', 100)}); where a company "
            "or a virus scanner looks into connections, name its authority's file in SSL_CERT_FILE or in the setting "
            "network.ca_file"
        )
    if proxy is not None and (refusal := _proxy_refusal(error)):
        return refusal
    nearest, address = (proxy.host, f"{proxy.host}:{proxy.port}") if proxy is not None else (host, netloc)
    if _found(error, socket.gaierror) is not None:
        return f"the name {nearest} is not found: no network, a name server that does not answer, or a wrong address"
    if _found(error, ConnectionRefusedError) is not None or any(
        _REFUSED.search(str(one)) for one in _chain(error)
    ):
        return f"{address} refuses connections: nothing listens there, or a firewall is in the way"
    if any(isinstance(one, OSError) and one.errno in _NO_WAY for one in _chain(error)):
        return f"there is no way to {nearest} from here: is the network up?"
    broken = _found(error, ssl.SSLError)
    if broken is not None:
        return f"it does not speak TLS as it should ({clean(broken.reason or 'no reason given', 60)})"
    if any(type(one).__name__ in _UNSPOKEN for one in _chain(error)):
        return "what answers there does not speak the protocol"
    if _found(error, (ConnectionError, EOFError)) is not None:
        return "the other side ended it"
    return f"it failed ({type(error).__name__})"


def _proxy_refusal(error: BaseException) -> str:
    said = ""
    for one in _chain(error):
        status = _status(one)
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return "the proxy wants a user name and a password, or others than it was given (HTTP 407)"
        if status is not None:
            return f"the proxy does not connect to it (HTTP {status})"
        if type(one).__name__ in ("ProxyError", "InvalidProxyMessage"):
            # The innermost is the proxy's own word.
            said = clean(one, 100)
    return f"the proxy does not connect to it ({said})" if said else ""


def _status(error: BaseException) -> int | None:
    """The status a proxy answered with: websockets keep the answer, httpx a text that begins with it."""
    if type(error).__name__ == "InvalidProxyStatus":
        status = getattr(getattr(error, "response", None), "status_code", None)
        return status if isinstance(status, int) else None
    first = str(error)[:4].strip()
    return int(first) if type(error).__name__ == "ProxyError" and first.isdigit() else None


def _found(error: BaseException, kind: type[E] | tuple[type[E], ...]) -> E | None:
    return next((one for one in _chain(error) if isinstance(one, kind)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [before for before in (one.__cause__, one.__context__) if before is not None]
        if isinstance(one, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", one).exceptions
