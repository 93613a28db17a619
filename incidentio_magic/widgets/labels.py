"""Labels of the service's records in the forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.widgets import markup
from incidentio_magic.widgets.fields import label_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from incidentio_magic.api import models

_CATEGORIES: Final = {
    "triage": "triage",
    "live": "active",
    "paused": "paused",
    "learning": "post-incident",
    "closed": "closed",
}


def category(name: str) -> str:
    """Return the dashboard's name of a status category."""
    return _CATEGORIES.get(name, name)


def with_description(record: models.Severity | models.IncidentStatus) -> str:
    """Return a record's name with its description."""
    meaning = markup.plain(record.description or "")
    return f"{record.name} — {meaning}" if meaning else record.name


def line_of(incident: models.Incident, *, show_private: bool) -> str:
    """Return an incident as one line: reference, severity, status and name."""
    parts = [
        incident.reference,
        incident.severity.name if incident.severity else "no severity",
        incident.incident_status.name,
        "" if incident.mode == "standard" else incident.mode,
        incident.shown_name(show_private=show_private),
    ]
    return " · ".join(part for part in parts if part)


def distinct(records: Sequence[Any], more: Callable[[Any], str]) -> dict[str, str]:
    """Return unique labels of records, by ID: the name, with a distinction if several share it.

    Args:
        records: Each has an id and a name.
        more: Returns what distinguishes records of the same name; empty if nothing does.
    """

    def shared_by_several(names: Mapping[str, str], identity: str) -> bool:
        return sum(name.casefold() == names[identity].casefold() for name in names.values()) > 1

    names = {record.id: label_of(record.name) for record in records}
    longer = {
        record.id: f"{names[record.id]} ({more(record) or record.id})"
        if shared_by_several(names, record.id)
        else names[record.id]
        for record in records
    }
    return {
        identity: f"{names[identity]} ({identity})" if shared_by_several(longer, identity) else label
        for identity, label in longer.items()
    }
