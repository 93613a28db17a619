"""Messages for writes that were refused or whose outcome is unknown."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.writes.drafts import (
    Creation,
    Declaration,
    Edit,
    StateChange,
    Update,
    legal_statuses,
)

if TYPE_CHECKING:
    from incidentio_magic.api import models
    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.vocabulary import Vocabulary
    from incidentio_magic.writes.drafts import Draft

AMBIGUOUS: Final = (errors.AnswerLost, errors.ServiceUnavailable, errors.UnexpectedAnswer, errors.Conflict)
"""The errors after which a write may have happened."""

_HAPPENED: Final = {
    "update": "the update of {} was shared",
    "event": "the event was added to {}",
    "page": "people were paged for {}",
    "edit": "the edit of {} went through",
}

_SHOWN_BY: Final = {"update": "updates", "edit": "show"}  # the subcommand that lists each kind of write


def check_about(identity: str, incident: models.Incident) -> None:
    """Refuse a response about another incident; a proxy may have mixed up responses.

    Raises:
        UnexpectedAnswer: If the response is about another incident.
    """
    if identity != incident.id:
        raise errors.UnexpectedAnswer(
            f"The response is about an incident other than {incident.reference}.",
            status=HTTPStatus.OK,
            hint="run this again",
            retryable=True,
        )


def interrupted(draft: Draft) -> errors.Interrupted:
    """Return the error for a write that was interrupted while it was being sent."""
    what, hint = _to_check(draft, None)
    return errors.Interrupted(f"It is not known whether {what}.", hint=hint)


def unknown(draft: Draft, error: errors.IncidentioError, names: list[str] | None = None) -> errors.OutcomeUnknown:
    """Return the error for a write whose response was lost; it names what to check."""
    what, hint = _to_check(draft, names)
    return errors.OutcomeUnknown(
        f"It is not known whether {what}: {error.message}", hint=hint, request_id=error.request_id, retryable=True
    )


def explained(
    draft: Draft, error: errors.ValidationFailed, api: Api, vocabulary: Vocabulary
) -> errors.ValidationFailed:
    """Add the allowed statuses to the error about a rejected status."""
    if isinstance(draft, Update | Edit) and draft.status and any("status" in name for name in error.fields):
        try:
            present = api.incident(draft.incident.id).incident_status
            names = [status.name for status in legal_statuses(present, vocabulary.statuses())]
        except errors.IncidentioError:  # a failing read must not hide the refusal
            return error
        after = f"from {present.name} it can move to {', '.join(names)}"
        error.hint = f"{after if names else f'no status may follow {present.name}'}; nothing was sent"
    return error


def _to_check(draft: Draft, names: list[str] | None) -> tuple[str, str]:
    if isinstance(draft, Creation):
        return draft.happened, "run it again: it waits until this is settled, checks first, and adds it at most once"
    if isinstance(draft, StateChange):
        return draft.happened, f"check with {draft.check}; if you run it again, it changes only what differs"
    if isinstance(draft, Declaration):
        what, check = "the incident was declared", "%incidents list --since 1h"
    else:
        reference = draft.incident.reference
        what = _HAPPENED[draft.verb].format(reference)
        check = f"%incidents {_SHOWN_BY.get(draft.verb, 'timeline')} {reference}"
    if isinstance(draft, Edit):
        names = draft.changed(draft.incident) if names is None else names
        return what, f"check {', '.join(names)} with {check} before you run it again"
    return what, f"run it again: the same key is written only once; {check} shows the current state"
