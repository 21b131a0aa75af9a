"""Who may speak to the emulator: programs on this machine, no page in a browser; and who may command it.

A page of any origin can send requests to a loopback port, and one whose name is made to resolve to 127.0.0.1 can read
the answers. It cannot choose what its browser says in `Host` and `Origin`.
"""

import hmac
from urllib.parse import urlsplit

from catalog.addresses import is_loopback_host
from connectors.emulator.messages import Request, Response, json_response

_JSON = "application/json"
CONTROL = "/_emulator/"
PING = f"{CONTROL}ping"


class Gate:
    def __init__(self, token: str) -> None:
        self.port = 0
        self._token = token

    def admits(self, host: str | None, origin: str | None) -> bool:
        """Whether a request with these headers is one of this machine's programs."""
        if host is None or not self._is_here(f"http://{host}"):
            return False
        return origin is None or self._is_here(origin)

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request that is not let through."""
        headers = request.headers
        if not self.admits(headers.get("host"), headers.get("origin")):
            return json_response({"error": "this port is for programs on this machine"}, 403)
        if not request.path.startswith(CONTROL) or request.path == PING:
            return None
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return json_response(
                {"error": "this path needs the token that --json prints: Authorization: Bearer"}, 401
            )
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.body and media_type != _JSON:
            return json_response({"error": f"a body is sent as {_JSON}"}, 415)
        return None

    def _is_here(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            port = parts.port or 80
        except ValueError:
            return False
        # Whole: no user, path or query, nothing that another reader of it would take for the host.
        plain = parts.scheme == "http" and not (
            parts.path or parts.query or parts.fragment or "@" in parts.netloc
        )
        return plain and port == self.port and is_loopback_host(parts.hostname)
