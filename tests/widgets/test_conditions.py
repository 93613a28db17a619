"""The conditions of an organisation's own form: judged by what is typed, and never guessed."""

from __future__ import annotations

import pytest

from incidentio_magic.api import models
from incidentio_magic.widgets._conditions import Judgement, form_for, judge, reference_of

VALUES = {
    "incident.severity": frozenset({"major"}),
    "incident.type": frozenset(),
    "incident.custom_field[F1]": frozenset({"a", "b"}),
}


def condition(subject, operation, *literals, reference=None):
    """Return a condition as the service sends it."""
    values = [models.ParameterValue(literal=literal) for literal in literals]
    if reference:
        values.append(models.ParameterValue(reference=reference))
    return models.Condition(
        models.ConditionSubject(subject),
        models.ConditionOperation(operation),
        [models.ParameterBinding(array_value=values)],
    )


def group(*conditions):
    """Return a group of conditions, which must all hold."""
    return models.ConditionGroup(list(conditions))


@pytest.mark.parametrize(
    ("subject", "operation", "literals", "judgement"),
    [
        ("incident.severity", "one_of", ("major", "critical"), Judgement.YES),
        ("incident.severity", "one_of", ("critical",), Judgement.NO),
        ("incident.severity", "not_one_of", ("critical",), Judgement.YES),
        ("incident.incident_type", "is_blank", (), Judgement.YES),
        ("incident.type", "is_set", (), Judgement.NO),
        ('incident.custom_field["F1"]', "all_of", ("a", "b"), Judgement.YES),
        ('incident.custom_field["F1"]', "all_of", ("a", "c"), Judgement.NO),
        ("incident.custom_field['F1']", "contains", ("B",), Judgement.YES),
        ("incident.severity", "ranks_above", ("major",), Judgement.UNKNOWN),
        ("incident.weather", "one_of", ("rain",), Judgement.UNKNOWN),
    ],
)
def test_each_operation(subject, operation, literals, judgement):
    """What is known is compared; an operation or a reference that is not known is not judged."""
    assert judge([group(condition(subject, operation, *literals))], VALUES) is judgement


def test_a_reference_as_a_parameter_is_not_judged():
    """What a condition compares with may be a reference to something that is not typed here."""
    compared = condition("incident.severity", "one_of", reference="incident.previous_severity")
    assert judge([group(compared)], VALUES) is Judgement.UNKNOWN


def test_groups_and_conditions():
    """Any group is enough; within one all conditions must hold; no groups are no condition."""
    holds = condition("incident.severity", "one_of", "major")
    fails = condition("incident.severity", "one_of", "minor")
    unknown = condition("incident.weather", "is_set")
    assert judge(None, VALUES) is judge([], VALUES) is Judgement.YES
    assert judge([group(fails), group(holds)], VALUES) is Judgement.YES
    assert judge([group(holds, fails)], VALUES) is Judgement.NO
    assert judge([group(unknown, fails)], VALUES) is Judgement.NO
    assert judge([group(unknown, holds)], VALUES) is Judgement.UNKNOWN
    assert judge([group(unknown), group(holds)], VALUES) is Judgement.YES
    assert judge([group(unknown), group(fails)], VALUES) is Judgement.UNKNOWN


def test_references_have_one_form():
    """Quotes and other names of the same thing do not matter."""
    assert reference_of('incident.custom_field["01F"]') == reference_of("incident.custom_fields[01F]")
    assert reference_of("incident.incident_status") == "incident.status"


def test_the_form_of_a_type():
    """A type's own form counts before the default one; other kinds of form do not count."""
    default = models.IncidentForm("1", "declare")
    own = models.IncidentForm("2", "declare", "T1")
    update = models.IncidentForm("3", "update", "T2")
    forms = [update, own, default]
    assert form_for(forms, "declare", "T1") is own
    assert form_for(forms, "declare", "T2") is default
    assert form_for(forms, "declare", None) is default
    assert form_for([own], "declare", "T2") is None
