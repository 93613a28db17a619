"""The vendor's own SDK drives the sandbox: every answer parses as its model and holds nothing else.

Serves `sandbox/routes.py`, `sandbox/incidentio/render.py`, `sandbox/incidentio/routes/calls.py`,
`sandbox/incidentio/routes/older.py`,
`sandbox/incidentio/routes/catalog.py`, `sandbox/incidentio/routes/escalations.py`,
`sandbox/incidentio/routes/incidents.py`, `sandbox/incidentio/routes/postmortems.py`,
`sandbox/incidentio/routes/tasks.py`, `sandbox/incidentio/routes/timeline.py`, `sandbox/incidentio/routes/updates.py`,
`sandbox/incidentio/routes/users.py`, `sandbox/incidentio/routes/vocabulary.py`, `sandbox/http/scopes.py`,
`sandbox/incidentio/forms.py`, `sandbox/incidentio/routes/alerts.py`, `sandbox/incidentio/routes/attachments.py`,
`sandbox/incidentio/routes/forms.py` and `sandbox/incidentio/routes/schedules.py`.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest
from incident_io import AuthenticatedClient, models

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = "2026-06-01T12:00:00Z"
# The SDK warns of what is old; others still read it.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated and will be removed:DeprecationWarning")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of its own: what the SDK writes stays here."""
    with Sandbox(epoch=EPOCH, incidents=120, rate=1_000_000, list_rate=1_000_000) as running:
        yield running


@pytest.fixture(scope="module")
def sdk(sandbox: Sandbox) -> Iterator[Any]:
    """The vendor's client, and a shorthand to call its operations by name."""
    with AuthenticatedClient(base_url=sandbox.url, token=sandbox.key) as client:

        def operate(group: str, operation: str, *path: str, **arguments: Any) -> Any:
            module = importlib.import_module(f"incident_io.api.{group}.{group}_{operation}")
            response = module.sync_detailed(*path, client=client, **arguments)
            assert response.parsed is not None, (response.status_code, response.content[:500])
            check(response.parsed, json.loads(response.content))
            return response.parsed

        yield operate


def check(parsed: Any, raw: Any) -> None:
    """Require that the model took in every member of the answer: none unknown, none lost."""
    if isinstance(parsed, list):
        assert isinstance(raw, list)
        assert len(parsed) == len(raw)
        for inner, part in zip(parsed, raw, strict=True):
            check(inner, part)
    elif attrs.has(type(parsed)):
        assert isinstance(raw, dict), (type(parsed).__name__, raw)
        names = {field.name for field in attrs.fields(type(parsed))}
        if names == {"additional_properties"}:
            for name, inner in parsed.additional_properties.items():
                check(inner, raw[name])
            return
        assert not getattr(parsed, "additional_properties", {}), (type(parsed).__name__, parsed)
        for name, part in raw.items():
            attribute = name if name in names else f"{name}_"
            assert attribute in names, f"{type(parsed).__name__} knows no {name}"
            assert part is not None, f"{type(parsed).__name__}.{name} is null"
            check(getattr(parsed, attribute), part)


def refused(parsed: Any, status: int, kind: str) -> models.ErrorResponse:
    """Require an answer to be the SDK's error model with this status and type."""
    assert isinstance(parsed, models.ErrorResponse), parsed
    assert parsed.status == status
    assert parsed.type_.value == kind
    return parsed


LISTS = [
    ("incidents_v1", "incidents", "incident"),
    ("incident_roles_v1", "incident_roles", "incident_role"),
    ("custom_fields_v1", "custom_fields", "custom_field"),
    ("actions_v2", "actions", "action"),
    ("follow_ups_v2", "follow_ups", "follow_up"),
    ("severities_v1", "severities", "severity"),
    ("incident_statuses_v1", "incident_statuses", "incident_status"),
    ("incident_types_v1", "incident_types", "incident_type"),
    ("incident_roles_v2", "incident_roles", "incident_role"),
    ("incident_timestamps_v2", "incident_timestamps", "incident_timestamp"),
    ("custom_fields_v2", "custom_fields", "custom_field"),
    ("users_v2", "users", "user"),
    ("actions_v3", "actions", "action"),
    ("follow_ups_v3", "follow_ups", "follow_up"),
    ("escalations_v2", "escalations", "escalation"),
    ("postmortem_documents_v1", "postmortem_documents", "postmortem_document"),
    ("incident_forms_v3", "incident_forms", "incident_form"),
    ("schedules_v2", "schedules", "schedule"),
    ("alert_sources_v2", "alert_sources", "alert_source"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("group", "plural", "singular"), LISTS)
def test_lists_and_their_members(sdk: Any, group: str, plural: str, singular: str) -> None:
    """Each list parses, each of its members can be shown alone, and an unknown one is a 404."""
    listed = getattr(sdk(group, "list"), plural)
    assert listed
    for record in listed[:5]:
        assert getattr(sdk(group, "show", record.id), singular).id == record.id
    refused(sdk(group, "show", "01NOTHING"), 404, "not_found")


def test_identity(sdk: Any) -> None:
    """The key tells who it is; its roles are those the SDK knows."""
    identity = sdk("utilities_v1", "identity").identity
    assert identity.name == "Sandbox"
    assert models.IdentityV1RolesItem.GLOBAL_ACCESS in identity.roles
    assert len(identity.roles) == len(models.IdentityV1RolesItem)


def test_an_unknown_key_is_refused(sandbox: Sandbox) -> None:
    """A key nobody made is a 401 that the SDK reads as an error."""
    module = importlib.import_module("incident_io.api.utilities_v1.utilities_v1_identity")
    with AuthenticatedClient(base_url=sandbox.url, token="nobody") as client:
        refused(module.sync(client=client), 401, "authentication_error")


def every_incident(sdk: Any) -> list[Any]:
    """Return all incidents of all modes and categories, page by page."""
    mode = models.IncidentsV2ListMode.from_dict({"one_of": ["standard", "retrospective", "test", "tutorial"]})
    categories = [category.value for category in models.IncidentStatusV2Category]
    category = models.IncidentsV2ListStatusCategory.from_dict({"one_of": categories})
    found: list[Any] = []
    more: dict[str, Any] = {}
    while True:
        page = sdk("incidents_v2", "list", page_size=50, mode=mode, status_category=category, **more)
        found += page.incidents
        if not page.pagination_meta.after:
            assert page.pagination_meta.total_record_count == len(found)
            return found
        more = {"after": page.pagination_meta.after}


@pytest.mark.slow
def test_every_incident_and_all_that_belongs_to_it(sdk: Any) -> None:
    """All seeded incidents parse, and so does everything the other endpoints tell about each."""
    incidents = every_incident(sdk)
    assert len(incidents) >= 120
    kinds: set[str] = set()
    for incident in incidents[::3]:
        number = incident.reference.removeprefix("INC-")
        assert sdk("incidents_v2", "show", number).incident.id == incident.id
        about = {"incident_id": incident.id}
        entries = sdk("incident_activity_log_entries_v2", "list", page_size=250, **about)
        kinds |= {entry.type_.value for entry in entries.incident_activity_log_entries}
        sdk("incident_updates_v2", "list", page_size=250, **about)
        sdk("incident_timeline_items_v2", "list", page_size=250, **about)
        sdk("incident_participants_v2", "list", **about)
        sdk("alerts_v2", "list_incident_alerts", page_size=50, **about)
        sdk("workflow_runs_v2", "list", page_size=50, **about)
        sdk("actions_v3", "list", **about)
        sdk("follow_ups_v3", "list", **about)
        for session in sdk("call_sessions_v2", "list", **about).call_sessions:
            sdk("call_transcript_entries_v2", "list", call_session_id=session.id)
    assert len(kinds) >= 15


def test_postmortem_contents(sdk: Any) -> None:
    """A post-mortem's text is Markdown, and it can be imported, too."""
    listed = sdk("postmortem_documents_v1", "list").postmortem_documents
    assert sdk("postmortem_documents_v1", "show_content", listed[0].id).markdown.startswith("# ")
    body = models.IncidentsImportPostmortemDocumentPayloadV2(title="What we learned", content="# Learned")
    made = sdk("incidents_v2", "import_postmortem_document", listed[0].incident_id, body=body).postmortem_document
    assert sdk("postmortem_documents_v1", "show_content", made.id).markdown == "# Learned"


def test_alerts_and_escalation_paths(sdk: Any) -> None:
    """Alerts and escalation paths parse, in lists and alone."""
    links = sdk("alerts_v2", "list_incident_alerts", page_size=50).incident_alerts
    assert sdk("alerts_v2", "show", links[0].alert.id).alert.title == links[0].alert.title
    paths = sdk("escalations_v2", "list_paths").escalation_paths
    shown = sdk("escalations_v2", "show_path", paths[0].id).escalation_path
    assert shown.current_responders


def test_catalog(sdk: Any) -> None:
    """The catalog's types and entries parse, in lists, by name and alone."""
    for kind in sdk("catalog_v3", "list_types").catalog_types:
        page = sdk("catalog_v3", "list_entries", catalog_type_id=kind.id, page_size=250)
        assert page.pagination_meta.total_record_count == len(page.catalog_entries)
        first = page.catalog_entries[0]
        found = sdk("catalog_v3", "list_entries", catalog_type_id=kind.id, identifier=first.name)
        assert [entry.id for entry in found.catalog_entries] == [first.id]
        assert sdk("catalog_v3", "show_entry", first.id).catalog_entry.name == first.name


def test_custom_field_options(sdk: Any) -> None:
    """The options of a select field are listed in pages; a text field has none."""
    for field in sdk("custom_fields_v2", "list").custom_fields:
        page = sdk("custom_field_options_v1", "list", custom_field_id=field.id, page_size=2)
        plain = field.field_type.value.endswith("select") and not field.catalog_type_id
        assert bool(page.custom_field_options) == plain


def test_a_whole_incident_through_the_sdk(sdk: Any) -> None:
    """Declare, update, escalate, write on the timeline, edit and close: every answer parses."""
    severities = {severity.name: severity.id for severity in sdk("severities_v1", "list").severities}
    statuses = {status.name: status.id for status in sdk("incident_statuses_v1", "list").incident_statuses}
    roles = {role.name: role.id for role in sdk("incident_roles_v2", "list").incident_roles}
    payload = models.IncidentsCreatePayloadV2(
        idempotency_key="conformance",
        visibility=models.IncidentsCreatePayloadV2Visibility.PUBLIC,
        name="Our database is sad",
        severity_id=severities["Minor"],
        mode=models.IncidentsCreatePayloadV2Mode.STANDARD,
        incident_role_assignments=[
            models.IncidentRoleAssignmentPayloadV2(
                incident_role_id=roles["Incident Lead"],
                assignee=models.UserReferencePayloadV2(email="bob@example.com"),
            )
        ],
    )
    incident = sdk("incidents_v2", "create", body=payload).incident
    assert sdk("incidents_v2", "create", body=payload).incident.id == incident.id
    update = models.IncidentUpdatesCreatePayloadV2(
        idempotency_key="conformance",
        incident_id=incident.id,
        message="It is **very** sad",
        to_incident_status_id=statuses["Fixing"],
        to_severity_id=severities["Major"],
    )
    made = sdk("incident_updates_v2", "create", body=update).incident_update
    assert (made.new_severity.name, made.new_incident_status.name) == ("Major", "Fixing")
    item = models.IncidentTimelineItemsCreatePayloadV2(
        idempotency_key="conformance",
        incident_id=incident.id,
        title="It began",
        timestamp=incident.created_at,
        description="In the *cellar*",
    )
    written = sdk("incident_timeline_items_v2", "create", body=item).incident_timeline_item
    changed = models.IncidentTimelineItemsUpdatePayloadV2(title="It really began", description="")
    after = sdk("incident_timeline_items_v2", "update", written.id, body=changed).incident_timeline_item
    assert (after.title, bool(after.description)) == ("It really began", False)
    path = sdk("escalations_v2", "list_paths").escalation_paths[0]
    page = models.EscalationsCreatePayloadV2(
        idempotency_key="conformance", title="Wake up", escalation_path_id=path.id, incident_id=incident.id
    )
    paged = sdk("escalations_v2", "create", body=page).escalation
    assert [related.id for related in paged.related_incidents] == [incident.id]
    edit = models.IncidentsEditPayloadV2(
        notify_incident_channel=True,
        incident=models.IncidentEditPayloadV2(
            name="Our database is well",
            incident_status_id=statuses["Closed"],
            call_url="https://calls.example.com/1",
        ),
    )
    closed = sdk("incidents_v2", "edit", incident.id, body=edit).incident
    assert (closed.name, closed.incident_status.name) == ("Our database is well", "Closed")
    sdk("incident_activity_log_entries_v2", "list", incident_id=incident.id, page_size=250)


def test_writes_that_lack_something_are_refused(sdk: Any) -> None:
    """A write without what it needs is a 422 whose problems name their fields."""
    payload = models.IncidentsCreatePayloadV2(
        idempotency_key="no severity", visibility=models.IncidentsCreatePayloadV2Visibility.PUBLIC
    )
    error = refused(sdk("incidents_v2", "create", body=payload), 422, "validation_error")
    assert [problem.source.field for problem in error.errors] == ["severity_id"]
    update = models.IncidentUpdatesCreatePayloadV2(idempotency_key="nothing", incident_id="01NOTHING")
    error = refused(sdk("incident_updates_v2", "create", body=update), 422, "validation_error")
    assert {problem.source.field for problem in error.errors} == {"message", "incident_id"}
    page = models.EscalationsCreatePayloadV2(idempotency_key="nobody", title="Wake up")
    refused(sdk("escalations_v2", "create", body=page), 422, "validation_error")


FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("status", {"one_of": ["{status}"]}),
    ("status", {"not_in": ["{status}"]}),
    ("status_category", {"one_of": ["live", "triage"]}),
    ("status_category", {"not_in": ["live"]}),
    ("created_at", {"gte": ["2026-01-01"]}),
    ("created_at", {"lte": ["2026-01-01"]}),
    ("updated_at", {"date_range": ["2026-01-01~2026-05-01"]}),
    ("severity", {"one_of": ["{severity}"]}),
    ("severity", {"not_in": ["{severity}"]}),
    ("severity", {"gte": ["{severity}"]}),
    ("severity", {"lte": ["{severity}"]}),
    ("incident_type", {"one_of": ["{type}"]}),
    ("incident_type", {"not_in": ["{type}"]}),
    ("incident_role", {"{role}": {"is_blank": ["true"]}}),
    ("incident_role", {"{role}": {"one_of": ["{user}"]}}),
    ("custom_field", {"{field}": {"one_of": ["{option}"]}}),
    ("custom_field", {"{field}": {"not_in": ["{option}"]}}),
    ("mode", {"one_of": ["test"]}),
]


@pytest.mark.parametrize(("name", "value"), FILTERS)
def test_filters_through_the_sdk(sdk: Any, name: str, value: dict[str, Any]) -> None:
    """Each filter that the SDK can send finds some incidents."""
    field = next(field for field in sdk("custom_fields_v2", "list").custom_fields if field.name == "Affected service")
    options = sdk("custom_field_options_v1", "list", custom_field_id=field.id).custom_field_options
    known = {
        "{status}": sdk("incident_statuses_v1", "list").incident_statuses[7].id,
        "{severity}": sdk("severities_v1", "list").severities[1].id,
        "{type}": sdk("incident_types_v1", "list").incident_types[0].id,
        "{role}": sdk("incident_roles_v2", "list").incident_roles[0].id,
        "{user}": sdk("users_v2", "list", email="carol@example.com").users[0].id,
        "{field}": field.id,
        "{option}": options[0].id,
    }
    text = json.dumps(value)
    for gap, identity in known.items():
        text = text.replace(gap, identity)
    kind = getattr(models, f"IncidentsV2List{''.join(part.title() for part in name.split('_'))}")
    content = json.loads(text)
    wanted = kind()
    for key, inner in content.items():
        wanted[key] = inner if isinstance(inner, list) else _nested(kind, inner)
    assert sdk("incidents_v2", "list", **{name: wanted}).incidents


def _nested(kind: Any, inner: dict[str, Any]) -> Any:
    nested = getattr(models, f"{kind.__name__}AdditionalProperty")()
    for key, values in inner.items():
        nested[key] = values
    return nested


def test_filters_of_other_lists(sdk: Any) -> None:
    """Escalations, tasks and workflow runs take the SDK's filters."""
    links = sdk("escalations_v2", "list", page_size=50).escalations
    about = next(escalation for escalation in links if escalation.related_incidents).related_incidents[0].id
    wanted = models.EscalationsV2ListIncident.from_dict({"one_of": [about]})
    assert all(
        about in [incident.id for incident in escalation.related_incidents]
        for escalation in sdk("escalations_v2", "list", incident=wanted).escalations
    )
    status = models.EscalationsV2ListStatus.from_dict({"one_of": ["resolved"]})
    assert {escalation.status.value for escalation in sdk("escalations_v2", "list", status=status).escalations} == {
        "resolved"
    }
    mode = models.ActionsV3ListIncidentMode.TEST
    tests = sdk("actions_v3", "list", incident_mode=mode, page_size=250).actions
    assert tests
    since = models.FollowUpsV3ListCreatedAt.from_dict({"gte": ["2026-01-01"]})
    assert sdk("follow_ups_v3", "list", created_at=since).follow_ups
    between = models.WorkflowRunsV2ListCreatedAt.from_dict({"date_range": ["2025-07-01~2026-06-01"]})
    assert sdk("workflow_runs_v2", "list", created_at=between).workflow_runs


def test_what_the_sdk_sent(sdk: Any, sandbox: Sandbox) -> None:
    """The recorded requests show what was sent, and never the key."""
    sdk("users_v2", "list", email="alice@example.com")
    last = sandbox.requests[-1]
    assert (last["method"], last["path"], last["status"]) == ("GET", "/v2/users", 200)
    assert ("email", "alice@example.com") in [tuple(pair) for pair in last["query"]]
    assert "Authorization" not in last["headers"]
    assert parse_qsl(urlsplit(sandbox.url).query) == []


def test_what_only_older_clients_read(sdk: Any) -> None:
    """The catalog's types and the workflows of older versions parse, and so does a single option or type."""
    assert sdk("catalog_v2", "list_types").catalog_types
    assert sdk("workflows_v2", "list_workflows").workflows
    kind = sdk("catalog_v3", "list_types").catalog_types[0]
    assert sdk("catalog_v3", "show_type", kind.id).catalog_type.name == kind.name
    field = next(field for field in sdk("custom_fields_v1", "list").custom_fields if field.options)
    option = field.options[0]
    assert sdk("custom_field_options_v1", "show", option.id).custom_field_option.value == option.value


def test_the_first_version_filters_by_its_own_statuses(sdk: Any) -> None:
    """Incidents of the first version have its words for statuses and modes."""
    closed = sdk("incidents_v1", "list", status=["closed"], page_size=250).incidents
    assert closed
    assert {incident.status.value for incident in closed} == {"closed"}
    assert "real" in {incident.mode.value for incident in closed}
