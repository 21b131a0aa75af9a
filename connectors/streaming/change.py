"""What a book and its sequencing read of an update."""

from collections.abc import Sequence
from typing import Protocol

from connectors.contracts.events import Level


class BookChange(Protocol):
    """The fields of `OrderBookUpdate` that keep a book right.

    A venue whose decoded frame has them hands the frame itself over: an update built from it would cost a tenth of the
    whole and be thrown away at once.
    """

    @property
    def bids(self) -> Sequence[Level]: ...

    @property
    def asks(self) -> Sequence[Level]: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def is_snapshot(self) -> bool: ...

    @property
    def last_sequence(self) -> int | None: ...

    @property
    def first_sequence(self) -> int | None: ...

    @property
    def previous_sequence(self) -> int | None: ...

    @property
    def checksum(self) -> int | None: ...

    @property
    def depth(self) -> int | None: ...
