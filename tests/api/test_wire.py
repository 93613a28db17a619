"""Requests, answers, retry decisions and errors as plain values."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic import errors
from incidentio_magic.api import wire
from incidentio_magic.api.permissions import VIEWER

GET = wire.Request("GET", "/v2/incidents")
KEYED = wire.Request("POST", "/v2/incidents", body={"idempotency_key": "k"}, keyed=True)
UNKEYED = wire.Request("POST", "/v2/incidents/1/actions/edit", body={})
EVERY = {"get": GET, "keyed": KEYED, "unkeyed": UNKEYED}

DATE = {"date": "Mon, 23 Nov 2026 12:00:00 GMT"}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def answer(status: int, body: object = None, **headers: str) -> wire.Answer:
    """Return an answer given at noon."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire.Answer(status, DATE | {name.replace("_", "-"): value for name, value in headers.items()}, content)


def waits(
    request: wire.Request,
    failure: wire.Loss | wire.Answer,
    *,
    attempt: int = 1,
    waited: float = 0.0,
    max_wait: float = 120.0,
    jitter: float = 0.0,
) -> float | None:
    """Return the decision, by default for the first attempt within the usual budget."""
    return wire.wait_before_repeat(request, failure, attempt=attempt, waited=waited, max_wait=max_wait, jitter=jitter)


# Who may repeat after which failure, at the first and at the last attempt. 0.25 is the first backoff without jitter.
REPEATS = {
    "never connected": (wire.Loss.NOT_SENT, {"get", "keyed", "unkeyed"}),
    "answer lost": (wire.Loss.LOST, {"get", "keyed"}),
    "answer garbled": (wire.Loss.GARBLED, {"get", "keyed"}),
    "500": (answer(500), {"get", "keyed"}),
    "502": (answer(502), {"get", "keyed"}),
    "503": (answer(503), {"get", "keyed"}),
    "504": (answer(504), {"get", "keyed"}),
    "599": (answer(599), {"get", "keyed"}),
    "409": (answer(409), {"keyed"}),
    **{str(status): (answer(status), set()) for status in (301, 302, 307, 308, 400, 401, 403, 404, 405, 408, 413, 422)},
}


@pytest.mark.parametrize("who", EVERY)
@pytest.mark.parametrize(("failure", "repeating"), REPEATS.values(), ids=REPEATS)
def test_who_may_repeat(who, failure, repeating):
    """A failure is repeated by exactly the requests for which that is harmless, after the first backoff."""
    assert waits(EVERY[who], failure) == (0.25 if who in repeating else None)


@pytest.mark.parametrize("who", EVERY)
@pytest.mark.parametrize(("failure", "repeating"), REPEATS.values(), ids=REPEATS)
def test_attempts_are_limited(who, failure, repeating):
    """After the last attempt no failure but a 429 is repeated."""
    beforehand = waits(EVERY[who], failure, attempt=wire.ATTEMPTS - 1)
    assert (beforehand is not None) == (who in repeating)
    assert waits(EVERY[who], failure, attempt=wire.ATTEMPTS) is None


@pytest.mark.parametrize("who", EVERY)
@pytest.mark.parametrize("attempt", [1, wire.ATTEMPTS, 50, 5000])
def test_a_429_is_repeated_for_every_request(who, attempt):
    """A 429 is repeated whatever the request and however often, since nothing was done."""
    assert waits(EVERY[who], answer(429, retry_after="30"), attempt=attempt) == 30.0


@pytest.mark.parametrize(
    ("attempt", "jitter", "wait"),
    [(1, 0, 0.25), (1, 1, 0.5), (2, 0, 0.5), (3, 0, 1.0), (4, 0, 2.0), (4, 1, 4.0), (4, 0.5, 3.0)],
)
def test_backoff_doubles(attempt, jitter, wait):
    """The backoff doubles with each attempt and is spread between its half and its whole."""
    assert waits(GET, wire.Loss.LOST, attempt=attempt, jitter=jitter) == wait


@pytest.mark.parametrize("attempt", [6, 10, 2000])
def test_backoff_has_a_ceiling(attempt):
    """However often a 429 without a time came, the wait stays at the longest backoff."""
    assert waits(GET, answer(429), attempt=attempt, jitter=1.0) == 8.0


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        (answer(429), 5.0),
        (answer(429, retry_after="7"), 7.1),
        (answer(429, retry_after="0"), 0.5),
        (answer(503, retry_after="7"), 7.0),
        (answer(503), 0.5),
        (answer(409, retry_after="7"), 0.5),
    ],
    ids=["429 untold", "429 told", "429 told nothing", "503 told", "503 untold", "409"],
)
def test_a_told_wait_is_obeyed(failure, wait):
    """A wait that the service told is obeyed, and a told wait of nothing does not become a hammer."""
    assert waits(KEYED, failure, jitter=1.0) == wait


@pytest.mark.parametrize(
    ("waited", "max_wait", "wait"),
    [(0, 30, 30), (0, 29.9, None), (90, 120, 30), (90.5, 120, None), (120, 120, None), (0, 0, None)],
)
def test_the_whole_wait_is_bounded(waited, max_wait, wait):
    """A repeat whose wait would exceed the budget is given up at once."""
    assert waits(UNKEYED, answer(429, retry_after="30"), waited=waited, max_wait=max_wait) == wait


@given(
    failure=st.sampled_from([failure for failure, _who in REPEATS.values()] + [answer(429, retry_after="3")]),
    who=st.sampled_from([*EVERY]),
    attempt=st.integers(1, 10_000),
    waited=st.floats(0, 500),
    max_wait=st.floats(0, 500),
    jitter=st.floats(0, 1),
)
def test_no_wait_leaves_the_budget(*, failure, who, attempt, waited, max_wait, jitter):
    """Whatever failed, a wait is never negative and never more than what is left of the budget."""
    wait = waits(EVERY[who], failure, attempt=attempt, waited=waited, max_wait=max_wait, jitter=jitter)
    assert wait is None or (wait >= 0 and waited + wait <= max_wait)


SOON = (NOON + timedelta(seconds=40)).isoformat()
RESET = str(int((NOON + timedelta(seconds=60)).timestamp()))
BODY = {"type": "too_many_requests", "rate_limit": {"name": "x", "retry_after": SOON}}
TOLD = {
    "seconds": (answer(429, BODY, retry_after="12", x_ratelimit_reset=RESET), 12.0),
    "seconds with blanks": (answer(429, retry_after=" 12 "), 12.0),
    "date": (answer(429, BODY, retry_after="Mon, 23 Nov 2026 12:00:25 GMT", x_ratelimit_reset=RESET), 25.0),
    "date without zone": (answer(429, retry_after="Mon, 23 Nov 2026 12:00:25 -0000"), 25.0),
    "date gone by": (answer(429, retry_after="Mon, 23 Nov 2026 11:00:00 GMT"), 0.0),
    "body": (answer(429, BODY, x_ratelimit_reset=RESET), 40.0),
    "body after a garbled header": (answer(429, BODY, retry_after="soon"), 40.0),
    "body with Z": (answer(429, {"rate_limit": {"retry_after": "2026-11-23T12:00:40Z"}}), 40.0),
    "body without zone": (answer(429, {"rate_limit": {"retry_after": "2026-11-23T12:00:40"}}), 40.0),
    "body with other parts in a strange form": (answer(429, BODY | {"errors": "many", "type": 7}), 40.0),
    "reset": (answer(429, x_ratelimit_reset=RESET), 60.0),
    "reset after a garbled body": (
        answer(429, {"rate_limit": {"retry_after": "soon"}}, x_ratelimit_reset=RESET),
        60.0,
    ),
    "reset after a numeric body": (answer(429, {"rate_limit": {"retry_after": 3}}, x_ratelimit_reset=RESET), 60.0),
    "reset does not speak for a 503": (answer(503, x_ratelimit_reset=RESET), None),
    "nothing": (answer(429), None),
    "second kind of 429": (answer(429, {"type": "rate_limit_reached", "errors": []}), None),
    "negative": (answer(429, retry_after="-3"), None),
    "fraction": (answer(429, retry_after="1.5"), None),
    "superscript": (answer(429, retry_after="²"), None),
    "endless number": (answer(429, retry_after="9" * 400), None),
    "number too long for Python": (answer(429, retry_after="9" * 6000, x_ratelimit_reset="9" * 6000), None),
    "date too far": (answer(429, retry_after="Mon, 01 Jan 2026 00:00:00 +99999999999999999999"), None),
    "reset too far": (answer(429, x_ratelimit_reset="9" * 12), None),
    "not JSON": (answer(429, b"<html>slow down</html>"), None),
    "not UTF-8": (answer(429, b'{"rate_limit": {"retry_after": "\xff"}}'), None),
    "deeply nested": (answer(429, b'{"rate_limit":' * 50_000 + b"1" + b"}" * 50_000), None),
}


@pytest.mark.parametrize(("given_answer", "seconds"), TOLD.values(), ids=TOLD)
def test_retry_after(given_answer, seconds):
    """The header is believed before the body, the body before the reset time, and garbage not at all."""
    assert wire.retry_after(given_answer) == seconds


def test_retry_after_without_a_date_header():
    """A time is measured by this machine's clock where the answer does not tell its own."""
    later = (datetime.now(UTC) + timedelta(seconds=100)).isoformat()
    reported = wire.retry_after(wire.Answer(429, {}, json.dumps({"rate_limit": {"retry_after": later}}).encode()))
    assert reported is not None
    assert 90 < reported <= 100


@given(st.text(), st.text(), st.binary())
def test_retry_after_survives_everything(header, reset, content):
    """No header and no body makes reading the wait fail."""
    headers = {"retry-after": header, "x-ratelimit-reset": reset, "date": header}
    reported = wire.retry_after(wire.Answer(429, headers, content))
    assert reported is None or reported >= 0


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ({"date": "Mon, 23 Nov 2026 12:00:00 GMT"}, NOON),
        ({"date": "Mon, 23 Nov 2026 12:00:00 -0000"}, NOON),
        ({"date": "Mon, 23 Nov 2026 13:00:00 +0100"}, NOON),
        ({"date": "yesterday"}, None),
        ({"date": "Tue, 31 Dec 2019 23:59:59 GMT"}, None),
        ({"date": "Wed, 01 Jan 2020 00:00:00 GMT"}, datetime(2020, 1, 1, tzinfo=UTC)),
        ({"date": "Thu, 31 Dec 2099 23:59:59 GMT"}, datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ({"date": "Fri, 01 Jan 2100 00:00:00 GMT"}, None),
        ({"date": ""}, None),
        ({"date": "Mon, 23 Nov 2026 12:00:00 +99999999999999999999"}, None),
        ({}, None),
    ],
)
def test_date(headers, moment):
    """The service's time is read from the Date header, and is missing where that is garbled."""
    assert wire.Answer(200, headers).date == moment


LIMITS = {
    "documented": (
        {"x-ratelimit-limit": "60, 1200;window=60, 60;window=60", "x-ratelimit-remaining": "59"},
        wire.Allowance(60, 59, (wire.Limit(1200, 60.0), wire.Limit(60, 60.0))),
    ),
    "none": ({}, wire.Allowance(None, None)),
    "only remaining": ({"x-ratelimit-remaining": "0"}, wire.Allowance(None, 0)),
    "only the limit": ({"x-ratelimit-limit": "1200"}, wire.Allowance(1200, None)),
    "no blanks": (
        {"x-ratelimit-limit": "60,60;window=60"},
        wire.Allowance(60, None, (wire.Limit(60, 60.0),)),
    ),
    "no window": ({"x-ratelimit-limit": "60, 1200, 60;window=60"}, wire.Allowance(60, None, (wire.Limit(60, 60.0),))),
    "window of nothing": ({"x-ratelimit-limit": "60, 60;window=0"}, wire.Allowance(60, None)),
    "words": (
        {"x-ratelimit-limit": "many, lots;window=long", "x-ratelimit-remaining": "few"},
        wire.Allowance(None, None),
    ),
    "negative": ({"x-ratelimit-limit": "-1", "x-ratelimit-remaining": "-1"}, wire.Allowance(None, None)),
    "superscript": ({"x-ratelimit-remaining": "²"}, wire.Allowance(None, None)),
    "number as long as one may be": ({"x-ratelimit-remaining": "9" * 12}, wire.Allowance(None, 10**12 - 1)),
    "number too long": ({"x-ratelimit-remaining": "9" * 13}, wire.Allowance(None, None)),
    "number too long for Python": ({"x-ratelimit-remaining": "9" * 6000}, wire.Allowance(None, None)),
}


@pytest.mark.parametrize(("headers", "allowance"), LIMITS.values(), ids=LIMITS)
def test_allowance(headers, allowance):
    """The rate-limit headers are read part by part; what is missing or garbled is unknown, not wrong."""
    assert wire.allowance(wire.Answer(200, headers)) == allowance


@given(st.text(), st.text())
def test_allowance_survives_everything(limit, remaining):
    """No header makes reading the allowance fail."""
    found = wire.allowance(wire.Answer(200, {"x-ratelimit-limit": limit, "x-ratelimit-remaining": remaining}))
    assert found.remaining is None or found.remaining >= 0


STATUSES = {
    300: errors.UnexpectedAnswer,
    301: errors.UnexpectedAnswer,
    302: errors.UnexpectedAnswer,
    304: errors.UnexpectedAnswer,
    307: errors.UnexpectedAnswer,
    308: errors.UnexpectedAnswer,
    400: errors.ValidationFailed,
    401: errors.AuthenticationFailed,
    402: errors.UnexpectedAnswer,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    405: errors.UnexpectedAnswer,
    406: errors.UnexpectedAnswer,
    408: errors.UnexpectedAnswer,
    409: errors.Conflict,
    412: errors.UnexpectedAnswer,
    413: errors.ValidationFailed,
    418: errors.UnexpectedAnswer,
    422: errors.ValidationFailed,
    429: errors.RateLimited,
    499: errors.UnexpectedAnswer,
    500: errors.ServiceUnavailable,
    501: errors.ServiceUnavailable,
    502: errors.ServiceUnavailable,
    503: errors.ServiceUnavailable,
    504: errors.ServiceUnavailable,
    599: errors.ServiceUnavailable,
}
ERROR_BODY = {
    "type": "some_type",
    "status": 1,
    "request_id": "req-body",
    "errors": [{"code": "is_required", "message": "A severity is required", "source": {"field": "severity_id"}}],
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_error_with_a_body(status, kind):
    """Each status has its error, which carries the service's words, field, type and request id."""
    error = wire.error_of(KEYED, answer(status, ERROR_BODY, x_request_id="req-header"))
    assert type(error) is kind
    assert (error.status, error.request_id) == (status, "req-body")
    assert error.retryable == (status == 429 or status >= 500)
    if status >= 400:
        assert error.message == "severity_id: A severity is required"
        assert error.fields == {"severity_id": "A severity is required"}
        assert error.kind == "some_type"


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
@pytest.mark.parametrize(
    "content",
    [b"", b"<html><h1>Oops</h1></html>", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"errors": 3}'],
    ids=["empty", "HTML", "truncated", "null", "list", "text", "not UTF-8", "nested", "odd form"],
)
def test_error_without_a_usable_body(status, kind, content):
    """An error without a usable body still names the request and carries the header's request id."""
    error = wire.error_of(KEYED, answer(status, content, x_request_id="req-header"))
    assert type(error) is kind
    assert error.request_id == "req-header"
    assert error.message.startswith(("POST /v2/incidents returned ", "POST /v2/incidents was redirected"))
    assert error.fields == {}
    assert "<" not in str(error)
    if status >= 400:
        assert str(status) in error.message


DENIED = (
    f"give this API key the permission {VIEWER} in incident.io, Settings → API keys;"
    " %incidents doctor shows what else it lacks"
)


@pytest.mark.parametrize(
    ("status", "reported", "hint"),
    [
        (301, "", "check the address of the service"),
        (401, "", "check the API key: INCIDENTIO_API_KEY, or type another: %incidents connect --ask"),
        (403, "", DENIED),
        (409, "", "check the incident before you try again"),
        (413, "", "shorten the text"),
        (422, "", ""),
        (429, "", "other users in the organisation share this limit: try again"),
        (429, "17", "try again in 17 s; the limit is shared with others in the organisation"),
        (500, "", "the service is failing: try again, and see its status page"),
    ],
)
def test_error_hints(status, reported, hint):
    """An error says what to do next."""
    assert wire.error_of(GET, answer(status, retry_after=reported)).hint == hint


def test_a_redirect_is_named():
    """A redirect is reported, with the assurance that the key stayed here."""
    error = wire.error_of(GET, answer(302, location="https://evil.example/"))
    assert error.message == "GET /v2/incidents was redirected; the API key was not sent on."
    assert "evil" not in str(error)


@pytest.mark.parametrize(
    ("found", "message", "fields"),
    [
        ([{"message": "No"}], "No", {}),
        ([{"code": "odd"}], "odd", {}),
        ([{}], "refused", {}),
        ([{"message": "No", "source": None}], "No", {}),
        ([{"message": "No", "source": {"pointer": "/name"}}], "No", {}),
        (
            [{"message": "first", "source": {"field": "name"}}, {"message": "second", "source": {"field": "name"}}],
            "name: first; name: second",
            {"name": "first"},
        ),
        (
            [{"message": "a", "source": {"field": "name"}}, {"message": "b", "source": {"field": "mode"}}],
            "name: a; mode: b",
            {"name": "a", "mode": "b"},
        ),
    ],
    ids=["message", "code", "nothing", "null source", "pointer only", "same field twice", "two fields"],
)
def test_error_fields(found, message, fields):
    """Every error of the body is told, and the first of each field kept for forms."""
    error = wire.error_of(GET, answer(422, {"errors": found}))
    assert (error.message, error.fields) == (message, fields)


def test_error_pointers():
    """Where in the request each error is, is kept for forms; of two at the same place the first."""
    found = [
        {"message": "one", "source": {"field": "value_link", "pointer": "/custom_field_entries/2/values/0/value_link"}},
        {"message": "two", "source": {"pointer": "/name"}},
        {"message": "three", "source": {"pointer": "/name"}},
        {"message": "four", "source": {"field": "mode"}},
    ]
    error = wire.error_of(GET, answer(422, {"errors": found}))
    assert error.pointers == {"/custom_field_entries/2/values/0/value_link": "one", "/name": "two"}


def test_one_strange_part_does_not_spoil_the_others():
    """An error body with a part in an unknown form keeps the parts that can be read."""
    error = wire.error_of(GET, answer(422, ERROR_BODY | {"rate_limit": {"retry_after": 5}, "type": ["new"]}))
    assert error.message == "severity_id: A severity is required"
    assert (error.kind, error.request_id) == ("", "req-body")


def test_error_messages_are_printable():
    """What the service says cannot steer the terminal."""
    body = {"errors": [{"message": "\x1b[31mred\u202e\nline", "source": {"field": "na\x1bme"}}], "request_id": "a\nb"}
    error = wire.error_of(GET, answer(422, body))
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert len(error.lines()) == len("\n".join(error.lines()).splitlines()) == 2


@given(st.integers(300, 999), st.binary())
def test_error_of_survives_everything(status, content):
    """Whatever came back, it becomes a ServiceError with the status."""
    assert wire.error_of(GET, wire.Answer(status, {}, content)).status == status


@pytest.mark.parametrize(("request_", "repeatable"), [(GET, True), (KEYED, True), (UNKEYED, False)], ids=EVERY)
def test_repeatable(request_, repeatable):
    """Only reads and writes with an idempotency key are harmless to repeat."""
    assert request_.repeatable is repeatable


def test_no_text_is_in_a_repr():
    """A verbose traceback shows the values of variables: neither what is sent nor what comes back is among it."""
    request = wire.Request("POST", "/v2/incidents", body={"name": "Board meeting leaked"})
    answer = wire.Answer(200, {}, b'{"name": "Board meeting leaked"}', {"name": "Board meeting leaked"})
    assert "Board" not in f"{request!r} {answer!r}"
