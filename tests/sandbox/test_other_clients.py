"""Other clients of the same API drive the sandbox: every operation that a client offers and the sandbox serves works.

The table is `other_clients.md` beside this file; `python -m tests.sandbox.test_other_clients` writes it anew.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import warnings
from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.http.scopes import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# Each client's name on PyPI, and its package.
CLIENTS = {"incident-io": "incident_io", "python-incidentio-client": "incident_io_client"}
TABLE = Path(__file__).with_name("other_clients.md")
EPOCH = "2026-06-01T12:00:00Z"

# The clients warn of operations that are old; others still use them.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@dataclass(frozen=True)
class Offered:
    """An operation that a client offers.

    Args:
        client: The client's name on PyPI.
        name: The operation, such as `GET /v2/incidents/{id}`.
        module: Where the client keeps it.
    """

    client: str
    name: str
    module: str


def offered(client: str) -> Iterator[Offered]:
    """Yield the operations of a client that the sandbox serves, by what the client's own source says it requests.

    A client that is not installed offers none; the table then differs.
    """
    package = CLIENTS[client]
    found = find_spec(package)
    if found is None or found.origin is None:
        return
    api = Path(found.origin).parent / "api"
    for path in sorted(api.glob("*_v*/*_v*.py")):
        source = path.read_text("utf-8")
        method, address = re.search(r'"method": "(\w+)"', source), re.search(r'"url": "([^"]+)"', source)
        assert method, path
        assert address, path
        name = f"{method[1].upper()} {re.sub('{[^}]+}', '{id}', address[1])}"
        if name in OPERATIONS:
            yield Offered(client, name, f"{package}.api.{path.parent.name}.{path.stem}")


EVERY = [operation for client in CLIENTS for operation in offered(client)]

# What a client cannot do although it offers it: its models are older than what the contract allows.
OLDER_MODELS = {
    ("python-incidentio-client", "GET /v1/identity"): "roles",
    ("python-incidentio-client", "GET /v1/incident_attachments"): "resource types",
}


class Driver:
    """Calls an operation of a client with whatever it needs, on a sandbox of its own.

    Args:
        sandbox: The sandbox.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {sandbox.key}"
        self._sandbox = sandbox
        self._count = 0
        seeded = self.read("/v2/incidents", page_size="250")
        with_calls = next(incident["id"] for incident in seeded if incident.get("call_url"))
        fields = self.read("/v2/custom_fields")
        self.known = {
            "incident_id": with_calls,
            "page_size": 25,
            "schedule_id": self.read("/v2/schedules")[0]["id"],
            "catalog_type_id": self.read("/v3/catalog_types")[0]["id"],
            "call_session_id": self.read("/v2/call_sessions", incident_id=with_calls)[0]["id"],
            "status_page_id": self.read("/v2/status_pages")[0]["id"],
            "custom_field_id": next(field["id"] for field in fields if field["field_type"] == "single_select"),
            "severity_id": next(each["id"] for each in self.read("/v1/severities") if each["name"] == "Minor"),
            "user_id": next(user["id"] for user in self.read("/v2/users") if user["role"] == "responder"),
        }

    def read(self, path: str, **query: Any) -> list[Any]:
        """Return the rows of a list, read without any client."""
        response = self._session.get(self._sandbox.url + path, params=query, timeout=30)
        assert response.status_code == 200, response.text
        return next(rows for rows in response.json().values() if isinstance(rows, list))

    def made(self, path: str, **body: Any) -> Any:
        """Write without any client, and return what was made."""
        response = self._session.post(self._sandbox.url + path, json=body, timeout=30)
        assert response.status_code < 300, response.text
        return next(iter(response.json().values()))

    def new(self) -> dict[str, Any]:
        """Return what a new incident needs."""
        self._count += 1
        return {
            "idempotency_key": f"key-{self._count}",
            "visibility": "public",
            "name": "Our database is sad",
            "severity_id": self.known["severity_id"],
        }

    def declared(self) -> str:
        """Return the identifier of a new incident."""
        return str(self.made("/v2/incidents", **self.new())["id"])

    def page(self) -> dict[str, Any]:
        """Return what a new escalation needs."""
        self._count += 1
        return {"idempotency_key": f"key-{self._count}", "title": "Wake up", "user_ids": [self.known["user_id"]]}

    def task(self) -> dict[str, Any]:
        """Return what a new action or follow-up needs."""
        return {"incident_id": self.declared(), "description": "Find out why"}

    def needs(self, name: str) -> tuple[list[str], dict[str, Any]]:
        """Return what an operation needs: the identifiers in its path, and its body, empty if it has none."""
        method, _, path = name.partition(" ")
        if method == "GET":
            listed = path.partition("/{id}")[0]
            found = self.read(listed, **self.required(listed))[0]["id"] if "{id}" in path else None
            return ([found] if found else []), {}
        about = {"incident_id": self.declared(), "idempotency_key": f"key-{self._count}"}
        attached = {"resource_type": "github_pull_request", "external_id": "https://example.com/1", "title": "Why"}
        written = {**about, "timestamp": EPOCH, "title": "Deploy"}
        followed = {"title": "Write a runbook", **self.task()}
        bodies: dict[str, dict[str, Any]] = {
            "POST /v2/incidents": self.new(),
            "POST /v2/incidents/{id}/actions/edit": {"incident": {"name": "X"}, "notify_incident_channel": False},
            "POST /v2/incidents/{id}/actions/import_postmortem_document": {"content": "# X", "title": "X"},
            "POST /v2/incident_updates": {**about, "message": "We look into it."},
            "POST /v2/incident_timeline_items": written,
            "PATCH /v2/incident_timeline_items/{id}": {"title": "Another deploy"},
            "POST /v1/incident_attachments": {"incident_id": about["incident_id"], "resource": attached},
            "PUT /v1/postmortem_documents/{id}": {"status": "completed"},
            "POST /v2/escalations": self.page(),
            "POST /v2/escalations/{id}/actions/respond": {"response": "ack"},
            "POST /v2/escalations/{id}/actions/cancel": {},
            "POST /v3/actions": self.task(),
            "PUT /v3/actions/{id}": {"description": "Find out when", "status": "completed"},
            "POST /v3/follow_ups": followed,
            "PUT /v3/follow_ups/{id}": {"title": "Write two runbooks", "labels": [], "status": "completed"},
        }
        if "{id}" not in path:
            return [], bodies[name]
        changed = path.partition("/{id}")[0]
        if changed == "/v2/incidents":
            return [about["incident_id"]], bodies[name]
        if changed == "/v1/postmortem_documents":
            return [self.read(changed)[0]["id"]], bodies[name]
        return [self.made(changed, **bodies[f"POST {changed}"])["id"]], bodies[name]

    def required(self, path: str) -> dict[str, Any]:
        """Return the query that the contract requires of a list."""
        names = {
            "/v1/custom_field_options": ["custom_field_id"],
            "/v2/alerts": ["page_size"],
            "/v2/incident_alerts": ["page_size"],
            "/v2/status_page_incidents": ["status_page_id"],
            "/v3/catalog_entries": ["catalog_type_id", "page_size"],
        }
        return {name: self.known[name] for name in names.get(path, ())}

    def query(self, module: ModuleType, name: str) -> dict[str, Any]:
        """Return the parameters that an operation cannot be called without, by the client or by the contract."""
        parameters = inspect.signature(module.sync_detailed).parameters.values()
        wanted = {
            parameter.name
            for parameter in parameters
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is inspect.Parameter.empty
        }
        wanted |= set(self.required(name.removeprefix("GET ")))
        return {parameter: self.known[parameter] for parameter in wanted - {"client", "body"}}

    def call(self, operation: Offered) -> tuple[Any, Any]:
        """Call an operation, and return what was answered and what the client made of it."""
        module = importlib.import_module(operation.module)
        path, body = self.needs(operation.name)
        return self.run(module, CLIENTS[operation.client], path, body, self.query(module, operation.name))

    def run(
        self, module: ModuleType, package: str, path: list[str], body: dict[str, Any], query: dict[str, Any]
    ) -> tuple[Any, Any]:
        """Call a client's function, and return what was answered and what the client made of it."""
        parameter = inspect.signature(module.sync_detailed).parameters.get("body")
        if parameter is not None:
            kind = parameter.annotation
            query["body"] = (getattr(module, kind) if isinstance(kind, str) else kind).from_dict(body)
        client = importlib.import_module(package).AuthenticatedClient
        with client(base_url=self._sandbox.url, token=self._sandbox.key) as connected:
            response = module.sync_detailed(*path, client=connected, **query)
        assert response.status_code < 300, response.content
        return (json.loads(response.content) if response.content else None), response.parsed

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    """A driver of a sandbox that no other module uses."""
    with Sandbox(epoch=EPOCH, incidents=60, rate=1_000_000, list_rate=1_000_000) as sandbox:
        driver = Driver(sandbox)
        yield driver
        driver.close()


@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: f"{operation.client} {operation.name}")
def test_an_operation_works(driver: Driver, operation: Offered) -> None:
    """The sandbox answers with success, and the client reads the answer as its own model and loses no row."""
    if (operation.client, operation.name) in OLDER_MODELS:
        with pytest.raises(ValueError, match="is not a valid"):
            driver.call(operation)
        return
    raw, parsed = driver.call(operation)
    if raw is None:
        return
    assert parsed is not None
    for name, rows in raw.items():
        read = getattr(parsed, name if hasattr(parsed, name) else f"{name}_")
        if isinstance(rows, list):
            assert len(read) == len(rows)
            assert [getattr(row, "id", None) for row in read] == [row.get("id") for row in rows]
        elif isinstance(rows, dict) and "id" in rows:
            assert read.id == rows["id"]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_incident_from_declaration_to_closure(driver: Driver, client: str) -> None:
    """List, show, create, edit and close: one incident, through the client's own models, and once for one key."""
    package = CLIENTS[client]

    def operate(name: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        module = importlib.import_module(f"{package}.api.incidents_v2.incidents_v2_{name}")
        return driver.run(module, package, list(path), body or {}, {})[1]

    severities = {severity["name"]: severity["id"] for severity in driver.read("/v1/severities")}
    statuses = {status["name"]: status["id"] for status in driver.read("/v1/incident_statuses")}
    body = driver.new()
    identity = operate("create", body=body).incident.id
    assert operate("create", body=body).incident.id == identity
    raised = {"incident": {"severity_id": severities["Major"]}, "notify_incident_channel": False}
    assert operate("edit", identity, body=raised).incident.severity.name == "Major"
    closed = {"incident": {"incident_status_id": statuses["Closed"]}, "notify_incident_channel": False}
    operate("edit", identity, body=closed)
    shown = operate("show", identity).incident
    assert (shown.name, shown.incident_status.name) == ("Our database is sad", "Closed")
    assert identity in {incident.id for incident in operate("list").incidents}


def table() -> str:
    """Return which operation of which client works, as Markdown; a test above calls each that is offered."""
    clients: dict[str, dict[str, str]] = defaultdict(dict)
    for operation in EVERY:
        older = OLDER_MODELS.get((operation.client, operation.name))
        clients[operation.name][operation.client] = f"knows older {older} only" if older else "works"
    lines = [
        "# Other clients on the sandbox",
        "",
        "Which operation of which client works: `tests/sandbox/test_other_clients.py` calls each.",
        "",
        f"| operation | {' | '.join(CLIENTS)} |",
        f"| --- {'| --- ' * len(CLIENTS)}|",
    ]
    for name in sorted(OPERATIONS, key=lambda name: name.split()[::-1]):
        cells = " | ".join(clients[name].get(client, "not offered") for client in CLIENTS)
        lines.append(f"| `{name}` | {cells} |")
    return "\n".join(lines) + "\n"


def test_the_table_says_what_works() -> None:
    """The table names every operation that the sandbox serves, and for each client whether it was called above."""
    assert TABLE.read_text("utf-8") == table()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    TABLE.write_text(table(), "utf-8")
    sys.stdout.write(f"{TABLE} written\n")
