"""What an entry of the activity log holds, whatever form it comes in."""

from __future__ import annotations

import pytest

from incidentio_magic.timeline import content

MOVES = {
    "nothing": ([], None),
    "a declaration": ([("Status", None, "Live"), ("Severity", None, "Major")], "Declared as Live"),
    "both": (
        [("Status", "Live", "Closed"), ("Severity", None, "Major")],
        "Status is now Closed; Severity is now Major",
    ),
    "one": ([("Status", "Live", "Live"), ("Severity", "Minor", "Major")], "Severity is now Major"),
    "neither": ([("Status", "Live", "Live"), ("Severity", "Major", "Major")], None),
    "a value that is not known any more": ([("Status", "Live", None), ("Severity", "Major", None)], None),
}


@pytest.mark.parametrize(("moves", "line"), MOVES.values(), ids=MOVES)
def test_what_moved(moves, line):
    """A line names each property that has another value now; a declaration says only what it was declared as."""
    assert content.moved(moves) == line


VALUES = {
    "nothing": (None, None),
    "an empty text": ("", None),
    "zero": (0, "0"),
    "a text": ("Major", "Major"),
    "a reference": ({"name": "Checkout fails", "reference": "INC-7"}, "INC-7"),
    "a name": ({"id": "01A", "name": "Ada"}, "Ada"),
    "a value": ({"value": "2026-11-23"}, "2026-11-23"),
    "a name that is no text": ({"name": 7, "value": "seven"}, "seven"),
    "a typed value": ({"id": "01A", "value_text": "seven"}, "seven"),
    "an option": ({"value_link": None, "value_option": {"value": "Payments"}}, "Payments"),
    "nothing inside": ({"value_link": None, "id": "01A"}, None),
    "several": ([{"name": "Ada"}, None, {"name": "Ben"}], "Ada, Ben"),
    "none of several": ([None, ""], None),
    "an empty list": ([], None),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_a_value_as_people_know_it(value, text):
    """References come before names, and names before bare values; what is empty is nothing."""
    assert content.shown(value) == text


@pytest.mark.parametrize(
    ("incident", "private"),
    [
        ({"visibility": "private"}, True),
        ({"visibility": "public"}, False),
        ({}, False),
        ("private", False),
        (None, False),
    ],
)
def test_an_embedded_incident_is_private_if_it_says_so(incident, private):
    """Only its own visibility counts."""
    assert content.is_private(incident) is private


@pytest.mark.parametrize(
    ("value", "found"),
    [({"id": "01A"}, "01A"), ({"id": 7}, None), ({"id": None}, None), ({}, None), ("01A", None), (None, None)],
)
def test_an_identity_is_a_text(value, found):
    """Anything but an embedded record with a text for an ID has none."""
    assert content.identity(value) == found
