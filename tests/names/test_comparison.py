"""Names that look the same are the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.names.comparison import comparable, comparable_number


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Café", unicodedata.normalize("NFD", "Café")),
        ("High impact", "High\u00a0impact"),
        ("High impact", " high \t\n IMPACT "),
        ("Sev 4", "Sev\u200b 4"),
        ("Sev 4", "\ufeffSev\u2003 4\u2060"),
        ("GROSSE STRASSE", "Große Straße"),
        ("①", "1"),
        ("ﬁx", "fix"),
        ("so\u00adft", "soft"),
    ],
)
def test_look_alikes(typed, stored):
    """Unicode form, case, width and white space of any kind make no difference."""
    assert comparable(typed) == comparable(stored)


@pytest.mark.parametrize(("first", "second"), [("Sev 1", "Sev1"), ("a-b", "a b"), ("Team", "Теam")])
def test_different_names(first, second):
    """Letters that are missing or of another alphabet make another name."""
    assert comparable(first) != comparable(second)


@given(st.text())
def test_comparing_is_stable(text):
    """What is comparable already does not change any more."""
    assert comparable(comparable(text)) == comparable(text)


@pytest.mark.parametrize("text", ["42", "42.0", "+42", " 42 ", "4.2e1", "042", "42.000000000000000000000000000000000"])
def test_one_number_in_many_forms(text):
    """A number is the same however it is written."""
    assert comparable_number(text) == comparable_number("42")


@pytest.mark.parametrize(
    ("first", "second"),
    [("9007199254740993", "9007199254740992"), ("0.1", "0.10000000000000001"), ("1" * 300, "1" * 299 + "2")],
)
def test_every_digit_counts(first, second):
    """Numbers that a float cannot tell apart are different."""
    assert comparable_number(first) != comparable_number(second)


@pytest.mark.parametrize("text", ["", "many", "1,200", "1_000", "nan", "inf", "1e400", "\u0661", "0x10", "True"])
def test_no_number(text):
    """What is no finite number in plain digits is none."""
    assert comparable_number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number(number):
    """The compared form of a number is a number of the same value."""
    text = comparable_number(repr(number))
    assert text is not None
    assert float(text) == number
