"""The stream protocol over real sockets: subscriptions, envelopes, limits, ends."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import pass_time, running_emulator
from tests.connectors.emulator.support import ask, receive, still_emulator, stream_client, until

TICK = 100


async def first(client: Any, emulator: Emulator, milliseconds: int = 5_000) -> Any:
    """The first event after some time has passed."""
    pass_time(emulator, milliseconds)
    return await receive(client)


SHAPES = {
    "btcusdt@trade": "e E s t p q T m M",
    "btcusdt@aggTrade": "e E s a p q f l T m M",
    "btcusdt@kline_1m": "e E s k",
    "btcusdt@kline_1s": "e E s k",
    "btcusdt@ticker": "e E s p P w x c Q b B a A o h l v q O C F L n",
    "btcusdt@ticker_1h": "e E s p P w c o h l v q O C F L n",
    "btcusdt@miniTicker": "e E s c o h l v q",
    "btcusdt@bookTicker": "u s b B a A",
    "btcusdt@depth": "e E s U u b a",
    "btcusdt@depth@100ms": "e E s U u b a",
    "btcusdt@depth5": "lastUpdateId bids asks",
    "btcusdt@depth20@100ms": "lastUpdateId bids asks",
    "btcusdt@avgPrice": "e E s i w T",
}


async def test_every_stream_has_the_venues_shape_in_the_combined_envelope():
    async with still_emulator() as emulator:
        async with stream_client(emulator, "/stream?streams=" + "/".join(SHAPES)) as client:
            await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
            pass_time(emulator, 5_000)
            seen: dict[str, dict[str, Any]] = {}
            while len(seen) < len(SHAPES):
                frame = await receive(client)
                assert frame.keys() == {"stream", "data"}
                seen[frame["stream"]] = frame["data"]
        assert {name: " ".join(data) for name, data in seen.items()} == SHAPES
        kline = seen["btcusdt@kline_1m"]["k"]
        assert " ".join(kline) == "t T s i f L o c h l v n x q V Q B"
        assert len(seen["btcusdt@depth5"]["bids"]) == 5
        assert len(seen["btcusdt@depth20@100ms"]["asks"]) == 20


async def test_the_arrays_of_all_tickers():
    async with still_emulator() as emulator:
        async with stream_client(emulator, "/stream?streams=!miniTicker@arr/!ticker_1h@arr") as client:
            await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
            pass_time(emulator, 1_000)
            frames = [await receive(client), await receive(client)]
        assert {frame["stream"]: frame["data"][0]["e"] for frame in frames} == {
            "!miniTicker@arr": "24hrMiniTicker",
            "!ticker_1h@arr": "1hTicker",
        }


async def test_a_raw_path_gives_bare_events_and_properties_switch_the_envelope():
    async with still_emulator() as emulator, stream_client(emulator, "/ws/btcusdt@trade") as client:
        assert await ask(client, method="GET_PROPERTY", params=["combined"], id=1) == {
            "result": False,
            "id": 1,
        }
        assert (await first(client, emulator))["e"] == "trade"
        assert await ask(client, method="SET_PROPERTY", params=["combined", True], id=2) == {
            "result": None,
            "id": 2,
        }
        frame = await first(client, emulator)
        while "stream" not in frame:
            frame = await receive(client)
        assert frame["stream"] == "btcusdt@trade"


async def test_subscribing_listing_and_unsubscribing():
    async with still_emulator() as emulator, stream_client(emulator) as client:
        names = ["btcusdt@trade", "ethusdt@depth@100ms"]
        assert await ask(client, method="SUBSCRIBE", params=names, id="one") == {"result": None, "id": "one"}
        assert await ask(client, method="LIST_SUBSCRIPTIONS", id=2) == {"result": names, "id": 2}
        assert await ask(client, method="UNSUBSCRIBE", params=["btcusdt@trade"], id=3) == {
            "result": None,
            "id": 3,
        }
        pass_time(emulator, 3_000)
        assert await ask(client, method="LIST_SUBSCRIPTIONS", id=4) == {"result": names[1:], "id": 4}
        assert (await first(client, emulator))["e"] == "depthUpdate"


BAD_MESSAGES = {
    "{": 3,
    "[]": 2,
    '{"id":1}': 2,
    '{"method":"SUBSCRIBED","params":["btcusdt@trade"],"id":1}': 2,
    '{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}': 2,
    '{"method":"SUBSCRIBE","params":[1],"id":1}': 2,
    '{"method":"SUBSCRIBE","params":[],"id":[1]}': 2,
    '{"method":"SET_PROPERTY","params":["combine",true],"id":1}': 0,
    '{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}': 1,
    '{"method":"SET_PROPERTY","params":["combined"],"id":1}': 2,
}


async def test_a_bad_control_message_is_answered_with_an_error_frame():
    async with still_emulator(rate=0) as emulator:
        for message, code in BAD_MESSAGES.items():
            async with stream_client(emulator) as client:
                await client.send(message)
                answer = await receive(client)
                assert (answer["code"], bool(answer["msg"])) == (code, True), message
                listed = await ask(client, method="LIST_SUBSCRIPTIONS", id=7)
                assert listed == {"result": [], "id": 7}, message


async def test_unknown_streams_and_the_retired_one_are_accepted_and_stay_silent():
    async with still_emulator() as emulator, stream_client(emulator) as client:
        names = ["nosuch@trade", "btcusdt@nosuch", "!ticker@arr", "BTCUSDT@trade", "0"]
        assert await ask(client, method="SUBSCRIBE", params=names, id=1) == {"result": None, "id": 1}
        pass_time(emulator, 3_000)
        await client.send('{"method":"LIST_SUBSCRIPTIONS","id":2}')
        assert await receive(client) == {"result": names, "id": 2}


async def test_a_sixth_message_in_a_second_ends_the_connection():
    async with still_emulator(rate=0) as emulator, stream_client(emulator) as client:
        for number in range(6):
            await client.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        answered = [await receive(client) for _ in range(5)]
        assert [answer["id"] for answer in answered] == [0, 1, 2, 3, 4]
        with pytest.raises(ConnectionClosed) as closed:
            await receive(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        await until(lambda: not emulator.sockets)


async def test_more_than_1024_streams_end_the_connection():
    async with still_emulator(rate=0) as emulator, stream_client(emulator) as client:
        names = [f"s{number}@trade" for number in range(1_024)]
        assert (await ask(client, method="SUBSCRIBE", params=names, id=1))["result"] is None
        await client.send(json.dumps({"method": "SUBSCRIBE", "params": ["one@trade"], "id": 2}))
        with pytest.raises(ConnectionClosed) as closed:
            await receive(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


async def test_a_candle_says_its_last_word_when_it_closes():
    async with still_emulator() as emulator, stream_client(emulator, "/ws/btcusdt@kline_1m") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        minute = 60_000
        pass_time(emulator, minute - emulator.clock.now() % minute + 2_000)
        frames = []
        while not frames or not frames[-1]["k"]["x"]:
            frames.append(await receive(client))
        closed = frames[-1]["k"]
        after = (await receive(client))["k"]
        assert (after["t"], after["x"]) == (closed["T"] + 1, False)
        assert sum(frame["k"]["x"] for frame in frames) == 1
        bar = emulator.market.listings["BTCUSDT"].history.bar(
            closed["t"], closed["T"] + 1, emulator.market.now
        )
        instrument = emulator.market.listings["BTCUSDT"].instrument
        assert (closed["o"], closed["c"]) == (
            instrument.price_text(bar.open),
            instrument.price_text(bar.close),
        )
        assert (closed["n"], closed["v"]) == (bar.trades, instrument.quantity_text(bar.volume))
        assert closed["L"] - closed["f"] + 1 == closed["n"]


async def test_a_payload_is_the_same_for_every_listener():
    async with (
        still_emulator() as emulator,
        stream_client(emulator, "/ws/btcusdt@trade") as one,
        stream_client(emulator, "/ws/btcusdt@trade") as two,
    ):
        await until(lambda: len(emulator.sockets) == 2)
        await asyncio.gather(*(ask(client, method="LIST_SUBSCRIPTIONS", id=1) for client in (one, two)))
        assert await first(one, emulator) == await receive(two)


async def test_a_wrong_path_is_not_found():
    async with still_emulator(rate=0) as emulator:
        with pytest.raises(InvalidStatus) as refused:
            async with stream_client(emulator, "/wss"):
                pass
        assert refused.value.response.status_code == 404


async def test_the_server_pings_and_cuts_off_who_does_not_answer():
    emulating = running_emulator(rate=0, ping_interval=0.05, pong_timeout=0.2)
    async with emulating as emulator, stream_client(emulator, ping_interval=None) as client:
        socket = next(iter(emulator.sockets))
        await until(lambda: socket.last_pong > socket.opened)
        client.transport.pause_reading()
        await until(lambda: not emulator.sockets)


@pytest.mark.parametrize(
    ("path", "combined"), [("/ws/btcusdt@trade", False), ("/stream?streams=btcusdt@trade", True)]
)
async def test_the_end_of_its_lifetime_is_announced_and_then_closed(path: str, combined: bool):
    async with running_emulator(rate=0, lifetime=0.1) as emulator, stream_client(emulator, path) as client:
        notice = await receive(client)
        event = notice["data"] if combined else notice
        assert event.keys() == {"e", "E"}
        assert event["e"] == "serverShutdown"
        assert notice.get("stream") == ("!serverShutdown" if combined else None)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001


async def test_stopping_tells_every_client_and_leaves_nothing_open():
    async with running_emulator(rate=0) as emulator, stream_client(emulator) as client:
        await until(lambda: len(emulator.sockets) == 1)
        await emulator.stop()
        assert (await receive(client))["e"] == "serverShutdown"
        with pytest.raises(ConnectionClosed):
            await receive(client)
    assert not emulator.sockets


async def test_a_stream_nobody_listens_to_any_more_costs_nothing():
    async with still_emulator() as emulator:
        book = emulator.market.listings["BTCUSDT"].book
        async with stream_client(emulator, "/ws/btcusdt@depth@100ms"):
            await until(lambda: len(book.trackers) == 1)
        await until(lambda: not book.trackers)
