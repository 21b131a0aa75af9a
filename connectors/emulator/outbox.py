"""What happens to market data on its way out of one connection while faults are armed."""

import asyncio
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from connectors.emulator.alterations import altered, malformed, oversized
from connectors.emulator.faults import Faults, Rule

if TYPE_CHECKING:
    from connectors.emulator.connection import Connection

_DEFAULT_DELAY_MS = 200
_HELD_LIMIT = 32 * 1024 * 1024
"""Bytes that wait at once, of one connection; then it is cut off, as by a client that reads nothing."""


class Outbox:
    def __init__(self, socket: "Connection[Any]", faults: Faults) -> None:
        self._socket = socket
        self._faults = faults
        self._swapped: dict[str, bytes] = {}
        """Frames that wait for their stream's next one."""
        self._held: list[bytes] | None = None
        """Frames that wait for the end of a delay."""
        self._held_bytes = 0
        self._stalled: dict[str, asyncio.TimerHandle | None] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def busy(self) -> bool:
        return bool(self._swapped or self._stalled or self._held is not None)

    def close(self) -> None:
        for timer in (*self._timers, *self._stalled.values()):
            if timer is not None:
                timer.cancel()

    def deliver(self, stream: str, payload: bytes, frame: bytes) -> None:
        if any(fnmatchcase(stream, pattern) for pattern in self._stalled) or self._socket.mute:
            self._faults.suppressed[stream] += 1
            return
        rule = self._faults.on_frame(stream)
        earlier = self._swapped.pop(stream, None)
        if rule is None:
            self._send(frame)
        else:
            self._spoil(rule, stream, payload, frame)
        if earlier is not None:
            self._send(earlier)

    def stall(self, pattern: str, milliseconds: int | None) -> None:
        """Withhold matching data; for ever where no time is given."""
        timer: asyncio.TimerHandle | None = None
        if milliseconds is not None:
            timer = asyncio.get_running_loop().call_later(
                milliseconds / 1_000, lambda: self._stalled.pop(pattern, None)
            )
        self._stalled[pattern] = timer

    def _spoil(self, rule: Rule, stream: str, payload: bytes, frame: bytes) -> None:
        socket = self._socket
        match rule.kind:
            case "drop":
                self._faults.suppressed[stream] += 1
            case "repeat":
                self._send(frame)
                self._send(frame)
            case "reorder":
                self._swapped[stream] = frame
            case "delay":
                self._hold(rule.milliseconds if rule.milliseconds is not None else _DEFAULT_DELAY_MS)
                self._send(frame)
            case "alter":
                self._send(socket.encode(altered(payload, rule.field, rule.value)))
            case "malformed":
                self._send(frame)
                self._send(socket.encode(malformed(self._faults.random, rule.payload)))
            case "oversized":
                self._send(frame)
                self._send(socket.encode(oversized(rule.size)))
            case "garbage":
                self._send(frame)
                self._send(b"\xff" + self._faults.random.randbytes(64))
            case "close":
                socket.close(rule.code)
            case "abort":
                self._send(frame[: max(1, len(frame) // 2)])
                socket.abort_when_sent()
            case "stall":
                self._faults.suppressed[stream] += 1
                self.stall(rule.target, rule.milliseconds)
            case _:
                self._faults.suppressed[stream] += 1
                socket.half_open()

    def _send(self, frame: bytes) -> None:
        if self._held is not None:
            self._held.append(frame)
            self._held_bytes += len(frame)
            if self._held_bytes > _HELD_LIMIT:
                self._socket.abort()
        else:
            self._socket.write(frame)

    def _hold(self, milliseconds: int) -> None:
        if self._held is not None:
            return
        self._held = []
        self._held_bytes = 0
        timer = asyncio.get_running_loop().call_later(milliseconds / 1_000, self._release)
        self._timers.add(timer)

    def _release(self) -> None:
        held, self._held = self._held or [], None
        self._timers.clear()
        for frame in held:
            self._socket.write(frame)
