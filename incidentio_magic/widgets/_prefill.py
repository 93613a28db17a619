"""What a form is opened with."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as default
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.names.query import Names


@dataclass(frozen=True, kw_only=True)
class Prefill:
    """What a form is opened with; each form takes what it has a field for.

    Args:
        reference: The incident; it is chosen in the form if empty.
        name: What is wrong, in a line.
        summary: More about it, in Markdown.
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
        all_fields: Whether everything is shown, and not only what the organisation's own form shows.
        fixed: Whether the form is about the given incident only, so that its heading names it.
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
