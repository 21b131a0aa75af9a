"""The emulator's port is for programs on this machine, its own paths for who has the token."""

import asyncio

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from connectors.contracts.errors import UsageError
from connectors.emulator import emulator as serving
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.emulator.faults import BadFault, Rule, checked
from connectors.emulator.gate import Gate
from tests.connectors.emulator.support import ask, rest_client, still_emulator, stream_client, until

PAGES = [
    "http://evil.example",
    "https://evil.example:{port}",
    "http://evil.example:{port}",
    "http://127.0.0.1:1",
    "http://127.0.0.1.evil.example:{port}",
    "http://localhost@evil.example:{port}",
    "https://127.0.0.1:{port}",
    "null",
    "file://",
    "",
]
HOSTS = [
    "evil.example:{port}",
    "evil.example",
    "127.0.0.1:1",
    "127.0.0.1",
    "127.0.0.1.evil.example:{port}",
    "localhost.evil.example:{port}",
    "127.0.0.1:{port}@evil.example",
    "127.0.0.1:{port}/evil",
    "0.0.0.0:{port}",
]
PATHS = ["/api/v3/ping", "/fapi/v1/ping", "/_emulator/ping", "/_emulator/state", "/nowhere"]


@pytest.mark.parametrize("host", HOSTS)
async def test_a_name_that_was_made_to_lead_here_gets_no_answer(host: str):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        named = host.format(port=emulator.port)
        for path in PATHS:
            assert (await client.get(path, headers={"Host": named})).status_code == 403
        with pytest.raises(InvalidStatus, match="403"):
            await _shake_hands(emulator, f"Host: {named}")
        assert emulator.requests == 0


@pytest.mark.parametrize("origin", PAGES)
async def test_no_page_gets_an_answer(origin: str):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        named = origin.format(port=emulator.port)
        for path in PATHS:
            assert (await client.get(path, headers={"Origin": named})).status_code == 403
        fault = await client.post("/_emulator/faults", json={"kind": "drop"}, headers={"Origin": named})
        assert fault.status_code == 403
        assert emulator.faults.frame_rules == []
        with pytest.raises(InvalidStatus, match="403"):
            await _shake_hands(emulator, f"Host: 127.0.0.1:{emulator.port}", f"Origin: {named}")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.1.2.3"])
async def test_programs_of_this_machine_do(host: str):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        here = f"{host}:{emulator.port}"
        for headers in ({"Host": here}, {"Host": here, "Origin": f"http://{here}"}):
            assert (await client.get("/api/v3/ping", headers=headers)).status_code == 200
        async with stream_client(emulator, additional_headers={"Origin": f"http://{here}"}) as stream:
            assert "result" in await ask(stream, method="LIST_SUBSCRIPTIONS", id=1)


async def test_two_hosts_are_none():
    async with still_emulator(rate=0) as emulator:
        with pytest.raises(InvalidStatus, match=r"4[0-9]{2}"):
            await _shake_hands(emulator, f"Host: 127.0.0.1:{emulator.port}", "Host: evil.example")
        with pytest.raises(InvalidStatus, match=r"4[0-9]{2}"):
            await _shake_hands(emulator)


def test_the_port_80_need_not_be_said():
    gate = Gate("token")
    gate.port = 80
    assert gate.admits("localhost", "http://localhost")
    assert gate.admits("[::1]:80", None)


@pytest.mark.parametrize("given", [None, "Bearer", "Bearer wrong", "Bearer wr\u00f6ng", "Basic x"])
async def test_its_own_paths_want_the_token(given: str | None):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        headers = {"Authorization": (given or "").encode("latin-1")}
        if given is None:
            del client.headers["Authorization"]
            headers = {}
        for method, path in (
            ("GET", "state"), ("GET", "faults"), ("POST", "faults"), ("DELETE", "faults"),
            ("POST", "instruments"), ("GET", "nowhere"),
        ):  # fmt: skip
            answer = await client.request(method, f"/_emulator/{path}", headers=headers)
            assert answer.status_code == 401
            assert emulator.token not in answer.text
        # Who it is may be asked by whoever knows its URL.
        assert (await client.get("/_emulator/ping", headers=headers)).json()["id"] == emulator.id


async def test_a_body_is_json_by_its_name_too():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = await client.post(
                "/_emulator/faults", content=b'{"kind":"drop"}', headers={"Content-Type": media_type}
            )
            assert answer.status_code == 415
        assert emulator.faults.frame_rules == []


@pytest.mark.parametrize("path", ["faults", "instruments"])
@pytest.mark.parametrize("body", [b'{"kind":"\xff"}', b'["\xc3"]', b"[" * 100_000, b'{"symbol":"\xff"}', b""])
async def test_a_body_that_cannot_be_read_is_refused(path: str, body: bytes):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        answer = await client.post(
            f"/_emulator/{path}", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400


def test_the_token_is_another_one_each_time_and_in_no_repr():
    one, other = (Emulator("binance", EmulatorOptions(rate=0)) for _ in range(2))
    assert one.token != other.token
    assert len(one.token) >= 32
    assert one.token not in repr(one)


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        Rule("oversized", size=1_500_000_000),
        Rule("oversized", size=-1),
        Rule("repeat", count=10**12),
        Rule("repeat", count=0),
        Rule("drop", skip=-1),
        Rule("delay", milliseconds=10**15),
        Rule("late", milliseconds=-5),
        Rule("clock", milliseconds=-(10**18)),
        Rule("status", status=99),
        Rule("status", status=101),
        Rule("status", retry_after=-1),
        Rule("status", location="http://x/\r\nSet-Cookie: a"),
        Rule("status", payload="x" * 2_000_000),
        Rule("close", code=0),
        Rule("drop", target="*" * 10_000),
        Rule("drop", probability=float("nan")),
    ],
)
def test_a_fault_is_bounded(rule: Rule):
    with pytest.raises(BadFault, match="must"):
        checked(rule)


async def test_so_many_rules_are_armed_and_no_more():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        rules = [{"kind": "drop"}] * 600
        assert (await client.post("/_emulator/faults", json=rules)).status_code == 200
        assert (await client.post("/_emulator/faults", json=rules)).status_code == 400
        assert len(emulator.faults.frame_rules) == 600


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_that_has_no_body_has_none(status: int):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        emulator.inject(Rule("status", status=status, count=1))
        assert (await client.get("/api/v3/ping")).status_code == status
        assert (await client.get("/api/v3/ping")).status_code == 200


@pytest.mark.parametrize(
    "option",
    [
        {"rate": float("inf")},
        {"rate": float("nan")},
        {"rate": 2_000.0},
        {"rate": -1.0},
        {"symbols": 10**9},
        {"symbols": -1},
        {"lifetime": float("inf")},
        {"lifetime": 0.0},
        {"ping_interval": 0.0},
        {"warm_up_ms": 10**12},
    ],
)
def test_a_setting_is_bounded(option: dict):
    with pytest.raises(UsageError, match=f"{next(iter(option))} must be from"):
        EmulatorOptions(**option)


def test_there_is_as_much_to_do_before_the_first_answer_whatever_the_rate():
    slow, fast = (Emulator("binance", EmulatorOptions(seed=1, rate=rate)) for rate in (20.0, 200.0))
    assert fast.market.warm_up_ms == slow.market.warm_up_ms / 10


async def test_it_answers_at_the_highest_rate():
    async with (
        Emulator("binance", EmulatorOptions(seed=1, rate=200.0)) as emulator,
        rest_client(emulator) as client,
    ):
        for _ in range(5):
            assert (await client.get("/api/v3/ping")).status_code == 200


LONG = "9" * 5_000


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v3/depth?symbol=BTCUSDT&limit={LONG}",
        f"/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={LONG}",
        f"/api/v3/klines?symbol=BTCUSDT&interval=1m&endTime=-{LONG}",
        f"/api/v3/trades?symbol={LONG}",
        f"/api/v3/account?timestamp={LONG}&signature=x",
        f"/usdm/fapi/v1/depth?symbol=BTCUSDT&limit={LONG}",
        f"/usdm/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime={LONG}",
    ],
    ids=lambda path: path.partition(LONG)[0],
)
async def test_a_parameter_of_thousands_of_digits_is_answered(path: str):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        answer = await client.get(path)
        assert 400 <= answer.status_code < 500
        assert {"code", "msg"} == answer.json().keys()
        assert (await client.get(f"/_emulator/state?depth={LONG}")).status_code == 200
        assert (await client.get("/_emulator/state?depth=%C2%B2")).status_code == 200


async def test_a_message_of_thousands_of_digits_is_answered():
    async with still_emulator(rate=0) as emulator:
        for text in (
            f'{{"method":"SUBSCRIBE","params":["btcusdt@depth{LONG}"],"id":{LONG}}}',
            f'{{"method":"SUBSCRIBE","params":["btcusdt@depth{LONG}"],"id":1}}',
            "[" * 100_000,
            '{"method":"SUBSCRIBE","params":{},"id":"\ud800"}',
        ):
            async with stream_client(emulator) as stream:
                await stream.send(text.encode("utf-8", "surrogatepass") if "\ud800" in text else text)
                assert await asyncio.wait_for(stream.recv(), 5)


async def test_whatever_a_request_makes_of_the_venue_it_is_answered(monkeypatch: pytest.MonkeyPatch):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:

        def fail(_request: object) -> None:
            raise ValueError("no idea")

        monkeypatch.setattr(emulator.dialect, "answer", fail)
        answer = await client.get("/api/v3/ping")
        assert (answer.status_code, answer.json()["code"]) == (500, -1000)


async def test_a_head_without_end_is_refused():
    async with still_emulator(rate=0) as emulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
        writer.write(b"GET /" + b"a" * 200_000)
        assert b" 431 " in await asyncio.wait_for(reader.read(1_000), 5)
        writer.close()


async def test_so_many_connections_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 2)
    async with still_emulator(rate=0) as emulator:
        held = [await asyncio.open_connection("127.0.0.1", emulator.port) for _ in range(2)]
        await until(lambda: emulator.connections == 2)
        with pytest.raises(httpx.TransportError):
            async with rest_client(emulator) as client:
                await client.get("/api/v3/ping")
        for _, writer in held:
            writer.close()


async def _shake_hands(emulator: Emulator, *headers: str) -> None:
    """With exactly these headers. Raises `InvalidStatus` at any refusal."""
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    lines = "".join(f"{line}\r\n" for line in headers)
    writer.write(f"GET /ws HTTP/1.1\r\n{lines}{upgrade}{key}\r\n".encode())
    first = (await asyncio.wait_for(reader.readline(), 5)).decode()
    writer.close()
    assert " 101 " not in first
    raise InvalidStatus(_Answer(int(first.split(" ")[1])))  # type: ignore[arg-type]


class _Answer:
    def __init__(self, status: int) -> None:
        self.status_code = status
