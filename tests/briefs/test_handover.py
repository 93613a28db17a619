"""The text of a handover: what the next shift must know first, everything escaped, gaps named.

Serves `briefs/brief.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidentio_magic.briefs.brief import Brief
from incidentio_magic.briefs.handover import CHANGED, CLOSED, OPEN, OPENED, OVERDUE, PAGED, Handover, Item, shortened
from incidentio_magic.errors import InputError

END = datetime(2026, 1, 15, 14, tzinfo=UTC)
LINK = "https://app.incident.io/org/incidents/7"


def handover(*items, **changes):
    """Return the text of a handover of twelve hours."""
    return Handover(END - timedelta(hours=12), END, ZoneInfo("Europe/Berlin"), items, **changes).markdown()


def test_a_quiet_shift():
    """Nothing at all is said as such, section by section."""
    text = handover()
    assert text.startswith("# Handover: 2026-01-15 03:00 to 2026-01-15 15:00 (Europe/Berlin)\n")
    assert "- 0 incidents are open." in text
    assert "No incident is open." in text
    assert "Nothing was opened, changed, closed or paged in this shift." in text
    assert "## Not read" not in text


def test_what_the_next_shift_must_know_comes_first():
    """A page that waits, an update that is due, a missing lead, overdue work and who is on call stand at the top."""
    items = (
        Item(
            OPEN,
            "INC-7",
            "Checkout fails",
            "Major",
            "Fixing",
            None,
            END - timedelta(hours=2),
            "On it",
            LINK,
            True,
        ),
        Item(OPEN, "INC-8", "Slow", "Minor", "Fixing", "Ada", None, None, needs_update=True),
        Item(PAGED, "INC-7", at=END, what="Look", is_waiting=True),
        Item(OVERDUE, "INC-1", at=END, what="Write it down (Bob)"),
    )
    text = handover(*items, on_call=["On call in Search: Ada."], notes=["2 alerts fire"])
    top = text.partition("## Open now")[0].splitlines()[4:-1]
    assert top == [
        "- 2 incidents are open.",
        "- A page is still waiting: INC-7: Look",
        f"- [INC-7]({LINK}) Checkout fails needs an update: the last one is 2 h old.",
        "- INC-8 Slow needs an update: it has none.",
        f"- [INC-7]({LINK}) Checkout fails has no lead.",
        "- 1 follow-up is overdue.",
        "- 2 alerts fire",
        "- On call in Search: Ada.",
    ]
    assert f"| [INC-7]({LINK}) Checkout fails | Major | Fixing | nobody | 2026-01-15 13:00: On it |" in text
    assert "| INC-8 Slow | Minor | Fixing | Ada | none |" in text


def test_sections_of_what_happened():
    """What happened stands in its section with its time; a section without anything is left out."""
    text = handover(
        Item(OPENED, "INC-7", "A", at=END, what="a"), Item(CHANGED, "INC-7", "A", at=END, what="b"),
        Item(CLOSED, "INC-7", "A", at=END, what="c"),
    )  # fmt: skip
    for heading in ("Opened", "Changed", "Closed"):
        assert f"## {heading} in this shift\n\n- 2026-01-15 15:00 INC-7 A: " in text
    assert "Nothing was paged in this shift." in text
    assert "## Pages" not in text


def test_words_of_others_cannot_leave_their_place():
    """Names and messages are one line; they cannot make a heading, a column, a picture or HTML."""
    evil = "x |\n# Heading <b>bold</b> ![p](http://e.example/p.png)"
    text = handover(Item(OPEN, "INC-7", evil, "Major", "Fixing", evil, END, evil, "javascript:alert(1)"))
    assert "\n# Heading" not in text
    assert "<b>" not in text
    assert "javascript" not in text
    row = next(line for line in text.splitlines() if line.startswith("| INC-7"))
    assert row.replace("\\|", "").count("|") == 6


def test_what_was_not_read_is_named():
    """A source that is missing is named with the reason."""
    assert "## Not read\n\n- pages: the key lacks escalations.view" in handover(
        not_read={"pages": "the key lacks escalations.view"}
    )


def test_long_texts_are_shortened():
    """A long message does not become a long line."""
    assert shortened("a\n b") == "a b"
    assert len(shortened("x" * 1000)) == 200
    assert shortened(None) == ""


def test_a_brief_shows_and_saves_itself(tmp_path):
    """It is a document to see; a saved file that was edited is not replaced."""
    brief = Brief("# Title\n")
    assert repr(brief) == "# Title\n"
    assert brief._repr_mimebundle_()["text/markdown"] == "# Title\n"
    path = brief.save(tmp_path / "a.md")
    brief.save(path)
    path.write_text("mine", "utf-8")
    with pytest.raises(InputError, match="not overwritten"):
        brief.save(path)
    brief.save(path, overwrite=True)
    assert path.read_text("utf-8").startswith("# Title")
