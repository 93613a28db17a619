"""The form that declares an incident: the organisation's own declare form, else the few fields that everybody needs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api import models
from incidentio_magic.api.models import TEST
from incidentio_magic.errors import InputError
from incidentio_magic.names.times import happened
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._own_form import OwnForm, arranged, put
from incidentio_magic.widgets._prefill import Prefill
from incidentio_magic.widgets._section import Section
from incidentio_magic.widgets.detail_fields import DetailFields
from incidentio_magic.widgets.fields import Choice, TextField
from incidentio_magic.widgets.form import Form
from incidentio_magic.widgets.labels import category
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.parallel_reads import read_together, require
from incidentio_magic.writes.drafts import PRIVATE, PUBLIC, Declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.client import Incidents
    from incidentio_magic.widgets.fields import Field
    from incidentio_magic.writes.drafts import Draft

_STANDARD: Final = "standard"
_FIRST: Final = ("name", "summary", "severity")
_ELSE: Final = ("type", "visibility", "mode", "status")
_ELEMENTS: Final = {
    "name": "name",
    "summary": "summary",
    "severity": "severity",
    "status": "status",
    "incident_type": "type",
    "visibility": "visibility",
}
_WHOLE_WIDTH: Final = ("name", "summary", "severity")


class DeclareForm(Form):
    """A form that declares an incident. Its arguments are those of `Form` and `Prefill`."""

    heading = "Declare an incident"
    action = "Declare"
    another = "Declare another"
    effect = "Declares:"
    always = ("name", "severity")

    def build(self) -> list[Any]:
        """Create the fields, before any list is read."""
        changed = self.changed
        self._severities: list[models.Severity] = []
        self._statuses: list[models.IncidentStatus] = []
        self._filled: list[str] = []
        self.add(TextField("name", "Name", changed=changed, placeholder="What is wrong, in one line"))
        self.add(
            MarkdownField(
                "summary",
                "Summary",
                render=self._render,
                changed=changed,
                placeholder=f"What is known, who is affected. {self._works}",
            )
        )
        self.add(Choice("severity", "Severity", buttons=True, changed=changed).add_class("incidentio-inline"))
        for name, label in (("type", "Type"), ("visibility", "Visibility"), ("mode", "Mode"), ("status", "Status")):
            self.add(Choice(name, label, changed=changed))
        self.details = DetailFields(self.add, changed, self._when)
        self.own = OwnForm("declare", _ELEMENTS, self.fields, self.details)
        self.more = Section("More", self._arrange)
        return [*self._named(_FIRST), self.own.note, self.more.whole]

    def _named(self, names: Sequence[str]) -> list[Field]:
        return [self.fields[name] for name in names]

    def read_lists(self, client: Incidents) -> None:
        """Read the lists, all at once, and offer them; people and options are read when the user searches."""
        words = client.vocabulary
        calls: dict[str, Callable[[], Any]] = {
            "identity": words.recent_identity,
            "severities": words.severities,
            "statuses": words.statuses,
            "types": words.types,
            "custom fields": words.fields,
            "roles": words.roles,
            "forms": words.forms,
        }
        found = read_together(calls)
        require(found, "identity", "severities", "statuses", "types")
        self._severities = found["severities"]
        self._statuses = found["statuses"]
        self.own.take(found["forms"])
        if self.prefill.all_fields or self.own.has_times:
            found |= read_together({"timestamps": words.timestamps})
        fields: Any = self.fields
        fields["type"].offer(found["types"], lambda kind: kind.name)
        if fields["type"].read() is None and not fields["type"].unmet and found["types"]:
            fields["type"].choose(found["types"][0])
        modes = (TEST,) if client.training else models.MODES
        fields["mode"].offer(modes, str)
        if fields["mode"].read() is None and not fields["mode"].unmet:
            fields["mode"].choose(modes[0])
        self._default_type = found["types"][0] if found["types"] else None
        self.details.offer(client, found)
        self._fit()
        self._fill(client)
        self.adapt()

    def _fill(self, client: Incidents) -> None:
        """Apply the initial values, once; if the lists are read again, the user's changes stay."""
        prefill, words = self.prefill, client.vocabulary
        fields: Any = self.fields
        for name in ("type",) if client.training else ("type", "mode"):
            self.given(name, getattr(prefill, name), partial(self._put, name, getattr(words, name)))
        self._fit()
        for name in ("severity", "status"):
            self.given(name, getattr(prefill, name), partial(self._put, name, getattr(words, name)))
        if prefill.private:
            fields["visibility"].choose(PRIVATE)
        for name in ("name", "summary"):
            if getattr(prefill, name):
                fields[name].write(getattr(prefill, name))
        self._filled += self.details.prefill(client, prefill)
        changed = [name for name in _ELSE if getattr(prefill, name, "")]
        self.prefill = Prefill(all_fields=prefill.all_fields)
        if self._filled or changed or prefill.private or prefill.all_fields or self.details.problems:
            self.more.unfold(True)

    def _put(self, name: str, record_of: Callable[[str], Any]) -> None:
        typed = getattr(self.prefill, name)
        field: Any = self.fields[name]
        field.choose(record_of(typed))
        if field.read() is None:
            raise InputError(f"{typed} is not possible here", hint="choose another")

    def adapt(self) -> None:
        """Offer what the chosen type and mode allow, and show the organisation's form for the type."""
        self._fit()
        kind = self.fields["type"].read()
        if self.own.select(kind.id if kind else None):
            self._arrange()
        self.own.judge(self._references())

    def _fit(self) -> None:
        fields: Any = self.fields
        kind: models.IncidentType | None = fields["type"].read()
        mode = fields["mode"].read()
        fields["type"].hint = markup.plain(kind.description or "") if kind else ""
        fields["mode"].disabled = len(fields["mode"].records) == 1
        fields["mode"].hint = "always test in training mode" if fields["mode"].disabled else ""
        private_only = bool(kind and kind.private_incidents_only)
        fields["visibility"].offer((PRIVATE,) if private_only else (PUBLIC, PRIVATE), _visibility)
        if fields["visibility"].read() is None:
            fields["visibility"].choose(PRIVATE if private_only else PUBLIC)
        fields["visibility"].disabled = private_only
        fields["visibility"].hint = "always private for this type" if private_only else ""
        triage = kind.create_in_triage if kind and mode != "retrospective" else None
        allowed = {"live", *(() if triage == "never" else ("triage",))}
        if mode == "retrospective":
            allowed |= {"learning", "closed"}
        statuses = [] if triage == "always" else [status for status in self._statuses if status.category in allowed]
        first = "Triage (always, for this type)" if triage == "always" else "The default"
        fields["status"].offer(statuses, lambda status: f"{status.name} ({category(status.category)})", empty=first)
        fields["status"].disabled = triage == "always"
        starts_in_triage = Declaration("", type=kind, status=fields["status"].read()).starts_in_triage
        fields["severity"].offer(
            list(reversed(self._severities)),
            lambda severity: severity.name,
            empty="Not decided yet" if starts_in_triage else "",
        )
        chosen = fields["severity"].read()
        fields["severity"].hint = markup.plain(chosen.description or "") if chosen else ""

    def _arrange(self) -> None:
        """Arrange the fields as in the organisation's form; fields that it lacks go under More."""
        parts = self.own.lay_out()
        elements, own = self.own.elements, self.own.exists
        main = [name for name in _FIRST if name not in elements]
        if own and self.fields["type"].read() is not self._default_type and "type" not in elements:
            main.append("type")  # after choosing the type, the user must be able to go back
        more = [name for name in _ELSE if name not in elements and name not in main]
        if self.more.unfolded or self._filled:
            kinds = ("field", "role", "at") if self.prefill.all_fields else () if own else ("field", "role")
            names = dict.fromkeys([*self._filled, *self.details.names(*kinds)]) if self.more.unfolded else self._filled
            more += [field.name for field in self.details.shown([n for n in names if n not in elements])]
        self.more.hold(self._named(more))
        main_parts = arranged([*self._named(main), *parts], _WHOLE_WIDTH)
        put(self.body, [*main_parts, self.own.note, self.more.whole])
        notes = "".join(markup.line("problem", problem, role="alert") for problem in self.details.problems)
        self.more.note.value = notes

    def _references(self) -> dict[str, frozenset[str]]:
        """Return the values that the conditions of the organisation's form refer to."""
        found = {}
        for name in ("severity", "type", "status", "visibility", "mode"):
            value = self.fields[name].read()
            found[f"incident.{name}"] = frozenset({str(getattr(value, "id", value))} if value else ())
        found["incident.name"] = frozenset({str(self.fields["name"].read())} - {""})
        return found | self.details.references()

    def make(self, values: Mapping[str, Any]) -> list[Draft]:
        """Return the declaration made from the fields."""
        return [
            Declaration(
                name=values["name"],
                summary=values["summary"],
                severity=values["severity"],
                type=values["type"],
                status=values["status"],
                mode=values["mode"] or _STANDARD,
                visibility=values["visibility"] or PUBLIC,
                **self.details.collected(values),
            )
        ]

    def problems_of(self, draft: Draft) -> dict[str, str]:
        """Return the problems of a declaration, by field; custom fields by ID, because names may be shared."""
        found = {name: problem for name, problem in draft.problems().items() if not name.startswith("field ")}
        entries = draft.fields if isinstance(draft, Declaration) else ()
        return found | {f"field {entry.field.id}": problem for entry in entries if (problem := entry.problem())}

    def more_problems(self, problems: dict[str, str]) -> dict[str, str]:
        """Return the problems, including elements that the organisation requires and that are empty."""
        return self.own.required(problems, self._references())

    def effects(self, drafts: Sequence[Draft]) -> list[tuple[str, str]]:
        """Return what differs from the default; custom fields, roles and times have their labels in this form."""
        (draft,) = drafts
        assert isinstance(draft, Declaration)  # noqa: S101  the form makes nothing else
        rows = draft.rows()
        names = self.details.row_names(draft)
        first = len(rows) - len(names)
        default = {"mode": _STANDARD, "visibility": PUBLIC, "summary": draft.summary.strip()}
        if self._default_type is not None:
            default["type"] = self._default_type.name
        kept = [(name, value) for name, value, _id in rows[:first] if value and default.get(name) != value]
        return kept + [(name, value) for name, (_name, value, _id) in zip(names, rows[first:], strict=True)]

    def place_of(self, name: str) -> str:
        """Return the field that shows the service's errors about `name`."""
        return self.details.named_like(name) if name.startswith("value_") else super().place_of(name)

    def _when(self, text: str) -> datetime:
        now = self.client.transport.now()
        return happened(text, declared=now, now=now, zone=self.client.settings.zone)


def _visibility(name: str) -> str:
    return "Private: invited people" if name == PRIVATE else "Public: everybody"
