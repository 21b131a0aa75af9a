"""Cleaning of text from outside."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.text import MESSAGE_LIMIT, MESSAGE_LINES, NAME_LIMIT, clean, clean_message

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
hostile = st.text(st.characters() | st.sampled_from("\x00\x1b\n\r\t \x7f\x9b\u200b\u202e\u2028\ue000e\u0301"))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Binance", "Binance"),
        ("  two   words  ", "two words"),
        ("a\x1b[31mred", "a [31mred"),
        ("abc\u202edcba", "abc dcba"),
        ("line\nbreak", "line break"),
        ("e\u0301", "é"),
        ("\ud800", ""),
        (b"x", "b'x'"),
        (7, "7"),
        ("x" * 65, "x" * 63 + "…"),
        ("x" * 64, "x" * 64),
    ],
)
def test_examples(raw: object, shown: str) -> None:
    assert clean(raw) == shown


@settings(max_examples=200)
@given(hostile, st.integers(1, 80))
def test_what_leaves_is_one_short_printable_line(raw: str, limit: int) -> None:
    shown = clean(raw, limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(char) for char in shown} & FORBIDDEN
    assert shown.splitlines() in ([], [shown])
    assert "  " not in shown


@settings(max_examples=200)
@given(hostile)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    once = clean(raw)
    assert clean(once) == once


@settings(max_examples=100)
@given(st.text("abcXYZ 019._-/:()", max_size=NAME_LIMIT))
def test_plain_text_keeps_its_words(raw: str) -> None:
    assert clean(raw).split() == raw.split()


@settings(max_examples=100)
@given(hostile)
def test_a_message_keeps_few_lines(raw: str) -> None:
    shown = clean_message(raw)
    assert len(shown) <= MESSAGE_LIMIT
    lines = shown.split("\n")
    assert len(lines) <= MESSAGE_LINES
    assert not {unicodedata.category(char) for line in lines for char in line} & FORBIDDEN


def test_a_message_of_lines() -> None:
    assert clean_message("first\n\nthird\x1b[0m\n4\n5\n6") == "first\nthird [0m\n4\n5"
