"""Long texts as rows of a tooltip."""

from __future__ import annotations

from incidentio_magic.plots.words import rows


def test_rows():
    """A short text is one row, a long one several, and a word of any length is broken."""
    assert rows("message", " short \n") == {"message": "short"}
    assert rows("message", "") == {"message": ""}
    long = rows("message", "x" * 500)
    assert list(long) == ["message", "message 2", "message 3"]
    assert "".join(long.values()) == "x" * 500
    assert list(rows("m", "one\n\n\ntwo\nthree")) == ["m", "m 2", "m 3"]
