"""The seam for a recorder, below the adapters."""

from collections.abc import Callable
from typing import Literal, TypeAlias

TapKind: TypeAlias = Literal["open", "close", "sent", "recv"]

Tap: TypeAlias = Callable[[TapKind, str, str | None, bytes | str | None], None]
"""Called as `tap(kind, conn, url, data)`: `conn` names one socket, `url` comes with `open`, `data` with `sent` and
`recv` (raw) and with `close` (the reason). A frame that holds a secret is given in its redacted form."""
