"""REST paths of a dialect: which function answers which."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from connectors.emulator.messages import Request, Response, json_response


@dataclass(frozen=True, slots=True)
class RestCall:
    """One call. `path` holds the named parts of the path, `params` those of the query and of a form in the body."""

    request: Request
    path: Mapping[str, str]
    params: Mapping[str, str]

    def number(self, name: str, otherwise: int, *, most: int = 1_000_000) -> int:
        """A whole number between 1 and `most`; `otherwise` where it is absent or none."""
        text = self.params.get(name, "")
        return min(max(1, int(text)), most) if text.isdecimal() and len(text) < 16 else otherwise


class Refused(Exception):
    """A call that the venue refuses: the status, and what its error says."""

    def __init__(self, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
        self.response = json_response(content, status, dict(headers or {}))
        super().__init__(status)


Handler: TypeAlias = Callable[[RestCall], Any]
"""Gives the answer, made of JSON's types. Raises `Refused`."""


class Routes:
    """Answers by method and path. A path is written as `/v1/book/{symbol}`."""

    def __init__(self, routes: Mapping[str, Handler], *, unknown: Any) -> None:
        """`routes` maps `"GET /v1/book/{symbol}"` to a handler; `unknown` is what the error for any other path says."""
        self._routes = [(*_compiled(route), handler) for route, handler in routes.items()]
        self._unknown = unknown

    def answer(self, request: Request) -> Response:
        for method, pattern, handler in self._routes:
            found = pattern.fullmatch(request.path) if request.method == method else None
            if found is not None:
                form = request.body.decode("utf-8", "replace") if request.body[:1] not in (b"{", b"[") else ""
                params = dict(parse_qsl(request.query, keep_blank_values=True)) | dict(parse_qsl(form))
                try:
                    return json_response(handler(RestCall(request, found.groupdict(), params)))
                except Refused as refused:
                    return refused.response
        return json_response(self._unknown, 404)


def _compiled(route: str) -> tuple[str, re.Pattern[str]]:
    method, _, path = route.partition(" ")
    parts = re.split(r"\{(\w+)\}", path)
    pattern = "".join(
        f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    return method, re.compile(pattern)
