"""The organisation's own forms: the types of their elements, and of the conditions under which each is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from incidentio_magic.sandbox.vocabulary import LiteralValue


class Subject(TypedDict):
    """What a condition is about."""

    label: str
    reference: str


class Operation(TypedDict):
    """How a condition compares."""

    label: str
    value: str


class DefaultValue(TypedDict):
    """What is filled in if nothing else is chosen."""

    value: LiteralValue


class Choices(TypedDict):
    """The values that a condition compares with."""

    array_value: list[LiteralValue]


class FormCondition(TypedDict):
    """A condition, such as: the severity is Major or Critical."""

    subject: Subject
    operation: Operation
    param_bindings: list[Choices]


class ConditionGroup(TypedDict):
    """Conditions that hold together."""

    conditions: list[FormCondition]


class ElementOptions(TypedDict, total=False):
    """What an element of a form may have."""

    placeholder: str
    description: str
    required_if: str
    required_if_condition_groups: list[ConditionGroup]
    show_if_condition_groups: list[ConditionGroup]
    default_value: DefaultValue
    can_select_no_value: bool
    custom_field_id: str
    incident_role_id: str
    incident_timestamp_id: str


class UnplacedElement(ElementOptions):
    """An element that no form has yet."""

    element_type: str


class FormElement(UnplacedElement):
    """An element of a form."""

    id: str


class IncidentForm(TypedDict):
    """A form of the organisation's own."""

    id: str
    form_type: str
    incident_type_id: NotRequired[str]
    expressions: list[object]  # always empty: the sandbox has none
    lifecycle_elements: list[FormElement]
    created_at: str
    updated_at: str
