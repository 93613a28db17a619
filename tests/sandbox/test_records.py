"""What is kept and shown has the members that its type says, and no others, however it was written.

Serves `sandbox/records.py`, `sandbox/attached_records.py`, `sandbox/vocabulary.py`, `sandbox/incident_forms.py`,
`sandbox/class_records.py`, `sandbox/bookkeeping.py`, `sandbox/answers.py`, `sandbox/attached_answers.py` and
`sandbox/older_answers.py`.
"""

from __future__ import annotations

import json
from types import UnionType
from typing import TYPE_CHECKING, Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from incidentio_magic.sandbox import (
    answers,
    attached_answers,
    attached_records,
    bookkeeping,
    class_records,
    incident_forms,
    older_answers,
    records,
    vocabulary,
)
from incidentio_magic.sandbox.http import errors
from incidentio_magic.sandbox.service import Service
from incidentio_magic.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Caller

    from incidentio_magic.sandbox import Sandbox

EPOCH = "2026-06-01T12:00:00Z"
ANSWERS = (answers, attached_answers, older_answers)
MODULES = (*ANSWERS, records, attached_records, vocabulary, incident_forms, class_records, bookkeeping, errors)
NAMES = {name: value for module in MODULES for name, value in vars(module).items()}
TABLES = {
    "incidents": records.Incident,
    "incident_updates": records.IncidentUpdate,
    "activity": records.ActivityBody,
    "incident_timeline_items": attached_records.TimelineItem,
    "alerts": attached_records.Alert,
    "escalations": attached_records.Escalation,
    "actions": attached_records.Task,
    "follow_ups": attached_records.Task,
    "call_sessions": attached_records.CallSession,
    "call_transcript_entries": attached_records.TranscriptEntry,
    "workflow_runs": attached_records.WorkflowRun,
    "postmortem_documents": attached_records.PostmortemDocument,
    "incident_attachments": attached_records.Attachment,
}


def problems(value: object, hint: Any, place: str) -> Iterator[str]:
    """Say where a value is not of a type."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        yield from problems(value, parts[0], place)
    elif origin in (Union, UnionType):
        if all(list(problems(value, part, place)) for part in parts):
            yield f"{place} is {value!r}"
    elif not isinstance(value, plain(hint)):
        yield f"{place} is {value!r}"
    elif is_typeddict(hint) and isinstance(value, dict):
        yield from wrong_members(value, hint, place)
    elif isinstance(value, dict) and parts:
        for name, inner in value.items():
            yield from problems(inner, parts[1], f"{place}[{name}]")
    elif isinstance(value, (list, tuple)) and parts:
        for number, inner in enumerate(value):
            yield from problems(inner, parts[0], f"{place}[{number}]")


def plain(hint: Any) -> type | UnionType:
    """Return the type of Python that values of a type have."""
    if hint is float:
        return int | float  # as JSON has them
    return object if hint is Any else dict if is_typeddict(hint) else get_origin(hint) or hint


def wrong_members(value: dict[str, object], hint: Any, place: str) -> Iterator[str]:
    """Say which members of an object are unknown, missing, or not of their type."""
    hints = get_type_hints(hint, localns=NAMES, include_extras=True)
    optional = {name for name, kind in hints.items() if get_origin(kind) is NotRequired} | hint.__optional_keys__
    if hint.__module__ in {module.__name__ for module in ANSWERS}:  # which leave nulls out
        optional |= {name for name, kind in hints.items() if type(None) in get_args(kind)}
    yield from (f"{place}.{name} is unknown" for name in value.keys() - hints.keys())
    yield from (f"{place}.{name} is missing" for name in hints.keys() - optional - value.keys())
    for name in hints.keys() & value.keys():
        yield from problems(value[name], hints[name], f"{place}.{name}")


def documents(service: Service, table: str) -> list[Any]:
    """Return the documents of a table."""
    return [json.loads(row["document"]) for row in service.store.rows(f"SELECT document FROM {table}")]


def stored(service: Service) -> Iterator[str]:
    """Say where what is stored is not of its type, and check that there is some of everything."""
    for table, kind in TABLES.items():
        found = documents(service, table)
        assert found, table
        for document in found:
            yield from problems(document, kind, table)


def test_the_seeded_records_are_of_their_types() -> None:
    """Every document of the history, and every object of a large organisation."""
    service = Service(Settings(epoch=EPOCH, directory=40, options=20))
    try:
        assert sorted(set(stored(service))) == []
        assert sorted(set(problems(service.organisation, vocabulary.Organisation, "organisation"))) == []
    finally:
        service.store.close()


def test_written_records_are_of_their_types(own: Sandbox, own_call: Caller) -> None:
    """What requests write is of the same types."""
    assert own.service
    incident = own_call.declare(name="Queue stuck", summary=None)
    own_call.edit(incident, summary="It does not drain.", call_url="https://calls.example.com/1").raise_for_status()
    own_call.update(incident, message="Looking").raise_for_status()
    user = next(iter(own.service.organisation["users"]))
    for path, sent in (
        ("/v2/incident_timeline_items", {"idempotency_key": "t", "timestamp": EPOCH, "title": "Seen"}),
        ("/v2/escalations", {"idempotency_key": "e", "title": "Queue stuck", "user_ids": [user]}),
        ("/v3/actions", {"description": "Restart it"}),
        ("/v3/follow_ups", {"title": "Alert on it", "labels": ["tooling"]}),
        ("/v1/incident_attachments", {"resource": {"resource_type": "arbitrary_url", "url": "https://example.com"}}),
    ):
        answer = own_call("POST", path, json={"incident_id": incident["id"], **sent})
        assert answer.ok, answer.text
    sent = {"title": "What happened", "content": "# It"}
    own_call("POST", f"/v2/incidents/{incident['id']}/actions/import_postmortem_document", json=sent).raise_for_status()
    (follow_up,) = own_call.get("/v3/follow_ups", ("incident_id", incident["id"]))["follow_ups"]
    ended = {"title": "Alert on it", "status": "completed"}
    own_call("PUT", f"/v3/follow_ups/{follow_up['id']}", json=ended).raise_for_status()
    (page,) = own_call.get("/v2/escalations", ("incident[one_of]", incident["id"]))["escalations"]
    own_call("POST", f"/v2/escalations/{page['id']}/actions/respond", json={"response": "ack"}).raise_for_status()
    assert sorted(set(stored(own.service))) == []


def test_the_records_of_a_class_are_of_their_types(class_calls: tuple[Caller, Caller]) -> None:
    """Drills, scores, people, the facilitator's page, and what the sandbox records of itself."""
    facilitator, trainee = class_calls
    service = facilitator.sandbox.service
    assert service
    facilitator("POST", "/sandbox/class/drills", json={"scenario": "bad-deploy"}).raise_for_status()
    facilitator.sandbox.advance(60)
    trainee.declare(mode="test")
    facilitator("POST", "/sandbox/class/drills/pause", json={}).raise_for_status()
    facilitator.sandbox.fault("status", "/v1/severities", times=1)
    page, paused = facilitator.get("/sandbox/class/state"), documents(service, "drills")
    for action in ("resume", "stop"):
        facilitator("POST", f"/sandbox/class/drills/{action}", json={}).raise_for_status()
    drills = service.drills.of(None)
    assert any(drill["feed"] for drill in drills)
    values: list[tuple[object, Any]] = [
        (paused + documents(service, "drills"), list[class_records.KeptDrill]),
        (documents(service, "acts"), list[class_records.Act]),
        (drills, list[class_records.Drill]),
        (service.score(drills[0]), class_records.Score),
        (page["people"], list[class_records.PresentPerson]),
        (page["incidents"], list[class_records.IncidentSummary]),
        (page["scenarios"], list[class_records.ScenarioTitle]),
        (service.store.setting("roster"), class_records.KeptRoster),
        (service.roster.secret(), class_records.Secrets),
        (service.state(), bookkeeping.SandboxState),
        (facilitator.sandbox.requests, list[bookkeeping.RecordedRequest]),
        (facilitator("GET", "/v2/users", params={"pages": "1"}).json(), errors.ErrorDocument),
    ]
    assert all(value for value, _ in values)
    assert [problem for value, hint in values for problem in problems(value, hint, str(hint))] == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v2/incidents", answers.MeasuredIncident | answers.ShownIncident),
        ("/v2/incident_updates", answers.ShownUpdate),
        ("/v2/incident_timeline_items?incident_id={incident_timeline_items}", answers.ShownItem),
        ("/v2/incident_activity_log_entries?incident_id={incident_timeline_items}", answers.ShownEntry),
        ("/v1/incident_relationships?incident_id={incident_relationships}", answers.Relationship),
        ("/v2/incident_participant_workloads?incident_id={escalations}", answers.ParticipantWorkload),
        ("/v2/alerts?page_size=50", attached_answers.ShownAlert),
        ("/v2/incident_alerts?page_size=50", attached_answers.AlertLink),
        ("/v2/alert_sources", attached_answers.ShownSource),
        ("/v2/escalations", attached_answers.ShownEscalation),
        ("/v2/escalation_paths", attached_answers.ShownPath),
        ("/v3/actions", attached_answers.ShownTask),
        ("/v3/follow_ups", attached_answers.ShownTask),
        ("/v1/postmortem_documents", attached_answers.ShownPostmortem),
        ("/v3/teams", attached_answers.ShownTeam),
        ("/v2/schedules", attached_answers.ShownSchedule),
        ("/v2/status_page_incidents?status_page_id={page}", attached_answers.PublishedIncident),
        ("/v1/incidents", older_answers.OlderIncident),
        ("/v1/custom_fields", older_answers.OlderField),
        ("/v2/catalog_types", older_answers.OlderCatalogType),
        ("/v2/workflows", older_answers.ShownWorkflow),
    ],
)
def test_answers_are_of_their_types(call: Caller, path: str, kind: Any) -> None:
    """What the API shows has the members of its type; what is None is left out."""
    service = call.sandbox.service
    assert service
    names = {
        name: next(iter(service.store.rows(f"SELECT incident_id FROM {name} ORDER BY id")))[0]
        for name in ("incident_timeline_items", "incident_relationships", "escalations")
    }
    page = next(iter(service.organisation["status_pages"]))
    (rows,) = [rows for rows in call.get(path.format(**names, page=page)).values() if isinstance(rows, list)]
    assert rows
    assert sorted(set(problems(rows, list[kind], "answer"))) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"severity": "S"}, "incident.severity is unknown"),
        ({"number": "7"}, "incident.number is '7'"),
        ({"creator": {"usr": "U"}}, "incident.creator.usr is unknown"),
    ],
)
def test_the_check_finds_what_is_wrong(changed: dict[str, object], found: str) -> None:
    """A member that is unknown, missing or of another type is named by its place."""
    service = Service(Settings(epoch=EPOCH, incidents=1))
    document = json.loads(service.store.rows("SELECT document FROM incidents")[0]["document"])
    service.store.close()
    assert list(problems(document, records.Incident, "incident")) == []
    assert list(problems(document | changed, records.Incident, "incident")) == [found]
    del document["number"]
    assert list(problems(document, records.Incident, "incident")) == ["incident.number is missing"]
