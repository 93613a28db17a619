"""Decoding what other people's organisations really answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from incidentio_magic.api import models
from incidentio_magic.api.decoding import decode, decoder, describe_unreadable
from tests.api.test_models import FULL, RECORDS, sample

EMPTIES = {"absent": ..., "null": None, "text": "", "list": [], "object": {}}
DURATION = {"id": "D", "name": "Lasted"}


def page(*incidents, **more):
    """Decode one page of incidents."""
    content = json.dumps({"incidents": list(incidents), **more}).encode()
    return decode(content, "incidents", list[models.Incident])


def incident(**changes):
    """Return an incident with some parts replaced; ... removes a part."""
    return {name: part for name, part in {**FULL, **changes}.items() if part is not ...}


def without(record, name, instead):
    """Return a record whose part `name` is missing in some way."""
    rest = {other: value for other, value in record.items() if other != name}
    return rest if instead is ... else rest | {name: instead}


def filled(value):
    """Return a record as plain values, without the parts that hold nothing."""
    value = msgspec.to_builtins(value)
    if isinstance(value, list):
        return [filled(item) for item in value]
    if isinstance(value, dict):
        parts = {name: filled(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in EMPTIES.values()}
    return value


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_absent_null_and_empty_are_the_same(kind):
    """Whatever part of whatever record is missing, and however: the same record, or no record."""
    full = sample(kind)
    for part in msgspec.structs.fields(kind):
        for name, empty in EMPTIES.items():
            absent, other = (
                decode(json.dumps({"x": [without(full, part.encode_name, missing)]}).encode(), "x", list[kind])
                for missing in (..., empty)
            )
            where = f"{part.name}: {name}"
            assert filled(absent.content) == filled(other.content), where
            assert absent.lost == other.lost == 1 - len(absent.content), where
            if not part.required:
                assert absent.lost == other.lost == 0, where
                assert not other.unreadable, where


@pytest.mark.parametrize("odd", [5, -1.5, True, "text", [1], {"a": 1}, 10**40], ids=repr)
@pytest.mark.parametrize("name", [part.name for part in msgspec.structs.fields(models.Incident)])
def test_an_odd_part_costs_that_part(name, odd):
    """A part of another kind costs at most that part of that incident; only the ID and reference cost the incident."""
    decoded = page(FULL, incident(**{name: odd}), FULL)
    assert len(decoded.content) + decoded.lost == 3
    assert decoded.content[0] == decoded.content[-1]
    if name not in {"id", "reference"}:
        assert decoded.lost == 0
        changed, full = decoded.content[1], decoded.content[0]
        others = [other for other in models.Incident.__struct_fields__ if other != name]
        assert all(getattr(changed, other) == getattr(full, other) for other in others)
    assert all(place.startswith(f"incidents.{name}") for place in decoded.unreadable)


NESTED = {
    "a duration without a status": (
        {"duration_metrics": [{"duration_metric": {"id": "D", "name": "Lasted"}, "value_seconds": 60}]},
        "incidents.duration_metrics.status",
        lambda record: record.duration_metrics == [],
    ),
    "an assignee without a name": (
        {
            "incident_role_assignments": [
                {"role": {"id": "R", "name": "Lead"}, "assignee": {"id": "U", "email": "ada@example.com"}}
            ]
        },
        "incidents.incident_role_assignments.assignee.name",
        lambda record: record.incident_role_assignments[0].assignee.name == "ada@example.com",
    ),
    "an assignee whose name and email address are empty": (
        {
            "incident_role_assignments": [
                {"role": {"id": "R", "name": "Lead"}, "assignee": {"id": "U", "name": "", "email": ""}}
            ]
        },
        "incidents.incident_role_assignments.assignee.name",
        lambda record: record.incident_role_assignments[0].assignee.name == "U",
    ),
    "a severity without a name": (
        {"severity": {"id": "SEV1", "rank": 1}},
        "incidents.severity.name",
        lambda record: record.severity.name == "SEV1",
    ),
    "an absurd time": (
        {"updated_at": "2026-13-45T99:00:00Z"},
        "incidents.updated_at",
        lambda record: record.updated_at == models.NO_TIME,
    ),
    "a timestamp that is text": (
        {"incident_timestamp_values": [{"incident_timestamp": {"id": "T", "name": "n"}, "value": {"value": "soon"}}]},
        "incidents.incident_timestamp_values.value.value",
        lambda record: record.incident_timestamp_values[0].value.value is None,
    ),
    "a number for a text": ({"summary": 5}, "incidents.summary", lambda record: record.summary is None),
    "a rank of text": (
        {"severity": {"id": "S", "name": "Major", "rank": "high"}},
        "incidents.severity.rank",
        lambda record: record.severity == models.Severity("S", "Major", 0),
    ),
    "a status of nothing but a number": (
        {"incident_status": 7},
        "incidents.incident_status",
        lambda record: record.incident_status == models.NO_STATUS,
    ),
    "a duration that no clock could measure": (
        {
            "duration_metrics": [
                {"duration_metric": {"id": "D", "name": "n"}, "status": "success", "value_seconds": 2**63}
            ]
        },
        "incidents.duration_metrics.value_seconds",
        lambda record: record.duration_metrics[0].value_seconds is None,
    ),
    "an odd item in a list": (
        {"team_ids": ["T1", 7, None, "T2"]},
        "incidents.team_ids",
        lambda record: record.team_ids == ["T1", "T2"],
    ),
}


@pytest.mark.parametrize(("changes", "place", "right"), NESTED.values(), ids=NESTED)
def test_where_it_was(changes, place, right):
    """What could not be read is counted under its place, once for each incident that has it."""
    decoded = page(FULL, incident(**changes), incident(**changes))
    assert dict(decoded.unreadable) == {place: 2}
    assert decoded.lost == 0
    assert right(decoded.content[1])


@pytest.mark.parametrize(("sent", "rank"), [("3.0", 3), ("2e1", 20), ("-4.00", -4), ("0.5", 0), ("1e400", 0)])
def test_a_whole_number_that_is_sent_with_a_fraction(sent, rank):
    """A rank that is sent as 3.0 is 3; one that is no whole number costs the rank alone, and is counted."""
    severity = f'{{"id": "S", "name": "Major", "rank": {sent}}}'
    content = json.dumps({"incidents": [incident(severity="here")]}).replace('"here"', severity).encode()
    decoded = decode(content, "incidents", list[models.Incident])
    assert decoded.content[0].severity.rank == rank
    assert bool(decoded.unreadable) == (rank == 0)


@pytest.mark.parametrize("part", ["id", "reference"])
@pytest.mark.parametrize("value", [..., None, "", 5])
def test_a_record_without_its_identity(part, value):
    """An incident without an ID or a reference is lost and counted; the others stay."""
    decoded = page(FULL, incident(**{part: value}))
    assert [record.reference for record in decoded.content] == ["INC-7"]
    assert (decoded.lost, dict(decoded.unreadable)) == (1, {f"incidents.{part}": 1})


@pytest.mark.parametrize("record", [None, {}, [], 5, "x", {"id": None, "name": ""}])
def test_what_is_no_record_at_all(record):
    """Something else in the list is lost and counted."""
    decoded = page(FULL, record)
    assert (len(decoded.content), decoded.lost) == (1, 1)
    assert sum(decoded.unreadable.values()) == 1


@pytest.mark.parametrize(
    ("content", "rows"),
    [(b'{"incidents": null}', 0), (b'{"pagination_meta": {"page_size": 25}}', 0), (b'{"incidents": ""}', 0)],
)
def test_no_list_is_an_empty_list(content, rows):
    """A list that is null, or absent from a page, is empty."""
    assert len(decode(content, "incidents", list[models.Incident]).content) == rows


@pytest.mark.parametrize("rank", [None, -3, 0, 2**53 + 1, 10**30])
def test_ranks(rank):
    """Ranks may be null, negative and huge."""
    decoded = page(incident(severity={"id": "S", "name": "n", "rank": rank}))
    assert decoded.content[0].severity.rank == (rank or 0)
    assert not decoded.unreadable


@pytest.mark.parametrize(
    "digits", ["9007199254740993", "12.50", "-0.1", "1e3", "1" * 400, "0.1234567890123456789", "3"]
)
def test_numbers_keep_their_digits(digits):
    """The value of a numeric field keeps the digits that were sent, as text or as a number."""
    field = {"id": "F", "name": "Customers", "field_type": "numeric"}
    for sent in (f'"{digits}"', digits):
        body = json.dumps(incident(custom_field_entries=[{"custom_field": field, "values": ["here"]}]))
        body = body.replace('"here"', f'{{"value_numeric": {sent}}}')
        decoded = decode(f'{{"incidents": [{body}]}}'.encode(), "incidents", list[models.Incident])
        assert decoded.content[0].custom_field_entries[0].values[0].value_numeric == digits
        assert not decoded.unreadable


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "part by part"])
@pytest.mark.parametrize(("digits", "is_read"), [(18, True), (19, True), (4299, True), (4300, False), (9999, False)])
@pytest.mark.parametrize("sign", ["", "-"])
def test_numbers_of_many_digits(digits, is_read, sign, is_whole):
    """A whole number is exact up to a length; a longer one is counted as unreadable. The rest changes nothing."""
    number = f"{sign}{'7' * digits}"
    is_read = is_read or (digits == 4300 and not sign)
    severity = {"id": "S", "name": "Major", "rank": "here"}
    body = json.dumps({"incidents": [incident(severity=severity, summary="x" if is_whole else 5)]})
    decoded = decode(body.replace('"here"', number).encode(), "incidents", list[models.Incident])
    assert decoded.content[0].severity.rank == (int(number) if is_read else 0)
    unreadable = set() if is_whole else {"incidents.summary"}
    assert set(decoded.unreadable) == unreadable | (set() if is_read else {"incidents.severity.rank"})


@pytest.mark.parametrize("year", [1, 2, 1969, 9999])
def test_far_times(year):
    """Times from year 1 to year 9999 are read."""
    decoded = page(incident(created_at=f"{year:04}-01-01T00:00:00Z"))
    assert decoded.content[0].created_at == datetime(year, 1, 1, tzinfo=UTC)


CHARACTERS = {
    "not UTF-8": (b'"Caf\xe9"', "Caf\ufffd"),
    "half a surrogate": (b'"Hi \\ud83d!"', "Hi \ufffd!"),
    "half a surrogate at the end": (b'"Hi \\uD83D"', "Hi \ufffd"),
}


@pytest.mark.parametrize(("sent", "name"), CHARACTERS.values(), ids=CHARACTERS)
def test_broken_characters(sent, name):
    """What is not Unicode is replaced, and counted; the page stays."""
    body = json.dumps({"incidents": [FULL, incident(name="here")]}).encode().replace(b'"here"', sent)
    decoded = decode(body, "incidents", list[models.Incident])
    assert [record.name for record in decoded.content] == [FULL["name"], name]
    assert dict(decoded.unreadable) == {"incidents (characters)": 1}


def test_characters_of_every_plane():
    """Text of every plane is kept as it is, an escaped NUL and the replacement character included."""
    text = "".join(chr(plane * 0x10000 + 0xFFFD) for plane in range(17)) + "\x00\u202e🔒"
    decoded = page(incident(name=text, summary=5))
    assert decoded.content[0].name == text
    assert dict(decoded.unreadable) == {"incidents.summary": 1}


@pytest.mark.parametrize(
    ("meta", "found", "place"),
    [
        ({"after": 7, "page_size": 25}, models.PaginationMeta(page_size=25), {"pagination_meta.after": 1}),
        ("next", None, {"pagination_meta": 1}),
        ({"after": "x", "page_size": "25", "total_record_count": {}}, models.PaginationMeta("x"), None),
        ({}, models.PaginationMeta(), {}),
        ("", None, {}),
    ],
)
def test_where_the_list_goes_on(meta, found, place):
    """A cursor that cannot be read is counted, so that the page is not taken for the last."""
    decoded = page(FULL, pagination_meta=meta)
    assert decoded.meta == found
    assert dict(decoded.unreadable) == ({"pagination_meta.page_size": 1} if place is None else place)


def test_a_body_that_was_decoded_as_something_else():
    """An answer may have been decoded for a narrower table; it is decoded again for what is wanted now."""
    content = b'{"severities": [{"id": "S1", "name": "Minor", "rank": 2}]}'
    as_named = decoder("severities", list[models.Named]).decode(content)
    (minor,) = decode(content, "severities", list[models.Severity], as_named).content
    assert minor == models.Severity("S1", "Minor", rank=2)
    as_severities = decoder("severities", list[models.Severity]).decode(content)
    assert decode(b"not read again", "severities", list[models.Severity], as_severities).content == [minor]


def test_a_single_record():
    """One record is read part by part too; without its identity there is none."""
    found = decode(json.dumps({"incident": incident(summary=5)}).encode(), "incident", models.Incident)
    assert (found.content.reference, dict(found.unreadable)) == ("INC-7", {"incident.summary": 1})
    with pytest.raises(ValueError, match=r"incident\.id is missing or cannot be read"):
        decode(json.dumps({"incident": incident(id=None)}).encode(), "incident", models.Incident)


def test_free_content_keeps_its_numbers():
    """The free content of an activity log entry holds Python's own numbers, whatever its neighbours are."""
    entry = {"id": "E", "title": 5, "content": {"a": [1.5, 10**30, 1e400 and 2], "b": {"c": None}}}
    found = decode(json.dumps({"x": [entry]}).encode(), "x", list[models.ActivityLogEntry])
    assert found.content[0].content == entry["content"]


def test_the_strict_pass_and_the_tolerant_one_agree():
    """What the strict pass reads, the tolerant pass reads alike: an odd neighbour changes nothing."""
    strict = page(FULL).content[0]
    tolerant = page(FULL, incident(summary=5)).content[0]
    assert strict == tolerant
    assert page(incident(summary="", name=5)).content[0].summary == page(incident(summary="")).content[0].summary == ""


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "part by part"])
@pytest.mark.parametrize("seconds", [10**12, -(10**12), 10**12 + 1, -(10**12) - 1])
def test_the_longest_span(seconds, is_whole):
    """A span of up to 30,000 years is read; a longer one is counted as unreadable. The rest changes nothing."""
    metric = DURATION if is_whole else {"id": "D"}
    metrics = [{"duration_metric": metric, "status": "success", "value_seconds": seconds}]
    decoded = page(incident(duration_metrics=metrics))
    is_read = abs(seconds) <= 10**12
    assert decoded.content[0].duration_metrics[0].value_seconds == (seconds if is_read else None)
    assert ("incidents.duration_metrics.value_seconds" in decoded.unreadable) is not is_read


@pytest.mark.parametrize(
    ("unreadable", "line"),
    [
        ({}, ""),
        ({"a.b": 1}, "1 part of the answers could not be read and was left out: a.b (1)"),
        (
            {"a": 1, "b": 3, "c": 2},
            "6 parts of the answers could not be read and were left out: b (3), c (2), a (1)",
        ),
        (
            {"a": 1, "b": 3, "c": 2, "d": 1},
            "7 parts of the answers could not be read and were left out: b (3), c (2), a (1) and 1 other place",
        ),
    ],
)
def test_one_line_says_it(unreadable, line):
    """One line says how many parts are missing, and where most of them were."""
    assert describe_unreadable(unreadable) == line
