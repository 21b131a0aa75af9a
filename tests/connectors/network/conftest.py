"""A venue that is reached by a proxy alone: its name means nothing here, its authority is known to no system."""

from collections.abc import AsyncIterator, Iterator

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from connectors.network import settings
from tests.connectors.network.authority import Authority, make_authority

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
Rest = tuple[int, str]


@pytest.fixture(autouse=True)
def _plain_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    before = settings.current()
    settings.use(settings.NetworkSettings())
    yield
    settings.use(before)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), "venue.test")


@pytest.fixture
async def venue(authority: Authority) -> AsyncIterator[int]:
    """The port of a server with both protocols: JSON at `/api`, a WebSocket anywhere else."""

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        if not request.path.startswith("/api"):
            return None
        response = connection.respond(200, '{"whole": true}')  # type: ignore[arg-type]
        response.headers["Content-Type"] = "application/json"
        return response

    async def hold(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(
        hold, "127.0.0.1", 0, ssl=authority.server, process_request=answer, close_timeout=0.2
    ) as server:
        yield server.sockets[0].getsockname()[1]
