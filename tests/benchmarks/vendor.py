"""What a user would write with the vendor's SDK: its models, and from them the columns of our wide frame."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
from incident_io.models import IncidentsListResultV2
from incident_io.types import Unset

if TYPE_CHECKING:
    from incident_io.models import IncidentV2

TIMES = ("created_at", "updated_at", "last_activity_at")
NUMBERS = ("workload_total", "workload_working", "workload_late", "workload_sleeping")


def models(content: bytes) -> list[IncidentV2]:
    """Return a page as the SDK's models."""
    return IncidentsListResultV2.from_dict(json.loads(content)).incidents


def frame(incidents: list[IncidentV2]) -> pd.DataFrame:
    """Return the columns of the wide frame, with the same dtypes."""
    found = pd.DataFrame([_row(incident) for incident in incidents])
    for name in found.columns:
        if name in TIMES or name.startswith("at."):
            found[name] = pd.to_datetime(found[name], utc=True).astype("datetime64[us, UTC]")
        elif name.startswith("lasted."):
            found[name] = pd.to_timedelta(found[name], unit="s").astype("timedelta64[us]")
        elif name in NUMBERS or name == "field.Customers affected":
            found[name] = pd.to_numeric(found[name]).astype("Float64")
        elif name == "has_debrief":
            found[name] = found[name].astype("boolean")
        elif name in ("severity", "status", "category"):
            found[name] = found[name].astype("category")
        else:
            found[name] = found[name].astype("string")
    return found


def _row(incident: IncidentV2) -> dict[str, Any]:
    creator = incident.creator
    row = {
        "reference": incident.reference,
        "name": incident.name,
        "severity": incident.severity.name if incident.severity else None,
        "status": incident.incident_status.name,
        "type": incident.incident_type.name if incident.incident_type else None,
        "mode": incident.mode.value,
        "lead": None,
        "created_at": incident.created_at,
        "updated_at": incident.updated_at,
        "permalink": incident.permalink or None,
        "id": incident.id,
        "category": incident.incident_status.category.value,
        "visibility": incident.visibility.value,
        "summary": incident.summary or None,
        "creator": (
            creator.user.name
            if creator.user
            else creator.api_key.name
            if creator.api_key
            else creator.workflow.name
            if creator.workflow
            else creator.alert.title
            if creator.alert
            else None
        ),
        "last_activity_at": incident.last_activity_at,
        "call_url": incident.call_url or None,
        "channel": incident.slack_channel_name or None,
        "postmortem_url": incident.postmortem_document_url or None,
        "external_issue": incident.external_issue_reference.issue_permalink
        if incident.external_issue_reference
        else None,
        "has_debrief": bool(incident.has_debrief),
        "workload_total": _given(incident.workload_minutes_total),
        "workload_working": _given(incident.workload_minutes_working),
        "workload_late": _given(incident.workload_minutes_late),
        "workload_sleeping": _given(incident.workload_minutes_sleeping),
    }
    for entry in incident.incident_role_assignments:
        holder = entry.assignee.name if entry.assignee else None
        row[f"role.{entry.role.name}"] = holder
        if entry.role.role_type.value == "lead":
            row["lead"] = holder
    for field in incident.custom_field_entries:
        texts = [
            value.value_catalog_entry.name
            if value.value_catalog_entry
            else value.value_option.value
            if value.value_option
            else value.value_text or value.value_link or value.value_numeric
            for value in field.values
        ]
        row[f"field.{field.custom_field.name}"] = ", ".join(filter(None, texts)) or None
    for stamp in incident.incident_timestamp_values or ():
        row[f"at.{stamp.incident_timestamp.name}"] = stamp.value.value if stamp.value else None
    for metric in incident.duration_metrics or ():
        fine = metric.status.value == "success"
        row[f"lasted.{metric.duration_metric.name}"] = _given(metric.value_seconds) if fine else None
    return row


def _given(value: Any) -> Any:
    return None if isinstance(value, Unset) else value
