"""Records: tolerant of what is new, strict about what is promised.

Serves `api/models/incident.py`, `api/models/organisation.py`, `api/models/people.py` and `api/models/record.py`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.wire import Answer, Request, error_of
from incidentio_magic.names.vocabulary import Vocabulary

RECORDS = sorted(
    (
        kind
        for kind in vars(models).values()
        if isinstance(kind, type) and issubclass(kind, models.Record) and kind is not models.Record
    ),
    key=lambda kind: kind.__name__,
)
FULL = {
    "id": "01INC7",
    "reference": "INC-7",
    "name": "Checkout fails",
    "mode": "standard",
    "visibility": "public",
    "permalink": "https://app.incident.io/org/incidents/7",
    "incident_status": {"id": "ST1", "name": "Investigating", "category": "live", "rank": 2},
    "severity": {"id": "SEV2", "name": "Major", "rank": 2},
    "created_at": "2026-11-23T12:00:00Z",
    "updated_at": "2026-11-23T12:30:00Z",
    "custom_field_entries": [
        {
            "custom_field": {"id": "F", "name": "Note", "field_type": "text", "options": []},
            "values": [{"value_text": "x"}],
        }
    ],
    "incident_role_assignments": [
        {"role": {"id": "R", "name": "Lead", "shortform": "lead"}, "assignee": {"id": "U", "name": "Alice"}}
    ],
    "incident_timestamp_values": [
        {"incident_timestamp": {"id": "T", "name": "Reported", "rank": 1}, "value": {"value": "2026-11-23T12:00:00Z"}}
    ],
}
SAMPLES = {
    str: "text",
    int: 1,
    float: 1.5,
    bool: True,
}


def sample(kind: type) -> dict:
    """Return the least JSON that `kind` accepts: its required fields."""
    return {part.encode_name: value_of(part.type) for part in msgspec.structs.fields(kind) if part.required}


def value_of(kind: object) -> object:
    """Return the least JSON that a field of this type accepts."""
    if kind == models.Present:
        return "text"
    if kind in SAMPLES:
        return SAMPLES[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return sample(kind)
    if kind is models.Moment:
        return "2026-11-23T12:00:00Z"
    assert str(kind).startswith("list"), kind
    return []


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_unknown_fields_are_ignored(kind):
    """A field that is new to us does not matter, whatever it holds."""
    plain = msgspec.convert(sample(kind), kind)
    new = {"brand_new": {"deep": [1, None]}, "another": 3}
    assert msgspec.json.decode(json.dumps(sample(kind) | new), type=kind) == plain


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_absent_and_null_are_alike(kind):
    """An optional field that is null is as if it were absent."""
    plain = msgspec.convert(sample(kind), kind)
    nulls = {part.name: None for part in msgspec.structs.fields(kind) if part.default is None}
    assert msgspec.json.decode(json.dumps(sample(kind) | nulls), type=kind) == plain


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_records_are_values(kind):
    """A record cannot be changed."""
    record = msgspec.convert(sample(kind), kind)
    name = kind.__struct_fields__[0]
    with pytest.raises(AttributeError):
        setattr(record, name, "other")


def test_unknown_enum_values_are_kept(make_incident):
    """A mode, visibility, category or status that is new to us is kept as it is."""
    incident = make_incident(
        mode="rehearsal",
        visibility="half",
        incident_status={"id": "1", "name": "Frozen", "category": "frozen", "rank": 1},
        duration_metrics=[{"duration_metric": {"id": "1", "name": "n"}, "status": "pondering"}],
    )
    assert (incident.mode, incident.visibility) == ("rehearsal", "half")
    assert incident.incident_status.category == "frozen"
    assert incident.duration_metrics[0].status == "pondering"
    assert not incident.is_private
    assert not incident.is_open


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("2026-11-23T12:00:00.123456Z", datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-23T12:00:00.123456789Z", datetime(2026, 11, 23, 12, 0, 0, 123457, tzinfo=UTC)),
        ("2026-11-23T13:00:00+01:00", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_times(make_incident, text, moment):
    """Times come with or without fractions, in any offset, and are aware."""
    created = make_incident(created_at=text).created_at
    assert abs(created - moment) <= timedelta(microseconds=1)
    assert created.utcoffset() is not None


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00", "2026-11-23", "yesterday", "", "1700000000"])
def test_times_without_an_offset_are_refused(make_incident_json, text):
    """A time without an offset, which could not be compared with any other, is not taken."""
    body = json.dumps(make_incident_json(created_at=text))
    with pytest.raises(msgspec.ValidationError, match="created_at"):
        msgspec.json.decode(body, type=models.Incident)


def test_an_incident_that_does_not_say_who_may_see_it(make_incident_json):
    """An incident without a visibility counts as private: its name must not be shown by mistake."""
    body = make_incident_json()
    del body["visibility"]
    assert msgspec.convert(body, models.Incident).is_private


@pytest.mark.parametrize(
    ("category", "is_open"),
    [("triage", True), ("live", True), ("paused", True)]
    + [(name, False) for name in ("learning", "closed", "declined", "canceled", "merged", "new")],
)
def test_open_incidents(make_incident, category, is_open):
    """People still work on an incident in triage, active or paused."""
    status = {"id": "1", "name": "n", "category": category, "rank": 1}
    assert make_incident(incident_status=status).is_open is is_open


@pytest.mark.parametrize(
    ("name", "category"), [("active", "live"), ("post-incident", "learning"), ("live", "live"), ("new", "new")]
)
def test_categories_have_two_names(name, category):
    """The dashboard's names of categories are translated to the API's."""
    assert models.category_of(name) == category


WRONG = {
    "a list": b"[]",
    "text": b'"hello"',
    "null": b"null",
    "nothing": b"",
    "no envelope": b'{"something": []}',
    "an object for a list": b'{"severities": {"hello": 1}}',
    "text for a list": b'{"severities": "hello"}',
    "nested": b'{"severities": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_wrong_shape_is_an_unexpected_answer(content):
    """JSON of the wrong shape is told as such, with the request and its id, and none of its content."""
    answer = Answer(200, {"x-request-id": "req-1"}, content)
    api = Api(SimpleNamespace(send=lambda _request: answer))
    with pytest.raises(
        errors.UnexpectedAnswer, match=r"GET /v1/severities does not match the API.s contract"
    ) as caught:
        Vocabulary(api, lifetime=0).read("severities")
    assert caught.value.request_id == "req-1"
    assert "hello" not in str(caught.value)


def test_a_page_of_the_wrong_shape_is_an_unexpected_answer():
    """An answer in which there is no list is told as such, not taken for an empty one."""
    for content in (b'{"users": {"a": 1}}', b'{"users": 5}', b"{}", b'{"people": []}'):
        api = Api(SimpleNamespace(send=lambda _request, content=content: Answer(200, {}, content)))
        with pytest.raises(errors.UnexpectedAnswer):
            list(api.users())


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ODD |= st.sampled_from(
    ["2026-11-23T12:00:00Z", "9999-99-99T99:99:99Z", "0001-01-01T00:00:00+23:59", "live", "\ud800", 10**400]
)
JSON = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
READS = {
    "identity": ("identity", lambda api: api.identity()),
    "severities": ("severities", lambda api: Vocabulary(api, lifetime=0).read("severities")),
    "custom_fields": ("custom_fields", lambda api: Vocabulary(api, lifetime=0).read("fields")),
    "incident": ("incident", lambda api: api.incident("1")),
    "incident_updates": ("incident_updates", lambda api: list(api.incident_updates("1"))),
    "timeline_items": ("incident_timeline_items", lambda api: list(api.timeline_items("1"))),
    "activity_log_entries": ("activity_log_entries", lambda api: list(api.activity_log_entries("1"))),
    "escalations": ("escalations", lambda api: list(api.escalations("1"))),
    "follow_ups": ("follow_ups", lambda api: list(api.follow_ups("1", ""))),
    "users": ("users", lambda api: list(api.users())),
}


def changed(value, data):
    """Return JSON with one place in it replaced by something odd."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(value)))
        return value | {name: changed(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        return [changed(value[0], data), *value[1:]]
    return data.draw(JSON)


def asked(read, content):
    """Return what a read makes of an answer; None if it is told with an error of this project."""
    try:
        return read(Api(SimpleNamespace(send=lambda _request: Answer(200, {}, content))))
    except errors.IncidentioError:
        return None


@pytest.mark.slow
@settings(max_examples=200)
@given(st.sampled_from([*READS.values()]), st.data())
def test_any_answer_is_a_record_or_refused(which, data):
    """Whatever JSON the service answers, and whatever else: records, or an error of this project."""
    name, read = which
    body = data.draw(JSON | st.builds(lambda content, meta: {name: content, "pagination_meta": meta}, JSON, JSON))
    content = data.draw(st.binary() | st.just(json.dumps(body).encode()))
    found = asked(read, content)
    assert found is None or isinstance(found, list | models.Record)


@pytest.mark.slow
@settings(max_examples=120)
@given(st.data())
def test_any_change_to_an_incident_is_read_or_refused(data):
    """An incident in which one place holds something odd: a record, or an error of this project."""
    assert asked(lambda api: api.incident("7"), json.dumps({"incident": FULL}).encode()).custom_field_entries
    body = {"incident": changed(FULL, data)}
    found = asked(lambda api: api.incident("7"), json.dumps(body).encode())
    assert found is None or isinstance(found, models.Incident)
    meta = changed({"after": "x", "page_size": 1}, data)
    listed = {"incident_updates": [], "pagination_meta": meta}
    asked(lambda api: list(api.incident_updates("1")), json.dumps(listed).encode())


@given(st.integers(300, 999), st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_refusal_is_an_error(status, content):
    """Whatever a refusal holds, it is an error of this project whose text can be shown."""
    error = error_of(Request("GET", "/v2/incidents"), Answer(status, {}, content))
    assert isinstance(error, errors.ServiceError)
    assert "\x1b" not in "".join(error.lines())


@pytest.mark.parametrize(
    ("visibility", "show_private", "shown"),
    [("public", False, "Checkout fails"), ("private", False, models.MASK), ("private", True, "Checkout fails")],
)
def test_names_of_private_incidents_are_masked(make_incident, visibility, show_private, shown):
    """A private incident's name is shown only where that was asked for."""
    incident = make_incident(name="Checkout fails", visibility=visibility)
    assert incident.shown_name(show_private=show_private) == shown


@pytest.mark.parametrize(
    ("kind", "catalog", "offered"),
    [
        ("single_select", None, True),
        ("multi_select", None, True),
        ("multi_select", "CT1", True),
        ("text", None, False),
        ("link", None, False),
        ("numeric", None, False),
        ("brand_new", None, False),
    ],
)
def test_custom_fields_with_options(kind, catalog, offered):
    """A custom field's values come from a list if it is a select field or belongs to a catalog type."""
    assert models.CustomField("CF1", "Team", kind, catalog_type_id=catalog).has_options is offered
