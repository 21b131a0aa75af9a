"""The HTTP library as we use it: our proxies and certificates, no redirects, nothing of a request in a log."""

import logging
import ssl
from urllib.parse import urlsplit

import httpx

from catalog.addresses import address_problem
from catalog.text import clean
from connectors.contracts.errors import UsageError
from connectors.network.proxies import Proxy
from connectors.network.trust import tls_context


async def new_client(
    *, proxy: Proxy | None, timeout: httpx.Timeout | float, accept_encoding: str, limits: httpx.Limits
) -> httpx.AsyncClient:
    """A client of its own, with the certificates that all share. Raises `UsageError` where those cannot be had."""
    # Its INFO lines hold whole URLs and its transport's DEBUG lines the headers.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    tls = await tls_context()
    through = None if proxy is None else _through(proxy, tls)
    socks = proxy is not None and proxy.scheme == "socks5h"
    return httpx.AsyncClient(
        verify=tls,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={"user-agent": "barfinex", "accept-encoding": accept_encoding},
        limits=limits,
        proxy=None if socks else through,
        transport=_SocksTransport(verify=tls, trust_env=False, limits=limits, proxy=through)
        if socks
        else None,
    )


def _through(proxy: Proxy, tls: ssl.SSLContext) -> httpx.Proxy:
    return httpx.Proxy(
        proxy.address,
        auth=None if proxy.user is None else (proxy.user, proxy.password),
        ssl_context=tls if proxy.scheme == "https" else None,
    )


class _SocksTransport(httpx.AsyncHTTPTransport):
    """Tells what a proxy that does not speak SOCKS makes the library raise as the proxy's fault."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError):
            raise
        except Exception:  # noqa: BLE001 - the SOCKS library's own, and its asserts, of no common kind
            problem = httpx.ProxyError("it does not speak SOCKS5", request=request)
        raise problem


def checked_url(url: str) -> str:
    """The URL without a trailing slash. Raises `UsageError` where a key would cross a network in the clear."""
    problem = address_problem(url, ("http",))
    if problem is not None:
        raise UsageError(f"the REST address {problem}")
    return url.rstrip("/")


def elsewhere(location: str | None) -> str:
    """The host that a redirect names, for a message: its path and query may hold anything."""
    try:
        host = urlsplit(location or "").hostname
    except ValueError:
        host = None
    return clean(host) if host else "another address"
