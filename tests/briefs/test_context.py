"""A text of bounded size: never longer than asked for, and what is left out is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.briefs.context import LEAST, Section, bounded
from incidentio_magic.errors import InputError

CLOSING = Section("Sources", ["- read: updates (3)"])
LINES = st.lists(st.text(max_size=900), max_size=60)


@given(st.text(max_size=900), st.lists(LINES, max_size=6), LINES.filter(bool), st.integers(LEAST, 9000))
def test_it_is_never_longer(title, sections, closing, size):
    """Whatever the parts are, the text is at most as long as asked for, and ends with its sources."""
    parts = [Section(f"Part {number}", lines) for number, lines in enumerate(sections)]
    text = bounded(title, parts, Section("Sources", closing), size)
    assert len(text) <= size
    assert "\n## Sources\n" in text


def test_all_of_it_where_there_is_room():
    """Nothing is left out while all fits; a section without lines is not there."""
    text = bounded("INC-7", [Section("Facts", ["- a", "- b"]), Section("Pages", [])], CLOSING, LEAST)
    assert text == "# INC-7\n\n## Facts\n\n- a\n- b\n\n## Sources\n\n- read: updates (3)\n"


def test_the_middle_of_a_long_section_gives_way():
    """The first lines and the last ones stay, and how many are left out is said."""
    lines = [f"- event {number:03}" for number in range(500)]
    text = bounded("INC-7", [Section("Timeline", lines)], CLOSING, LEAST)
    assert "- event 002" in text
    assert "- event 499" in text
    assert "- event 200" not in text
    shown = text.count("- event ")
    assert f"- … {500 - shown} of 500 left out here for their size" in text


def test_a_long_section_leaves_room_for_the_next():
    """The first of several sections does not take everything."""
    long = [f"- line {number:03}" for number in range(900)]
    text = bounded("INC-7", [Section("One", long), Section("Two", ["- short"]), Section("Three", long)], CLOSING, LEAST)
    assert "## One" in text
    assert "- short" in text


def test_a_section_without_room_is_named():
    """What does not fit at all is named with its number of lines."""
    wide = ["- " + "x" * 590] * 3
    sections = [Section("One", wide), Section("Two", wide), Section("Three", wide)]
    text = bounded("INC-7", sections, CLOSING, LEAST)
    assert "No room for: " in text
    assert "Two (3)" in text


@pytest.mark.parametrize("size", [0, -1, LEAST - 1])
def test_too_small(size):
    """A size that holds nothing is refused, with the least that works."""
    with pytest.raises(InputError) as caught:
        bounded("INC-7", [], CLOSING, size)
    assert caught.value.hint == f"give at least {LEAST} characters"
