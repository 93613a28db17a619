"""Sending: what is repeated and what is not, how losses are told, and where the key never appears."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import socket
import ssl
import threading
import traceback
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
import requests
import responses
import urllib3

from incidentio_magic import errors
from incidentio_magic.api import models, wire
from incidentio_magic.api.decoding import decoder
from incidentio_magic.api.models import PaginationMeta
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.transport import Transport, _Unsent
from incidentio_magic.api.waiting import Workers
from incidentio_magic.settings import Secret

KEY = "the-key-of-these-tests"
URL = "https://api.example"
GET = wire.Request("GET", "/v1/severities")
KEYED = wire.Request("POST", "/v2/incidents", body={"idempotency_key": "k", "name": "n"}, keyed=True)
UNKEYED = wire.Request("POST", "/v2/incidents/1/actions/edit", body={"incident": {}})
EVERY = {"get": GET, "keyed": KEYED, "unkeyed": UNKEYED}
GOOD = {"json": {"ok": True}}


class Said(list):
    """The lines that a transport announced."""

    def __call__(self, line: str) -> None:
        """Keep a line."""
        self.append(line)


@pytest.fixture
def service():
    """Answers in place of the network; anything not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def printed():
    """The announced lines."""
    return Said()


@pytest.fixture
def connect(clock, printed):
    """Build transports that never wait, and close them."""
    made = []

    def make(url=URL, key=KEY, **options):
        made.append(
            Transport(url, Secret(key), **{"clock": clock, "sleep": clock.sleep, "announce": printed, **options})
        )
        return made[-1]

    yield make
    for entry in made:
        entry.close()


def answers(service, request, *kinds):
    """Let the service answer `request` with each of `kinds` in turn; the last one stays."""
    for kind in kinds:
        if isinstance(kind, int):
            service.add(request.method, URL + request.path, json={"errors": []}, status=kind)
        elif isinstance(kind, Exception):
            service.add(request.method, URL + request.path, body=kind)
        else:
            service.add(request.method, URL + request.path, **kind)


@pytest.mark.parametrize("piece", [1, 7, 2**22])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_body_in_pieces(service, connect, monkeypatch, piece, compressed):
    """A body arrives whole, however long the pieces are in which it is read."""
    monkeypatch.setattr("incidentio_magic.api.transport._PIECE", piece)
    content = json.dumps({"severities": [{"id": f"S{rank}", "rank": rank} for rank in range(40)]}).encode()
    headers = {"Content-Encoding": "gzip"} if compressed else {"Content-Length": str(len(content))}
    body = gzip.compress(content) if compressed else content
    answers(service, GET, {"body": body, "headers": headers, "auto_calculate_content_length": compressed})
    assert connect().send(GET).content == content


LOST = requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError()))
UNMADE = requests.ConnectionError(
    urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.NewConnectionError(None, "refused"))
)


def tls(reason: Exception) -> requests.exceptions.SSLError:
    """Return what requests raises when TLS fails for `reason`."""
    return requests.exceptions.SSLError(
        urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.SSLError(reason))
    )


def proxied(reason: Exception) -> requests.exceptions.ProxyError:
    """Return what requests raises when something fails between here and a proxy, or behind it."""
    return requests.exceptions.ProxyError(
        urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.ProxyError("no", reason))
    )


# What is sent


def test_what_goes_out(service, connect):
    """A request carries its method, address, query, body, key and type, and expects JSON."""
    answers(service, KEYED, GOOD)
    request = wire.Request("POST", KEYED.path, (("a[one_of]", "1"), ("a[one_of]", "ü&")), KEYED.body, keyed=True)
    connect().send(request)
    sent = service.calls[0].request
    assert sent.method == "POST"
    assert sent.url == URL + "/v2/incidents?a%5Bone_of%5D=1&a%5Bone_of%5D=%C3%BC%26"
    assert json.loads(sent.body) == KEYED.body
    assert sent.headers["Authorization"] == f"Bearer {KEY}"
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["User-Agent"].startswith("incidentio_magic/")


def test_an_answer_is_read_in_pieces(service, connect):
    """An answer is not read before its size is known to be within bounds."""
    answers(service, GET, GOOD)
    connect().send(GET)
    assert service.calls[0].request.req_kwargs["stream"] is True


def test_the_largest_answer(service, connect):
    """An answer of as many bytes as are allowed is read, one with a byte more is given up."""
    body = b'{"content": "so long"}'
    answers(service, GET, {"body": body})
    assert connect(max_answer=len(body) / 1e6).send(GET).content == body
    with pytest.raises(errors.UnexpectedAnswer, match="is larger than"):
        connect(max_answer=(len(body) - 1) / 1e6).send(GET)


def test_a_request_without_a_body_has_no_content_type(service, connect):
    """A read sends neither a body nor its type."""
    answers(service, GET, GOOD)
    connect().send(GET)
    assert service.calls[0].request.body is None
    assert "Content-Type" not in service.calls[0].request.headers


@pytest.mark.parametrize("request_", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize(("timeout", "pair"), [(30.0, (5.0, 30.0)), (2.0, (2.0, 2.0))])
def test_every_request_has_a_timeout(service, connect, request_, timeout, pair):
    """No request, first or repeated, waits without an end."""
    answers(service, request_, 429, GOOD)
    connect(timeout=timeout).send(request_)
    assert [call.request.req_kwargs["timeout"] for call in service.calls] == [pair, pair]


def test_text_that_cannot_be_sent(service, connect):
    """Half a surrogate pair is refused in words before anything is sent."""
    request = wire.Request("POST", KEYED.path, body={"name": "broken \ud83d emoji"}, keyed=True)
    with pytest.raises(errors.InputError, match="nothing was sent"):
        connect().send(request)
    assert len(service.calls) == 0


# Repeating


BELOW = {
    "TLS": ssl.SSLError(1, "decryption failed"),
    "a reset": ConnectionResetError(104, "reset"),
    "a timeout": TimeoutError("timed out"),
    "urllib3": urllib3.exceptions.HTTPError("something new"),
    "http.client": http.client.HTTPException("got more than 100 headers"),
}


@pytest.mark.parametrize("failure", BELOW.values(), ids=BELOW)
def test_what_breaks_below_is_a_lost_answer(service, connect, failure):
    """An error of the layers below never comes through, and never claims that nothing was sent."""
    answers(service, UNKEYED, failure)
    with pytest.raises(errors.AnswerLost) as caught:
        connect().send(UNKEYED)
    assert "nothing was sent" not in str(caught.value)


def test_a_query_that_cannot_be_sent(service, connect):
    """Half a character in a filter is refused in words, and nothing is sent."""
    request = wire.Request("GET", "/v2/users", query=(("email", "a\ud800@example.com"),))
    with pytest.raises(errors.InputError, match="half a character"):
        connect().send(request)
    assert not service.calls


@pytest.mark.parametrize("request_", EVERY.values(), ids=EVERY)
def test_a_429_is_obeyed_by_every_request(service, connect, clock, request_):
    """A 429 is waited out as told and the request repeated, whatever its method."""
    answers(service, request_, {"status": 429, "headers": {"Retry-After": "9"}, "body": b""}, GOOD)
    assert connect().send(request_).status == 200
    assert len(clock.slept) == 1
    assert 9.0 <= clock.slept[0] <= 9.1


@pytest.mark.parametrize("request_", EVERY.values(), ids=EVERY)
def test_a_429_without_end_is_bounded(service, connect, clock, request_):
    """A 429 that does not end is given up within the budget, and told as such."""
    answers(service, request_, {"status": 429, "headers": {"Retry-After": "25"}, "body": b""})
    with pytest.raises(errors.RateLimited) as caught:
        connect(max_wait=60).send(request_)
    assert caught.value.retryable
    assert len(service.calls) == 3
    assert sum(clock.slept) <= 60


def test_a_429_with_no_wait_is_no_hammer(service, connect, clock):
    """A 429 that tells a wait of nothing is repeated ever more slowly and within the budget."""
    answers(service, GET, {"status": 429, "headers": {"Retry-After": "0"}, "body": b""})
    with pytest.raises(errors.RateLimited):
        connect(max_wait=120).send(GET)
    assert len(service.calls) < 40
    assert sum(clock.slept) <= 120


@pytest.mark.parametrize("failure", [LOST, 500, 502, 503, 504, {"body": b"{", "status": 200}], ids=str)
@pytest.mark.parametrize("request_", [GET, KEYED], ids=["get", "keyed"])
def test_harmless_requests_are_repeated(service, connect, failure, request_):
    """A read or a keyed write is repeated after a loss, with the very same body."""
    answers(service, request_, failure, failure, GOOD)
    assert connect().send(request_).content == b'{"ok": true}'
    bodies = [call.request.body for call in service.calls]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (LOST, errors.AnswerLost),
        (requests.ReadTimeout("slow"), errors.AnswerLost),
        (requests.exceptions.ChunkedEncodingError("cut"), errors.AnswerLost),
        (requests.exceptions.ContentDecodingError("bad gzip"), errors.AnswerLost),
        (500, errors.ServiceUnavailable),
        (502, errors.ServiceUnavailable),
        (503, errors.ServiceUnavailable),
        (504, errors.ServiceUnavailable),
        (409, errors.Conflict),
        ({"body": b"", "status": 200}, errors.AnswerLost),
        ({"body": b"{", "status": 200}, errors.AnswerLost),
    ],
    ids=["lost", "timeout", "chunk", "gzip", "500", "502", "503", "504", "409", "empty", "HTML"],
)
def test_an_unkeyed_write_is_never_repeated(service, connect, clock, failure, kind):
    """An unkeyed write that may have happened is sent once and reported."""
    answers(service, UNKEYED, failure)
    with pytest.raises(kind):
        connect().send(UNKEYED)
    assert len(service.calls) == 1
    assert clock.slept == []


@pytest.mark.parametrize("request_", EVERY.values(), ids=EVERY)
def test_a_connection_that_was_never_made_is_tried_again(service, connect, request_):
    """Nothing was sent when no connection was made, so any request may try again."""
    answers(service, request_, UNMADE, UNMADE, GOOD)
    assert connect().send(request_).status == 200


@pytest.mark.parametrize("request_", [GET, KEYED], ids=["get", "keyed"])
def test_losses_are_given_up(service, connect, clock, request_):
    """After five losses the request is reported as lost, and as safe to repeat."""
    answers(service, request_, LOST)
    with pytest.raises(errors.AnswerLost, match="safe to repeat") as caught:
        connect().send(request_)
    assert caught.value.retryable
    assert len(service.calls) == wire.ATTEMPTS
    assert len(clock.slept) == wire.ATTEMPTS - 1


def test_a_keyed_conflict_is_waited_out(service, connect):
    """A 409 to a key that is on its way from elsewhere is asked again."""
    answers(service, KEYED, 409, GOOD)
    assert connect().send(KEYED).status == 200


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ({"status": 429, "body": b"", "headers": {"Retry-After": "999"}}, errors.AnswerLost),
        (UNMADE, errors.AnswerLost),
        (409, errors.AnswerLost),
        (301, errors.AnswerLost),
        (500, errors.ServiceUnavailable),
        (422, errors.AnswerLost),
        (401, errors.AnswerLost),
    ],
    ids=["429", "refused", "409", "redirect", "500", "422", "401"],
)
@pytest.mark.parametrize("first", [LOST, 503], ids=["lost", "503"])
def test_a_loss_is_not_forgotten(service, connect, first, last, kind):
    """A write that was lost and then could not be repeated is never told as not sent."""
    answers(service, KEYED, first, last)
    with pytest.raises(kind):
        connect().send(KEYED)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422])
@pytest.mark.parametrize("request_", EVERY.values(), ids=EVERY)
def test_a_refusal_is_told_at_once(service, connect, clock, request_, status):
    """A refusal is raised without a repeat and without a wait."""
    answers(service, request_, status)
    with pytest.raises(errors.ServiceError) as caught:
        connect().send(request_)
    assert caught.value.status == status
    assert len(service.calls) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (tls(ssl.SSLCertVerificationError(1, "self-signed certificate")), errors.ConnectionFailed),
        (tls(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), errors.AnswerLost),
        (tls(ssl.SSLError(1, "decryption failed or bad record mac")), errors.AnswerLost),
        (requests.exceptions.SSLError("broken while reading"), errors.AnswerLost),
        (requests.ConnectTimeout("slow"), errors.ConnectionFailed),
        (requests.exceptions.InvalidURL("odd"), errors.ConnectionFailed),
        (requests.exceptions.InvalidSchema("no SOCKS"), errors.ConnectionFailed),
        (proxied(urllib3.exceptions.NewConnectionError(None, "refused")), errors.ConnectionFailed),
        (proxied(OSError("Tunnel connection failed: 407 Proxy Authentication Required")), errors.ConnectionFailed),
        (proxied(urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "bad"))), errors.ConnectionFailed),
        (proxied(ConnectionResetError()), errors.AnswerLost),
        (
            requests.ConnectionError(
                urllib3.exceptions.MaxRetryError(
                    None, "/", urllib3.exceptions.NameResolutionError("api.example", None, socket.gaierror())
                )
            ),
            errors.ConnectionFailed,
        ),
        (requests.ConnectionError(), errors.AnswerLost),
        (requests.RequestException("new kind"), errors.AnswerLost),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, Exception) else value.__name__,
)
def test_only_what_surely_was_not_sent_is_told_so(service, connect, failure, kind):
    """A failure counts as not sent only where it comes before the request goes out; TLS can break later."""
    answers(service, UNKEYED, failure)
    with pytest.raises(kind):
        connect().send(UNKEYED)


# Answers that are no answers


BROKEN = {
    "empty": b"",
    "blank": b"  \n",
    "truncated": b'{"severities": [{"id": "1"',
    "two documents": b"{}{}",
    "nested": b"[" * 100_000 + b"]" * 100_000,
    "byte order mark": b"\xef\xbb\xbf{}",
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("status", [200, 201, 202, 299])
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_success_that_is_no_json_is_a_loss(service, connect, status, content):
    """A 2xx without JSON is not believed: it is reported as a lost answer."""
    answers(service, UNKEYED, {"status": status, "body": content})
    with pytest.raises(errors.AnswerLost, match="could not be read"):
        connect().send(UNKEYED)


PAGES = {
    "by its type": {"body": b"Sign in", "content_type": "text/html; charset=utf-8"},
    "by its beginning": {"body": b"\n <!DOCTYPE html><title>Sign in</title>", "content_type": "application/json"},
    "in capitals": {"body": b"<HTML><BODY>Sign in</BODY></HTML>"},
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_web_page_is_not_asked_for_again(service, connect, page):
    """A web page in place of JSON says what it is, and is not asked for five times."""
    answers(service, GET, page)
    with pytest.raises(errors.UnexpectedAnswer, match=r"web page(.|\n)*a proxy or a login page"):
        connect().send(GET)
    for request in (KEYED, UNKEYED):
        answers(service, request, page)
        with pytest.raises(errors.AnswerLost, match="the response is a web page"):
            connect().send(request)
    assert len(service.calls) == 3


@pytest.mark.parametrize(("status", "kind"), [(403, errors.PermissionDenied), (404, errors.NotFound)])
def test_a_refusal_that_is_a_web_page(service, connect, status, kind):
    """A refusal that is a web page does not come from the API, and says so."""
    answers(service, GET, {"status": status, "body": b"<html>Blocked", "content_type": "text/html"})
    with pytest.raises(kind, match=r"and a web page\.\n.*a proxy or a login page"):
        connect().send(GET)


def test_half_a_surrogate_is_json(service, connect):
    """JSON whose text is not quite Unicode is an answer: what can be read of it is read."""
    answers(service, GET, {"body": b'{"severities": [{"name": "\\ud800"}]}'})
    assert connect().send(GET).status == 200


def test_an_answer_is_decoded_once(service, connect):
    """What the request's decoder accepts comes decoded; other JSON comes as it is, and what is no JSON is repeated."""
    request = replace(GET, decoder=decoder("severities", list[models.Severity]))
    minor = {"severities": [{"id": "S1", "name": "Minor"}]}
    answers(
        service, GET, {"json": minor}, {"body": b'{"severities": 3}'}, {"body": b'{"severities": ['}, {"json": minor}
    )
    assert connect().send(request).decoded.content == [models.Severity("S1", "Minor")]
    assert connect().send(request).decoded is None
    assert connect().send(request).decoded.content == [models.Severity("S1", "Minor")]
    assert len(service.calls) == 4


def test_a_204_is_no_json_either(service, connect):
    """No answer of this API is without content, so a 204 is not believed."""
    answers(service, UNKEYED, {"status": 204, "body": b""})
    with pytest.raises(errors.AnswerLost, match="could not be read"):
        connect().send(UNKEYED)


@pytest.mark.parametrize("content", [b"{}", b"[]", b"null", b"3", b' {"a": "\xc3\xbc"} '])
def test_any_json_is_an_answer(service, connect, content):
    """Whether JSON has the right shape is not for the transport to judge."""
    answers(service, GET, {"body": content})
    assert connect().send(GET).content == content


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize(
    "location", ["https://evil.example/steal", "/elsewhere", "http://[", "\xff\xfe", "", None], ids=repr
)
def test_redirects_are_never_followed(service, connect, status, location):
    """A redirect, sound or malformed, ends the request and sends the key nowhere."""
    service.add("GET", "https://evil.example/steal", json={})
    service.add("GET", URL + "/elsewhere", json={})
    headers = {} if location is None else {"Location": location}
    answers(service, GET, {"status": status, "headers": headers, "body": b""})
    with pytest.raises(errors.UnexpectedAnswer, match="redirected"):
        connect().send(GET)
    assert [call.request.url for call in service.calls] == [URL + GET.path]


# Waiting


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ({"status": 429, "headers": {"Retry-After": "9"}, "body": b""}, "429 Too Many Requests"),
        ({"status": 503, "headers": {"Retry-After": "9"}, "body": b""}, "503 Service Unavailable"),
    ],
    ids=["429", "503"],
)
def test_waits_are_announced_and_taken_back(service, connect, printed, first, why):
    """A wait is announced with its length, end and reason, and the line is cleared afterwards."""
    answers(service, GET, first, GOOD)
    connect().send(GET)
    assert len(printed) == 2
    assert printed[0].startswith("incident.io: waiting 9 s, until ")
    assert printed[0].endswith(f" UTC, before GET /v1/severities: {why}; interrupt to stop")
    assert printed[1] == ""


def test_a_wait_after_a_loss_says_so(service, connect, printed):
    """A wait because an answer was lost names that, not an earlier reason."""
    answers(service, GET, 503, LOST, LOST, LOST, GOOD)
    connect().send(GET)
    assert any(": the response was lost; interrupt to stop" in line for line in printed)
    assert not any("503" in line for line in printed)


def test_a_wait_for_the_allowance_says_so(service, connect, printed):
    """A wait before the service has refused anything names the allowance."""
    headers = {"X-RateLimit-Limit": "60, 60;window=60", "X-RateLimit-Remaining": "0"}
    answers(service, GET, {"headers": headers, "body": b"{}"}, GOOD)
    transport = connect()
    transport.send(GET)
    transport.send(GET)
    assert printed[0].endswith(": the rate limit is used up; interrupt to stop")


def test_short_waits_are_not_announced(service, connect, printed):
    """A wait below a second is not worth a line."""
    answers(service, GET, 503, GOOD)
    connect().send(GET)
    assert printed == []


def test_many_short_waits_are_announced(service, connect, clock, printed):
    """Waits that are short, but add up, are announced about once a second."""
    headers = {"X-RateLimit-Limit": "240, 240;window=60", "X-RateLimit-Remaining": "6"}
    answers(service, GET, {"headers": headers, "body": b"{}"})
    transport = connect()
    for _number in range(12):
        transport.send(GET)
    waited = sum(clock.slept)
    assert waited > 1
    assert max(clock.slept) < 1
    announced = [line for line in printed if line]
    assert announced
    assert all("waiting 1 s, until" in line for line in announced)
    assert len(announced) <= waited


@pytest.mark.parametrize("first", [{"status": 429, "headers": {"Retry-After": "9"}, "body": b""}, LOST], ids=str)
def test_an_interrupt_ends_a_wait(service, connect, printed, first):
    """An interrupt during a wait stops at once and takes the announcement away."""

    def interrupted(_seconds):
        raise KeyboardInterrupt

    answers(service, GET, first, GOOD)
    with pytest.raises(KeyboardInterrupt):
        connect(sleep=interrupted).send(GET)
    assert len(service.calls) == 1
    assert printed == [] or printed[-1] == ""


def test_own_pacing_waits_too(service, connect, clock):
    """The burst is free, and then requests are spread as the allowance refills."""
    listing = wire.Request("GET", "/v2/incidents", rate=wire.LIST_INCIDENTS)
    answers(service, listing, GOOD)
    transport = connect()
    for _number in range(62):
        transport.send(listing)
    assert clock.slept == pytest.approx([1.0, 1.0])


def test_pacing_counts_towards_the_budget(service, connect, clock):
    """Waiting for the own allowance and waiting after a 429 share one budget."""
    answers(
        service,
        GET,
        {"status": 429, "headers": {"Retry-After": "50"}, "body": b""},
        {"status": 503, "headers": {"X-RateLimit-Limit": "1, 1;window=60", "X-RateLimit-Remaining": "0"}, "body": b""},
        GOOD,
    )
    with pytest.raises(errors.IncidentioError):
        connect(max_wait=60).send(GET)
    assert sum(clock.slept) <= 60


def test_an_allowance_that_is_used_up_sends_nothing(service, connect, clock):
    """Where the own allowance would take longer than the budget, nothing is sent, and the error says for how long."""
    answers(service, GET, {"status": 429, "headers": {"Retry-After": "500"}, "body": b""})
    transport = connect(max_wait=60)
    with pytest.raises(errors.RateLimited):
        transport.send(GET)
    transport.max_wait = 30
    with pytest.raises(errors.RateLimited, match="is used up for another") as caught:
        transport.send(GET)
    assert len(service.calls) == 1
    assert caught.value.retry_after == pytest.approx(60)
    assert caught.value.retryable
    assert clock.slept == []


def test_a_429_that_asks_for_a_day(service, connect, clock, printed):
    """A 429 that names a day is believed for a minute, said so, and tried again; lists are not blocked for a day."""
    listing = wire.Request("GET", "/v2/incidents", rate=wire.LIST_INCIDENTS)
    answers(service, listing, {"status": 429, "headers": {"Retry-After": "86400"}, "body": b""}, GOOD)
    transport = connect()
    transport.send(listing)
    assert sum(clock.slept) == pytest.approx(60, abs=1)
    assert "429 Too Many Requests, which asked for 86,400 s; waiting a minute is enough" in printed[0]
    transport.send(listing)
    assert sum(clock.slept) < 63


def test_a_429_that_asks_for_a_day_again_and_again(service, connect, clock):
    """A service that keeps asking for a day is given up in time, and the error names the wait that makes sense."""
    answers(service, GET, {"status": 429, "headers": {"Retry-After": "86400"}, "body": b""})
    with pytest.raises(errors.RateLimited, match=r"try again in 60 s.*asked for 86,400 s") as caught:
        connect(max_wait=150).send(GET)
    assert caught.value.retry_after == 86400
    assert len(service.calls) == 3
    assert sum(clock.slept) <= 150


def test_a_window_of_a_day(service, connect, clock):
    """An absurd window in the rate-limit headers does not block the next request for longer than a minute."""
    headers = {"X-RateLimit-Limit": "1, 1;window=8640000", "X-RateLimit-Remaining": "0"}
    answers(service, GET, {"headers": headers, "body": b"{}"})
    transport = connect(max_wait=200)
    transport.send(GET)
    transport.send(GET)
    assert sum(clock.slept) <= 120


def test_an_interrupted_wait_gives_its_place_back(service, connect, clock):
    """A request that was interrupted while it waited its turn does not make the next one wait longer."""
    listing = wire.Request("GET", "/v2/incidents", rate=wire.LIST_INCIDENTS)
    answers(service, listing, GOOD)
    transport = connect()
    for _number in range(60):
        transport.send(listing)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    transport._waits._sleep = interrupted
    for _number in range(5):
        with pytest.raises(KeyboardInterrupt):
            transport.send(listing)
    transport._waits._sleep = clock.sleep
    transport.send(listing)
    assert clock.slept == pytest.approx([1.0])


def test_a_garbled_wait_does_not_close_the_connection_for_good(service, connect, clock):
    """An endless number in Retry-After is garbage; requests go on after the usual wait."""
    answers(service, GET, {"status": 429, "headers": {"Retry-After": "9" * 400}, "body": b""}, GOOD)
    connect().send(GET)
    assert clock.slept == [5.0]


def test_a_text_with_the_key_in_it_is_not_sent(service, connect):
    """A message into which the API key was pasted is refused before it leaves; the error does not show the key."""
    with pytest.raises(errors.InputError, match="contains the API key; nothing was sent") as caught:
        connect().send(wire.Request("POST", "/v2/incident_updates", body={"message": f"use {KEY}"}, keyed=True))
    assert len(service.calls) == 0
    assert KEY not in str(caught.value)


# Time


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(hours=-2), timedelta(seconds=30)], ids=str)
def test_now_follows_the_service(service, connect, ahead):
    """The present time is the service's, as its Date header tells it."""
    date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
    answers(service, GET, {"json": {}, "headers": {"Date": date}})
    transport = connect()
    before = transport.now()
    transport.send(GET)
    assert abs(before - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(transport.now() - datetime.now(UTC) - ahead) < timedelta(seconds=5)
    assert abs(transport.ahead - ahead) < timedelta(seconds=5)


def test_now_asks_once(service, connect):
    """Where nothing has been answered yet, the service is asked for its time, and never again."""
    ahead = timedelta(hours=2)
    answers(service, GET, {"json": {}, "headers": {"Date": format_datetime(datetime.now(UTC) + ahead, usegmt=True)}})
    transport = connect()
    transport.first_request = lambda: transport.send(GET)
    for _ in range(2):
        assert abs(transport.now() - datetime.now(UTC) - ahead) < timedelta(seconds=5)
    assert transport.requests_made == 1


@pytest.mark.parametrize(
    "date",
    [
        *("", "soon", "now", "Mon, 23 Nov 2026 12:00:00 +99999999999999999999"),
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)
def test_now_survives_a_garbled_date(service, connect, date):
    """A Date header that is garbled or within the tolerance leaves this machine's time."""
    date = format_datetime(datetime.now(UTC), usegmt=True) if date == "now" else date
    answers(service, GET, {"json": {}, "headers": {"Date": date}})
    transport = connect()
    transport.send(GET)
    assert transport.ahead == timedelta(0)


def test_an_error_tells_the_time_too(service, connect):
    """The Date header of a refusal counts like any other."""
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    answers(service, GET, {"status": 404, "body": b"", "headers": {"Date": date}})
    transport = connect()
    with pytest.raises(errors.NotFound):
        transport.send(GET)
    assert transport.ahead > timedelta(minutes=59)


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://api.incident.io",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://user@127.0.0.1@evil.example",
        "http://127.0.0.1@evil.example",
        "http://localhost:pass@evil.example",
        "http://localhost\\@evil.example",
        "http://localhost\\.evil.example",
        "http://local\thost.evil.example",
        "http://local\thost",
        "http://0.0.0.0",
        "http://[::]",
        "http://[fe80::1]",
        "http://10.0.0.1",
        "http://127.1",
        "http://2130706433",
        "http://127。0。0。1",
        "http://localhost#@evil.example",
        "http://localhost?@evil.example",
        "http://",
        "http://[::1",
        "http://localhost:port",
        "https://",
        "https://user:pass@api.incident.io",
        "https://api.incident.io?x=1",
        "https://api.incident.io#x",
        "https://api incident.io",
        "ftp://localhost",
        "file:///etc/passwd",
        "localhost:8000",
        "api.incident.io",
        "",
    ],
)
def test_unsafe_addresses_are_refused(url):
    """An address that would send the key unprotected, or is none, is refused before any connection."""
    with pytest.raises(errors.SettingsError):
        Transport(url, Secret(KEY))


@pytest.mark.parametrize(
    ("url", "base", "host"),
    [
        ("https://api.incident.io", "https://api.incident.io", "api.incident.io"),
        (" https://api.incident.io/ \n", "https://api.incident.io", "api.incident.io"),
        ("https://proxy.example/incident//", "https://proxy.example/incident", "proxy.example"),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("http://LOCALHOST", "http://LOCALHOST", "localhost"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1", "127.0.0.1"),
        ("http://127.9.9.9", "http://127.9.9.9", "127.9.9.9"),
        ("http://[::1]:8000", "http://[::1]:8000", "::1"),
    ],
)
def test_safe_addresses_are_taken(connect, url, base, host):
    """Over https the key goes anywhere, plain http only to this machine."""
    transport = connect(url)
    assert (transport.base_url, transport.host) == (base, host)


@pytest.mark.parametrize("key", ["", " ", "two words", "line\nend", "tab\t", "ключ", "nul\0", "\x7f"])
def test_a_key_that_cannot_stand_in_a_header_is_refused(key):
    """A key with stray characters is refused in words that do not show it."""
    with pytest.raises(errors.SettingsError) as caught:
        Transport(URL, Secret(key))
    frames = caught.value.__traceback__.tb_next
    shown = "".join(
        traceback.TracebackException(errors.SettingsError, caught.value, frames, capture_locals=True).format()
    )
    assert not key.strip() or repr(key)[1:-1] not in shown


# The key and its surroundings


def test_netrc_cannot_replace_the_key(service, connect, tmp_path, monkeypatch):
    """A .netrc entry for the host does not displace the API key."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example login mallory password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    answers(service, GET, GOOD)
    connect().send(GET)
    assert service.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"


@contextmanager
def server(*replies):
    """Serve raw `replies` on this machine, one a connection; None closes without an answer, a float waits first.

    Yields:
        The address, and a list of the raw requests that arrived.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    arrived: list[bytes] = []
    over = threading.Event()

    def serve() -> None:
        for reply in replies:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                received = b""
                while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
                    received += part
                head, _, rest = received.partition(b"\r\n\r\n")
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        while len(rest) < int(line.split(b":")[1]) and (part := connection.recv(65536)):
                            rest += part
                arrived.append(head + b"\r\n\r\n" + rest)
                if isinstance(reply, float):
                    over.wait(reply)
                elif reply is not None:
                    connection.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", arrived
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread
        listener.close()
        thread.join(5)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

RAW_LOSSES = {
    "closed": None,
    "half a status line": b"HTTP/1.1 20",
    "no HTTP": b"220 mail.example ESMTP\r\n\r\n",
    "half the headers": b"HTTP/1.1 200 OK\r\nContent-Type: appl",
    "half the body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{}",
    "no chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "bad gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n{}",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n{}",
}


@pytest.mark.parametrize("reply", RAW_LOSSES.values(), ids=RAW_LOSSES)
def test_an_unkeyed_write_whose_answer_is_lost(connect, reply):
    """A server that takes the request and gives no whole answer: lost, told as such, not sent again."""
    with server(reply, OK) as (url, arrived), pytest.raises(errors.AnswerLost, match="check before you repeat it"):
        connect(url).send(UNKEYED)
    assert len(arrived) == 1


@pytest.mark.parametrize("reply", RAW_LOSSES.values(), ids=RAW_LOSSES)
def test_a_keyed_write_whose_answer_is_lost(connect, reply):
    """The same loss of a keyed write is healed by sending the same bytes again."""
    with server(reply, OK) as (url, arrived):
        assert connect(url).send(KEYED).content == b"{}"
    assert len(arrived) == 2
    assert arrived[0] == arrived[1]
    assert b'"idempotency_key":"k"' in arrived[0]


def test_a_server_that_is_silent(connect):
    """A server that never answers is given up after the timeout, as a loss."""
    with server(5.0) as (url, arrived), pytest.raises(errors.AnswerLost):
        connect(url, timeout=0.05).send(UNKEYED)
    assert len(arrived) == 1


def test_nobody_listens(connect, clock):
    """A refused connection is told as nothing sent, after a few tries."""
    with server() as (url, _arrived):
        pass
    transport = connect(url)
    with pytest.raises(errors.ConnectionFailed, match="nothing was sent"):
        transport.send(UNKEYED)
    assert transport.requests_made == wire.ATTEMPTS
    assert len(clock.slept) == wire.ATTEMPTS - 1


def test_proxies_are_not_used_for_this_machine(connect, monkeypatch):
    """A proxy of the environment neither sees nor loses what goes to this machine."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with server(OK) as (url, arrived):
        connect(url).send(GET)
    assert arrived[0].startswith(b"GET /v1/severities HTTP/1.1\r\n")


def test_a_proxy_is_refused_before_anything_is_sent(connect, monkeypatch):
    """A proxy that nobody asked for sees nothing; asked for, it is what a lost connection is blamed on."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with server() as (nobody, _arrived):
        pass
    with server(OK) as (proxy, arrived):
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy)
        transport = connect("https://api.example")
        with pytest.raises(errors.SettingsError, match="names a proxy for api"):
            transport.send(GET)
        assert (transport.requests_made, arrived) == (0, [])
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, nobody)
    with pytest.raises(errors.ConnectionFailed, match="No connection to api"):
        connect("https://api.example", proxy=True).send(GET)


@pytest.mark.parametrize("reply", RAW_LOSSES.values(), ids=RAW_LOSSES)
def test_a_loss_behind_a_proxy_is_a_loss(connect, reply):
    """A proxy that took an unkeyed write and lost its answer is no proxy that could not be reached."""
    with server(reply, OK) as (proxy, arrived):
        transport = connect("http://127.0.0.1:1")
        transport._session.proxies = {"http": proxy}
        with pytest.raises(errors.AnswerLost, match="check before you repeat it"):
            transport.send(UNKEYED)
    assert len(arrived) == 1


def test_a_proxy_that_cannot_be_reached(connect):
    """Where nobody listens at the proxy's address nothing was sent, and the error names the proxy."""
    with server() as (proxy, _arrived):
        pass
    transport = connect("http://127.0.0.1:1")
    transport._session.proxies = {"http": proxy}
    with pytest.raises(errors.ConnectionFailed, match="nothing was sent"):
        transport.send(UNKEYED)


def everything_shown(error: BaseException) -> str:
    """Return all that a tool could show of an error below the test: its chain, suppressed or not, and every local."""
    shown = ["".join(traceback.format_exception(error)), repr(error), str(error)]
    queue = [(error, error.__traceback__.tb_next)]
    while queue:
        error, frames = queue.pop()
        shown += traceback.TracebackException(type(error), error, frames, capture_locals=True).format()
        queue += [(other, other.__traceback__) for other in (error.__cause__, error.__context__) if other is not None]
    assert "transport.py" in "".join(shown)
    return "".join(shown)


def interrupting(*_args, **_options):
    """Stand in for a call during which somebody pressed Ctrl-C."""
    raise KeyboardInterrupt


FAILURES = {
    "refused": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "redirected": b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    **RAW_LOSSES,
}


@pytest.mark.parametrize("reply", FAILURES.values(), ids=FAILURES)
def test_the_key_is_in_no_error_and_no_log(connect, caplog, reply):
    """Whatever goes wrong on the wire, neither the error with all its locals nor any log record has the key."""
    caplog.set_level(logging.DEBUG)
    with server(reply) as (url, arrived), pytest.raises(errors.IncidentioError) as caught:
        connect(url).send(UNKEYED)
    assert KEY.encode() in arrived[0]
    assert KEY not in everything_shown(caught.value)
    assert caplog.records
    assert KEY not in caplog.text
    assert all(KEY not in repr(record.__dict__) for record in caplog.records)


def test_the_key_is_in_nothing_that_http_client_prints(connect, monkeypatch, capsys):
    """Switched on for all connections, Python's own tracing of HTTP prints no header of ours."""
    monkeypatch.setattr("http.client.HTTPConnection.debuglevel", 1)
    with server(OK) as (url, arrived):
        connect(url).send(GET)
    assert KEY.encode() in arrived[0]
    assert KEY not in "".join(capsys.readouterr())


def test_the_key_is_in_no_error_of_a_missing_file(connect, monkeypatch):
    """A file of certificates that is not there is told as such, before anything is sent."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/not/there.pem")
    with pytest.raises(errors.SettingsError, match=r"/not/there\.pem; nothing was sent") as caught:
        connect().send(UNKEYED)
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert KEY not in everything_shown(caught.value)


def test_the_key_is_in_no_error_of_a_refused_connection(connect):
    """A connection that nobody accepts leaves no trace of the key in the error."""
    with server() as (url, _arrived):
        pass
    with pytest.raises(errors.ConnectionFailed) as caught:
        connect(url).send(UNKEYED)
    assert KEY not in everything_shown(caught.value)


@pytest.mark.parametrize(
    "where",
    ["urllib3.util.connection.create_connection", "http.client.HTTPResponse.begin", "http.client.HTTPConnection.send"],
)
def test_the_key_is_in_no_interrupt(connect, monkeypatch, where):
    """An interrupt while connecting, sending or waiting for the answer does not drag the header along."""
    with server(OK, None) as (url, _arrived):
        transport = connect(url)
        with monkeypatch.context() as patched:
            patched.setattr(where, interrupting)
            with pytest.raises(KeyboardInterrupt) as caught:
                transport.send(GET)
    assert KEY not in everything_shown(caught.value)


def test_the_key_is_in_no_repr(connect):
    """Neither a transport nor a secret shows the key."""
    transport = connect()
    shown = [
        repr(transport),
        repr(vars(transport)),
        repr(transport._auth),
        repr(vars(transport._auth)),
        repr(vars(transport._session)),
        str(Secret(KEY)),
        f"{Secret(KEY)}",
        repr([Secret(KEY)]),
    ]
    assert KEY not in "".join(shown)


def test_requests_are_counted(service, connect):
    """Every attempt counts as a request."""
    answers(service, GET, 503, GOOD)
    transport = connect()
    transport.send(GET)
    assert transport.requests_made == 2


def test_the_allowance_is_remembered(service, connect):
    """The last answer's allowance is at hand, for whoever wants to know what is left."""
    headers = {"X-RateLimit-Limit": "1200, 1200;window=60", "X-RateLimit-Remaining": "7"}
    answers(service, GET, {"json": {}, "headers": headers})
    transport = connect()
    transport.send(GET)
    assert transport.allowance == wire.Allowance(1200, 7, (wire.Limit(1200, 60.0),))


@pytest.mark.parametrize("threads", [0, 2], ids=["one after the other", "in threads"])
@pytest.mark.parametrize(
    ("seconds", "pages"),
    [(20.0, 4), (5.0, 32), (2.9, None)],  # 17 s and 2 s of each answer are a delay; quick answers never are
)
def test_the_slow_pages_of_one_read_count_together(service, connect, clock, seconds, pages, threads):
    """A list whose every page comes late, but in time, ends after `max_wait` of delays in all."""
    transport = connect(max_wait=60.0)

    def answer(_request):
        clock.time += seconds
        return 200, {}, "{}"

    service.add_callback("GET", URL + GET.path, callback=answer)
    asked = 0

    def fetch(cursor):
        nonlocal asked
        asked = int(cursor or 0) + 1
        if threads:
            with Workers(threads) as workers:
                workers.submit(transport.send, GET).result()
        else:
            transport.send(GET)
        after = str(asked) if asked < 50 else None
        return Page([SimpleNamespace(id=asked)], PaginationMeta(after=after))

    listing = Listing(fetch)
    if pages is None:
        assert len(list(listing)) == 50
        return
    with pytest.raises(
        errors.ConnectionFailed, match=r"api.example responds too slowly: the read was stopped after \d\d s"
    ) as caught:
        list(listing)
    assert caught.value.retryable
    assert asked == pages + 1
    transport.send(GET)  # another read begins anew


def test_an_exchange_that_failed_shows_nothing_of_its_answer():
    """A traceback that holds it has no word of what the service wrote."""
    assert str(_Unsent(wire.Answer(500, {}, b"the words of a private incident"))) == ""
