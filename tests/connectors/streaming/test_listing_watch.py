"""What listeners hear of their markets' places in the venue's list."""

from typing import Any

from msgspec.structs import replace

from catalog.model import MarketType
from connectors.contracts import Instrument, StreamStatus
from connectors.streaming.feeds import Listener
from connectors.streaming.listing_watch import ListingWatch

TRADING = Instrument("BTCUSDT", "BTC", "USDT", "BTC-USDT", MarketType.SPOT)
BREAK = replace(TRADING, status="BREAK", tradable=False)
HALT = replace(TRADING, status="HALT", tradable=False)
OTHER = Instrument("ETHUSDT", "ETH", "USDT", "ETH-USDT", MarketType.SPOT)


def listening() -> tuple[Listener[Any], list[StreamStatus]]:
    heard: list[StreamStatus] = []
    return Listener(lambda event: None, heard.append), heard


def kinds(heard: list[StreamStatus]) -> list[tuple[str, str | None]]:
    return [(one.kind, one.symbol) for one in heard]


def test_a_market_that_trades_is_not_spoken_of():
    watch, (listener, heard) = ListingWatch(), listening()
    watch.join([TRADING], listener)
    watch.renewed([TRADING, OTHER])
    assert heard == []


def test_whoever_joins_a_stopped_market_is_told_the_venues_word():
    watch = ListingWatch()
    for _ in range(2):
        listener, heard = listening()
        watch.join([BREAK], listener)
        assert kinds(heard) == [("halted", "BTCUSDT")]
        assert "BREAK" in heard[0].reason


def test_every_change_is_told_once():
    watch, (listener, heard) = ListingWatch(), listening()
    watch.join([TRADING], listener)
    for listed in ([BREAK], [BREAK], [HALT], [TRADING], [TRADING], [OTHER], [OTHER], [TRADING]):
        watch.renewed(listed)
    assert [one.kind for one in heard] == ["halted", "halted", "trading", "delisted", "trading"]


def test_who_has_left_hears_nothing():
    watch, (listener, heard) = ListingWatch(), listening()
    leave = watch.join([TRADING], listener)
    leave()
    watch.renewed([])
    assert heard == []
