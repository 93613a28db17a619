"""The custom fields, roles and times of a declaration; each field is created when it is first shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api.models import Named
from incidentio_magic.errors import IncidentioError, InputError
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._sources import SHORT, Options, Source, people
from incidentio_magic.widgets.fields import Choice, Field, TextField, slug
from incidentio_magic.widgets.form_fields import error_line
from incidentio_magic.widgets.labels import distinct
from incidentio_magic.widgets.parallel_reads import read_together
from incidentio_magic.widgets.search_fields import MultiSelectField, SearchField
from incidentio_magic.writes.drafts import Declaration, FieldEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime, tzinfo

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.names.query import Names
    from incidentio_magic.widgets._prefill import Prefill

_LISTED: Final = 8  # at most this many lists of options are read for drop-down lists; the others are searched


class MomentField(TextField):
    """A field for a time, as people type it.

    Args:
        name: Its name in the draft.
        label: The label above it.
        when: Returns the time that a typed text means.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self, name: str, label: str, *, when: Callable[[str], datetime], changed: Callable[[Field], None]
    ) -> None:
        self._when = when
        super().__init__(name, label, changed=changed, placeholder="14:05, 20m (ago) or 2026-01-31T14:05")

    def read(self) -> Any:
        """Return the time, or None if nothing is typed.

        Raises:
            InputError: If it cannot be understood or lies in the future.
        """
        typed = super().read().strip()
        return self._when(typed) if typed else None


class DetailFields:
    """The custom fields, roles and times of a declaration.

    Args:
        add: Makes a field part of the form.
        changed: Called with a field when the user changes it.
        when: Returns the time that a typed text means.
    """

    def __init__(
        self, add: Callable[[Any], Any], changed: Callable[[Field], None], when: Callable[[str], datetime]
    ) -> None:
        self._add = add
        self._changed = changed
        self._when = when
        self._client: Incidents | None = None
        self._people: Source | None = None
        self._options: dict[str, Options] = {}
        self._records: dict[str, Any] = {}  # the records of possible fields, by field name
        self._labels: dict[str, str] = {}
        self._made: dict[str, Any] = {}
        self.problems: list[str] = []

    def offer(self, client: Incidents, found: Mapping[str, Any]) -> None:
        """Store the lists.

        Args:
            client: The connection, used to read people and options when the user searches.
            found: The lists by name: records, or the error if they cannot be read.
        """
        self._client = client
        self._people = people(client)
        self.problems = []
        more: dict[str, Callable[[Any], str]] = {
            "field": _kind_of,
            "role": lambda role: role.shortform or role.role_type or "",
            "at": lambda _stamp: "",
        }
        for kind, name in (("field", "custom fields"), ("role", "roles"), ("at", "timestamps")):
            records = found.get(name, [])
            if isinstance(records, IncidentioError):
                self.problems.append(f"The {name} cannot be read: {records.message}")
                continue
            labels = distinct(records, more[kind])
            self._records |= {f"{kind} {record.id}": record for record in records}
            self._labels |= {f"{kind} {record.id}": labels[record.id] for record in records}
        for name, field in self._made.items():
            if name.startswith("role "):
                field.source = self._people
            elif isinstance(field, SearchField):
                field.source = self._options[name] = Options(client, self._records[name])

    def names(self, *kinds: str) -> list[str]:
        """Return the names of all fields of the given kinds: field, role, at."""
        return [name for name in self._records if name.partition(" ")[0] in kinds]

    def can_change(self, name: str) -> bool:
        """Return whether a field can change in an existing incident; the reporter cannot."""
        return getattr(self._records[name], "role_type", "") != "reporter"

    def shown(self, names: Sequence[str]) -> list[Field]:
        """Return the fields with these names, created if they are shown for the first time; unknown names are ignored.

        The option lists of the first few fields are read, all at once.
        """
        new = [name for name in names if name in self._records and name not in self._made]
        self._read_options([name for name in new if name.startswith("field ")])
        for name in new:
            self._made[name] = self._make(name)
        return [self._made[name] for name in names if name in self._made]

    def _read_options(self, names: Sequence[str]) -> None:
        client = self._client
        assert client is not None  # noqa: S101  the lists are read before anything is shown
        sources = {name: Options(client, self._records[name]) for name in names if self._records[name].has_options}
        self._options |= sources
        first = [(name, source) for name, source in list(sources.items())[:_LISTED] if not source.is_long]
        found = read_together({name: partial(getattr, source, "index") for name, source in first})
        for name, result in found.items():
            if isinstance(result, IncidentioError):
                self.problems.append(f"{self._records[name].name} cannot be read: {result.message}")

    def _make(self, name: str) -> Field:
        kind, record, label = name.partition(" ")[0], self._records[name], self._labels[name]
        makers: dict[str, Callable[[str, Any, str], Field]] = {
            "field": self._custom,
            "role": self._role,
            "at": lambda name, _stamp, label: MomentField(name, label, when=self._when, changed=self._changed),
        }
        field: Field = makers[kind](name, record, label)
        field.add_class(f"incidentio-{kind}-{slug(record.name)}")
        self._add(field)
        return field

    def _custom(self, name: str, custom: models.CustomField, label: str) -> Field:
        hint = markup.plain(custom.description or "")
        if not custom.has_options:
            example = {"link": "https://…", "numeric": "a number"}.get(custom.field_type, "")
            return TextField(name, label, hint=hint, placeholder=example, changed=self._changed)
        source = self._options[name]
        kind = f"option of {custom.name}"
        if custom.field_type == "multi_select":
            return MultiSelectField(
                name,
                label,
                kind=kind,
                source=source,
                hint=hint,
                placeholder="type to search; add several",
                changed=self._changed,
            )
        if source.is_read and not source.partial and len(source.index) <= SHORT:
            choice = Choice(name, label, empty="(not set)", hint=hint, changed=self._changed)
            choice.offer(source.index.search("", SHORT), source.label)
            return choice
        return SearchField(name, label, kind=kind, source=source, hint=hint, changed=self._changed)

    def _role(self, name: str, role: models.IncidentRole, label: str) -> Field:
        assert self._people is not None  # noqa: S101  the lists are read before anything is shown
        return SearchField(
            name,
            label,
            kind="person",
            source=self._people,
            placeholder="name or email",
            hint=markup.plain(role.description or ""),
            changed=self._changed,
        )

    def prefill(self, client: Incidents, prefill: Prefill) -> list[str]:
        """Apply the initial values, and return the names of the fields that hold them.

        A value without a field becomes one of the `problems`.
        """
        words = client.vocabulary
        parts: tuple[tuple[str, Mapping[str, Any], Callable[[str], Any], Callable[[Any, Any], None]], ...] = (
            ("field", prefill.field, words.field, self._fill_field),
            ("role", prefill.role, words.role, self._fill_role),
            ("at", prefill.timestamp, words.timestamp, self._fill_time),
        )
        filled = []
        for kind, given, record_of, fill in parts:
            for typed, value in given.items():
                try:
                    record = record_of(typed)
                except IncidentioError as error:
                    self.problems.append(error_line(error))
                    continue
                name = f"{kind} {record.id}"
                if name not in self._records:
                    self._records[name], self._labels[name] = record, record.name
                self.shown([name])
                fill(self._made[name], value)
                filled.append(name)
        return filled

    def _fill_field(self, field: Any, value: Names) -> None:
        texts = [value] if isinstance(value, str) else list(value)
        if isinstance(field, TextField):
            field.write(", ".join(texts))
            field.touched = True
            return
        custom = self._records[field.name]
        parts = [text for given in texts for text in (given.split(",") if isinstance(value, str) else [given])]
        for part in filter(None, map(str.strip, parts)):
            source = self._options[field.name]
            try:
                found = source.look_up(part)
            except IncidentioError as error:
                field.refuse(part, error_line(error))
                continue
            if len(found) == 1:
                field.choose(found[0])
            else:
                near = source.index.close_to(part)
                hint = f"; did you mean {' or '.join(near)}?" if near else ""
                field.refuse(part, f"'{part}' is not an option of {custom.name}{hint}")

    def _fill_role(self, field: Any, person: str) -> None:
        assert self._client is not None  # noqa: S101  the lists are read before anything is filled
        try:
            field.choose(self._client.vocabulary.user(person))
        except InputError as error:
            field.refuse(person, error_line(error))

    def _fill_time(self, field: Any, typed: str) -> None:
        field.write(typed)
        field.touched = True

    def collected(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts of a declaration made from the visible fields."""
        collected: dict[str, list[Any]] = {"field": [], "role": [], "at": []}
        for name, field in self._made.items():
            value = values[name]
            if not field.shown or not value or (isinstance(value, str) and not value.strip()):
                continue
            kind, record = name.partition(" ")[0], self._records[name]
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

    def show_present(self, incident: models.Incident, names: Sequence[str], zone: tzinfo, *, masked: bool) -> set[str]:
        """Fill fields with an incident's current values.

        Args:
            incident: The incident.
            names: The names of the fields.
            zone: The time zone of shown times.
            masked: Whether to leave out texts because the incident is private; a notebook saves what its forms show.

        Returns:
            The names of the fields with omitted texts.
        """
        left_out = set()
        entries = {entry.custom_field.id: entry for entry in incident.custom_field_entries or ()}
        people = {given.role.id: given.assignee for given in incident.incident_role_assignments or ()}
        moments = {
            stamp.incident_timestamp.id: stamp.value.value if stamp.value else None
            for stamp in incident.incident_timestamp_values or ()
        }
        for name in names:
            kind, _space, identity = name.partition(" ")
            field = self._made.get(name)
            if field is None:
                continue
            field.clear()
            if kind == "field" and identity in entries:
                if masked and isinstance(field, TextField) and entries[identity].texts:
                    left_out.add(name)
                else:
                    _show_values(field, entries[identity])
            elif kind == "role" and people.get(identity) is not None:
                field.choose(people[identity])
            elif kind == "at" and (moment := moments.get(identity)) is not None:
                field.write(f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}")
        return left_out

    def changes(self, values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
        """Return the parts of an edit made from fields; an empty field unsets its property.

        Args:
            values: The value of each field.
            names: The names of the fields that were changed.
        """
        changes: dict[str, list[Any]] = {"field": [], "role": [], "at": []}
        for name in names:
            kind, record, value = name.partition(" ")[0], self._records[name], values[name]
            if not value and self._made[name].typed():
                continue  # the text is invalid; the field shows why
            if kind == "field":
                parts = value if isinstance(value, tuple) else (value.strip() if isinstance(value, str) else value,)
                changes[kind].append(FieldEntry(record, tuple(part for part in parts if part)))
            elif value or kind == "role":
                changes[kind].append((record, value or None))
        return {
            "fields": tuple(changes["field"]),
            "roles": tuple(changes["role"]),
            "timestamps": tuple(changes["at"]),
        }

    def label(self, name: str) -> str:
        """Return a field's label."""
        return self._labels.get(name, name)

    def row_names(self, draft: Declaration) -> list[str]:
        """Return the labels of the preview rows for custom fields, roles and times, in order."""
        names = [
            *(f"field {entry.field.id}" for entry in draft.fields),
            *(f"role {role.id}" for role, _person in draft.roles),
            *(f"at {stamp.id}" for stamp, _time in draft.timestamps),
        ]
        return [self.label(name) for name in names]

    def references(self, names: Collection[str] | None = None) -> dict[str, frozenset[str]]:
        """Return the values of custom fields and roles, by the references that a form's conditions use.

        Args:
            names: The names of the fields; all by default.
        """
        roots = {"field": "incident.custom_field", "role": "incident.role"}
        found = {}
        for name in self.names("field", "role"):
            if names is not None and name not in names:
                continue
            kind, _space, identity = name.partition(" ")
            found[f"{roots[kind]}[{identity}]"] = _present(self._made.get(name))
        return found

    def named_like(self, name: str) -> str:
        """Return the only filled custom field that a name in the service's error, such as `value_link`, can mean."""
        kind = name.removeprefix("value_")
        filled = [
            key
            for key, field in self._made.items()
            if key.startswith("field ") and self._records[key].field_type == kind and field.typed()
        ]
        return filled[0] if len(filled) == 1 else name


def _show_values(field: Any, entry: models.CustomFieldEntry) -> None:
    """Put the values of a custom field into its form field, including values that are no longer offered."""
    if isinstance(field, TextField):
        field.write(", ".join(entry.texts))
        return
    for value in entry.values or ():
        option, known = value.value_option, value.value_catalog_entry
        if option is not None:
            record = Named(option.id, option.value)
        elif known is not None:
            record = Named(known.id, known.name)
        else:
            continue
        if isinstance(field, Choice) and all(offered.id != record.id for offered in field.records):
            field.offer_also(record)
        field.choose(record)


def _present(field: Any) -> frozenset[str]:
    if field is None:
        return frozenset()
    try:
        value = field.read()
    except IncidentioError:
        return frozenset()
    values = value if isinstance(value, tuple) else (value,)
    return frozenset(str(getattr(part, "id", part)) for part in values if part)


def _kind_of(custom: models.CustomField) -> str:
    kind = custom.field_type.replace("_", " ")
    return f"{kind}, catalog" if custom.catalog_type_id else kind
