"""How frames look, as text and as HTML."""

from __future__ import annotations

import pandas as pd
import pytest

from incidentio_magic.magics.tables import as_html, as_text


def frame(**columns):
    """Return a frame that looks like one of ours."""
    made = pd.DataFrame(columns)
    made.attrs = {"made_by": "incidentio_magic"}
    return made


def test_text_fits_the_width():
    """No line is longer than the terminal, and columns that do not fit are named."""
    wide = frame(reference=["INC-1"], name=["n" * 200], **{f"column_{number}": ["x" * 30] for number in range(9)})
    lines = as_text(wide, 80).splitlines()
    assert all(len(line) <= 80 for line in lines[:-1])
    assert lines[-1].startswith("(+ ")
    assert "column_8" in lines[-1]


def test_nothing_is_left_out_where_there_is_room():
    """With room for everything, everything is there."""
    assert as_text(frame(a=[1, 2], b=["x", None]), 80) == "a  b\n1  x\n2"


def test_empty_frame():
    """An empty frame is a word, in both forms."""
    assert as_text(frame(a=[]), 80) == "(no rows)"
    assert as_html(frame(a=[])) == "<div>(no rows)</div>"


def test_many_rows_are_counted():
    """Of many rows the first are shown, and the others counted."""
    assert as_text(frame(a=range(100)), 80).endswith("… and 40 more rows")
    assert "… and 40 more rows" in as_html(frame(a=range(100)))


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "<b>x</b>"])
def test_html_is_escaped(text):
    """What the service says never becomes markup: not in a cell, not in a name, not in a link."""
    html = as_html(frame(reference=[text], name=[text], permalink=[f"https://x/{text}"], **{text: ["x"]}))
    assert text not in html
    assert "<script" not in html
    assert "<img" not in html


def test_only_https_becomes_a_link():
    """A link with another scheme stays text."""
    html = as_html(frame(reference=["INC-1"], permalink=["javascript:alert(1)"], url=["http://x"]))
    assert "<a" not in html
    assert '<a href="https://x"' in as_html(frame(reference=["INC-1"], permalink=["https://x"]))


def test_other_frames_are_untouched(shell):
    """Frames of the user's own look as always."""
    own = pd.DataFrame({"a": [1]})
    shown, _ = shell.display_formatter.format(own)
    assert shown["text/plain"] == repr(own)
    assert shown["text/html"] == own._repr_html_()


def test_times_name_their_zone():
    """A column of times says its zone once, in its title; in other columns each time does."""
    moment = pd.Timestamp("2026-01-15T14:00:05Z")
    assert as_text(frame(at=[moment]), 80) == "at (UTC)\n2026-01-15 14:00:05"
    mixed = frame(value=pd.Series([moment, "x"], dtype=object))
    assert "2026-01-15 14:00 UTC" in as_text(mixed, 80)


def test_what_was_computed_keeps_its_labels(shell):
    """A frame computed from one of ours is shown with its row labels."""
    computed = frame(a=[1.0, 2.0, 4.0]).describe()
    shown, _ = shell.display_formatter.format(computed)
    assert "mean" in shown["text/plain"]
    assert "mean" in shown["text/html"]


def test_control_characters_never_reach_a_terminal():
    """No control sequence gets through, neither from a cell nor from a column's name."""
    text = as_text(frame(**{"a\x1b[31m": ["\x1b]0;title\x07x"]}), 80)
    assert "\x1b" not in text
    assert "\x07" not in text
