"""Error responses in the service's own shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "resource_forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "payload_too_large",
    422: "validation_error",
    429: "too_many_requests",
}


class ProblemSource(TypedDict):
    """Where a problem is."""

    field: str
    pointer: str


class ProblemDocument(TypedDict):
    """A problem as the API writes it."""

    code: str
    message: str
    source: NotRequired[ProblemSource]


class RateLimit(TypedDict):
    """The limit that was reached; `retry_after` is a time."""

    name: str
    limit: int
    remaining: int
    retry_after: str


class ErrorDocument(TypedDict):
    """The body of an error response."""

    type: str
    status: int
    request_id: str
    errors: list[ProblemDocument]
    rate_limit: NotRequired[RateLimit]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a request.

    Args:
        message: what is wrong, for a person.
        pointer: where, as a JSON pointer; its last name is the field. Empty when no field is to blame.
        code: what is wrong, for a program.
    """

    message: str
    pointer: str = ""
    code: str = "invalid_value"

    @property
    def field(self) -> str:
        """The field's name: the last part of the pointer that is not a list position."""
        names = [part for part in self.pointer.split("/") if part and not part.isdecimal()]
        return names[-1] if names else ""

    def document(self) -> ProblemDocument:
        """Return the problem as the API writes it."""
        document: ProblemDocument = {"code": self.code, "message": self.message}
        if self.pointer:
            document["source"] = {"field": self.field, "pointer": self.pointer}
        return document


@dataclass
class RefusedError(Exception):
    """A request the sandbox will not carry out.

    Args:
        status: the HTTP status.
        problems: what is wrong.
        headers: more response headers.
        rate_limit: what the body says about the limit that was reached.
        kind: the error type, when it is not the status's usual one.
    """

    status: int
    problems: list[Problem]
    headers: dict[str, str] = field(default_factory=dict)
    rate_limit: RateLimit | None = None
    kind: str | None = None

    def document(self, request_id: str) -> ErrorDocument:
        """Return the response's body."""
        document: ErrorDocument = {
            "type": self.kind or TYPES.get(self.status, "api_error"),
            "status": self.status,
            "request_id": request_id,
            "errors": [problem.document() for problem in self.problems],
        }
        if self.rate_limit:
            document["rate_limit"] = self.rate_limit
        return document


def not_found(what: str) -> RefusedError:
    """Return the error for something that does not exist or that this key may not see."""
    return RefusedError(404, [Problem(f"{what} not found", code="not_found")])


def invalid(*problems: Problem) -> RefusedError:
    """Return the error for wrong fields."""
    return RefusedError(422, list(problems))
