"""Parameters of a request, read the way the venue reads them: by name, with its errors."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from urllib.parse import parse_qsl

from connectors.emulator.binance.errors import (
    VenueRefusal,
    empty,
    illegal,
    invalid_data,
    missing,
    too_precise,
    unread,
)

_T = TypeVar("_T")
_SYMBOL = "^[A-Z0-9-_.]{1,20}$"
"""As the refusal quotes it; letters of other scripts are legal as well."""
_NAME = re.compile(r"(?:[^\Wa-z]|[-.]){1,20}")
_CLIENT_ID = "^[a-zA-Z0-9-_]{1,36}$"
_NUMBER = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_AUTH = frozenset({"timestamp", "recvWindow", "signature", "apiKey"})


class Params:
    """Values as text."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    @classmethod
    def of_request(cls, query: str, body: str) -> "Params":
        """The same name in both: the query wins."""
        read = {
            **dict(parse_qsl(body, keep_blank_values=True)),
            **dict(parse_qsl(query, keep_blank_values=True)),
        }
        return cls(read)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def check_names(self, known: Iterable[str], *, signed: bool) -> None:
        """Raise the venue's refusal where something was sent that the call does not read."""
        allowed = {*known, *(_AUTH if signed else ())}
        read = sum(name in allowed for name in self._values)
        if read < len(self._values):
            raise unread(read, len(self._values))

    def optional(self, name: str) -> str | None:
        value = self._values.get(name)
        if value == "":
            raise empty(name)
        return value

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if not value:
            raise missing(name)
        return value

    def symbol(self, name: str = "symbol") -> str:
        value = self.text(name)
        if not _NAME.fullmatch(value):
            raise illegal(name, _SYMBOL)
        return value

    def client_id(self, name: str) -> str | None:
        value = self.optional(name)
        return None if value is None else _matching(name, value, _CLIENT_ID)

    def integer(self, name: str) -> int | None:
        value = self.optional(name)
        if value is None:
            return None
        if not value.isascii() or not value.isdigit() or len(value) > 20:
            raise illegal(name, "^[0-9]{1,20}$")
        return int(value)

    def limit(self, default: int, most: int) -> int:
        """A number of rows: above `most` it is cut, nought is refused."""
        value = self.integer("limit")
        if value is None:
            return default
        if value == 0:
            raise invalid_data("limit")
        return min(value, most)

    def decimal(self, name: str) -> Decimal | None:
        value = self.optional(name)
        if value is None:
            return None
        _matching(name, value, _NUMBER)
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise illegal(name, _NUMBER) from None
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -8:
            raise too_precise(name)
        return number

    def choice(self, name: str, choices: Mapping[str, _T], otherwise: tuple[int, str]) -> _T:
        """One of the named values; `otherwise` is the error of any other."""
        value = self.text(name)
        if value not in choices:
            raise VenueRefusal(*otherwise)
        return choices[value]


def _matching(name: str, value: str, pattern: str) -> str:
    if not re.match(pattern, value):
        raise illegal(name, pattern)
    return value
