"""The initial values of a form."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as default
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.names.query import Names


@dataclass(frozen=True, kw_only=True)
class Prefill:
    """The initial values of a form; each form uses those for which it has a field.

    Args:
        reference: The incident; if empty, the user chooses it in the form.
        name: The incident's name.
        summary: Details, in Markdown.
        message: The update's text, in Markdown.
        severity: The severity's name.
        type: The type's name.
        status: The status's name.
        mode: standard, retrospective, test or tutorial.
        private: Whether only invited people see the incident.
        role: People by role name.
        field: Values by custom field name.
        timestamp: Times by timestamp name.
        path: The name of an escalation path to page.
        to: People to page, by name or email address.
        all_fields: Whether to show every field, not only those of the organisation's own form.
        fixed: Whether the incident cannot be changed in the form; the heading then names it.
    """

    reference: str = ""
    name: str = ""
    summary: str = ""
    message: str = ""
    severity: str = ""
    type: str = ""
    status: str = ""
    mode: str = ""
    private: bool | None = None
    role: Mapping[str, str] = default(default_factory=dict)
    field: Mapping[str, Names] = default(default_factory=dict)
    timestamp: Mapping[str, str] = default(default_factory=dict)
    path: str = ""
    to: Sequence[str] = ()
    all_fields: bool = False
    fixed: bool = False
