"""Pages, follow-ups and actions are counted within their incident, oldest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api import models
from incidentio_magic.errors import UnknownName
from incidentio_magic.names.numbered import at_number, in_order, label, split_number

BEGAN = datetime(2026, 1, 15, 14, tzinfo=UTC)


def action(identity, minutes=0):
    """Return an action that was made some minutes after the beginning."""
    return models.Action(id=identity, created_at=BEGAN + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("INC-7#2", ("INC-7", 2)),
        (" inc 7 # 12 ".replace("# ", "#"), ("inc 7", 12)),
        ("7#1", ("7", 1)),
        ("#7#1", ("#7", 1)),
        ("INC-7", ("INC-7", None)),
        ("#7", ("#7", None)),
        ("#inc-7-checkout", ("#inc-7-checkout", None)),
        ("01HM998DY000000Y6ZJGNP4MYA", ("01HM998DY000000Y6ZJGNP4MYA", None)),
    ],
)
def test_the_number_is_what_follows_the_reference(typed, meant):
    """A number sign begins a number only after a reference; at the beginning it is part of the reference."""
    assert split_number(typed) == meant


@given(st.lists(st.tuples(st.uuids().map(str), st.integers(0, 3)), min_size=1, unique_by=lambda pair: pair[0]))
def test_a_label_leads_back_to_its_record(pairs):
    """Whatever the order of the list and however many were made at once: each label names one record, the same one."""
    records = [action(identity, minutes) for identity, minutes in pairs]
    labels = [label("INC-7", record, records) for record in records]
    assert len(set(labels)) == len(records)
    for record, text in zip(records, labels, strict=True):
        reference, number = split_number(text)
        assert at_number("action", "actions", reference, number, records[::-1]) == record
    assert [record.created_at for record in in_order(records)] == sorted(record.created_at for record in records)


def test_a_record_that_is_not_in_the_list_is_called_by_its_id():
    """Where the list could not be read, the label is the ID."""
    assert label("INC-7", action("A"), []) == "A"


@pytest.mark.parametrize(
    ("count", "number", "has"),
    [(0, 1, "it has none"), (1, 2, "it has only INC-7#1"), (2, 3, "#1 to #2"), (3, 0, "#1 to #3")],
)
def test_a_number_that_there_is_not(count, number, has):
    """The error names what was typed, which numbers there are, and the command that lists them."""
    records = [action(str(place)) for place in range(count)]
    with pytest.raises(UnknownName, match=f"INC-7 has no action 'INC-7#{number}'") as caught:
        at_number("action", "actions", "INC-7", number, records)
    assert has in caught.value.hint
    assert "%incidents actions INC-7" in caught.value.hint
