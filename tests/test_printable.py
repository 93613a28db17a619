"""Strings from outside made safe to print."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain", "plain"),
        ("Grüße 日本語 🔥 👩‍🚒", "Grüße 日本語 🔥 👩‍🚒"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("bell\x07 back\x08 nul\x00 del\x7f", "bell back nul del"),
        ("\x9b31m c1", "31m c1"),
        ("over\rwritten", "overwritten"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("\u202a\u202b\u202d\u2067\u2068", ""),
        ("\u200fmark", "\u200fmark"),
    ],
    ids=repr,
)
def test_printable(text, shown):
    """Control characters and direction overrides go, everything people write stays."""
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("a\x00b", 2, "ab"), ("abc", None, "abc")],
)
def test_limits(text, limit, shown):
    """A longer text ends in an ellipsis within the limit, counted after the cleaning."""
    assert printable(text, limit=limit) == shown


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one", "one"),
        (" one\r\n two\u2028three\x85four\t five\x0bsix ", "one two three four five six"),
        ("\n\n", ""),
        ("\x1b[2K\rfake", "[2K fake"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_one_line(text, line):
    """Any text becomes one line, each stretch of blanks one space."""
    assert one_line(text) == line


@given(st.text(), st.integers(1, 50))
def test_nothing_steers_the_terminal(text, limit):
    """Whatever comes in, no control character comes out, and a line stays one line within its limit."""
    assert all(entry in "\n\t" or unicodedata.category(entry) != "Cc" for entry in printable(text))
    line = one_line(text, limit=limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
