"""Grows an organisation for demonstrations: more people and components than fit on a screen."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio.clock import shown, written
from incidentio_magic.sandbox.incidentio.identifiers import identifier
from incidentio_magic.sandbox.incidentio.organisation import named

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.sandbox.vocabulary import AttributeValue, Organisation, User, UserRole

FIRST_COUNTER = 900_000_000  # beyond the identifiers of everything else
GIVEN_NAMES = (
    "Amina", "Bao", "Chiara", "Diego", "Eszter", "Farid", "Gudrun", "Hiroshi", "Ines", "Jamal", "Katya", "Lars",
    "Mei", "Nadia", "Oumar", "Priya", "Rafael", "Sanna", "Tomasz", "Ulrike", "Valentina", "Wei", "Yara",
    "Zoltan",
)  # fmt: skip
FAMILY_NAMES = (
    "Abara", "Bergström", "Castillo", "Dubois", "Eriksen", "Ferrari", "Gruber", "Haddad", "Ivanova", "Jansen",
    "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quispe", "Rossi", "Santos", "Tanaka",
    "Usman", "Vega", "Wang", "Yilmaz", "Zhang",
)  # fmt: skip
SERVICES = (
    "accounts", "billing", "checkout", "delivery", "emails", "fraud", "gateway", "inventory", "ledger", "media",
    "orders", "payments", "reports", "search", "tokens", "webhooks",
)  # fmt: skip
PARTS = ("api", "cache", "consumer", "cron", "db", "proxy", "queue", "ui", "worker")
RESPONDER_EVERY = 3
PLAIN = str.maketrans("öñ", "on")


def grow(organisation: Organisation, seed: int, epoch: datetime, people: int, options: int) -> None:
    """Add people and components up to the given numbers; existing ones stay as they are.

    Args:
        organisation: the organisation, changed in place.
        seed: decides the names.
        epoch: when the new objects are made.
        people: the number of people afterwards, including those who left; a smaller number than now changes nothing.
        options: the number of components afterwards.
    """
    dice = Random(f"large {seed}")  # noqa: S311  dice, not secrets
    users, entries = organisation["users"], organisation["catalog_entries"]
    kind = named(organisation["catalog_types"], "Component")
    present = sum(entry["catalog_type_id"] == kind["id"] for entry in entries.values())
    bases = {user["role"]: user["base_role"] for user in users.values()}
    counter = FIRST_COUNTER
    for number in range(len(users) + 1, people + 1):
        counter += 1
        user = _person(identifier(epoch, seed, counter), number, dice, bases)
        users[user["id"]] = user
    attributes = kind["schema"]["attributes"]
    teams = [entry for entry in entries.values() if entry["catalog_type_id"] != kind["id"]]
    made_at = shown(written(epoch))
    for number in range(present + 1, options + 1):
        counter += 1
        name, team = f"{dice.choice(SERVICES)}-{dice.choice(PARTS)}-{number:05}", dice.choice(teams)
        values: dict[str, AttributeValue] = {
            attributes[0]["id"]: {"value": {"label": f"The {name} component.", "literal": f"The {name} component."}},
            attributes[1]["id"]: {"value": {"label": team["name"], "literal": team["id"]}},
        }
        entry_id = identifier(epoch, seed, counter)
        entries[entry_id] = {
            "id": entry_id,
            "name": name,
            "catalog_type_id": kind["id"],
            "aliases": [],
            "external_id": f"component-{name}",
            "attribute_values": values,
            "rank": number,
            "created_at": made_at,
            "updated_at": made_at,
        }
    kind["estimated_count"] = max(kind["estimated_count"], options)


def _person(identity: str, number: int, dice: Random, bases: dict[str, UserRole]) -> User:
    given, family = dice.choice(GIVEN_NAMES), dice.choice(FAMILY_NAMES)
    role = "responder" if number % RESPONDER_EVERY == 0 else "viewer"
    access = "full_access" if role == "responder" else "viewer_only"
    return {
        "id": identity,
        "name": f"{given} {family}",
        "email": f"{given}.{family}.{number}@example.com".translate(PLAIN).lower(),
        "slack_user_id": f"U0SANDBOX{number:05}",
        "role": role,
        "base_role": bases[role],
        "custom_roles": [],
        "is_active": True,
        "seats": {"on_call": access, "response": access},
    }
