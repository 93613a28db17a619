"""All errors that this project raises on purpose; each says in one or two lines what is wrong and what to do next.

    IncidentioError
    ├── SettingsError           the connection or an option is not set up
    ├── InputError              what was typed cannot be understood
    │   ├── UnknownName         a name that the organisation does not have
    │   ├── ScenarioError       a scenario with mistakes, all of them named
    │   ├── AmbiguousName       a name that fits more than one thing
    │   ├── TemplateError       a template that cannot be rendered
    │   └── DraftError          a write with problems, by field; nothing was sent
    ├── TrainingRefused         training mode does not allow the write; nothing was sent
    ├── RecentlyEnded           an incident declared by the same text ended within a day; nothing was sent
    ├── WriteInProgress         another kernel is making the same write; nothing was sent
    ├── ChangedMeanwhile        somebody else changed the same properties; nothing was sent
    ├── ConnectionFailed        the service could not be reached; nothing was sent
    ├── AnswerLost              the request may have arrived, but no usable response came back
    ├── OutcomeUnknown          a write whose outcome is unknown; the hint names what to check
    ├── ServiceError            the service responded with an error
    │   ├── AuthenticationFailed  401
    │   ├── PermissionDenied      403
    │   ├── NotFound              404
    │   ├── Conflict              409
    │   ├── ValidationFailed      400, 413, 422
    │   ├── RateLimited           429
    │   ├── ServiceUnavailable    5xx
    │   └── UnexpectedAnswer      anything else that the API does not promise
    └── ExportFailed            files that cannot be written or read

`Interrupted` is a `KeyboardInterrupt`, not an error; it is shown in one or two lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class IncidentioError(Exception):
    """The base of all errors raised on purpose. A notebook shows it in one or two lines instead of a traceback.

    Args:
        message: What is wrong, in one sentence.
        hint: What to do next.
        request_id: The service's ID of the request, for its support.
        retryable: Whether the same call may succeed later.
        fields: Messages by field name, as the service or a draft named them.
        option_hint: What an option of the cell would change; not shown in forms, which have no options.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        request_id: str = "",
        retryable: bool = False,
        fields: Mapping[str, str] | None = None,
        option_hint: str = "",
    ) -> None:
        super().__init__(one_line(message, limit=600))
        self.hint = one_line(hint, limit=600)
        self.option_hint = one_line(option_hint, limit=600)
        self.request_id = one_line(request_id)
        self.retryable = retryable
        self.fields = {name: one_line(message, limit=600) for name, message in (fields or {}).items()}

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        return str(self.args[0])

    def lines(self) -> list[str]:
        """Return the error as one or two lines of plain text."""
        first = f"{type(self).__name__}: {self.message}"
        second = "; ".join(
            part
            for part in (
                one_line(self.hint, limit=600),
                self.option_hint,
                f"request_id {self.request_id}" if self.request_id else "",
            )
            if part
        )
        return [first, f"  → {second.replace('?; ', '? ')}"] if second else [first]

    def __str__(self) -> str:
        return "\n".join([self.message, *self.lines()[1:]])

    def _render_traceback_(self) -> list[str]:
        """Return the lines IPython shows in place of a traceback."""
        return self.lines()


class Interrupted(KeyboardInterrupt):
    """An interrupt by the user: a `KeyboardInterrupt` that is shown in one or two lines.

    Args:
        message: What was stopped, and what is known about its outcome.
        hint: What to do next.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(one_line(message, limit=600))
        self.hint = one_line(hint, limit=600)

    def _render_traceback_(self) -> list[str]:
        """Return the lines IPython shows in place of a traceback."""
        return [f"Interrupted: {self.args[0]}", *([f"  → {self.hint}"] if self.hint else [])]


class SettingsError(IncidentioError):
    """The connection or an option is not set up: no key, an unsafe address, an unknown time zone."""


class InputError(IncidentioError):
    """The input cannot be understood."""


class UnknownName(InputError):
    """A name that the organisation does not have; the hint offers the nearest names."""


class ScenarioError(InputError):
    """A scenario with mistakes; all of them are named at once.

    Args:
        message: What is wrong, in one sentence.
        mistakes: Each mistake with its line and the nearest correct word; empty if the message is enough.
        **parts: The other arguments of `IncidentioError`, such as `hint`.
    """

    def __init__(self, message: str, *, mistakes: Sequence[str] = (), **parts: Any) -> None:
        super().__init__(message, **parts)
        self.mistakes = tuple(one_line(mistake, limit=600) for mistake in mistakes)

    def lines(self) -> list[str]:
        """Return the error with a line for each mistake."""
        first, *others = super().lines()
        return [first, *(f"  {mistake}" for mistake in self.mistakes), *others]


class AmbiguousName(InputError):
    """A name that matches more than one thing."""


class ExportFailed(IncidentioError):
    """Files that cannot be written or read. What was already written stays, and the export can be resumed."""


class TemplateError(InputError):
    """A template that cannot be rendered."""


class DraftError(InputError):
    """A draft with problems; `fields` maps each field to its message. Nothing was sent."""


class TrainingRefused(IncidentioError):
    """A write that training mode does not allow. Nothing was sent."""


class ChangedMeanwhile(IncidentioError):
    """Somebody else changed the same properties after the incident or task was read. Nothing was sent."""


class WriteInProgress(IncidentioError):
    """Another kernel on this machine is making the same write. Nothing was sent."""


class RecentlyEnded(IncidentioError):
    """The incident declared from the same text in the last 24 hours has ended. Nothing was sent."""


class ConnectionFailed(IncidentioError):
    """The service could not be reached. Nothing was sent."""


class AnswerLost(IncidentioError):
    """The request may have reached the service, but no usable response came back."""


class ServiceError(IncidentioError):
    """The service responded with an error; `status` is the HTTP status, and `kind` is the service's own error type.

    Args:
        message: The service's message.
        status: The HTTP status.
        kind: The `type` in the error's body; empty if there was none.
        retry_after: Seconds after which a request will succeed, if the service says so.
        hint: What to do next.
        request_id: The service's ID of the request.
        retryable: Whether the same call may succeed later.
        fields: Messages by the field that the service named.
        pointers: Messages by the JSON pointer to the part of the request that the service named.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        kind: str = "",
        retry_after: float | None = None,
        hint: str = "",
        request_id: str = "",
        retryable: bool = False,
        fields: Mapping[str, str] | None = None,
        pointers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id, retryable=retryable, fields=fields)
        self.pointers = {pointer: one_line(message, limit=600) for pointer, message in (pointers or {}).items()}
        self.status = status
        self.kind = kind
        self.retry_after = retry_after


class AuthenticationFailed(ServiceError):
    """401: the API key is missing, wrong or revoked."""


class PermissionDenied(ServiceError):
    """403: the API key lacks a scope; the message names it.

    `missing` names the permission in the dashboard that includes the scope; "" if unknown.
    """

    missing: str = ""


class NotFound(ServiceError):
    """404: the record does not exist, is not visible to this key, or is not in the organisation's plan."""


class Conflict(ServiceError):
    """409: the request conflicts with the service's records."""


class ValidationFailed(ServiceError):
    """400, 413 or 422: the service rejected the content; `fields` says what and why. Nothing was written."""


class RateLimited(ServiceError):
    """429 for longer than the maximum wait. Nothing was written."""


class ServiceUnavailable(ServiceError):
    """5xx: the service failed."""


class UnexpectedAnswer(ServiceError):
    """A response that breaks the API's contract: a redirect, a web page, malformed JSON."""


class OutcomeUnknown(IncidentioError):
    """A write whose response was lost; it may or may not have happened. The hint names what to check."""
