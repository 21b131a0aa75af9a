"""The venue's list changes while the connector runs: it learns of it, and says so where it matters."""

import pytest

from connectors.contracts import Instrument, StreamOptions, Trade
from connectors.contracts.errors import BadSymbol, UnknownSymbol
from connectors.emulator.listing_changes import ListingChange
from connectors.emulator.testing import running_emulator
from connectors.venues.binance.endpoints import Call
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance_rig import SPOT, connector_on


@pytest.fixture(autouse=True)
def _doubts_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.rest.venue_client.DOUBTED_AGAIN", 0.05)


async def test_a_stopped_market_is_told_to_its_listeners():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        await connector.watch_trades("BTCUSDT", [])
        for status in ("BREAK", "TRADING"):
            emulator.change_listing(ListingChange("BTCUSDT", status=status))
            await connector.client.load_instruments()
        emulator.change_listing(ListingChange("BTCUSDT", listed=False))
        await connector.client.load_instruments()
        told = [one for one in connector.statuses if one.kind in ("halted", "trading", "delisted")]
        assert [(one.kind, one.symbol) for one in told] == [
            ("halted", "BTCUSDT"),
            ("trading", "BTCUSDT"),
            ("delisted", "BTCUSDT"),
        ]
        assert "BREAK" in told[0].reason


async def test_a_refusal_of_a_symbol_renews_the_list():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        instrument = connector.client.instrument("SOLUSDT")
        emulator.change_listing(ListingChange("SOLUSDT", listed=False))
        emulator.change_listing(ListingChange("龙虾USDT", base="龙虾", quote="USDT"))
        with pytest.raises(UnknownSymbol):
            connector.client.instrument("龙虾USDT")
        with pytest.raises(BadSymbol):
            await connector.client.get(Call("/api/v3/depth"), (("symbol", instrument.venue_symbol),))
        await until(lambda: "龙虾USDT" in connector.client.instruments)
        assert "SOLUSDT" not in connector.client.instruments
        trades: list[Trade] = []
        await connector.watch_trades("龙虾/usdt", trades)
        await until(lambda: trades)
        assert {trade.symbol for trade in trades} == {"龙虾USDT"}


async def test_a_reconnect_renews_the_list():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        await connector.watch_trades("BTCUSDT", [])
        emulator.change_listing(ListingChange("NEWUSDT", base="NEW", quote="USDT"))
        for socket in tuple(emulator.sockets):
            socket.abort()
        await until(lambda: "NEWUSDT" in connector.client.instruments)


async def test_a_book_finer_than_the_tick_renews_the_list():
    async with running_emulator() as emulator:
        emulator.change_listing(ListingChange("DOGEUSDT", tick="0.01"))
        async with connector_on(emulator) as connector:
            coarse = connector.client.instrument("DOGEUSDT").tick_size
            emulator.change_listing(ListingChange("DOGEUSDT", tick="0.00001"))
            await connector.watch_books("DOGEUSDT")
            await connector.synced("DOGEUSDT")
            await until(lambda: connector.client.instrument("DOGEUSDT").tick_size != coarse)


async def test_who_listens_to_the_list_hears_every_renewal_and_costs_none():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        lists: list[list[str]] = []

        def hear(instruments: list[Instrument]) -> None:
            lists.append([one.symbol for one in instruments])

        asked = emulator.requests
        await connector.ws.subscribe_to_instruments(StreamOptions(market_type=SPOT), hear)  # type: ignore[arg-type]
        assert emulator.requests == asked
        emulator.change_listing(ListingChange("NEWUSDT", base="NEW", quote="USDT"))
        await connector.client.load_instruments()
        assert [("NEWUSDT" in one) for one in lists] == [False, True]
