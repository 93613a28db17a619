"""The vendor's contract: our requests are its SDK's, our bodies its payloads, our records its models."""

from __future__ import annotations

import importlib
import sys
import types
import typing
from contextlib import suppress
from datetime import UTC, datetime

import attrs
import httpx
import msgspec
import pytest
from incident_io import models as sdk
from incident_io.types import Unset

from incidentio_magic.api import models
from incidentio_magic.api.filters import Choice, IncidentFilter, Window
from incidentio_magic.client import Incidents
from incidentio_magic.errors import IncidentioError
from incidentio_magic.names.vocabulary import Vocabulary
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings

MOMENT = datetime(2026, 1, 15, 14, 0, tzinfo=UTC)
SORT = sdk.IncidentsV2ListSortBy


@pytest.fixture(scope="module")
def sandbox():
    """A sandbox that records what it is asked."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox, tmp_path):
    """A client of the sandbox."""
    settings = Settings(base_url=sandbox.url, key=Secret(sandbox.key), ledger=tmp_path / "ledger.jsonl")
    with Incidents(settings) as client:
        yield client


def sdk_call(module, name, **arguments):
    """Return the method, path and query that the vendor's SDK makes of a call."""
    kwargs = importlib.import_module(f"incident_io.api.{module}.{module}_{name}")._get_kwargs(**arguments)
    query = httpx.QueryParams(kwargs.get("params", {})).multi_items()
    return kwargs["method"].upper(), kwargs["url"], sorted(query)


FILTER = IncidentFilter(
    status=Choice(one_of=("S1", "S2")),
    category=Choice(not_in=("closed",)),
    severity=Choice(at_least="V1"),
    type=Choice(one_of=("T1",)),
    modes=("test", "standard"),
    roles={"R1": Choice(one_of=("U1",)), "R2": Choice(blank=True)},
    fields={"F1": Choice(one_of=("O1", "O2")), "F2": Choice(not_in=("O3",))},
    created=Window(since=MOMENT, until=MOMENT),
    updated=Window(since=MOMENT),
    oldest_first=True,
)
SAME_FILTER = {
    "status": sdk.IncidentsV2ListStatus.from_dict({"one_of": ["S1", "S2"]}),
    "status_category": sdk.IncidentsV2ListStatusCategory.from_dict({"not_in": ["closed"]}),
    "severity": sdk.IncidentsV2ListSeverity.from_dict({"gte": ["V1"]}),
    "incident_type": sdk.IncidentsV2ListIncidentType.from_dict({"one_of": ["T1"]}),
    "mode": sdk.IncidentsV2ListMode.from_dict({"one_of": ["test", "standard"]}),
    "incident_role": sdk.IncidentsV2ListIncidentRole.from_dict(
        {"R1": {"one_of": ["U1"]}, "R2": {"is_blank": ["true"]}}
    ),
    "custom_field": sdk.IncidentsV2ListCustomField.from_dict(
        {"F1": {"one_of": ["O1", "O2"]}, "F2": {"not_in": ["O3"]}}
    ),
    "created_at": sdk.IncidentsV2ListCreatedAt.from_dict({"date_range": ["2026-01-15~2026-01-15"]}),
    "updated_at": sdk.IncidentsV2ListUpdatedAt.from_dict({"gte": ["2026-01-15"]}),
}
NEWEST, OLDEST = SORT.CREATED_AT_NEWEST_FIRST, SORT.CREATED_AT_OLDEST_FIRST
OF = {"incident_id": "I1"}
TEST_MODE = sdk.ActionsV3ListIncidentMode.TEST
BIG, SMALL, SMALLEST = {"page_size": 250}, {"page_size": 50}, {"page_size": 25}
EVERYBODY = {"page_size": 10_000}

READS = {
    "identity": (lambda api: api.identity(), "utilities_v1", "identity", {}),
    "severities": (lambda api: Vocabulary(api, lifetime=0).read("severities"), "severities_v1", "list", {}),
    "statuses": (lambda api: Vocabulary(api, lifetime=0).read("statuses"), "incident_statuses_v1", "list", {}),
    "types": (lambda api: Vocabulary(api, lifetime=0).read("types"), "incident_types_v1", "list", {}),
    "roles": (lambda api: Vocabulary(api, lifetime=0).read("roles"), "incident_roles_v2", "list", {}),
    "timestamps": (lambda api: Vocabulary(api, lifetime=0).read("timestamps"), "incident_timestamps_v2", "list", {}),
    "fields": (lambda api: Vocabulary(api, lifetime=0).read("fields"), "custom_fields_v2", "list", {}),
    "options": (
        lambda api: list(api.custom_field_options("F1")),
        "custom_field_options_v1",
        "list",
        {"custom_field_id": "F1", **BIG},
    ),
    "catalog entries": (
        lambda api: list(api.catalog_entries("C1")),
        "catalog_v3",
        "list_entries",
        {"catalog_type_id": "C1", **BIG},
    ),
    "users": (lambda api: list(api.users()), "users_v2", "list", EVERYBODY),
    "a user by email": (
        lambda api: list(api.users(email="a+b@example.com")),
        "users_v2",
        "list",
        {"email": "a+b@example.com", **EVERYBODY},
    ),
    "teams": (lambda api: Vocabulary(api, lifetime=0).read("teams"), "teams_v3", "list", BIG),
    "alert sources": (lambda api: Vocabulary(api, lifetime=0).read("alert_sources"), "alert_sources_v2", "list", {}),
    "escalation paths": (lambda api: list(api.escalation_paths()), "escalations_v2", "list_paths", SMALLEST),
    "all incidents": (
        lambda api: next(iter(api.incidents(IncidentFilter())), None),
        "incidents_v2",
        "list",
        {"sort_by": NEWEST, **BIG},
    ),
    "filtered incidents": (
        lambda api: list(api.incidents(FILTER, limit=7)),
        "incidents_v2",
        "list",
        {**SAME_FILTER, "sort_by": OLDEST, "page_size": 7},
    ),
    "one incident": (lambda api: api.incident("1"), "incidents_v2", "show", {"id": "1"}),
    "updates": (lambda api: list(api.incident_updates("I1")), "incident_updates_v2", "list", {**OF, **BIG}),
    "timeline": (lambda api: list(api.timeline_items("I1")), "incident_timeline_items_v2", "list", {**OF, **BIG}),
    "activity": (
        lambda api: list(api.activity_log_entries("I1")),
        "incident_activity_log_entries_v2",
        "list",
        {**OF, **BIG},
    ),
    "escalations": (
        lambda api: list(api.escalations("I1")),
        "escalations_v2",
        "list",
        {"incident": sdk.EscalationsV2ListIncident.from_dict({"one_of": ["I1"]}), **SMALL},
    ),
    "alerts": (lambda api: list(api.incident_alerts("I1")), "alerts_v2", "list_incident_alerts", {**OF, **SMALL}),
    "actions": (
        lambda api: list(api.actions("I1", "test")),
        "actions_v3",
        "list",
        {**OF, **BIG, "incident_mode": TEST_MODE},
    ),
    "follow-ups": (
        lambda api: list(api.follow_ups("I1", "test")),
        "follow_ups_v3",
        "list",
        {**OF, **BIG, "incident_mode": sdk.FollowUpsV3ListIncidentMode.TEST},
    ),
    "calls": (lambda api: list(api.call_sessions("I1")), "call_sessions_v2", "list", {**OF, **BIG}),
    "a transcript": (
        lambda api: list(api.call_transcript("C1")),
        "call_transcript_entries_v2",
        "list",
        {"call_session_id": "C1", **BIG},
    ),
    "workflow runs": (lambda api: list(api.workflow_runs("I1")), "workflow_runs_v2", "list", {**OF, **SMALL}),
    "postmortems": (
        lambda api: list(api.postmortem_documents("I1")),
        "postmortem_documents_v1",
        "list",
        {**OF, **BIG},
    ),
    "a postmortem": (lambda api: api.postmortem_content("P1"), "postmortem_documents_v1", "show_content", {"id": "P1"}),
    "participants": (lambda api: api.participants("I1"), "incident_participants_v2", "list", OF),
}
# What one of the two sends although nobody asked, being the service's own default.
DEFAULTS = {
    ("sort_by", "created_at_newest_first"),
    *(("status_category[not_in]", category) for category in ("declined", "canceled", "merged")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", READS)
def test_read_is_the_sdk_s_request(sandbox, client, name):
    """Each read has the method, path and query that the vendor's SDK gives the same call."""
    read, module, function, arguments = READS[name]
    before = len(sandbox.requests)
    with suppress(IncidentioError):  # the made-up IDs may be refused; what counts is the request
        read(client.api)
    sent = sandbox.requests[before]
    method, path, query = sdk_call(module, function, **arguments)
    assert (sent["method"], sent["path"]) == (method, path)
    ours = sorted(tuple(pair) for pair in sent["query"])
    assert [pair for pair in ours if pair not in DEFAULTS] == [pair for pair in query if pair not in DEFAULTS]


def write_everything(client):
    """Make one of each write, with every part that a draft can carry."""
    declared = client.declare(
        "Conformance",
        "All parts",
        severity="Major",
        type="Platform",
        status="Investigating",
        mode="test",
        role={"Incident Lead": client.vocabulary.users()[0].email},
        field={"Affected regions": ["eu-west", "us-east"], "Customers affected": "12", "Owning team": "none"},
        timestamp={"Impact started at": "20m"},
    )
    reference = declared.reference
    client.update(reference, "all three", status="Fixing", severity="Critical")
    client.event(reference, "A deploy", "with a description", at="2026-01-15T13:40")
    client.edit(
        reference,
        name="Conformance, edited",
        summary="new",
        call_url="https://example.com/call",
        severity="Minor",
        status="Monitoring",
        role={"Incident Lead": "none"},
        field={"Customers affected": "none", "Affected regions": "eu-west"},
        timestamp={"Impact started at": "2026-01-15T13:30"},
    )
    client.page(reference, to=[client.vocabulary.users()[1].email], description="look")
    client.import_postmortem(client.postmortem(reference))
    client.page(reference, "By path", path=next(iter(client.api.escalation_paths())).name)


PAYLOADS = {
    "/v2/incidents": sdk.IncidentsCreatePayloadV2,
    "/v2/incident_updates": sdk.IncidentUpdatesCreatePayloadV2,
    "/v2/incident_timeline_items": sdk.IncidentTimelineItemsCreatePayloadV2,
    "/v2/escalations": sdk.EscalationsCreatePayloadV2,
    "import": sdk.IncidentsImportPostmortemDocumentPayloadV2,
    "edit": sdk.IncidentsEditPayloadV2,
}


def unknown_keys(model):
    """Return the keys that the SDK's model, or one inside it, does not know."""
    found = list(getattr(model, "additional_properties", {}))
    for value in vars(model).values() if hasattr(model, "__dict__") else []:
        found += unknown_keys(value)
    for slot in getattr(type(model), "__attrs_attrs__", ()):
        value = getattr(model, slot.name)
        for entry in value if isinstance(value, list) else [value]:
            if hasattr(type(entry), "__attrs_attrs__"):
                found += unknown_keys(entry)
    return found


def test_every_body_is_the_sdk_s_payload(sandbox, client):
    """Every body we send parses as the vendor's payload model, with no key it does not know."""
    before = len(sandbox.requests)
    write_everything(client)
    writes = [request for request in sandbox.requests[before:] if request["method"] == "POST"]
    seen = set()
    for write in writes:
        action = write["path"].partition("/actions/")[2]
        name = action.partition("_")[0] or write["path"]
        seen.add(name)
        model = PAYLOADS[name].from_dict(dict(write["body"]))
        assert unknown_keys(model) == []
        assert set(model.to_dict()) == set(write["body"])
        assert write["status"] in {200, 201}
    assert seen == set(PAYLOADS)


RECORDS = {
    models.Action: sdk.ActionV3,
    models.AlertSource: sdk.AlertSourceV2,
    models.IncidentAttachment: sdk.IncidentAttachmentV1,
    models.IncidentForm: sdk.IncidentFormV3,
    models.IncidentRelationship: sdk.IncidentRelationshipV1,
    models.ParticipantWorkload: sdk.IncidentParticipantWorkloadV2,
    models.Schedule: sdk.ScheduleV2,
    models.StatusPage: sdk.StatusPageV2,
    models.StatusPageComponent: sdk.StatusPageComponentV2,
    models.StatusPageIncident: sdk.StatusPageIncidentV2,
    models.Team: sdk.TeamV3,
    models.ScheduleEntries: sdk.ScheduleEntriesListPayloadV2,
    models.ActivityLogEntry: sdk.IncidentActivityLogEntryV2,
    models.CallSession: sdk.CallSessionV2,
    models.CallTranscriptEntry: sdk.CallTranscriptEntryV2,
    models.CatalogEntry: sdk.CatalogEntryV3,
    models.CustomField: sdk.CustomFieldV2,
    models.CustomFieldOption: sdk.CustomFieldOptionV1,
    models.Escalation: sdk.EscalationV2,
    models.EscalationPath: sdk.EscalationPathV2,
    models.FollowUp: sdk.FollowUpV3,
    models.Identity: sdk.IdentityV1,
    models.Incident: sdk.IncidentV2,
    models.IncidentAlert: sdk.IncidentAlertV2,
    models.IncidentRole: sdk.IncidentRoleV2,
    models.IncidentStatus: sdk.IncidentStatusV1,
    models.IncidentTimestamp: sdk.IncidentTimestampV2,
    models.IncidentType: sdk.IncidentTypeV1,
    models.IncidentUpdate: sdk.IncidentUpdateV2,
    models.PaginationMeta: sdk.PaginationMetaResultWithTotalV2,
    models.Participants: sdk.IncidentParticipantsV2,
    models.PostmortemDocument: sdk.PostmortemDocumentV1,
    models.Severity: sdk.SeverityV1,
    models.TimelineItem: sdk.IncidentTimelineItemV2,
    models.User: sdk.UserWithRolesV2,
    models.WorkflowRun: sdk.WorkflowRunSlimV2,
}


def kinds(hint):
    """Return what a type hint stands for, each with whether it comes in a list."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return kinds(inside[0])
    if origin in {typing.Union, types.UnionType}:
        return [kind for entry in inside for kind in kinds(entry)]
    if origin is list:
        return [(True, kind) for _listed, kind in kinds(inside[0])]
    return [] if hint in {Unset, type(None)} else [(False, hint)]


def vendor_fields(model):
    """Return the fields of one of the SDK's models: what each holds, and whether it is required."""
    names = vars(sdk) | vars(sys.modules[model.__module__])
    return {
        field.name.rstrip("_"): (kinds(eval(field.type, names)), field.default is attrs.NOTHING)
        for field in attrs.fields(model)
        if field.name != "additional_properties"
    }


def pairs(record, model, seen):
    """Collect each of our records with each of the SDK's models that it reads."""
    if (record, model) in seen:
        return
    seen.add((record, model))
    known = vendor_fields(model)
    for field in msgspec.structs.fields(record):
        for listed, kind in kinds(field.type):
            for their_listed, theirs in known.get(field.encode_name, ([], False))[0]:
                assert listed == their_listed, (record, field.name)
                if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                    pairs(kind, theirs, seen)
                else:
                    fits = issubclass(theirs, str) if kind is str else kind in {theirs, float, dict[str, typing.Any]}
                    assert fits, (record, field.name, theirs)


def test_every_record_is_the_sdk_s_model():
    """Our records hold fields that the SDK knows, of its kinds, and require none that may be left out."""
    seen = set()
    for record, model in RECORDS.items():
        pairs(record, model, seen)
    for record in {record for record, _model in seen}:
        known = [vendor_fields(model) for ours, model in seen if ours is record]
        for field in msgspec.structs.fields(record):
            assert any(field.encode_name in fields for fields in known), (record, field.name)
            if field.required:
                assert all(fields[field.encode_name][1] for fields in known), (record, field.name)
    kept = {kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, models.Record)}
    kept -= {
        models.NarrowIncident,
        models.MeasuredIncident,
        models.WideIncident,
        models.MentionedField,
        models.ShiftInForce,
    }  # parts of an incident, which is compared
    assert kept - {models.Record} == {record for record, _model in seen}
