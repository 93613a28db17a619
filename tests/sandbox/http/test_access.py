"""Keys and scopes: who may read, who may write, who sees what is private."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from conftest import Caller

    from incidentio_magic.sandbox import Sandbox

PRIVATE = "CONFIDENTIAL"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nobody", "Basic abc", "Bearer \xff"])
def test_unknown_keys(shared: Sandbox, header: str | None) -> None:
    """Without a known key every path is a 401 in the service's shape."""
    for path in ("/v1/identity", "/v2/incidents", "/nowhere"):
        headers = {} if header is None else {"Authorization": header.encode("latin-1")}
        response = requests.get(shared.url + path, headers=headers, timeout=9)
        assert response.status_code == 401
        body = response.json()
        assert body["type"] == "authentication_error"
        assert body["request_id"] == response.headers["X-Request-Id"]


def test_unknown_paths_and_methods(call: Caller) -> None:
    """Unknown paths are 404, known paths with another method 405, all as JSON."""
    for method, path, status, kind in (
        ("GET", "/v2/nothing", 404, "not_found"),
        ("GET", "//v2//incidents", 404, "not_found"),
        ("DELETE", "/v2/incidents", 405, "method_not_allowed"),
        ("PUT", "/v2/incident_updates", 405, "method_not_allowed"),
        ("GET", "/v2/incidents/01NOTHING", 404, "not_found"),
        ("GET", "/v2/incidents/99999999", 404, "not_found"),
    ):
        response = call(method, path)
        assert (response.status_code, response.json()["type"]) == (status, kind)
        assert response.json()["errors"]


def test_viewers_read_but_do_not_write(call: Caller) -> None:
    """A key of the viewer role reads everything public; each write is a 403 that names the scope."""
    viewer = call.key("viewer")
    incident = viewer.get("/v2/incidents")["incidents"][0]
    assert viewer.get("/v1/identity")["identity"]["roles"] == ["viewer"]
    edit = {"incident": {"name": "x"}, "notify_incident_channel": True}
    for method, path, sent, scope in (
        ("POST", "/v2/incidents", {}, "incidents.create"),
        ("POST", f"/v2/incidents/{incident['id']}/actions/edit", edit, "incidents.update_name"),
        ("POST", "/v2/incident_updates", {}, "incident_updates.create"),
        ("POST", "/v2/incident_timeline_items", {}, "timeline_items.create"),
        ("PATCH", "/v2/incident_timeline_items/x", {}, "timeline_items.update"),
        ("POST", "/v2/escalations", {}, "escalations.create"),
        ("GET", "/v2/call_transcript_entries?call_session_id=x", None, "call_transcripts.view"),
    ):
        response = viewer(method, path, json=sent)
        assert response.status_code == 403, path
        assert response.json()["type"] == "resource_forbidden"
        assert scope in response.json()["errors"][0]["message"]
    viewer.session.close()


@pytest.mark.parametrize(
    ("name", "value", "scope"),
    [
        ("name", "x", "incidents.update_name"),
        ("summary", "x", "incidents.update_summary"),
        ("severity_id", "x", "incidents.update_severity"),
        ("incident_status_id", "x", "incidents.update_status"),
        ("custom_field_entries", [], "incidents.update_custom_fields"),
        ("incident_role_assignments", [], "incidents.update_role_assignments"),
        ("incident_timestamp_values", [], "incidents.update_timestamps"),
        ("call_url", "https://calls.example.com", "incident_calls.create"),
    ],
)
def test_each_property_needs_its_scope(call: Caller, name: str, value: Any, scope: str) -> None:
    """An edit needs the scope of each property it gives, and tells which is missing."""
    incident = call.declare()
    other = call.key(scopes=["incidents.view"])
    response = other.edit(incident, **{name: value})
    assert response.status_code == 403
    assert scope in response.text
    other = call.key(scopes=["incidents.view", scope])
    assert other.edit(incident, **{name: value}).status_code in (200, 422)


def test_updates_need_the_scope_of_what_they_change(call: Caller) -> None:
    """A message needs one scope, a status and a severity one more each."""
    incident = call.declare()
    other = call.key(scopes=["incident_updates.create", "incidents.update_status"])
    assert other.update(incident, message="x").status_code == 201
    assert other.update(incident, to_severity_id=call.severity("Major")).status_code == 403


def test_skipping_the_review_needs_a_permission(call: Caller) -> None:
    """Going straight to closed is refused without the permission to opt out of the post-incident flow."""
    editor = call.key("viewer", "incident_editor")
    incident = call.declare(incident_status_id=call.status("Fixing"))
    response = editor.edit(incident, incident_status_id=call.status("Closed"))
    assert response.status_code == 403
    assert "opt_out_of_post_incident_flow" in response.text
    assert editor.edit(incident, incident_status_id=call.status("Documenting")).status_code == 200
    assert editor.edit(incident, incident_status_id=call.status("Closed")).status_code == 200


@pytest.mark.slow
def test_private_incidents_stay_private(call: Caller) -> None:
    """A key without global access never reads a private incident's words, from any endpoint."""
    everything = [("mode[one_of]", mode) for mode in ("standard", "retrospective", "test", "tutorial")]
    full = call.everything("/v2/incidents", "incidents", *everything)
    private = [incident for incident in full if incident["visibility"] == "private"]
    assert private
    assert all(PRIVATE in incident["name"] for incident in private if "CONF" in incident["name"])
    viewer = call.key("viewer", "call_transcripts_viewer", "incident_editor", "escalation_creator")
    for path, name in (
        ("/v2/incidents", "incidents"),
        ("/v2/incident_updates", "incident_updates"),
        ("/v2/escalations", "escalations"),
        ("/v2/incident_alerts", "incident_alerts"),
        ("/v3/actions", "actions"),
        ("/v3/follow_ups", "follow_ups"),
        ("/v2/workflow_runs", "workflow_runs"),
        ("/v1/postmortem_documents", "postmortem_documents"),
    ):
        assert PRIVATE not in str(viewer.everything(path, name)), path
    document = next(
        entry
        for entry in call.everything("/v1/postmortem_documents", "postmortem_documents")
        if PRIVATE in entry["title"]
    )
    for path in (document["id"], f"{document['id']}/content"):
        assert viewer("GET", f"/v1/postmortem_documents/{path}").status_code == 404
    for incident in private:
        about = {"incident_id": incident["id"]}
        assert viewer("GET", f"/v2/incidents/{incident['id']}").status_code == 404
        assert viewer("GET", "/v2/incident_participants", params=about).status_code == 404
        for path, name in (
            ("/v2/incident_activity_log_entries", "incident_activity_log_entries"),
            ("/v2/incident_timeline_items", "incident_timeline_items"),
            ("/v2/call_sessions", "call_sessions"),
        ):
            assert viewer.get(path, *about.items())[name] == []
            for item in call.get(path, *about.items())[name]:
                assert viewer("PATCH", f"{path}/{item['id']}", json={"title": "x"}).status_code in (404, 405)
        assert viewer.update(incident, message="x").status_code == 422
    viewer.session.close()


def test_whoever_declares_a_private_incident_is_shown_it(call: Caller) -> None:
    """A key without global access may declare in private; afterwards the incident is hidden from it."""
    creator = call.key("viewer", "incident_creator")
    incident = creator.declare(visibility="private")
    assert incident["visibility"] == "private"
    assert creator("GET", f"/v2/incidents/{incident['id']}").status_code == 404
    creator.session.close()


def test_workload_needs_its_role(call: Caller) -> None:
    """The time people spent is shown only to keys that may see it."""
    incident = call.get("/v2/incidents", ("sort_by", "created_at_oldest_first"))["incidents"][0]
    assert "workload_minutes_total" in incident
    viewer = call.key("viewer")
    shown = viewer.get(f"/v2/incidents/{incident['id']}")["incident"]
    assert not [name for name in shown if name.startswith("workload")]


def test_keys_are_made_with_known_roles(call: Caller) -> None:
    """A key with an unknown role or scope is refused, and the full key stays as it is."""
    assert call.fields("POST", "/sandbox/keys", json={"key": "x", "roles": ["king"]})
    assert call.fields("POST", "/sandbox/keys", json={"key": "x", "scopes": ["all"]})
    assert call.fields("POST", "/sandbox/keys", json={"key": call.sandbox.key, "roles": []})


# What the vendor's own documents say of the dashboard's permissions: each role, and whether it reads a list.
DASHBOARD = [
    ("viewer", "/v2/incidents", True),
    ("viewer", "/v1/severities", True),
    ("viewer", "/v2/escalations", True),
    ("viewer", "/v2/call_sessions?incident_id=x", False),
    ("viewer", "/v3/catalog_types", False),
    ("catalog_viewer", "/v3/catalog_types", True),
    ("catalog_viewer", "/v2/incidents", False),
    ("call_transcripts_viewer", "/v2/call_sessions?incident_id=x", True),
    ("on_call_editor", "/v2/escalations", True),
    ("incident_creator", "/v2/escalations", False),
]


@pytest.mark.parametrize(("role", "path", "may"), DASHBOARD)
def test_a_role_reads_what_the_dashboard_says(call: Caller, role: str, path: str, may: bool) -> None:
    """Calls and the catalog need a permission of their own; escalations are read by viewers and by on-call editors."""
    other = call.key(role)
    assert other("GET", path).status_code == (200 if may else 403)
    other.session.close()
