"""What incidents may do: declaring, editing, updating, moving between statuses.

Serves `sandbox/incidentio/_activity.py`, `sandbox/incidentio/belongings.py`, `sandbox/incidentio/declaration.py`,
`sandbox/incidentio/incident_lookup.py` and `sandbox/incidentio/journal.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from incidentio_magic.sandbox.incidentio import rules

if TYPE_CHECKING:
    from conftest import Caller

BY_CATEGORY = {
    "triage": "Triage", "live": "Fixing", "learning": "Documenting", "paused": "Paused", "closed": "Closed",
    "declined": "Declined", "canceled": "Canceled", "merged": "Merged",
}  # fmt: skip
ALLOWED = {
    ("triage", "triage"), ("triage", "live"), ("triage", "learning"), ("triage", "closed"),
    ("live", "live"), ("live", "learning"), ("live", "closed"),
    ("learning", "learning"), ("learning", "closed"), ("closed", "closed"),
}  # fmt: skip
WAYS = {"triage": ["Triage"], "live": ["Investigating"], "learning": ["Investigating", "Documenting"]}
WAYS["closed"] = ["Investigating", "Closed"]


def fields(response: Any) -> set[str]:
    """Return the names of the fields a 422 blames."""
    assert response.status_code == 422, response.text
    return {error["source"]["field"] for error in response.json()["errors"]}


def moved(call: Caller, category: str) -> dict[str, Any]:
    """Declare an incident and bring it to a category."""
    first, *rest = WAYS[category]
    incident = call.declare(incident_status_id=call.status(first))
    for name in rest:
        assert call.update(incident, to_incident_status_id=call.status(name)).status_code == 201
    return incident


@pytest.mark.parametrize("before", WAYS)
@pytest.mark.parametrize("after", BY_CATEGORY)
def test_moves(call: Caller, before: str, after: str) -> None:
    """Exactly the documented moves are allowed, by update and by edit; a refusal names both statuses."""
    incident = moved(call, before)
    name, identity = BY_CATEGORY[after], call.status(BY_CATEGORY[after])
    response = call.update(incident, to_incident_status_id=identity)
    if (before, after) in ALLOWED:
        assert response.status_code == 201
        assert response.json()["incident_update"]["new_incident_status"]["name"] == name
        return
    assert fields(response) == {"to_incident_status_id"}
    (error,) = response.json()["errors"]
    assert WAYS[before][-1] in error["message"]
    assert name in error["message"]
    response = call.edit(incident, incident_status_id=identity)
    assert fields(response) == {"incident_status_id"}
    assert response.json()["errors"][0]["source"]["pointer"] == "/incident/incident_status_id"


def test_nothing_leaves_what_only_the_service_sets() -> None:
    """A declined, canceled or merged incident moves nowhere else."""
    for category in ("declined", "canceled", "merged"):
        before = {"id": "1", "name": "Before", "category": category}
        assert rules.refusal(before, {"id": "2", "name": "After", "category": "live"})


def test_moves_set_timestamps_and_durations(call: Caller) -> None:
    """Each move stamps its time once, and the durations follow."""
    incident = call.declare(incident_status_id=call.status("Investigating"))
    for name in ("Fixing", "Monitoring", "Documenting", "Closed"):
        call.update(incident, to_incident_status_id=call.status(name))
    shown = call.get(f"/v2/incidents/{incident['id']}")["incident"]
    stamps = {
        entry["incident_timestamp"]["name"]: entry.get("value", {}).get("value")
        for entry in shown["incident_timestamp_values"]
    }
    order = ["Reported at", "Accepted at", "Identified at", "Fixed at", "Resolved at", "Closed at"]
    assert all(stamps[name] for name in order)
    assert [stamps[name] for name in order] == sorted(stamps[name] for name in order)
    durations = {entry["duration_metric"]["name"]: entry["status"] for entry in shown["duration_metrics"]}
    assert durations["Time to resolve"] == "success"
    assert durations["Length of impact"] == "timestamps_missing"


def test_a_duration_that_no_longer_holds_keeps_its_value(call: Caller) -> None:
    """When a timestamp is taken away the old value stays, and the status says that it is old."""
    incident = call.declare()
    reported, fixed = (call.named("/v2/incident_timestamps", name)["id"] for name in ("Reported at", "Fixed at"))
    for fixed_at, status, seconds in (
        ("2026-05-01T11:00:00Z", "success", 3600),
        (None, "timestamps_missing", 3600),
        ("2026-05-01T09:00:00Z", "invalid_timestamps", 3600),
    ):
        values = [
            {"incident_timestamp_id": reported, "value": "2026-05-01T10:00:00Z"},
            {"incident_timestamp_id": fixed, "value": fixed_at},
        ]
        shown = call.edit(incident, incident_timestamp_values=values).json()["incident"]
        (metric,) = [
            duration for duration in shown["duration_metrics"] if duration["duration_metric"]["name"] == "Time to fix"
        ]
        assert (metric["status"], metric["value_seconds"]) == (status, seconds)


def test_declaring_needs_a_key_a_visibility_and_a_severity(call: Caller) -> None:
    """One response names every missing field."""
    response = call("POST", "/v2/incidents", json={"mode": "fun", "name": 3})
    assert fields(response) == {"idempotency_key", "visibility", "severity_id", "mode", "name"}
    (error,) = [error for error in response.json()["errors"] if error["source"]["field"] == "severity_id"]
    assert error["message"] == "A severity is required to open an incident"


@pytest.mark.parametrize("name", ["severity_id", "incident_type_id", "incident_status_id"])
def test_unknown_identifiers_are_blamed(call: Caller, name: str) -> None:
    """An identifier that names nothing is a 422 on its field."""
    sent = {"idempotency_key": f"unknown {name}", "visibility": "public", name: "01NOTHING"}
    assert name in fields(call("POST", "/v2/incidents", json=sent))


def test_triage_needs_no_severity(call: Caller) -> None:
    """An incident in triage may have no severity, and none is shown."""
    incident = call.declare(severity_id=None, incident_status_id=call.status("Triage"))
    assert "severity" not in incident
    assert incident["incident_status"]["category"] == "triage"


def test_types_decide(call: Caller) -> None:
    """The default type is used, a private type must be private, and some always begin in triage."""
    assert call.declare()["incident_type"]["is_default"]
    security = call.named("/v1/incident_types", "Security")["id"]
    sent = {"idempotency_key": "security", "visibility": "public", "incident_type_id": security}
    assert "visibility" in fields(call("POST", "/v2/incidents", json=sent))
    assert call.declare(incident_type_id=security, visibility="private")["visibility"] == "private"
    request = call.named("/v1/incident_types", "Customer request")["id"]
    incident = call.declare(incident_type_id=request, incident_status_id=call.status("Fixing"))
    assert incident["incident_status"]["name"] == "Triage"


@pytest.mark.parametrize("name", ["Documenting", "Closed", "Merged", "Paused"])
def test_a_new_incident_is_open(call: Caller, name: str) -> None:
    """A new incident is in triage or live; only an imported one may be over already."""
    sent = {"idempotency_key": f"over {name}", "visibility": "public", "severity_id": call.severity("Minor")}
    sent["incident_status_id"] = call.status(name)
    assert fields(call("POST", "/v2/incidents", json=sent)) == {"incident_status_id"}
    response = call("POST", "/v2/incidents", json=sent | {"mode": "retrospective"})
    assert (response.status_code == 200) == (name in ("Documenting", "Closed"))


def test_imported_incidents(call: Caller) -> None:
    """Only a retrospective incident takes a number, and no number twice."""
    options = {"external_id": 90001, "postmortem_document_url": "https://docs.example.com/1"}
    incident = call.declare(mode="retrospective", retrospective_incident_options=options)
    assert incident["reference"] == "INC-90001"
    assert incident["postmortem_document_url"] == "https://docs.example.com/1"
    sent = {
        "idempotency_key": "number",
        "visibility": "public",
        "severity_id": call.severity("Minor"),
        "mode": "retrospective",
        "retrospective_incident_options": options,
    }
    assert fields(call("POST", "/v2/incidents", json=sent)) == {"external_id"}
    sent["mode"] = "standard"
    assert "retrospective_incident_options" in fields(call("POST", "/v2/incidents", json=sent))


def option(call: Caller, field: dict[str, Any], value: str) -> str:
    """Return the identifier of a custom field's option."""
    rows = call.get("/v1/custom_field_options", ("custom_field_id", field["id"]))["custom_field_options"]
    return next(row["id"] for row in rows if row["value"] == value)


def test_custom_fields_are_validated_by_type(call: Caller) -> None:
    """Each type takes its own kind of value, and as many as it may."""
    known = {field["name"]: field for field in call.get("/v2/custom_fields")["custom_fields"]}
    service = known["Affected service"]
    payments, search = option(call, service, "Payments"), option(call, service, "Search")
    region = option(call, known["Affected regions"], "eu-west")
    bad = [
        ("Affected service", [{"value_option_id": payments}, {"value_option_id": search}], "values"),
        ("Affected service", [{"value_option_id": region}], "value_option_id"),
        ("Affected service", [{"value_text": "Payments"}], "value_text"),
        ("Affected service", [{}], "value_option_id"),
        ("Customer ticket", [{"value_link": "ftp://example.com"}], "value_link"),
        ("Customer ticket", [{"value_link": "no link"}], "value_link"),
        ("Customers affected", [{"value_numeric": "many"}], "value_numeric"),
        ("Customers affected", [{"value_numeric": 12}], "value_numeric"),
        ("Root cause", [{"value_text": ""}], "value_text"),
        ("Owning team", [{"value_catalog_entry_id": "no team"}], "value_catalog_entry_id"),
    ]
    incident = call.declare()
    for name, values, blamed in bad:
        entries = [{"custom_field_id": known[name]["id"], "values": values}]
        assert fields(call.edit(incident, custom_field_entries=entries)) == {blamed}, (name, values)
    good = {
        "Affected service": [{"value_option_id": payments}],
        "Affected regions": [{"value_option_id": region}],
        "Customer ticket": [{"value_link": "https://example.com/1"}],
        "Customers affected": [{"value_numeric": "12.5"}],
        "Root cause": [{"value_text": "A cable"}],
        "Owning team": [{"value_catalog_entry_id": "payments"}],
    }
    entries = [{"custom_field_id": known[name]["id"], "values": values} for name, values in good.items()]
    shown = call.edit(incident, custom_field_entries=entries).json()["incident"]
    held = {entry["custom_field"]["name"]: entry["values"] for entry in shown["custom_field_entries"]}
    assert held["Owning team"][0]["value_catalog_entry"]["name"] == "Payments"
    assert held["Customers affected"] == [{"value_numeric": "12.5"}]
    assert shown["team_ids"]
    emptied = [{"custom_field_id": known["Root cause"]["id"], "values": []}]
    shown = call.edit(incident, custom_field_entries=emptied).json()["incident"]
    held = {entry["custom_field"]["name"]: entry["values"] for entry in shown["custom_field_entries"]}
    assert held["Root cause"] == []
    assert held["Affected service"][0]["value_option"]["value"] == "Payments"


def test_roles(call: Caller) -> None:
    """A role goes to the person named by identifier, e-mail or Slack, or to nobody; the reporter stays."""
    lead, reporter = (call.named("/v2/incident_roles", name)["id"] for name in ("Incident Lead", "Reporter"))
    bob = call.get("/v2/users", ("email", "bob@example.com"))["users"][0]
    incident = call.declare(incident_role_assignments=[{"incident_role_id": reporter, "assignee": {"id": bob["id"]}}])
    for reference in (
        {"id": bob["id"]},
        {"email": bob["email"]},
        {"slack_user_id": bob["slack_user_id"]},
        None,
    ):
        assignment = {"incident_role_id": lead, "assignee": reference}
        shown = call.edit(incident, incident_role_assignments=[assignment]).json()["incident"]
        held = {
            assignment["role"]["name"]: assignment.get("assignee", {}).get("id")
            for assignment in shown["incident_role_assignments"]
        }
        assert held["Incident Lead"] == (bob["id"] if reference else None)
        assert held["Reporter"] == bob["id"]
    for role, assignee, blamed in (
        (reporter, {"id": bob["id"]}, "incident_role_id"),
        (lead, {"email": "nobody@example.com"}, "email"),
        (lead, {"email": "oscar@example.com"}, "email"),
        (lead, {}, "id"),
    ):
        assignment = {"incident_role_id": role, "assignee": assignee}
        assert fields(call.edit(incident, incident_role_assignments=[assignment])) == {blamed}


def test_an_edit_needs_both_members(call: Caller) -> None:
    """`incident` and `notify_incident_channel` are both required; nothing else changes."""
    incident = call.declare(summary="As it was")
    path = f"/v2/incidents/{incident['id']}/actions/edit"
    assert fields(call("POST", path, json={})) == {"incident", "notify_incident_channel"}
    assert fields(call("POST", path, json={"incident": {}, "notify_incident_channel": "yes"})) == {
        "notify_incident_channel"
    }
    shown = call.edit(incident, name="Another name").json()["incident"]
    assert (shown["name"], shown["summary"]) == ("Another name", "As it was")
    assert call("POST", "/v2/incidents/01NOTHING/actions/edit", json={}).status_code == 404


def test_what_does_not_change_leaves_no_trace(call: Caller) -> None:
    """An edit that sets what is set already writes nothing to the activity log."""
    incident = call.declare(summary="As it was")
    before = call.everything(
        "/v2/incident_activity_log_entries", "incident_activity_log_entries", ("incident_id", incident["id"])
    )
    same = {"name": incident["name"], "summary": "As it was", "severity_id": incident["severity"]["id"]}
    assert call.edit(incident, **same).status_code == 200
    after = call.everything(
        "/v2/incident_activity_log_entries", "incident_activity_log_entries", ("incident_id", incident["id"])
    )
    assert after == before


def test_an_update_needs_something_to_say(call: Caller) -> None:
    """A message, a status or a severity is needed; a message alone changes neither of the others."""
    incident = call.declare()
    assert fields(call.update(incident)) == {"message"}
    assert fields(call.update(incident, message="")) == {"message"}
    update = call.update(incident, message="Still looking").json()["incident_update"]
    assert update["new_severity"]["id"] == incident["severity"]["id"]
    assert fields(call.update({"id": incident["reference"]}, message="x")) == {"incident_id"}


def test_updates_leave_activity(call: Caller) -> None:
    """An update writes what it moved, from what and to what."""
    incident = call.declare(incident_status_id=call.status("Investigating"))
    call.update(
        incident,
        to_incident_status_id=call.status("Fixing"),
        to_severity_id=call.severity("Critical"),
        message="Oh",
    )
    entries = call.everything(
        "/v2/incident_activity_log_entries", "incident_activity_log_entries", ("incident_id", incident["id"])
    )
    (content,) = [
        entry["content"]["incident_update"]
        for entry in entries
        if entry["type"] == "incident_update" and "message" in entry["content"]["incident_update"]
    ]
    assert (content["previous_status"]["name"], content["new_status"]["name"]) == ("Investigating", "Fixing")
    assert (content["previous_severity"]["name"], content["new_severity"]["name"]) == ("Minor", "Critical")
    assert [entry["type"] for entry in entries].count("status_change") == 1


def test_timeline_items(call: Caller) -> None:
    """A hand-written item can be moved in time; a promoted one cannot, though it can be reworded."""
    incident = call.declare()
    sent = {"idempotency_key": incident["id"], "incident_id": incident["id"], "title": "It began"}
    path = "/v2/incident_timeline_items"
    assert fields(call("POST", path, json=sent)) == {"timestamp"}
    item = call("POST", path, json=sent | {"timestamp": "2026-05-31T10:00:00+02:00"}).json()["incident_timeline_item"]
    assert item["timestamp"] == "2026-05-31T08:00:00Z"
    assert "activity_log_id" not in item
    moved_item = call("PATCH", f"{path}/{item['id']}", json={"timestamp": "2026-05-31T07:00:00Z"}).json()
    assert moved_item["incident_timeline_item"]["timestamp"] == "2026-05-31T07:00:00Z"
    rows = [
        row
        for incident in call.get("/v2/incidents", ("sort_by", "created_at_oldest_first"))["incidents"]
        for row in call.get(path, ("incident_id", incident["id"]))["incident_timeline_items"]
    ]
    promoted = next(row for row in rows if "activity_log_id" in row)
    assert fields(call("PATCH", f"{path}/{promoted['id']}", json={"timestamp": "2026-05-31T07:00:00Z"})) == {
        "timestamp"
    }
    assert call("PATCH", f"{path}/{promoted['id']}", json={"title": "Better"}).status_code == 200
    assert call("PATCH", f"{path}/01NOTHING", json={"title": "Better"}).status_code == 404


def test_escalations(call: Caller) -> None:
    """A page goes to a path or to people, never to both, and shows on its incident."""
    incident = call.declare()
    path = call.get("/v2/escalation_paths")["escalation_paths"][0]
    people = [user["id"] for user in path["current_responders"]]
    base = {"title": "Wake up", "incident_id": incident["id"]}

    def page(number: int, **more: Any) -> Any:
        return call("POST", "/v2/escalations", json=base | {"idempotency_key": f"{incident['id']}{number}"} | more)

    assert fields(page(1)) == {"escalation_path_id"}
    assert fields(page(2, escalation_path_id=path["id"], user_ids=people)) == {"escalation_path_id"}
    assert fields(page(3, user_ids=["01NOBODY"])) == {"user_ids"}
    paged = page(4, user_ids=people).json()["escalation"]
    assert [event["event"] for event in paged["events"]] == ["triggered", "notified_users"]
    listed = call.get("/v2/escalations", ("incident[one_of]", incident["id"]))["escalations"]
    assert [page["id"] for page in listed] == [paged["id"]]
    keyed = call.get("/v2/escalations", ("idempotency_key[starts_with]", incident["id"]))["escalations"]
    assert [page["id"] for page in keyed] == [paged["id"]]


def test_the_number_of_a_reference_names_an_incident_in_every_path(call: Caller) -> None:
    """Editing and importing take the 123 of INC-123, as showing does."""
    incident = call.declare()
    number = incident["reference"].removeprefix("INC-")
    edit = {"incident": {"name": "Renamed by number"}, "notify_incident_channel": False}
    answered = call("POST", f"/v2/incidents/{number}/actions/edit", json=edit)
    assert answered.json()["incident"]["name"] == "Renamed by number"
    document = {"title": "What we learned", "content": "# Learned"}
    assert call("POST", f"/v2/incidents/{number}/actions/import_postmortem_document", json=document).status_code == 201


def test_null_is_refused_where_the_contract_has_none(call: Caller) -> None:
    """A property that may be left out may not be null."""
    incident = call.declare()
    sent = {"incident": {"summary": None}, "notify_incident_channel": False}
    response = call("POST", f"/v2/incidents/{incident['id']}/actions/edit", json=sent)
    assert response.status_code == 422
    assert response.json()["errors"][0]["source"]["field"] == "summary"


def test_a_body_of_another_content_type_is_refused(call: Caller) -> None:
    """JSON under another type is a 400 that names the header."""
    headers = {"Content-Type": "text/plain"}
    response = call("POST", "/v2/incident_updates", data="{}", headers=headers)
    assert response.status_code == 400
    assert "Content-Type" in response.text


def test_a_name_may_be_as_long_as_the_client_allows(call: Caller) -> None:
    """The limit of a name stands once: 500 characters pass, one more does not."""
    assert call.declare(name="x" * 500)["name"] == "x" * 500
    incident = call.declare()
    assert call.edit(incident, name="x" * 501).status_code == 422


def test_a_custom_field_needs_its_values_and_a_role_one_holder(call: Caller) -> None:
    """An entry without values, and a role that is assigned twice, are refused where they stand."""
    incident = call.declare()
    field = call.named("/v2/custom_fields", "Root cause")["id"]
    lead = call.named("/v2/incident_roles", "Incident Lead")["id"]
    answered = call.edit(incident, custom_field_entries=[{"custom_field_id": field}])
    assert [error["source"]["field"] for error in answered.json()["errors"]] == ["values"]
    twice = [{"incident_role_id": lead, "assignee": {"email": "bob@example.com"}}] * 2
    answered = call.edit(incident, incident_role_assignments=twice)
    assert [error["source"]["field"] for error in answered.json()["errors"]] == ["incident_role_id"]


def test_renaming_and_assigning_change_when_an_incident_was_updated(own_call: Caller) -> None:
    """Each of them moves the time of the last update."""
    incident = own_call.declare()
    renamed = own_call.edit(incident, name="Something else broke").json()["incident"]
    lead = own_call.named("/v2/incident_roles", "Incident Lead")["id"]
    assignment = {"incident_role_id": lead, "assignee": {"email": "bob@example.com"}}
    assigned = own_call.edit(incident, incident_role_assignments=[assignment]).json()["incident"]
    moments = [datetime.fromisoformat(record["updated_at"]) for record in (incident, renamed, assigned)]
    assert moments[0] < moments[1] < moments[2]


def test_a_page_needs_no_incident(call: Caller) -> None:
    """Somebody can be paged about nothing that is declared yet."""
    path = call.get("/v2/escalation_paths")["escalation_paths"][0]["id"]
    sent = {"idempotency_key": "about nothing yet", "title": "Wake up", "escalation_path_id": path}
    answered = call("POST", "/v2/escalations", json=sent)
    assert answered.status_code == 201
    assert answered.json()["escalation"]["related_incidents"] == []


TRIAGE, LIVE, FIXING, LEARNING, CLOSED, MERGED = (
    {"id": name, "name": name, "category": category}
    for name, category in (
        *(("Triage", "triage"), ("Investigating", "live"), ("Fixing", "live")),
        *(("Documenting", "learning"), ("Closed", "closed"), ("Merged", "merged")),
    )
)
STAMPED = [
    (None, TRIAGE, []),
    (None, LIVE, ["Accepted at"]),
    (None, CLOSED, ["Closed at", "Resolved at"]),
    (TRIAGE, LIVE, ["Accepted at"]),
    (LIVE, FIXING, ["Identified at"]),
    (TRIAGE, FIXING, ["Accepted at", "Identified at"]),
    (FIXING, LIVE, []),
    (LIVE, LEARNING, ["Resolved at"]),
    (LIVE, CLOSED, ["Closed at", "Resolved at"]),
    (LEARNING, CLOSED, ["Closed at"]),
    (CLOSED, CLOSED, []),
    (LIVE, MERGED, ["Merged at"]),
]


@pytest.mark.parametrize(("before", "after", "names"), STAMPED)
def test_what_a_move_stamps(before, after, names):
    """Entering a category or a status stamps its time; closing what was open resolves it as well."""
    assert rules.stamps(before, after) == names


@pytest.mark.parametrize(
    ("before", "after", "skips"),
    [
        (LIVE, CLOSED, True),
        (TRIAGE, CLOSED, True),
        (LEARNING, CLOSED, False),
        (LIVE, LEARNING, False),
        (LIVE, LIVE, False),
    ],
)
def test_what_skips_the_review(before, after, skips):
    """Only closing what was never reviewed."""
    assert rules.skips_review(before, after) is skips
