"""Symbols, channels and intervals, and the way back from each."""

import frames
import pytest
from barfinex_exchange_bitstamp.instruments import decode_markets
from barfinex_exchange_bitstamp.stream_names import name_of, topic_of
from barfinex_exchange_bitstamp.symbols import SYMBOLS
from barfinex_exchange_bitstamp.timeframes import STEPS, convert_time_frame

from connectors.contracts.errors import NotSupported, UnsupportedTimeFrame
from connectors.contracts.timeframes import TimeFrame
from connectors.toolkit import StreamKind, Topic


def test_both_spellings_of_a_pair_are_one_symbol_and_the_way_back_is_kept():
    for instrument in decode_markets(frames.MARKETS):
        assert SYMBOLS[instrument.venue_symbol] == instrument.symbol
        assert SYMBOLS[f"{instrument.base_asset}/{instrument.quote_asset}"] == instrument.symbol
        for kind in (StreamKind.TRADES, StreamKind.BOOKS):
            topic = Topic(kind, instrument.venue_symbol)
            assert topic_of(name_of(topic)) == topic


@pytest.mark.parametrize("kind", [StreamKind.CANDLES, StreamKind.PRICES])
def test_what_the_venue_does_not_stream_has_no_channel(kind: StreamKind):
    with pytest.raises(NotSupported):
        name_of(Topic(kind, "btcusd"))


@pytest.mark.parametrize("name", ["", "live_trades_", "live_orders_btcusd", "diff_order_book_btcusd"])
def test_other_channels_are_not_known(name: str):
    assert topic_of(name) is None


def test_an_interval_is_converted_exactly_or_refused():
    for frame in TimeFrame:
        if frame in STEPS:
            assert convert_time_frame(frame) * 1_000 == frame.milliseconds
        else:
            with pytest.raises(UnsupportedTimeFrame, match=frame.value):
                convert_time_frame(frame)
    assert set(TimeFrame) - set(STEPS) == {TimeFrame.S1, TimeFrame.H8, TimeFrame.W1, TimeFrame.MN1}
