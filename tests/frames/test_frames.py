"""Records to DataFrames: the same columns and dtypes always, nothing private shown, nothing lost.

Serves `frames/_spread.py`, `frames/incidents.py`, `frames/table.py`, `frames/timeline.py`, `frames/updates.py` and
`frames/vocabulary.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.api.models import actor_text
from incidentio_magic.errors import AmbiguousName, InputError, UnknownName
from incidentio_magic.frames import MASK, NARROW, Frames, chosen, lead, made
from incidentio_magic.names.resources import RESOURCES
from incidentio_magic.writes.ledger import Entry

AT = "2026-11-23T12:00:00Z"
NAMES = {
    "roles": [models.IncidentRole("R1", "Lead")],
    "fields": [models.CustomField("F1", "Team", "multi_select"), models.CustomField("F2", "Cost", "numeric")],
    "timestamps": [models.IncidentTimestamp("TS", "Started")],
}

FULL = {
    "summary": "Cards are declined",
    "incident_type": {"id": "T", "name": "Default"},
    "creator": {"alert": {"id": "A", "title": "Cards are declined, says the alert"}},
    "call_url": "https://meet.example/1",
    "last_activity_at": AT,
    "slack_channel_name": "inc-7-checkout-fails",
    "postmortem_document_url": "https://docs.example/checkout-fails",
    "external_issue_reference": {
        "issue_name": "OPS-1",
        "issue_permalink": "https://issues.example/checkout-fails",
        "provider": "linear",
    },
    "has_debrief": True,
    "workload_minutes_total": 12.5,
    "incident_role_assignments": [
        {"role": {"id": "R1", "name": "Lead", "role_type": "lead"}, "assignee": {"id": "U1", "name": "Alice"}},
        {"role": {"id": "R2", "name": "Scribe", "role_type": "custom"}},
    ],
    "custom_field_entries": [
        {
            "custom_field": {"id": "F1", "name": "Team", "field_type": "multi_select"},
            "values": [
                {"value_option": {"id": "O1", "value": "Red"}},
                {"value_catalog_entry": {"id": "E1", "name": "Payments"}},
            ],
        },
        {
            "custom_field": {"id": "F2", "name": "Cost", "field_type": "numeric"},
            "values": [{"value_numeric": "12.5"}],
        },
        {
            "custom_field": {"id": "F3", "name": "Link", "field_type": "link"},
            "values": [{"value_link": "https://a.example/checkout-fails"}],
        },
    ],
    "incident_timestamp_values": [
        {"incident_timestamp": {"id": "TS", "name": "Started"}, "value": {"value": "2026-11-23T11:00:00Z"}},
        {"incident_timestamp": {"id": "TS2", "name": "Fixed"}},
    ],
    "duration_metrics": [
        {"duration_metric": {"id": "D1", "name": "To fix"}, "status": "success", "value_seconds": 90},
        {"duration_metric": {"id": "D2", "name": "To find"}, "status": "pending", "value_seconds": 90},
    ],
}
SECRETS = ("Checkout fails", "Cards are declined", "checkout-fails", "Red", "Payments")


@pytest.fixture
def make_frames(severities, statuses):
    """Build frames of the small organisation."""

    def make(**options):
        return Frames(list(severities.values()), list(statuses.values()), **options)

    return make


@pytest.fixture
def frames(make_frames):
    """Frames in UTC that hide what is private."""
    return make_frames()


@pytest.fixture
def full(make_incident):
    """An incident with every part."""
    return make_incident(**FULL)


def update(**changes):
    """Return an update."""
    record = {
        "id": "UP1",
        "incident_id": "01INC7",
        "created_at": AT,
        "new_incident_status": {"id": "ST2", "name": "Monitoring", "category": "live", "rank": 3},
        "new_severity": {"id": "SEV2", "name": "Major", "rank": 2},
        "message": "Fixed it",
        "updater": {"user": {"id": "U1", "name": "Alice"}},
        **changes,
    }
    return msgspec.convert(record, models.IncidentUpdate, strict=False)


def listed(frames, name, *records):
    """Return one of the organisation's lists as a frame."""
    return frames.vocabulary(RESOURCES[name], *records)


ENTRY = Entry("2026-11-23T12:00:00+00:00", "alice", "o", "update", "INC-7", "i", "k", "sent")

BUILDERS = {
    "incidents": (lambda frames, rows: frames.incidents(rows), "incident"),
    "wide": (lambda frames, rows: frames.incidents(rows, wide=True, **NAMES), "incident"),
    "updates": (lambda frames, rows: frames.updates(rows), [update()]),
    "severities": (
        lambda frames, rows: listed(frames, "severities", rows),
        [models.Severity("1", "Minor", 1)],
    ),
    "statuses": (
        lambda frames, rows: listed(frames, "statuses", rows),
        [models.IncidentStatus("1", "Closed", "closed", 1)],
    ),
    "types": (lambda frames, rows: listed(frames, "types", rows), [models.IncidentType("1", "Default")]),
    "roles": (lambda frames, rows: listed(frames, "roles", rows), [models.IncidentRole("1", "Lead")]),
    "fields": (
        lambda frames, rows: listed(frames, "fields", rows),
        [models.CustomField("1", "Team", "text")],
    ),
    "timestamps": (
        lambda frames, rows: listed(frames, "timestamps", rows),
        [models.IncidentTimestamp("1", "Started")],
    ),
    "teams": (lambda frames, rows: listed(frames, "teams", rows), [models.Team("1", "Search")]),
    "schedules": (
        lambda frames, rows: listed(frames, "schedules", rows),
        [models.Schedule("1", "Primary")],
    ),
    "escalation_paths": (
        lambda frames, rows: listed(frames, "escalation_paths", rows),
        [models.EscalationPath("1", "Search on-call")],
    ),
    "alert_sources": (
        lambda frames, rows: listed(frames, "alert_sources", rows),
        [models.AlertSource("1", "Monitors")],
    ),
    "users": (lambda frames, rows: listed(frames, "users", rows), [models.User("1", "Alice")]),
    "ledger": (lambda frames, rows: frames.ledger(rows), [ENTRY]),
}


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize(("build", "rows"), BUILDERS.values(), ids=BUILDERS)
def test_empty_frames_are_like_full_ones(*, make_frames, make_incident, build, rows, timezone):
    """An empty frame has the columns and dtypes of one with rows, and the same categories."""
    rows = [make_incident()] if rows == "incident" else rows
    frames = make_frames(timezone=timezone)
    full, empty = build(frames, rows), build(frames, [])
    assert (len(full), len(empty)) == (1, 0)
    assert full.dtypes.to_dict() == empty.dtypes.to_dict()
    assert full.attrs == empty.attrs
    assert full.attrs["made_by"] == "incidentio_magic"


def test_dtypes(frames, full):
    """Texts are strings, times aware, counts and numbers nullable, severities and statuses ordered categories."""
    frame = frames.incidents([full], wide=True, **NAMES)
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert tuple(frame.columns[:10]) == NARROW == tuple(frames.incidents([full]).columns)
    assert {name for name, kind in kinds.items() if kind == "datetime64[us, UTC]"} == {
        "created_at", "updated_at", "last_activity_at", "at.Started", "at.Fixed",
    }  # fmt: skip
    assert {name for name, kind in kinds.items() if kind == "category"} == {"severity", "status", "category"}
    assert {name for name, kind in kinds.items() if kind == "Float64"} == {
        "workload_total", "workload_working", "workload_late", "workload_sleeping", "field.Cost",
    }  # fmt: skip
    assert {name for name, kind in kinds.items() if kind == "timedelta64[us]"} == {"lasted.To fix", "lasted.To find"}
    assert {name for name, kind in kinds.items() if kind == "boolean"} == {"has_debrief"}
    assert all(kind == "string" for name, kind in kinds.items() if name.startswith(("role.", "field.Te", "field.L")))


def test_values(frames, full):
    """Every part of an incident is in its column."""
    row = frames.incidents([full], wide=True, **NAMES).iloc[0]
    assert row["reference"] == "INC-7"
    assert (row["name"], row["severity"], row["status"], row["category"]) == (
        "Checkout fails", "Major", "Investigating", "live",
    )  # fmt: skip
    assert (row["lead"], row["role.Lead"]) == ("Alice", "Alice")
    assert pd.isna(row["role.Scribe"])
    assert row["field.Team"] == "Red, Payments"
    assert row["field.Cost"] == 12.5
    assert row["field.Link"] == "https://a.example/checkout-fails"
    assert row["at.Started"] == pd.Timestamp("2026-11-23T11:00:00Z")
    assert row["at.Fixed"] is pd.NaT
    assert row["workload_total"] == 12.5
    assert pd.isna(row["workload_late"])
    assert row["creator"] == "Cards are declined, says the alert"


def test_several_entries_under_one_name(frames, make_incident):
    """Of a role that two people hold both are named, as are all texts of a field; of two moments the first counts."""
    role, field = {"id": "R", "name": "Scribe"}, {"id": "F", "name": "Link", "field_type": "link"}
    stamp, metric = {"id": "S", "name": "Fixed"}, {"id": "D", "name": "To fix"}
    twice = make_incident(
        incident_role_assignments=[
            {"role": role},
            {"role": role, "assignee": {"id": "U1", "name": "Alice"}},
            {"role": role, "assignee": {"id": "U2", "name": "Bob"}},
        ],
        custom_field_entries=[
            {"custom_field": field, "values": [{"value_link": "https://a.example"}]},
            {"custom_field": field, "values": [{"value_link": "https://b.example"}, {}]},
        ],
        incident_timestamp_values=[
            {"incident_timestamp": stamp},
            {"incident_timestamp": stamp, "value": {"value": "2026-11-23T11:00:00Z"}},
            {"incident_timestamp": stamp, "value": {"value": "2026-11-23T12:00:00Z"}},
        ],
        duration_metrics=[
            {"duration_metric": metric, "status": "success", "value_seconds": seconds} for seconds in (90, 60)
        ],
    )
    row = frames.incidents([twice], wide=True).iloc[0]
    assert row["role.Scribe"] == "Alice, Bob"
    assert row["field.Link"] == "https://a.example, https://b.example"
    assert row["at.Fixed"] == pd.Timestamp("2026-11-23T11:00:00Z")
    assert row["lasted.To fix"] == pd.Timedelta(seconds=90)


def test_durations_count_only_when_they_succeeded(frames, make_incident):
    """A duration is a time only where the service calls it a success; a stale value is none."""
    metrics = [
        {"duration_metric": {"id": status, "name": status}, "status": status, "value_seconds": 90}
        for status in ("success", "pending", "failed", "brand-new")
    ]
    metrics.append({"duration_metric": {"id": "x", "name": "no value"}, "status": "success"})
    row = frames.incidents([make_incident(duration_metrics=metrics)], wide=True).iloc[0]
    assert row["lasted.success"] == pd.Timedelta(seconds=90)
    assert all(row[f"lasted.{name}"] is pd.NaT for name in ("pending", "failed", "brand-new", "no value"))


def test_severities_are_in_order(frames, make_incident, severities):
    """Severities compare by rank, so that filters and sorting mean what they say."""
    rows = [
        make_incident(severity={"id": severity.id, "name": severity.name, "rank": severity.rank})
        for severity in severities.values()
    ]
    frame = frames.incidents([rows[2], rows[0], rows[1]])
    assert frame["severity"].cat.ordered
    assert list(frame["severity"].cat.categories) == ["Minor", "Major", "Critical"]
    assert list(frame.sort_values("severity")["severity"]) == ["Minor", "Major", "Critical"]
    assert list(frame["severity"] >= "Major") == [True, False, True]


def test_unknown_names_are_kept(frames, make_incident):
    """A severity or status that the organisation's list does not have (yet) is shown, not lost."""
    new = make_incident(
        severity={"id": "9", "name": "Apocalyptic", "rank": 9},
        incident_status={"id": "9", "name": "Frozen", "category": "frozen", "rank": 9},
    )
    frame = frames.incidents([new, make_incident(severity=None)], wide=True)
    assert frame["severity"].iloc[0] == "Apocalyptic"
    assert pd.isna(frame["severity"].iloc[1])
    assert list(frame["severity"].cat.categories) == ["Minor", "Major", "Critical", "Apocalyptic"]
    assert (frame["status"].iloc[0], frame["category"].iloc[0]) == ("Frozen", "frozen")


def test_frames_of_one_organisation_go_together(frames, make_incident):
    """Frames of one organisation have the same categories and can be joined without losing them."""
    both = pd.concat([frames.incidents([make_incident()]), frames.incidents([make_incident(severity=None)])])
    assert str(both["severity"].dtype) == "category"
    assert both["severity"].cat.ordered


@pytest.mark.parametrize(
    ("timezone", "shown"),
    [
        ("UTC", "2026-11-23 12:00:00+00:00"),
        ("Europe/Berlin", "2026-11-23 13:00:00+01:00"),
        ("America/New_York", "2026-11-23 07:00:00-05:00"),
        ("Asia/Kolkata", "2026-11-23 17:30:00+05:30"),
    ],
)
def test_times_are_shown_in_the_zone(make_frames, make_incident, timezone, shown):
    """Times are shown in the set zone and stay the same moments."""
    frame = make_frames(timezone=timezone).incidents([make_incident()])
    assert str(frame["created_at"].iloc[0]) == shown
    assert frame["created_at"].iloc[0] == pd.Timestamp(AT)


def test_times_of_any_offset_and_year(frames, make_incident):
    """Times with different offsets, fractions or odd years share one column."""
    texts = ["2026-11-23T13:00:00+01:00", "2026-11-23T12:00:00.123456Z", "0001-01-01T00:00:00Z", AT]
    frame = frames.incidents([make_incident(created_at=text) for text in texts])
    assert [str(entry) for entry in frame["created_at"]] == [
        "2026-11-23 12:00:00+00:00",
        "2026-11-23 12:00:00.123456+00:00",
        "0001-01-01 00:00:00+00:00",
        "2026-11-23 12:00:00+00:00",
    ]


def test_long_durations(frames, make_incident):
    """A duration of many years is kept."""
    metric = {"duration_metric": {"id": "D", "name": "n"}, "status": "success", "value_seconds": 10**10}
    frame = frames.incidents([make_incident(duration_metrics=[metric]), make_incident()], wide=True)
    assert frame["lasted.n"].iloc[0].total_seconds() == 10**10
    assert frame["lasted.n"].iloc[1] is pd.NaT


# Private incidents


@pytest.mark.parametrize(
    "show",
    [
        lambda frames, record: frames.incidents([record]),
        lambda frames, record: frames.incidents([record], wide=True, **NAMES),
        lambda frames, record: frames.show([record], **NAMES),
    ],
    ids=["narrow", "wide", "show"],
)
def test_private_names_are_hidden_everywhere(make_frames, make_incident, show):
    """The row of a private incident is there; no part of the frame tells its name, summary or values."""
    private = make_incident(**FULL, visibility="private")
    hidden, shown = show(make_frames(), private), show(make_frames(show_private=True), private)
    for text in (hidden.to_csv(), hidden.to_html(), repr(hidden), str(hidden.attrs)):
        assert not [secret for secret in SECRETS if secret in text]
    assert "INC-7" in hidden.to_csv()
    assert MASK in hidden.to_csv()
    assert "Checkout fails" in shown.to_csv()
    assert MASK not in shown.to_csv()


def test_public_incidents_are_not_hidden(frames, full):
    """Only private incidents are hidden."""
    text = frames.incidents([full], wide=True).to_csv()
    assert MASK not in text
    assert all(secret in text for secret in SECRETS)


def test_what_is_not_set_is_not_hidden(frames, make_incident):
    """A private incident without a summary has none, not a hidden one."""
    frame = frames.incidents([make_incident(visibility="private")], wide=True)
    assert frame["name"].iloc[0] == MASK
    assert pd.isna(frame["summary"].iloc[0])


@pytest.mark.parametrize(
    ("private", "show", "hidden"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_updates_of_private_incidents(make_frames, private, show, hidden):
    """Messages of a private incident's updates, and the alert that wrote one, are hidden unless asked for."""
    rows = [update(), update(id="UP2", updater={"alert": {"id": "A", "title": "Breach"}}), update(id="UP3", message="")]
    frame = make_frames(show_private=show).updates(rows, private=private)
    assert list(frame["message"].iloc[:2]) == ([MASK, MASK] if hidden else ["Fixed it", "Fixed it"])
    assert list(frame["updater"]) == ["Alice", MASK if hidden else "Breach", "Alice"]
    assert list(frame["updater_kind"]) == ["user", "alert", "user"]
    assert frame["message"].iloc[2] == ""


# What is printed


def test_control_characters_are_removed(make_incident):
    """No text, name, category or column of a frame can steer a terminal."""
    bad = "a\x1b[31mb\u202e"
    sneaky = make_incident(
        name=bad,
        summary=bad,
        severity={"id": "9", "name": bad, "rank": 9},
        incident_status={"id": "9", "name": bad, "category": bad, "rank": 9},
        custom_field_entries=[
            {
                "custom_field": {"id": "F", "name": bad, "field_type": "text"},
                "values": [{"value_text": bad}],
            }
        ],
        incident_role_assignments=[{"role": {"id": "R", "name": bad}, "assignee": {"id": "U", "name": bad}}],
    )
    frames = Frames([models.Severity("8", bad + "!", 8)], [models.IncidentStatus("8", bad + "!", "live", 8)])
    for frame in (
        frames.incidents([sneaky], wide=True),
        frames.show([sneaky]),
        listed(frames, "severities", [sneaky.severity]),
    ):
        shown = (
            frame.to_csv()
            + repr(list(frame.columns))
            + "".join(
                str(list(column.cat.categories)) for _name, column in frame.items() if str(column.dtype) == "category"
            )
        )
        assert "a[31mb" in shown
        assert "\x1b" not in shown
        assert "\\x1b" not in shown
        assert "\u202e" not in shown


def test_show(frames, full, make_incident):
    """Incidents stand side by side, one row a property, and what nobody has set is left out."""
    turned = frames.show([full, make_incident(id="2", reference="INC-8")], **NAMES)
    assert list(turned.columns) == ["INC-7", "INC-8"]
    assert turned.index.name == "property"
    assert turned.loc["name"].tolist() == ["Checkout fails", "Checkout fails"]
    assert turned.loc["field.Team"].tolist() == ["Red, Payments", ""]
    assert "workload_late" not in turned.index
    assert "reference" not in turned.index
    assert turned.attrs == made(turned)


def test_show_nothing(frames):
    """Showing no incident is an empty frame with the properties."""
    turned = frames.show([], **NAMES)
    assert turned.shape[1] == 0
    assert "field.Team" in turned.index


# The vocabulary


def test_orders(frames, severities):
    """Severities come most severe first, people by name, updates oldest first."""
    assert list(listed(frames, "severities", list(severities.values()))["name"]) == [
        "Critical",
        "Major",
        "Minor",
    ]
    people = [models.User("2", "bob"), models.User("3", "Alice"), models.User("1", "Bob")]
    assert list(listed(frames, "users", people)["id"]) == ["3", "1", "2"]
    rows = [update(id="b"), update(id="a"), update(id="c", created_at="2026-11-23T11:00:00Z")]
    assert list(frames.updates(rows)["id"]) == ["c", "a", "b"]


def test_fields(frames):
    """Custom fields tell their kind and options."""
    records = [
        models.CustomField("F1", "Team", "multi_select", catalog_type_id="C"),
        models.CustomField("F2", "N", "text"),
    ]
    frame = listed(frames, "fields", records, {"F1": [models.Named("1", "Red"), models.Named("2", "Blue")]})
    assert frame[["kind", "options"]].iloc[0].tolist() == ["multi_select (catalog)", "Red, Blue"]
    assert pd.isna(frame["options"].iloc[1])


def test_identity(frames):
    """Who the key is, one row a property."""
    teams = [models.Named("1", "Ops"), models.Named("2", "\x1bDev")]
    frame = frames.identity(models.Identity("my key", "https://app.incident.io/org", ["viewer", "editor"], teams=teams))
    assert frame["value"].to_dict() == {
        "key": "my key",
        "organisation": "https://app.incident.io/org",
        "may": "viewer, editor",
        "teams": "Ops, Dev",
    }


def test_ledger(make_frames):
    """Writes are shown oldest first, in the set zone; a garbled time is none."""
    odd = Entry("garbled", "bob", "o", "edit", "", "i", "k", "unknown")
    frame = make_frames(timezone="Europe/Berlin").ledger([ENTRY, odd])
    assert str(frame["at"].iloc[0]) == "2026-11-23 13:00:00+01:00"
    assert frame["at"].iloc[1] is pd.NaT
    assert list(frame["outcome"]) == ["sent", "unknown"]


# Small questions


def test_numbers_that_are_none(frames, make_incident):
    """A text in a numeric field, from before it was one of numbers, is kept; in a private incident it is masked."""
    cost = {"id": "F", "name": "Cost", "field_type": "numeric"}
    entry = {"custom_field": cost, "values": [{"value_numeric": "many"}]}
    open_one, private, empty = (
        make_incident(id=visibility, visibility=visibility, custom_field_entries=entries)
        for visibility, entries in (("public", [entry]), ("private", [entry]), ("other", []))
    )
    frame = frames.incidents([open_one, private, empty], wide=True)
    assert frame["field.Cost"].tolist() == ["many", MASK, None]


def test_numbers_keep_their_digits(frames, make_incident):
    """Numbers are floats unless a float would change a digit; then the column holds decimals."""
    cost = {"id": "F", "name": "Cost", "field_type": "numeric"}

    def column(*texts):
        incidents = [
            make_incident(custom_field_entries=[{"custom_field": cost, "values": [{"value_numeric": text}]}])
            for text in texts
        ]
        return frames.incidents(incidents, wide=True)["field.Cost"]

    assert str(column("7", "0.1", "1e3", "-12.50").dtype) == "Float64"
    exact = column("9007199254740993", "7", "123456789.1234567891")
    assert list(map(str, exact)) == ["9007199254740993", "7", "123456789.1234567891"]
    assert exact.sum() == Decimal("9007199378197789.1234567891")


def test_parts_of_one_name_have_a_column_each(frames, make_incident):
    """Fields and timestamps of one name keep their values apart, whatever their kinds."""
    entries = [
        {"custom_field": {"id": "F1", "name": "Team", "field_type": "text"}, "values": [{"value_text": "Red"}]},
        {"custom_field": {"id": "F2", "name": "Team", "field_type": "numeric"}, "values": [{"value_numeric": "7"}]},
    ]
    stamps = [
        {"incident_timestamp": {"id": f"T{year}", "name": "Fixed"}, "value": {"value": f"{year}-01-01T00:00:00Z"}}
        for year in (2020, 2021)
    ]
    known = [models.CustomField("F1", "Team", "text"), models.CustomField("F2", "Team", "numeric")]
    incident = make_incident(custom_field_entries=entries, incident_timestamp_values=stamps)
    row = frames.incidents([incident], wide=True, fields=known).iloc[0]
    assert (row["field.Team (text)"], row["field.Team (number)"]) == ("Red", 7)
    assert (row["at.Fixed"].year, row["at.Fixed (T2021)"].year) == (2020, 2021)
    assert frames.show([incident], fields=known).loc["field.Team (text)"].tolist() == ["Red"]


def test_lead(make_incident, full):
    """The lead is whoever holds the role of that kind, whatever it is called."""
    assert lead(full) == "Alice"
    assert lead(make_incident()) is None
    role = {"id": "R", "name": "Lead", "role_type": "custom"}
    other = make_incident(incident_role_assignments=[{"role": role, "assignee": {"id": "U", "name": "Bob"}}])
    assert lead(other) is None


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (None, (None, None)),
        (models.Actor(), (None, None)),
        (models.Actor(user=models.User("1", "Alice")), ("Alice", "user")),
        (models.Actor(api_key=models.Named("1", "key")), ("key", "api_key")),
        (models.Actor(workflow=models.Named("1", "flow")), ("flow", "workflow")),
        (models.Actor(alert=models.AlertActor("1", "alert")), ("alert", "alert")),
    ],
)
def test_actor_text(who, found):
    """An actor has a name and a kind."""
    assert actor_text(who) == found


# Choosing columns


@pytest.fixture
def frame(frames, make_incident):
    """Three incidents."""
    rows = [
        make_incident(
            id=str(number),
            reference=f"INC-{number}",
            created_at=datetime(2026, 11, number, tzinfo=UTC).isoformat(),
            severity={"id": "s", "name": name, "rank": 1},
        )
        for number, name in ((1, "Major"), (2, "Critical"), (3, "Minor"))
    ]
    built = frames.incidents(rows)
    built.attrs["note"] = "kept"
    return built


@pytest.mark.parametrize(
    ("columns", "sort", "found"),
    [
        ([], [], [*NARROW]),
        (["name", "reference"], [], ["name", "reference"]),
        (["NAME"], [], ["name"]),
        (["reference"], ["severity"], ["reference"]),
    ],
)
def test_choosing(frame, columns, sort, found):
    """Columns are chosen by name in any case, in the order asked for, and what a frame knows about itself stays."""
    narrow = chosen(frame, columns, sort)
    assert list(narrow.columns) == found
    assert narrow.attrs["note"] == "kept"
    assert len(narrow) == 3


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ([], "123"),
        (["created_at"], "123"),
        (["-created_at"], "321"),
        (["severity"], "312"),
        (["-Severity"], "213"),
        (["status", "-reference"], "321"),
        (["status"], "123"),
    ],
)
def test_sorting(frame, sort, order):
    """Rows are sorted by columns, down with a minus, by rank where there is one, and stably."""
    found = chosen(frame, ["reference"], sort)
    assert "".join(entry[-1] for entry in found["reference"]) == order
    assert list(found.index) == [0, 1, 2]


@pytest.mark.parametrize(
    ("columns", "sort", "kind", "printed"),
    [
        (["nmae"], [], UnknownName, "did you mean name"),
        ([], ["nmae"], UnknownName, "There is no column 'nmae'"),
        ([], ["-"], UnknownName, "There is no column ''"),
        (["name", "NAME"], [], InputError, "name each column once"),
    ],
)
def test_wrong_choices(frame, columns, sort, kind, printed):
    """A column that does not exist is answered with the near one; one asked for twice is refused."""
    with pytest.raises(kind, match=printed):
        chosen(frame, columns, sort)


def test_columns_that_differ_in_case_only(frame):
    """Of two columns that differ in case only, the exact name is meant; another spelling is ambiguous."""
    frame["NAME"] = 1
    assert list(chosen(frame, ["NAME"], []).columns) == ["NAME"]
    with pytest.raises(AmbiguousName):
        chosen(frame, ["Name"], [])
