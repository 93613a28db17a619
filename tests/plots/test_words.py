"""Spans and long texts in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentio_magic.plots.words import lasted, rows, value_of


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
        (timedelta(days=3, minutes=5), "3 d"),
        (-timedelta(minutes=5), "-5 min"),
    ],
)
def test_lasted(span, words):
    """The two largest parts are told."""
    assert lasted(span) == words


def test_rows():
    """A short text is one row, a long one several, and a word of any length is broken."""
    assert rows("message", " short \n") == {"message": "short"}
    assert rows("message", "") == {"message": ""}
    long = rows("message", "x" * 500)
    assert list(long) == ["message", "message 2", "message 3"]
    assert "".join(long.values()) == "x" * 500
    assert list(rows("m", "one\n\n\ntwo\nthree")) == ["m", "m 2", "m 3"]


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("timestamp", "2026-01-14T18:00:00Z", "18:00"),
        ("timestamp", "soon", "soon"),
        ("timestamp", "", ""),
        ("field", "2026-01-14T18:00:00Z", "2026-01-14T18:00:00Z"),
        ("action", "not_doing", "not doing"),
        ("follow_up", "outstanding", "outstanding"),
        ("field", "snake_case", "snake_case"),
    ],
)
def test_value_of(kind, text, read):
    """A timestamp's moment is written like all others, a task's status in words; what people typed stays as it is."""
    assert value_of(kind, text, lambda moment: f"{moment:%H:%M}") == read
