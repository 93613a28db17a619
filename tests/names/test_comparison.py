"""Names that look the same are the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.names.comparison import comparable


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
