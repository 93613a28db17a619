"""The base of the forms that update and close an incident, which follow the organisation's own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from incidentio_magic.names.times import happened
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._own_form import OwnForm, arranged, put
from incidentio_magic.widgets._section import Section
from incidentio_magic.widgets.detail_fields import DetailFields
from incidentio_magic.widgets.fields import TextField
from incidentio_magic.widgets.incident_form import IncidentForm
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.parallel_reads import read_together
from incidentio_magic.writes.drafts import Edit, Update
from incidentio_magic.writes.drafts.parts import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.widgets.fields import Field
    from incidentio_magic.writes.drafts import Draft

_ELEMENTS: Final = {
    "name": "name",
    "summary": "summary",
    "severity": "severity",
    "status": "status",
    "update_message": "message",
}
_KINDS: Final = ("field", "role", "at")
_NOTIFY: Final = "notify the channel"


class OwnIncidentForm(IncidentForm):
    """A form that shares an update, and edits the fields of the organisation's own form.

    The edit is sent first. If it fails, the update is not shared.
    """

    in_order = True
    form_type: ClassVar[str] = ""
    first: ClassVar[tuple[str, ...]] = ()  # fields at the top, in this order, unless the organisation's form has them
    essential: ClassVar[tuple[str, ...]] = ()  # fields that are not collapsed if the organisation's form lacks them
    wide: ClassVar[tuple[str, ...]] = ("name", "summary", "message")

    def build_own(self) -> None:
        """Create the fields that the organisation's form may have besides an update's own fields."""
        self._before: dict[str, Any] = {}  # the incident's values, as its fields show them
        self._filled_for = ""
        self._was_masked = False
        self._left_out: set[str] = set()  # fields whose text is hidden because the incident is private
        self.details = DetailFields(self.add, self.changed, self._when)
        self.own = OwnForm(self.form_type, _ELEMENTS, self.fields, self.details, may_default=self._may_default)
        self.more: Section | None = None  # created when first needed, because each widget is saved with the notebook

    def more_lists(self, client: Incidents) -> dict[str, Callable[[], Any]]:
        """Return how to read the organisation's forms and the lists of their fields."""
        words = client.vocabulary
        return {"forms": words.forms, "custom fields": words.fields, "roles": words.roles}

    def take(self, found: dict[str, Any]) -> None:
        """Store the organisation's forms and the lists of their fields."""
        self.own.take(found["forms"])
        if self.own.has_times:
            found |= read_together({"timestamps": self.client.vocabulary.timestamps})
        self.details.offer(self.client, found)

    def fit(self) -> None:
        """Show the organisation's form for the chosen incident's type, filled with the incident's values."""
        incident = self.incident
        kind = incident.incident_type if incident else None
        # Before an incident is chosen, the default form is shown, so that typed text keeps its place.
        changed = self.own.select(kind.id if kind else None)
        other = incident is not None and incident.id != self._filled_for
        masked = self._is_masked()
        if changed or masked != self._was_masked:
            self._was_masked = masked
            self._arrange()
        if other:
            self._before = {}
        if incident is not None:
            self._filled_for = incident.id
            self._show_present(incident, [name for name in self._names() if name not in self._before])

    def adapt(self) -> None:
        """Adapt the form to the incident, and show the elements whose conditions hold."""
        super().adapt()
        for name in self._names():  # without an incident they have nothing to show
            self.fields[name].shown = self.incident is not None
        if self.incident is not None:
            self.own.judge(self._references())
        if self.more and not self.more.unfolded and any(field.typed() for field in self._folded):
            self.more.unfold(unfolded=True)

    def make_field(self, element_type: str) -> None:
        """Create the field of an element that only some organisations' forms have."""
        if element_type == "name":
            self.add(TextField("name", "Name", changed=self.changed))
        elif element_type == "summary":
            # Others wrote the summary, so it is never rendered as a template.
            self.add(MarkdownField("summary", "Summary", render=str, changed=self.changed))

    def surrounded(self, part: Any) -> list[Any]:
        """Return a field with the widgets above and below it."""
        return [part]

    def _arrange(self) -> None:
        """Arrange the fields as in the organisation's form; fields that it lacks go under More."""
        for element_type in sorted(self.own.asks_for & {*_ELEMENTS} - {*self.fields}):
            self.make_field(element_type)
        parts = self.own.lay_out(without=("name", "summary") if self._is_masked() else ())
        missing = [name for name in self.first if name not in self.own.elements]
        main = [name for name in missing if name in self.essential] if self.own.exists else missing
        more = [name for name in missing if name not in main]
        kinds = ("field", "role") if self.prefill.all_fields else ()
        others = [name for name in self.details.names(*kinds) if name not in self.own.elements] if kinds else []
        names = [name for name in others if self.details.can_change(name)]
        folded = [*(self.fields[name] for name in more), *self.details.shown(names)]
        if folded and self.more is None:
            self.more = Section("More")
            self.more.unfold(bool(names))
        below: tuple[Any, ...] = ()
        if self.more is not None:
            self.more.hold(folded)
            problems = "".join(markup.line("problem", problem, role="alert") for problem in self.details.problems)
            self.more.note.value = problems if names else ""
            below = (self.more.whole,) if folded else ()
        placed = [around for part in [*map(self.fields.__getitem__, main), *parts] for around in self.surrounded(part)]
        put(self.body, [self.picker, *arranged(placed, self.wide), self.own.note, *below])

    @property
    def _folded(self) -> Sequence[Field]:
        """The fields under More."""
        return self.more.grid.children if self.more is not None else ()

    def _names(self) -> list[str]:
        """Return the names of the fields for properties of the incident."""
        shown = {*self.own.elements, *(field.name for field in self._folded)}
        kinds = {"name", "summary", *_KINDS}
        return [name for name in self.fields if name in shown and name.partition(" ")[0] in kinds]

    def _is_masked(self) -> bool:
        """Return whether the incident's text is hidden because the incident is private."""
        return self.incident is not None and self.incident.is_private and not self.client.settings.show_private

    def _show_present(self, incident: models.Incident, names: Sequence[str]) -> None:
        """Fill the fields with the incident's values, or with the organisation's defaults."""
        fields: Any = self.fields
        for name in names:
            if name in {"name", "summary"}:
                fields[name].write(getattr(incident, name) or "")
        left_out = self.details.show_present(incident, names, self.client.settings.zone, masked=self._is_masked())
        self._left_out = (self._left_out - {*names}) | left_out
        self._before |= {name: fields[name].typed() for name in names}
        for name in names:
            if name in self.own.elements:
                self.own.put_default(name)

    def _may_default(self, name: str) -> bool:
        """Return whether a field may get a default: only if the incident has no value for it."""
        return name in self._before and not self._before[name]

    def edit(self, values: Mapping[str, Any]) -> Edit | None:
        """Return the edit of the fields that differ from the incident; None if none does."""
        incident = self.incident
        shown = [name for name in self._names() if self.fields[name].shown]
        names = [name for name in shown if self.fields[name].typed() != self._before.get(name)]
        if incident is None or not names:
            return None
        texts = {name: values[name] for name in ("name", "summary") if name in names}
        details = self.details.changes(values, [name for name in names if name not in texts])
        draft = Edit(incident, **texts, **details)
        return draft if draft.changed(incident) else None

    def drafts(self, values: Mapping[str, Any], update: Update) -> list[Draft]:
        """Return the drafts to send: the edit, if any, and the update, unless it is empty beside an edit."""
        edit = self.edit(values)
        if edit is None:
            return [update]
        return [edit] if update.problems() else [edit, update]

    def problems_of(self, draft: Draft) -> dict[str, str]:
        """Return the problems of a draft, by field; custom fields by ID, because names may be shared."""
        found = draft.problems()
        if not isinstance(draft, Edit):
            return found
        problems = {name: problem for name, problem in found.items() if name in self.fields}
        problems |= {f"field {entry.field.id}": problem for entry in draft.fields if (problem := entry.problem())}
        roles = [role for role, _person in draft.roles if f"role {role.name}" in found]
        return problems | {f"role {role.id}": found[f"role {role.name}"] for role in roles}

    def more_problems(self, problems: dict[str, str]) -> dict[str, str]:
        """Return the problems, including required elements that are empty and times that cannot be removed."""
        for name in self._names() if self._filled_for else ():
            if name.startswith("at ") and self._before.get(name) and not self.fields[name].typed():
                problems.setdefault(name, "a time that is set can be changed here, not removed")
        incident = self.incident
        if incident is None:
            return problems
        has = {"status", *(["severity"] if incident.severity else []), *self._left_out}
        return self.own.required(problems, self._references(), has=has)

    def written(self, draft: Draft) -> None:
        """Disable the edited fields while the update is retried."""
        if isinstance(draft, Edit):
            for name in ("incident", *self._names()):
                self.fields[name].disabled = True

    def effects(self, drafts: Sequence[Draft]) -> list[tuple[str, str]]:
        """Return what will happen: the incident, then the update, then the fields that change."""
        rows = super().effects(drafts)
        kept = [row for place, row in enumerate(rows) if row[0] != "incident" or place == 0]
        return [(_label(name), value) for name, value in kept if name != _NOTIFY]

    def renew(self) -> None:
        """Start a new form for the same incident in its current state."""
        self._filled_for = ""
        super().renew()

    def _references(self) -> dict[str, frozenset[str]]:
        """Return the values that the form's conditions refer to: the chosen ones, else the incident's."""
        incident = self.incident
        if incident is None:
            return {}
        chosen = {name: self.fields[name].read() for name in ("severity", "status") if name in self.fields}
        records = {
            "severity": chosen.get("severity") or incident.severity,
            "status": chosen.get("status") or incident.incident_status,
            "type": incident.incident_type,
        }
        found = {f"incident.{name}": frozenset({record.id} if record else ()) for name, record in records.items()}
        found["incident.visibility"] = frozenset({incident.visibility})
        found["incident.mode"] = frozenset({incident.mode})
        return found | self._details_of(incident) | self.details.references(self._names())

    def _details_of(self, incident: models.Incident) -> dict[str, frozenset[str]]:
        """Return an incident's custom fields and roles, by the references that conditions use."""
        found = dict.fromkeys(self.details.references(), frozenset[str]())
        for entry in incident.custom_field_entries or ():
            found[f"incident.custom_field[{entry.custom_field.id}]"] = frozenset(map(value_of, entry.values or ()))
        for given in incident.incident_role_assignments or ():
            people = frozenset({given.assignee.id} if given.assignee else ())
            found[f"incident.role[{given.role.id}]"] = people
        return found

    def _when(self, text: str) -> datetime:
        now = self.client.transport.now()
        declared = self.client.vocabulary.declared_at(self.incident) if self.incident else now
        return happened(text, declared=declared, now=now, zone=self.client.settings.zone)


def _label(name: str) -> str:
    kind, _space, label = name.partition(" ")
    return label if kind in _KINDS and label else name
