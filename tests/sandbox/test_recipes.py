"""The well-known curl recipes, run with curl itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.sandbox import Sandbox

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture
def curl(shared: Sandbox) -> Callable[..., tuple[int, Any]]:
    """Run curl with the key and the right content type, and return the status and the answer."""

    def run(path: str, *arguments: str) -> tuple[int, Any]:
        command = ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}"]
        command += [
            "--header",
            f"Authorization: Bearer {shared.key}",
            "--header",
            "Content-Type: application/json",
        ]
        command += [*arguments, shared.url + path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    return run


def first(rows: list[dict[str, Any]], **wanted: Any) -> str:
    """Return the identifier of the first row that has these members."""
    return next(row["id"] for row in rows if wanted.items() <= row.items())


def test_vocabulary(curl: Callable[..., tuple[int, Any]]) -> None:
    """Severities, statuses and types are listed."""
    for path, name in (
        ("/v1/severities", "severities"),
        ("/v1/incident_statuses", "incident_statuses"),
        ("/v1/incident_types", "incident_types"),
    ):
        status, answer = curl(path)
        assert status == 200
        assert answer[name]


def test_lists(curl: Callable[..., tuple[int, Any]]) -> None:
    """The list recipes find incidents, by category, status, severity, date and mode."""
    closed = first(curl("/v1/incident_statuses")[1]["incident_statuses"], name="Closed")
    major = first(curl("/v1/severities")[1]["severities"], name="Major")
    for query in (
        "status_category[one_of]=live",
        f"status[one_of]={closed}",
        f"severity[gte]={major}",
        "created_at[gte]=2026-01-01",
        "mode[one_of]=test",
    ):
        status, answer = curl("/v2/incidents", "--get", "--data", query, "--data", "page_size=5")
        assert status == 200, (query, answer)
        assert answer["incidents"], query


def test_declare_get_edit_and_close(curl: Callable[..., tuple[int, Any]]) -> None:
    """An incident is declared once for its key, shown, renamed, and closed with a notification."""
    minor = first(curl("/v1/severities")[1]["severities"], name="Minor")
    sent = {"idempotency_key": "recipe", "visibility": "public", "name": "From curl", "severity_id": minor}
    status, answer = curl("/v2/incidents", "--request", "POST", "--data", json.dumps(sent))
    assert status == 200
    identity = answer["incident"]["id"]
    assert curl("/v2/incidents", "--data", json.dumps(sent))[1]["incident"]["id"] == identity
    assert curl(f"/v2/incidents/{identity}")[1]["incident"]["name"] == "From curl"
    closed = first(curl("/v1/incident_statuses")[1]["incident_statuses"], name="Closed")
    edit = {
        "incident": {"name": "Closed by curl", "incident_status_id": closed},
        "notify_incident_channel": True,
    }
    status, answer = curl(f"/v2/incidents/{identity}/actions/edit", "--data", json.dumps(edit))
    assert status == 200
    assert answer["incident"]["incident_status"]["name"] == "Closed"
    reference = answer["incident"]["reference"]
    assert curl("/sandbox/state")[1]["notifications"][reference] == 1
    status, answer = curl(f"/v2/incident_updates?incident_id={identity}")
    assert (status, len(answer["incident_updates"])) == (200, 2)


def test_update_without_a_key(curl: Callable[..., tuple[int, Any]]) -> None:
    """An update without `idempotency_key` is refused, and the answer names the field."""
    identity = curl("/v2/incidents?page_size=1")[1]["incidents"][0]["id"]
    sent = {"incident_id": identity, "message": "Still looking"}
    status, answer = curl("/v2/incident_updates", "--data", json.dumps(sent))
    assert status == 422
    assert [error["source"]["field"] for error in answer["errors"]] == ["idempotency_key"]
    sent["idempotency_key"] = "recipe-update"
    assert curl("/v2/incident_updates", "--data", json.dumps(sent))[0] == 201
