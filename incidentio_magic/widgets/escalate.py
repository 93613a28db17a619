"""The form that raises the severity and pages people: two writes, each with its own outcome."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import VBox

from incidentio_magic.errors import DraftError, IncidentioError, InputError
from incidentio_magic.names.vocabulary import named
from incidentio_magic.settings import is_this_machine
from incidentio_magic.widgets.detail_fields import names_of
from incidentio_magic.widgets.fields import Choice, Confirmation, TextField
from incidentio_magic.widgets.incident_form import IncidentForm
from incidentio_magic.widgets.labels import with_description
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.search_fields import MultiSelectField
from incidentio_magic.writes.drafts import Page, Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome

PATH: Final = "path"
PEOPLE: Final = "people"
_WAYS: Final = {PATH: "An escalation path", PEOPLE: "People"}


class EscalateForm(IncidentForm):
    """Raises an incident's severity and pages people.

    Args:
        client: The connection, or what returns the present one.
        reference: The incident; chosen in the form if empty.
        render: Computes the templates in the message.
        on_sent: Called with how each write ended.
        message: What to tell, in Markdown.
        severity: The new severity's name.
        path: The name of an escalation path to page.
        to: People to page, by name or email address.
        lazy: Whether the lists are read only when the form is shown.
    """

    heading = "Escalate"
    action = "Escalate"
    another = "Escalate another"
    effect = "This will:"

    def __init__(
        self,
        client: Incidents | Callable[[], Incidents],
        reference: str = "",
        *,
        render: Callable[[str], str] | None = None,
        on_sent: Callable[[Outcome], None] | None = None,
        message: str = "",
        severity: str = "",
        path: str = "",
        to: tuple[str, ...] | list[str] = (),
        lazy: bool = False,
    ) -> None:
        self._to_page = (path, list(to))
        self._titled = ""
        super().__init__(
            client, reference, render=render, on_sent=on_sent, message=message, severity=severity, lazy=lazy
        )

    def build(self) -> list[Any]:
        """Make the fields, still without lists."""
        changed = self.changed
        picker = self.build_picker()
        severity = self.add(Choice("severity", "Severity", buttons=True, empty="Leave it", changed=changed))
        message = self.build_message("Why does it escalate?")
        page = self.add(Choice("page", "Page", buttons=True, empty="Nobody", changed=changed))
        path = self.add(Choice("path", "Escalation path", empty="Choose a path…", changed=changed))
        people = self.add(
            MultiSelectField("people", "People", kind="person", placeholder="name or email", changed=changed)
        )
        title = self.add(TextField("title", "What they read", changed=changed))
        more = self.add(
            MarkdownField(
                "description", "More for them", render=self._render, changed=changed, placeholder="What to know first."
            )
        )
        confirm = self.add(Confirmation("confirm", changed=changed))
        self.paging = VBox([path, people, title, more, confirm]).add_class("incidentio-part")
        return [picker, severity, message, page, self.paging]

    def more_lists(self, client: Incidents) -> dict[str, Callable[[], Any]]:
        """Read the paths anew each time, since who is on call changes."""
        return {"paths": client.vocabulary.escalation_paths, "people": client.vocabulary.users}

    def take(self, found: dict[str, Any]) -> None:
        """Offer the paths with who is on call now, and the people."""
        page: Any = self.fields["page"]
        path: Any = self.fields["path"]
        people: Any = self.fields["people"]
        offered = []
        hints = []
        for way, name, what in ((PATH, "paths", "escalation paths"), (PEOPLE, "people", "people")):
            if isinstance(found[name], IncidentioError):
                hints.append(f"the {what} cannot be read: {found[name].message}")
            else:
                offered.append(way)
        page.offer(offered, _WAYS.__getitem__)
        page.hint = "; ".join(hints)
        if PATH in offered:
            path.offer(found["paths"], _path)
        if PEOPLE in offered:
            people.offer([record for record in found["people"] if record.is_active is not False], names_of)
        self._prefill(found)

    def _prefill(self, found: dict[str, Any]) -> None:
        path, to = self._to_page
        fields: Any = self.fields
        if path:
            fields["page"].choose(PATH)
            self.given(PATH, path, lambda: fields[PATH].choose(_named("escalation path", path, found["paths"])))
        elif to:
            fields["page"].choose(PEOPLE)
            for person in to:
                self.given(PEOPLE, person, partial(self._add_person, person, found["people"]))
        self._to_page = ("", [])

    def _add_person(self, name: str, people: Any) -> None:
        chosen: Any = self.fields[PEOPLE]
        chosen.add(_named("person", name, people))

    def fit(self) -> None:
        """Offer the higher severities first, and mark the lower ones."""
        incident = self.incident
        severity: Any = self.fields["severity"]
        present = incident.severity if incident else None
        rank = present.rank if present else 0
        higher = [record for record in reversed(self._severities) if record.rank > rank]
        lower = [record for record in reversed(self._severities) if record.rank < rank]
        severity.offer(
            [*higher, *lower],
            lambda record: f"{'↓ lowers it to ' if record.rank < rank else '↑ '}{with_description(record)}",
            empty=f"Leave it at {present.name}"
            if present
            else "Leave it without a severity"
            if incident
            else "Leave it",
        )
        severity.hint = "this is the highest severity" if present and not higher else ""
        title: Any = self.fields["title"]
        if title.read() == self._titled:
            self._titled = ""
            if incident:
                private = incident.is_private
                self._titled = incident.reference if private else f"{incident.reference}: {incident.name}"
            title.write(self._titled)

    def adapt(self) -> None:
        """Show what paging needs, and ask for agreement to exactly those who will be paged."""
        super().adapt()
        way = self.fields["page"].read()
        self.paging.layout.display = None if way else "none"
        self.fields["path"].shown = way == PATH
        self.fields["people"].shown = way == PEOPLE
        confirm: Any = self.fields["confirm"]
        recipients = self._recipients()
        confirm.shown = bool(recipients)
        confirm.ask(f"Yes, page {recipients} now" if recipients else "")

    def _recipients(self) -> str:
        way = self.fields["page"].read()
        if way == PATH:
            path = self.fields["path"].read()
            return _path(path) if path else ""
        if way == PEOPLE:
            people: Any = self.fields["people"]
            return ", ".join(record.name for record in people.chosen)
        return ""

    def make(self) -> list[Draft]:
        """Return the update and the page that the fields stand for; either may be missing."""
        values = self.values()
        incident = values["incident"]
        if incident is None:
            raise DraftError("choose an incident", fields={"incident": "choose an incident"})
        drafts: list[Draft] = []
        if values["severity"] or values["message"].strip():
            drafts.append(Update(incident, values["message"], severity=values["severity"]))
        if values["page"]:
            path = values["path"] if values["page"] == PATH else None
            people = values["people"] if values["page"] == PEOPLE else ()
            drafts.append(Page(incident, values["title"], path, people, values["description"]))
        if not drafts:
            raise DraftError("nothing", fields={"severity": "choose a severity, write a message, or page somebody"})
        return drafts

    def problems(self) -> dict[str, str]:
        """Return what keeps the form from being sent, by field."""
        problems = super().problems()
        way = self.fields["page"].read()
        to = problems.pop("to", "")
        if way and self._client and self._client.training and not is_this_machine(self._client.transport.host):
            problems["page"] = "training mode pages nobody on the real service"  # told before the update is sent
        elif to:
            problems = {way: "choose whom to page", **problems}
        elif way and not self.fields["confirm"].read() and Page.verb not in self.outcomes:
            problems["confirm"] = "tick this to page them"
        return problems

    def written(self, draft: Draft) -> None:
        """Keep what is written from being changed while the rest is tried again."""
        names = (
            ("severity", "message")
            if isinstance(draft, Update)
            else ("page", PATH, PEOPLE, "title", "description", "confirm")
        )
        for name in ("incident", *names):
            self.fields[name].disabled = True

    def effects(self, drafts: list[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, one line a write."""
        rows = []
        for draft in drafts:
            if isinstance(draft, Update):
                before = draft.incident.severity.name if draft.incident.severity else "no severity"
                move = f"{before} → {draft.severity.name}" if draft.severity else "an update, severity unchanged"
                rows.append((draft.incident.reference, f"{move}: {draft.message}" if draft.message.strip() else move))
            elif isinstance(draft, Page):
                rows.append(("page", f"{self._recipients() or '—'}: {draft.title}"))
        written = [not self.done and draft.verb in self.outcomes for draft in drafts]
        return [
            (what, f"✓ {content}" if done else content) for (what, content), done in zip(rows, written, strict=True)
        ]


def _named(kind: str, name: str, records: Any) -> Any:
    """Return the record of a name; the error of records that could not be read is told as that of the name."""
    if isinstance(records, IncidentioError):
        raise InputError(records.message, hint=records.hint)
    return named(kind, name, records, names_of if kind == "person" else lambda record: record.name)


def _path(path: models.EscalationPath) -> str:
    names = ", ".join(record.name for record in path.current_responders or ())
    return f"{path.name} (on call: {names})" if names else f"{path.name} (whoever is on call)"
