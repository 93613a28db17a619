"""The form that declares an incident."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import Box

from incidentio_magic.api import models
from incidentio_magic.api.models import TEST
from incidentio_magic.errors import InputError
from incidentio_magic.names.times import happened
from incidentio_magic.widgets import markup
from incidentio_magic.widgets.detail_fields import DetailFields, fields_with_options
from incidentio_magic.widgets.fields import Choice, TextField
from incidentio_magic.widgets.form import Form
from incidentio_magic.widgets.labels import category, with_description
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.parallel_reads import read_together, require
from incidentio_magic.writes.drafts import PRIVATE, PUBLIC, Declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from incidentio_magic.client import Incidents
    from incidentio_magic.names.query import Names
    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome

_STANDARD = "standard"


class DeclareForm(Form):
    """Declares an incident.

    Args:
        client: The connection, or what returns the present one.
        render: Computes the templates in the summary.
        on_sent: Called with how the write ended.
        name: What is wrong, in a line.
        summary: More about it, in Markdown.
        severity: The severity's name.
        type: The type's name.
        status: The first status's name.
        mode: standard, retrospective, test or tutorial.
        private: Whether only invited people see it.
        role: People by role name.
        field: Values by custom field name.
        timestamp: Moments by timestamp name.
        lazy: Whether the lists are read only when the form is shown.
    """

    heading = "Declare an incident"
    action = "Declare"
    another = "Declare another"
    effect = "This will declare:"
    always = ("name", "summary", "severity", "type", "status", "mode", "visibility")

    def __init__(
        self,
        client: Incidents | Callable[[], Incidents],
        *,
        render: Callable[[str], str] | None = None,
        on_sent: Callable[[Outcome], None] | None = None,
        name: str = "",
        summary: str = "",
        severity: str = "",
        type: str = "",  # noqa: A002  the field's own name
        status: str = "",
        mode: str = "",
        private: bool | None = None,
        role: Mapping[str, str] | None = None,
        field: Mapping[str, Names] | None = None,
        timestamp: Mapping[str, str] | None = None,
        lazy: bool = False,
    ) -> None:
        self._given: dict[str, Any] = {
            "name": name,
            "summary": summary,
            "severity": severity,
            "type": type,
            "status": status,
            "mode": mode,
            "private": private,
        }
        self._details_given = (field or {}, role or {}, timestamp or {})
        self._severities: list[models.Severity] = []
        self._statuses: list[models.IncidentStatus] = []
        super().__init__(client, render=render, on_sent=on_sent, lazy=lazy)

    def build(self) -> list[Any]:
        """Make the fields, still without lists."""
        changed = self.changed
        self.add(TextField("name", "Name", changed=changed, placeholder="What is wrong, in a line"))
        self.add(
            MarkdownField(
                "summary",
                "Summary",
                render=self._render,
                changed=changed,
                placeholder=f"What is known, whom it affects. {self._works}",
            )
        )
        self.add(Choice("severity", "Severity", buttons=True, changed=changed))
        for name, label in (("type", "Type"), ("visibility", "Visibility"), ("mode", "Mode"), ("status", "Status")):
            self.add(Choice(name, label, changed=changed))
        self._details = DetailFields(self.add, changed, self._when)
        name, summary, severity, *rest = self.fields.values()
        return [
            name,
            summary,
            severity,
            Box(rest).add_class("incidentio-grid").add_class("incidentio-four"),
            *self._details.parts,
        ]

    def read_lists(self, client: Incidents) -> None:
        """Read the lists, all at once, and offer them."""
        words = client.vocabulary
        found = read_together(
            {
                "identity": words.identity,
                "severities": words.severities,
                "statuses": words.statuses,
                "types": words.types,
                "custom fields": partial(fields_with_options, words),
                "roles": words.roles,
                "people": words.users,
                "timestamps": words.timestamps,
            }
        )
        require(found, "identity", "severities", "statuses", "types")
        self._severities = found["severities"]
        self._statuses = found["statuses"]
        fields = self.fields
        fields["type"].offer(found["types"], lambda record: record.name)
        if fields["type"].read() is None and not fields["type"].unmet and found["types"]:
            fields["type"].choose(found["types"][0])
        modes = (TEST,) if client.training else models.MODES
        fields["mode"].offer(modes, str)
        if fields["mode"].read() is None and not fields["mode"].unmet:
            fields["mode"].choose(modes[0])
        self._details.offer(found)
        self._fit()
        self._prefill(client)

    def _prefill(self, client: Incidents) -> None:
        given, fields, words = self._given, self.fields, client.vocabulary
        for name in ("type",) if client.training else ("type", "mode"):
            self.given(name, given[name], partial(self._put, name, getattr(words, name)))
        self._fit()
        for name in ("severity", "status"):
            self.given(name, given[name], partial(self._put, name, getattr(words, name)))
        if given["private"]:
            fields["visibility"].choose(PRIVATE)
        for name in ("name", "summary"):
            if given[name]:
                fields[name].write(given[name])
        self._details.prefill(client, *self._details_given)
        # What was given is put in once; later readings of the lists keep what the user made of it.
        self._given = dict.fromkeys(given)
        self._details_given = ({}, {}, {})

    def _put(self, name: str, record_of: Callable[[str], Any]) -> None:
        record = record_of(self._given[name])
        field: Any = self.fields[name]
        field.choose(record)
        if field.read() is None:
            raise InputError(f"{self._given[name]} is not possible here", hint="choose another")

    def adapt(self) -> None:
        """Offer what the chosen type and mode allow."""
        self._fit()

    def _fit(self) -> None:
        fields = self.fields
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
        statuses = [] if triage == "always" else [record for record in self._statuses if record.category in allowed]
        first = "Triage (always, for this type)" if triage == "always" else "The default"
        fields["status"].offer(statuses, lambda record: f"{record.name} ({category(record.category)})", empty=first)
        fields["status"].disabled = triage == "always"
        starts_in_triage = Declaration("", type=kind, status=fields["status"].read()).starts_in_triage
        fields["severity"].offer(
            list(reversed(self._severities)), with_description, empty="Not decided yet" if starts_in_triage else ""
        )

    def make(self) -> list[Draft]:
        """Return the declaration that the fields stand for."""
        values = self.values()
        return [
            Declaration(
                name=values["name"],
                summary=values["summary"],
                severity=values["severity"],
                type=values["type"],
                status=values["status"],
                mode=values["mode"] or _STANDARD,
                visibility=values["visibility"] or PUBLIC,
                **self._details.collected(values),
            )
        ]

    def problems_of(self, draft: Draft) -> dict[str, str]:
        """Return what is wrong with a declaration, by field; custom fields by their IDs, since names may be shared."""
        found = {name: problem for name, problem in draft.problems().items() if not name.startswith("field ")}
        entries = draft.fields if isinstance(draft, Declaration) else ()
        return found | {f"field {record.field.id}": problem for record in entries if (problem := record.problem())}

    def effects(self, drafts: list[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, with custom fields, roles and timestamps as they are labelled here."""
        rows = super().effects(drafts)
        names = [name for draft in drafts if isinstance(draft, Declaration) for name in self._details.names(draft)]
        first = len(rows) - len(names)
        return rows[:first] + [(name, value) for name, (_name, value) in zip(names, rows[first:], strict=True)]

    def default_text(self, name: str) -> str:
        """Return what it means that nothing is said about `name`."""
        return "the default one" if name == "status" else super().default_text(name)

    def place_of(self, name: str) -> str:
        """Return which field shows what the service says about its field `name`."""
        return self._details.named_like(name) if name.startswith("value_") else super().place_of(name)

    def _when(self, text: str) -> datetime:
        now = self.client.transport.now()
        return happened(text, declared=now, now=now, zone=self.client.settings.zone)


def _visibility(name: str) -> str:
    return "Private: invited people" if name == PRIVATE else "Public: everybody"
