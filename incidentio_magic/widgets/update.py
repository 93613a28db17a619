"""The form that shares an update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Box

from incidentio_magic.errors import DraftError
from incidentio_magic.widgets._shared import shared
from incidentio_magic.widgets.fields import Choice
from incidentio_magic.widgets.labels import category, with_description
from incidentio_magic.widgets.own_incident_form import OwnIncidentForm
from incidentio_magic.writes.drafts import Update, legal_statuses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.writes.drafts import Draft


class UpdateForm(OwnIncidentForm):
    """A form that shares an update: message, status, severity. Its arguments are those of `Form` and `Prefill`."""

    heading = "Post an update"
    action = "Update"
    another = "Another update"
    effect = "Shares:"
    always = ("incident", "message", "status", "severity")
    form_type = "update"
    first = ("message", "status", "severity")

    def build(self) -> list[Any]:
        """Create the fields, before any list is read."""
        picker = self.build_picker()
        message = self.build_message("What is new since the last update?")
        status = self.add(Choice("status", "Status", empty="Leave it", changed=self.changed))
        severity = self.add(Choice("severity", "Severity", empty="Leave it", changed=self.changed))
        self.build_own()
        return [picker, message, Box([status, severity], **shared()).add_class("incidentio-grid")]

    def fit(self) -> None:
        """Offer the statuses the incident may move to, and the other severities."""
        incident = self.incident
        status: Any = self.fields["status"]
        severity: Any = self.fields["severity"]
        moves = legal_statuses(incident.incident_status, self._statuses) if incident else []
        present = incident.incident_status.name if incident else ""
        status.offer(
            moves,
            lambda record: f"{record.name} ({category(record.category)})",
            empty=f"Leave it at {present}" if incident else "Leave it",
        )
        status.hint = f"no status may follow {present} here" if incident and not moves else ""
        graded = incident.severity if incident else None
        others = [record for record in reversed(self._severities) if graded is None or record.id != graded.id]
        severity.offer(others, with_description, empty=f"Leave it at {graded.name}" if graded else "Leave it")
        super().fit()

    def make(self, values: Mapping[str, Any]) -> list[Draft]:
        """Return the drafts: the edit of other changes, if any, then the update."""
        if values["incident"] is None:
            raise DraftError("choose an incident", fields={"incident": "choose an incident"})
        update = Update(values["incident"], values["message"], values["status"], values["severity"])
        return self.drafts(values, update)
