"""What a declaration may say besides: custom fields, roles and moments, folded away until wanted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HTML, Box, Button, VBox

from incidentio_magic.errors import IncidentioError, InputError
from incidentio_magic.widgets import markup
from incidentio_magic.widgets.fields import Choice, Field, TextField, label_of, slug
from incidentio_magic.widgets.form_fields import error_line
from incidentio_magic.widgets.parallel_reads import read_together
from incidentio_magic.widgets.search_fields import MultiSelectField, SearchField
from incidentio_magic.writes.drafts import Declaration, FieldEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.names.query import Names
    from incidentio_magic.names.vocabulary import Vocabulary

LONGEST_LIST: Final = 15  # more entries than this are searched, not scrolled through


class MomentField(TextField):
    """A moment, as people type it.

    Args:
        name: Its name in the draft.
        label: What stands above it.
        when: Returns the moment that a text names.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self, name: str, label: str, *, when: Callable[[str], datetime], changed: Callable[[Field], None]
    ) -> None:
        self._when = when
        super().__init__(name, label, changed=changed, placeholder="14:05, 20m (ago) or 2026-01-31T14:05")

    def read(self) -> Any:
        """Return the moment, or None if nothing is typed.

        Raises:
            InputError: If it cannot be understood or lies in the future.
        """
        typed = super().read().strip()
        return self._when(typed) if typed else None


class Section:
    """Some fields behind a button that unfolds them.

    Args:
        title: What they are.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.button = Button().add_class("incidentio-disclose")
        self.button.on_click(lambda _button: self.unfold(not self.unfolded))
        self.note = HTML()
        self.grid = Box().add_class("incidentio-grid")
        self.inside = VBox([self.note, self.grid]).add_class("incidentio-part")
        self.whole = VBox([self.button, self.inside])
        self.unfold(False)

    @property
    def unfolded(self) -> bool:
        """Whether the fields are seen."""
        return self.inside.layout.display is None

    def unfold(self, unfolded: bool) -> None:
        """Show the fields, or fold them away."""
        self.inside.layout.display = None if unfolded else "none"
        self._show()

    def hold(self, field: Field) -> None:
        """Take in one more field."""
        self.grid.children = (*self.grid.children, field)
        self._show()

    def _show(self) -> None:
        self.button.description = f"{'▾' if self.unfolded else '▸'} {self.title} ({len(self.grid.children)})"


class DetailFields:
    """The custom fields, roles and moments of a declaration.

    Args:
        add: Makes a field part of the form.
        changed: Called with a field when the user changes it.
        when: Returns the moment that a text names.
    """

    def __init__(
        self, add: Callable[[Any], Any], changed: Callable[[Field], None], when: Callable[[str], datetime]
    ) -> None:
        self._add = add
        self._changed = changed
        self._when = when
        self._entries: dict[str, tuple[Any, Any]] = {}
        self._held = {"field": Section("Custom fields"), "role": Section("Roles"), "at": Section("Timestamps")}

    @property
    def parts(self) -> list[Any]:
        """The widgets, in their order."""
        return [part.whole for part in self._held.values()]

    def offer(self, found: Mapping[str, Any]) -> None:
        """Make the fields that are not there yet, and offer what the lists hold.

        Args:
            found: What was read, by name: records, or why they cannot be read.
        """
        for kind, names in (("field", ("custom fields",)), ("role", ("roles", "people")), ("at", ("timestamps",))):
            failed = [name for name in names if isinstance(found[name], IncidentioError)]
            problem = "; ".join(f"The {name} cannot be read: {found[name].message}" for name in failed)
            self._held[kind].note.value = markup.line("note", problem) if problem else ""
            if not failed:
                self._offer_part(kind, found)

    def _offer_part(self, kind: str, found: Mapping[str, Any]) -> None:
        if kind == "field":
            labels = distinct([custom for custom, _options in found["custom fields"]], _kind_of)
            for custom, options in found["custom fields"]:
                self._offer_field(custom, labels[custom.id], options)
        elif kind == "role":
            people = [record for record in found["people"] if record.is_active is not False]
            labels = distinct(found["roles"], lambda record: record.shortform or record.role_type or "")
            for role in found["roles"]:
                self._entry(kind, role, labels[role.id], self._person).offer(people, names_of)
        else:
            labels = distinct(found["timestamps"], lambda _one: "")
            for stamp in found["timestamps"]:
                self._entry(kind, stamp, labels[stamp.id], self._moment)

    def prefill(
        self,
        client: Incidents,
        fields: Mapping[str, Names],
        roles: Mapping[str, str],
        moments: Mapping[str, str],
    ) -> None:
        """Put in what was given by name; what there is not is told beside the field, or above the fields.

        Args:
            client: The connection.
            fields: Values by custom field name.
            roles: People by role name.
            moments: Moments by timestamp name.
        """
        words = client.vocabulary
        parts: tuple[tuple[str, Mapping[str, Any], Callable[[str], Any], Callable[[Any, Any], None]], ...] = (
            ("field", fields, words.field, partial(self._fill_field, client)),
            ("role", roles, words.role, partial(self._fill_role, client)),
            ("at", moments, words.timestamp, self._fill_moment),
        )
        for kind, given, record_of, fill in parts:
            for name, value in given.items():
                try:
                    record = record_of(name)
                except InputError as error:
                    self._held[kind].note.value += markup.line("problem", error_line(error), role="alert")
                    continue
                if f"{kind} {record.id}" in self._entries:
                    fill(record, value)
            if given:
                self._held[kind].unfold(True)

    def _fill_field(self, client: Incidents, custom: models.CustomField, value: Names) -> None:
        texts = [value] if isinstance(value, str) else list(value)
        field = self._entries[f"field {custom.id}"][1]
        if not custom.has_options:
            field.write(", ".join(texts))
            field.touched = True
            return
        for part in (part.strip() for record in texts for part in record.split(",") if part.strip()):
            try:
                put(field, client.vocabulary.option(custom, part))
            except InputError as error:
                field.refuse(part, error_line(error))

    def _fill_role(self, client: Incidents, role: models.IncidentRole, person: str) -> None:
        field = self._entries[f"role {role.id}"][1]
        try:
            field.write(names_of(client.vocabulary.user(person))[0])
        except InputError as error:
            field.refuse(person, error_line(error))

    def _fill_moment(self, stamp: models.IncidentTimestamp, moment: str) -> None:
        field = self._entries[f"at {stamp.id}"][1]
        field.write(moment)
        field.touched = True

    def collected(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts of a declaration that the fields' values stand for."""
        collected: dict[str, list[Any]] = {"field": [], "role": [], "at": []}
        for name, (record, _field) in self._entries.items():
            value = values[name]
            if not value or (isinstance(value, str) and not value.strip()):
                continue
            kind = name.partition(" ")[0]
            if kind == "field":
                several = value if isinstance(value, tuple) else (value.strip() if isinstance(value, str) else value,)
                collected[kind].append(FieldEntry(record, several))
            else:
                collected[kind].append((record, value))
        return {
            "fields": tuple(collected["field"]),
            "roles": tuple(collected["role"]),
            "timestamps": tuple(collected["at"]),
        }

    def names(self, draft: Declaration) -> list[str]:
        """Return what the rows of a declaration's collections are called, in their order."""
        records = [
            *(("field", record.field) for record in draft.fields),
            *(("role", record) for record, _person in draft.roles),
            *(("at", record) for record, _moment in draft.timestamps),
        ]
        return [f"{kind} {self._entries[f'{kind} {record.id}'][1].label}" for kind, record in records]

    def named_like(self, name: str) -> str:
        """Return the only filled custom field that the service can mean by `name`, such as `value_link`."""
        kind = name.removeprefix("value_")
        filled = [
            key
            for key, (record, field) in self._entries.items()
            if key.startswith("field ") and record.field_type == kind and field.typed()
        ]
        return filled[0] if len(filled) == 1 else name

    def _offer_field(self, custom: models.CustomField, label: str, options: Any) -> None:
        if isinstance(options, IncidentioError):
            self._held["field"].note.value = markup.line("note", f"{custom.name} cannot be read: {options.message}")
            return
        field = self._entry("field", custom, label, partial(self._custom, count=len(options)))
        if isinstance(field, SearchField):
            field.offer(options)
        elif isinstance(field, Choice):
            field.offer(options, lambda record: record.name)

    def _custom(self, name: str, custom: models.CustomField, count: int) -> Field:
        hint = markup.plain(custom.description or "")
        kind = f"value of {custom.name}"
        if not custom.has_options:
            examples = {"link": "https://…", "numeric": "a number"}
            example = examples.get(custom.field_type, "")
            return TextField(name, custom.name, hint=hint, placeholder=example, changed=self._changed)
        if custom.field_type == "multi_select":
            placeholder = "type to search; add one after another"
            return MultiSelectField(
                name, custom.name, kind=kind, hint=hint, placeholder=placeholder, changed=self._changed
            )
        if count > LONGEST_LIST:
            return SearchField(name, custom.name, kind=kind, hint=hint, changed=self._changed)
        return Choice(name, custom.name, empty="(not set)", hint=hint, changed=self._changed)

    def _person(self, name: str, role: models.IncidentRole) -> Field:
        hint = markup.plain(role.description or "")
        return SearchField(
            name, role.name, kind="person", placeholder="name or email", hint=hint, changed=self._changed
        )

    def _moment(self, name: str, stamp: models.IncidentTimestamp) -> Field:
        return MomentField(name, stamp.name, when=self._when, changed=self._changed)

    def _entry(self, kind: str, record: Any, label: str, make: Callable[[str, Any], Field]) -> Any:
        """Return the field of a record, made if there is none yet."""
        name = f"{kind} {record.id}"
        if name in self._entries:
            field = self._entries[name][1]
        else:
            field = self._add(make(name, record).add_class(f"incidentio-{kind}-{slug(record.name)}"))
            self._held[kind].hold(field)
        field.control.description = label_of(label)
        self._entries[name] = (record, field)
        return field


def fields_with_options(words: Vocabulary) -> list[tuple[models.CustomField, Any]]:
    """Return the custom fields, each with the values it offers or with why they cannot be read."""
    fields = words.fields()
    options = read_together({record.id: partial(words.options, record) for record in fields})
    return [(record, options[record.id]) for record in fields]


def distinct(records: Sequence[Any], more: Callable[[Any], str]) -> dict[str, str]:
    """Return what to call records, by ID: their names, and where several share one, what tells them apart.

    Args:
        records: Each has an id and a name.
        more: Returns what tells one apart from another of the same name; empty if nothing does.
    """

    def shared(names: Mapping[str, str], identity: str) -> bool:
        return sum(name.casefold() == names[identity].casefold() for name in names.values()) > 1

    names = {record.id: record.name for record in records}
    longer = {
        record.id: f"{record.name} ({more(record) or record.id})" if shared(names, record.id) else record.name
        for record in records
    }
    return {
        record.id: f"{record.name} ({record.id})" if shared(longer, record.id) else longer[record.id]
        for record in records
    }


def _kind_of(custom: models.CustomField) -> str:
    kind = custom.field_type.replace("_", " ")
    return f"{kind}, catalog" if custom.catalog_type_id else kind


def put(field: Any, record: Any) -> None:
    """Choose a record in a field of any kind that holds records."""
    if isinstance(field, MultiSelectField):
        field.add(record)
    elif isinstance(field, SearchField):
        field.write(record.name)
    else:
        field.choose(record)


def names_of(user: models.User) -> list[str]:
    """Return the names by which a person is found; the first one is shown."""
    shown = f"{user.name} · {user.email}" if user.email else user.name
    return [shown, user.name, *([user.email] if user.email else [])]
