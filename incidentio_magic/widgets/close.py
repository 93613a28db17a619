"""The form that ends an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HTML

from incidentio_magic.errors import DraftError, IncidentioError
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._shared import shared, show_widget
from incidentio_magic.widgets.fields import Choice
from incidentio_magic.widgets.grouped_choice import GroupedChoice
from incidentio_magic.widgets.labels import category, with_description
from incidentio_magic.widgets.own_incident_form import OwnIncidentForm
from incidentio_magic.widgets.parallel_reads import read_together
from incidentio_magic.writes.drafts import Update, legal_statuses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.writes.drafts import Draft

_ENDS: Final = {"learning": "Post-incident: its review begins", "closed": "Closed: nothing is left to do"}
_WHICH: Final = "choose an incident"
_HOW: Final = "choose how it ends"
_OPT_OUT: Final = "post_incident_flow_opt_out"
_OPEN: Final = "outstanding"
_NAMED: Final = 5


class CloseForm(OwnIncidentForm):
    """A form that ends an incident, and lists what is still open. Its arguments are those of `Form` and `Prefill`."""

    heading = "Close an incident"
    action = "Close"
    another = "Close another"
    effect = "Shares:"
    ends = True
    always = ("incident", "message", "status")
    form_type = "resolve"
    first = essential = ("status", "message")
    wide = ("name", "summary", "message", "status")
    categories = ("triage", "live", "paused", "learning")

    def build(self) -> list[Any]:
        """Create the fields, before any list is read."""
        picker = self.build_picker()
        self.left = HTML(**shared("html")).add_class("incidentio-left")
        status = self.add(GroupedChoice("status", "How it ends", tuple(_ENDS.values()), changed=self.changed))
        self.skipping = HTML(**shared("html")).add_class("incidentio-skipping")
        message = self.build_message("How did it end?")
        self.add(
            Choice("severity", "Severity", empty="Leave it", changed=self.changed)
        )  # only some organisations' forms have it
        self.build_own()
        return [picker, self.left, status, self.skipping, message]

    def surrounded(self, part: Any) -> list[Any]:
        """Return a field; the end has the open tasks above it, and a note about skipped steps below it."""
        return [self.left, part, self.skipping] if part is self.fields["status"] else [part]

    def fit(self) -> None:
        """Offer the ends that are possible now, and list what is left to do."""
        incident = self.incident
        status: Any = self.fields["status"]
        moves = legal_statuses(incident.incident_status, self._statuses) if incident else []
        ends = {title: [record for record in moves if record.category == end] for end, title in _ENDS.items()}
        status.offer(ends, with_description)
        status.hint = ""
        if incident and not any(ends.values()):
            present = incident.incident_status
            status.hint = f"{present.name} ({category(present.category)}) cannot be ended here"
        self.left.value = _left(self.client, incident) if incident else ""
        super().fit()
        self._show_skipping()
        if "severity" in self.fields:
            graded = incident.severity if incident else None
            others = [record for record in reversed(self._severities) if graded is None or record.id != graded.id]
            severity: Any = self.fields["severity"]
            severity.offer(others, with_description, empty=f"Leave it at {graded.name}" if graded else "Leave it")

    def make_field(self, element_type: str) -> None:
        """Create the field of an element that only some organisations' forms have."""
        super().make_field(element_type)
        if element_type == "severity":
            self.add(Choice("severity", "Severity", empty="Leave it", changed=self.changed))

    def adapt(self) -> None:
        """Say whether the chosen end skips something."""
        super().adapt()
        self._show_skipping()

    def _show_skipping(self) -> None:
        incident, end = self.incident, self.fields["status"].read()
        skips = (
            incident is not None
            and end is not None
            and end.category == "closed"
            and incident.incident_status.category in {"triage", "live"}
        )
        show_widget(self.skipping, skips)
        if not skips:
            return
        has = _OPT_OUT in self._permissions
        key = "this key has it" if has else "this key does not have it, so the service will refuse"
        message = (
            f"{end.name} skips the post-incident flow: no review and no follow-ups. "
            f"This needs the permission {_OPT_OUT}; {key}."
        )
        self.skipping.value = f'<div class="incidentio-warning">{markup.text(message, limit=600)}</div>'

    def make(self, values: Mapping[str, Any]) -> list[Draft]:
        """Return the drafts: the edit of other changes, if any, then the update that ends the incident."""
        if values["incident"] is None:
            raise DraftError("choose an incident", fields={"incident": _WHICH, "status": _HOW})
        edit = self.edit(values)
        update = Update(values["incident"], values["message"], values["status"], values.get("severity"))
        return [edit, update] if edit else [update]

    def problems_of(self, draft: Draft) -> dict[str, str]:
        """Return the problems of a draft; without a chosen end it has a problem, whatever else it contains."""
        if not isinstance(draft, Update):
            return super().problems_of(draft)
        return {} if self.fields["status"].read() else {"status": _HOW}


def _left(client: Incidents, incident: models.Incident) -> str:
    """Return the open tasks of an incident, counted and named."""
    found = read_together(
        {
            "action": lambda: client.api.actions(incident.id, incident.mode).whole(),
            "follow-up": lambda: client.api.follow_ups(incident.id, incident.mode).whole(),
        }
    )
    masked = incident.is_private and not client.settings.show_private
    lines = []
    for what, records in found.items():
        if isinstance(records, IncidentioError):
            lines.append(markup.line("note", f"The {what}s cannot be read: {records.message}"))
            continue
        names = [_named(record) for record in records if record.status == _OPEN]
        if not names:
            lines.append(markup.line("note", f"No open {what}s."))
            continue
        count = f"{len(names)} open {what}{'s' if len(names) > 1 else ''}"
        items = "" if masked else "".join(f'<li dir="auto">{markup.text(name)}</li>' for name in names[:_NAMED])
        if len(names) > _NAMED and not masked:
            items += f"<li>and {len(names) - _NAMED} more</li>"
        lines.append(f'<div class="incidentio-warning">{count}<ul>{items}</ul></div>')
    return "".join(lines)


def _named(record: models.Action | models.FollowUp) -> str:
    message = getattr(record, "title", "") or markup.plain(getattr(record, "description", "") or "")
    return f"{message} ({record.assignee.name})" if record.assignee else f"{message} (nobody)"
