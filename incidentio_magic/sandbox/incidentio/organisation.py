"""The invented organisation: its people, severities, statuses, fields and all else that does not change."""

from __future__ import annotations

from datetime import datetime, timedelta

from incidentio_magic.sandbox.incidentio import forms, schedules
from incidentio_magic.sandbox.incidentio.clock import shown, written
from incidentio_magic.sandbox.incidentio.identifiers import identifier
from incidentio_magic.sandbox.records import Record

Organisation = dict[str, dict[str, Record]]

DASHBOARD = "https://app.incident.io/sandbox"
SLACK_TEAM = "T0SANDBOX"
TEAMS = ["Payments", "Search", "Checkout", "Platform", "Data", "Mobile"]
SERVICES = [*TEAMS[:3], "Accounts", "Notifications", "Reporting"]
REGIONS = ["eu-west", "us-east", "us-west", "ap-south"]
PEOPLE = [
    ("Alice Archer", "owner"), ("Bob Brewer", "administrator"), ("Carol Carver", "responder"),
    ("Dan Draper", "responder"), ("Erin Fletcher", "responder"), ("Frank Glover", "responder"),
    ("Grace Hooper-Lane", "responder"), ("Heidi Ironside", "responder"), ("Ivan Joiner", "responder"),
    ("Judy Kilner", "responder"), ("Alice Lorimer", "responder"), ("Mallory Mason", "responder"),
    ("Niaj Napier", "responder"), ("Olivia Ostler", "responder"), ("Peggy Porter", "responder"),
    ("Quentin Quarrier", "responder"), ("Rupert Reeve", "responder"), ("Sybil Sadler", "responder"),
    ("Trent Tanner", "responder"), ("Zoë Müller-Ångström", "responder"), ("Uma Usher", "viewer"),
    ("Victor Vintner", "viewer"), ("Wendy Wright", "viewer"), ("Xavier Yeoman", "viewer"),
    ("Oscar Former", "responder"),
]  # fmt: skip
SEVERITIES = [
    ("Minor", "Issues with **low impact**: nobody has to be woken."),
    ("Moderate", "Some customers are affected, or there is a way around."),
    ("Major", "Many customers are affected and there is no way around."),
    ("Critical", "The product is down, or data is at risk."),
]
STATUSES = [
    ("triage", "Triage", "Somebody has to decide whether this is an incident."),
    ("live", "Investigating", "We know of an impact and look for its cause."),
    ("live", "Fixing", "The cause is known and a fix is under way."),
    ("live", "Monitoring", "The fix is out and we watch whether it holds."),
    ("learning", "Documenting", "The impact is over and we write down what happened."),
    ("learning", "Reviewing", "The write-up waits for its review."),
    ("paused", "Paused", "Nobody works on it for now."),
    ("closed", "Closed", "Nothing is left to do."),
    ("closed", "Closed without review", "The impact is over and nobody will review it."),
    ("declined", "Declined", "It was no incident."),
    ("canceled", "Canceled", "It was declared by mistake."),
    ("merged", "Merged", "It was part of another incident."),
]
TYPES = [
    ("Platform", "Anything that our own systems do wrong.", "optional", True, False),
    ("Security", "Anything that may have exposed data. Always private.", "optional", False, True),
    ("Customer request", "A customer's report, which support decides upon first.", "always", False, False),
]
ROLES = [
    (
        "Incident Lead",
        "lead",
        "lead",
        "Coordinates the incident.",
        "Keep everybody clear about who does what.",
    ),
    ("Reporter", "reporter", "", "Reported the incident.", ""),
    ("Communications Lead", "custom", "comms", "Speaks to customers.", "Agree each message with the lead."),
    ("Scribe", "custom", "scribe", "Writes the timeline.", "Write down what, who and when."),
]
TIMESTAMPS = [
    "Impact started at", "Reported at", "Accepted at", "Identified at", "Fixed at", "Resolved at",
    "Documented at", "Closed at", "Declined at", "Canceled at", "Merged at",
]  # fmt: skip
METRICS = [
    ("Time to identify", "Reported at", "Identified at"),
    ("Time to fix", "Reported at", "Fixed at"),
    ("Time to resolve", "Reported at", "Resolved at"),
    ("Length of impact", "Impact started at", "Fixed at"),
]
FIELDS = [
    ("Affected service", "single_select", "Which service is affected.", SERVICES, None),
    ("Affected regions", "multi_select", "Where it is affected.", REGIONS, None),
    ("Customer ticket", "link", "The ticket it was reported in.", [], None),
    ("Customers affected", "numeric", "How many customers noticed.", [], None),
    ("Root cause", "text", "What caused it, in one sentence.", [], None),
    ("Owning team", "single_select", "The team that owns the fix.", [], "Team"),
    ("Affected components", "multi_select", "Which components are involved.", [], "Component"),
]
COMPONENTS = ["api-gateway", "orders-database", "queue-workers", "search-index", "web-frontend", "cache"]
SOURCES = ["Metrics monitors", "Synthetic checks", "Error tracker"]
SOURCE_TYPES = ["grafana", "checkly", "sentry"]
WORKFLOWS = ["Announce major incidents", "Nudge for an update", "Export closed incidents"]


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

    def dated(self, **values: object) -> Record:
        """Return an object with an identifier and the times it was made and changed."""
        moment = shown(written(self._founded))
        return {"id": self.identity(), **values, "created_at": moment, "updated_at": moment}

    def named(self, names: list[str]) -> dict[str, Record]:
        """Return plain objects of an identifier and a name."""
        return by_id([{"id": self.identity(), "name": name} for name in names])


def by_id(records: list[Record]) -> dict[str, Record]:
    """Index objects by their identifiers."""
    return {record["id"]: record for record in records}


def named(records: dict[str, Record], name: str) -> Record:
    """Return the object with this name."""
    for record in records.values():  # a generator would take twice as long, and the history asks very often
        if record["name"] == name:
            return record
    raise KeyError(name)


def build(seed: int, epoch: datetime) -> Organisation:
    """Make the whole organisation; the same seed and epoch make the same one."""
    make = Builder(seed, epoch)
    organisation: Organisation = {
        "teams": make.named(TEAMS),
        "alert_sources": make.named(SOURCES),
        "workflows": make.named(WORKFLOWS),
        "severities": by_id(
            [
                make.dated(name=name, description=description, rank=rank)
                for rank, (name, description) in enumerate(SEVERITIES, 1)
            ]
        ),
        "incident_statuses": by_id(
            [
                make.dated(name=name, category=category, description=description, rank=rank)
                for rank, (category, name, description) in enumerate(STATUSES, 1)
            ]
        ),
        "incident_types": by_id(
            [
                make.dated(
                    name=name,
                    description=description,
                    create_in_triage=triage,
                    is_default=default,
                    private_incidents_only=private,
                )
                for name, description, triage, default, private in TYPES
            ]
        ),
        "incident_roles": by_id(
            [
                make.dated(
                    name=name,
                    role_type=role_type,
                    shortform=shortform,
                    description=description,
                    instructions=instructions,
                )
                for name, role_type, shortform, description, instructions in ROLES
            ]
        ),
        "incident_timestamps": by_id(
            [{"id": make.identity(), "name": name, "rank": rank} for rank, name in enumerate(TIMESTAMPS, 1)]
        ),
        "users": people(make),
    }
    organisation["duration_metrics"] = metrics(make, organisation)
    organisation.update(catalog(make, organisation))
    organisation.update(custom_fields(make, organisation))
    organisation["follow_up_categories"] = ranked(make, ["Prevention", "Detection", "Process"])
    organisation["follow_up_priorities"] = ranked(make, ["Low", "Normal", "Urgent"])
    organisation["escalation_paths"] = escalation_paths(make, organisation)
    # Whatever is new is made last: what was there before keeps its identifiers.
    for source, source_type in zip(organisation["alert_sources"].values(), SOURCE_TYPES, strict=True):
        source["source_type"] = source_type
    responders = [user["id"] for user in organisation["users"].values() if user["role"] == "responder"][:-1]
    founded = written(epoch - timedelta(days=730))
    on_call = schedules.build(make.identity, epoch, founded, responders, list(organisation["teams"]))
    organisation["schedules"] = by_id([dict(schedule) for schedule in on_call])
    for path, schedule in zip(organisation["escalation_paths"].values(), on_call, strict=False):
        second = path["path"][1]["level"]["targets"]  # pages the person on call beside the person of the level
        second.append(
            {"id": schedule["id"], "type": "schedule", "urgency": "low", "schedule_mode": "currently_on_call"}
        )
    organisation["incident_forms"] = by_id(forms.build(make.identity, shown(founded), organisation))
    retire(make, organisation)
    organisation.update(status_page(make))
    return organisation


def status_page(make: Builder) -> Organisation:
    """Make a status page and the components that it shows."""
    page = {"id": make.identity(), "name": "Sandbox status", "public_url": "https://status.example.com"}
    managed = {"annotations": {}, "managed_by": "dashboard"}
    components = make.named(COMPONENTS)
    return {
        "status_pages": by_id([page]),
        "status_page_components": {
            identity: component | {"management_meta": managed} for identity, component in components.items()
        },
    }


def retire(make: Builder, organisation: Organisation) -> None:
    """Add what organisations keep of the past: an archived catalog entry, and a second account of one address."""
    kind = named(organisation["catalog_types"], "Component")
    entry: Record = make.dated(
        name="mainframe",
        catalog_type_id=kind["id"],
        aliases=["big iron", "host"],
        external_id="component-mainframe",
        attribute_values={},
        rank=len(COMPONENTS),
    )
    organisation["catalog_entries"][entry["id"]] = entry | {"archived_at": entry["updated_at"]}
    current = named(organisation["users"], "Xavier Yeoman")
    left: Record = {"id": make.identity(), "is_active": False, "seats": {"on_call": "none", "response": "none"}}
    organisation["users"][left["id"]] = current | left | {"slack_user_id": "U0SANDBOXOLD"}


def ranked(make: Builder, names: list[str]) -> dict[str, Record]:
    """Make objects that have an order."""
    return by_id([{"id": make.identity(), "name": name, "rank": rank} for rank, name in enumerate(names, 1)])


def people(make: Builder) -> dict[str, Record]:
    """Make the users: the last one has left."""
    bases = {
        role: {
            "id": make.identity(),
            "name": role.capitalize(),
            "slug": role,
            "description": f"May act as {role}.",
        }
        for role in ("owner", "administrator", "responder", "viewer")
    }
    on_call = {
        "id": make.identity(),
        "name": "On-call",
        "slug": "on-call",
        "description": "Carries the pager.",
    }
    users = []
    for position, (name, role) in enumerate(PEOPLE):
        active = position < len(PEOPLE) - 1
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


def metrics(make: Builder, organisation: Organisation) -> dict[str, Record]:
    """Make the durations that are measured between two timestamps."""
    stamps = organisation["incident_timestamps"]
    return by_id(
        [
            {
                "id": make.identity(),
                "name": name,
                "from": named(stamps, start)["id"],
                "to": named(stamps, end)["id"],
            }
            for name, start, end in METRICS
        ]
    )


def catalog(make: Builder, organisation: Organisation) -> Organisation:
    """Make the catalog: the teams, and the components that each of them owns."""
    types: list[Record] = []
    entries: list[Record] = []
    for name, category, icon, color in (
        ("Team", "team", "users", "blue"),
        ("Component", "service", "box", "green"),
    ):
        attributes = [{"id": make.identity(), "name": "Description", "type": "String", "array": False, "mode": "api"}]
        if name == "Component":
            owner = {
                "id": make.identity(),
                "name": "Owner",
                "type": 'Custom["Team"]',
                "array": False,
                "mode": "api",
            }
            attributes.append(owner)
        types.append(
            make.dated(
                name=name,
                type_name=f'Custom["{name}"]',
                description=f"Every {name.lower()} we have.",
                annotations={},
                categories=[category],
                color=color,
                icon=icon,
                engine_resource_type=f'CatalogEntry["Custom[\\"{name}\\"]"]',
                is_editable=True,
                ranked=False,
                use_name_as_identifier=True,
                estimated_count=len(TEAMS if name == "Team" else COMPONENTS),
                schema={"version": 1, "attributes": attributes},
            )
        )
    teams = list(organisation["teams"].values())
    for kind, names in zip(types, (TEAMS, COMPONENTS), strict=True):
        for rank, name in enumerate(names):
            text = f"The {name} {kind['name'].lower()}."
            attributes = kind["schema"]["attributes"]
            values: Record = {attributes[0]["id"]: {"value": {"label": text, "literal": text}}}
            if kind["name"] == "Component":
                team = next(entry for entry in entries if entry["name"] == teams[rank % len(teams)]["name"])
                values[attributes[1]["id"]] = {"value": {"label": team["name"], "literal": team["id"]}}
            entries.append(
                make.dated(
                    name=name,
                    catalog_type_id=kind["id"],
                    aliases=[name.lower()],
                    external_id=f"{kind['name'].lower()}-{name.lower()}",
                    attribute_values=values,
                    rank=rank,
                )
            )
    return {"catalog_types": by_id(types), "catalog_entries": by_id(entries)}


def custom_fields(make: Builder, organisation: Organisation) -> Organisation:
    """Make a custom field of every type, with its options."""
    fields: list[Record] = []
    options: list[Record] = []
    for name, field_type, description, values, catalog_type in FIELDS:
        field = make.dated(name=name, field_type=field_type, description=description)
        if catalog_type:
            field["catalog_type_id"] = named(organisation["catalog_types"], catalog_type)["id"]
        fields.append(field)
        options.extend(
            {"id": make.identity(), "custom_field_id": field["id"], "value": value, "sort_key": 10 * position}
            for position, value in enumerate(values, 1)
        )
    return {"custom_fields": by_id(fields), "custom_field_options": by_id(options)}


def escalation_paths(make: Builder, organisation: Organisation) -> dict[str, Record]:
    """Make one escalation path for each of the first four teams: two levels, then again."""
    responders = [user["id"] for user in organisation["users"].values() if user["role"] == "responder"]
    paths = []
    for position, team in enumerate(list(organisation["teams"].values())[:4]):
        on_call = responders[2 * position : 2 * position + 2]
        levels = [
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
        again = {
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
