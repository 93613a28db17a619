"""Suggestions while somebody types: ranked, distinguishable, and the same whatever the length of the list."""

from __future__ import annotations

import pytest

from incidentio_magic.api.models import Named
from incidentio_magic.widgets._suggestions import Suggestions


def suggestions(*names):
    """Return suggestions for records of these names."""
    return Suggestions([Named(str(place), name) for place, name in enumerate(names)], lambda record: [record.name])


def names(records):
    """Return the names of records."""
    return [record.name for record in records]


def test_what_begins_with_the_text_comes_first():
    """The beginning of the name, then of its words, then any part; shorter names first."""
    found = suggestions("Repayments", "Big Payments", "Payments API", "Payments", "Search").search("pay")
    assert names(found) == ["Payments", "Payments API", "Big Payments", "Repayments"]


@pytest.mark.parametrize("typed", ["carver carol", "CAROL C", "carol  car"])
def test_words_in_any_order_and_case(typed):
    """Every word must be there."""
    assert names(suggestions("Carol Carver", "Carol Ling").search(typed))[0] == "Carol Carver"


def test_equal_names_are_told_apart():
    """Two records of one name both fit exactly, and are shown with their IDs."""
    two = suggestions("Payments", "payments", "Payments")
    assert len(two.exact("PAYMENTS")) == 3
    assert two.label(two.exact("0")[0]) == "Payments (0)"
    assert two.label(two.exact("1")[0]) == "payments"


@pytest.mark.slow
def test_a_typo_finds_the_nearest_of_many():
    """Among 40,000 names the close one is found, and no more are suggested than fit in sight."""
    many = suggestions(*(f"service-{number}" for number in range(40_000)), "checkout")
    assert many.close_to("chekout") == ["checkout"]
    assert names(many.search("service-1"))[0] == "service-1"
    assert len(many.search("service")) == 8
