"""Credentials as a connector sees them: values it must send as they are, and signers for those it must not see.

Nothing here shows a value in a repr, an error, a pickle or `vars()`.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn, TypeAlias

Signer: TypeAlias = Callable[[bytes], bytes]
"""Turns a payload into its signature; the key stays inside."""


class Secret:
    """One value that no accident shows: it has no repr, no pickle, no attributes; only `reveal()` gives it."""

    __slots__ = ("__reveal",)

    def __init__(self, value: str) -> None:
        self.__reveal = lambda: value

    def reveal(self) -> str:
        return self.__reveal()

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_plain(self), _plain(other))

    def __hash__(self) -> NoReturn:
        raise TypeError("a secret has no hash")

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")


def _plain(secret: Secret) -> bytes:
    # An encoding error would quote the text: there is none this way.
    return secret.reveal().encode("utf-8", "surrogatepass")


class Credentials(Mapping[str, Secret]):
    """The fields of one account, by the manifest's keys."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str | Secret]) -> None:
        self._values = {
            key: value if isinstance(value, Secret) else Secret(value)
            for key, value in values.items()
            if value
        }

    def __getitem__(self, key: str) -> Secret:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self._values))})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials cannot be pickled or copied")

    def value(self, key: str) -> str:
        """A value that goes on the wire as it is (an API key, a passphrase). `KeyError` where it is missing."""
        return self._values[key].reveal()

    def hmac_sha256(self, key: str) -> Signer:
        """A signer keyed with the field's value."""
        prepared = hmac.new(_plain(self._values[key]), digestmod=hashlib.sha256)

        def sign(payload: bytes) -> bytes:
            mac = prepared.copy()
            mac.update(payload)
            return mac.digest()

        return sign
