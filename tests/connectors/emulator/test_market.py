"""The simulated market follows from its seed alone, and looks like one."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.emulator.instruments import LIVE_INSTRUMENTS, padding_instruments, starting_price
from connectors.emulator.market import Market
from tests.connectors.emulator.support import START

RUN = 3_000


def picture(market: Market) -> list[object]:
    """All that a client could see."""
    return [
        (
            symbol,
            listing.book.update_id,
            listing.book.bids.top(500),
            listing.book.asks.top(500),
            [(trade.id, trade.price, trade.quantity, trade.time) for trade in listing.tape.trades],
        )
        for symbol, listing in market.listings.items()
    ]


@pytest.fixture(scope="module")
def run_at_once() -> Market:
    market = Market(seed=5, start=START)
    market.step(START + RUN)
    return market


@given(st.lists(st.integers(1, RUN), max_size=12))
@settings(max_examples=3, deadline=None)
def test_the_same_seed_gives_the_same_market_however_it_is_stepped(run_at_once: Market, stops: list[int]):
    market = Market(seed=5, start=START)
    for stop in sorted(stops):
        market.step(START + stop)
    market.step(START + RUN)
    assert picture(market) == picture(run_at_once)


def test_another_seed_gives_another_market(run_at_once: Market):
    other = Market(seed=6, start=START)
    other.step(START + RUN)
    assert picture(other) != picture(run_at_once)


def test_books_are_deep_and_uncrossed_and_trades_lie_within_their_time(run_at_once: Market):
    for listing in run_at_once.listings.values():
        assert len(listing.book.bids.prices) >= 100
        assert len(listing.book.asks.prices) >= 100
        bid, ask = listing.book.bids.best, listing.book.asks.best
        assert bid is not None
        assert ask is not None
        assert bid < ask
        times = [trade.time for trade in listing.tape.trades]
        assert times == sorted(times)
        assert all(time <= START + RUN for time in times)
        identifiers = [trade.id for trade in listing.tape.trades]
        assert all(after == before + 1 for before, after in itertools.pairwise(identifiers))


def test_prices_move_and_the_busiest_pair_trades_several_times_a_second():
    market = Market(seed=3, start=START)
    tape = market.listings["BTCUSDT"].tape
    before = len(tape.trades)
    market.step(START + 20_000)
    fresh = list(tape.trades)[before:]
    assert len(fresh) > 40
    assert len({trade.price for trade in fresh}) > 20


def test_pairs_of_the_same_assets_agree(run_at_once: Market):
    """ETHBTC is worth ETHUSDT over BTCUSDT, as arbitrage would have it."""

    def middle(symbol: str) -> float:
        listing = run_at_once.listings[symbol]
        best = (listing.book.bids.best or 0) + (listing.book.asks.best or 0)
        return best / 2 * float(listing.instrument.tick)

    assert middle("ETHBTC") == pytest.approx(middle("ETHUSDT") / middle("BTCUSDT"), rel=0.002)


def test_thousands_of_quiet_pairs_are_listed_and_come_to_life_when_asked_for():
    market = Market(seed=1, start=START, symbols=3_000)
    assert len(market.listings) == 3_000
    quiet = next(listing for listing in market.listings.values() if not listing.active)
    assert not quiet.book.bids.prices
    market.activate(quiet.instrument.symbol)
    assert len(quiet.book.bids.prices) >= 100


def test_a_rate_of_nought_freezes_the_market():
    market = Market(seed=1, start=START, rate=0)
    before = picture(market)
    market.step(START + 60_000)
    assert picture(market) == before


def test_instruments_are_distinct_and_priced_well_above_their_tick():
    instruments = [*LIVE_INSTRUMENTS, *padding_instruments(2_500)]
    assert len({instrument.symbol for instrument in instruments}) == len(instruments)
    for instrument in instruments:
        price = starting_price(instrument.base) / starting_price(instrument.quote)
        assert price > 400 * float(instrument.tick), instrument.symbol


def test_books_are_as_deep_as_asked_for():
    market = Market(seed=5, start=START, live=1, levels=3_000, warm_up_ms=500)
    book = market.listings["BTCUSDT"].book
    assert min(len(book.bids.prices), len(book.asks.prices)) > 2_500


def test_the_price_goes_where_it_is_shifted():
    market = Market(seed=5, start=START, live=1, warm_up_ms=500)
    listing = market.listings["BTCUSDT"]
    before = market.fair(listing)
    market.shift("BTCUSDT", -1_500)
    assert market.fair(listing) == pytest.approx(before - 1_500)
    market.step(START + 2_000)
    best = listing.book.bids.best
    assert best is not None
    assert before - 2_500 < best < before - 800
