"""Sends a request, waits if waiting helps, and returns a successful response or raises an error."""

from __future__ import annotations

import http.client
import json
import random
import ssl
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3

from incidentio_magic import errors
from incidentio_magic.api import wire
from incidentio_magic.api._processes import fork_safe_lock, renew_after_fork
from incidentio_magic.api.connections import ending_within
from incidentio_magic.api.decoding import UNDECODABLE
from incidentio_magic.api.pacing import Pacing
from incidentio_magic.api.service_clock import ServiceClock, steady_seconds
from incidentio_magic.api.session import Bearer, Session
from incidentio_magic.api.waiting import Delays, Waits, delays_of_this_read, stop_if_called_off
from incidentio_magic.environment import KEY_VARIABLES
from incidentio_magic.settings import checked_key, checked_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api.early import EarlyReads
    from incidentio_magic.settings import Secret, Settings

CONNECT_TIMEOUT: Final = 5.0
_CLOCK_TOLERANCE: Final = timedelta(seconds=2)  # the Date header counts whole seconds
_PIECE: Final = 2**22  # bytes of a response that are read at once
_MEGABYTE: Final = 10**6
_USUAL_ANSWER: Final = 3.0  # seconds; a response that takes longer counts as a delay of its read


class _Unsent(Exception):
    """An exchange without a usable response."""

    def __init__(self, failure: wire.Loss | wire.Answer) -> None:
        super().__init__()
        self.failure = failure


class Transport:
    """A pooled session to a service.

    Args:
        base_url: The API's address.
        key: The API key.
        timeout: Seconds to wait for a response to begin or continue; the whole response must arrive within three times
            that.
        max_wait: Seconds that a read, with all its pages, may lose to retries, the waits before them, and slow
            responses; it ends at most one timeout later. Of each response, only the time beyond 3 seconds counts. Waits
            for the rate limit are not added up: each counts only for its own request.
        max_answer: Megabytes that one response may take when unpacked.
        proxy: Whether to use a proxy named by the environment; otherwise such a proxy is refused.
        clock: A monotonic clock in seconds.
        sleep: Waits for a number of seconds; an interrupt ends the wait.
        announce: Called with a line when a wait begins, and with "" when it is over.
        everyone: Whether a class's sandbox is asked for everyone's incidents; never for the real service.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        timeout: float = 30.0,
        max_wait: float = 120.0,
        max_answer: float = 64.0,
        proxy: bool = False,
        clock: Callable[[], float] = steady_seconds,
        sleep: Callable[[float], None] = time.sleep,
        announce: Callable[[str], None] = lambda _line: None,
        everyone: bool = False,
    ) -> None:
        self.base_url = checked_url(base_url)
        self.timeout = timeout
        self.max_wait = max_wait
        self._most_bytes = int(max_answer * _MEGABYTE)
        self.announce = announce
        self.requests_made = 0
        self.writes_begun = 0
        self.allowance = wire.Allowance(None, None)
        self._clock = clock
        self._waits = Waits(sleep, lambda line: self.announce(line))  # noqa: PLW0108  it may be replaced
        self._ahead = timedelta(0)
        self._has_answered = False
        self.first_request: Callable[[], object] | None = None  # the request that is sent if only the time is needed
        self._pacing = Pacing(clock)
        self._service_clock = ServiceClock(clock)
        self._count = fork_safe_lock()
        self._key = key
        self._proxy = proxy
        self.everyone = everyone
        self.shows_own_only = False  # whether a class's sandbox has left out the trainees' records
        self._session = self._new_session()
        self.early: EarlyReads | None = None
        self._auth = Bearer(checked_key(key))  # not on the session: only requests from `send` carry the key
        self.guard: Callable[[wire.Request], None] = lambda _request: None  # may refuse, before each attempt
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Create a session for this process; processes on a shared connection would get each other's responses."""
        self._session = self._new_session()

    def _new_session(self) -> Session:
        return Session(self.base_url, proxy=self._proxy, everyone=self.everyone)

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        clock: Callable[[], float] = steady_seconds,
        sleep: Callable[[float], None] = time.sleep,
        announce: Callable[[str], None] = lambda _line: None,
        everyone: bool = False,
    ) -> Self:
        """Return a transport for settings; the other arguments are those of the class.

        Raises:
            SettingsError: If there is no key, or the address is not safe to send it to.
        """
        if settings.key is None:
            raise errors.SettingsError(
                "There is no API key.",
                hint=f"set {KEY_VARIABLES[0]} or type it: %incidents connect; practise without one: %incidents sandbox",
            )
        return cls(
            settings.base_url,
            settings.key,
            timeout=settings.timeout,
            max_wait=settings.max_wait,
            max_answer=settings.max_answer,
            proxy=settings.proxy,
            clock=clock,
            sleep=sleep,
            announce=announce,
            everyone=everyone,
        )

    @property
    def host(self) -> str:
        """The host name of the service."""
        return urlsplit(self.base_url).hostname or ""

    def now(self) -> datetime:
        """Return the service's current time, by its last response; before the first, `first_request` is called.

        Raises:
            IncidentioError: If that request fails.
        """
        if not self._has_answered and self.first_request is not None:
            self.first_request()
        return self._now()

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far the service's clock is ahead of this machine's; zero if the difference is within two seconds."""
        return self._ahead

    def earliest(self, ago: float) -> datetime | None:
        """Return the lower bound of the service's time so many seconds ago; None before the first response."""
        return self._service_clock.earliest(ago)

    def left(self, rate: str) -> int:
        """Return how many requests of the class `rate` may be sent without a wait."""
        return self._pacing.left(rate)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def send(self, request: wire.Request) -> wire.Answer:
        """Send `request`, retry it if that is safe and useful, and return the 2xx response.

        Args:
            request: What to send.

        Raises:
            ServiceError: If the service responded with an error.
            ConnectionFailed: If no connection could be made; nothing was sent.
            AnswerLost: If the request may have arrived, but no usable response came back.
            InputError: If the body has characters that cannot be sent. Nothing was sent.
            SettingsError: If it would go through a proxy that was not allowed. Nothing was sent.
            TrainingRefused: If training mode does not allow it. Nothing was sent.
        """
        stop_if_called_off()
        if self.early is not None and not request.is_early and (answer := self.early.take(request)) is not None:
            with self._count:
                self.requests_made += 1
            return answer
        return self._answer(request)

    def _answer(self, request: wire.Request) -> wire.Answer:
        self._session.check_proxy()
        content = self._encoded(request)
        begun = self._clock()
        delays = delays_of_this_read()
        self._stop_if_too_slow(delays)
        waited = 0.0  # seconds in total
        paced = 0.0  # seconds of them for the rate limit
        attempt_begun = begun
        lost = False  # whether an attempt may have been carried out, even if a later one failed
        failed = ""  # how the last attempt ended

        def pause(seconds: float, why: str = "") -> None:
            nonlocal waited, paced, attempt_begun
            waited += seconds
            paced += seconds if why else 0.0
            self._pause(seconds, request, why or failed)
            attempt_begun = self._clock()

        def spent() -> float:
            return delays.seconds + max(waited, self._clock() - begun)

        failure: wire.Loss | wire.Answer
        for attempt in count(1):
            try:
                answer = self._paced(request, content, pause, lambda: max(0.0, self.max_wait - spent()))
            except _Unsent as unsent:
                failure = unsent.failure
            except (errors.RateLimited, errors.SettingsError, errors.TrainingRefused):
                if not lost:
                    raise
                failure = wire.Loss.LOST
                break
            else:
                usual = min(self._clock() - attempt_begun, _USUAL_ANSWER)
                delays.add(max(waited, self._clock() - begun) - paced - usual)
                return answer
            lost = lost or _may_have_happened(failure)
            failed = _why(failure)
            wait = wire.wait_before_repeat(
                request,
                failure,
                attempt=attempt,
                waited=spent(),
                max_wait=self.max_wait,
                jitter=random.random(),  # noqa: S311  spreads repeats, guards nothing
            )
            if wait is None:
                break
            pause(wait)
        if lost and not _may_have_happened(failure) and request.method != "GET":
            # The response to a retry, even a refusal, says nothing about the attempt whose response was lost.
            repeat = self._error(request, failure)
            raise errors.AnswerLost(
                f"{request.name} on {self.host}: the response was lost, and the retry ended with: {repeat.message}",
                hint=repeat.hint,
                request_id=repeat.request_id,
                retryable=request.repeatable,
                fields=repeat.fields,
            )
        raise self._error(request, failure)  # raised here, it has no chained exceptions, which would hold the header

    def _stop_if_too_slow(self, delays: Delays) -> None:
        if delays.seconds > self.max_wait + _USUAL_ANSWER:
            host = urlsplit(self.base_url).netloc
            raise errors.ConnectionFailed(
                f"{host} responds too slowly: the read was stopped after {delays.seconds:.0f} s of delays.",
                hint="read less (--since, --limit), or wait longer: %config IncidentMagics.max_wait = SECONDS",
                retryable=True,
            )

    def _encoded(self, request: wire.Request) -> bytes | None:
        content = _encoded(request)
        if content is not None and self._key.reveal().encode() in content:
            raise errors.InputError(
                "The text contains the API key; nothing was sent.",
                hint="remove it, and replace the key if others may have seen it",
            )
        return content

    def _paced(
        self, request: wire.Request, content: bytes | None, pause: Callable[..., None], left: Callable[[], float]
    ) -> wire.Answer:
        due = self._pacing.reserve(request.rate)
        if due > left():
            self._pacing.give_back(request.rate)
            raise errors.RateLimited(
                f"The rate limit for {request.rate} is used up for another {due:.0f} s{request.unsent}.",
                status=HTTPStatus.TOO_MANY_REQUESTS,
                retry_after=due,
                hint="try again then; the limit is shared with others in the organisation",
                retryable=True,
            )
        try:
            if due > 0:
                pause(due, "the rate limit is used up")
            self.guard(request)  # after the waits, because what was allowed before may not be allowed now
        except BaseException:
            self._pacing.give_back(request.rate)
            raise
        sent = self._clock()
        try:
            answer = self._exchange(request, content, left() + self.timeout)
        finally:
            self._pacing.answered(request.rate)
        self._has_answered = True
        self.allowance = wire.allowance(answer)
        self.shows_own_only = self.shows_own_only or answer.headers.get("x-sandbox-shown") == "own"
        self._pacing.learn(request.rate, self.allowance)
        if (date := answer.date) is not None:
            ahead = date - datetime.now(UTC)
            self._ahead = ahead if abs(ahead) > _CLOCK_TOLERANCE else timedelta(0)
            self._service_clock.heard(date, sent)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._pacing.refused(request.rate, wire.retry_after(answer) or 0.0)
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise _Unsent(answer)
        if request.decoder is not None:
            with suppress(*UNDECODABLE):
                return replace(answer, decoded=request.decoder.decode(answer.content))
        if request.has_content and not _is_json(answer.content):
            raise _Unsent(wire.Loss.WEB_PAGE if answer.is_web_page else wire.Loss.GARBLED)
        return answer

    def _exchange(self, request: wire.Request, content: bytes | None, most_seconds: float) -> wire.Answer:
        with self._count:
            self.requests_made += not request.is_early
            self.writes_begun += request.method != "GET"
        ended: BaseException
        try:
            with (
                ending_within(most_seconds),
                self._session.request(
                    request.method,
                    self.base_url + request.path,
                    params=list(request.query),
                    data=content,
                    headers={"Content-Type": "application/json"} if content is not None else None,
                    auth=self._auth,
                    timeout=(min(CONNECT_TIMEOUT, self.timeout), self.timeout),
                    allow_redirects=False,
                    stream=True,  # otherwise it would be read in hundreds of small pieces
                ) as response,
            ):
                return wire.Answer(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    self._content_of(response),
                )
        except _Unsent as unsent:
            ended = _Unsent(unsent.failure)
        except requests.RequestException as error:
            ended = _Unsent(_loss(error))
        except _ON_THE_WIRE:
            ended = _Unsent(wire.Loss.LOST)
        except OSError as error:  # a file error before connecting; errors on the wire are other exceptions
            ended = errors.SettingsError(f"{error}{request.unsent}.", hint="REQUESTS_CA_BUNDLE names that file")
        except KeyboardInterrupt:
            self._session = self._new_session()  # its pool may hold a connection twice, or a closed one
            ended = KeyboardInterrupt()
        raise ended  # raised here, because the frames below hold the header, and a verbose traceback would show it

    def _content_of(self, response: requests.Response) -> bytes:
        """Return the unpacked body; each piece is bounded, so that a small archive cannot fill the memory."""
        pieces = []
        left = self._most_bytes
        # A piece with exactly the body's length is not copied; the length of a compressed body is unknown.
        length = None if "Content-Encoding" in response.headers else getattr(response.raw, "length_remaining", None)
        for piece in response.iter_content(min(length or _PIECE, _PIECE)):
            left -= len(piece)
            if left < 0:
                raise _Unsent(wire.Loss.TOO_LARGE)
            pieces.append(piece)
        return b"".join(pieces)

    def _pause(self, seconds: float, request: wire.Request, why: str) -> None:
        until = (self._now() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
        shown = max(1, round(seconds))  # several shorter waits are announced too, once they add up
        line = f"incident.io: waiting {shown} s, until {until} UTC, before {request.name}: {why}; interrupt to stop"
        self._waits.wait(seconds, line)

    def _error(self, request: wire.Request, failure: wire.Loss | wire.Answer) -> errors.IncidentioError:
        if isinstance(failure, wire.Answer):
            return wire.error_of(request, failure)
        host = urlsplit(self.base_url).netloc
        if failure is wire.Loss.NOT_SENT:
            return errors.ConnectionFailed(
                f"No connection to {host}{request.unsent}.",
                hint="check the network and the address, then run this again",
                retryable=True,
            )
        if request.method == "GET" and failure is wire.Loss.WEB_PAGE:
            return errors.UnexpectedAnswer(
                f"{request.name} on {host} returned a web page.", status=HTTPStatus.OK, hint=wire.WEB_PAGE_HINT
            )
        if request.method == "GET" and failure is wire.Loss.TOO_LARGE:
            return errors.UnexpectedAnswer(
                f"The response to {request.name} is larger than {self._most_bytes / _MEGABYTE:g} MB and was given up.",
                status=HTTPStatus.OK,
                hint="if this size is expected, allow it: %config IncidentMagics.max_answer = MEGABYTES",
            )
        hint = "run this again: it is safe to repeat" if request.repeatable else "check before you repeat it"
        return errors.AnswerLost(f"{request.name} on {host}: {failure.value}.", hint=hint, retryable=request.repeatable)


def _why(failure: wire.Loss | wire.Answer) -> str:
    """Return why a request is repeated, for the line that announces the wait."""
    named = wire.unbelievable_wait(failure) if isinstance(failure, wire.Answer) else 0.0
    return f"{failure.text}, which asked for {named:,.0f} s; waiting a minute is enough" if named else failure.text


def _may_have_happened(failure: wire.Loss | wire.Answer) -> bool:
    if isinstance(failure, wire.Answer):
        return failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return failure is not wire.Loss.NOT_SENT


def _loss(error: requests.RequestException) -> wire.Loss:
    """Return whether a failed exchange may have reached the service."""
    if isinstance(error, _NEVER_SENT):
        return wire.Loss.NOT_SENT
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    # urllib3 also reports a proxy error if the proxy took the request before the connection broke.
    reason = getattr(reason, "original_error", reason)
    # TLS may also fail after the request was sent; only a refused certificate certainly comes before.
    refused = isinstance(next(iter(getattr(reason, "args", ())), None), ssl.SSLCertVerificationError)
    if refused or type(reason).__name__ in _BEFORE_SENDING or str(reason).startswith(_NO_TUNNEL):
        return wire.Loss.NOT_SENT
    return wire.Loss.LOST


# Exceptions that requests does not wrap; all of them occur after the connection was made.
_ON_THE_WIRE: Final = (
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ssl.SSLError,
    ConnectionError,
    TimeoutError,
)
_NEVER_SENT: Final = (requests.ConnectTimeout, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)
# urllib3's exceptions for a connection that was never made; after any other, the request may have been sent.
_BEFORE_SENDING: Final = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})
_NO_TUNNEL: Final = "Tunnel connection failed"  # http.client's message for a proxy that refuses to connect


def _encoded(request: wire.Request) -> bytes | None:
    with suppress(UnicodeEncodeError):
        "".join(part for pair in request.query for part in pair).encode()
        return None if request.body is None else msgspec.json.encode(request.body)
    raise errors.InputError(
        "The text contains half a character, which cannot be sent; nothing was sent.",
        hint="look for a broken emoji or a text that was cut in bytes",
    )


_any_json: Final = msgspec.json.Decoder(msgspec.Raw)


def _is_json(content: bytes) -> bool:
    try:
        _any_json.decode(content)
    except (msgspec.MsgspecError, RecursionError):
        return _is_odd_json(content)
    return True


def _is_odd_json(content: bytes) -> bool:
    """Return whether the body is JSON with invalid Unicode, which is decoded part by part."""
    if b"\\u" not in content:
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
