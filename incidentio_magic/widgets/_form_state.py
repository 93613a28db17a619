"""How far a form is: what was typed and read from its fields, and what came of sending it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.writes.drafts import Draft


class Stage(Enum):
    """How far a form is."""

    EDITING = "editing"  # problems show beside the fields that were touched
    HELD_BACK = "held back"  # the button was clicked too early; the status line says why until something changes
    CHECKED = "checked"  # the button was clicked; problems show beside every field
    FAILED = "failed"  # nothing, or not everything, was written
    DONE = "done"


@dataclass(frozen=True)
class Contents:
    """What the fields stand for at one moment.

    Args:
        typed: What is typed and chosen, by field.
        drafts: What would be sent; empty if the fields stand for nothing yet.
        problems: What keeps it from being sent, by field.
    """

    typed: Mapping[str, Any]
    drafts: tuple[Draft, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unresolved:
    """A write whose outcome is not known.

    Args:
        typed: What was typed when it was sent.
        message: What is not known.
        check: What to check.
    """

    typed: Mapping[str, Any]
    message: str
    check: str


@dataclass(frozen=True)
class FormState:
    """The state of a form.

    Args:
        stage: How far it is.
        again: Whether what was already sent is deliberately sent once more.
        kept: What is sent again as it was while the fields stay as they are, since it may have been written.
        unresolved: The write whose outcome is not known.
        refused: The errors of the service, by field, until the user changes that field.
    """

    stage: Stage = Stage.EDITING
    again: bool = False
    kept: Contents | None = None
    unresolved: Unresolved | None = None
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def was_submitted(self) -> bool:
        """Whether the button was clicked, so that every problem shows."""
        return self.stage is not Stage.EDITING
