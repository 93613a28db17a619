"""What a declaration may say besides: custom fields, roles and moments, folded away until wanted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HTML, Box, Button, VBox

from incidentio_magic.drafts import FieldEntry
from incidentio_magic.errors import IncidentioError
from incidentio_magic.selection import has_options
from incidentio_magic.widgets import markup
from incidentio_magic.widgets.fields import Choice, Field, Words
from incidentio_magic.widgets.finding import Finder, Several
from incidentio_magic.widgets.loading import together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.selection import Names

LONG: Final = 15  # more entries than this are searched, not scrolled through


class Moment(Words):
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


class Part:
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


class Details:
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
        self._held = {"field": Part("Custom fields"), "role": Part("Roles"), "at": Part("Timestamps")}

    @property
    def parts(self) -> list[Any]:
        """The widgets, in their order."""
        return [part.whole for part in self._held.values()]

    def offer(self, client: Incidents, found: Mapping[str, Any]) -> None:
        """Make the fields that are not there yet, and offer what the lists hold.

        Args:
            client: The connection.
            found: What was read, by name: records, or why they cannot be read.
        """
        for kind, names in (("field", ("custom fields",)), ("role", ("roles", "people")), ("at", ("timestamps",))):
            failed = [name for name in names if isinstance(found[name], IncidentioError)]
            said = "; ".join(f"The {name} cannot be read: {found[name].message}" for name in failed)
            self._held[kind].note.value = markup.line("note", said) if said else ""
            if not failed:
                self._offer_part(client, kind, found)

    def _offer_part(self, client: Incidents, kind: str, found: Mapping[str, Any]) -> None:
        if kind == "field":
            custom_fields: list[models.CustomField] = found["custom fields"]
            read = client.vocabulary.options
            options = together({one.id: partial(read, one) for one in custom_fields})
            for custom in custom_fields:
                self._offer_field(custom, options[custom.id])
        elif kind == "role":
            people = [one for one in found["people"] if one.is_active is not False]
            for role in found["roles"]:
                self._entry(kind, role, self._person).offer(people, names_of)
        else:
            for stamp in found["timestamps"]:
                self._entry(kind, stamp, self._moment)

    def prefill(
        self,
        client: Incidents,
        fields: Mapping[str, Names],
        roles: Mapping[str, str],
        moments: Mapping[str, str],
    ) -> None:
        """Put in what was given by name.

        Raises:
            UnknownName: If a name is not known.
        """
        words = client.vocabulary
        for name, value in fields.items():
            custom = words.field(name)
            texts = [value] if isinstance(value, str) else list(value)
            field = self._entries[f"field {custom.name}"][1]
            if has_options(custom):
                parts = [part.strip() for one in texts for part in one.split(",") if part.strip()]
                chosen = [words.option(custom, one) for one in parts]
                for one in chosen:
                    put(field, one)
            else:
                field.write(", ".join(texts))
        for name, person in roles.items():
            user = words.user(person)
            self._entries[f"role {words.role(name).name}"][1].write(names_of(user)[0])
        for name, moment in moments.items():
            self._entries[f"at {words.timestamp(name).name}"][1].write(moment)
        for kind, given in (("field", fields), ("role", roles), ("at", moments)):
            if given:
                self._held[kind].unfold(True)

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

    def named_like(self, name: str) -> str:
        """Return the only filled custom field that the service can mean by `name`, such as `value_link`."""
        kind = name.removeprefix("value_")
        filled = [
            key
            for key, (record, field) in self._entries.items()
            if key.startswith("field ") and record.field_type == kind and field.typed()
        ]
        return filled[0] if len(filled) == 1 else name

    def _offer_field(self, custom: models.CustomField, options: Any) -> None:
        if isinstance(options, IncidentioError):
            self._held["field"].note.value = markup.line("note", f"{custom.name} cannot be read: {options.message}")
            return
        field = self._entry("field", custom, partial(self._custom, count=len(options)))
        if isinstance(field, Finder):
            field.offer(options)
        elif isinstance(field, Choice):
            field.offer(options, lambda one: one.name)

    def _custom(self, name: str, custom: models.CustomField, count: int) -> Field:
        hint = markup.plain(custom.description or "")
        kind = f"value of {custom.name}"
        if not has_options(custom):
            examples = {"link": "https://…", "numeric": "a number"}
            example = examples.get(custom.field_type, "")
            return Words(name, custom.name, hint=hint, placeholder=example, changed=self._changed)
        if custom.field_type == "multi_select":
            placeholder = "type to search; add one after another"
            return Several(name, custom.name, kind=kind, hint=hint, placeholder=placeholder, changed=self._changed)
        if count > LONG:
            return Finder(name, custom.name, kind=kind, hint=hint, changed=self._changed)
        return Choice(name, custom.name, empty="(not set)", hint=hint, changed=self._changed)

    def _person(self, name: str, role: models.IncidentRole) -> Field:
        hint = markup.plain(role.description or "")
        return Finder(name, role.name, kind="person", placeholder="name or email", hint=hint, changed=self._changed)

    def _moment(self, name: str, stamp: models.IncidentTimestamp) -> Field:
        return Moment(name, stamp.name, when=self._when, changed=self._changed)

    def _entry(self, kind: str, record: Any, make: Callable[[str, Any], Field]) -> Any:
        """Return the field of a record, made if there is none yet."""
        name = f"{kind} {record.name}"
        if name in self._entries:
            field = self._entries[name][1]
        else:
            field = self._add(make(name, record))
            self._held[kind].hold(field)
        self._entries[name] = (record, field)
        return field


def put(field: Any, record: Any) -> None:
    """Choose a record in a field of any kind that holds records."""
    if isinstance(field, Several):
        field.add(record)
    elif isinstance(field, Finder):
        field.write(record.name)
    else:
        field.choose(record)


def names_of(user: models.User) -> list[str]:
    """Return the names by which a person is found; the first one is shown."""
    shown = f"{user.name} · {user.email}" if user.email else user.name
    return [shown, user.name, *([user.email] if user.email else [])]
