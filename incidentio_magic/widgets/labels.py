"""How the forms name what the service has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic.widgets import markup

if TYPE_CHECKING:
    from incidentio_magic.api import models

_CATEGORIES: Final = {
    "triage": "triage",
    "live": "active",
    "paused": "paused",
    "learning": "post-incident",
    "closed": "closed",
}


def category(name: str) -> str:
    """Return what the dashboard calls a status category."""
    return _CATEGORIES.get(name, name)


def with_description(record: models.Severity | models.IncidentStatus) -> str:
    """Return a name and what it means."""
    meaning = markup.plain(record.description or "")
    return f"{record.name} — {meaning}" if meaning else record.name


def line_of(incident: models.Incident, *, show_private: bool) -> str:
    """Return an incident in a line: reference, severity, status and name."""
    parts = [
        incident.reference,
        incident.severity.name if incident.severity else "no severity",
        incident.incident_status.name,
        "" if incident.mode == "standard" else incident.mode,
        incident.shown_name(show_private=show_private),
    ]
    return " · ".join(part for part in parts if part)
