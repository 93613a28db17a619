"""Evaluates the conditions of an organisation's own form against the typed values: pure, and without guessing."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from incidentio_magic.api import models

_ALIASES: Final = {
    "incident.incident_type": "incident.type",
    "incident.incident_status": "incident.status",
    "incident.custom_fields": "incident.custom_field",
    "incident.incident_role": "incident.role",
    "incident.roles": "incident.role",
}
_KEYED: Final = re.compile(r"""(?P<root>[\w.]+)\[["']?(?P<key>[^"'\]]+)["']?\]""")


class Judgement(Enum):
    """Whether a condition holds."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def reference_of(text: str) -> str:
    """Return a reference in its canonical form, such as `incident.severity` or `incident.custom_field[ID]`."""
    keyed = _KEYED.fullmatch(text.strip())
    if keyed is None:
        return _ALIASES.get(text.strip(), text.strip())
    return f"{_ALIASES.get(keyed['root'], keyed['root'])}[{keyed['key']}]"


def judge(groups: Sequence[models.ConditionGroup] | None, values: Mapping[str, frozenset[str]]) -> Judgement:
    """Return whether any group holds; without groups there is no condition, so True is returned.

    Args:
        groups: Each holds if all its conditions do.
        values: The current value of each reference, as IDs and strings; empty if nothing is chosen. A condition on a
            missing reference cannot be evaluated.
    """
    if not groups:
        return Judgement.YES
    judged = [_all([_condition(condition, values) for condition in group.conditions or ()]) for group in groups]
    if Judgement.YES in judged:
        return Judgement.YES
    return Judgement.UNKNOWN if Judgement.UNKNOWN in judged else Judgement.NO


def _all(judged: Sequence[Judgement]) -> Judgement:
    if Judgement.NO in judged:
        return Judgement.NO
    return Judgement.UNKNOWN if Judgement.UNKNOWN in judged else Judgement.YES


def _condition(condition: models.Condition, values: Mapping[str, frozenset[str]]) -> Judgement:
    present = values.get(reference_of(condition.subject.reference))
    if present is None:
        return Judgement.UNKNOWN
    bindings = condition.param_bindings or ()
    parameters = [
        value
        for binding in bindings
        for value in [*([binding.value] if binding.value else []), *(binding.array_value or ())]
    ]
    if any(value.literal is None for value in parameters):
        return Judgement.UNKNOWN  # this form has no field for the reference
    wanted = frozenset(value.literal for value in parameters if value.literal is not None)
    compare = _OPERATIONS.get(condition.operation.value)
    return Judgement.UNKNOWN if compare is None else _judged(compare(present, wanted))


def _contains(present: frozenset[str], wanted: frozenset[str]) -> bool:
    return any(part.casefold() in value.casefold() for part in wanted for value in present)


def _operations() -> dict[str, Callable[[frozenset[str], frozenset[str]], bool]]:
    """Return how each known operation compares the chosen values with the condition's values."""
    any_of = ("one_of", "is", "equals", "is_one_of", "contains_one_of", "any_of")
    none_of = ("not_one_of", "not_in", "is_not", "is_not_one_of", "none_of")
    blank = ("is_blank", "is_not_set", "not_set", "is_empty")
    return {
        **dict.fromkeys(any_of, lambda present, wanted: bool(present & wanted)),
        **dict.fromkeys(none_of, lambda present, wanted: not present & wanted),
        **dict.fromkeys(("all_of", "contains_all_of"), lambda present, wanted: wanted <= present),
        **dict.fromkeys(blank, lambda present, _wanted: not present),
        "is_set": lambda present, _wanted: bool(present),
        "contains": _contains,
    }


_OPERATIONS: Final = _operations()


def _judged(holds: bool) -> Judgement:
    return Judgement.YES if holds else Judgement.NO


def form_for(
    forms: Sequence[models.IncidentForm], form_type: str, incident_type_id: str | None
) -> models.IncidentForm | None:
    """Return the organisation's form of a kind for an incident type: the type's own form, else the default form.

    Args:
        forms: All forms.
        form_type: declare, update or resolve.
        incident_type_id: The ID of the incident type, if one is chosen.
    """
    fitting = {form.incident_type_id: form for form in reversed(forms) if form.form_type == form_type}
    own = fitting.get(incident_type_id) if incident_type_id else None
    return own or fitting.get(None)
