"""Everything that reads, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incidentio_magic import Incidents


def reads(folder: Path) -> dict[str, Callable[[Incidents], Any]]:
    """Return the reads of a client; an export goes into a folder below `folder`."""
    return {
        "list": lambda client: client.incidents(all=True),
        "list, wide": lambda client: client.incidents(all=True, wide=True),
        "show": lambda client: client.show("INC-7"),
        "updates": lambda client: client.updates("INC-7"),
        "timeline": lambda client: client.timeline("INC-7"),
        "postmortem": lambda client: client.postmortem("INC-7").markdown,
        "metrics": lambda client: client.metrics(all=True),
        "export": lambda client: client.export(folder / "export", format="csv", progress=False),
        "severities": lambda client: client.severities(),
        "statuses": lambda client: client.statuses(),
        "types": lambda client: client.types(),
        "roles": lambda client: client.roles(),
        "fields": lambda client: client.fields(),
        "timestamps": lambda client: client.timestamps(),
        "users": lambda client: client.users(),
        "forms": lambda client: client.api.incident_forms().whole(),
        "schedules": lambda client: client.api.schedules().whole(),
        "alerts": lambda client: client.api.alerts().whole(),
        "alert sources": lambda client: client.vocabulary.read("alert_sources"),
        "escalations": lambda client: client.api.escalations().whole(),
        "follow-ups": lambda client: client.api.follow_ups().whole(),
        "actions": lambda client: client.api.actions().whole(),
        "catalog entries": lambda client: client.api.catalog_entries("C").whole(),
        "workloads": lambda client: client.api.participant_workloads("I"),
        "relationships": lambda client: client.api.incident_relationships("I").whole(),
        "attachments": lambda client: client.api.incident_attachments("I"),
        "participants": lambda client: client.api.participants("I"),
    }
