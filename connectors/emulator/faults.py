"""Misbehaviour on request: which frames and answers go wrong, how, and how often it was done.

A rule fires on the frames of matching streams (or the answers of matching paths), `count` times in all, each time
with `probability`, after letting the first `skip` pass. Chance is seeded, so a run can be repeated. Every injection
is counted by kind, which gives tests an exact oracle.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

import msgspec

FRAME_KINDS = frozenset(
    {
        "drop",  # the frame is not sent
        "repeat",  # sent twice
        "reorder",  # sent after the stream's next frame
        "delay",  # it and all that follow are held for `milliseconds`
        "alter",  # one `field` is changed to `value`
        "malformed",  # followed by a text frame that is not what it should be (`payload`)
        "oversized",  # followed by a text frame of `size` bytes
        "garbage",  # followed by bytes that are no frame of the protocol
        "close",  # the connection is closed with `code`
        "abort",  # half of the frame is sent, then the TCP connection is reset
        "stall",  # no more data of matching streams for `milliseconds`; pings are still answered
        "half_open",  # nothing is sent or answered any more, the TCP connection stays
    }
)
HTTP_KINDS = frozenset(
    {
        "status",  # answered with `status` and, where they are set, `retry_after` seconds and `location`
        "late",  # the answer, made at once, is sent after `milliseconds`
        "reset",  # the TCP connection is reset instead of an answer
        "lost",  # the same, after the request was carried out
    }
)
SERVER_KINDS = frozenset(
    {
        "deaf",  # what clients say on a WebSocket is not acted on from now on; pings are answered
        "clock",  # the venue's clock is `milliseconds` off from now on
        "shutdown",  # the shutdown notice is sent on every connection, which is closed after `milliseconds`
    }
)
IMMEDIATE_KINDS = frozenset({"close", "abort", "stall", "half_open"})
"""With `now`, these happen at once instead of at a frame: to every connection that has a matching stream."""


MOST_RULES = 1_000
"""So many are armed at once."""
_BOUNDS = {
    "count": (1, 1_000_000),
    "skip": (0, 1_000_000_000),
    "milliseconds": (-10 * 366 * 86_400_000, 10 * 366 * 86_400_000),
    "status": (200, 599),
    "retry_after": (0, 366 * 86_400),
    "code": (1_000, 4_999),
    "size": (0, 32 * 1024 * 1024),
}
"""A fault is for a client to cope with; the emulator itself, and its machine, get through it."""
_LONGEST_TEXT = 2_000
_LONGEST_PAYLOAD = 1024 * 1024


class BadFault(Exception):
    """The description of a fault cannot be read; the text says why."""


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """One fault: its kind, and when it strikes. A field counts only for the kinds that it says something of."""

    kind: str
    target: str = "*"
    """A pattern of stream names (frames) or paths (answers): `*`, `btcusdt@depth*`, `/api/v3/depth`."""
    probability: float = 1.0
    count: int | None = None
    skip: int = 0
    now: bool = False
    milliseconds: int | None = None
    status: int = 503
    retry_after: int | None = None
    location: str | None = None
    method: str | None = None
    """Only answers to requests of this method."""
    code: int = 1001
    size: int = 16 * 1024 * 1024
    payload: str | None = None
    field: str | None = None
    value: Any = None
    id: int = 0
    seen: int = 0
    injected: int = 0

    @property
    def spent(self) -> bool:
        return self.count is not None and self.injected >= self.count

    def concerns(self, streams: Iterable[str]) -> bool:
        """Whether a connection with these streams is meant; `*` means one without any too."""
        return self.target == "*" or any(fnmatchcase(name, self.target) for name in streams)


def parse_rule(text: str) -> Rule:
    """A rule from JSON, or from the short form `drop:target=*@depth*,probability=0.01`. Raises `BadFault`."""
    try:
        if text.lstrip().startswith("{"):
            return checked(msgspec.json.decode(text, type=Rule))
        kind, _, rest = text.partition(":")
        pairs = dict(part.split("=", 1) for part in rest.split(",") if part)
        return checked(msgspec.convert({"kind": kind, **pairs}, type=Rule, strict=False))
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadFault(f"fault '{text}': {error}") from None


def checked(rule: Rule) -> Rule:
    """The rule, if it makes sense. Raises `BadFault`."""
    if rule.kind not in FRAME_KINDS | HTTP_KINDS | SERVER_KINDS:
        known = ", ".join(sorted(FRAME_KINDS | HTTP_KINDS | SERVER_KINDS))
        raise BadFault(f"unknown fault '{rule.kind}'; choose one of {known}")
    if rule.now and rule.kind not in IMMEDIATE_KINDS:
        raise BadFault(f"fault '{rule.kind}' cannot be done at once")
    if not 0.0 <= rule.probability <= 1.0:
        raise BadFault("probability must be from 0 to 1")
    for name, (least, most) in _BOUNDS.items():
        value = getattr(rule, name)
        if value is not None and not least <= value <= most:
            raise BadFault(f"{name} must be from {least:,} to {most:,}")
    if rule.milliseconds is not None and rule.milliseconds < 0 and rule.kind != "clock":
        raise BadFault("milliseconds must not be below 0")
    for name in ("target", "location", "method", "field"):
        text = getattr(rule, name)
        if text is not None and (len(text) > _LONGEST_TEXT or not text.isprintable() or not text.isascii()):
            raise BadFault(f"{name} must be at most {_LONGEST_TEXT:,} printable ASCII characters")
    if len(rule.payload or "") > _LONGEST_PAYLOAD:
        raise BadFault(f"payload must be at most {_LONGEST_PAYLOAD:,} characters")
    return rule


@dataclass(slots=True)
class Faults:
    """The armed rules and the count of what was injected."""

    seed: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    """How often each kind was done."""
    suppressed: Counter[str] = field(default_factory=Counter[str])
    """Frames of each stream that were not sent (dropped, stalled or half-open)."""
    deaf: bool = False
    frame_rules: list[Rule] = field(default_factory=list[Rule])
    http_rules: list[Rule] = field(default_factory=list[Rule])
    _random: Random = field(init=False)
    _next_id: int = 1

    def __post_init__(self) -> None:
        self._random = Random(f"{self.seed}:faults")

    @property
    def random(self) -> Random:
        return self._random

    def add(self, rule: Rule) -> Rule:
        """Arm a rule that fires on frames or answers."""
        rule.id = self._next_id
        self._next_id += 1
        (self.http_rules if rule.kind in HTTP_KINDS else self.frame_rules).append(rule)
        return rule

    def clear(self) -> None:
        """Disarm every rule; stalls and half-open connections that a rule caused go on where they have no end."""
        self.frame_rules.clear()
        self.http_rules.clear()
        self.deaf = False

    def on_frame(self, stream: str) -> Rule | None:
        return self._fire(self.frame_rules, stream)

    def on_answer(self, path: str, method: str) -> Rule | None:
        return self._fire(self.http_rules, path, method)

    def _fire(self, rules: list[Rule], name: str, method: str | None = None) -> Rule | None:
        for rule in rules:
            if not fnmatchcase(name, rule.target) or rule.method not in (None, method):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or (rule.probability < 1 and self._random.random() >= rule.probability):
                continue
            self.count(rule)
            if rule.spent:
                rules.remove(rule)
            return rule
        return None

    def count(self, rule: Rule) -> None:
        rule.injected += 1
        self.counts[rule.kind] += 1
