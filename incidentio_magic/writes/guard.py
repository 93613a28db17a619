"""Training mode's guard: before each write, it asks the service whether the incident is a test."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.models import TEST
from incidentio_magic.environment import how_training_ends, training_in
from incidentio_magic.names.resources import RESOURCES
from incidentio_magic.settings import is_this_machine
from incidentio_magic.writes.drafts import Declaration, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.api.wire import Request
    from incidentio_magic.writes.drafts import Draft

R = TypeVar("R")

BANNER: Final = "Training mode: only test incidents are listed and written to."

_DECLARE_HINT: Final = "leave the mode out: in training mode every declaration is a test"
_MERGED: Final = "merged"
_EDIT: Final = re.compile(r"/v2/incidents/([^/]+)/actions/(?:edit|import_postmortem_document)")
_DECLARE: Final = "/v2/incidents"
_PAGE: Final = "/v2/escalations"
_SANDBOX: Final = re.compile(r"/sandbox/(?:clock|drills(?:/\w+/(?:stop|pause|resume|dashboard))?)")
_TASK: Final = re.compile(r"/v3/(follow_ups|actions)/([^/]+)")
_RESPONSE: Final = re.compile(r"/v2/escalations/([^/]+)/actions/(?:respond|cancel)")
_ABOUT_ONE: Final = frozenset(
    {"/v2/incident_updates", "/v2/incident_timeline_items", _PAGE}
    | {"/v3/follow_ups", "/v3/actions", "/v1/incident_attachments"}
)
_STATUS: Final = ("to_incident_status_id", "incident_status_id")


class Guard:
    """In training mode, refuses every request that would change something other than a test incident.

    Args:
        api: The endpoints; their transport calls this guard before each request.
        training: Whether the connection was made for training. Training mode switched on later through the environment
            counts as well.
    """

    def __init__(self, api: Api, *, training: bool) -> None:
        self._api = api
        self._training = training
        self._sandbox: bool | None = None

    @property
    def on(self) -> bool:
        """Whether training mode is on."""
        return self._training or training_in(os.environ)

    def check_draft(self, draft: Draft) -> None:
        """Refuse a draft that training mode does not allow, judging only by the draft, without reading anything.

        Raises:
            TrainingRefused: If it is about anything but a test incident, or would page on the real service.
        """
        if not self.on:
            return
        if isinstance(draft, Declaration):
            _require_test(draft.mode, "this incident", _DECLARE_HINT)
        elif draft.incident is None:
            raise _about_no_incident()
        else:
            _require_test(draft.incident.mode, draft.incident.reference)
        if isinstance(draft, Page) and not is_this_machine(self._api.transport.host):
            raise _pages_nobody()

    def check(self, request: Request) -> None:
        """Refuse a request that training mode does not allow; called before each request is sent.

        Args:
            request: What is about to be sent.

        Raises:
            TrainingRefused: If it writes to something other than a test incident, if that cannot be determined, or if
                it would page people outside a sandbox on this machine. Nothing was sent.
        """
        if request.method == "GET" or not self.on:
            return
        body = request.body or {}
        edited = _EDIT.fullmatch(request.path)
        if self._is_task_or_page(request):
            return
        if request.method == "POST" and request.path == _DECLARE:
            _require_test(str(body.get("mode") or "standard"), "this incident", _DECLARE_HINT)
            return
        if request.method == "POST" and (edited or request.path in _ABOUT_ONE):
            self._require_test_incident(edited[1] if edited else str(body.get("incident_id") or ""))
            self._require_unmerged(body.get("incident") or {} if edited else body)
            if request.path == _PAGE:
                self._require_sandbox()
            return
        if _SANDBOX.fullmatch(request.path) and self._is_sandbox():
            return
        raise errors.TrainingRefused(
            f"Training mode does not know what {request.name} would write to; nothing was sent.", hint=_where_to()
        )

    def _is_task_or_page(self, request: Request) -> bool:
        """Return whether a request changes a follow-up, an action or a page; refuse it if an incident is not a test."""
        if (task := _TASK.fullmatch(request.path)) and request.method == "PUT":
            about = "which incident this belongs to"
            if task[1] == "follow_ups":
                self._require_test_incident(_checked(self._api.follow_up, task[2], about).incident_id)
            else:
                self._require_test_incident(_checked(self._api.action, task[2], about).incident_id)
            return True
        if (page := _RESPONSE.fullmatch(request.path)) and request.method == "POST":
            escalation = _checked(self._api.escalation, page[1], "which incident this page is about")
            if not escalation.related_incidents or self._api.last_unreadable:
                raise _about_no_incident()
            for incident in escalation.related_incidents:
                self._require_test_incident(incident.id)
            return True
        return False

    def _require_test_incident(self, identity: str) -> None:
        if not identity:
            raise errors.TrainingRefused(
                "Training mode writes to test incidents only; nothing was sent.", hint=_where_to()
            )
        incident = self._read(identity)
        _require_test(incident.mode, incident.reference)
        if incident.incident_status.category == _MERGED:
            raise errors.TrainingRefused(
                f"{incident.reference} was merged into another incident, which training mode must not change;"
                " nothing was sent.",
                hint="write to a test incident that is not merged",
            )

    def _require_unmerged(self, content: Mapping[str, Any]) -> None:
        wanted = {content[name] for name in _STATUS if content.get(name)}
        if wanted and any(status.id in wanted and status.category == _MERGED for status in self._statuses()):
            raise errors.TrainingRefused(
                "Training mode merges no incident into another; nothing was sent.",
                hint="decline it, or close it with a message that names the other incident",
            )

    def _require_sandbox(self) -> None:
        # A tunnel or a proxy on this machine may lead to the real service, so the address alone proves nothing.
        if not is_this_machine(self._api.transport.host) or not self._is_sandbox():
            raise _pages_nobody()

    def _is_sandbox(self) -> bool:
        if self._sandbox is None:
            try:
                self._sandbox = self._api.is_sandbox()
            except errors.IncidentioError as error:
                raise _unchecked("whether this is a sandbox", error) from None
        return self._sandbox

    def _read(self, identity: str) -> models.Incident:
        try:
            return self._api.incident(identity)
        except errors.IncidentioError as error:
            raise _unchecked("whether this is a test incident", error) from None

    def _statuses(self) -> list[models.IncidentStatus]:
        try:
            return self._api.whole(RESOURCES["statuses"].path, models.IncidentStatus)
        except errors.IncidentioError as error:
            raise _unchecked("which status is meant", error) from None


def _where_to() -> str:
    """Return the hint for a write that training mode does not allow."""
    return f"%incidents shows the test incidents; {how_training_ends()}"


def _require_test(mode: str, what: str, hint: str = "") -> None:
    if mode != TEST:
        raise errors.TrainingRefused(
            f"Training mode writes to test incidents only, and {what} is {mode}; nothing was sent.",
            hint=hint or _where_to(),
        )


def _checked(read: Callable[[str], R], identity: str, what: str) -> R:
    """Return the result of `read` for an ID from a request's path, which is percent-encoded."""
    try:
        return read(unquote(identity))
    except errors.IncidentioError as error:
        raise _unchecked(what, error) from None


def _about_no_incident() -> errors.TrainingRefused:
    return errors.TrainingRefused(
        "Training mode responds only to pages of test incidents, and this page names none; nothing was sent.",
        hint=_where_to(),
    )


def _pages_nobody() -> errors.TrainingRefused:
    return errors.TrainingRefused(
        "Training mode pages nobody on the real service; nothing was sent.",
        hint="practise paging on the sandbox: %incidents sandbox",
    )


def _unchecked(what: str, error: errors.IncidentioError) -> errors.TrainingRefused:
    return errors.TrainingRefused(
        f"Training mode could not find out {what}: {error.message} Nothing was sent.",
        hint=error.hint,
        request_id=error.request_id,
        retryable=error.retryable,
    )
