"""A list that ages under the market screen: finer prices, stopped and delisted markets, new listings, any script."""

from decimal import Decimal

from msgspec.structs import replace

from connectors.contracts import BookState, Price, Trade
from connectors.streaming.book import Book
from tests.tui.market.scripted import START, MarketApp, ScriptedManager, instrument
from tui.formatting import Precision, decimals_for
from tui.market_store import MarketStore
from tui.widgets.instrument_picker import InstrumentPicker, choice_row
from tui.widgets.rows import row_text, row_width
from tui.widgets.rows_widget import RowsWidget
from tui.widgets.status_rows import Where, title_row
from tui.widgets.symbol_match import candidates, search

COARSE = instrument("DOGEUSDT", "0.01", "1")
FINE_BIDS = [(0.1234, 10.0), (0.1233, 20.0), (0.1199, 5.0)]
FINE_ASKS = [(0.1236, 7.0), (0.1237, 8.0)]


def text_of(app: MarketApp, pane: str) -> str:
    widget = app.market.query_one(f"#{pane}", RowsWidget)
    return "\n".join(map(row_text, widget.build(widget.size.width, widget.size.height)))


def test_digits_are_those_that_came():
    assert [decimals_for(value, 2) for value in (0.12, 0.1234, 65000.01, 1e-8, 123456789.5)] == [
        2,
        4,
        2,
        8,
        2,
    ]
    assert decimals_for(0.1 + 0.2, 2) == 2
    fitted = Precision.of(COARSE).fitted(0.1234)
    assert (fitted.price_text(0.1234), fitted.price(fitted.ticks(0.1234))) == ("0.1234", "0.1234")
    assert Precision.of(instrument(tick="0.05")).fitted(0.03).price_text(0.03) == "0.03"


def test_a_trade_finer_than_the_tick_refines_what_is_shown():
    store = MarketStore(instrument=COARSE)
    store.on_trade(Trade("DOGEUSDT", 0.12, 10.0, START, "buy", "1"))
    assert store.finer is None
    store.on_trade(Trade("DOGEUSDT", 0.1234, 10.0, START, "buy", "2"))
    assert store.precision.price_text(0.1234) == "0.1234"
    assert store.renew(replace(COARSE, tick_size=Decimal("0.0001")))
    assert store.finer is None
    assert store.precision.price_text(0.1234) == "0.1234"


async def test_levels_finer_than_the_tick_are_not_merged_and_the_list_is_asked_for():
    manager = ScriptedManager(COARSE)
    asked: list[str] = []

    async def renewed() -> list[object]:
        asked.append("list")
        manager.connector.instruments = {"DOGEUSDT": replace(COARSE, tick_size=Decimal("0.0001"))}
        return []

    manager.connector.get_instruments_info = renewed  # type: ignore[attr-defined]
    app = MarketApp(manager, "DOGEUSDT")
    async with app.run_test(size=(140, 40)) as pilot:
        book = Book("DOGEUSDT")
        book.replace(FINE_BIDS, FINE_ASKS)
        book.set_state(BookState.SYNCED)
        while not manager.streams.of("book"):
            await pilot.pause()
        manager.streams.push("book", book)
        app.market.frame()
        shown = text_of(app, "ladder")
        for price in ("0.1234", "0.1233", "0.1199", "0.1236", "0.1237"):
            assert price in shown
        assert "spread 0.0002" in shown
        app.market.feed.poll()
        while not asked:
            await pilot.pause()
        app.market.feed.poll()
        assert app.market.store.instrument is not None
        assert app.market.store.instrument.tick_size == Decimal("0.0001")


async def test_a_stopped_market_says_so_everywhere():
    manager = ScriptedManager(instrument())
    app = MarketApp(manager)
    async with app.run_test(size=(140, 40)) as pilot:
        while not manager.streams.of("book"):
            await pilot.pause()
        manager.fill()
        for listed, word in (
            ({"BTCUSDT": instrument(status="BREAK", tradable=False)}, "BREAK"),
            ({}, "DELISTED"),
        ):
            manager.connector.instruments = listed
            app.market.feed.poll()
            for pane in ("title", "status", "chart", "ladder", "tape"):
                assert word in text_of(app, pane), pane
            assert "SYNCED ✓" not in text_of(app, "ladder")
        manager.connector.instruments = {"BTCUSDT": instrument()}
        app.market.feed.poll()
        assert all("DELISTED" not in text_of(app, pane) for pane in ("title", "status", "ladder"))


async def test_the_picker_offers_what_is_listed_meanwhile():
    manager = ScriptedManager(instrument())
    app = MarketApp(manager)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("s")
        picker = app.screen
        while not isinstance(picker, InstrumentPicker):
            await pilot.pause()
            picker = app.screen
        await pilot.press(*"new")
        assert not picker.list.choices
        manager.connector.instruments = {one.symbol: one for one in (instrument(), instrument("NEWUSDT"))}
        picker.look()
        assert [one.instrument.symbol for one in picker.list.choices] == ["NEWUSDT"]


def test_a_chinese_name_is_found_and_keeps_the_columns():
    listed = [instrument("龙虾USDT"), instrument("币安人生USDT"), instrument()]
    offered = candidates(listed)
    for typed in ("龙虾", "龙虾usdt", "龙虾/USDT", "龙虾-usdt"):
        assert [one.instrument.symbol for one in search(typed, offered)][:1] == ["龙虾USDT"]
    price = Price("x", 1.0, START, open_24h=1.0)
    rows = [choice_row(one, price, 70, chosen=False, recent=False) for one in offered]
    assert {row_width(row) for row in rows} == {70}
    starts = {row_width(row[:3]) for row in rows}
    assert len(starts) == 1


def test_a_wide_name_leaves_the_title_in_its_place():
    store = MarketStore(instrument=instrument("币安人生USDT"))
    store.on_price(Price("币安人生USDT", 1.0, START, open_24h=1.0, high_24h=2.0, low_24h=0.5, volume_24h=5.0))
    for width in range(20, 160):
        assert row_width(title_row(store, Where("binance", "spot", "local"), width)) == width


def test_two_markets_alike_are_both_offered():
    apart = [replace(instrument("BTCUSDT"), symbol="BTC-USDT", venue_symbol="BTC-USDT"), instrument()]
    found = search("BTC-USDT", candidates(apart))
    assert [one.instrument.symbol for one in found] == ["BTC-USDT", "BTCUSDT"]
    found = search("btcusdt", candidates(apart), {"BTCUSDT": 0})
    assert found[0].instrument.symbol == "BTCUSDT"
