"""The parts of a request that declaring and editing share: what they mean, and every problem they can have."""

from __future__ import annotations

import pytest

from incidentio_magic.sandbox.http.payloads import Body
from incidentio_magic.sandbox.incidentio import changes

FIELDS = {
    "text": {"id": "text", "name": "Notes", "field_type": "text"},
    "link": {"id": "link", "name": "Graph", "field_type": "link"},
    "number": {"id": "number", "name": "Customers", "field_type": "numeric"},
    "one": {"id": "one", "name": "Area", "field_type": "single_select"},
    "many": {"id": "many", "name": "Areas", "field_type": "multi_select"},
    "entry": {"id": "entry", "name": "Service", "field_type": "single_select", "catalog_type_id": "C1"},
}
USERS = [
    {"id": "U1", "email": "ada@example.com", "slack_user_id": "S1", "name": "Ada", "is_active": True},
    {"id": "U2", "email": "ben@example.com", "slack_user_id": "S2", "name": "Ben", "is_active": False},
]
ENTRIES = [
    {"id": "E1", "external_id": "api", "aliases": ["rest"], "catalog_type_id": "C1"},
    {"id": "E2", "external_id": "web", "aliases": [], "catalog_type_id": "C2"},
]
ORGANISATION = {
    "custom_fields": FIELDS,
    "custom_field_options": {
        "O1": {"id": "O1", "custom_field_id": "one"},
        "O2": {"id": "O2", "custom_field_id": "many"},
        "O3": {"id": "O3", "custom_field_id": "many"},
    },
    "catalog_entries": {entry["id"]: entry for entry in ENTRIES},
    "incident_roles": {"lead": {"role_type": "lead"}, "reporter": {"role_type": "reporter"}},
    "incident_timestamps": {"T1": {}, "T2": {}},
    "users": {user["id"]: user for user in USERS},
}


def read(part, document, **options):
    """Return what a part of a request means, and its problems, each as where it is and its code."""
    body = Body(document)
    meant = part(body, ORGANISATION, **options)
    return meant, [(problem.pointer, problem.code) for problem in body.problems]


def entries(identity, *values):
    """Return the part of a request that sets one custom field."""
    return {"custom_field_entries": [{"custom_field_id": identity, "values": list(values)}]}


GOOD = {
    "text": ("text", [{"value_text": "x"}], [{"value_text": "x"}]),
    "the longest text": ("text", [{"value_text": "x" * 10_000}], [{"value_text": "x" * 10_000}]),
    "link": ("link", [{"value_link": "https://example.com/a"}], [{"value_link": "https://example.com/a"}]),
    "number": ("number", [{"value_numeric": "-1.50"}], [{"value_numeric": "-1.50"}]),
    "option": ("one", [{"value_option_id": "O1"}], [{"value_option_id": "O1"}]),
    "options": (
        "many",
        [{"value_option_id": "O3"}, {"value_option_id": "O2"}, {"value_option_id": "O3"}],
        [{"value_option_id": "O3"}, {"value_option_id": "O2"}],
    ),
    "entry": ("entry", [{"value_catalog_entry_id": "E1"}], [{"value_catalog_entry_id": "E1"}]),
    "external ID": ("entry", [{"value_catalog_entry_id": "api"}], [{"value_catalog_entry_id": "E1"}]),
    "alias": ("entry", [{"value_catalog_entry_id": "rest"}], [{"value_catalog_entry_id": "E1"}]),
    "nothing": ("text", [], []),
    "null beside it": ("text", [{"value_text": "x", "value_link": None}], [{"value_text": "x"}]),
}


@pytest.mark.parametrize(("field", "values", "meant"), GOOD.values(), ids=GOOD)
def test_values_of_a_field(field, values, meant):
    """Each kind of field takes its own kind of value; a value that is given twice is set once."""
    assert read(changes.custom_fields, entries(field, *values)) == ({field: meant}, [])


AT = "/custom_field_entries/0"
BAD = {
    "another kind": ("text", [{"value_link": "https://example.com"}], (f"{AT}/values/0/value_link", "invalid_value")),
    "two kinds": (
        "text",
        [{"value_text": "x", "value_link": "https://example.com"}],
        (f"{AT}/values/0/value_text", "invalid_value"),
    ),
    "no kind": ("text", [{}], (f"{AT}/values/0/value_text", "invalid_value")),
    "an option for an entry": (
        "entry",
        [{"value_option_id": "O1"}],
        (f"{AT}/values/0/value_option_id", "invalid_value"),
    ),
    "empty": ("text", [{"value_text": " "}], (f"{AT}/values/0/value_text", "is_required")),
    "too long": ("text", [{"value_text": "x" * 10_001}], (f"{AT}/values/0/value_text", "too_long")),
    "no text": ("text", [{"value_text": 7}], (f"{AT}/values/0/value_text", "invalid_value")),
    "no number": ("number", [{"value_numeric": "1e5"}], (f"{AT}/values/0/value_numeric", "invalid_value")),
    "no link": ("link", [{"value_link": "ftp://example.com"}], (f"{AT}/values/0/value_link", "invalid_value")),
    "no option": ("one", [{"value_option_id": "O9"}], (f"{AT}/values/0/value_option_id", "not_found")),
    "another field's option": ("one", [{"value_option_id": "O2"}], (f"{AT}/values/0/value_option_id", "not_found")),
    "no entry": ("entry", [{"value_catalog_entry_id": "E9"}], (f"{AT}/values/0/value_catalog_entry_id", "not_found")),
    "another type's entry": (
        "entry",
        [{"value_catalog_entry_id": "E2"}],
        (f"{AT}/values/0/value_catalog_entry_id", "not_found"),
    ),
    "two values": ("text", [{"value_text": "x"}, {"value_text": "y"}], (f"{AT}/values", "invalid_value")),
}


@pytest.mark.parametrize(("field", "values", "problem"), BAD.values(), ids=BAD)
def test_what_a_field_does_not_take(field, values, problem):
    """The one problem names the value, and what kind of problem it is."""
    assert read(changes.custom_fields, entries(field, *values))[1] == [problem]


def test_entries_that_name_no_field_or_one_twice():
    """Each entry names its field and its values, even if these are none, and each field stands once."""
    document = {"custom_field_entries": [{"values": []}, {"custom_field_id": "no", "values": []}]}
    assert read(changes.custom_fields, document) == (
        {},
        [(f"{AT}/custom_field_id", "is_required"), ("/custom_field_entries/1/custom_field_id", "not_found")],
    )
    assert read(changes.custom_fields, {"custom_field_entries": [{"custom_field_id": "text"}]})[1] == [
        (f"{AT}/values", "is_required")
    ]
    twice = {"custom_field_entries": [{"custom_field_id": "text", "values": []}] * 2}
    assert read(changes.custom_fields, twice)[1] == [("/custom_field_entries/1/custom_field_id", "invalid_value")]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *[("https://example.com", True), ("http://example.com/a?b#c", True)],
        *[("ftp://example.com", False), ("https://", False), ("example.com", False), ("https://a b", False)],
        *[("https://[broken", False), ("", False)],
    ],
)
def test_web_addresses(text, is_one):
    """An address names its scheme and a machine, and has no blank."""
    assert changes.is_link(text) is is_one


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        *[("https://example.com", []), (None, [("/url", "invalid_value")]), ("no", [("/url", "invalid_value")])],
        *[("", [("/url", "is_required")]), ("  ", [("/url", "is_required")])],
        ("https://example.com/" + "x" * 10_000, [("/url", "too_long")]),
    ],
)
def test_a_field_that_holds_an_address(value, problems):
    """An empty one is missing, and any other text that is no address is wrong."""
    body = Body({"url": value})
    assert changes.link(body, "url") == (None if problems and value != "no" else value)
    assert [(problem.pointer, problem.code) for problem in body.problems] == problems


def test_an_address_that_is_left_out():
    """Nothing is read, and nothing is wrong."""
    body = Body({})
    assert changes.link(body, "url") is None
    assert body.problems == []


def assigned(*assignments, declaring=False):
    """Return what assignments of roles mean, and their problems."""
    return read(changes.roles, {"incident_role_assignments": list(assignments)}, declaring=declaring)


ROLE = "/incident_role_assignments/0"


@pytest.mark.parametrize(
    "assignee", [{"id": "U1"}, {"email": "ADA@example.com"}, {"slack_user_id": "s1"}, {"id": "u1", "email": "no"}]
)
def test_who_a_role_goes_to(assignee):
    """A person is named by ID, email or Slack ID, in any case; the first of these counts."""
    assert assigned({"incident_role_id": "lead", "assignee": assignee}) == ({"lead": "U1"}, [])


def test_a_role_that_goes_to_nobody():
    """Without an assignee the role is taken from whom it belongs to."""
    assert assigned({"incident_role_id": "lead"}) == ({"lead": None}, [])


@pytest.mark.parametrize(
    ("assignee", "problem"),
    [
        ({"name": "Ada"}, (f"{ROLE}/assignee/id", "is_required")),
        ({"id": "U9"}, (f"{ROLE}/assignee/id", "not_found")),
        ({"email": "ben@example.com"}, (f"{ROLE}/assignee/email", "invalid_value")),
        ({"email": 7}, (f"{ROLE}/assignee/email", "invalid_value")),
    ],
)
def test_who_cannot_have_a_role(assignee, problem):
    """Somebody who is not there, not active, or not named has none."""
    assert assigned({"incident_role_id": "lead", "assignee": assignee}) == ({"lead": None}, [problem])


def test_roles_that_cannot_be_assigned():
    """A role is named, exists, and stands once; the reporter is set by declaring alone."""
    assert assigned({}) == ({}, [(f"{ROLE}/incident_role_id", "is_required")])
    assert assigned({"incident_role_id": "no"}) == ({}, [(f"{ROLE}/incident_role_id", "not_found")])
    lead, reporter = {"incident_role_id": "lead"}, {"incident_role_id": "reporter"}
    assert assigned(lead, lead)[1] == [("/incident_role_assignments/1/incident_role_id", "invalid_value")]
    assert assigned(reporter)[1] == [(f"{ROLE}/incident_role_id", "invalid_value")]
    assert assigned(reporter, declaring=True)[1] == []


def test_timestamps():
    """Each is set to a moment or unset, and stands once."""

    def stamped(*values):
        return read(changes.timestamps, {"incident_timestamp_values": list(values)})

    first, second = {"incident_timestamp_id": "T1", "value": "2026-01-15T14:00:00Z"}, {"incident_timestamp_id": "T2"}
    meant, problems = stamped(first, second)
    assert problems == []
    assert meant["T1"].startswith("2026-01-15T14:00:00")
    assert meant["T2"] is None
    at = "/incident_timestamp_values"
    assert stamped(first, second, first)[1] == [(f"{at}/2/incident_timestamp_id", "invalid_value")]
    assert stamped({}) == ({}, [(f"{at}/0/incident_timestamp_id", "is_required")])
    assert stamped({"incident_timestamp_id": "T9"}) == ({}, [(f"{at}/0/incident_timestamp_id", "not_found")])
    assert stamped({**second, "value": "noon"})[1] == [(f"{at}/0/value", "invalid_value")]
