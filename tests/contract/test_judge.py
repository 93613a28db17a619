"""The judge sees planted faults: each is one violation, and what is right is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import judge as judge_module
from tests.contract.judge import Judge, records, scopes

pytestmark = pytest.mark.slow

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


CLIENT_FAULTS = {
    "unknown path": exchange(path="/nothing"),
    "unknown parameter": exchange(query="colour=red", status=422),
    "unknown operator": exchange(query="kind[like]=b", status=422),
    "page too large": exchange(query="page_size=251", status=422),
    "body without what is required": exchange("POST", "/things", sent='{"kind": "big"}', status=422),
    "body with null": exchange("POST", "/things", sent='{"id": "1", "kind": null}', status=400),
}


@pytest.mark.parametrize("fault", CLIENT_FAULTS)
def test_a_wrong_request_of_the_client_is_seen_whatever_it_was_answered(fault):
    """A sandbox that refuses a wrong request does not hide that the client sent it."""
    record = CLIENT_FAULTS[fault]
    assert all("the client sends" in problem for problem in Judge(CONTRACT).judge(record | {"side": "client"}))
    assert Judge(CONTRACT).judge(record | {"side": "client"})
    assert Judge(CONTRACT).judge(exchange() | {"side": "client"}) == []


def test_scopes_that_differ_are_seen():
    """A scope that the contract does not name for an operation is reported; the right one is not."""
    assert scopes(CONTRACT, {"GET /things/{id}": "things.view", "POST /things": None}) == []
    assert (
        len(scopes(CONTRACT, {"GET /things/{id}": "things.read", "POST /things": "things.make", "GET /x": None})) == 3
    )


RECORDING = """
import sys
from pathlib import Path
from incidentio_magic.client import Incidents
from incidentio_magic.api.wire import Request
from incidentio_magic.errors import IncidentioError
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings

with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", incidents=5) as sandbox:
    settings = Settings(base_url=sandbox.url, key=Secret(sandbox.key), ledger=Path(sys.argv[1]))
    with Incidents(settings) as client:
        client.severities()
        try:
            client.transport.send(Request("GET", "/v1/severities", query=(("colour", "red"),)))
        except IncidentioError:
            pass
"""


def test_client_and_sandbox_both_record(tmp_path):
    """A request is recorded where it is sent and where it arrives, the refused one too, without the key."""
    folder = tmp_path / "records"
    folder.mkdir()
    recorder = Path(judge_module.__file__).parent / "record"
    environment = os.environ | {
        "CONTRACT_RECORDS": str(folder),
        "PYTHONPATH": os.pathsep.join([str(recorder), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-c", RECORDING, str(tmp_path / "ledger.jsonl")]
    subprocess.run(command, env=environment, check=True, timeout=60)
    found = list(records(folder))
    asked = [
        (record["side"], record["path"], record["query"]) for record in found if record["path"] == "/v1/severities"
    ]
    assert sorted(asked) == [
        (side, "/v1/severities", query) for side in ("client", "server") for query in ("", "colour=red")
    ]
    assert "sandbox-key" not in json.dumps(found)
