"""What is about to be written: its problems, its payload, and a key that is the same for the same intent.

Serves `writes/drafts/declaration.py`, `writes/drafts/document.py`, `writes/drafts/edit.py`, `writes/drafts/event.py`,
`writes/drafts/intents.py`, `writes/drafts/moves.py`, `writes/drafts/page.py`, `writes/drafts/parts.py` and
`writes/drafts/update.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from incident_io import models as vendor

from incidentio_magic.api import models
from incidentio_magic.writes.drafts import (
    Declaration,
    Edit,
    Event,
    FieldEntry,
    Page,
    Update,
    chained_key,
    intent_key,
    legal_statuses,
    tidy,
)
from incidentio_magic.writes.drafts.parts import value_of

ORGANISATION = "https://app.incident.io/org"
AT = datetime(2026, 11, 23, 14, 5, 6, 789, tzinfo=UTC)

MAJOR = models.Severity("SEV2", "Major", 2)
CRITICAL = models.Severity("SEV3", "Critical", 3)
TRIAGE = models.IncidentStatus("ST0", "Triage", "triage", 1)
MONITORING = models.IncidentStatus("ST2", "Monitoring", "live", 3)
DEFAULT = models.IncidentType("TY1", "Default", is_default=True)
SECURITY = models.IncidentType("TY2", "Security", private_incidents_only=True)
UNSURE = models.IncidentType("TY3", "Unsure", create_in_triage="always")
ALICE = models.User("US1", "Alice")
BOB = models.User("US2", "Bob")
LEAD = models.IncidentRole("RO1", "Lead", role_type="lead")
SCRIBE = models.IncidentRole("RO2", "Scribe", role_type="custom")
REPORTER = models.IncidentRole("RO3", "Reporter", role_type="reporter")
STARTED = models.IncidentTimestamp("TS1", "Started")
FIXED = models.IncidentTimestamp("TS2", "Fixed")
TEAM = models.CustomField("CF1", "Team", "multi_select")
CAUSE = models.CustomField("CF2", "Cause", "single_select")
SERVICE = models.CustomField("CF3", "Service", "multi_select", catalog_type_id="CT1")
NOTE = models.CustomField("CF4", "Note", "text")
LINK = models.CustomField("CF5", "Link", "link")
COST = models.CustomField("CF6", "Cost", "numeric")
RED, BLUE = models.Named("OP1", "Red"), models.Named("OP2", "Blue")
PATH = models.EscalationPath("EP1", "Primary")


@pytest.fixture
def incident(make_incident):
    """INC-7 with a field, a role and a timestamp set."""
    return make_incident(
        summary="Cards are declined",
        call_url="https://meet.example/1",
        custom_field_entries=[
            {
                "custom_field": {"id": "CF1", "name": "Team", "field_type": "multi_select"},
                "values": [{"value_option": {"id": "OP1", "value": "Red"}}],
            },
            {
                "custom_field": {"id": "CF6", "name": "Cost", "field_type": "numeric"},
                "values": [{"value_numeric": "3"}],
            },
        ],
        incident_role_assignments=[
            {"role": {"id": "RO1", "name": "Lead"}, "assignee": {"id": "US1", "name": "Alice"}},
            {"role": {"id": "RO2", "name": "Scribe"}},
        ],
        incident_timestamp_values=[
            {"incident_timestamp": {"id": "TS1", "name": "Started"}, "value": {"value": "2026-11-23T11:00:00Z"}},
            {"incident_timestamp": {"id": "TS2", "name": "Fixed"}},
        ],
    )


def full_declaration() -> Declaration:
    """Return a declaration with every part."""
    return Declaration(
        name="Checkout fails",
        summary="Cards are declined",
        severity=MAJOR,
        type=DEFAULT,
        status=MONITORING,
        mode="test",
        visibility="private",
        fields=(
            FieldEntry(TEAM, (RED, BLUE)),
            FieldEntry(SERVICE, (RED,)),
            FieldEntry(NOTE, ("text",)),
            FieldEntry(LINK, ("https://a.example/x",)),
            FieldEntry(COST, ("12.5",)),
        ),
        roles=((LEAD, ALICE), (SCRIBE, BOB)),
        timestamps=((STARTED, AT), (FIXED, AT)),
    )


# Keys


KEY = re.compile(r"[a-z]+-[0-9a-f]{40}")


def test_keys_have_a_fixed_form(incident):
    """A key is the verb and a hash, and holds no date and no text."""
    drafts = [
        full_declaration(),
        Update(incident, "hello"),
        Event(incident, "title", AT),
        Page(incident, "title", PATH),
        Edit(incident, name="new"),
    ]
    keys = [draft.key(ORGANISATION) for draft in drafts]
    assert [key.partition("-")[0] for key in keys] == ["declare", "update", "event", "page", "edit"]
    assert all(KEY.fullmatch(key) for key in keys)
    assert len(set(keys)) == len(keys)


SCRIPT = """
from incidentio_magic.writes.drafts import Declaration, intent_key
from incidentio_magic.api.models import Severity
print(Declaration("Checkout fails", "ü", severity=Severity("SEV2", "Major", 2)).key("https://app.incident.io/org"))
"""


@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_keys_are_the_same_in_every_process(seed):
    """The same intent has the same key in every kernel, whatever its hash seed, time zone and language."""
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    found = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True, text=True)
    assert found.stdout.strip() == Declaration("Checkout fails", "ü", severity=MAJOR).key(ORGANISATION)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(), JSON, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_a_payload_does_not_matter(payload, random):
    """Shuffling the names of a payload leaves its key."""
    names = list(payload)
    random.shuffle(names)
    assert intent_key("update", "o", payload) == intent_key("update", "o", {name: payload[name] for name in names})


def test_the_order_of_parts_does_not_matter():
    """Fields, options, roles and timestamps are the same intent in any order."""
    declaration = full_declaration()
    other = replace(
        declaration,
        fields=(FieldEntry(TEAM, (BLUE, RED)), *declaration.fields[:0:-1]),
        roles=declaration.roles[::-1],
        timestamps=declaration.timestamps[::-1],
    )
    assert other.payload() != declaration.payload()
    assert other.key(ORGANISATION) == declaration.key(ORGANISATION)


@pytest.mark.parametrize(
    ("typed", "other"),
    [("a\nb", "a\r\nb"), ("a\nb", "a\rb"), ("a", " a \n\n"), ("", " \n")],
)
def test_how_a_text_was_typed_does_not_matter(incident, typed, other):
    """Line ends and blank edges do not change a key."""
    assert Update(incident, typed, MONITORING).key(ORGANISATION) == Update(incident, other, MONITORING).key(
        ORGANISATION
    )


CHANGES = {
    "name": {"name": "Checkout is slow"},
    "summary": {"summary": "More"},
    "no summary": {"summary": ""},
    "severity": {"severity": CRITICAL},
    "no severity": {"severity": None},
    "type": {"type": UNSURE},
    "no type": {"type": None},
    "status": {"status": TRIAGE},
    "no status": {"status": None},
    "mode": {"mode": "standard"},
    "visibility": {"visibility": "public"},
    "fewer options": {"fields": (FieldEntry(TEAM, (RED,)),)},
    "other text": {"fields": (FieldEntry(NOTE, ("other",)),)},
    "no fields": {"fields": ()},
    "other person": {"roles": ((LEAD, BOB), (SCRIBE, BOB))},
    "exchanged people": {"roles": ((LEAD, BOB), (SCRIBE, ALICE))},
    "no roles": {"roles": ()},
    "other time": {"timestamps": ((STARTED, AT), (FIXED, AT + timedelta(seconds=1)))},
    "no times": {"timestamps": ()},
}


def test_any_change_changes_the_key():
    """Declarations that differ in any part have different keys."""
    drafts = [full_declaration(), *(replace(full_declaration(), **change) for change in CHANGES.values())]
    keys = {draft.key(ORGANISATION) for draft in drafts} | {full_declaration().key("https://app.incident.io/other")}
    assert len(keys) == len(drafts) + 1


def test_composed_and_decomposed_letters_are_the_same(incident):
    """An accent in a character of its own, as some files and systems write it, is the same text and the same key."""
    composed, decomposed = (normalize(form, "Café à côté, über 한글") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert Update(incident, composed).key(ORGANISATION) == Update(incident, decomposed).key(ORGANISATION)
    assert Update(incident, "Cafe").key(ORGANISATION) != Update(incident, "Café").key(ORGANISATION)


def test_any_change_of_an_update_changes_the_key(incident, make_incident):
    """Updates that differ in incident, message, status or severity have different keys."""
    drafts = [
        Update(incident, "a"),
        Update(incident, "b"),
        Update(make_incident(id="01OTHER"), "a"),
        Update(incident, "a", MONITORING),
        Update(incident, "a", None, MAJOR),
        Update(incident, "", MONITORING),
        Update(incident, "", None, MAJOR),
        Update(incident, "", MONITORING, MAJOR),
    ]
    assert len({draft.key(ORGANISATION) for draft in drafts}) == len(drafts)


def test_what_is_not_sent_is_not_in_the_key(incident, make_incident):
    """An incident that moved on meanwhile does not make the same update a new one."""
    later = make_incident(name="renamed", updated_at="2026-11-24T00:00:00Z")
    assert Update(incident, "a").key(ORGANISATION) == Update(later, "a").key(ORGANISATION)


@pytest.mark.parametrize("typed", ["", "20m"])
def test_a_moment_that_depends_on_now_is_no_intent(incident, typed):
    """An event at no time, or at a time ago, keeps its key a minute later; one at a fixed time does not."""
    later = AT + timedelta(minutes=1)
    keys = {Event(incident, "t", at, typed=typed).key(ORGANISATION) for at in (AT, later)}
    assert len(keys) == 1
    assert len(keys | {Event(incident, "t", at).key(ORGANISATION) for at in (AT, later)}) == 3
    assert Event(incident, "t", AT, typed=typed).payload()["timestamp"] == "2026-11-23T14:05:06Z"


def test_who_is_paged_is_a_set(incident):
    """People named in another order, or twice, are the same page."""
    page = Page(incident, "t", users=(ALICE, BOB))
    other = Page(incident, "t", users=(BOB, ALICE, BOB))
    assert page.payload() == other.payload()
    assert page.key(ORGANISATION) == other.key(ORGANISATION)


def test_chained_keys():
    """A chained key depends on the key and the result it follows, and keeps the verb."""
    keys = [chained_key("update-1", "a"), chained_key("update-1", "b"), chained_key("update-2", "a")]
    keys.append(chained_key(keys[0], "a"))
    assert len(set(keys)) == 4
    assert all(KEY.fullmatch(key) and key.startswith("update-") for key in keys)
    assert keys[0] == chained_key("update-1", "a")


@given(st.text())
def test_tidy_is_done_once(text):
    """A tidied text has plain line ends and no blank edges, and is not changed by tidying it again."""
    once = tidy(text)
    assert "\r" not in once
    assert once == once.strip() == tidy(once)


# Problems


GOOD = Declaration("Checkout fails", severity=MAJOR)

DECLARATIONS = {
    "good": (GOOD, {}),
    "full": (full_declaration(), {}),
    "no name": (replace(GOOD, name=""), {"name"}),
    "blank name": (replace(GOOD, name=" \n\t"), {"name"}),
    "two lines": (replace(GOOD, name="one\ntwo"), {"name"}),
    "two lines of old": (replace(GOOD, name="one\rtwo"), {"name"}),
    "a line and its end": (replace(GOOD, name="one\r\n"), {}),
    "longest name": (replace(GOOD, name="x" * 500 + "\n"), {}),
    "too long a name": (replace(GOOD, name="x" * 501), {"name"}),
    "no severity": (replace(GOOD, severity=None), {"severity"}),
    "triage by status": (replace(GOOD, severity=None, status=TRIAGE), {}),
    "triage by type": (replace(GOOD, severity=None, type=UNSURE), {}),
    "type in triage, status not": (replace(GOOD, severity=None, type=UNSURE, status=MONITORING), {"severity"}),
    "public secret": (replace(GOOD, type=SECURITY), {"visibility"}),
    "private secret": (replace(GOOD, type=SECURITY, visibility="private"), {}),
    "bad field": (replace(GOOD, fields=(FieldEntry(COST, ("many",)),)), {"field Cost"}),
    "everything": (
        Declaration("", type=SECURITY, fields=(FieldEntry(COST, ("many",)), FieldEntry(LINK, ("x",)))),
        {"name", "severity", "visibility", "field Cost", "field Link"},
    ),
}


@pytest.mark.parametrize(("draft", "fields"), DECLARATIONS.values(), ids=DECLARATIONS)
def test_problems_of_declarations(draft, fields):
    """A declaration names each field that keeps it from being sent."""
    assert set(draft.problems()) == set(fields)


FIELDS = {
    "one option": (CAUSE, (RED,), ""),
    "two options of one": (CAUSE, (RED, BLUE), "takes one value only"),
    "two options": (TEAM, (RED, BLUE), ""),
    "unset": (TEAM, (), ""),
    "text": (NOTE, ("anything at all",), ""),
    "two texts": (NOTE, ("a", "b"), "takes one value only"),
    **{
        f"number {text}": (COST, (text,), "")
        for text in ("0", "12", "-3.5", "+3", "1e3", ".5", "007", "123456789012345678901234567890")
    },
    **{
        f"no number {text}": (COST, (text,), "takes a number")
        for text in ("", "x", "1,5", "1_000", "nan", "+nan", "inf", "+inf", "-Infinity", "1e400", "0x10", "١٢", "½")
    },
    **{f"link {text}": (LINK, (text,), "") for text in ("https://a.example", "http://a.example/b?c#d", "HTTPS://A.B")},
    **{
        f"no link {text}": (LINK, (text,), "takes a link that begins with https://")
        for text in (
            "", "a.example", "ftp://a.example", "javascript:alert(1)", "https://", "https:a.example", "http://[",
            "https://a.example/b c", "https://a.example/\n",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize(("field", "values", "problem"), FIELDS.values(), ids=map(repr, FIELDS))
def test_problems_of_fields(field, values, problem):
    """A custom field takes what its kind allows."""
    assert FieldEntry(field, values).problem() == problem


@given(st.sampled_from([NOTE, LINK, COST]), st.lists(st.text(), max_size=2))
def test_judging_a_field_never_fails(field, values):
    """Whatever was typed into a field, judging it gives words or nothing."""
    assert FieldEntry(field, tuple(values)).problem() in {
        "", "takes one value only", "takes a number", "takes a link that begins with https://",
    }  # fmt: skip


def test_problems_of_updates(incident):
    """An update needs one of message, status and severity."""
    assert set(Update(incident).problems()) == set(Update(incident, " \n").problems()) == {"message"}
    assert Update(incident, "a").problems() == {}
    assert Update(incident, status=MONITORING).problems() == {}
    assert Update(incident, severity=MAJOR).problems() == {}


def test_problems_of_events(incident):
    """An event needs a title."""
    assert Event(incident, "t", AT).problems() == {}
    assert set(Event(incident, " ", AT, "only this").problems()) == {"title"}


def test_problems_of_pages(incident):
    """A page needs a title, and either a path or people."""
    assert Page(incident, "t", PATH).problems() == {}
    assert Page(incident, "t", users=(ALICE,)).problems() == {}
    assert set(Page(incident, "t").problems()) == {"to"}
    assert set(Page(incident, "t", PATH, (ALICE,)).problems()) == {"to"}
    assert set(Page(incident, "").problems()) == {"title", "to"}


EDITS = {
    "nothing": ({}, {"changes"}),
    "name": ({"name": "new"}, set()),
    "empty name": ({"name": " "}, {"name"}),
    "name of two lines": ({"name": "a\nb"}, {"name"}),
    "too long a name": ({"name": "x" * 501}, {"name"}),
    "empty summary": ({"summary": ""}, set()),
    "empty call": ({"call_url": ""}, set()),
    "field": ({"fields": (FieldEntry(COST, ("x",)),)}, {"field Cost"}),
    "reporter": ({"roles": ((REPORTER, ALICE), (LEAD, None))}, {"role Reporter"}),
}


@pytest.mark.parametrize(("changes", "fields"), EDITS.values(), ids=EDITS)
def test_problems_of_edits(incident, changes, fields):
    """An edit names each field that keeps it from being sent."""
    assert set(Edit(incident, **changes).problems()) == fields


# Payloads


def unknown_keys(parsed, path=""):
    """Return the names that a vendor's model did not know, at any depth."""
    found = [f"{path}.{name}" for name in getattr(parsed, "additional_properties", {})]
    for name in [attribute.name for attribute in parsed.__attrs_attrs__]:
        value = getattr(parsed, name)
        for entry in value if isinstance(value, list) else [value]:
            if hasattr(entry, "additional_properties"):
                found += unknown_keys(entry, f"{path}.{name}")
    return found


def test_unknown_keys_are_seen():
    """The check of the payloads sees a name that the vendor does not know, at any depth."""
    body = {**full_declaration().payload(), "idempotency_key": "k"}
    body["incident_role_assignments"][0]["assignee"]["nick"] = "Al"
    model = vendor.IncidentsCreatePayloadV2.from_dict(body)
    assert unknown_keys(model) == [".incident_role_assignments.assignee.nick"]


def parsed(kind, body):
    """Parse a body as the vendor's payload model and return how it writes it back."""
    sent = json.loads(json.dumps(body))
    model = kind.from_dict(json.loads(json.dumps(sent)))
    assert unknown_keys(model) == []
    assert json.loads(json.dumps(model.to_dict()).replace("+00:00", "Z")) == sent
    return model


@pytest.mark.parametrize(
    "draft",
    [GOOD, full_declaration(), *(replace(full_declaration(), **change) for change in CHANGES.values())],
    ids=["least", "full", *CHANGES],
)
def test_a_declaration_is_what_the_vendor_takes(draft):
    """A declaration's body parses as the vendor's payload, every part known."""
    model = parsed(vendor.IncidentsCreatePayloadV2, {"idempotency_key": "k", **draft.payload()})
    assert model.name == draft.name
    assert str(model.visibility.value) == draft.visibility


def test_a_full_declaration():
    """A declaration's body has IDs in place of names, times in UTC, and each kind of value under its own name."""
    berlin = timezone(timedelta(hours=1))
    assert replace(full_declaration(), timestamps=((STARTED, AT.astimezone(berlin)),)).payload() == {
        "name": "Checkout fails",
        "summary": "Cards are declined",
        "severity_id": "SEV2",
        "incident_type_id": "TY1",
        "incident_status_id": "ST2",
        "mode": "test",
        "visibility": "private",
        "custom_field_entries": [
            {"custom_field_id": "CF1", "values": [{"value_option_id": "OP1"}, {"value_option_id": "OP2"}]},
            {"custom_field_id": "CF3", "values": [{"value_catalog_entry_id": "OP1"}]},
            {"custom_field_id": "CF4", "values": [{"value_text": "text"}]},
            {"custom_field_id": "CF5", "values": [{"value_link": "https://a.example/x"}]},
            {"custom_field_id": "CF6", "values": [{"value_numeric": "12.5"}]},
        ],
        "incident_role_assignments": [
            {"incident_role_id": "RO1", "assignee": {"id": "US1"}},
            {"incident_role_id": "RO2", "assignee": {"id": "US2"}},
        ],
        "incident_timestamp_values": [{"incident_timestamp_id": "TS1", "value": "2026-11-23T14:05:06Z"}],
    }


def test_what_is_not_given_is_not_sent():
    """A bare declaration sends name, mode, visibility and severity only."""
    assert GOOD.payload() == {
        "name": "Checkout fails",
        "severity_id": "SEV2",
        "mode": "standard",
        "visibility": "public",
    }


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        (("  hello\r\n",), {"message": "hello"}),
        (("", MONITORING), {"to_incident_status_id": "ST2"}),
        (("", None, MAJOR), {"to_severity_id": "SEV2"}),
        (("a", MONITORING, MAJOR), {"message": "a", "to_incident_status_id": "ST2", "to_severity_id": "SEV2"}),
    ],
    ids=["message", "status", "severity", "all"],
)
def test_an_update_is_what_the_vendor_takes(incident, parts, body):
    """An update's body parses as the vendor's payload and has only what was given."""
    draft = Update(incident, *parts)
    assert draft.payload() == {"incident_id": "01INC7", **body}
    parsed(vendor.IncidentUpdatesCreatePayloadV2, {"idempotency_key": "k", **draft.payload()})


@pytest.mark.parametrize("description", ["", "more"])
def test_an_event_is_what_the_vendor_takes(incident, description):
    """An event's body parses as the vendor's payload."""
    body = Event(incident, "title", AT, description).payload()
    assert body.pop("description", "") == description
    assert body == {"incident_id": "01INC7", "title": "title", "timestamp": "2026-11-23T14:05:06Z"}
    model = vendor.IncidentTimelineItemsCreatePayloadV2.from_dict({"idempotency_key": "k", **body})
    assert unknown_keys(model) == []
    assert model.timestamp == AT.replace(microsecond=0)


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ({"path": PATH}, {"escalation_path_id": "EP1"}),
        ({"users": (BOB, ALICE)}, {"user_ids": ["US1", "US2"]}),
        ({"path": PATH, "description": "more "}, {"escalation_path_id": "EP1", "description": "more"}),
    ],
    ids=["path", "people", "description"],
)
def test_a_page_is_what_the_vendor_takes(incident, parts, body):
    """A page's body parses as the vendor's payload."""
    draft = Page(incident, "wake up", **parts)
    assert draft.payload() == {"incident_id": "01INC7", "title": "wake up", **body}
    parsed(vendor.EscalationsCreatePayloadV2, {"idempotency_key": "k", **draft.payload()})


# Edits: only differences


START = datetime(2026, 11, 23, 11, tzinfo=UTC)

DIFFERENCES = {
    "same name": ({"name": " Checkout fails\n"}, [], {}),
    "name": ({"name": "new "}, ["name"], {"name": "new"}),
    "same summary": ({"summary": "Cards are declined"}, [], {}),
    "no summary": ({"summary": ""}, ["summary"], {"summary": ""}),
    "same call": ({"call_url": "https://meet.example/1"}, [], {}),
    "no call": ({"call_url": ""}, ["call_url"], {"call_url": ""}),
    "same severity": ({"severity": MAJOR}, [], {}),
    "severity": ({"severity": CRITICAL}, ["severity"], {"severity_id": "SEV3"}),
    "same status": ({"status": models.IncidentStatus("ST1", "Investigating", "live", 2)}, [], {}),
    "status": ({"status": MONITORING}, ["status"], {"incident_status_id": "ST2"}),
    "same field": ({"fields": (FieldEntry(TEAM, (RED,)),)}, [], {}),
    "field": (
        {"fields": (FieldEntry(TEAM, (RED, BLUE)), FieldEntry(COST, ("3",)))},
        ["field.Team"],
        {
            "custom_field_entries": [
                {"custom_field_id": "CF1", "values": [{"value_option_id": "OP1"}, {"value_option_id": "OP2"}]}
            ]
        },
    ),
    "field unset": (
        {"fields": (FieldEntry(TEAM, ()),)},
        ["field.Team"],
        {"custom_field_entries": [{"custom_field_id": "CF1", "values": []}]},
    ),
    "field never set": ({"fields": (FieldEntry(NOTE, ()),)}, [], {}),
    "number": (
        {"fields": (FieldEntry(COST, ("4",)),)},
        ["field.Cost"],
        {"custom_field_entries": [{"custom_field_id": "CF6", "values": [{"value_numeric": "4"}]}]},
    ),
    "same role": ({"roles": ((LEAD, ALICE), (SCRIBE, None))}, [], {}),
    "role": (
        {"roles": ((LEAD, BOB), (SCRIBE, None))},
        ["role.Lead"],
        {"incident_role_assignments": [{"incident_role_id": "RO1", "assignee": {"id": "US2"}}]},
    ),
    "role emptied": (
        {"roles": ((LEAD, None),)},
        ["role.Lead"],
        {"incident_role_assignments": [{"incident_role_id": "RO1"}]},
    ),
    "same time": ({"timestamps": ((STARTED, START + timedelta(milliseconds=900)),)}, [], {}),
    "time": (
        {"timestamps": ((STARTED, START + timedelta(seconds=1)), (FIXED, START))},
        ["at.Started", "at.Fixed"],
        {
            "incident_timestamp_values": [
                {"incident_timestamp_id": "TS1", "value": "2026-11-23T11:00:01Z"},
                {"incident_timestamp_id": "TS2", "value": "2026-11-23T11:00:00Z"},
            ]
        },
    ),
}


@pytest.mark.parametrize(("changes", "names", "body"), DIFFERENCES.values(), ids=DIFFERENCES)
@pytest.mark.parametrize("notify", [True, False], ids=["notify", "quiet"])
def test_an_edit_sends_differences_only(incident, changes, names, body, notify):
    """An edit knows what differs, sends only that, in the vendor's form, and says whether to notify."""
    draft = Edit(incident, **changes, notify=notify)
    assert draft.changed(incident) == names
    assert draft.payload() == {"incident": body, "notify_incident_channel": notify}
    parsed(vendor.IncidentsEditPayloadV2, draft.payload())


def test_an_edit_compares_with_any_incident(incident, make_incident):
    """What was wanted and what was found are told of the same properties, so that an edit can be read back."""
    draft = Edit(incident, name="new", severity=CRITICAL, roles=((LEAD, None),), fields=(FieldEntry(TEAM, ()),))
    after = make_incident(name="new", severity=None)
    assert draft.wanted() == {"name": "new", "severity": "SEV3", "field.Team": frozenset(), "role.Lead": None}
    assert draft.found(after) == {"name": "new", "severity": None, "field.Team": frozenset(), "role.Lead": None}
    assert draft.changed(after) == ["severity"]


def test_keys_of_edits(incident, make_incident):
    """The ledger's key of an edit depends on the incident, the differences and the notification."""
    keys = [
        Edit(incident, name="new").key(ORGANISATION),
        Edit(incident, name="newer").key(ORGANISATION),
        Edit(incident, name="new", notify=True).key(ORGANISATION),
        Edit(make_incident(id="01OTHER"), name="new").key(ORGANISATION),
    ]
    assert len(set(keys)) == 4
    assert Edit(incident, name="new", severity=MAJOR).key(ORGANISATION) == keys[0]


# Previews


def test_rows_name_everything_beside_its_id():
    """A preview shows every part of a declaration in words, with the ID that is sent."""
    assert full_declaration().rows() == [
        ("name", "Checkout fails", ""),
        ("summary", "Cards are declined", ""),
        ("severity", "Major", "SEV2"),
        ("type", "Default", "TY1"),
        ("status", "Monitoring", "ST2"),
        ("mode", "test", ""),
        ("visibility", "private", ""),
        ("field Team", "Red, Blue", "CF1"),
        ("field Service", "Red", "CF3"),
        ("field Note", "text", "CF4"),
        ("field Link", "https://a.example/x", "CF5"),
        ("field Cost", "12.5", "CF6"),
        ("role Lead", "Alice", "US1"),
        ("role Scribe", "Bob", "US2"),
        ("at Started", "2026-11-23 14:05:06 UTC", "TS1"),
        ("at Fixed", "2026-11-23 14:05:06 UTC", "TS2"),
    ]


def test_rows_of_the_others(incident):
    """A preview of a change names the incident first, and tells what is unset and who is told."""
    first = ("incident", "INC-7", "01INC7")
    assert Update(incident, "a", MONITORING, MAJOR).rows() == [
        first, ("message", "a", ""), ("status", "Monitoring", "ST2"), ("severity", "Major", "SEV2"),
    ]  # fmt: skip
    assert Event(incident, "t", AT, "d").rows() == [
        first, ("at", "2026-11-23 14:05:06 UTC", ""), ("title", "t", ""), ("description", "d", ""),
    ]  # fmt: skip
    assert Page(incident, "t", users=(ALICE,)).rows() == [first, ("title", "t", ""), ("person", "Alice", "US1")]
    assert Page(incident, "t", PATH).rows() == [first, ("title", "t", ""), ("path", "Primary", "EP1")]
    assert Edit(incident, name="n", fields=(FieldEntry(TEAM, ()),), roles=((LEAD, None),), notify=True).rows() == [
        first,
        ("name", "n", ""),
        ("field Team", "(unset)", "CF1"),
        ("role Lead", "(nobody)", ""),
        ("notify the channel", "yes", ""),
    ]


# Moves


@pytest.mark.parametrize(
    ("present", "legal"),
    [
        ("triage", ["live", "learning", "closed"]),
        ("live", ["live", "learning", "closed"]),
        ("learning", ["learning", "closed"]),
        ("closed", ["closed"]),
        ("paused", []),
        ("declined", []),
        ("merged", []),
        ("canceled", []),
        ("brand-new", []),
    ],
)
def test_legal_statuses(present, legal):
    """From each category only the allowed categories are offered, and never the present status itself."""
    every = [
        models.IncidentStatus(f"{category}{number}", category, category, number)
        for category in (*models.CATEGORIES, "brand-new")
        for number in (1, 2)
    ]
    here = next(entry for entry in every if entry.category == present)
    found = legal_statuses(here, every)
    assert here not in found
    same = [f"{present}2"] if present in {"triage", "live", "learning", "closed"} else []
    assert [entry.id for entry in found] == same * (present not in legal) + [
        f"{category}{number}" for category in legal for number in (1, 2) if f"{category}{number}" != here.id
    ]


@pytest.mark.parametrize(
    ("part", "compared"),
    [
        ({"value_catalog_entry": models.Named(id="E1", name="Payments")}, "E1"),
        ({"value_option": models.CustomFieldOption("O1", "Red")}, "O1"),
        ({"value_numeric": "42.0"}, "42"),
        ({"value_numeric": "9007199254740993.0"}, "9007199254740993"),
        ({"value_numeric": "4.20e1"}, "42"),
        ({"value_numeric": "many"}, "many"),
        ({"value_text": "abc"}, "abc"),
        ({"value_link": "https://a.example"}, "https://a.example"),
        ({}, ""),
    ],
)
def test_values_as_they_are_compared(part, compared):
    """A value of each kind is compared by its ID or its text."""
    assert value_of(models.CustomFieldValue(**part)) == compared
