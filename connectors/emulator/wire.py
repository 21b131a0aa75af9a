"""The wire form of a server's WebSocket messages."""

from websockets.frames import Frame, Opcode


def text_frame(payload: bytes) -> bytes:
    """A whole text message in one frame, unmasked and uncompressed."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)
