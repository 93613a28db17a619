"""Where in a form it is shown what the service says about a part of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from incidentio_magic.writes.drafts import Draft

# What the service calls the fields.
_SERVICE_NAMES: Final = {
    "severity_id": "severity",
    "to_severity_id": "severity",
    "incident_type_id": "type",
    "incident_status_id": "status",
    "to_incident_status_id": "status",
    "incident_id": "incident",
    "escalation_path_id": "path",
    "user_ids": "people",
}
# The lists of a request: what their fields' names begin with, and the part of the draft with their records in order.
_LISTS: Final = {
    "custom_field_entries": ("field", "fields"),
    "incident_role_assignments": ("role", "roles"),
    "incident_timestamp_values": ("at", "timestamps"),
}


def field_of(name: str) -> str:
    """Return the field that the service means by the name of a part of a request."""
    return _SERVICE_NAMES.get(name, name)


def field_at(pointer: str, draft: Draft) -> str:
    """Return the field that a JSON pointer into a draft's payload means; for an entry of a list, that of its record.

    Args:
        pointer: Such as `/custom_field_entries/2/values/0/value_link`.
        draft: What was sent.
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.lstrip("#").strip("/").split("/")]
    if parts[0] == "incident" and len(parts) > 1:  # an edit holds its properties in one
        parts = parts[1:]
    if parts[0] in _LISTS and len(parts) > 1 and parts[1].isascii() and parts[1].isdigit():
        kind, part = _LISTS[parts[0]]
        entries = getattr(draft, part, ())
        if (place := int(parts[1])) < len(entries):
            entry = entries[place]
            return f"{kind} {(entry.field if kind == 'field' else entry[0]).id}"
    return field_of(next((part for part in reversed(parts) if not part.isdecimal()), ""))


def by_form_field(
    error: errors.IncidentioError, draft: Draft, known: Container[str], by_name: Callable[[str], str] = field_of
) -> dict[str, str]:
    """Return what an error says, by field of the form: by where it points, or else by the name it gives.

    Args:
        error: How a write failed.
        draft: What was sent.
        known: The form's fields.
        by_name: Returns the field that the service means by a name.
    """
    found = {}
    pointers = error.pointers if isinstance(error, errors.ServiceError) else {}
    for pointer, problem in pointers.items():
        if (place := field_at(pointer, draft)) in known:
            found[place] = problem
    for name, problem in error.fields.items():
        if problem not in found.values() and (place := by_name(name)) in known:
            found[place] = problem
    return found
