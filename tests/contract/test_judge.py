"""The judge sees planted faults: each is one violation, and what is right is none."""

from __future__ import annotations

import json

import pytest

from tests.contract.judge import Judge, scopes

THING = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string", "enum": ["big", "small"]},
        "made_at": {"type": "string", "format": "date-time"},
    },
}
ANSWER = {"type": "object", "required": ["thing"], "properties": {"thing": {"$ref": "#/components/schemas/Thing"}}}
RESPONSES = {"200": {"content": {"application/json": {"schema": ANSWER}}}}
CONTRACT = {
    "openapi": "3.0.3",
    "components": {"schemas": {"Thing": THING}},
    "paths": {
        "/things/{id}": {
            "get": {
                "x-rbac-scopes": ["things.view"],
                "parameters": [
                    {"in": "query", "name": "page_size", "schema": {"type": "integer", "maximum": 250}},
                    {
                        "in": "query",
                        "name": "kind",
                        "style": "deepObject",
                        "description": "kind[one_of]=big",
                        "schema": {"type": "object"},
                    },
                ],
                "responses": RESPONSES,
            }
        },
        "/things": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": RESPONSES,
            }
        },
    },
}


def exchange(method="GET", path="/things/1", query="", sent="", status=200, answer=None):
    """Return a recorded exchange."""
    answered = {"thing": {"id": "1"}} if answer is None else answer
    return {
        "method": method, "path": path, "query": query, "sent": sent, "status": status, "answer": json.dumps(answered),
    }  # fmt: skip


@pytest.mark.parametrize(
    "right",
    [
        exchange(),
        exchange(query="page_size=250&kind[one_of]=big&kind[one_of]=small"),
        exchange("POST", "/things", sent='{"id": "1", "kind": "big", "made_at": "2026-01-01T00:00:00Z"}'),
        exchange("POST", "/things", sent="{", status=422, answer={}) | {"spoiled": True},
        exchange(path="/sandbox/state"),
    ],
)
def test_what_the_contract_allows_is_no_violation(right):
    """Allowed requests and answers pass, refused ones are not judged as requests."""
    assert Judge(CONTRACT).judge(right) == []


FAULTS = {
    "unknown path": exchange(path="/nothing"),
    "unknown method": exchange("DELETE"),
    "unknown parameter": exchange(query="colour=red"),
    "unknown operator": exchange(query="kind[like]=b"),
    "filter without operator": exchange(query="kind=big"),
    "operator on a plain parameter": exchange(query="page_size[gte]=1"),
    "page too large": exchange(query="page_size=251"),
    "page of no number": exchange(query="page_size=many"),
    "body without what is required": exchange("POST", "/things", sent='{"kind": "big"}'),
    "body with more than is known": exchange("POST", "/things", sent='{"id": "1", "colour": "red"}'),
    "body with null": exchange("POST", "/things", sent='{"id": "1", "kind": null}'),
    "body of no JSON": exchange("POST", "/things", sent="{"),
    "body where none is expected": exchange(sent="{}"),
    "answer without what is required": exchange(answer={}),
    "answer with more than is known": exchange(answer={"thing": {"id": "1", "colour": "red"}}),
    "answer with an unknown value": exchange(answer={"thing": {"id": "1", "kind": "huge"}}),
    "answer with null": exchange(answer={"thing": {"id": None}}),
    "answer with a bad time": exchange(answer={"thing": {"id": "1", "made_at": "yesterday"}}),
    "status that is not declared": exchange(status=201),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen(fault):
    """Each planted fault is reported."""
    assert Judge(CONTRACT).judge(FAULTS[fault])


def test_scopes_that_differ_are_seen():
    """A scope that the contract does not name for an operation is reported; the right one is not."""
    assert scopes(CONTRACT, {"GET /things/{id}": "things.view", "POST /things": None}) == []
    assert (
        len(scopes(CONTRACT, {"GET /things/{id}": "things.read", "POST /things": "things.make", "GET /x": None})) == 3
    )
