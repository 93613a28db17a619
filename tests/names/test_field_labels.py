"""Labels: the name where it is unique, else the name with what tells the records apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api.models import CustomField, Named
from incidentio_magic.names.field_labels import labels


def test_a_unique_name_is_the_label():
    """Nothing is added where nothing needs telling apart."""
    fields = [CustomField("1", "Team", "text"), CustomField("2", "Cost", "numeric")]
    assert labels(fields) == {"1": "Team", "2": "Cost"}


def test_equal_names_get_their_kind():
    """Two fields of one name are told apart by their kinds; case and spaces do not make names differ."""
    fields = [
        CustomField("1", "Team", "single_select"),
        CustomField("2", "team ", "numeric"),
        CustomField("3", "Team", "single_select", catalog_type_id="C"),
    ]
    assert labels(fields) == {"1": "Team (select)", "2": "team  (number)", "3": "Team (catalog)"}


def test_equal_kinds_get_their_id():
    """Where name and kind are the same, the ID tells them apart."""
    fields = [CustomField("1", "Team", "text"), CustomField("2", "Team", "text"), CustomField("3", "Team", "link")]
    assert labels(fields) == {"1": "Team (text, 1)", "2": "Team (text, 2)", "3": "Team (link)"}


def test_a_name_that_looks_like_a_label():
    """A field that is called like another's label does not share it."""
    fields = [
        CustomField("1", "Team", "text"),
        CustomField("2", "Team", "link"),
        CustomField("3", "Team (text)", "text"),
    ]
    assert labels(fields) == {"1": "Team (text, 1)", "2": "Team (link)", "3": "Team (text)"}


def test_more_records_change_no_label():
    """A field that was deleted keeps its values under a label of its own."""
    today = [CustomField("1", "Team", "text")]
    assert labels(today, [CustomField("9", "Team", "numeric")]) == {"1": "Team", "9": "Team (number)"}


def test_other_records_have_no_kind():
    """Timestamps of one name are told apart by their IDs."""
    assert labels([Named("1", "Fixed at"), Named("2", "Fixed at")]) == {"1": "Fixed at (1)", "2": "Fixed at (2)"}


@given(
    st.lists(st.tuples(st.sampled_from("aAb"), st.sampled_from(["text", "link", "single_select"])), max_size=8),
    st.integers(0, 8),
)
def test_labels_are_unique(kinds, cut):
    """However many fields share a name, each has a label of its own."""
    fields = [CustomField(f"{place}", name, kind) for place, (name, kind) in enumerate(kinds)]
    found = labels(fields[:cut], fields[cut:])
    assert len({label.casefold() for label in found.values()}) == len(fields)
