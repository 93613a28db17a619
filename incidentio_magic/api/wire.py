"""Requests and responses as plain values, with the decisions about retries and errors; no sockets."""

from __future__ import annotations

import enum
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic import errors
from incidentio_magic.api import permissions

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST_INCIDENTS: Final = "list incidents"
CREATE_ESCALATION: Final = "create escalations"
EVERYTHING: Final = "every request"

ATTEMPTS: Final = 5
_FIRST_BACKOFF: Final = 0.5
_LONGEST_BACKOFF: Final = 8.0
_USUAL_RATE_WAIT: Final = 5.0  # seconds to wait if a 429 names none
LONGEST_RATE_WAIT: Final = 60.0  # seconds in which every rate limit of the service refills
_YEARS: Final = range(2020, 2100)  # the years of a plausible clock
_LONGEST_NUMBER: Final = 12  # digits; a longer number in a header is garbage


@dataclass(frozen=True)
class Request:
    """A request to the API.

    Args:
        method: The HTTP method.
        path: The path, already quoted.
        query: The query's pairs, in order; a name may repeat.
        body: The JSON body, or None.
        keyed: Whether the body carries an idempotency key, so that a retry is harmless.
        rate: The class of endpoints whose rate limit it uses, in addition to the common limit.
        harmless: Whether repeating it changes nothing, as with a cancellation.
        has_content: Whether a successful response has JSON content.
        decoder: Decodes the response. A response that it accepts needs no other check.
        is_early: Whether it is sent before its response is needed; it counts as sent when the response is used.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = field(default=None, repr=False)  # verbose tracebacks show values
    keyed: bool = False
    rate: str = EVERYTHING
    harmless: bool = False
    has_content: bool = True
    decoder: msgspec.json.Decoder[Any] | None = None
    is_early: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice has the same effect as sending it once."""
        return self.keyed or self.harmless or self.method == "GET"

    @property
    def unsent(self) -> str:
        """The end of a message if the request was not sent; empty for a read, which changes nothing."""
        return "" if self.method == "GET" else "; nothing was sent"

    @property
    def name(self) -> str:
        """The method and path, for messages."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """A response of the API.

    Args:
        status: The HTTP status.
        headers: The headers, by name in lower case.
        content: The body.
        decoded: The result of the request's decoder; None if there is no decoder, or if it failed.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    decoded: Any = field(default=None, repr=False)

    @property
    def date(self) -> datetime | None:
        """The service's time, from the `Date` header; None if that is absent or implausible."""
        try:
            moment = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        if moment.year not in _YEARS:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def is_web_page(self) -> bool:
        """Whether it is HTML, which this API never sends; it comes from a proxy or a login page."""
        kind = self.headers.get("content-type", "").lower()
        return "html" in kind or self.content[:64].lstrip().lower().startswith((b"<!doctype html", b"<html"))

    @property
    def text(self) -> str:
        """The status and its name, for messages."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)


class Loss(enum.Enum):
    """How an exchange ended without a response."""

    NOT_SENT = "the connection could not be made"
    LOST = "the response was lost"
    GARBLED = "the response could not be read"
    TOO_LARGE = "the response is too large"
    WEB_PAGE = "the response is a web page"

    @property
    def text(self) -> str:
        """How it ended, for messages."""
        return self.value


@dataclass(frozen=True)
class Limit:
    """A rate limit that the service named: the number of requests in a window."""

    requests: int
    window: float


@dataclass(frozen=True)
class Allowance:
    """The rate-limit headers' values, for the binding limit."""

    limit: int | None
    remaining: int | None
    limits: tuple[Limit, ...] = ()


class _Source(msgspec.Struct):
    field: str | None = None
    pointer: str | None = None


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None
    source: _Source | None = None


class _RateLimit(msgspec.Struct):
    name: str | None = None
    retry_after: str | None = None


@dataclass
class _ErrorBody:
    type: str | None = None
    request_id: str | None = None
    errors: list[_Error] | None = None
    rate_limit: _RateLimit | None = None


_error_parts: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_error_part: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    "type": msgspec.json.Decoder(str),
    "request_id": msgspec.json.Decoder(str),
    "errors": msgspec.json.Decoder(list[_Error]),
    "rate_limit": msgspec.json.Decoder(_RateLimit),
}
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def wait_before_repeat(
    request: Request,
    failure: Loss | Answer,
    *,
    attempt: int,
    waited: float,
    max_wait: float,
    jitter: float,
) -> float | None:
    """Return the seconds to wait before sending `request` again, or None to give up.

    After a 429, or if no connection was made, every request is retried, because nothing was done. A request that may
    have reached the service is retried only if that is harmless.

    Args:
        request: What was sent.
        failure: The response, or how the exchange ended without a response.
        attempt: How many times it was sent, from 1.
        waited: Seconds already spent waiting in this call.
        max_wait: Seconds this call may spend waiting in all.
        jitter: A number from 0 to 1 that spreads the retries of many clients.
    """
    backoff = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** min(attempt - 1, ATTEMPTS)) * (0.5 + jitter / 2)
    if isinstance(failure, Answer):
        named = retry_after(failure)
        if failure.status == HTTPStatus.TOO_MANY_REQUESTS:
            believed = _USUAL_RATE_WAIT if named is None else min(named, LONGEST_RATE_WAIT) + jitter / 10
            wait = max(backoff, believed)
        elif failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR and request.repeatable and attempt < ATTEMPTS:
            wait = backoff if named is None else named
        elif failure.status == HTTPStatus.CONFLICT and request.keyed and attempt < ATTEMPTS:
            wait = backoff  # the same key may be in transit from elsewhere; a moment later its record exists
        else:
            return None
    elif failure in {Loss.TOO_LARGE, Loss.WEB_PAGE}:
        return None
    elif (failure is Loss.NOT_SENT or request.repeatable) and attempt < ATTEMPTS:
        wait = backoff
    else:
        return None
    return wait if waited + wait <= max_wait else None


def retry_after(answer: Answer) -> float | None:
    """Return the seconds after which a request will succeed, if the response says so.

    `Retry-After` is preferred, then the time in the body, then `X-RateLimit-Reset`, when the limit is full again.
    """
    now = answer.date or datetime.now(UTC)
    header = answer.headers.get("retry-after", "").strip()
    if (seconds := _number(header)) is not None:
        return float(seconds)
    moments = []
    with suppress(ValueError, TypeError, OverflowError):
        moments.append(parsedate_to_datetime(header))
    body = _parsed_error(answer)
    if body.rate_limit and body.rate_limit.retry_after:
        with suppress(ValueError):
            moments.append(datetime.fromisoformat(body.rate_limit.retry_after))
    reset = _number(answer.headers.get("x-ratelimit-reset", ""))
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and reset is not None:
        with suppress(ValueError, OverflowError, OSError):
            moments.append(datetime.fromtimestamp(reset, UTC))
    for moment in moments:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    return None


def unbelievable_wait(answer: Answer) -> float:
    """Return the seconds that a 429 asked for, if they exceed the time in which a limit refills; else 0."""
    named = retry_after(answer) if answer.status == HTTPStatus.TOO_MANY_REQUESTS else None
    return named if named is not None and named > LONGEST_RATE_WAIT else 0.0


def allowance(answer: Answer) -> Allowance:
    """Return the values of the `X-RateLimit-*` headers; each may be missing."""
    first, *rest = answer.headers.get("x-ratelimit-limit", "").split(",")
    limits = []
    for part in rest:
        requests, _, window = part.partition(";window=")
        if (count := _number(requests)) is not None and (seconds := _number(window)):
            limits.append(Limit(count, float(seconds)))
    return Allowance(
        limit=_number(first),
        remaining=_number(answer.headers.get("x-ratelimit-remaining", "")),
        limits=tuple(limits),
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _parsed_error(answer: Answer) -> _ErrorBody:
    """Return the readable parts of an error's body; a part in an unknown form does not affect the others."""
    body = _ErrorBody()
    try:
        parts = _error_parts.decode(answer.content)
    except _UNREADABLE:
        return body
    for name, decoder in _error_part.items():
        if name in parts:
            with suppress(*_UNREADABLE):
                setattr(body, name, decoder.decode(parts[name]))
    return body


_WHAT_ELSE: Final = "%incidents doctor shows what else it lacks"
WEB_PAGE_HINT: Final = (
    "a proxy or a login page is between this machine and incident.io: sign in there, or check the address"
)
_KINDS: Final[Mapping[int, tuple[type[errors.ServiceError], str]]] = {
    400: (errors.ValidationFailed, ""),
    401: (
        errors.AuthenticationFailed,
        "check the API key: INCIDENTIO_API_KEY, or type another: %incidents connect --ask",
    ),
    403: (
        errors.PermissionDenied,
        "%incidents whoami shows what this key may do; %incidents doctor shows what will fail",
    ),
    404: (errors.NotFound, ""),
    409: (errors.Conflict, "check the incident before you try again"),
    413: (errors.ValidationFailed, "shorten the text"),
    422: (errors.ValidationFailed, ""),
    429: (errors.RateLimited, "other users in the organisation share this limit: try again"),
}


def _until_allowed(seconds: float) -> str:
    """Return the hint for a refusal that ends after the number of seconds that the service named."""
    wait = min(seconds, LONGEST_RATE_WAIT)
    hint = f"try again in {wait:.0f} s; the limit is shared with others in the organisation"
    if seconds > LONGEST_RATE_WAIT:
        hint += f". The service asked for {seconds:,.0f} s, but its limits refill within a minute"
    return hint


def _what_to_do(answer: Answer, kind: type[errors.ServiceError], denied: Mapping[str, permissions.Permission]) -> str:
    """Return the hint that depends on more than the HTTP status; "" if there is none."""
    seconds = retry_after(answer)
    if answer.is_web_page and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return WEB_PAGE_HINT
    if denied:
        return f"{permissions.advice(denied.values())} in incident.io, Settings → API keys; {_WHAT_ELSE}"
    if kind is errors.ServiceUnavailable:
        return "the service is failing: try again, and see its status page"
    if kind is errors.RateLimited and seconds is not None:
        return _until_allowed(seconds)
    return ""


def error_of(request: Request, answer: Answer) -> errors.ServiceError:
    """Return the error for a response other than 2xx."""
    body = _parsed_error(answer)
    fields: dict[str, str] = {}
    pointers: dict[str, str] = {}
    parts: list[str] = []
    for error in body.errors or ():
        message = error.message or error.code or "refused"
        name = error.source.field if error.source and error.source.field else ""
        if name:
            fields.setdefault(name, message)
        if error.source and error.source.pointer:
            pointers.setdefault(error.source.pointer, message)
        parts.append(f"{name}: {message}" if name else message)
    request_id = body.request_id or answer.headers.get("x-request-id", "")
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return errors.UnexpectedAnswer(
            f"{request.name} was redirected; the API key was not sent on.",
            status=answer.status,
            hint="check the address of the service",
            request_id=request_id,
        )
    kind, hint = _KINDS.get(answer.status, (None, ""))
    if kind is None:
        kind = (
            errors.ServiceUnavailable if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else errors.UnexpectedAnswer
        )
    message = "; ".join(parts)
    denied = permissions.missing(request.method, request.path, message) if kind is errors.PermissionDenied else {}
    with_page = " and a web page" if answer.is_web_page else ""
    hint = _what_to_do(answer, kind, denied) or hint
    refusal = kind(
        message or f"{request.name} returned {answer.text}{with_page}.",
        status=answer.status,
        kind=body.type or "",
        retry_after=retry_after(answer),
        hint=hint,
        request_id=request_id,
        retryable=answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        fields=fields,
        pointers=pointers,
    )
    if isinstance(refusal, errors.PermissionDenied):
        refusal.missing = " and ".join(
            f"{permission}" if scope in message else f"{permission} for {scope}" for scope, permission in denied.items()
        )
    return refusal
