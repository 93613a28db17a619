"""The parts of a request that declaring and editing an incident share: custom fields, roles, timestamps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.records import FieldValue
    from incidentio_magic.sandbox.vocabulary import CustomField, Organisation

LONGEST_NAME = 500  # the contract names no limit; the client stops at the same length
LONGEST_CHANNEL = 80
LONGEST_VALUE = 10_000
ValueName = Literal["value_option_id", "value_catalog_entry_id", "value_text", "value_link", "value_numeric"]
VALUES: tuple[ValueName, ...] = get_args(ValueName)
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
HOLDS: dict[str, ValueName] = {"text": "value_text", "link": "value_link", "numeric": "value_numeric"}


def custom_fields(body: Body, organisation: Organisation) -> dict[str, list[FieldValue]]:
    """Read `custom_field_entries`: the values that each custom field is set to."""
    entries: dict[str, list[FieldValue]] = {}
    for entry in body.inners("custom_field_entries"):
        identity = entry.reference("custom_field_id", organisation["custom_fields"], required=True)
        values = entry.inners("values", required=True)
        if identity is None:
            continue
        if identity in entries:
            entry.blame("custom_field_id", "each custom field can be set once")
        field = organisation["custom_fields"][identity]
        if len(values) > 1 and field["field_type"] != "multi_select":
            entry.blame("values", f"{field['name']} takes one value")
        read = [_value(value, field, organisation) for value in values]
        entries[identity] = [value for place, value in enumerate(read) if value and value not in read[:place]]
    return entries


def _value(value: Body, field: CustomField, organisation: Organisation) -> FieldValue | None:
    given = [name for name in VALUES if name in value]
    expected: ValueName = HOLDS.get(field["field_type"], "value_option_id")
    if field.get("catalog_type_id"):
        expected = "value_catalog_entry_id"
    if given != [expected]:
        message = f"{field['name']} is a {field['field_type']} field: it takes {expected} and nothing else"
        value.blame(given[0] if given and given[0] != expected else expected, message)
        return None
    content = value.text(expected, empty=False, longest=LONGEST_VALUE)
    if content is None:
        return None
    if expected == "value_option_id":
        option = organisation["custom_field_options"].get(content)
        if option is None or option["custom_field_id"] != field["id"]:
            value.blame(expected, f"{field['name']} has no such option", "not_found")
            return None
    elif expected == "value_catalog_entry_id":
        return _catalog_entry(value, content, field, organisation)
    elif expected == "value_numeric" and not NUMBER.fullmatch(content):
        value.blame(expected, f"{field['name']} takes a number")
    elif expected == "value_link" and not is_link(content):
        value.blame(expected, f"{field['name']} takes an http or https address")
    read: FieldValue = {}
    read[expected] = content
    return read


def _catalog_entry(value: Body, content: str, field: CustomField, organisation: Organisation) -> FieldValue | None:
    for entry in organisation["catalog_entries"].values():
        known = (entry["id"], entry["external_id"], *entry["aliases"])
        if entry["catalog_type_id"] == field["catalog_type_id"] and content in known:
            return {"value_catalog_entry_id": entry["id"]}
    value.blame("value_catalog_entry_id", f"{field['name']} has no such entry", "not_found")
    return None


def is_link(text: str) -> bool:
    """Return whether a text is a web address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", text)


def link(body: Body, name: str) -> str | None:
    """Read a field that holds a web address."""
    value = body.text(name, empty=False, longest=LONGEST_VALUE)
    if value is not None and not is_link(value):
        body.blame(name, f"{name} must be an http or https address")
    return value


def roles(body: Body, organisation: Organisation, *, declaring: bool) -> dict[str, str | None]:
    """Read `incident_role_assignments`: who each role goes to; None unassigns it."""
    assignments: dict[str, str | None] = {}
    for assignment in body.inners("incident_role_assignments"):
        role = assignment.reference("incident_role_id", organisation["incident_roles"], required=True)
        assignee = assignment.inner("assignee")
        user = _user(assignee, organisation) if assignee else None
        if role is None:
            continue
        if organisation["incident_roles"][role]["role_type"] == "reporter" and not declaring:
            assignment.blame("incident_role_id", "The reporter can only be set when the incident is declared")
        if role in assignments:
            assignment.blame("incident_role_id", "each role can be assigned once")
        assignments[role] = user
    return assignments


def _user(assignee: Body, organisation: Organisation) -> str | None:
    names: tuple[Literal["id", "email", "slack_user_id"], ...] = ("id", "email", "slack_user_id")
    given = [name for name in names if name in assignee]
    if not given:
        assignee.blame("id", "an assignee needs id, email or slack_user_id", "is_required")
        return None
    name = given[0]
    content = assignee.text(name)
    if content is None:
        return None
    for user in organisation["users"].values():
        if user[name].lower() == content.lower():
            if user["is_active"]:
                return user["id"]
            assignee.blame(name, f"{user['name']} is deactivated")
            return None
    assignee.blame(name, "there is no such user", "not_found")
    return None


def timestamps(body: Body, organisation: Organisation) -> dict[str, str | None]:
    """Read `incident_timestamp_values`: the time each timestamp is set to; None unsets it."""
    stamps: dict[str, str | None] = {}
    for entry in body.inners("incident_timestamp_values"):
        stamp = entry.reference("incident_timestamp_id", organisation["incident_timestamps"], required=True)
        value = entry.moment("value")
        if stamp is None:
            continue
        if stamp in stamps:
            entry.blame("incident_timestamp_id", "each timestamp can be set once")
        stamps[stamp] = value
    return stamps
