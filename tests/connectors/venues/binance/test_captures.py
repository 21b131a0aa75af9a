"""Every frame of the real captures decodes, and says what plain JSON says."""

import json
from collections import Counter
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.contracts import Candle, OrderBookUpdate, Price, Trade
from connectors.venues.binance.decode import (
    decode_candle,
    decode_depth,
    decode_price,
    decode_trade,
    decoder,
)
from connectors.venues.binance.instruments import decode_exchange_info, instruments_of
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.wire import DepthSnapshot
from tests.connectors.venues.binance.frames import captured


def check_depth(update: OrderBookUpdate, plain: dict[str, Any]) -> None:
    assert update.symbol == plain["s"]
    assert update.bids == [(float(price), float(size)) for price, size in plain["b"]]
    assert update.asks == [(float(price), float(size)) for price, size in plain["a"]]
    assert (update.first_sequence, update.last_sequence) == (plain["U"], plain["u"])
    assert update.previous_sequence == plain.get("pu")
    assert update.timestamp == plain.get("T", plain["E"])
    assert not update.is_snapshot


def check_trade(trade: Trade, plain: dict[str, Any]) -> None:
    side = "sell" if plain["m"] else "buy"
    expected = Trade(plain["s"], float(plain["p"]), float(plain["q"]), plain["T"], side, str(plain["a"]))
    assert trade == expected


def check_candle(candle: Candle, plain: dict[str, Any]) -> None:
    row = plain["k"]
    expected = Candle(row["s"], row["i"], row["t"], *(float(row[name]) for name in "ohlcv"), closed=row["x"])
    assert candle == expected


def check_price(price: Price | None, plain: dict[str, Any]) -> None:
    assert price is not None
    assert (price.symbol, price.bid, price.ask) == (plain["s"], float(plain["b"]), float(plain["a"]))
    assert float(plain["b"]) < price.price < float(plain["a"])
    assert price.timestamp == plain.get("E", 0)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("binance-spot-2021", {"depth": 177, "bookTicker": 84, "aggTrade": 2, "kline_1m": 2}),
        ("binance-futures-2021", {"depth": 764, "bookTicker": 613, "aggTrade": 91, "kline_1m": 67}),
    ],
)
def test_every_frame(name: str, counts: dict[str, int]) -> None:
    seen: Counter[str] = Counter()
    for event in captured(name):
        if event["kind"] != "recv":
            continue
        plain = json.loads(event["data"])
        frame = event["data"].encode()
        kind = plain["stream"].split("@")[1]
        seen[kind] += 1
        match kind:
            case "depth":
                check_depth(decode_depth(frame), plain["data"])
            case "aggTrade":
                check_trade(decode_trade(frame), plain["data"])
            case "kline_1m":
                check_candle(decode_candle(frame, "1m"), plain["data"])
            case _:
                check_price(decode_price(frame), plain["data"])
    assert seen == counts


@pytest.mark.parametrize(
    ("name", "market", "count", "tick"),
    [
        ("binance-spot-2021", MarketType.SPOT, 1695, "0.00000100"),
        ("binance-futures-2021", MarketType.FUTURES, 122, "0.01"),
    ],
)
def test_instruments_and_snapshots(name: str, market: MarketType, count: int, tick: str) -> None:
    snapshot = decoder(DepthSnapshot)
    snapshots = 0
    for event in captured(name):
        if event["kind"] != "http":
            continue
        if "exchangeInfo" in event["url"]:
            instruments = instruments_of(decode_exchange_info(event["data"].encode()), market)
            assert len(instruments) == count
            assert str(instruments[0].tick_size) == tick
            assert {instrument.market_type for instrument in instruments} == {market}
        else:
            snapshots += 1
            plain = json.loads(event["data"])
            book = snapshot(event["data"].encode())
            assert book.last_update_id == plain["lastUpdateId"]
            assert book.bids == [(float(price), float(size)) for price, size in plain["bids"]]
    assert snapshots == 4


def test_every_pu_names_the_u_before() -> None:
    """By the decoder that live books use, and equal to the adapters' own."""
    last: dict[str, int] = {}
    links = 0
    for event in captured("binance-futures-2021"):
        if event["kind"] != "recv" or "@depth" not in event["data"][:60]:
            continue
        frame = event["data"].encode()
        change, update = STREAMS[MarketType.FUTURES].depth(frame).data, decode_depth(frame)
        symbol = update.symbol
        if symbol in last:
            assert change.previous_sequence == last[symbol]
            links += 1
        last[symbol] = change.last_sequence or 0
        assert (change.bids, change.asks, change.timestamp) == (update.bids, update.asks, update.timestamp)
        assert (change.first_sequence, change.last_sequence, change.previous_sequence) == (
            update.first_sequence,
            update.last_sequence,
            update.previous_sequence,
        )
    assert links == 760
