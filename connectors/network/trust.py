"""Whose certificates are trusted: the system's authorities, and those that the user names besides."""

import asyncio
import functools
import os
import ssl
import sys

from connectors.contracts.errors import UsageError
from connectors.network.settings import current


async def tls_context() -> ssl.SSLContext:
    """The one context of all connections. Made when first wanted, in a thread: it takes tens of milliseconds.

    Raises `UsageError` where a named file or folder of authorities cannot be used.
    """
    named = (current().ca_file, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return await asyncio.to_thread(_context, *(one or None for one in named))


@functools.lru_cache(maxsize=4)
def _context(ca_file: str | None, cert_file: str | None, cert_folder: str | None) -> ssl.SSLContext:
    context = _system_store(alone=not (cert_file or cert_folder))
    for source, file in (("the setting network.ca_file", ca_file), ("SSL_CERT_FILE", cert_file)):
        if file is not None:
            _add(context, source, os.path.expanduser(file))
    for folder in (cert_folder or "").split(os.pathsep):
        if folder and not os.path.isdir(folder):
            raise UsageError("SSL_CERT_DIR names a folder that is not there")
        if folder:
            context.load_verify_locations(capath=folder)
    return context


def _system_store(*, alone: bool) -> ssl.SSLContext:
    if sys.platform in ("win32", "darwin"):
        import truststore  # noqa: PLC0415 - where it is used

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Elsewhere OpenSSL's own store is the system's; truststore would read all of it again for each connection.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if alone and not context.cert_store_stats()["x509_ca"]:
        # A bare container has none, or Python was built for another system's folders.
        import certifi  # noqa: PLC0415 - hardly ever wanted

        context.load_verify_locations(certifi.where())
    return context


def _add(context: ssl.SSLContext, source: str, file: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError:
        raise UsageError(f"{source} names a file that holds no certificate in PEM form") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UsageError(f"{source} names a file that cannot be read: {reason}") from None
