"""Requests made early: each answer is used once, and what failed is asked for again."""

from __future__ import annotations

from threading import Event

import pytest

from incidentio_magic import errors
from incidentio_magic.api.early import EarlyReads
from incidentio_magic.api.wire import Answer, Request

LIST = Request("GET", "/v2/incidents", query=(("page_size", "250"),))
ROLES = Request("GET", "/v2/incident_roles")


@pytest.fixture
def sent():
    """The requests that were sent."""
    return []


@pytest.fixture
def early(sent):
    """Early reads over a service that answers each request with its path; roles are refused."""

    def send(request):
        sent.append(request)
        if request.path == ROLES.path:
            raise errors.NotFound("There is none.", status=404)
        return Answer(200, {}, request.path.encode())

    early = EarlyReads(send)
    yield early
    early.close()


def test_an_answer_is_used_once(early, sent):
    """The same request gets the early answer the first time, and none the second."""
    early.begin(lambda: early.send(LIST))
    assert early.take(LIST).content == b"/v2/incidents"
    assert early.take(LIST) is None
    assert [request.is_early for request in sent] == [True]


def test_another_query_is_another_request(early):
    """A list with other filters does not get the answer of this one."""
    early.begin(lambda: early.send(LIST))
    assert early.take(Request("GET", "/v2/incidents")) is None
    assert early.take(LIST) is not None


def test_what_failed_is_asked_for_again(early):
    """A read that failed early has no answer, and raises nothing here."""
    early.begin(lambda: early.send(ROLES))
    assert early.take(ROLES) is None


def test_writes_are_never_early(early):
    """A write passes by, even while reads are under way."""
    held = Event()
    early.begin(held.wait)
    assert early.take(Request("POST", "/v2/incidents")) is None
    held.set()


def test_a_request_waits_for_the_reads_that_may_make_it(early):
    """A second page that is about to be asked for early is waited for, not asked for twice."""
    first_is_used = Event()

    def pages():
        early.send(LIST)
        first_is_used.wait(10)
        early.send(Request("GET", "/v2/incidents", query=(("after", "x"),)))

    early.begin(pages)
    assert early.take(LIST) is not None
    first_is_used.set()
    assert early.take(Request("GET", "/v2/incidents", query=(("after", "x"),))) is not None


def test_closing_forgets(early):
    """After the end nothing is waited for and nothing is left."""
    held = Event()
    early.begin(lambda: early.send(LIST), held.wait)
    early.close()
    assert early.take(LIST) is None
    held.set()
