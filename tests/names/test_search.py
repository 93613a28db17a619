"""Incidents by their words."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.names.search import Search

FIELD = {"custom_field": {"id": "F1", "name": "Root cause"}, "values": [{"value_text": "A retry had no key"}]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("checkout", True),
        ("CHECKOUT  fails", True),
        ("fails checkout", True),
        ('"fails checkout"', False),
        ('"checkout fails"', True),
        ("INC-7", True),
        ("straße", True),
        ("STRASSE", True),
        ("retry key", True),
        ("checkout nothing", False),
        ("ﬁfty", True),
        ("", True),
    ],
)
def test_every_term_must_occur(make_incident, text, found):
    """Each word or quoted phrase occurs somewhere in the texts, whatever the case and the Unicode form."""
    incident = make_incident(summary="In the Strasse, fifty customers", custom_field_entries=[FIELD])
    assert Search.read(text, private=False).admits(incident) is found


def test_a_private_incident_is_not_found_unless_requested(make_incident):
    """To be found would reveal a private incident's words; that it was not searched is said."""
    incident = make_incident(visibility="private")
    search = Search.read("checkout", private=False)
    assert not search.admits(incident)
    assert search.incomplete == "1 private incident was not searched (--show-private searches them)"
    assert Search.read("checkout", private=True).admits(incident)
    assert Search.read("", private=False).admits(incident)
    assert Search.read("", private=False).incomplete == ""


def test_a_search_without_words_is_an_error():
    """A search that names no word is refused: it would list everything."""
    with pytest.raises(errors.InputError, match="no word"):
        Search.read(' "" ', private=False)
