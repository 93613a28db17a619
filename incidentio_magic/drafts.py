"""What is about to be written: frozen values with resolved IDs that know their problems, payload and key."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from incidentio_magic.api import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row = tuple[str, str, str]
"""A line of a preview: the field, what it will be in words, and the ID that stands for it."""

TEST: Final = "test"
PRIVATE: Final = "private"
PUBLIC: Final = "public"

_LONGEST_NAME: Final = 500

# Which categories an incident may move to from each category; moves within a category are always allowed.
_MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "triage": ("triage", "live", "learning", "closed"),
    "live": ("live", "learning", "closed"),
    "learning": ("learning", "closed"),
    "closed": ("closed",),
}


def legal_statuses(
    present: models.IncidentStatus, statuses: Iterable[models.IncidentStatus]
) -> list[models.IncidentStatus]:
    """Return the statuses an incident may move to from `present`, itself excepted."""
    allowed = _MOVES.get(present.category, ())
    return [one for one in statuses if one.category in allowed and one.id != present.id]


def intent_key(verb: str, organisation: str, payload: Mapping[str, Any]) -> str:
    """Return the idempotency key of an intent: the same for the same content, in every kernel and on every day."""
    text = _canonical([verb, organisation, _in_order(payload)])
    return f"{verb}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _in_order(value: Any) -> Any:
    """Return a payload with its lists sorted: fields, roles and options are sets, however they were typed."""
    if isinstance(value, dict):
        return {name: _in_order(one) for name, one in value.items()}
    return sorted(map(_in_order, value), key=_canonical) if isinstance(value, list) else value


def chained_key(key: str, result: str) -> str:
    """Return the key of the deliberate repeat of a write whose key was `key` and whose result was `result`."""
    verb = key.partition("-")[0]
    return f"{verb}-{hashlib.sha256(f'{key} {result}'.encode()).hexdigest()[:40]}"


def tidy(text: str) -> str:
    """Return `text` with uniform line ends and no blank edges, so that how it was typed does not change its key."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


@dataclass(frozen=True, repr=False)
class FieldEntry:
    """A custom field and the values it shall have: options by their record, other values as text; none unsets it."""

    field: models.CustomField
    values: tuple[models.Named | str, ...]

    def payload(self) -> dict[str, Any]:
        """Return the entry as the API wants it."""
        return {"custom_field_id": self.field.id, "values": [self._value(one) for one in self.values]}

    def _value(self, value: models.Named | str) -> dict[str, str]:
        if isinstance(value, models.Named):
            return {"value_catalog_entry_id" if self.field.catalog_type_id else "value_option_id": value.id}
        return {f"value_{self.field.field_type}": value}

    def problem(self) -> str:
        """Return what is wrong with the values, or nothing."""
        kind = self.field.field_type
        if len(self.values) > 1 and kind != "multi_select":
            return "takes one value only"
        for value in self.values:
            if kind == "link" and not _is_link(value):
                return "takes a link that begins with https://"
            if kind == "numeric" and not _is_number(value):
                return "takes a number"
        return ""

    def shown(self) -> str:
        """Return the values in words."""
        return ", ".join(one.name if isinstance(one, models.Named) else one for one in self.values) or "(unset)"

    def comparable(self) -> frozenset[str]:
        """Return the values as IDs and texts, to compare with what an incident has."""
        numeric = self.field.field_type == "numeric"
        texts = (one.id if isinstance(one, models.Named) else one for one in self.values)
        return frozenset(_number(text) if numeric else text for text in texts)


def _is_number(value: object) -> bool:
    text = str(value)
    try:
        return math.isfinite(float(text)) and text.isascii() and "_" not in text
    except ValueError:
        return False


def _number(text: str) -> str:
    """Return a number's one form, since 42 and 42.0 are the same value."""
    return repr(float(text)) if _is_number(text) else text


def _is_link(value: object) -> bool:
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"} and bool(parts.netloc) and str(value).isprintable() and " " not in str(value)
    )


def _name_problem(name: str) -> str:
    if not tidy(name):
        return "a name is needed: the first line says what is wrong"
    if len(tidy(name)) > _LONGEST_NAME or "\n" in tidy(name):
        return f"a name is one line of at most {_LONGEST_NAME} characters"
    return ""


@dataclass(frozen=True, repr=False)
class Declaration:
    """An incident about to be declared.

    Args:
        name: What is wrong, in a line.
        summary: More about it, in Markdown.
        severity: Its severity; needed unless it starts in triage.
        type: Its type, or None for the organisation's default.
        status: Its first status, or None for the service's choice.
        mode: standard, retrospective, test or tutorial.
        visibility: public or private.
        fields: Custom fields.
        roles: Who takes which role.
        timestamps: Moments to record.
        typed: What was typed for those of them that depend on the time of typing, by timestamp ID: the intent is "20m
            ago", whichever moment that is when the cell is run again.
    """

    verb: ClassVar[str] = "declare"

    name: str
    summary: str = ""
    severity: models.Severity | None = None
    type: models.IncidentType | None = None
    status: models.IncidentStatus | None = None
    mode: str = "standard"
    visibility: str = PUBLIC
    fields: tuple[FieldEntry, ...] = ()
    roles: tuple[tuple[models.IncidentRole, models.User], ...] = ()
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def starts_in_triage(self) -> bool:
        """Whether it will be declared into triage, where no severity is needed."""
        if self.status is not None:
            return self.status.category == "triage"
        return self.type is not None and self.type.create_in_triage == "always"

    def problems(self) -> dict[str, str]:
        """Return what keeps it from being sent, by field."""
        problems = {}
        if problem := _name_problem(self.name):
            problems["name"] = problem
        if self.severity is None and not self.starts_in_triage:
            problems["severity"] = "a severity is needed to open an incident"
        if self.type and self.type.private_incidents_only and self.visibility != PRIVATE:
            problems["visibility"] = f"incidents of the type {self.type.name} are always private"
        for entry in self.fields:
            if problem := entry.problem():
                problems[f"field {entry.field.name}"] = problem
        return problems

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incidents`, without the idempotency key."""
        body: dict[str, Any] = {"name": tidy(self.name), "visibility": self.visibility, "mode": self.mode}
        if summary := tidy(self.summary):
            body["summary"] = summary
        if self.severity:
            body["severity_id"] = self.severity.id
        if self.type:
            body["incident_type_id"] = self.type.id
        if self.status:
            body["incident_status_id"] = self.status.id
        return body | _collections(self.fields, self.roles, self.timestamps)

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        payload = self.payload()
        typed = dict(self.typed)
        for entry in payload.get("incident_timestamp_values", ()):
            entry["value"] = typed.get(entry["incident_timestamp_id"], entry["value"])
        return intent_key(self.verb, organisation, payload)

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [("name", tidy(self.name), "")]
        if summary := tidy(self.summary):
            rows.append(("summary", summary, ""))
        rows += _named_rows(severity=self.severity, type=self.type, status=self.status)
        rows += [("mode", self.mode, ""), ("visibility", self.visibility, "")]
        return rows + _collection_rows(self.fields, self.roles, self.timestamps)


@dataclass(frozen=True, repr=False)
class Update:
    """An update about to be shared: a message, a new status, a new severity, or any of them together."""

    verb: ClassVar[str] = "update"

    incident: models.Incident
    message: str = ""
    status: models.IncidentStatus | None = None
    severity: models.Severity | None = None

    def problems(self) -> dict[str, str]:
        """Return what keeps it from being sent, by field."""
        if not tidy(self.message) and not self.status and not self.severity:
            return {"message": "the update says nothing: write a message, or give a status or a severity"}
        return {}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incident_updates`, without the idempotency key."""
        body: dict[str, Any] = {"incident_id": self.incident.id}
        if message := tidy(self.message):
            body["message"] = message
        if self.status:
            body["to_incident_status_id"] = self.status.id
        if self.severity:
            body["to_severity_id"] = self.severity.id
        return body

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        return intent_key(self.verb, organisation, self.payload())

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [_incident_row(self.incident)]
        if message := tidy(self.message):
            rows.append(("message", message, ""))
        return rows + _named_rows(status=self.status, severity=self.severity)


@dataclass(frozen=True, repr=False)
class Event:
    """An item about to be added to an incident's timeline.

    Args:
        incident: Whose timeline.
        title: What happened, in a line.
        at: When it happened.
        description: More about it, in Markdown.
        typed: What was typed for the time where that depends on the time of typing ("20m", or nothing for now): the
            intent is that text, whichever moment it is when the cell is run again. None where the time is fixed.
    """

    verb: ClassVar[str] = "event"

    incident: models.Incident
    title: str
    at: datetime
    description: str = ""
    typed: str | None = None

    def problems(self) -> dict[str, str]:
        """Return what keeps it from being sent, by field."""
        return {} if tidy(self.title) else {"title": "a title is needed: the first line says what happened"}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incident_timeline_items`, without the idempotency key."""
        body = {"incident_id": self.incident.id, "title": tidy(self.title), "timestamp": _rfc3339(self.at)}
        if description := tidy(self.description):
            body["description"] = description
        return body

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        payload = self.payload()
        if self.typed is not None:
            payload["timestamp"] = self.typed
        return intent_key(self.verb, organisation, payload)

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [_incident_row(self.incident), ("at", f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", "")]
        rows.append(("title", tidy(self.title), ""))
        return rows + ([("description", tidy(self.description), "")] if tidy(self.description) else [])


@dataclass(frozen=True, repr=False)
class Page:
    """People about to be paged, by an escalation path or directly."""

    verb: ClassVar[str] = "page"

    incident: models.Incident
    title: str
    path: models.EscalationPath | None = None
    users: tuple[models.User, ...] = ()
    description: str = ""

    def problems(self) -> dict[str, str]:
        """Return what keeps it from being sent, by field."""
        problems = {} if tidy(self.title) else {"title": "a title is needed: it is what the paged people read"}
        if bool(self.path) == bool(self.users):
            problems["to"] = "page either an escalation path or people"
        return problems

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/escalations`, without the idempotency key."""
        body: dict[str, Any] = {"incident_id": self.incident.id, "title": tidy(self.title)}
        if description := tidy(self.description):
            body["description"] = description
        if self.path:
            body["escalation_path_id"] = self.path.id
        if self.users:
            body["user_ids"] = sorted({user.id for user in self.users})
        return body

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        return intent_key(self.verb, organisation, self.payload())

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [_incident_row(self.incident), ("title", tidy(self.title), "")]
        rows += _named_rows(path=self.path)
        return rows + [("person", user.name, user.id) for user in self.users]


@dataclass(frozen=True, repr=False)
class Edit:
    """Properties of an incident about to be changed; only what differs from `incident` is sent.

    Args:
        incident: The incident as it was read.
        name: A new name, or None to leave it.
        summary: A new summary, or None to leave it.
        call_url: A new call address, or None to leave it.
        severity: A new severity, or None to leave it.
        status: A new status, or None to leave it.
        fields: Custom fields to set or unset.
        roles: Who takes which role; None empties it.
        timestamps: Moments to record.
        notify: Whether the responders are told in the incident's channel.
    """

    verb: ClassVar[str] = "edit"

    incident: models.Incident
    name: str | None = None
    summary: str | None = None
    call_url: str | None = None
    severity: models.Severity | None = None
    status: models.IncidentStatus | None = None
    fields: tuple[FieldEntry, ...] = ()
    roles: tuple[tuple[models.IncidentRole, models.User | None], ...] = ()
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...] = ()
    notify: bool = field(default=False)

    def problems(self) -> dict[str, str]:
        """Return what keeps it from being sent, by field."""
        problems = {}
        if not self.wanted():
            problems["changes"] = "nothing to change was given"
        if self.name is not None and (problem := _name_problem(self.name)):
            problems["name"] = problem
        for entry in self.fields:
            if problem := entry.problem():
                problems[f"field {entry.field.name}"] = problem
        for role, _user in self.roles:
            if role.role_type == "reporter":
                problems[f"role {role.name}"] = "the reporter can only be set when an incident is declared"
        return problems

    def wanted(self) -> dict[str, object]:
        """Return what each given property shall be, by column name, comparable with `found`."""
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        wanted: dict[str, object] = {name: tidy(text) for name, text in texts.items() if text is not None}
        if self.severity:
            wanted["severity"] = self.severity.id
        if self.status:
            wanted["status"] = self.status.id
        wanted |= {f"field.{entry.field.name}": entry.comparable() for entry in self.fields}
        wanted |= {f"role.{role.name}": user.id if user else None for role, user in self.roles}
        return wanted | {f"at.{stamp.name}": at for stamp, at in self.timestamps}

    def found(self, incident: models.Incident) -> dict[str, object]:
        """Return what `incident` has for each given property, comparable with `wanted`."""
        has: dict[str, object] = {
            "name": incident.name,
            "summary": tidy(incident.summary or ""),
            "call_url": incident.call_url or "",
            "severity": incident.severity.id if incident.severity else None,
            "status": incident.incident_status.id,
        }
        for entry in incident.custom_field_entries or ():
            has[f"field.{entry.custom_field.name}"] = frozenset(map(_value_of, entry.values))
        for assignment in incident.incident_role_assignments or ():
            has[f"role.{assignment.role.name}"] = assignment.assignee.id if assignment.assignee else None
        for stamp in incident.incident_timestamp_values or ():
            has[f"at.{stamp.incident_timestamp.name}"] = stamp.value.value if stamp.value else None
        return {name: has.get(name, frozenset() if name.startswith("field.") else None) for name in self.wanted()}

    def changed(self, incident: models.Incident) -> list[str]:
        """Return the properties in which `incident` is not yet as wanted."""
        wanted, found = self.wanted(), self.found(incident)
        return [name for name in wanted if not _same(wanted[name], found[name])]

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incidents/{id}/actions/edit`: what differs, and whether to notify."""
        differs = set(self.changed(self.incident))
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        body: dict[str, Any] = {
            name: tidy(text) for name, text in texts.items() if text is not None and name in differs
        }
        if self.severity and "severity" in differs:
            body["severity_id"] = self.severity.id
        if self.status and "status" in differs:
            body["incident_status_id"] = self.status.id
        body |= _collections(
            tuple(entry for entry in self.fields if f"field.{entry.field.name}" in differs),
            tuple(pair for pair in self.roles if f"role.{pair[0].name}" in differs),
            tuple(pair for pair in self.timestamps if f"at.{pair[0].name}" in differs),
        )
        return {"incident": body, "notify_incident_channel": self.notify}

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent; the service takes none for edits."""
        return intent_key(self.verb, organisation, {"id": self.incident.id, **self.payload()})

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [_incident_row(self.incident)]
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        rows += [(name, tidy(text), "") for name, text in texts.items() if text is not None]
        rows += _named_rows(severity=self.severity, status=self.status)
        rows += _collection_rows(self.fields, self.roles, self.timestamps)
        return [*rows, ("notify the channel", "yes" if self.notify else "no", "")]


Draft = Declaration | Update | Event | Page | Edit


def _same(wanted: object, found: object) -> bool:
    if isinstance(wanted, datetime) and isinstance(found, datetime):
        return abs((wanted - found).total_seconds()) < 1  # the service may drop fractions
    return wanted == found


def _value_of(value: models.CustomFieldValue) -> str:
    if value.value_option:
        return value.value_option.id
    if value.value_catalog_entry:
        return value.value_catalog_entry.id
    if value.value_numeric:
        return _number(value.value_numeric)
    return value.value_text or value.value_link or ""


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _incident_row(incident: models.Incident) -> Row:
    return ("incident", incident.reference, incident.id)


def _named_rows(**named: models.Named | None) -> list[Row]:
    return [(name, one.name, one.id) for name, one in named.items() if one]


def _collections(
    fields: tuple[FieldEntry, ...],
    roles: tuple[tuple[models.IncidentRole, models.User | None], ...],
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...],
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if fields:
        body["custom_field_entries"] = [entry.payload() for entry in fields]
    if roles:
        body["incident_role_assignments"] = [
            {"incident_role_id": role.id, **({"assignee": {"id": user.id}} if user else {})} for role, user in roles
        ]
    if timestamps:
        body["incident_timestamp_values"] = [
            {"incident_timestamp_id": stamp.id, "value": _rfc3339(at)} for stamp, at in timestamps
        ]
    return body


def _collection_rows(
    fields: tuple[FieldEntry, ...],
    roles: tuple[tuple[models.IncidentRole, models.User | None], ...],
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...],
) -> list[Row]:
    return [
        *((f"field {entry.field.name}", entry.shown(), entry.field.id) for entry in fields),
        *((f"role {role.name}", user.name if user else "(nobody)", user.id if user else "") for role, user in roles),
        *((f"at {stamp.name}", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", stamp.id) for stamp, at in timestamps),
    ]
