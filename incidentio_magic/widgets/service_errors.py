"""Assigns the service's errors about parts of a request to the fields of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from incidentio_magic.writes.drafts import Draft

# The service's names of the fields.
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
# The lists of a request: the prefix of their fields' names, and the part of the draft with their records in order.
_LISTS: Final = {
    "custom_field_entries": ("field", "fields"),
    "incident_role_assignments": ("role", "roles"),
    "incident_timestamp_values": ("at", "timestamps"),
}


def field_of(name: str) -> str:
    """Return the form field for the service's name of a part of a request."""
    return _SERVICE_NAMES.get(name, name)


def field_at(pointer: str, draft: Draft) -> str:
    """Return the form field for a JSON pointer into a draft's payload; for an entry of a list, its record's field.

    Args:
        pointer: Such as `/custom_field_entries/2/values/0/value_link`.
        draft: What was sent.
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.lstrip("#").strip("/").split("/")]
    if parts[0] == "incident" and len(parts) > 1:  # an edit nests its properties in an object
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
    """Return an error's messages by form field, found by JSON pointer or else by name.

    Args:
        error: The error of a failed write.
        draft: What was sent.
        known: The form's fields.
        by_name: Returns the form field for a name that the service uses.
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
