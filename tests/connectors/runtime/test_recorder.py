"""The recorder: everything that went over the wires, in order, and no secret."""

import asyncio
import gzip
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts import OrderBookOptions, StreamOptions
from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.testing import running_emulator
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.recorder import Recorder, without_secrets
from connectors.runtime.vault import CredentialVault
from connectors.streaming.recording import RecordingWriter, part_path
from connectors.streaming.recording_reader import RecordingReader

SPOT = MarketType.SPOT


@asynccontextmanager
async def manager():
    made = ExchangeManager(Catalog.load(), CredentialVault())
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
async def test_a_signed_session_is_recorded_without_its_secrets(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    recorder = Recorder(RecordingWriter(path, "binance", "spot", 0, redact=without_secrets))
    async with running_emulator(rate=20.0) as emulator, manager() as exchanges:
        await exchanges.activate(
            "binance",
            [SPOT],
            environment="local",
            credentials={"apiKey": TRADE_KEY, "apiSecret": TRADE_SECRET},
            endpoints=emulator.endpoints,
            tap=recorder,
        )
        bundle = exchanges.bundle("binance", SPOT)
        account = await bundle.account_api.get_account_info()
        assert account.permissions
        await bundle.ws.subscribe_to_account(StreamOptions(market_type=SPOT), lambda update: None)
        synced = asyncio.Event()
        await bundle.ws.subscribe_to_order_book(
            OrderBookOptions(market_type=SPOT, instruments=[bundle.client.instrument("BTCUSDT")]),
            lambda book: synced.set() if book.state == "SYNCED" else None,
        )
        await synced.wait()
    recorder.close()
    assert recorder.failure is None
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    assert TRADE_KEY not in text
    assert TRADE_SECRET not in text
    assert "signature=" not in text
    assert "x-mbx-apikey" not in text.lower()
    events = list(RecordingReader(path))
    assert len(events) == recorder.events
    assert [event.ts_ns for event in events] == sorted(event.ts_ns for event in events)
    sign_in = [
        event.data for event in events if event.kind == "sent" and "userDataStream" in (event.data or "")
    ]
    assert len(sign_in) == 1
    assert all(f'"{field}": "***"' in (sign_in[0] or "") for field in ("apiKey", "signature", "timestamp"))
    paths = {(event.url or "").partition("/api")[2] for event in events if event.kind == "http"}
    assert "/v3/account?omitZeroBalances=true" in paths or any(one.startswith("/v3/account") for one in paths)
    assert not [one for one in paths if "timestamp" in one or "signature" in one]
    kinds = {event.kind for event in events}
    assert kinds == {"open", "sent", "recv", "http", "close"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"baseAsset":"TOKEN","quoteAsset":"USDT"}', '{"baseAsset":"TOKEN","quoteAsset":"USDT"}'),
        ('{"op":"login","args":[{"apiKey":"k","passphrase":"p \\" q","sign":"s"}]}', None),
        ('{"result":{"access_token":"tok","refresh_token" : "ref"}}', None),
        ('{"listenKey":"tok"}', '{"listenKey":"***"}'),
        ("https://v/a?symbol=A&signature=tok&limit=5", "https://v/a?symbol=A&signature=***&limit=5"),
        ("wss://v/ws?listenKey=tok", "wss://v/ws?listenKey=***"),
    ],
)
def test_only_what_is_named_like_a_secret_goes(text: str, kept: str | None) -> None:
    shown = without_secrets(text)
    if kept is not None:
        assert shown == kept
    for secret in ('"k"', "tok", '"ref"', "p \\"):
        assert secret not in shown.replace("token", "")


def test_times_never_go_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    times = iter([5, 9, 3, 12])
    recorder = Recorder(RecordingWriter(path, "t", "spot", 0), clock_ns=lambda: next(times))
    for number in range(4):
        recorder.stream("recv", "1", None, b"%d" % number)
    recorder.close()
    assert [event.ts_ns for event in RecordingReader(path)] == [5, 9, 9, 12]


def test_it_ends_itself_after_so_many_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    ended: list[int] = []
    recorder = Recorder(
        RecordingWriter(path, "t", "spot", 0), max_frames=2, on_end=lambda: ended.append(recorder.frames)
    )
    recorder.stream("open", "1", "wss://v", None)
    recorder.http("GET", "https://v/a", 200, b"{}")
    for _ in range(5):
        recorder.stream("recv", "1", None, b"x")
    recorder.close()
    assert ended == [2]
    assert [event.kind for event in RecordingReader(path)] == ["open", "http", "recv", "recv"]


def test_a_file_that_cannot_be_written_ends_the_recording_and_not_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    ended: list[bool] = []
    recorder = Recorder(
        RecordingWriter(path, "t", "spot", 0, max_bytes=4096), on_end=lambda: ended.append(True)
    )
    part_path(path, 2).mkdir()
    for _ in range(200):
        recorder.stream("recv", "1", None, b"x" * 100)
    recorder.http("GET", "https://v/a", 200, b"{}")
    assert ended == [True]
    assert recorder.failure == "File exists"
    part_path(path, 2).rmdir()
    assert len(list(RecordingReader(path))) > 20


def test_an_error_is_kept_with_its_status(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recorder = Recorder(RecordingWriter(path, "t", "spot", 0))
    recorder.http("GET", "https://v/a", 200, b"{}")
    recorder.http("GET", "https://v/a", 429, b"slow")
    recorder.close()
    assert [(event.status, event.data) for event in RecordingReader(path)] == [(None, "{}"), (429, "slow")]
