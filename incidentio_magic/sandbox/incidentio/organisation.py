"""The invented organisation: its people, severities, statuses, fields and everything else that never changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from incidentio_magic.sandbox.incidentio import _invented, forms, schedules
from incidentio_magic.sandbox.incidentio.clock import shown, written
from incidentio_magic.sandbox.incidentio.identifiers import identifier
from incidentio_magic.sandbox.vocabulary import Identified, Named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidentio_magic.sandbox.vocabulary import (
        AlertSource,
        AttributeValue,
        CatalogAttribute,
        CatalogEntry,
        CatalogType,
        CustomField,
        CustomFieldOption,
        Dated,
        EscalationPath,
        IncidentRole,
        IncidentType,
        Organisation,
        PathNode,
        Ranked,
        Severity,
        Status,
        StatusPage,
        StatusPageComponent,
        User,
        UserRole,
    )

DASHBOARD = "https://app.incident.io/sandbox"
SLACK_TEAM = "T0SANDBOX"

IdentifiedRecord = TypeVar("IdentifiedRecord", bound=Identified)
NamedRecord = TypeVar("NamedRecord", bound=Named)


class Builder:
    """Makes the organisation's objects, each with its own identifier.

    Args:
        seed: decides the identifiers.
        epoch: the end of the seeded history; the organisation is two years older.
    """

    def __init__(self, seed: int, epoch: datetime) -> None:
        self._seed = seed
        self._founded = epoch - timedelta(days=730)
        self._made = 0

    def identity(self) -> str:
        """Return the next identifier."""
        self._made += 1
        return identifier(self._founded + timedelta(seconds=self._made), self._seed, self._made)

    def dated(self, name: str) -> Dated:
        """Return a new identifier, a name, and the times at which the object was made and changed."""
        moment = shown(written(self._founded))
        return {"id": self.identity(), "name": name, "created_at": moment, "updated_at": moment}

    def named(self, names: list[str]) -> dict[str, Named]:
        """Return plain objects of an identifier and a name."""
        return by_id([{"id": self.identity(), "name": name} for name in names])

    def ranked(self, names: list[str]) -> dict[str, Ranked]:
        """Return objects that have an order."""
        ranked: list[Ranked] = [
            {"id": self.identity(), "name": name, "rank": rank} for rank, name in enumerate(names, 1)
        ]
        return by_id(ranked)


def by_id(records: Iterable[IdentifiedRecord]) -> dict[str, IdentifiedRecord]:
    """Index objects by their identifiers."""
    return {record["id"]: record for record in records}


def by_name(records: dict[str, NamedRecord]) -> dict[str, NamedRecord]:
    """Index objects by their names."""
    return {record["name"]: record for record in records.values()}


def named(records: dict[str, NamedRecord], name: str) -> NamedRecord:
    """Return the object with this name."""
    return by_name(records)[name]


def build(seed: int, epoch: datetime) -> Organisation:
    """Make the whole organisation; the same seed and epoch make the same one."""
    make = Builder(seed, epoch)
    # The order decides the identifiers: what is new is made last.
    organisation: Organisation = {
        "teams": make.named(_invented.TEAMS),
        "alert_sources": alert_sources(make),
        "workflows": make.named(_invented.WORKFLOWS),
        "severities": severities(make),
        "incident_statuses": statuses(make),
        "incident_types": incident_types(make),
        "incident_roles": incident_roles(make),
        "incident_timestamps": make.ranked(_invented.TIMESTAMPS),
        "users": people(make),
        "duration_metrics": {},
        "catalog_types": {},
        "catalog_entries": {},
        "custom_fields": {},
        "custom_field_options": {},
        "follow_up_categories": {},
        "follow_up_priorities": {},
        "escalation_paths": {},
        "schedules": {},
        "incident_forms": {},
        "status_pages": {},
        "status_page_components": {},
    }
    add_duration_metrics(make, organisation)
    add_catalog(make, organisation)
    add_custom_fields(make, organisation)
    organisation["follow_up_categories"] = make.ranked(["Prevention", "Detection", "Process"])
    organisation["follow_up_priorities"] = make.ranked(["Low", "Normal", "Urgent"])
    organisation["escalation_paths"] = escalation_paths(make, organisation)
    responders = [user["id"] for user in organisation["users"].values() if user["role"] == "responder"][:-1]
    founded = written(epoch - timedelta(days=730))
    on_call = schedules.build(make.identity, epoch, founded, responders, list(organisation["teams"]))
    organisation["schedules"] = by_id(on_call)
    for path, schedule in zip(organisation["escalation_paths"].values(), on_call, strict=False):
        second = path["path"][1]["level"]["targets"]  # pages the person on call beside the person of the level
        second.append(
            {"id": schedule["id"], "type": "schedule", "urgency": "low", "schedule_mode": "currently_on_call"}
        )
    organisation["incident_forms"] = by_id(forms.build(make.identity, shown(founded), organisation))
    retire(make, organisation)
    add_status_page(make, organisation)
    return organisation


def alert_sources(make: Builder) -> dict[str, AlertSource]:
    """Make the places where alerts come from."""
    sources: list[AlertSource] = [
        {"id": make.identity(), "name": name, "source_type": source_type} for name, source_type in _invented.SOURCES
    ]
    return by_id(sources)


def severities(make: Builder) -> dict[str, Severity]:
    """Make the severities, the least one first."""
    found: list[Severity] = [
        {**make.dated(name), "description": description, "rank": rank}
        for rank, (name, description) in enumerate(_invented.SEVERITIES, 1)
    ]
    return by_id(found)


def statuses(make: Builder) -> dict[str, Status]:
    """Make the statuses of every category."""
    found: list[Status] = [
        {**make.dated(name), "category": category, "description": description, "rank": rank}
        for rank, (category, name, description) in enumerate(_invented.STATUSES, 1)
    ]
    return by_id(found)


def incident_types(make: Builder) -> dict[str, IncidentType]:
    """Make the types of incidents."""
    found: list[IncidentType] = [
        {
            **make.dated(name),
            "description": description,
            "create_in_triage": triage,
            "is_default": default,
            "private_incidents_only": private,
        }
        for name, description, triage, default, private in _invented.TYPES
    ]
    return by_id(found)


def incident_roles(make: Builder) -> dict[str, IncidentRole]:
    """Make the roles that people have in incidents."""
    found: list[IncidentRole] = [
        {
            **make.dated(name),
            "role_type": role_type,
            "shortform": shortform,
            "description": description,
            "instructions": instructions,
        }
        for name, role_type, shortform, description, instructions in _invented.ROLES
    ]
    return by_id(found)


def add_status_page(make: Builder, organisation: Organisation) -> None:
    """Add a status page and the components that it shows."""
    page: StatusPage = {
        "id": make.identity(),
        "name": "Sandbox status",
        "public_url": "https://status.example.com",
    }
    components: list[StatusPageComponent] = [
        {**component, "management_meta": {"annotations": {}, "managed_by": "dashboard"}}
        for component in make.named(_invented.COMPONENTS).values()
    ]
    organisation["status_pages"] = by_id([page])
    organisation["status_page_components"] = by_id(components)


def retire(make: Builder, organisation: Organisation) -> None:
    """Add what organisations keep of the past: an archived catalog entry, and a second account of one address."""
    kind = named(organisation["catalog_types"], "Component")
    dated = make.dated("mainframe")
    organisation["catalog_entries"][dated["id"]] = {
        "id": dated["id"],
        "name": dated["name"],
        "catalog_type_id": kind["id"],
        "aliases": ["big iron", "host"],
        "external_id": "component-mainframe",
        "attribute_values": {},
        "rank": len(_invented.COMPONENTS),
        "created_at": dated["created_at"],
        "updated_at": dated["updated_at"],
        "archived_at": dated["updated_at"],
    }
    former: User = {
        **named(organisation["users"], "Xavier Yeoman"),
        "id": make.identity(),
        "is_active": False,
        "seats": {"on_call": "none", "response": "none"},
        "slack_user_id": "U0SANDBOXOLD",
    }
    organisation["users"][former["id"]] = former


def people(make: Builder) -> dict[str, User]:
    """Make the users; the last of them has left."""
    bases: dict[str, UserRole] = {
        role: {"id": make.identity(), "name": role.capitalize(), "slug": role, "description": f"May act as {role}."}
        for role in ("owner", "administrator", "responder", "viewer")
    }
    on_call: UserRole = {
        "id": make.identity(),
        "name": "On-call",
        "slug": "on-call",
        "description": "Carries the pager.",
    }
    users: list[User] = []
    for position, (name, role) in enumerate(_invented.PEOPLE):
        active = position < len(_invented.PEOPLE) - 1
        access = "full_access" if active and role != "viewer" else "viewer_only" if active else "none"
        users.append(
            {
                "id": make.identity(),
                "name": name,
                "email": address(name),
                "slack_user_id": f"U0SANDBOX{position:02d}",
                "role": role,
                "base_role": bases[role],
                "custom_roles": [on_call] if active and role == "responder" and position % 2 else [],
                "is_active": active,
                "seats": {"on_call": access, "response": access},
            }
        )
    return by_id(users)


def address(name: str) -> str:
    """Make a person's email address, in plain letters."""
    plain = name.translate(str.maketrans("ëüÅö", "euAo")).lower()
    first, *rest = plain.split()
    # The first Alice has the short address; the second one needs her last name too.
    return f"{first}@example.com" if name != "Alice Lorimer" else f"{first}.{rest[-1]}@example.com"


def add_duration_metrics(make: Builder, organisation: Organisation) -> None:
    """Add the durations that are measured between two timestamps."""
    timestamps = organisation["incident_timestamps"]
    for name, start, end in _invented.METRICS:
        metric_id = make.identity()
        organisation["duration_metrics"][metric_id] = {
            "id": metric_id,
            "name": name,
            "from": named(timestamps, start)["id"],
            "to": named(timestamps, end)["id"],
        }


def add_catalog(make: Builder, organisation: Organisation) -> None:
    """Add the catalog: the teams, and the components that each of them owns."""
    for name, category, icon, color in (("Team", "team", "users", "blue"), ("Component", "service", "box", "green")):
        attributes = [_attribute(make, "Description", "String")]
        if name == "Component":
            attributes.append(_attribute(make, "Owner", 'Custom["Team"]'))
        kind: CatalogType = {
            **make.dated(name),
            "type_name": f'Custom["{name}"]',
            "description": f"Every {name.lower()} we have.",
            "annotations": {},
            "categories": [category],
            "color": color,
            "icon": icon,
            "engine_resource_type": f'CatalogEntry["Custom[\\"{name}\\"]"]',
            "is_editable": True,
            "ranked": False,
            "use_name_as_identifier": True,
            "estimated_count": len(_invented.TEAMS if name == "Team" else _invented.COMPONENTS),
            "schema": {"version": 1, "attributes": attributes},
        }
        organisation["catalog_types"][kind["id"]] = kind
    team_type, component_type = organisation["catalog_types"].values()
    teams = [_entry(make, team_type, name, rank) for rank, name in enumerate(_invented.TEAMS)]
    components = [_entry(make, component_type, name, rank) for rank, name in enumerate(_invented.COMPONENTS)]
    owner = component_type["schema"]["attributes"][1]["id"]
    for component in components:
        team = teams[component["rank"] % len(teams)]
        component["attribute_values"][owner] = {"value": {"label": team["name"], "literal": team["id"]}}
    organisation["catalog_entries"] = by_id([*teams, *components])


def _attribute(make: Builder, name: str, attribute_type: str) -> CatalogAttribute:
    return {"id": make.identity(), "name": name, "type": attribute_type, "array": False, "mode": "api"}


def _entry(make: Builder, kind: CatalogType, name: str, rank: int) -> CatalogEntry:
    text = f"The {name} {kind['name'].lower()}."
    described: AttributeValue = {"value": {"label": text, "literal": text}}
    dated = make.dated(name)
    return {
        "id": dated["id"],
        "name": name,
        "created_at": dated["created_at"],
        "updated_at": dated["updated_at"],
        "catalog_type_id": kind["id"],
        "aliases": [name.lower()],
        "external_id": f"{kind['name'].lower()}-{name.lower()}",
        "attribute_values": {kind["schema"]["attributes"][0]["id"]: described},
        "rank": rank,
    }


def add_custom_fields(make: Builder, organisation: Organisation) -> None:
    """Add a custom field of every type, with its options."""
    for name, field_type, description, values, catalog_type in _invented.FIELDS:
        dated = make.dated(name)
        field: CustomField = {
            "id": dated["id"],
            "name": name,
            "created_at": dated["created_at"],
            "updated_at": dated["updated_at"],
            "field_type": field_type,
            "description": description,
        }
        if catalog_type:
            field["catalog_type_id"] = named(organisation["catalog_types"], catalog_type)["id"]
        organisation["custom_fields"][field["id"]] = field
        options: list[CustomFieldOption] = [
            {"id": make.identity(), "custom_field_id": field["id"], "value": value, "sort_key": 10 * position}
            for position, value in enumerate(values, 1)
        ]
        organisation["custom_field_options"].update(by_id(options))


def escalation_paths(make: Builder, organisation: Organisation) -> dict[str, EscalationPath]:
    """Make one escalation path for each of the first four teams: two levels, then again."""
    responders = [user["id"] for user in organisation["users"].values() if user["role"] == "responder"]
    paths: list[EscalationPath] = []
    for position, team in enumerate(list(organisation["teams"].values())[:4]):
        on_call = responders[2 * position : 2 * position + 2]
        levels: list[PathNode] = [
            {
                "id": make.identity(),
                "type": "level",
                "level": {
                    "ack_mode": "first",
                    "targets": [{"id": user, "type": "user", "urgency": "high"}],
                    "time_to_ack_seconds": 300,
                },
            }
            for user in on_call
        ]
        again: PathNode = {
            "id": make.identity(),
            "type": "repeat",
            "repeat": {"repeat_times": 2, "to_node": levels[0]["id"]},
        }
        paths.append(
            {
                "id": make.identity(),
                "name": f"{team['name']} on-call",
                "kind": "standalone",
                "path": [*levels, again],
                "team_ids": [team["id"]],
                "current_responders": on_call,
            }
        )
    return by_id(paths)
