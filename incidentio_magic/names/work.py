"""Finds pages, follow-ups and actions by incident and number, or by ID."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names.numbered import at_number, in_order, label, split_number
from incidentio_magic.names.references import is_numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.vocabulary import Vocabulary

    Task = models.FollowUp | models.Action

_ANSWERED: Final = frozenset({"acked", "resolved", "expired", "cancelled"})


def page(
    text: str, api: Api, vocabulary: Vocabulary, *, wanted: str
) -> tuple[models.Escalation, models.Incident | None]:
    """Return the one page that `text` names, and its incident.

    Args:
        text: `INC-7#2`, the page's ID, or `INC-7` if exactly one of its pages is waiting.
        api: The endpoints.
        vocabulary: Resolves references.
        wanted: The status that the page will get; if no page is waiting, the newest page with this status is returned.

    Raises:
        UnknownName: If there is none.
        AmbiguousName: If several pages of the incident are waiting.

    Sources: `GET /v2/escalations`, `GET /v2/escalations/{id}`.
    """
    reference, number = split_number(text)
    if number is None and not is_numbered(reference) and (found := _page_by_id(reference, api)) is not None:
        about = found.related_incidents or ()
        return found, _visible(about[0].id, api) if about else None
    incident = _incident(reference, "page", "pages", vocabulary)
    pages = in_order(api.escalations(incident.id).whole())
    if number is not None:
        return at_number("page", "pages", incident.reference, number, pages), incident
    return _waiting(incident, pages, wanted), incident


def task(text: str, kind: type[Task], api: Api, vocabulary: Vocabulary) -> tuple[Task, models.Incident, str]:
    """Return the one follow-up or action that `text` names, its incident, and its label.

    Args:
        text: `INC-7#2`, or its ID.
        kind: Whether it is a follow-up or an action.
        api: The endpoints.
        vocabulary: Resolves references.

    Raises:
        InputError: If an incident is named without a number.
        UnknownName: If there is none.

    Sources: `GET /v3/follow_ups`, `GET /v3/actions`.
    """
    is_follow_up = kind is models.FollowUp
    noun, command = ("follow-up", "follow_ups") if is_follow_up else ("action", "actions")
    reference, number = split_number(text)
    if number is None and not is_numbered(reference):
        found = _task_by_id(reference, api, is_follow_up=is_follow_up)
        if found is not None:
            return found, vocabulary.incident(found.incident_id), found.id
    incident = _incident(reference, noun, command, vocabulary)
    listing = api.follow_ups if is_follow_up else api.actions
    records: list[Task] = in_order(listing(incident.id, incident.mode).whole())
    if number is None:
        example = f"like {incident.reference}#1; " if records else ""
        raise errors.InputError(
            f"{incident.reference} has {len(records)} {noun}{'s' * (len(records) != 1)}: name one by its number.",
            hint=f"{example}%incidents {command} {incident.reference} lists them",
        )
    found = at_number(noun, command, incident.reference, number, records)
    return found, incident, label(incident.reference, found, records)


def _waiting(incident: models.Incident, pages: Sequence[models.Escalation], wanted: str) -> models.Escalation:
    """Return the one page of an incident that is waiting, else the newest page that already has the wanted status."""
    reference = incident.reference
    waiting = [found for found in pages if found.status not in _ANSWERED]
    if len(waiting) == 1:
        return waiting[0]
    if waiting:
        numbers = " or ".join(f"{label(reference, found, pages)} ({found.status})" for found in waiting)
        raise errors.AmbiguousName(f"{len(waiting)} pages of {reference} are waiting.", hint=f"choose one: {numbers}")
    if done := [found for found in pages if found.status == wanted]:
        return done[-1]
    count = f"{len(pages)} page{'s' * (len(pages) != 1)}, none of which is waiting" if pages else "no page"
    hint = f"%incidents pages {reference} lists them" if pages else "%incidents pages lists those of every incident"
    raise errors.UnknownName(f"{reference} has {count}.", hint=hint)


def _incident(reference: str, noun: str, command: str, vocabulary: Vocabulary) -> models.Incident:
    try:
        return vocabulary.incident(reference)
    except errors.UnknownName as error:
        if is_numbered(reference):
            raise
        raise errors.UnknownName(
            f"There is no {noun} {reference!r} that this key may see.",
            hint=f"name it by its incident and number, like INC-123#1, or by its ID; %incidents {command} lists them",
            request_id=error.request_id,
        ) from None


def _page_by_id(identity: str, api: Api) -> models.Escalation | None:
    try:
        return api.escalation(identity)
    except (errors.NotFound, errors.ValidationFailed):
        return None


def _task_by_id(identity: str, api: Api, *, is_follow_up: bool) -> Task | None:
    try:
        return api.follow_up(identity) if is_follow_up else api.action(identity)
    except (errors.NotFound, errors.ValidationFailed):
        return None


def _visible(identity: str, api: Api) -> models.Incident | None:
    try:
        return api.incident(identity)
    except errors.NotFound:
        return None
