"""The levels of an escalation path: who is paged, in which order, when, and under which condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from incidentio_magic.api import models

_OTHERS: Final = {"slack_channel": "Slack channel", "msteams_channel": "Teams channel"}
_DEEPEST: Final = 50


@dataclass(frozen=True)
class Target:
    """A person, schedule or channel that a level pages.

    Args:
        level: The level's number, from 1.
        after_seconds: Seconds without an acknowledgement until the level is reached; None if unknown.
        condition: The conditions under which it is reached; "" if it always is.
        target: Who it pages: a person, a schedule or a channel.
    """

    level: int
    after_seconds: int | None
    condition: str
    target: models.PathTarget


def targets(path: models.EscalationPath) -> list[Target]:
    """Return who an escalation path pages, level by level, with both branches of each condition.

    Args:
        path: The path. A path from a template has no levels of its own, and the service does not list the template's.
    """
    return list(_walk(path.path or [], level=0, waited=0, condition=""))


def ends_in(path: models.EscalationPath) -> str:
    """Return what a path does after its last level, as text; "" if it ends there."""
    for node in _nodes(path.path or []):
        if node.repeat is not None and node.repeat.repeat_times:
            times = node.repeat.repeat_times
            return f"then again, {times} time{'s' if times > 1 else ''}"
        if node.escalation_path is not None:
            return "then another escalation path"
    return ""


def shown_target(target: models.PathTarget) -> str:
    """Return a target that is neither a person nor a schedule, as text."""
    return f"{_OTHERS.get(target.type, target.type)} {target.id}"


def _walk(
    nodes: Iterable[models.PathNode], *, level: int, waited: int | None, condition: str, depth: int = 0
) -> Iterator[Target]:
    for node in nodes if depth < _DEEPEST else ():
        if node.level is not None:
            level += 1
            for target in node.level.targets or ():
                yield Target(level, waited, condition, target)
            waited = _sum(waited, node.level.time_to_ack_seconds)
        elif node.delay is not None:
            waited = _sum(waited, node.delay.delay_seconds)
        elif node.if_else is not None:
            words = _words(node.if_else)
            for branch, name in ((node.if_else.then_path, "if"), (node.if_else.else_path, "unless")):
                also = " and ".join(filter(None, (condition, f"{name} {words}")))
                yield from _walk(branch or (), level=level, waited=waited, condition=also, depth=depth + 1)


def _nodes(nodes: Iterable[models.PathNode], depth: int = 0) -> Iterator[models.PathNode]:
    for node in nodes if depth < _DEEPEST else ():
        yield node
        if node.if_else is not None:
            for branch in (node.if_else.then_path, node.if_else.else_path):
                yield from _nodes(branch or (), depth + 1)


def _sum(waited: int | None, seconds: int | None) -> int | None:
    return None if waited is None or seconds is None else waited + seconds


def _words(branch: models.PathBranch) -> str:
    """Return a condition in the service's words."""
    found = []
    for condition in branch.conditions or ():
        subject = condition.subject.label or condition.subject.reference
        values = [label for binding in condition.param_bindings or () for label in binding.labels]
        operation = condition.operation.label or condition.operation.value.replace("_", " ")
        found.append(" ".join([subject, operation, ", ".join(values)]).strip())
    return " and ".join(found) or "its condition holds"
