"""The filters of the incident list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.http.pagination import where
from incidentio_magic.sandbox.http.queries import Condition, member
from incidentio_magic.sandbox.incidentio.rules import HIDDEN_CATEGORIES, SHOWN_MODES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidentio_magic.sandbox.http.queries import Filter, Query
    from incidentio_magic.sandbox.vocabulary import Organisation

CATEGORIES = ("triage", "live", "learning", "paused", "closed", "declined", "canceled", "merged")
MODES = ("standard", "retrospective", "test", "tutorial")
ALSO_CALLED = {"active": "live"}
PARAMETERS = (
    "status", "status_category", "severity", "incident_type", "mode", "incident_role", "custom_field",
    "created_at", "updated_at",
)  # fmt: skip


def incident_conditions(query: Query, organisation: Organisation) -> list[Condition]:
    """Read every filter of the incident list, and hide what the list leaves out by default.

    Args:
        query: the request's query, which collects problems.
        organisation: the vocabulary.
    """
    joint = " OR " if query.choice("filter_mode", ("all", "any"), "all") == "any" else " AND "
    wanted = query.filters(*PARAMETERS)
    conditions = [condition for each in wanted if (condition := _condition(query, each, organisation))]
    for name in ("created_at", "updated_at"):
        dates = query.dates([each for each in wanted if each.parameter == name], name)
        if dates:
            conditions.append(where(dates))
    return [*_hidden(wanted), *([where(conditions, joint)] if conditions else [])]


def _hidden(wanted: list[Filter]) -> list[Condition]:
    """Hide test, declined, canceled and merged incidents unless a filter names modes or categories."""
    parameters = {each.parameter for each in wanted}
    hidden = []
    if "mode" not in parameters:
        hidden.append(member("mode", SHOWN_MODES))
    if "status_category" not in parameters:
        statuses = [
            value for each in wanted if (each.parameter, each.operator) == ("status", "one_of") for value in each.values
        ]
        shown = member("incident_status_id", statuses)
        ended = member("status_category", HIDDEN_CATEGORIES, negated=True)
        hidden.append(where([shown, ended], " OR "))
    return hidden


def _condition(query: Query, wanted: Filter, organisation: Organisation) -> Condition | None:
    read: dict[str, Callable[[], Condition | None]] = {
        "status": lambda: query.member(wanted, "incident_status_id", organisation["incident_statuses"]),
        "status_category": lambda: query.member(_spelled(wanted), "status_category", CATEGORIES),
        "severity": lambda: _severity(query, wanted, organisation),
        "incident_type": lambda: query.member(wanted, "incident_type_id", organisation["incident_types"]),
        "mode": lambda: _mode(query, wanted),
        "incident_role": lambda: _role(query, wanted, organisation),
        "custom_field": lambda: _custom_field(query, wanted, organisation),
    }
    return read[wanted.parameter]() if wanted.parameter in read else None


def _spelled(wanted: Filter) -> Filter:
    """Return a filter on categories with `active`, which the contract's example uses, as `live`."""
    return replace(wanted, values=[ALSO_CALLED.get(value, value) for value in wanted.values])


def _mode(query: Query, wanted: Filter) -> Condition | None:
    if wanted.operator != "one_of" or wanted.key:
        query.unknown_operator(wanted, ("one_of",))
        return None
    return query.known(wanted, "mode", MODES)


def _severity(query: Query, wanted: Filter, organisation: Organisation) -> Condition | None:
    if wanted.operator in ("one_of", "not_in") and not wanted.key:
        return query.known(wanted, "severity_id", organisation["severities"])
    if wanted.operator not in ("gte", "lte") or wanted.key:
        query.unknown_operator(wanted, ("one_of", "not_in", "gte", "lte"))
        return None
    severity = organisation["severities"].get(wanted.values[0])
    if severity is None or len(wanted.values) > 1:
        query.blame("severity", "severity[gte] and severity[lte] take the ID of one severity", "not_found")
        return None
    return Condition(f"severity_rank {'>=' if wanted.operator == 'gte' else '<='} ?", (severity["rank"],))


def _blank(query: Query, wanted: Filter, present: Condition) -> Condition | None:
    if len(wanted.values) > 1 or wanted.values[0] not in ("true", "false"):
        query.blame(wanted.parameter, f"{wanted.operator} takes true or false")
        return None
    if (wanted.values[0] == "true") == (wanted.operator == "is_set"):
        return present
    return Condition(f"NOT ({present.clause})", present.values)


def _keyed(query: Query, wanted: Filter, known: Mapping[str, object], accepted: tuple[str, ...]) -> bool:
    if wanted.key is None or wanted.key not in known:
        query.blame(wanted.parameter, f"{wanted.parameter} needs a known ID in brackets", "not_found")
        return False
    if wanted.operator not in accepted:
        query.unknown_operator(wanted, accepted)
        return False
    return True


def _role(query: Query, wanted: Filter, organisation: Organisation) -> Condition | None:
    if not _keyed(query, wanted, organisation["incident_roles"], ("one_of", "is_blank", "is_set")):
        return None
    assignee = f"json_extract(document, '$.roles.{wanted.key}')"
    if wanted.operator == "one_of":
        return query.known(wanted, assignee, organisation["users"])
    return _blank(query, wanted, Condition(f"{assignee} IS NOT NULL"))


def _custom_field(query: Query, wanted: Filter, organisation: Organisation) -> Condition | None:
    fields = organisation["custom_fields"]
    if not _keyed(query, wanted, fields, ("one_of", "not_in", "is_blank", "is_set")):
        return None
    field = fields[wanted.key or ""]
    present = Condition(f"json_extract(document, '$.fields.{field['id']}') IS NOT NULL")
    if wanted.operator in ("is_blank", "is_set"):
        return _blank(query, wanted, present)
    known = None
    if field.get("catalog_type_id"):
        entries = organisation["catalog_entries"].values()
        ours = [entry for entry in entries if entry["catalog_type_id"] == field["catalog_type_id"]]
        external = {entry["external_id"]: entry["id"] for entry in ours if entry.get("external_id")}
        wanted = replace(wanted, values=[external.get(value, value) for value in wanted.values])
        known = [entry["id"] for entry in ours]
    elif field["field_type"] in ("single_select", "multi_select"):
        options = organisation["custom_field_options"].values()
        known = [option["id"] for option in options if option["custom_field_id"] == field["id"]]
    chosen = query.known(wanted, "content.value", known)
    if chosen is None:
        return None
    chosen = member("content.value", wanted.values)
    # A field holds a list of objects, each with one member: the value.
    held = f"json_each(document, '$.fields.{field['id']}') AS held, json_each(held.value) AS content"
    inside = f"EXISTS (SELECT 1 FROM {held} WHERE {chosen.clause})"  # noqa: S608  the ID is a known one
    return Condition(f"NOT {inside}" if wanted.operator == "not_in" else inside, chosen.values)
