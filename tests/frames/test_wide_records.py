"""A wide table is the same from the records that a list reads for it as from whole records, whatever was sent.

Serves `api/models/wide.py`.
"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.api.decoding import decode
from incidentio_magic.frames import Frames
from incidentio_magic.names.search import Search

TEAM = {"id": "F1", "name": "Team", "field_type": "multi_select", "description": "Who owns it", "options": []}
OTHER_TEAM = {"id": "F2", "name": "Team", "field_type": "single_select", "catalog_type_id": "CT1"}
COST = {"id": "F3", "name": "Cost", "field_type": "numeric"}
NOTE = {"id": "F4", "name": "Note", "field_type": "brand_new"}
ENTRIES = {
    "none": None,
    "empty": [],
    "no values": [{"custom_field": TEAM, "values": []}, {"custom_field": COST, "values": None}],
    "two fields of one name": [
        {"custom_field": TEAM, "values": [{"value_option": {"id": "O1", "value": "Red", "sort_key": 1}}]},
        {"custom_field": OTHER_TEAM, "values": [{"value_catalog_entry": {"id": "E1", "name": "Payments"}}]},
    ],
    "several values": [
        {"custom_field": TEAM, "values": [{"value_option": {"id": place, "value": place}} for place in ("A", "B")]},
        {"custom_field": TEAM, "values": [{"value_option": {"id": "C", "value": "C"}}]},
    ],
    "many digits": [{"custom_field": COST, "values": [{"value_numeric": "9007199254740993"}]}],
    "a number": [{"custom_field": COST, "values": [{"value_numeric": 9007199254740993.25}]}],
    "a text in a number field": [{"custom_field": COST, "values": [{"value_text": "about ten"}]}],
    "an unknown kind": [{"custom_field": NOTE, "values": [{"value_link": "https://a.example"}, {"value_new": 1}]}],
    "an option without a value": [{"custom_field": TEAM, "values": [{"value_option": {"id": "O2"}}]}],
    "a field without a name": [{"custom_field": {"id": "F5"}, "values": [{"value_text": "kept"}]}],
    "no field": [{"values": [{"value_text": "lost"}]}],
    "not a list": [{"custom_field": TEAM, "values": "Red"}],
    "control characters": [{"custom_field": NOTE, "values": [{"value_text": "a\x07b\u202ec"}]}],
}


@pytest.fixture
def page(make_incident_json):
    """Make the bytes of a page whose incidents have the entries of these names, each once private."""

    def page(names):
        rows = [
            make_incident_json(
                id=f"I{place}-{visibility}",
                visibility=visibility,
                custom_field_entries=ENTRIES[name],
                duration_metrics=[],
            )
            for place, name in enumerate(names)
            for visibility in ("public", "private")
        ]
        return json.dumps({"incidents": rows}).encode()

    return page


def decoded(content):
    """Return a page, decoded for a wide table and as whole records."""
    return [decode(content, "incidents", list[kind]) for kind in (models.WideIncident, models.Incident)]


@pytest.mark.parametrize("show_private", [False, True])
@pytest.mark.parametrize("known", [(), [models.CustomField("F2", "Team", "single_select", catalog_type_id="CT1")]])
@pytest.mark.parametrize("names", [*([name] for name in ENTRIES), list(ENTRIES)], ids=lambda names: names[-1])
def test_the_same_table(page, names, known, show_private):
    """Both make the same frame and count the same parts as unreadable, page by page and all together."""
    wide, whole = decoded(page(names))
    frames = Frames(show_private=show_private)
    left, right = (frames.incidents(part.content, wide=True, fields=known) for part in (wide, whole))
    pd.testing.assert_frame_equal(left, right)
    assert left.attrs == right.attrs
    assert (wide.unreadable, wide.lost) == (whole.unreadable, whole.lost)


def test_the_same_search(page):
    """Both are found by the same words."""
    wide, whole = decoded(page(list(ENTRIES)))
    search = Search.read("payments", private=False)
    found = [[incident.id for incident in filter(search.admits, part.content)] for part in (wide, whole)]
    assert found[0] == found[1] == ["I3-public"]


def test_what_is_not_shown_is_not_read(page, make_incident_json):
    """A definition's description and an entry's ID are not in the table, so odd ones cost nothing."""
    content = page(["no values"]).replace(b'"Who owns it"', b"7")
    wide, whole = decoded(content)
    assert wide.unreadable == {}
    assert list(whole.unreadable) == ["incidents.custom_field_entries.custom_field.description"]
    entries = [{"custom_field": OTHER_TEAM, "values": [{"value_catalog_entry": {"name": "Payments"}}]}]
    content = json.dumps({"incidents": [make_incident_json(custom_field_entries=entries)]}).encode()
    wide, whole = decoded(content)
    assert wide.unreadable == {}
    assert list(whole.unreadable) == ["incidents.custom_field_entries.values.value_catalog_entry.id"]
    assert list(Frames().incidents(wide.content, wide=True)["field.Team"]) == ["Payments"]
