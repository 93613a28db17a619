"""Sandboxes that the tests share, and those they have to themselves."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
import requests

from incidentio_magic.drills.library import Library
from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = "2026-06-01T12:00:00Z"
# Idempotency keys and API keys that no two tests share.
FRESH = (f"fresh-{number}" for number in itertools.count())


def given(value: Any) -> Any:
    """Leave out what is None, at any depth: the service takes no null."""
    if isinstance(value, dict):
        return {name: given(part) for name, part in value.items() if part is not None}
    return [given(part) for part in value] if isinstance(value, list) else value


class Caller:
    """A plain client: a session, an address and a key."""

    def __init__(self, sandbox: Sandbox, key: str | None = None) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key or sandbox.key}"

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request."""
        return self.session.request(method, self.sandbox.url + path, timeout=30, **more)

    def get(self, path: str, *pairs: tuple[str, str]) -> Any:
        """Return what a path answers, which must be a success."""
        response = self("GET", path, params=list(pairs))
        assert response.status_code == 200, response.text
        return response.json()

    def everything(self, path: str, name: str, *pairs: tuple[str, str]) -> list[Any]:
        """Return the rows of every page."""
        rows, after = [], None
        while True:
            cursor = [("after", after)] if after else []
            page = self.get(path, ("page_size", "25"), *pairs, *cursor)
            rows += page[name]
            after = page["pagination_meta"].get("after")
            if not after:
                return rows

    def fields(self, method: str, path: str, **more: Any) -> dict[str, str]:
        """Return what a refused request is refused for: each pointer with its message."""
        response = self(method, path, **more)
        assert response.status_code == 422, response.text
        return {error["source"]["pointer"]: error["message"] for error in response.json()["errors"]}

    def key(self, *roles: str, scopes: list[str] | None = None) -> Caller:
        """Return a client with another key, which has these roles."""
        made = {"key": f"other-key-{next(FRESH)}", "roles": list(roles)}
        response = self("POST", "/sandbox/keys", json=made | ({} if scopes is None else {"scopes": scopes}))
        assert response.status_code == 201, response.text
        return Caller(self.sandbox, made["key"])

    def named(self, path: str, name: str) -> dict[str, Any]:
        """Return the object with this name (or value) in a list of the organisation's vocabulary."""
        (rows,) = [rows for rows in self.get(path).values() if isinstance(rows, list)]
        return next(row for row in rows if row.get("name") == name)

    def status(self, name: str) -> str:
        """Return the identifier of a status."""
        return self.named("/v1/incident_statuses", name)["id"]

    def severity(self, name: str) -> str:
        """Return the identifier of a severity."""
        return self.named("/v1/severities", name)["id"]

    def declare(self, **more: Any) -> dict[str, Any]:
        """Declare an incident and return it."""
        sent = {
            "idempotency_key": next(FRESH),
            "visibility": "public",
            "name": "Something broke",
            "severity_id": self.severity("Minor"),
        }
        response = self("POST", "/v2/incidents", json=given(sent | more))
        assert response.status_code == 200, response.text
        return response.json()["incident"]

    def update(self, incident: dict[str, Any], **more: Any) -> requests.Response:
        """Share an update."""
        sent = {"idempotency_key": next(FRESH), "incident_id": incident["id"]}
        return self("POST", "/v2/incident_updates", json=sent | more)

    def edit(self, incident: dict[str, Any], **more: Any) -> requests.Response:
        """Edit an incident."""
        sent = {"incident": given(more), "notify_incident_channel": False}
        return self("POST", f"/v2/incidents/{incident['id']}/actions/edit", json=sent)


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    """A sandbox that many tests use; they may add to it but not move its clock or reset it."""
    with Sandbox(epoch=EPOCH, rate=1_000_000, list_rate=1_000_000) as sandbox:
        yield sandbox


@pytest.fixture
def call(shared: Sandbox) -> Iterator[Caller]:
    """A client of the shared sandbox, with the full key."""
    caller = Caller(shared)
    yield caller
    caller.session.close()


@pytest.fixture
def own() -> Iterator[Sandbox]:
    """A small sandbox for one test alone, whose clock stands still."""
    with Sandbox(epoch=EPOCH, incidents=30, rate=1_000_000, list_rate=1_000_000, frozen=True) as sandbox:
        yield sandbox


@pytest.fixture
def own_call(own: Sandbox) -> Iterator[Caller]:
    """A client of the test's own sandbox."""
    caller = Caller(own)
    yield caller
    caller.session.close()


@pytest.fixture
def class_calls() -> Iterator[tuple[Caller, Caller]]:
    """The clients of a facilitator and of a trainee, in a class whose clock stands still."""
    people = [("Ada", ""), ("Bob", "Red")]
    with Sandbox(epoch=EPOCH, incidents=5, people=people, library=Library(), frozen=True) as sandbox:
        callers = Caller(sandbox), Caller(sandbox, sandbox.roster.trainees[0].key)
        yield callers
        for caller in callers:
            caller.session.close()
