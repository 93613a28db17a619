"""Any endpoint read to its end: without a size first, then in the largest pages it takes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from incidentio_magic import errors
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.wire import EVERYTHING, LIST_INCIDENTS, Answer


def service(*answers):
    """Return endpoints that are answered so in turn, and the requests that were made."""
    asked = []
    waiting = list(answers)

    def send(request):
        asked.append(request)
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(200, {}, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    return Api(SimpleNamespace(send=send)), asked


def page(*identities, after=None):
    """Return a page of things."""
    meta = {"pagination_meta": {"after": after, "page_size": 25}}
    return {"things": [{"id": identity} for identity in identities], **meta}


def refused(field):
    """Return the error of a parameter that is not taken."""
    return errors.ValidationFailed("no", status=422, fields={field: "no"})


def members(listing):
    """Return the records of a list."""
    return [record.members for record in listing]


def test_pages_are_followed():
    """The first page has no size, the following ones the largest; the cursor and the parameters stay."""
    api, asked = service(page("1", after="c 1"), page("2"))
    assert members(api.raw("/v2/things", (("mode", "test"),))) == [{"id": "1"}, {"id": "2"}]
    assert asked[0].query == (("mode", "test"),)
    assert asked[1].query == (("mode", "test"), ("page_size", "250"), ("after", "c 1"))
    assert {request.rate for request in asked} == {EVERYTHING}


def test_smaller_pages_where_large_ones_are_refused():
    """An endpoint that needs a size, or takes small pages only, is read in those."""
    api, asked = service(refused("page_size"), refused("page_size"), page("1", after="c"), page("2"))
    assert len(members(api.raw("/v2/things"))) == 2
    assert [dict(request.query).get("page_size") for request in asked] == [None, "250", "50", "50"]


def test_a_size_of_your_own_stays():
    """A size that was asked for is used for every page, and its refusal is an error."""
    api, asked = service(page("1", after="c"), page("2"))
    list(api.raw("/v2/things", (("page_size", "3"),)))
    assert [dict(request.query)["page_size"] for request in asked] == ["3", "3"]
    api, _asked = service(refused("page_size"))
    with pytest.raises(errors.ValidationFailed):
        list(api.raw("/v2/things", (("page_size", "9999"),)))
    api, _asked = service(refused("mode"))
    with pytest.raises(errors.ValidationFailed):
        list(api.raw("/v2/things"))


def test_incidents_are_paced_as_incidents():
    """The list of incidents has an allowance of its own."""
    api, asked = service({"incidents": []})
    list(api.raw("/v2/incidents"))
    assert asked[0].rate == LIST_INCIDENTS


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"things": []}, []),
        ({"thing": {"id": "1", "parts": [1]}}, [{"id": "1", "parts": [1]}]),
        ({"things": [{"a": 1}, {"a": 1}]}, [{"a": 1}, {"a": 1}]),
        ({"entries": [{"id": "1"}], "type": {"id": "T"}}, [{"id": "1"}]),
        ({"names": ["a", None]}, [{"value": "a"}, {"value": None}]),
        ({"markdown": "# A"}, [{"markdown": "# A"}]),
        ({"a": [1], "b": [2]}, [{"a": [1], "b": [2]}]),
        ({"id": "1", "parts": [1]}, [{"id": "1", "parts": [1]}]),
        ({}, [{}]),
    ],
)
def test_what_the_records_are(body, expected):
    """They are the list in the answer, else the object in it, else the answer; equal ones are not one."""
    api, _asked = service(body)
    assert members(api.raw("/v2/things")) == expected


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b'"text"', b"\xff", b"", b"[" * 100_000])
def test_what_is_no_answer(content):
    """Anything but a JSON object is an error that shows none of it."""
    api, _asked = service(content)
    with pytest.raises(errors.UnexpectedAnswer, match=r"GET /v2/things does not match the API.s contract"):
        list(api.raw("/v2/things"))
