"""What older versions of the API show: the types of their answers.

A member that may be None is left out of the answer where it is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from incidentio_magic.sandbox.answers import IncidentText
from incidentio_magic.sandbox.vocabulary import CatalogTypeText, CustomField, Named

if TYPE_CHECKING:
    from incidentio_magic.sandbox.vocabulary import CustomFieldOption


class OlderTimestamp(TypedDict):
    """A timestamp of an incident, in the first version of the API."""

    name: str
    last_occurred_at: NotRequired[str]


class OlderIncident(IncidentText):
    """An incident in the first version of the API."""

    status: str
    timestamps: list[OlderTimestamp]


class OlderField(CustomField):
    """A custom field in the first version of the API."""

    options: list[CustomFieldOption]
    required: str
    show_before_closure: bool
    show_before_creation: bool
    show_before_update: bool


class OlderCatalogType(CatalogTypeText):
    """A type of the catalog in its second version."""

    semantic_type: str


class WorkflowPart(TypedDict):
    """The trigger or a step of a workflow."""

    label: str
    name: str


class ShownWorkflow(Named):
    """A workflow."""

    auto_run_mode: str
    condition_groups: list[object]
    continue_on_step_error: bool
    expressions: list[object]
    include_private_escalations: bool
    include_private_incidents: bool
    once_for: list[object]
    private_incident_scope: str
    runs_on_incident_modes: list[str]
    runs_on_incidents: str
    state: str
    steps: list[WorkflowPart]
    trigger: WorkflowPart
    version: int
