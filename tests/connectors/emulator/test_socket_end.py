"""The end of a connection whose client is gone before the server is done with it."""

import asyncio
import socket

from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from connectors.emulator.emulator import Emulator
from connectors.emulator.wire import NO_LINGER
from tests.connectors.emulator.support import still_emulator, until


async def shake_hands(emulator: Emulator, raw: socket.socket) -> ClientProtocol:
    """A client without a transport of its own, so that its answer and its reset leave in one go."""
    loop = asyncio.get_running_loop()
    protocol = ClientProtocol(parse_uri(emulator.endpoints["ws"] + "/ws"))
    protocol.send_request(protocol.connect())
    raw.setblocking(False)
    await loop.sock_connect(raw, (emulator.host, emulator.port))
    await loop.sock_sendall(raw, b"".join(protocol.data_to_send()))
    protocol.receive_data(await loop.sock_recv(raw, 65_536))
    assert protocol.events_received()
    return protocol


async def test_a_client_that_answers_the_close_and_resets_ends_the_connection_quietly():
    async with still_emulator(rate=0) as emulator:
        raw = socket.socket()
        protocol = await shake_hands(emulator, raw)
        await until(lambda: len(emulator.sockets) == 1)
        (served,) = emulator.sockets
        served.close()
        protocol.receive_data(await asyncio.get_running_loop().sock_recv(raw, 65_536))
        answer = b"".join(protocol.data_to_send())
        raw.send(answer)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        raw.close()
        await asyncio.wait_for(served.task, 5)
        assert emulator.sockets == set()
