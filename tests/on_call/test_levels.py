"""Escalation paths as levels: who is paged first, who after how long, and under which condition."""

from __future__ import annotations

import msgspec

from incidentio_magic.api import models
from incidentio_magic.on_call.levels import ends_in, shown_target, targets


def level(identity, *people, wait=300):
    """Return a level that pages people."""
    found = [{"id": name, "type": "user", "urgency": "high"} for name in people]
    return {"id": identity, "type": "level", "level": {"targets": found, "time_to_ack_seconds": wait}}


CONDITION = {
    "subject": {"label": "Priority", "reference": "alert.priority"},
    "operation": {"label": "is one of", "value": "one_of"},
    "param_bindings": [{"array_value": [{"label": "P1", "literal": "01P1"}, {"label": "P2", "literal": "01P2"}]}],
}


def path(*nodes):
    """Return an escalation path."""
    return msgspec.convert({"id": "P", "name": "Search on-call", "path": list(nodes)}, models.EscalationPath)


def rows(found):
    """Return the targets of a path as plain values."""
    return [(row.level, row.after_seconds, row.condition, row.target.id) for row in targets(found)]


def test_levels_follow_each_other():
    """Each level is reached after those before it have let their time pass; a delay counts as well."""
    delay = {"id": "d", "type": "delay", "delay": {"delay_seconds": 60}}
    found = path(level("a", "ada", "bob"), delay, level("b", "eve", wait=None), level("c", "joe"))
    assert rows(found) == [(1, 0, "", "ada"), (1, 0, "", "bob"), (2, 360, "", "eve"), (3, None, "", "joe")]


def test_both_branches_of_a_condition():
    """What depends on a condition is listed with it, in the words of the service."""
    branch = {"conditions": [CONDITION], "then_path": [level("b", "bob")], "else_path": [level("c", "eve")]}
    found = path(level("a", "ada"), {"id": "i", "type": "if_else", "if_else": branch})
    assert rows(found) == [
        (1, 0, "", "ada"),
        (2, 300, "if Priority is one of P1, P2", "bob"),
        (2, 300, "unless Priority is one of P1, P2", "eve"),
    ]


def test_a_condition_without_labels():
    """A condition that says nothing readable is still a condition."""
    branch = {"then_path": [level("b", "bob")]}
    assert rows(path({"id": "i", "type": "if_else", "if_else": branch})) == [(1, 0, "if its condition holds", "bob")]


def test_what_comes_after_the_last_level():
    """A path begins again, hands over to another one, or ends."""
    assert ends_in(path(level("a", "ada"))) == ""
    assert ends_in(path({"id": "r", "type": "repeat", "repeat": {"repeat_times": 1}})) == "then again, 1 time"
    handover = {"id": "e", "type": "escalation_path", "escalation_path": {"escalation_path_id": "Q"}}
    branch = {"id": "i", "type": "if_else", "if_else": {"conditions": [], "else_path": [handover]}}
    assert ends_in(path(branch)) == "then another escalation path"


def test_a_path_that_contains_itself_ends():
    """However deep a path goes, following it ends."""
    nodes = [level("a", "ada")]
    for _depth in range(80):
        nodes = [{"id": "i", "type": "if_else", "if_else": {"conditions": [CONDITION], "then_path": nodes}}]
    assert rows(path(*nodes)) == []
    assert ends_in(path(*nodes)) == ""


def test_channels_have_words():
    """A channel is named as one."""
    assert shown_target(models.PathTarget("C1", "slack_channel")) == "Slack channel C1"
    assert shown_target(models.PathTarget("C1", "pigeon")) == "pigeon C1"
