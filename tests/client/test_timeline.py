"""The story of an incident over the wire: complete or said so, and true to the sandbox's own record.

Serves `client/_stories.py` and `client/timeline.py`.
"""

from __future__ import annotations

import json

import pandas as pd
import pytest
import requests
import responses

from incidentio_magic import connect, errors
from incidentio_magic.api.permissions import permission_for
from incidentio_magic.settings import Secret
from incidentio_magic.timeline import DEFAULT_SOURCES

COLUMNS = [
    "at", "elapsed", "source", "kind", "type", "title", "detail", "actor", "actor_kind", "from", "to", "status",
    "severity", "curated", "incident", "recorded_at", "entry_id", "also_in", "url",
]  # fmt: skip


def recorded_states(sandbox, number):
    """Return when an incident had which status and severity, as the sandbox's database has it."""
    store = sandbox.service.store
    organisation = sandbox.service.organisation
    rows = store.rows(
        "SELECT u.document FROM incident_updates u JOIN incidents i ON i.id = u.incident_id WHERE i.number = ? "
        "ORDER BY u.created_at, u.id",
        (number,),
    )
    states = []
    for row in rows:
        update = json.loads(row["document"])
        status = organisation["incident_statuses"][update["new_incident_status"]]["name"]
        severity = update["new_severity"] and organisation["severities"][update["new_severity"]]["name"]
        states.append((pd.Timestamp(update["created_at"]), status, severity))
    return states


@pytest.mark.parametrize("first", [1, *(pytest.param(first, marks=pytest.mark.slow) for first in range(2, 11))])
def test_status_and_severity_are_the_sandbox_s_own(sandbox, client, first):
    """At every event of many incidents the status and the severity are those of the sandbox's database."""
    checked = 0
    for number in range(first, 301, 10):
        states = recorded_states(sandbox, number)
        frame = client.timeline(f"INC-{number}")
        assert frame.attrs["complete"], frame.attrs["why_incomplete"]
        for at, status, severity in zip(frame["at"], frame["status"], frame["severity"], strict=True):
            past = [state for state in states if state[0] <= at]
            expected = past[-1][1:] if past else (None, None)
            assert (None if pd.isna(status) else status, None if pd.isna(severity) else severity) == expected
            checked += 1
        for at, status, severity in states:
            row = frame[frame["at"] <= at].iloc[-1]
            assert (row["status"], None if pd.isna(row["severity"]) else row["severity"]) == (status, severity)
    assert checked > 100


def test_columns_are_the_same_when_empty(client):
    """A timeline of which nothing is left has the columns and dtypes of a full one."""
    full = client.timeline("INC-291")
    empty = client.timeline("INC-291", kind="postmortem")
    assert list(full.columns) == COLUMNS
    assert not len(empty)
    assert len(full) > 20
    assert full.dtypes.astype(str).to_dict() == empty.dtypes.astype(str).to_dict()
    assert set(full.attrs["sources"]) == set(DEFAULT_SOURCES)


def other_key(sandbox, *scopes):
    """Return an API key that has these scopes only."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {sandbox.key}"
    made = {"key": f"other-{hash(scopes)}", "roles": ["viewer"], "scopes": list(scopes)}
    answer = session.post(f"{sandbox.url}/sandbox/keys", json=made, timeout=30)
    assert answer.status_code == 201, answer.text
    return Secret(made["key"])


VIEWS = (
    "incidents.view", "actions.view", "alerts.view", "call_transcripts.view", "catalog_entries.view",
    "catalog_types.view", "custom_fields.view", "escalation_paths.view", "escalations.view",
    "in_app_postmortems.copy_as_markdown", "incident_roles.view", "incident_statuses.view", "incident_types.view",
    "severities.view", "users.view", "workflows.view",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "sources"),
    [
        ("escalations.view", {"escalations"}),
        ("workflows.view", {"workflows"}),
        ("call_transcripts.view", {"calls", "transcripts"}),
        ("actions.view", {"actions", "follow_ups"}),
    ],
)
def test_a_missing_scope_is_named_and_loses_nothing_else(sandbox, connect_to, scope, sources):
    """A source that the key may not read is named with scope and permission; everything else is there as it was."""
    whole = connect_to().timeline("INC-291", sources="all")
    key = other_key(sandbox, *(view for view in VIEWS if view != scope))
    frame = connect_to(key=key).timeline("INC-291", sources="all")
    assert {frame.attrs["sources"][source]["state"] for source in sources} == {"forbidden"}
    assert all(scope in frame.attrs["sources"][source]["why"] for source in sources)
    assert all(str(permission_for(scope)) in frame.attrs["sources"][source]["why"] for source in sources)
    assert not frame.attrs["complete"]
    assert scope in frame.attrs["why_incomplete"]
    assert {
        name for name, entry in frame.attrs["sources"].items() if entry["state"] not in {"read", "empty"}
    } == sources
    left = whole[~whole["source"].isin(sources)]
    assert list(frame[frame["entry_id"].isin(left["entry_id"])]["entry_id"]) == list(left["entry_id"])
    assert sources.isdisjoint(frame["source"])


PATHS = {
    "timeline": "/v2/incident_timeline_items",
    "activity": "/v2/incident_activity_log_entries",
    "updates": "/v2/incident_updates",
    "escalations": "/v2/escalations",
    "alerts": "/v2/incident_alerts",
    "actions": "/v3/actions",
    "follow_ups": "/v3/follow_ups",
    "calls": "/v2/call_sessions",
    "postmortems": "/v1/postmortem_documents",
    "workflows": "/v2/workflow_runs",
}


@pytest.fixture(scope="module")
def whole(seeded):
    """The timeline of INC-288 of which every source could be read."""
    seeded.clear_faults()
    seeded.reset()
    with connect(seeded.url, seeded.key, cache=None) as io:
        return io.timeline("INC-288", sources="all")


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "drop"}, {"kind": "malformed"}])
def test_a_failing_source_is_said_and_loses_nothing_else(whole, sandbox, connect_to, name, fault):
    """A source that fails, loses its connection or answers garbage is said; the facts of the others are all there."""
    sandbox.fault(endpoint=f"GET {PATHS[name]}", **fault)
    frame = connect_to(max_wait=0.0).timeline("INC-288", sources="all")
    failed = {
        source: reported
        for source, reported in frame.attrs["sources"].items()
        if reported["state"] not in {"read", "empty"}
    }
    assert set(failed) == ({name, "transcripts"} if name == "calls" else {name})
    assert failed[name]["state"] == "failed"
    assert failed[name]["why"]
    assert not frame.attrs["complete"]
    assert f"{name} failed (" in frame.attrs["why_incomplete"]
    others = whole[whole["source"] != name]
    assert set(others["entry_id"]) <= set(frame["entry_id"]) | {
        link.split(":")[1] for links in frame["also_in"].dropna() for link in links.split(", ")
    }
    if name != "activity":
        assert frame["status"].dropna().tolist()[-1] == whole["status"].dropna().tolist()[-1]


def test_a_source_outside_the_plan_is_missing(sandbox, connect_to):
    """A source whose endpoint the service does not have for this organisation is called missing."""
    with responses.RequestsMock() as service:
        service.add_passthru(sandbox.url)
        error = {"type": "not_found", "status": 404, "errors": [{"message": "Not found"}]}
        service.add(responses.GET, f"{sandbox.url}/v1/postmortem_documents", json=error, status=404)
        frame = connect_to().timeline("INC-288")
    assert frame.attrs["sources"]["postmortems"] == {"state": "missing", "records": 0, "why": "Not found"}
    assert frame.attrs["why_incomplete"] == "postmortems missing (Not found)"


def test_streams_have_their_reference_and_their_privacy(sandbox, connect_to):
    """What a stream's log tells has the stream's reference; of a private one it is masked, also in a public story."""
    client = connect_to()
    streams = [client.incident("INC-290").id, client.incident("INC-297").id, "01GONE"]
    at = "2026-01-14T18:30:00Z"
    entries = [
        {
            "id": f"A{place}",
            "incident_id": stream,
            "occurred_at": at,
            "created_at": at,
            "type": "slack_pin",
            "title": "Pin",
        }
        for place, stream in enumerate(streams)
    ]
    with responses.RequestsMock() as service:
        service.add_passthru(sandbox.url)
        answer = {"incident_activity_log_entries": entries, "pagination_meta": {"page_size": 250}}
        service.add(responses.GET, sandbox.url + PATHS["activity"], json=answer)
        frame = client.timeline("INC-291")
    reported = frame[frame["type"] == "slack_pin"]
    assert list(zip(reported["incident"], reported["title"], strict=True)) == [
        ("INC-290", "Pin"),
        ("INC-297", "🔒 private"),
        ("an incident that cannot be read", "🔒 private"),  # it may be private
    ]
    assert frame.attrs["streams"] == ["INC-290", "INC-297", "an incident that cannot be read"]
    assert "01GONE" not in frame.astype(str).to_string()


def test_an_unknown_incident_or_a_wrong_key_is_an_error(connect_to):
    """What makes the whole timeline impossible is raised, not said of one source."""
    with pytest.raises(errors.UnknownName, match="INC-9999"):
        connect_to().timeline("INC-9999")
    with pytest.raises(errors.AuthenticationFailed):
        connect_to(key=Secret("wrong-key-wrong-key")).timeline("INC-291")


def test_what_is_not_asked_for_is_not_read(sandbox, client):
    """Only the sources asked for are read and said, and that it is not everything; the status is known all the same."""
    client.timeline("INC-291")  # the vocabulary is read by now
    before = len(sandbox.requests)
    frame = client.timeline("INC-291", sources="timeline,Calls")
    asked = {request["path"] for request in sandbox.requests[before:]}
    assert asked == {"/v2/incidents/291", PATHS["timeline"], PATHS["calls"], PATHS["updates"]}
    assert list(frame.attrs["sources"]) == ["timeline", "calls"]
    assert frame.attrs["why_incomplete"] == "only timeline, calls were requested"
    assert set(frame["source"]) == {"timeline", "calls"}
    assert frame["status"].notna().all()
    before = len(sandbox.requests)
    client.timeline("INC-291")
    assert not {"/v2/workflow_runs", "/v2/call_transcript_entries"} & {
        request["path"] for request in sandbox.requests[before:]
    }
    assert {"transcripts", "workflows"} <= set(client.timeline("INC-291", sources="all").attrs["sources"])


def test_an_unknown_status_is_said(sandbox, connect_to):
    """Where the status of each moment cannot be known, because neither log could be read, that is said."""
    sandbox.fault(kind="malformed", endpoint="GET /v2/incident_updates")
    frame = connect_to().timeline("INC-291", sources="calls")
    assert frame["status"].isna().all()
    assert "; status and severity are unknown: updates failed (" in frame.attrs["why_incomplete"]
    assert list(frame.attrs["sources"]) == ["calls"]


def test_test_incidents_have_their_actions(sandbox, client):
    """Actions and follow-ups are asked for with the incident's own mode, or those of test incidents were missing."""
    store = sandbox.service.store
    tasks = {
        table: store.rows(
            f"SELECT i.number, t.id FROM {table} t JOIN incidents i ON i.id = t.incident_id WHERE i.mode = 'test'"
        )
        for table in ("actions", "follow_ups")
    }
    assert all(tasks.values())
    for table, rows in tasks.items():
        for row in rows[:4]:
            frame = client.timeline(f"INC-{row['number']}")
            reported = [
                *frame["entry_id"],
                *(link for links in frame["also_in"].dropna() for link in links.split(", ")),
            ]
            assert f"{table}:{row['id']}" in reported or row["id"] in reported


def test_filters(client):
    """Since, until, curated and kind leave only what fits, and change nothing of it."""
    whole = client.timeline("INC-291")
    bounded = client.timeline("INC-291", since="18:06", until="18:43:48")
    at = whole["at"].dt.strftime("%H:%M:%S")
    expected = whole[(at >= "18:06:00") & (at <= "18:43:48")].reset_index(drop=True)
    pd.testing.assert_frame_equal(bounded, expected, check_categorical=False)
    assert 0 < len(bounded) < len(whole)
    curated = client.timeline("INC-291", curated=True)
    assert curated["curated"].all()
    assert len(curated) == 1
    kinds = client.timeline("INC-291", kind=["Status", "page"])
    assert list(kinds["kind"]) == [entry for entry in whole["kind"] if entry in {"status", "page"}]
    assert len(kinds) == 3
    with pytest.raises(errors.UnknownName, match="pagee") as raised:
        client.timeline("INC-291", kind="pagee")
    assert "did you mean page?" in raised.value.hint
    with pytest.raises(errors.UnknownName, match="no source"):
        client.timeline("INC-291", sources="slack")
    with pytest.raises(errors.InputError, match="is after"):
        client.timeline("INC-291", since="19:00", until="18:00")


@pytest.mark.slow
def test_private_incidents_tell_no_story(sandbox, connect_to):
    """Nothing that tells the story of a private incident is shown unless asked for, in a cell or beside the frame."""
    rows = sandbox.service.store.rows("SELECT number FROM incidents WHERE visibility = 'private'")
    assert len(rows) > 5
    client = connect_to()
    shown = 0
    for row in rows[:8]:
        masked = client.timeline(f"INC-{row['number']}", sources="all")
        assert "CONFIDENTIAL" not in masked.to_csv()
        assert "CONFIDENTIAL" not in str(masked.attrs)
        assert set(masked["title"]) == {"🔒 private"}
        assert masked["kind"].notna().all()
        asked = client.timeline(f"INC-{row['number']}", sources="all", show_private=True)
        assert "🔒" not in asked.to_csv()
        assert list(asked["entry_id"]) == list(masked["entry_id"])
        shown += asked.to_csv().count("CONFIDENTIAL")
    assert shown > 20
    assert "CONFIDENTIAL" in connect_to(show_private=True).timeline(f"INC-{rows[0]['number']}").to_csv()


@pytest.mark.slow
def test_public_incidents_tell_nothing_of_private_ones(client):
    """No public incident's timeline has a word of a private incident."""
    for number in range(1, 300, 9):
        incident = client.incident(f"INC-{number}")
        if not incident.is_private:
            assert "CONFIDENTIAL" not in client.timeline(incident.reference, sources="all").to_csv()


@pytest.mark.slow
def test_everything_that_was_recorded_is_told(sandbox, client):
    """Every row that the sandbox's database has of an incident stands in its timeline once, or is named in it."""
    tables = {
        "timeline": "incident_timeline_items", "activity": "incident_activity_log_entries",
        "updates": "incident_updates", "alerts": "incident_alerts", "postmortems": "postmortem_documents",
        "workflows": "workflow_runs", "actions": "actions", "follow_ups": "follow_ups", "calls": "call_sessions",
    }  # fmt: skip
    store = sandbox.service.store
    for number in (287, 288, 291, 293, 297, 299, 16, 64):
        incident = client.incident(f"INC-{number}")
        frame = client.timeline(incident.reference, sources="all")
        reported = set(zip(frame["source"], frame["entry_id"], strict=True))
        reported |= {tuple(link.split(":")) for links in frame["also_in"].dropna() for link in links.split(", ")}
        for source, table in tables.items():
            rows = store.rows(f"SELECT id FROM {table} WHERE incident_id = ?", (incident.id,))
            assert {(source, row["id"]) for row in rows} <= reported
        pages = store.rows("SELECT document FROM escalations WHERE incident_id = ?", (incident.id,))
        events = {("escalations", event["id"]) for row in pages for event in json.loads(row["document"])["events"]}
        assert events <= reported


@pytest.mark.slow
def test_pages_are_paired_with_their_acknowledgement(sandbox, client):
    """`attrs` has each page with when it was acknowledged and by whom, as the database has it."""
    seen = 0
    rows = sandbox.service.store.rows(
        "SELECT e.document, i.number FROM escalations e JOIN incidents i ON i.id = e.incident_id "
        "WHERE i.visibility = 'public' ORDER BY i.number DESC LIMIT 12"
    )
    for row in rows:
        page = json.loads(row["document"])
        (reported,) = (
            entry
            for entry in client.timeline(f"INC-{row['number']}").attrs["pages"]
            if entry["escalation"] == page["id"]
        )
        at = {event["event"]: event["occurred_at"] for event in page["events"]}
        assert pd.Timestamp(reported["paged_at"]) == pd.Timestamp(at["triggered"])
        acknowledged = reported["acknowledged_at"] and pd.Timestamp(reported["acknowledged_at"])
        assert acknowledged == (pd.Timestamp(at["acked"]) if "acked" in at else None)
        assert (reported["by"] is None) == ("acked" not in at)
        seen += "acked" in at
    assert seen > 3


def test_backdated_items_are_named(client):
    """What was written down long after it happened is named beside the frame, and its row has both times."""
    frame = client.timeline("INC-297")
    late = frame[frame["entry_id"].isin(frame.attrs["backdated"])]
    assert len(late) > 0
    assert ((late["recorded_at"] - late["at"]) > pd.Timedelta(minutes=5)).all()
    others = frame[~frame["entry_id"].isin(frame.attrs["backdated"]) & frame["recorded_at"].notna()]
    assert ((others["recorded_at"] - others["at"]) <= pd.Timedelta(minutes=5)).all()


def test_times_in_a_time_zone(connect_to):
    """The times are shown in the time zone that was set, and mean the same."""
    here = connect_to(timezone="Europe/Berlin").timeline("INC-291")
    there = connect_to().timeline("INC-291")
    assert str(here["at"].dtype) == str(here["recorded_at"].dtype) == "datetime64[us, Europe/Berlin]"
    assert (here["at"] == there["at"]).all()
    assert (here["elapsed"] == there["at"] - there.loc[there["kind"] == "declaration", "at"].iloc[0]).all()


@pytest.mark.slow
def test_timelines_of_many(client, sandbox):
    """Many timelines come in the order asked for, each as it would be alone, and nothing is read twice."""
    references = ["INC-291", "INC-12", "INC-293", "INC-100", "INC-13"]
    frames = list(client.timelines(references))
    assert [frame.attrs["incident"] for frame in frames] == references
    asked = [(request["path"], tuple(map(tuple, request["query"]))) for request in sandbox.requests]
    assert len(set(asked)) == len(asked)
    for frame in frames:
        alone = client.timeline(frame.attrs["incident"])
        pd.testing.assert_frame_equal(frame, alone)
        assert frame.attrs["sources"] == alone.attrs["sources"]


def test_timelines_are_read_as_they_are_looked_at(client, sandbox):
    """Who stops after the first has not read all the others."""
    frames = client.timelines(f"INC-{number}" for number in range(1, 60))
    assert next(frames).attrs["incident"] == "INC-1"
    frames.close()
    shown = {request["path"] for request in sandbox.requests if request["path"].startswith("/v2/incidents/")}
    assert len(shown) < 10


def test_no_timelines(client, monkeypatch):
    """Nothing requested is nothing read."""
    monkeypatch.setattr(client.transport, "send", None)
    assert list(client.timelines([])) == []


def test_an_incident_that_was_merged_is_mentioned_by_reference(sandbox, client):
    """Timelines, updates and drafts of both incidents of a merge name the other one by its reference, never by ID."""
    merged = client.incidents(category="merged", all=True, wide=True)
    row = merged.iloc[0]
    timeline = client.timeline(row["reference"])
    merge = timeline[timeline["kind"] == "merge"].iloc[-1]
    into = merge["to"]
    assert merge["title"] == f"Merged into {into}"
    assert merge["from"] == row["reference"]
    target = client.incident(into)
    assert client.updates(row["reference"])["merged_into"].dropna().tolist() == [into]
    draft = client.postmortem(row["reference"]).markdown
    assert f"Merged into {into}" in draft
    assert target.id not in draft
    assert "(none)" not in draft
    other = client.timeline(into)
    arrivals = other[(other["kind"] == "merge") & (other["from"] == row["reference"])]
    assert arrivals["to"].tolist() == [into]


def test_an_incident_that_cannot_be_read_is_not_mentioned_by_id(client, monkeypatch):
    """The target of a merge that this key may not see has no ID in the timeline, the updates and the draft."""
    reference = client.incidents(category="merged", all=True)["reference"].iloc[0]
    into = client.timeline(reference).query("kind == 'merge'")["to"].iloc[-1]
    identity = client.incident(into).id
    read = client.api.incident

    def gone(wanted):
        if wanted == identity:
            raise errors.NotFound("There is no such incident.", status=404)
        return read(wanted)

    monkeypatch.setattr(client.api, "incident", gone)
    assert identity not in client.timeline(reference)["title"].str.cat()
    assert identity not in client.updates(reference)["merged_into"].fillna("").str.cat()
    assert "Merged into an incident that cannot be read" in client.postmortem(reference).markdown


def test_several_incidents_are_one_timeline(sandbox, client):
    """The rows of several incidents are those of each alone, in order, and count from the declaration of each."""
    references = ["INC-284", "INC-285", "INC-280"]
    joined = client.timeline(*references)
    alone = [client.timeline(reference) for reference in references]
    assert joined["at"].is_monotonic_increasing
    assert list(joined.dtypes.astype(str)) == list(alone[0].dtypes.astype(str))
    columns = ["at", "elapsed", "incident", "entry_id", "title", "status", "severity"]
    together = pd.concat([frame[columns].astype(str) for frame in alone])
    order = ["at", "incident", "entry_id", "title"]
    expected = together.sort_values(order).reset_index(drop=True)
    assert joined[columns].astype(str).sort_values(order).reset_index(drop=True).equals(expected)
    assert [incident["reference"] for incident in joined.attrs["incidents"]] == references
    assert joined.attrs["complete"]
    assert len(joined.attrs["pages"]) == sum(len(frame.attrs["pages"]) for frame in alone)
    records = {name: sum(frame.attrs["sources"][name]["records"] for frame in alone) for name in DEFAULT_SOURCES}
    assert {name: source["records"] for name, source in joined.attrs["sources"].items()} == records


def test_of_several_incidents_one_that_is_gone_is_said(client):
    """An incident of several that cannot be read is left out and named; without any there is an error."""
    frame = client.timeline("INC-284", "INC-99999", "284")
    assert set(frame["incident"]) == {"INC-284"}
    assert not frame.attrs["complete"]
    assert frame.attrs["why_incomplete"].startswith("INC-99999: ")
    with pytest.raises(errors.UnknownName):
        client.timeline("INC-99999", "INC-99998")
    with pytest.raises(errors.UnknownName):
        client.timeline("INC-284", "nothing")
    with pytest.raises(errors.InputError):
        client.timeline()


def test_a_failing_source_of_several_incidents_is_said(sandbox, connect_to):
    """Where a source fails, the joined timeline says of which incident, and the source counts as failed."""
    sandbox.fault(endpoint="GET /v2/escalations", kind="status", status=500, times=1)
    frame = connect_to(max_wait=0.0).timeline("INC-284", "INC-280")
    assert frame.attrs["sources"]["escalations"]["state"] == "failed"
    assert "INC-284: escalations failed" in frame.attrs["why_incomplete"]
    assert "INC-280" not in frame.attrs["why_incomplete"]
