"""The lists of an organisation's vocabulary, in a table with one row per list.

No other module names a list. From its row, the vocabulary reads it, the client returns it as a frame, `%incidents`
shows it, and completion offers its names.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TEXT: Final = "string"
COUNT: Final = "Int64"
FLAG: Final = "boolean"
OPTIONS: Final = attrgetter("options")
"""Marks a column with a custom field's options, which are not part of its record."""

Column = tuple[str, str, "Callable[[Any], Any]"]

_CATEGORIES: Final = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")


class Resource(NamedTuple):
    """A list of the organisation's vocabulary.

    Args:
        name: The name of the subcommand, of the client's method and in the cache: `severities`.
        kind: The name of one record in messages: `severity`.
        path: The endpoint; its last part names the list in the response.
        record: The name of the record in `api.models`.
        summary: The subcommand's summary in `%incidents --help`.
        columns: The columns of its frame: name, kind, and the value for a record; `OPTIONS` for a field's options.
        query: Further query parameters.
        page_size: The largest page size; 0 if the list has no pages.
        order: The sort key of the list.
        shown: The sort key of its frame's rows; None to keep the list's order.
        spellings: The names by which a record is found, with the display name first.
        active: Whether a record is in use; among several with the same name, the only active record wins.
        completes: The magics' options whose values are names from this list.
        remembered: Whether the list is cached; a list that says who is on call is read every time.
    """

    name: str
    kind: str
    path: str
    record: str
    summary: str
    columns: tuple[Column, ...]
    query: tuple[tuple[str, str], ...] = ()
    page_size: int = 0
    order: Callable[[Any], Any] | None = None
    shown: Callable[[Any], Any] | None = None
    spellings: Callable[[Any], list[str]] = lambda record: [record.name]
    active: Callable[[Any], bool] = lambda _record: True
    completes: tuple[str, ...] = ()
    remembered: bool = True

    @property
    def words(self) -> str:
        """The name as plain words."""
        return self.name.replace("_", " ")


def texts(*names: str) -> tuple[Column, ...]:
    """Return text columns, each with the name of the property that it shows."""
    return tuple((name, TEXT, attrgetter(name)) for name in names)


def _joined(names: Iterable[str]) -> str | None:
    return ", ".join(names) or None


def _people(property_name: str) -> Callable[[Any], str | None]:
    return lambda record: _joined(user.name for user in getattr(record, property_name) or ())


def _on_call(schedule: Any) -> str | None:
    shifts = schedule.current_shifts or ()
    return _joined(dict.fromkeys(shift.user.name for shift in shifts if shift.user))


def _status_order(status: Any) -> tuple[int, int]:
    known = status.category in _CATEGORIES
    return _CATEGORIES.index(status.category) if known else len(_CATEGORIES), status.rank


_ROWS: Final = (
    Resource(
        name="severities",
        kind="severity",
        path="/v1/severities",
        record="Severity",
        summary="the severities, most severe first",
        columns=(
            ("name", "severity", attrgetter("name")),
            ("rank", COUNT, attrgetter("rank")),
            *texts("description", "id"),
        ),
        order=lambda severity: severity.rank,
        shown=lambda severity: -severity.rank,
        completes=("--severity", "--not-severity"),
    ),
    Resource(
        name="statuses",
        kind="status",
        path="/v1/incident_statuses",
        record="IncidentStatus",
        summary="the statuses, in the order incidents go through them",
        columns=(
            ("name", "status", attrgetter("name")),
            ("category", "category", attrgetter("category")),
            ("rank", COUNT, attrgetter("rank")),
            *texts("description", "id"),
        ),
        order=_status_order,
        completes=("--status", "--not-status"),
    ),
    Resource(
        name="types",
        kind="type",
        path="/v1/incident_types",
        record="IncidentType",
        summary="the incident types, the default first",
        columns=(
            *texts("name"),
            ("default", FLAG, attrgetter("is_default")),
            ("private_only", FLAG, attrgetter("private_incidents_only")),
            ("triage", TEXT, attrgetter("create_in_triage")),
            *texts("description", "id"),
        ),
        order=lambda kind: (not kind.is_default, kind.name),
        completes=("--type", "--not-type"),
    ),
    Resource(
        name="roles",
        kind="role",
        path="/v2/incident_roles",
        record="IncidentRole",
        summary="the roles in an incident",
        columns=(*texts("name"), ("kind", TEXT, attrgetter("role_type")), *texts("shortform", "description", "id")),
        spellings=lambda role: [role.name, role.shortform or ""],
    ),
    Resource(
        name="fields",
        kind="custom field",
        path="/v2/custom_fields",
        record="CustomField",
        summary="the custom fields and their options",
        columns=(
            *texts("name"),
            (
                "kind",
                TEXT,
                lambda field: f"{field.field_type} (catalog)" if field.catalog_type_id else field.field_type,
            ),
            ("options", TEXT, OPTIONS),
            *texts("description", "id"),
        ),
    ),
    Resource(
        name="timestamps",
        kind="timestamp",
        path="/v2/incident_timestamps",
        record="IncidentTimestamp",
        summary="the timestamps that incidents have",
        columns=(*texts("name"), ("rank", COUNT, attrgetter("rank")), *texts("id")),
        order=lambda timestamp: timestamp.rank,
    ),
    Resource(
        name="users",
        kind="person",
        path="/v2/users",
        record="User",
        summary="the users, by name",
        columns=(
            *texts("name", "email"),
            ("active", FLAG, attrgetter("is_active")),
            ("role", TEXT, lambda user: user.base_role.name if user.base_role else None),
            *texts("slack_user_id", "id"),
        ),
        query=(("include_inactive", "true"),),
        page_size=10_000,
        shown=lambda user: (user.name.casefold(), user.id),
        spellings=lambda user: [user.name, user.email or ""],
        active=lambda user: user.is_active is not False,
        completes=("--to", "--assignee"),
    ),
    Resource(
        name="teams",
        kind="team",
        path="/v3/teams",
        record="Team",
        summary="the teams and their members",
        columns=(*texts("name"), ("members", TEXT, _people("members")), *texts("id")),
        page_size=250,
        completes=("--team",),
    ),
    Resource(
        name="schedules",
        kind="schedule",
        path="/v2/schedules",
        record="Schedule",
        summary="the on-call schedules, and who is on call now",
        columns=(*texts("name", "timezone"), ("on_call", TEXT, _on_call), *texts("permalink", "id")),
        page_size=250,
        completes=("--schedule",),
        remembered=False,
    ),
    Resource(
        name="escalation_paths",
        kind="escalation path",
        path="/v2/escalation_paths",
        record="EscalationPath",
        summary="the escalation paths, and who each would page first",
        columns=(*texts("name"), ("responders", TEXT, _people("current_responders")), *texts("id")),
        page_size=25,
        completes=("--path",),
        remembered=False,
    ),
    Resource(
        name="alert_sources",
        kind="alert source",
        path="/v2/alert_sources",
        record="AlertSource",
        summary="the sources of alerts",
        columns=(*texts("name"), ("kind", TEXT, attrgetter("source_type")), *texts("id")),
        completes=("--source",),
    ),
    Resource(
        name="status_pages",
        kind="status page",
        path="/v2/status_pages",
        record="StatusPage",
        summary="the status pages",
        columns=texts("name", "description", "public_url", "id"),
        page_size=250,
    ),
    Resource(
        name="components",
        kind="component",
        path="/v2/status_page_components",
        record="StatusPageComponent",
        summary="the components that status pages show",
        columns=texts("name", "description", "id"),
    ),
)

RESOURCES: Final[Mapping[str, Resource]] = {resource.name: resource for resource in _ROWS}
"""The lists, by name."""

COMPLETED_FROM: Final[Mapping[str, str]] = {
    option: resource.name for resource in _ROWS for option in resource.completes
}
"""The list that completes each option's values."""
