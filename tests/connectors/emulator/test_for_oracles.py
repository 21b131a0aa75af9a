"""What the emulator offers to whoever holds a connector to its truth: a market that rests, watchers, lost answers."""

import httpx
import pytest

from connectors.emulator.clock import Clock
from connectors.emulator.faults import Rule
from connectors.emulator.testing import pass_time
from tests.connectors.emulator.support import rest_client, still_emulator, stream_client


async def test_a_paused_market_rests_while_time_passes():
    async with still_emulator(rate=50.0) as emulator:
        listing = emulator.market.listings["BTCUSDT"]
        emulator.pause()
        before, trades = listing.book.update_id, len(listing.tape.trades)
        began = emulator.market.now
        pass_time(emulator, 5_000)
        assert (listing.book.update_id, len(listing.tape.trades)) == (before, trades)
        assert emulator.market.now == began + 5_000
        emulator.resume()
        pass_time(emulator, 1_000)
        assert listing.book.update_id > before
        made = [trade.time for trade in listing.tape.trades][trades:]
        assert made
        assert min(made) >= began + 5_000, "nothing is made up for"


async def test_watchers_see_each_change_before_it_is_told():
    async with still_emulator(rate=50.0) as emulator:
        books, trades = [], []
        emulator.market.book_watchers.append(lambda listing: books.append(listing.instrument.symbol))
        emulator.market.trade_watchers.append(
            lambda trade: trades.append((trade.instrument.symbol, trade.id))
        )
        pass_time(emulator, 1_000)
        assert "BTCUSDT" in books
        assert trades
        assert len(trades) == len(set(trades))


async def test_answers_are_watched():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        seen = []
        emulator.answer_watchers.append(lambda request, status: seen.append((request.path, status)))
        emulator.inject(Rule("status", status=302, location="/elsewhere", count=1))
        moved = await client.get("/api/v3/time")
        await client.get("/api/v3/time")
        assert moved.headers["location"] == "/elsewhere"
        assert seen == [("/api/v3/time", 302), ("/api/v3/time", 200)]
        assert emulator.connections == 1


async def test_a_lost_answer_is_of_a_request_that_was_carried_out(monkeypatch: pytest.MonkeyPatch):
    async with still_emulator() as emulator, rest_client(emulator) as client:
        carried_out = []
        answer = emulator.dialect.answer
        monkeypatch.setattr(
            emulator.dialect, "answer", lambda request: carried_out.append(request.path) or answer(request)
        )
        emulator.inject(Rule("lost", count=1, method="GET"))
        emulator.inject(Rule("reset", method="POST"))
        with pytest.raises(httpx.TransportError):
            await client.get("/api/v3/time")
        assert carried_out == ["/api/v3/time"]


async def test_a_deaf_venue_answers_pings_alone():
    async with still_emulator() as emulator, stream_client(emulator) as client:
        emulator.inject(Rule("deaf"))
        await client.send('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}')
        await (await client.ping())
        assert emulator.state(1)["subscriptions"] == {}
        emulator.faults.clear()
        await client.send('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":2}')
        assert '"id":2' in str(await client.recv())


def test_a_clock_starts_where_it_is_told():
    assert 1_000_000 <= Clock(1_000_000).now() < 1_060_000
