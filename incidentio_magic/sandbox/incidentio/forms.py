"""The organisation's own forms: their elements, and when each is shown or required.

The service serves forms but enforces little of them on its API, so the sandbox enforces nothing either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidentio_magic.sandbox.incident_forms import (
        ConditionGroup,
        DefaultValue,
        ElementOptions,
        FormCondition,
        IncidentForm,
        UnplacedElement,
    )
    from incidentio_magic.sandbox.vocabulary import Named, Organisation


def build(identity: Callable[[], str], founded: str, organisation: Organisation) -> list[IncidentForm]:
    """Make the forms: a default form of each type, and a separate form for declaring security incidents.

    Args:
        identity: makes identifiers.
        founded: when the forms were made.
        organisation: the fields, roles, severities and types that the forms refer to.
    """
    severities, roles, fields = (
        organisation["severities"],
        organisation["incident_roles"],
        organisation["custom_fields"],
    )
    serious = [one_of("incident.severity", ids(severities, "Major", "Critical"))]
    (platform,) = ids(organisation["incident_types"], "Platform")
    (security,) = ids(organisation["incident_types"], "Security")
    (service,) = ids(fields, "Affected service")
    (ticket,) = ids(fields, "Customer ticket")
    (customers,) = ids(fields, "Customers affected")
    (cause,) = ids(fields, "Root cause")
    (regions,) = ids(fields, "Affected regions")
    (lead,) = ids(roles, "Incident Lead")
    (comms,) = ids(roles, "Communications Lead")
    (impact,) = ids(organisation["incident_timestamps"], "Impact started at")
    (minor,) = ids(severities, "Minor")
    forms = {
        ("declare", None): [
            element("name", placeholder="What is broken, and for whom?", required_if="never_require"),
            element("incident_type", required_if="always_require", default_value=binding(platform)),
            element("severity", required_if="always_require", default_value=binding(minor)),
            element("divider"),
            element(
                "custom_field",
                custom_field_id=service,
                required_if="always_require",
                description="The **service** that customers see fail.",
            ),
            element("custom_field", custom_field_id=regions, can_select_no_value=True),
            element(
                "custom_field",
                custom_field_id=ticket,
                show_if_condition_groups=[one_of("incident.incident_type", [platform])],
            ),
            element("summary", placeholder="What do we know so far?"),
        ],
        ("declare", security): [
            element("text", description="Security incidents are **private**. Share as little as possible."),
            element("name", required_if="always_require"),
            element("severity", required_if="always_require"),
            element("summary", required_if="always_require"),
        ],
        ("accept", None): [
            element("severity", required_if="always_require"),
            element("incident_role", incident_role_id=lead, required_if="always_require"),
        ],
        ("update", None): [
            element("status", required_if="never_require"),
            element("severity", required_if="never_require"),
            element(
                "update_message",
                placeholder="What changed since the last update?",
                required_if="check_engine_config",
                required_if_condition_groups=serious,
            ),
            element("next_update_in", show_if_condition_groups=serious),
        ],
        ("resolve", None): [
            element("timestamp", incident_timestamp_id=impact, required_if="always_require"),
            element(
                "custom_field",
                custom_field_id=cause,
                required_if="check_engine_config",
                required_if_condition_groups=serious,
                description="One sentence, without names.",
            ),
            element("custom_field", custom_field_id=customers, show_if_condition_groups=serious),
            element("incident_role", incident_role_id=comms, show_if_condition_groups=serious),
            element("update_message", required_if="always_require"),
        ],
        ("retrospective", None): [
            element("name", required_if="always_require"),
            element("severity", required_if="always_require"),
            element("announce_retro_incident"),
        ],
        ("custom-fields", None): [
            element("custom_field", custom_field_id=field) for field in (service, regions, ticket)
        ],
    }
    made: list[IncidentForm] = []
    for (form_type, type_id), elements in forms.items():
        form: IncidentForm = {
            "id": identity(),
            "form_type": form_type,
            "expressions": [],
            "lifecycle_elements": [{"id": identity(), **part} for part in elements],
            "created_at": founded,
            "updated_at": founded,
        }
        if type_id:
            form["incident_type_id"] = type_id
        made.append(form)
    return made


def ids(records: Mapping[str, Named], *names: str) -> list[str]:
    """Return the identifiers of the objects with these names."""
    return [record["id"] for name in names for record in records.values() if record["name"] == name]


def element(element_type: str, **options: Unpack[ElementOptions]) -> UnplacedElement:
    """Return an element of a form."""
    return {"element_type": element_type, **options}


def binding(identity: str) -> DefaultValue:
    """Return a default value."""
    return {"value": {"literal": identity}}


def one_of(subject: str, identities: list[str]) -> ConditionGroup:
    """Return a group of one condition, such as: the severity is Major or Critical."""
    condition: FormCondition = {
        "subject": {"label": subject.rpartition(".")[2].replace("_", " ").capitalize(), "reference": subject},
        "operation": {"label": "one of", "value": "one_of"},
        "param_bindings": [{"array_value": [{"literal": identity} for identity in identities]}],
    }
    return {"conditions": [condition]}
