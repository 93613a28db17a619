"""Records to DataFrames: fixed columns and dtypes, the same when empty."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.api import models
from incidentio_magic.errors import InputError
from incidentio_magic.lookups import named
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.ledger import Entry

MASK: Final = "🔒 private"
MADE_BY: Final = "incidentio_magic"

TEXT: Final = "string"
NUMBER: Final = "Float64"
COUNT: Final = "Int64"
FLAG: Final = "boolean"
LASTED: Final = "timedelta64[us]"

_Column = tuple[str, str, "Callable[[Any], Any]"]


class Frames:
    """Builds the frames of one organisation.

    Args:
        severities: The organisation's severities, least severe first.
        statuses: Its statuses, in the order incidents go through them.
        timezone: The time zone in which times are shown; they stay aware.
        show_private: Whether names and summaries of private incidents are shown.
    """

    def __init__(
        self,
        severities: Sequence[models.Severity] = (),
        statuses: Sequence[models.IncidentStatus] = (),
        *,
        timezone: str = "UTC",
        show_private: bool = False,
    ) -> None:
        self._severities = [one.name for one in severities]
        self._statuses = [one.name for one in statuses]
        self._time = f"datetime64[us, {timezone}]"
        self._show_private = show_private

    def incidents(
        self,
        records: Sequence[models.Incident],
        *,
        wide: bool = False,
        roles: Sequence[str] = (),
        fields: Sequence[str] = (),
        timestamps: Sequence[str] = (),
    ) -> pd.DataFrame:
        """Return incidents as rows.

        Args:
            records: The incidents.
            wide: Whether to add id, category (ordered category), visibility, summary, creator, channel, workload, and
                one column for each role (`role.*`, string), custom field (`field.*`, string, or Float64 for numeric
                ones), timestamp (`at.*`, time) and duration (`lasted.*`, timedelta, NaT unless the service calls it a
                success).
            roles: Names of the organisation's roles, so that the columns are there even when empty.
            fields: Names of its custom fields; numeric ones end in `:numeric`.
            timestamps: Names of its timestamps.

        Returns:
            reference, name, type, mode, lead, permalink (string); severity, status (ordered category); created_at,
            updated_at (time).
        """
        columns: list[_Column] = [
            ("reference", TEXT, lambda one: one.reference),
            ("name", TEXT, lambda one: self._open_text(one, one.name)),
            ("severity", "severity", lambda one: one.severity.name if one.severity else None),
            ("status", "status", lambda one: one.incident_status.name),
            ("type", TEXT, lambda one: one.incident_type.name if one.incident_type else None),
            ("mode", TEXT, lambda one: one.mode),
            ("lead", TEXT, lead),
            ("created_at", self._time, lambda one: one.created_at),
            ("updated_at", self._time, lambda one: one.updated_at),
            ("permalink", TEXT, lambda one: one.permalink),
        ]
        if wide:
            columns += self._wide(records, roles, fields, timestamps)
        return self._frame(columns, records)

    def show(self, records: Sequence[models.Incident], **names: Sequence[str]) -> pd.DataFrame:
        """Return one column an incident and one row a property, side by side.

        Args:
            records: The incidents.
            names: As in `incidents`.

        Returns:
            An object frame indexed by property; a property nobody has set is left out.
        """
        wide = self.incidents(records, wide=True, **names)
        shown = wide.astype(object).where(wide.notna(), "")
        shown.index = pd.Index(wide["reference"].astype(object), name=None)
        turned = shown.drop(columns="reference").T
        turned.index.name = "property"
        turned.attrs = {"made_by": MADE_BY}
        return turned.loc[(turned != "").any(axis=1)] if len(records) else turned

    def updates(self, records: Sequence[models.IncidentUpdate], *, private: bool = False) -> pd.DataFrame:
        """Return updates as rows, oldest first.

        Args:
            records: The updates.
            private: Whether their incident is private, so that the messages are masked unless asked for.

        Returns:
            at (time); message, updater, updater_kind, merged_into, id (string); status, severity (ordered category).
        """

        def updater(one: models.IncidentUpdate) -> str | None:
            name, kind = actor(one.updater)
            hidden = name and kind == "alert" and private and not self._show_private
            return MASK if hidden else name  # an alert's title tells the story

        columns: list[_Column] = [
            ("at", self._time, lambda one: one.created_at),
            ("status", "status", lambda one: one.new_incident_status.name),
            ("severity", "severity", lambda one: one.new_severity.name if one.new_severity else None),
            (
                "message",
                TEXT,
                lambda one: MASK if one.message and private and not self._show_private else one.message,
            ),
            ("updater", TEXT, updater),
            ("updater_kind", TEXT, lambda one: actor(one.updater)[1]),
            ("merged_into", TEXT, lambda one: one.merged_into_incident_id),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, sorted(records, key=lambda one: (one.created_at, one.id)))

    def severities(self, records: Sequence[models.Severity]) -> pd.DataFrame:
        """Return severities as rows, most severe first: name (ordered category), rank, description, id."""
        columns: list[_Column] = [
            ("name", "severity", lambda one: one.name),
            ("rank", COUNT, lambda one: one.rank),
            ("description", TEXT, lambda one: one.description),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, sorted(records, key=lambda one: -one.rank))

    def statuses(self, records: Sequence[models.IncidentStatus]) -> pd.DataFrame:
        """Return statuses as rows: name, category (ordered categories), rank, description, id."""
        columns: list[_Column] = [
            ("name", "status", lambda one: one.name),
            ("category", "category", lambda one: one.category),
            ("rank", COUNT, lambda one: one.rank),
            ("description", TEXT, lambda one: one.description),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, records)

    def types(self, records: Sequence[models.IncidentType]) -> pd.DataFrame:
        """Return incident types as rows: name, default, private_only, triage, description, id."""
        columns: list[_Column] = [
            ("name", TEXT, lambda one: one.name),
            ("default", FLAG, lambda one: one.is_default),
            ("private_only", FLAG, lambda one: one.private_incidents_only),
            ("triage", TEXT, lambda one: one.create_in_triage),
            ("description", TEXT, lambda one: one.description),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, records)

    def roles(self, records: Sequence[models.IncidentRole]) -> pd.DataFrame:
        """Return roles as rows: name, kind, short form, description, id."""
        columns: list[_Column] = [
            ("name", TEXT, lambda one: one.name),
            ("kind", TEXT, lambda one: one.role_type),
            ("shortform", TEXT, lambda one: one.shortform),
            ("description", TEXT, lambda one: one.description),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, records)

    def fields(
        self, records: Sequence[models.CustomField], options: Mapping[str, Sequence[models.Named]]
    ) -> pd.DataFrame:
        """Return custom fields as rows: name, kind, options, description, id.

        Args:
            records: The fields.
            options: The values each offers, by field ID.
        """
        columns: list[_Column] = [
            ("name", TEXT, lambda one: one.name),
            (
                "kind",
                TEXT,
                lambda one: f"{one.field_type} (catalog)" if one.catalog_type_id else one.field_type,
            ),
            (
                "options",
                TEXT,
                lambda one: ", ".join(option.name for option in options.get(one.id, ())) or None,
            ),
            ("description", TEXT, lambda one: one.description),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, records)

    def timestamps(self, records: Sequence[models.IncidentTimestamp]) -> pd.DataFrame:
        """Return the timestamps' definitions as rows: name, rank, id."""
        columns: list[_Column] = [
            ("name", TEXT, lambda one: one.name),
            ("rank", COUNT, lambda one: one.rank),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, records)

    def users(self, records: Sequence[models.User]) -> pd.DataFrame:
        """Return people as rows: name, email, active, role, slack_user_id, id."""
        columns: list[_Column] = [
            ("name", TEXT, lambda one: one.name),
            ("email", TEXT, lambda one: one.email),
            ("active", FLAG, lambda one: one.is_active),
            ("role", TEXT, lambda one: one.base_role.name if one.base_role else None),
            ("slack_user_id", TEXT, lambda one: one.slack_user_id),
            ("id", TEXT, lambda one: one.id),
        ]
        return self._frame(columns, sorted(records, key=lambda one: (one.name.casefold(), one.id)))

    def identity(self, record: models.Identity) -> pd.DataFrame:
        """Return who the API key is: one row a property, column `value`."""
        rows = {
            "key": record.name,
            "organisation": record.dashboard_url,
            "may": ", ".join(record.roles),
            "teams": ", ".join(team.name for team in record.teams or ()),
        }
        index = pd.Index(list(rows), name="property", dtype=TEXT)
        frame = pd.DataFrame({"value": pd.array([printable(text) for text in rows.values()], dtype=TEXT)}, index=index)
        frame.attrs = {"made_by": MADE_BY}
        return frame

    def ledger(self, entries: Sequence[Entry]) -> pd.DataFrame:
        """Return the local ledger's writes as rows, oldest first: at (time), and what the ledger keeps (string)."""
        columns: list[_Column] = [
            ("at", self._time, lambda one: pd.to_datetime(one.at, utc=True, errors="coerce")),
            ("who", TEXT, lambda one: one.who),
            ("verb", TEXT, lambda one: one.verb),
            ("reference", TEXT, lambda one: one.reference),
            ("outcome", TEXT, lambda one: one.outcome),
            ("organisation", TEXT, lambda one: one.organisation),
            ("key", TEXT, lambda one: one.key),
            ("result", TEXT, lambda one: one.result),
            ("request_id", TEXT, lambda one: one.request_id),
        ]
        return self._frame(columns, entries)

    def _wide(
        self,
        records: Sequence[models.Incident],
        roles: Sequence[str],
        fields: Sequence[str],
        timestamps: Sequence[str],
    ) -> list[_Column]:
        columns: list[_Column] = [
            ("id", TEXT, lambda one: one.id),
            ("category", "category", lambda one: one.incident_status.category),
            ("visibility", TEXT, lambda one: one.visibility),
            ("summary", TEXT, lambda one: self._open_text(one, one.summary)),
            ("creator", TEXT, self._creator),
            ("last_activity_at", self._time, lambda one: one.last_activity_at),
            ("call_url", TEXT, lambda one: one.call_url),
            ("channel", TEXT, lambda one: self._open_text(one, one.slack_channel_name)),
            ("postmortem_url", TEXT, lambda one: self._open_text(one, one.postmortem_document_url)),
            ("external_issue", TEXT, self._issue),  # both addresses usually spell the title out
            ("has_debrief", FLAG, lambda one: one.has_debrief),
            *(
                (f"workload_{part}", NUMBER, attrgetter(f"workload_minutes_{part}"))
                for part in ("total", "working", "late", "sleeping")
            ),
        ]
        assigned = _names(roles, (entry.role.name for one in records for entry in one.incident_role_assignments or ()))
        columns += [(f"role.{name}", TEXT, partial(_holder, role=name)) for name in assigned]
        kinds = dict(name.rpartition(":")[::2] if name.endswith(":numeric") else (name, "") for name in fields)
        for one in records:
            for entry in one.custom_field_entries or ():
                kind = "numeric" if entry.custom_field.field_type == "numeric" else ""
                kinds.setdefault(entry.custom_field.name, kind)
        for name, kind in kinds.items():
            if kind:
                columns.append((f"field.{name}", NUMBER, partial(_number, name=name)))
            else:
                columns.append((f"field.{name}", TEXT, partial(self._field, name=name)))
        stamps = _names(
            timestamps,
            (entry.incident_timestamp.name for one in records for entry in one.incident_timestamp_values or ()),
        )
        columns += [(f"at.{name}", self._time, partial(_stamp, name=name)) for name in stamps]
        metrics = _names((), (entry.duration_metric.name for one in records for entry in one.duration_metrics or ()))
        return columns + [(f"lasted.{name}", LASTED, partial(_lasted, name=name)) for name in metrics]

    def _field(self, incident: models.Incident, name: str) -> str | None:
        return self._open_text(incident, _field(incident, name))

    def _issue(self, incident: models.Incident) -> str | None:
        issue = incident.external_issue_reference
        return self._open_text(incident, issue.issue_permalink if issue else None)

    def _creator(self, incident: models.Incident) -> str | None:
        name, kind = actor(incident.creator)
        return self._open_text(incident, name) if kind == "alert" else name  # an alert's title tells the story

    def _open_text(self, incident: models.Incident, text: str | None) -> str | None:
        return MASK if text and incident.is_private and not self._show_private else text

    def _frame(self, columns: Sequence[_Column], records: Sequence[Any]) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                printable(name): self._series(kind, [value(record) for record in records])
                for name, kind, value in columns
            }
        )
        frame.attrs = {"made_by": MADE_BY}
        return frame

    def _series(self, kind: str, values: list[Any]) -> pd.Series[Any]:
        if kind == TEXT:
            return pd.Series([None if one is None else printable(one) for one in values], dtype=TEXT)
        if kind in {"severity", "status", "category"}:
            known = {
                "severity": self._severities,
                "status": self._statuses,
                "category": list(models.CATEGORIES),
            }[kind]
            names = [None if one is None else printable(one) for one in values]
            order = dict.fromkeys(map(printable, known))
            order |= dict.fromkeys(sorted({one for one in names if one is not None} - set(order)))
            return pd.Series(pd.Categorical(names, categories=list(order), ordered=True))
        if kind == self._time:
            # Through UTC, since a frame's times may come with different offsets.
            moments = pd.to_datetime(pd.Series(values, dtype=object), utc=True).astype("datetime64[us, UTC]")
            return moments.dt.tz_convert(kind[len("datetime64[us, ") : -1])
        if kind == LASTED:
            return pd.Series(pd.to_timedelta(values, unit="s"), dtype=LASTED)
        return pd.Series(values, dtype=kind)


def lead(incident: models.Incident) -> str | None:
    """Return the name of the person who leads the incident."""
    for entry in incident.incident_role_assignments or ():
        if entry.role.role_type == "lead" and entry.assignee:
            return entry.assignee.name
    return None


def actor(who: models.Actor | None) -> tuple[str | None, str | None]:
    """Return the name and the kind (user, api_key, workflow, alert) of whoever did something."""
    if who is None:
        return None, None
    for kind in ("user", "api_key", "workflow"):
        if (one := getattr(who, kind)) is not None:
            return one.name, kind
    return (who.alert.title, "alert") if who.alert else (None, None)


def chosen(frame: pd.DataFrame, columns: Iterable[str], sort: Iterable[str]) -> pd.DataFrame:
    """Return `frame` with only some columns, and sorted.

    Args:
        frame: Any frame.
        columns: The columns to keep, in order; none for all.
        sort: Columns to sort by; a leading `-` sorts downwards.

    Raises:
        UnknownName: If there is no such column.
    """
    known = [models.Named(str(name), str(name)) for name in frame.columns]

    def column(name: str) -> str:
        return named("column", name, known, lambda one: one.name).name

    keys = [(column(name.removeprefix("-")), not name.startswith("-")) for name in sort]
    if keys:
        attributes = frame.attrs
        frame = frame.sort_values(
            [name for name, _up in keys],
            ascending=[up for _name, up in keys],
            kind="stable",
            ignore_index=True,
        )
        frame.attrs = attributes
    wanted = [column(name) for name in columns]
    if len(set(wanted)) < len(wanted):
        raise InputError("A column was asked for twice.", hint="name each column once")
    return frame[wanted] if wanted else frame


def _names(first: Iterable[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *more]))


def _holder(incident: models.Incident, role: str) -> str | None:
    names = [
        entry.assignee.name
        for entry in incident.incident_role_assignments or ()
        if entry.role.name == role and entry.assignee
    ]
    return ", ".join(names) or None


def _field(incident: models.Incident, name: str) -> str | None:
    texts: list[str] = []
    for entry in incident.custom_field_entries or ():
        if entry.custom_field.name == name:
            for one in entry.values:  # noqa: PD011  a record's field, not a frame's
                named_value = one.value_catalog_entry.name if one.value_catalog_entry else None
                option = one.value_option.value if one.value_option else None
                text = named_value or option or one.value_text or one.value_link or one.value_numeric
                if text:
                    texts.append(text)
    return ", ".join(texts) or None


def _number(incident: models.Incident, name: str) -> float | None:
    text = _field(incident, name)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _stamp(incident: models.Incident, name: str) -> datetime | None:
    for entry in incident.incident_timestamp_values or ():
        if entry.incident_timestamp.name == name:
            return entry.value.value if entry.value else None
    return None


def _lasted(incident: models.Incident, name: str) -> int | None:
    for entry in incident.duration_metrics or ():
        if entry.duration_metric.name == name:
            return entry.value_seconds if entry.status == "success" else None
    return None
