"""A call to a venue, its answer, and what a venue adds to both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from connectors.contracts.errors import VenueError

Params: TypeAlias = tuple[tuple[str, str], ...]
"""The parameters of a call in the order they are sent, as names and values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRequest:
    """One call. `costs` are its weights by the scope's meters; `timeout` bounds it, waiting and repeats included.

    A `signed` call carries key, time and signature; a `keyed` one the key alone.

    Only a call that changes nothing is repeated after a fault: a `GET`, unless `repeatable` says otherwise.
    """

    path: str
    method: str = "GET"
    params: Params = ()
    costs: Mapping[str, int] = field(default_factory=dict[str, int])
    signed: bool = False
    keyed: bool = False
    timeout: float = 15.0
    max_bytes: int = 8 * 1024 * 1024
    repeatable: bool | None = None

    @property
    def may_repeat(self) -> bool:
        return self.method == "GET" if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """An answer; the header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """What goes on the wire: the query as it was signed, the headers, and the query as it may be recorded."""

    query: str
    headers: Mapping[str, str]
    recorded_query: str


class RestVenue(Protocol):
    """The venue's part of its REST protocol."""

    @property
    def name(self) -> str:
        """As errors call it."""
        ...

    def prepare(self, request: RestRequest) -> Prepared:
        """Encode and, where asked for, sign. Raises `MissingCredentials`."""
        ...

    def usage(self, headers: Mapping[str, str]) -> Mapping[str, int]:
        """The venue's own counts, by meter."""
        ...

    def error(self, answer: RestAnswer) -> VenueError:
        """The typed error of a refusal."""
        ...


HttpTap: TypeAlias = Callable[[str, str, int, bytes], None]
"""Called as `tap(method, url, status, body)`: one call as a recording keeps it, without key, signature or time of
signing."""
