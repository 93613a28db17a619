"""The state of a form: the content of its fields, and the result of sending it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.writes.drafts import Draft


class Stage(Enum):
    """The stage of a form."""

    EDITING = "editing"  # problems show beside the fields that were touched
    HELD_BACK = "held back"  # the button was clicked too early; the status line says why until something changes
    CHECKED = "checked"  # the button was clicked; problems show beside every field
    FAILED = "failed"  # nothing, or not everything, was written
    DONE = "done"


@dataclass(frozen=True)
class Contents:
    """The content of the fields at one moment.

    Args:
        typed: The typed or chosen value of each field.
        drafts: The drafts that would be sent; empty if the fields make no draft yet.
        problems: The problems that prevent sending, by field.
    """

    typed: Mapping[str, Any]
    drafts: tuple[Draft, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unresolved:
    """A write whose outcome is not known.

    Args:
        typed: The content of the fields when it was sent.
        message: What is unknown.
        check: What to check.
    """

    typed: Mapping[str, Any]
    message: str
    check: str


@dataclass(frozen=True)
class FormState:
    """The state of a form.

    Args:
        stage: Its stage.
        again: Whether the user deliberately repeats what was already sent.
        kept: Drafts that may have been written: while the fields do not change, exactly these are sent again.
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
