"""A large organisation: its incidents, people and catalog entries, as bytes that are prepared once."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW: Final = datetime(2026, 1, 15, 14, tzinfo=UTC)
MADE: Final = "2025-01-01T00:00:00Z"
PATTERNS: Final = 250  # incidents that differ in more than their ID, name and times
DAYS: Final = 730
CATEGORIES: Final = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")
OPEN: Final = ("triage", "live", "paused")
SHARES: Final = (40_000, 20_000, 15_000, 10_000, 6_000, 4_000, 2_500, 1_000, 400, 100)
HOLES: Final = (b'"@id"', b'"@reference"', b'"@name"', b'"@permalink"', b'"@created"', b'"@updated"')


@dataclass(frozen=True)
class Size:
    """How large the organisation is.

    Args:
        incidents: Its incidents.
        open_incidents: Those that are open, the newest.
        users: Its people.
        entries: The entries of all its catalogs.
        fields: Its custom fields; ten of them take their values from a catalog.
    """

    incidents: int = 50_000
    open_incidents: int = 300
    users: int = 5_000
    entries: int = 99_000
    fields: int = 40


class Organisation:
    """The organisation's records, as the service sends them.

    Args:
        size: How large it is.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        self.lists: dict[str, list[dict[str, Any]]] = {
            "severities": [
                _record("SEV", place, name, rank=place)
                for place, name in enumerate(("Trivial", "Minor", "Moderate", "Major", "Critical"))
            ],
            "incident_statuses": [
                _record("ST", place, name, category=category, rank=place)
                for place, (name, category) in enumerate(
                    (("Triage", "triage"), ("Investigating", "live"), ("Fixing", "live"), ("Monitoring", "live"),
                     ("Paused", "paused"), ("Documenting", "learning"), ("Reviewing", "learning"), ("Closed", "closed"),
                     ("Declined", "declined"), ("Canceled", "canceled"), ("Merged", "merged"))
                )
            ],
            "incident_types": [
                _record("TY", place, name, is_default=not place, private_incidents_only=False,
                        create_in_triage="optional")
                for place, name in enumerate(("Default", "Security", "Data", "Capacity"))
            ],
            "incident_roles": [
                _record("RO", place, name, role_type=kind, shortform=name.lower().replace(" ", "-"), instructions="",
                        required=False)
                for place, (name, kind) in enumerate(
                    (("Incident Lead", "lead"), ("Reporter", "reporter"), ("Communications", "custom"),
                     ("Scribe", "custom"), ("Operations", "custom"), ("Customer Liaison", "custom"))
                )
            ],
            "incident_timestamps": [
                {"id": f"TS{place:04}", "name": name, "rank": place}
                for place, name in enumerate(
                    ("Reported at", "Accepted at", "Identified at", "Impact started at", "Fixed at", "Closed at")
                )
            ],
        }  # fmt: skip
        self.lists["users"] = [_user(place) for place in range(size.users)]
        self.lists["custom_fields"] = [_field(place) for place in range(size.fields)]
        self.lists["escalation_paths"] = [
            {"id": f"EP{place:04}", "name": f"Team {place} on-call", "current_responders": [_user(place)], "path": []}
            for place in range(120)
        ]
        self.options = {
            field["id"]: [
                {"id": f"{field['id']}OP{place:03}", "value": f"Choice {place}", "custom_field_id": field["id"],
                 "sort_key": place}
                for place in range(40)
            ]
            for field in self.lists["custom_fields"]
            if "select" in field["field_type"] and "catalog_type_id" not in field
        }  # fmt: skip
        total = sum(SHARES)
        self.entries = {
            f"CT{place}": [_entry(f"CT{place}", number) for number in range(max(1, share * size.entries // total))]
            for place, share in enumerate(SHARES)
        }
        self.lists["incident_forms"] = [self._form()]
        self._patterns = [self._pattern(place) for place in range(PATTERNS)]
        self._open_patterns = [self._pattern(place, open_incident=True) for place in range(PATTERNS)]
        step = timedelta(days=DAYS) / size.incidents
        self.moments = [(NOW - step * (size.incidents - place)).timestamp() for place in range(size.incidents)]

    def _form(self) -> dict[str, Any]:
        """Return a declare form as organisations have them: the usual elements, then custom fields."""
        usual = [{"element_type": kind, "required_if": required} for kind, required in (
            ("name", "always_require"), ("incident_type", "never_require"), ("severity", "always_require"),
            ("summary", "never_require"), ("status", "never_require"),
        )]  # fmt: skip
        fields = [
            {"element_type": "custom_field", "custom_field_id": field["id"], "required_if": "never_require"}
            for field in self.lists["custom_fields"]
        ]
        elements = [
            {"id": f"EL{place:04}", "can_select_no_value": True, **element}
            for place, element in enumerate([*usual, *fields])
        ]
        return {"id": "FO0000", "form_type": "declare", "lifecycle_elements": elements, "expressions": [],
                "created_at": MADE, "updated_at": MADE}  # fmt: skip

    def _pattern(self, place: int, *, open_incident: bool = False) -> list[bytes]:
        """Return the JSON of an incident, cut where the values of `HOLES` go."""
        lists = self.lists
        wanted = OPEN if open_incident else CATEGORIES[3:]
        statuses = [status for status in lists["incident_statuses"] if status["category"] in wanted]
        status = statuses[place % len(statuses)] if open_incident or not place % 10 else statuses[2]
        users = lists["users"]
        record = {
            "id": "@id",
            "reference": "@reference",
            "name": "@name",
            "permalink": "@permalink",
            "created_at": "@created",
            "updated_at": "@updated",
            "summary": f"Requests to service {place} are slow; customers in region {place % 7} notice.",
            "mode": "standard",
            "visibility": "private" if place % 50 == 49 else "public",
            "incident_status": status,
            "severity": lists["severities"][place % 5],
            "incident_type": lists["incident_types"][place % 4],
            "creator": {"user": users[place % len(users)]},
            "incident_role_assignments": [
                {"role": _without_times(role), "assignee": users[(place * 7 + number) % len(users)]}
                for number, role in enumerate(lists["incident_roles"][:4])
            ],
            "custom_field_entries": [
                {"custom_field": _without_times(field), "values": self._values(place, number, field)}
                for number, field in enumerate(lists["custom_fields"])
            ],
            "incident_timestamp_values": [
                {"incident_timestamp": stamp, "value": {"value": "@created" if not number else "@updated"}}
                if number < 4 + place % 3
                else {"incident_timestamp": stamp}
                for number, stamp in enumerate(lists["incident_timestamps"])
            ],
            "duration_metrics": [
                {"duration_metric": {"id": "DM0000", "name": "Time to fix"}, "status": "success",
                 "value_seconds": 600 + place}
            ],
            "has_debrief": False,
            "slack_team_id": "T1",
            "slack_channel_id": f"C{place}",
            "slack_channel_name": f"inc-slow-requests-{place}",
            "workload_minutes_total": 60.5,
            "workload_minutes_working": 40.0,
            "workload_minutes_late": 20.5,
            "workload_minutes_sleeping": 0.0,
        }  # fmt: skip
        text = json.dumps(record).encode()
        for hole in HOLES:
            text = text.replace(hole, b"\0" + hole + b"\0")
        return text.split(b"\0")

    def _values(self, place: int, number: int, field: dict[str, Any]) -> list[dict[str, Any]]:
        if (place + number) % 4 == 0:
            return []
        if catalog := field.get("catalog_type_id"):
            entries = self.entries[catalog]
            entry = entries[place * 37 % len(entries)]
            return [{"value_catalog_entry": {key: entry[key] for key in ("id", "name", "external_id", "aliases")}}]
        if field["id"] in self.options:
            return [{"value_option": self.options[field["id"]][place % 40]}]
        if field["field_type"] == "numeric":
            return [{"value_numeric": str(place * 100)}]
        if field["field_type"] == "link":
            return [{"value_link": f"https://status.example.com/{place}"}]
        return [{"value_text": f"Note {place} of field {number}"}]

    @staticmethod
    def identity(number: int) -> str:
        """Return the ID of an incident."""
        return f"01LARGE{number:019d}"

    def incident(self, number: int) -> bytes:
        """Return one incident's JSON."""
        created = _time(self.moments[number])
        updated = _time(min(NOW.timestamp(), self.moments[number] + 7200))
        values = {
            b'"@id"': self.identity(number),
            b'"@reference"': f"INC-{number + 1}",
            b'"@name"': f"Slow requests {number + 1}",
            b'"@permalink"': f"https://app.incident.io/large/incidents/{number + 1}",
            b'"@created"': created,
            b'"@updated"': updated,
        }
        quoted = {hole: f'"{value}"'.encode() for hole, value in values.items()}
        patterns = self._open_patterns if self.is_open(number) else self._patterns
        return b"".join([quoted.get(part, part) for part in patterns[number % PATTERNS]])

    def is_open(self, number: int) -> bool:
        """Return whether an incident is open; the newest are."""
        return number >= self.size.incidents - self.size.open_incidents

    @lru_cache(maxsize=64)  # noqa: B019  there is one organisation for the life of the process
    def numbers(self, query: tuple[tuple[str, str], ...]) -> Sequence[int]:
        """Return the incidents that fit filters, oldest first.

        Raises:
            KeyError: If a filter is not known.
        """
        numbers: Sequence[int] = range(self.size.incidents)
        given: dict[str, set[str]] = {}
        for name, value in query:
            given.setdefault(name, set()).add(value)
        for name, values in given.items():
            field, _, rest = name.partition("[")
            if field in {"created_at", "updated_at"}:
                numbers = self._of_days(numbers, rest, values.pop())
            elif field == "mode":
                numbers = numbers if "standard" in values else []
            elif field == "status_category":
                numbers = self._of_categories(numbers, values, excluded=rest.startswith("not_in"))
            elif field in {"status", "severity", "incident_type", "custom_field"}:
                numbers = [number for number in numbers if self._has(number, name, values)]
            else:
                raise KeyError(name)
        return numbers

    def _of_categories(self, numbers: Sequence[int], names: set[str], *, excluded: bool) -> Sequence[int]:
        wanted = names | ({"live"} if "active" in names else set())
        if excluded:
            wanted = set(CATEGORIES) - wanted
        if set(CATEGORIES) <= wanted:
            return numbers
        return [number for number in numbers if self._record(number)["status_category"] in wanted]

    @lru_cache(maxsize=2 * PATTERNS)  # noqa: B019  as above
    def _of_pattern(self, place: int, *, open_incident: bool) -> dict[str, Any]:
        patterns = self._open_patterns if open_incident else self._patterns
        record = json.loads(b"".join(patterns[place]))
        return {"status_category": record["incident_status"]["category"], "record": record}

    def _record(self, number: int) -> dict[str, Any]:
        return self._of_pattern(number % PATTERNS, open_incident=self.is_open(number))

    def _has(self, number: int, name: str, values: set[str]) -> bool:
        record = self._record(number)["record"]
        field, _, rest = name.partition("[")
        operation = name.rpartition("[")[2].rstrip("]")
        if field == "custom_field":
            wanted = rest.partition("]")[0]
            entry = next(entry for entry in record["custom_field_entries"] if entry["custom_field"]["id"] == wanted)
            held = {
                part["id"]
                for value in entry["values"]
                for part in (value.get("value_option"), value.get("value_catalog_entry"))
                if part
            }
        else:
            held = {record["incident_status" if field == "status" else field]["id"]}
        if operation in {"gte", "lte"}:
            bound = next(severity["rank"] for severity in self.lists["severities"] if severity["id"] in values)
            rank = record["severity"]["rank"]
            return bool(rank >= bound if operation == "gte" else rank <= bound)
        return (not held & values) if operation == "not_in" else bool(held & values)

    def _of_days(self, numbers: Sequence[int], operation: str, value: str) -> Sequence[int]:
        since, _, until = value.partition("~") if "range" in operation else (value, "", value)
        first, last = 0, self.size.incidents
        if "range" in operation or operation.startswith("gte"):
            first = bisect_left(self.moments, _midnight(since))
        if "range" in operation or operation.startswith("lte"):
            last = bisect_left(self.moments, _midnight(until) + 86_400)
        if isinstance(numbers, range):
            return range(max(first, numbers.start), max(first, min(last, numbers.stop)))
        return [number for number in numbers if first <= number < last]

    def updates(self, number: int) -> list[bytes]:
        """Return the JSON of an incident's updates, newest first."""
        record = self._record(number)["record"]
        moment = self.moments[number]
        return [
            json.dumps({
                "id": f"UP{number:010}{place}",
                "incident_id": self.identity(number),
                "created_at": _time(min(NOW.timestamp(), moment + 1800 * place)),
                "new_incident_status": record["incident_status"],
                "new_severity": record["severity"],
                "message": f"Update {place} of incident {number + 1}.",
                "updater": record["creator"],
            }).encode()
            for place in (1, 0)
        ]  # fmt: skip


def _record(prefix: str, place: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{prefix}{place:04}",
        "name": name,
        "description": "",
        "created_at": MADE,
        "updated_at": MADE,
        **more,
    }


def _user(place: int) -> dict[str, Any]:
    return {
        "id": f"US{place:06}",
        "name": f"Person {place}",
        "email": f"person.{place}@example.com",
        "role": "responder",
        "slack_user_id": f"S{place:06}",
        "is_active": True,
        "base_role": {"id": "BR1", "name": "Responder", "slug": "responder"},
    }


def _field(place: int) -> dict[str, Any]:
    kinds = ("single_select", "single_select", "multi_select", "text", "numeric", "link")
    kind = "single_select" if place < len(SHARES) else kinds[place % len(kinds)]
    names = ("Owning team", "Affected service", "Region", "Customer", "Cluster", "Vendor", "Office", "Product", "Tier")
    name = names[place] if place < len(names) else f"Field {place}"
    catalog = {"catalog_type_id": f"CT{place}"} if place < len(SHARES) else {}
    return _record("CF", place, name, field_type=kind, options=[], required="never", **catalog)


def _entry(catalog: str, number: int) -> dict[str, Any]:
    return {
        "id": f"{catalog}EN{number:06}",
        "name": f"{catalog} entry {number}",
        "catalog_type_id": catalog,
        "external_id": f"{catalog.lower()}-{number}",
        "aliases": [f"alias-{number}"],
        "attribute_values": {},
        "rank": number,
        "created_at": MADE,
        "updated_at": MADE,
    }


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _midnight(day: str) -> float:
    return datetime.fromisoformat(day[:10]).replace(tzinfo=UTC).timestamp()


def _without_times(record: dict[str, Any]) -> dict[str, Any]:
    """Return a definition as it stands in an incident."""
    return {name: value for name, value in record.items() if name not in {"created_at", "updated_at", "required"}}
