"""The parts of the rig: leaks told apart, instruments matched and judged, secrets found."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from catalog.model import MarketType
from connectors.conformance.canary import Canary, all_logs
from connectors.conformance.case import CaseFailed
from connectors.conformance.instrument_faults import instrument_faults
from connectors.conformance.leaks import Belongings
from connectors.conformance.pairs import busiest_pairs
from connectors.conformance.rig import local_rig, until, within
from connectors.contracts import Credentials, Instrument
from connectors.emulator.market import Market
from tests.connectors.conformance.subjects import binance_subject


def instrument(symbol: str, venue_symbol: str, base: str, quote: str = "USDT") -> Instrument:
    return Instrument(symbol, base, quote, venue_symbol, MarketType.SPOT, Decimal("0.01"), Decimal("0.1"))


async def test_a_local_venue_that_cannot_be_used_is_told_with_its_reason():
    broken = replace(binance_subject(), venue=None, venue_fault="its module raises ZeroDivisionError")
    with pytest.raises(CaseFailed, match="its module raises ZeroDivisionError"):
        async with local_rig(broken):
            pass


def faults_of(*instruments: Instrument) -> list[str]:
    return list(instrument_faults(instruments, MarketType.SPOT))


async def test_tasks_are_told_apart():
    async def one(made: Belongings) -> asyncio.Task[None]:
        with made.collected():
            inner = asyncio.create_task(asyncio.sleep(60))
            await asyncio.sleep(0)
            return inner

    first, second = Belongings(), Belongings()
    one_task, other_task = await asyncio.gather(one(first), one(second))
    assert first.tasks() == [one_task]
    assert second.tasks() == [other_task]
    for task in (one_task, other_task):
        task.cancel()
    await asyncio.gather(one_task, other_task, return_exceptions=True)
    assert first.tasks() == second.tasks() == []


async def test_what_a_connector_leaves_is_cancelled_with_its_rig():
    async with local_rig(binance_subject()) as rig:
        left = asyncio.create_task(asyncio.Event().wait())
    assert left.cancelled()
    assert not rig.emulator.sockets


async def test_within_and_until_say_what_was_expected():
    with pytest.raises(CaseFailed, match=r"the answer comes within 0\.01 s"):
        await within(0.01, asyncio.Event().wait(), "the answer comes")
    with pytest.raises(CaseFailed, match="the sky falls"):
        await until(lambda: False, 0.01, "the sky falls")
    with pytest.raises(TimeoutError):
        await within(5, _times_out(), "its own timeout is no other's")


async def _times_out() -> None:
    raise TimeoutError


def test_pairs_are_found_by_spelling_or_assets():
    market = Market(seed=1, start=1_790_000_000_000, warm_up_ms=0, live=2)
    listed = [
        instrument("LTCUSDT", "LTCUSDT", "LTC"),
        instrument("COIN1", "#1", "BTC"),
        instrument("ETHUSDT", "eth/usdt", "Ether", "Dollar"),
    ]
    found = busiest_pairs(market, listed)
    assert [(pair.symbol, pair.listing.instrument.symbol) for pair in found] == [
        ("COIN1", "BTCUSDT"),
        ("ETHUSDT", "ETHUSDT"),
    ]
    with pytest.raises(CaseFailed, match="by base and quote asset"):
        busiest_pairs(market, listed[:1])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"symbol": "btcusdt"}, "not in the normal form"),
        ({"symbol": "BTC/USDT"}, "not in the normal form"),
        ({"venue_symbol": ""}, "no way back"),
        ({"base_asset": "USDT"}, "base and quote"),
        ({"tick_size": Decimal(0)}, "tick_size"),
        ({"lot_size": Decimal("NaN")}, "lot_size"),
        ({"min_quantity": 0.5}, "min_quantity"),
        ({"min_price": Decimal(5), "max_price": Decimal(3)}, "above max_price"),
        ({"status": "trading"}, "upper case"),
    ],
)
def test_instrument_faults(change: dict[str, object], fault: str):
    sane = instrument("BTCUSDT", "BTC-USDT", "BTC")
    assert faults_of(sane) == []
    assert any(fault in one for one in faults_of(msgspec.structs.replace(sane, **change)))


def test_an_instrument_list_has_each_once():
    assert faults_of() == ["the list is empty"]
    twice = faults_of(instrument("A", "a", "A"), instrument("A", "b", "A"), instrument("B", "b", "B"))
    assert len(twice) == 2


class Holder:
    __slots__ = ("inner",)

    def __init__(self, inner: object) -> None:
        self.inner = inner


@pytest.mark.parametrize(
    "held",
    [
        "the-planted-value",
        [{"deep": ("the-planted-value",)}],
        {"the-planted-value": 1},
        b"the-planted-value",
        Holder(Holder("x the-planted-value y")),
        "dGhlLXBsYW50ZWQtdmFsdWU=",
    ],
    ids=["text", "items", "key", "bytes", "slots", "base64"],
)
def test_a_secret_is_found(held: object):
    canary = Canary({"it": "the-planted-value"})
    canary.look_through("there", Holder(held))
    assert canary.found


def test_what_is_well_kept_is_not_found():
    canary = Canary({"it": "the-planted-value"})
    kept = Credentials({"apiSecret": "the-planted-value"})
    canary.look_through("there", Holder([kept, kept.hmac_sha256("apiSecret")]))
    assert canary.found == []


async def test_logs_are_heard_of_one_connector_alone():
    log = logging.getLogger("tests.conformance.logs")
    level = log.level
    canary, mine, other = Canary({"it": "the-planted-value"}), Belongings(), Belongings()
    with all_logs(canary, mine) as heard:
        with other.collected():
            log.debug("the-planted-value")
        assert canary.found == []
        with mine.collected():
            log.debug("%s", {"key": "the-planted-value"})
            with contextlib.suppress(ValueError):
                raise ValueError("the-planted-value")
        assert canary.found == ["it in a log record of tests.conformance.logs"] * len(canary.found)
        assert heard.records == 1
    assert log.level == level


def test_of_two_markets_alike_one_is_named_as_the_venue_spells_it():
    one = Instrument("BTCUSDT", "BTC", "USDT", "BTCUSDT", MarketType.SPOT)
    other = Instrument("BTC-USDT", "BTC", "USDT", "BTC-USDT", MarketType.SPOT)
    assert list(instrument_faults([one, other], MarketType.SPOT)) == []
    assert any("not in the normal form" in fault for fault in instrument_faults([other], MarketType.SPOT))
