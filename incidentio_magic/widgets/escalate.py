"""The form that raises the severity and pages people: two writes, each with its own outcome."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import VBox

from incidentio_magic.errors import DraftError, IncidentioError
from incidentio_magic.names.vocabulary import named
from incidentio_magic.settings import is_this_machine
from incidentio_magic.widgets._shared import shared, show_widget
from incidentio_magic.widgets._sources import Source, people
from incidentio_magic.widgets.fields import Choice, Confirmation, TextField
from incidentio_magic.widgets.incident_form import IncidentForm
from incidentio_magic.widgets.labels import with_description
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.parallel_reads import announced
from incidentio_magic.widgets.search_fields import MultiSelectField
from incidentio_magic.writes.drafts import Page, Update

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.writes.drafts import Draft

PATH: Final = "path"
PEOPLE: Final = "people"
NOBODY: Final = Source(list, lambda record: [record.name])
_WAYS: Final = {PATH: "An escalation path", PEOPLE: "People"}


class EscalateForm(IncidentForm):
    """A form that raises an incident's severity and pages people. Its arguments are those of `Form` and `Prefill`."""

    heading = "Escalate"
    action = "Escalate"
    another = "Escalate another"
    effect = "Sends:"

    def build(self) -> list[Any]:
        """Create the fields, before any list is read."""
        changed = self.changed
        self._titled = ""
        self._people: Source | None = None
        self._paths: list[models.EscalationPath] | None = None
        self._woken: dict[str, str] = {}  # who each chosen path would page, by path ID
        picker = self.build_picker()
        severity = self.add(Choice("severity", "Severity", buttons=True, empty="Leave it", changed=changed))
        message = self.build_message("Why are you escalating?")
        page = self.add(
            Choice("page", "Page", buttons=True, empty="Nobody", changed=changed).add_class("incidentio-inline")
        )
        path = self.add(Choice("path", "Escalation path", empty="Choose a path…", changed=changed))
        people = self.add(
            MultiSelectField(
                "people", "People", kind="person", source=NOBODY, placeholder="name or email", changed=changed
            )
        )
        title = self.add(TextField("title", "Page title", changed=changed))
        more = self.add(
            MarkdownField(
                "description", "Details", render=self._render, changed=changed, placeholder="What to know first."
            )
        )
        confirm = self.add(Confirmation("confirm", changed=changed))
        self.paging = VBox([path, people, title, more, confirm], **shared()).add_class("incidentio-part")
        return [picker, severity, message, page, self.paging]

    def take(self, _found: dict[str, Any]) -> None:
        """Apply the initial values; people and paths are read when the user chooses to page them."""
        people_field: Any = self.fields[PEOPLE]
        people_field.source = self._people = people(self.client)
        page: Any = self.fields["page"]
        page.offer([PATH, PEOPLE], _WAYS.__getitem__)
        fields: Any = self.fields
        path, to = self.prefill.path, self.prefill.to
        if path:
            page.choose(PATH)
            self._read_paths()
            self.given(PATH, path, lambda: fields[PATH].choose(self._path_named(path)))
        elif to:
            page.choose(PEOPLE)
            for person in to:
                self.given(PEOPLE, person, partial(self._add_person, person))
        self.prefill = replace(self.prefill, path="", to=())

    def _read_paths(self) -> None:
        """Read the paths, including who is on call now."""
        page: Any = self.fields["page"]
        path: Any = self.fields[PATH]
        with announced(self.client, self.status.working):
            try:
                self._paths = self.client.vocabulary.escalation_paths()
            except IncidentioError as error:
                page.hint = f"the escalation paths cannot be read: {error.message}"
            else:
                page.hint = ""
                path.offer(self._paths, path_label)
            finally:
                self.status.rest()

    def _name_the_woken(self) -> None:
        """Show who the chosen path would page now, level by level, below it."""
        field: Any = self.fields[PATH]
        path = field.read()
        if path is not None and path.id not in self._woken:
            with announced(self.client, self.status.working):
                try:
                    levels = self.client.woken(path)
                    self._woken[path.id] = "; ".join(f"{level}: {people}" for level, people in levels)
                except IncidentioError as error:
                    self._woken[path.id] = f"could not read who it pages: {error.message}"
                finally:
                    self.status.rest()
        field.hint = self._woken[path.id] if path is not None else ""

    def _path_named(self, name: str) -> Any:
        return named("escalation path", name, self._paths or [], lambda path: path.name)

    def _add_person(self, name: str) -> None:
        chosen: Any = self.fields[PEOPLE]
        chosen.choose(self.client.vocabulary.user(name))

    def fit(self) -> None:
        """Offer the higher severities first, and mark the lower ones."""
        incident = self.incident
        severity: Any = self.fields["severity"]
        present = incident.severity if incident else None
        rank = present.rank if present else 0
        higher = [record for record in reversed(self._severities) if record.rank > rank]
        severity.offer(
            higher,
            lambda record: f"↑ {with_description(record)}",
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
        """Show the fields that paging needs, and ask the user to confirm exactly who will be paged."""
        super().adapt()
        way = self.fields["page"].read()
        if way == PATH and self._paths is None and self._client is not None:
            self._read_paths()
        if way == PATH and self._client is not None:
            self._name_the_woken()
        show_widget(self.paging, bool(way))
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
            return path_label(path) if path else ""
        if way == PEOPLE:
            people: Any = self.fields["people"]
            return ", ".join(record.name for record in people.chosen)
        return ""

    def make(self, values: Mapping[str, Any]) -> list[Draft]:
        """Return the update and the page made from the fields; either may be missing."""
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

    def more_problems(self, problems: dict[str, str]) -> dict[str, str]:
        """Return the problems, including those of paging."""
        way = self.fields["page"].read()
        to = problems.pop("to", "")
        if way and self._client and self._client.training and not is_this_machine(self._client.transport.host):
            problems["page"] = "training mode pages nobody on the real service"  # before the update is sent
        elif to:
            problems = {way: "choose the people or the path to page", **problems}
        elif way and not self.fields["confirm"].read() and Page.verb not in self.outcomes:
            problems["confirm"] = "tick the confirmation to page them"
        return problems

    def written(self, draft: Draft) -> None:
        """Disable the fields of what was written while the rest is retried."""
        names = (
            ("severity", "message")
            if isinstance(draft, Update)
            else ("page", PATH, PEOPLE, "title", "description", "confirm")
        )
        for name in ("incident", *names):
            self.fields[name].disabled = True

    def effects(self, drafts: Sequence[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, one line per write."""
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


def path_label(path: models.EscalationPath) -> str:
    """Return an escalation path with the people who are on call now."""
    names = ", ".join(record.name for record in path.current_responders or ())
    return f"{path.name} (on call: {names})" if names else f"{path.name} (the people on call)"
