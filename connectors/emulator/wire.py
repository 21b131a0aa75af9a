"""The wire form of a server's WebSocket messages, and the rough end of a connection."""

import asyncio
import socket
import struct
import sys

from websockets.frames import Frame, Opcode

NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""The `SO_LINGER` with which closing a socket resets its connection."""


def text_frame(payload: bytes) -> bytes:
    """A whole text message in one frame, unmasked and uncompressed."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


def reset(writer: asyncio.StreamWriter) -> None:
    """Reset the TCP connection: what is unsent is lost and the peer sees no orderly end."""
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.transport.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()
