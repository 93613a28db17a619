"""Reads are complete, or an error, or visibly incomplete: never a quiet gap, never a row twice."""

from __future__ import annotations

import random
import signal
import threading

import pytest

from incidentio_magic import errors
from incidentio_magic.client import Incidents
from incidentio_magic.settings import Secret, Settings
from tests.faults.service import KEY, Service


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Let lists have many pages."""
    monkeypatch.setattr("incidentio_magic.api.endpoints._base.PAGE", 10)


def between_pages(client, act):
    """Do something before each page but the first; it is given the number of the page."""
    original = client.transport.send
    pages = []
    lock = threading.Lock()

    def send(request):
        if request.path == "/v2/incidents":
            with lock:
                pages.append(1)
                if len(pages) > 1:
                    act(len(pages))
        return original(request)

    client.transport.send = send


def references(frame):
    """Return the references of a frame, each of which must be there once."""
    found = list(frame["reference"])
    assert len(found) == len(set(found))
    return found


@pytest.mark.slow
def test_rows_made_and_edited_meanwhile(make_client):
    """What was there when the list was begun is in it once, whatever is declared, edited and closed meanwhile."""
    reader, writer = make_client(), make_client()
    before = references(reader.incidents(all=True))

    def disturb(page):
        writer.declare(f"New on page {page}", severity="Minor")
        writer.edit(before[(page * 17) % len(before)], name=f"Renamed on page {page}")

    between_pages(reader, disturb)
    frame = reader.incidents(all=True)
    assert frame.attrs["complete"]
    assert set(before) <= set(references(frame))


def test_rows_that_leave_the_filter_meanwhile(make_client):
    """Of a filtered list, no row is missing that fits from beginning to end, although others stop fitting."""
    reader, writer = make_client(), make_client()
    before = references(reader.incidents(status="Closed", all=True))
    leaving = before[::3]

    def disturb(page):
        if page - 2 < len(leaving):
            writer.update(leaving[page - 2], status="Closed without review")

    between_pages(reader, disturb)
    frame = reader.incidents(status="Closed", all=True)
    assert set(before) - set(leaving) <= set(references(frame))


@pytest.mark.slow
def test_every_page_fails_at_first(make_client, sandbox):
    """A list whose every page is lost or garbled once is complete in the end."""
    reader = make_client(timeout=0.5)
    expected = references(reader.incidents(all=True))
    dice = random.Random(1)
    kinds = ["lose_answer", "drop", "status", "malformed", "truncated"]
    between_pages(reader, lambda _page: sandbox.fault(dice.choice(kinds), "GET /v2/incidents", times=1))
    frame = reader.incidents(all=True)
    assert references(frame) == expected
    assert frame.attrs["complete"]


@pytest.mark.parametrize("kind", ["malformed", "truncated", "status", "lose_answer", "drop", "rate_limited"])
@pytest.mark.parametrize("page", [2, 5])
def test_a_page_that_never_comes(make_client, sandbox, kind, page):
    """If a page cannot be had, there is an error and no frame with a hole."""
    reader = make_client(max_wait=1.0)
    reader.vocabulary.statuses()

    def fail(number):
        if number == page:
            sandbox.fault(kind, "GET /v2/incidents")

    between_pages(reader, fail)
    with pytest.raises((errors.AnswerLost, errors.ServiceError)):
        reader.incidents(all=True)


def test_a_cursor_that_repeats(make_client):
    """If the service sends the reader in a circle, the list ends, has no row twice, and is called incomplete."""
    reader = make_client()
    original = reader.transport.send
    first = []

    def send(request):
        if request.path == "/v2/incidents":
            query = tuple(pair for pair in request.query if pair[0] != "after")
            cursor = dict(request.query).get("after")
            if cursor:
                first.append(cursor)
                if len(first) > 3:
                    request = type(request)("GET", request.path, (*query, ("after", first[0])))
        return original(request)

    reader.transport.send = send
    frame = reader.incidents(all=True)
    assert len(references(frame)) >= 30
    assert not frame.attrs["complete"]
    assert "repeated a cursor" in frame.attrs["why_incomplete"]


@pytest.mark.slow
def test_the_server_restarts(tmp_path):
    """A server that is killed and started again in the middle of a list costs a wait, and no row."""
    with Service(tmp_path, incidents=60) as service:
        settings = Settings(base_url=service.url, key=Secret(KEY), ledger=tmp_path / "ledger.jsonl")
        waits = []

        lock = threading.Lock()

        def restart(page):
            if page in {3, 5}:
                with lock:  # else one that waits takes a dying server for a running one
                    service.end(signal.SIGKILL)

        def sleep(seconds):
            with lock:
                if not service.runs:
                    waits.append(seconds)
                    service.start()

        with Incidents(settings, sleep=sleep) as reader:
            expected = references(reader.incidents(all=True))
            between_pages(reader, restart)
            frame = reader.incidents(all=True)
        assert references(frame) == expected
        assert frame.attrs["complete"]
        assert len(waits) == 2


@pytest.mark.slow
def test_the_server_does_not_come_back(tmp_path):
    """A server that goes away in the middle of a list and stays away is an error, after a few attempts."""
    with Service(tmp_path, incidents=40) as service:
        settings = Settings(base_url=service.url, key=Secret(KEY), ledger=tmp_path / "ledger.jsonl")
        with Incidents(settings, sleep=lambda _seconds: None) as reader:
            reader.vocabulary.statuses()
            between_pages(reader, lambda _page: service.end(signal.SIGKILL))
            with pytest.raises((errors.ConnectionFailed, errors.AnswerLost)):
                reader.incidents(all=True)


GARBAGE = [
    b"",
    b"null",
    b"[]",
    b"<html>",
    b'{"incidents": null}',
    b'{"incidents": {}}',
    b'{"incidents": [1]}',
    b'{"incidents": [{}]}',
    b'{"incidents": [{"id": 1}]}',
    b'{"something": []}',
    b'{"incidents": [], "pagination_meta": []}',
    b'{"incidents": [], "pagination_meta": {"after": 7}}',
    b'{"incidents": [' + b"[" * 100_000,
    b'{"incidents": [' + b'{"a":' * 100_000,
    b'\xff\xfe{"incidents": []}',
    b'{"incidents": [{"id": "\xff"}]}',
    b'{"incidents": []' + b" " * 1_000_000,
]


@pytest.mark.parametrize("content", GARBAGE, ids=lambda content: repr(content[:40]))
def test_a_page_that_is_garbage(make_client, content):
    """Garbage in place of a page is an error in two lines, or a frame that says it is cut."""
    reader = make_client()
    reader.vocabulary.statuses()
    original = reader.transport._exchange

    def exchange(request, *more):
        answer = original(request, *more)
        if dict(request.query).get("after"):
            return type(answer)(answer.status, answer.headers, content)
        return answer

    reader.transport._exchange = exchange
    try:
        attrs = reader.incidents(all=True).attrs
        complete, lines = attrs["complete"], [attrs["why_incomplete"]]
    except (errors.UnexpectedAnswer, errors.AnswerLost) as error:
        complete, lines = False, error.lines()
    assert not complete
    assert 1 <= len(lines) <= 2
    assert all(lines)
    assert max(map(len, lines)) < 1000
