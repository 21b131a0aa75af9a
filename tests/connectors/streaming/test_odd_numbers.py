"""Numbers that JSON has not are numbers all the same; what is no number is refused as ever."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import field

from connectors.contracts.errors import BadFrame
from connectors.streaming.decoding import Amount, Levels, PositivePrice, decoder, each_row
from connectors.streaming.odd_numbers import plain_number


class Row(msgspec.Struct, array_like=True):
    time: int
    price: PositivePrice


class Ticker(msgspec.Struct, tag_field="e", tag="ticker"):
    price: PositivePrice = field(name="p")
    note: str = ""


class Trade(msgspec.Struct, tag_field="e", tag="trade"):
    quantity: Amount = field(name="q")
    id: str = ""


class Frame(msgspec.Struct):
    bids: Levels
    rows: list[Row] = field(default_factory=list[Row])
    one: Ticker | Trade | None = None
    last: Amount | None = None
    named: dict[str, Amount] = field(default_factory=dict[str, Amount])
    raw: msgspec.Raw = field(default_factory=msgspec.Raw)
    name: str = ""


decode = decoder(Frame)


def frame(**fields: object) -> bytes:
    return json.dumps({"bids": [], **fields}).encode()


@pytest.mark.parametrize(
    ("text", "number"),
    [(".5", 0.5), ("5.", 5.0), ("+1", 1.0), ("+.5", 0.5), ("007", 7.0), ("5.e2", 500.0), (".5E-1", 0.05)],
)
def test_any_decimal_notation_is_a_number_wherever_one_is_due(text: str, number: float) -> None:
    assert decode(frame(bids=[["1.0", "2"], [text, text]])).bids == [(1.0, 2.0), (number, number)]
    assert decode(frame(rows=[[1, text, "more"]])).rows == [Row(1, number)]
    assert decode(frame(one={"e": "ticker", "p": text})).one == Ticker(number)
    assert decode(frame(one={"e": "trade", "q": text})).one == Trade(number)
    assert decode(frame(last=text)).last == number
    assert decode(frame(named={text: text})).named == {text: number}


def test_what_is_no_number_is_left_as_it_is() -> None:
    got = decode(
        frame(bids=[[".5", "1"]], name="007.", one={"e": "trade", "q": "1.", "id": "+1"}, raw={"x": ".5"})
    )
    assert (got.name, got.one) == ("007.", Trade(1.0, "+1"))
    assert bytes(got.raw) == b'{"x":".5"}'


@pytest.mark.parametrize(
    "text", ["", ".", "+", "-", "+.", "1,5", "0x1", "1_0", " .5", "--1", "nan", "+inf", "1.2.3", "١"]
)
def test_what_only_looks_like_one_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(frame(bids=[[".5", "1"], [text, "1"]]))


def test_bounds_hold_for_odd_numbers_too() -> None:
    for text in ("-.5", "+0", "1.e18", "00"):
        with pytest.raises(msgspec.ValidationError):
            decode(frame(bids=[[text, "1"]]))


@given(st.text(alphabet="0123456789+-.eE", max_size=12))
def test_a_number_is_spelt_anew_without_being_changed(text: str) -> None:
    try:
        number = float(text)
    except ValueError:
        return
    assert float(plain_number(text)) == number


def test_a_row_that_cannot_be_right_costs_itself_alone() -> None:
    read = decoder(Ticker)
    rows = [{"e": "ticker", "p": "1"}, {"e": "ticker", "p": "x"}, {"e": "ticker", "p": ".5"}]
    assert each_row(json.dumps(rows).encode(), read) == [Ticker(1.0), Ticker(0.5)]
    assert each_row(b"[]", read) == []
    for bad in (b"{}", b"[", b'[{"e": "ticker", "p": "x"}]'):
        with pytest.raises(BadFrame):
            each_row(bad, read)
