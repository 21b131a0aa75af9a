"""The HTTP library as we use it: nothing from the environment, no redirects, nothing of a request in a log."""

import asyncio
import functools
import logging
import ssl

import httpx

from catalog.addresses import address_problem
from connectors.contracts.errors import UsageError


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def new_client(
    *, timeout: httpx.Timeout | float, accept_encoding: str, limits: httpx.Limits, proxy: str | None = None
) -> httpx.AsyncClient:
    """A client of its own, with the certificates that all share."""
    # Its INFO lines hold whole URLs and its transport's DEBUG lines the headers.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Loading the certificates takes tens of milliseconds, once a process.
    verify = await asyncio.to_thread(_tls)
    return httpx.AsyncClient(
        verify=verify,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={"user-agent": "barfinex", "accept-encoding": accept_encoding},
        limits=limits,
        proxy=proxy,
    )


def kind_of(error: Exception) -> str:
    """What went wrong, without the URL and the headers that the library's own text may hold."""
    return "refused or not found" if isinstance(error, httpx.ConnectError) else type(error).__name__


def checked_url(url: str) -> str:
    """The URL without a trailing slash. Raises `UsageError` where a key would cross a network in the clear."""
    problem = address_problem(url, ("http",))
    if problem is not None:
        raise UsageError(f"the REST address {problem}")
    return url.rstrip("/")
