"""Spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentio_magic.spans import span_text


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
def test_a_span_has_its_two_largest_parts(span, words):
    """A span is written in its two largest units that matter."""
    assert span_text(span) == words
