"""Other clients of the same API drive the sandbox: which operation of which client works.

| operation | incident-io (the vendor's) | python-incidentio-client |
| --- | --- | --- |
| list and show incidents, declare, edit, close | works | works |
| list actions, follow-ups, fields, roles, users, schedules, workflows | works | works |
| share an update, write on the timeline, page people | works | not offered |
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from incident_io_client import AuthenticatedClient

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

# The client loads its models when they are used.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def operate() -> Iterator[Any]:
    """Call an operation of the client by its name, against a sandbox of its own."""
    with (
        Sandbox(epoch="2026-06-01T12:00:00Z", incidents=60, rate=1_000_000, list_rate=1_000_000) as sandbox,
        AuthenticatedClient(base_url=sandbox.url, token=sandbox.key) as client,
    ):

        def call(group: str, operation: str, *path: str, **arguments: Any) -> Any:
            module = importlib.import_module(f"incident_io_client.api.{group}.{group}_{operation}")
            if body := arguments.get("body"):
                kind = module._get_kwargs.__annotations__["body"]
                arguments["body"] = (getattr(module, kind) if isinstance(kind, str) else kind).from_dict(body)
            response = module.sync_detailed(*path, client=client, **arguments)
            assert response.status_code < 300, response.content
            return json.loads(response.content), response.parsed

        yield call


LISTS = [
    ("severities_v1", "severities"),
    ("incident_statuses_v1", "incident_statuses"),
    ("incident_types_v1", "incident_types"),
    ("incident_roles_v1", "incident_roles"),
    ("incident_roles_v2", "incident_roles"),
    ("incident_timestamps_v2", "incident_timestamps"),
    ("custom_fields_v1", "custom_fields"),
    ("custom_fields_v2", "custom_fields"),
    ("users_v2", "users"),
    ("actions_v2", "actions"),
    ("follow_ups_v2", "follow_ups"),
    ("incidents_v1", "incidents"),
    ("incidents_v2", "incidents"),
    ("incident_updates_v2", "incident_updates"),
    ("schedules_v2", "schedules"),
    ("workflows_v2", "workflows"),
]


@pytest.mark.parametrize(("group", "name"), LISTS)
def test_the_client_lists(operate: Any, group: str, name: str) -> None:
    """The client reads each list as its own models, and loses no row."""
    operation = "list_workflows" if group == "workflows_v2" else "list"
    raw, parsed = operate(group, operation)
    assert raw[name]
    assert [one.id for one in getattr(parsed, name)] == [one["id"] for one in raw[name]]


def test_the_client_declares_edits_and_closes(operate: Any) -> None:
    """List, show, create, edit and close work through the client's own models."""
    severities = {one["name"]: one["id"] for one in operate("severities_v1", "list")[0]["severities"]}
    statuses = {one["name"]: one["id"] for one in operate("incident_statuses_v1", "list")[0]["incident_statuses"]}
    body = {
        "idempotency_key": "another client",
        "visibility": "public",
        "name": "Our database is sad",
        "severity_id": severities["Minor"],
    }
    _, made = operate("incidents_v2", "create", body=body)
    identity = made.incident.id
    assert operate("incidents_v2", "create", body=body)[1].incident.id == identity
    edit = {"incident": {"severity_id": severities["Major"]}, "notify_incident_channel": False}
    assert operate("incidents_v2", "edit", identity, body=edit)[1].incident.severity.name == "Major"
    close = {"incident": {"incident_status_id": statuses["Closed"]}, "notify_incident_channel": False}
    operate("incidents_v2", "edit", identity, body=close)
    shown = operate("incidents_v2", "show", identity)[1].incident
    assert (shown.name, shown.incident_status.name) == ("Our database is sad", "Closed")
