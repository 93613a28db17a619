"""doctor --contract: no difference against the sandbox, and every planted one named, without anybody's words."""

from __future__ import annotations

import dataclasses
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
import requests

from incidentio_magic.doctor.contract import compare
from incidentio_magic.errors import NotFound
from incidentio_magic.settings import Secret


@pytest.fixture
def compared(connect_to):
    """Compare the sandbox's answers, changed on the way by a function of path and answer."""

    def compared(change=None):
        client = connect_to()
        send = client.transport.send

        def spoiled(request):
            answer = send(request)
            return change(request.path, answer) if change else answer

        client.transport.send = spoiled
        return compare(client.settings, lambda _settings: client)

    return compared


def test_the_sandbox_answers_as_assumed(compared):
    """Against the sandbox the report is empty, with its columns."""
    report = compared()
    assert report.to_dict("records") == []
    assert list(report.columns) == ["operation", "finding", "where", "times"]


def rows(change):
    """Change the first incident of the list."""

    def changed(path, answer):
        if path != "/v2/incidents":
            return answer
        document = json.loads(answer.content)
        change(document["incidents"][0], document)
        return dataclasses.replace(answer, content=json.dumps(document).encode(), decoded=None)

    return changed


def without(header):
    """Take a header from every answer."""
    return lambda _path, answer: dataclasses.replace(
        answer, headers={name: value for name, value in answer.headers.items() if name != header}
    )


def gone(path, answer):
    """Refuse one list."""
    if path == "/v3/follow_ups":
        raise NotFound("there is nothing", status=404)
    return answer


PLANTED = {
    "unknown field": (rows(lambda row, _: row.update(colour="red")), "unknown field", "incidents[].colour"),
    "unknown value": (rows(lambda row, _: row.update(mode="drill")), "unknown value", "incidents[].mode: drill"),
    "null": (rows(lambda row, _: row.update(name=None)), "null", "incidents[].name"),
    "missing field": (rows(lambda row, _: row.pop("reference")), "field is missing", "incidents[].reference"),
    "text for a list": (rows(lambda row, _: row.update(team_ids="none")), "is no list", "incidents[].team_ids"),
    "number for a text": (rows(lambda row, _: row.update(name=7)), "is no string", "incidents[].name"),
    "smaller page": (
        rows(lambda _, answer: answer["pagination_meta"].update(page_size=100)),
        "page is not of 250 rows",
        "pagination_meta.page_size",
    ),
    "no rate header": (without("x-ratelimit-limit"), "header is missing", "x-ratelimit-limit"),
    "test incident": (
        rows(lambda row, _: row.update(mode="test")),
        "row is listed that is assumed to be hidden",
        "mode test",
    ),
    "ended incident": (
        rows(lambda row, _: row["incident_status"].update(category="merged")),
        "row is listed that is assumed to be hidden",
        "category merged",
    ),
    "list that is gone": (gone, "could not be read", "NotFound"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_named(compared, name):
    """Each difference is one row that names where it is, and nothing else is reported."""
    change, finding, where = PLANTED[name]
    report = compared(change)
    assert set(zip(report["finding"], report["where"], strict=True)) == {(finding, where)}
    assert (report["times"] > 0).all()


def test_the_report_holds_nobody_s_words(compared):
    """Names of fields and values that look like somebody's text are not shown."""
    secret = "Payments of Alice <alice@example.com>"
    report = compared(rows(lambda row, _: row.update({secret: 1, "mode": secret, "name": [secret]})))
    assert len(report) == 3
    assert "lice" not in report.to_string()


def planted(incidents, document):
    """Change a list of incidents in nine ways, each in a row of its own or in what stands beside the rows."""
    incidents[0]["colour"] = "red"
    incidents[1]["mode"] = "drill"
    incidents[2]["name"] = None
    del incidents[3]["reference"]
    incidents[4]["custom_field_entries"] = "none"
    incidents[5]["visibility"] = "secret"
    incidents[6]["mode"] = "tutorial"
    incidents[7]["incident_status"]["category"] = "declined"
    document["pagination_meta"]["page_size"] = 100


DIFFERENCES = {
    ("GET /v2/incidents", "unknown field", "incidents[].colour"),
    ("GET /v2/incidents", "unknown value", "incidents[].mode: drill"),
    ("GET /v2/incidents", "null", "incidents[].name"),
    ("GET /v2/incidents", "field is missing", "incidents[].reference"),
    ("GET /v2/incidents", "is no list", "incidents[].custom_field_entries"),
    ("GET /v2/incidents", "unknown value", "incidents[].visibility: secret"),
    ("GET /v2/incidents", "row is listed that is assumed to be hidden", "mode tutorial"),
    ("GET /v2/incidents", "row is listed that is assumed to be hidden", "category declined"),
    ("GET /v2/incidents", "page is not of 250 rows", "pagination_meta.page_size"),
    ("GET /v1/severities", "is no integer", "severities[].rank"),
    ("GET /v1/severities", "header is missing", "x-ratelimit-limit"),
    ("GET /v3/follow_ups", "could not be read", "NotFound"),
    ("GET /v2/alerts", "could not be read", "PermissionDenied: alerts.view"),
}


@pytest.fixture
def stub(sandbox):
    """A service at an address of its own that answers as the sandbox does, but for the differences above."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            headers = {"Authorization": self.headers["Authorization"]}
            answer = requests.get(sandbox.url + self.path, headers=headers, timeout=30)
            path, status, document = urlsplit(self.path).path, answer.status_code, answer.json()
            kept = {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("x-")}
            if path == "/v2/incidents":
                planted(document["incidents"], document)
            elif path == "/v1/severities":
                document["severities"][0]["rank"] = "1"
                del kept["x-ratelimit-limit"]
            elif path in {"/v3/follow_ups", "/v2/alerts"}:
                status, document = 404 if path == "/v3/follow_ups" else 403, {"errors": [{"message": "no"}]}
            content = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**kept, "Content-Type": "application/json", "Content-Length": len(content)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_service_that_differs_in_many_ways_at_once(stub, connect_to, sandbox):
    """Over HTTP every difference is named, no other is, and nobody's words are in the report."""
    settings = connect_to(base_url=stub).settings
    report = compare(settings)
    found = set(report[["operation", "finding", "where"]].itertuples(index=False, name=None))
    assert found == DIFFERENCES
    assert len(found) >= 10
    names = [incident["name"] for incident in sandbox_incidents(sandbox)]
    assert not [name for name in names if name in report.to_string()]


def test_a_key_that_lacks_a_scope_is_told_which(connect_to, sandbox):
    """What the key may not read is a row that names the scope."""
    made = {"key": "viewer-only", "roles": ["viewer"]}
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    requests.post(f"{sandbox.url}/sandbox/keys", json=made, headers=headers, timeout=30).raise_for_status()
    report = compare(connect_to(key=Secret("viewer-only")).settings)
    assert set(report["where"]) == {"PermissionDenied: catalog_entries.view"}


def sandbox_incidents(sandbox):
    """Return the incidents that a list shows."""
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    answer = requests.get(f"{sandbox.url}/v2/incidents?page_size=250", headers=headers, timeout=30)
    return answer.json()["incidents"]
