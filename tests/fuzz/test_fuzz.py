"""The generator and the runner, with a contract of this project's own."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from incidentio_magic import errors
from incidentio_magic.api.wire import Request
from tests.fuzz import contract as contracts
from tests.fuzz.__main__ import Fuzz
from tests.fuzz.answers import Answers
from tests.fuzz.service import Service

SEVERITY = {
    "type": "object",
    "required": ["id", "name", "rank"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "rank": {"type": "integer"},
        "kind": {"type": "string", "enum": ["low", "high"]},
        "created_at": {"type": "string", "format": "date-time"},
        "again": {"$ref": "#/components/schemas/Severity"},
    },
}
BODY = {
    "type": "object",
    "required": ["severities"],
    "properties": {"severities": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Severity"}]}}},
}
CONTRACT = {
    "components": {"schemas": {"Severity": SEVERITY}},
    "paths": {
        "/v1/severities": {"get": {"responses": {"200": {"content": {"application/json": {"schema": BODY}}}}}},
        "/v1/severities/{id}": {"delete": {"responses": {"202": {}}}},
    },
}
LIST = Request("GET", "/v1/severities")


def bodies(oddness, count=200):
    """Return answers of a list."""
    service = Service(CONTRACT, Answers(CONTRACT, Random(1)))
    service.begin(oddness)
    return [service.send(LIST).content for _ in range(count)]


def test_answers_without_oddness_keep_the_contract():
    """Every required part is there, of its kind, and enum values are known."""
    for content in bodies(0.0):
        for severity in json.loads(content)["severities"]:
            assert {"id", "name", "rank"} <= severity.keys()
            assert isinstance(severity["rank"], int)
            assert severity.get("kind", "low") in {"low", "high"}


def test_the_same_seed_gives_the_same_answers():
    """A failure can be repeated by its seed."""
    assert bodies(0.2) == bodies(0.2)


def test_odd_answers_are_odd():
    """With oddness parts are missing, null, of another kind, or unknown."""
    everything = b"".join(bodies(0.2))
    for odd in (b"null", b"brand_new", b"1000000000000000000000000000000", b"odd"):
        assert odd in everything


def test_only_operations_of_the_contract_are_answered():
    """What the contract does not have is not found; what has no content has none."""
    service = Service(CONTRACT, Answers(CONTRACT, Random(1)))
    with pytest.raises(errors.NotFound):
        service.send(Request("GET", "/v1/unknown"))
    assert service.send(Request("DELETE", "/v1/severities/1")).content == b""
    assert service.asked == {"DELETE /v1/severities/{id}": 1}


def test_a_failure_is_found(tmp_path, monkeypatch, capsys):
    """A read that ends in anything but a result or an error of this project is counted with its place and seed."""

    def broken(_client):
        raise ValueError("raw")

    planted = {"broken": broken, "severities": lambda client: client.severities()}
    monkeypatch.setattr("tests.fuzz.__main__.reads", lambda _folder: planted)
    fuzz = Fuzz(CONTRACT, tmp_path)
    for seed in range(20):
        fuzz.read("severities", seed)
    assert not fuzz.failures
    fuzz.read("broken", 20)
    assert list(fuzz.failures) == ["broken: ValueError at ?"]
    assert fuzz.ends["FAILED"] == 1
    assert fuzz.asked["GET /v1/severities"] >= 20
    assert "seed 20: broken" in capsys.readouterr().out


@pytest.mark.slow
def test_a_contract_that_cannot_be_had(tmp_path, monkeypatch):
    """Where nothing can be downloaded, that is said; a named file is used as it is."""
    monkeypatch.delenv(contracts.VARIABLE, raising=False)
    monkeypatch.setattr(contracts.platformdirs, "user_cache_path", lambda _name: tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(contracts.NoContract, match="pip could not download"):
        contracts.contract()
    named = Path(tmp_path / "named.json")
    named.write_text(json.dumps(CONTRACT))
    monkeypatch.setenv(contracts.VARIABLE, str(named))
    assert contracts.contract() == CONTRACT
