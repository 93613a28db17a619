"""A stub of a large organisation: many incidents, people and catalog entries, served from prepared bytes.

`python -m tests.benchmarks.large_organisation` serves 50,000 incidents of 40 custom fields, of which 300 are open,
5,000 people and 10 catalogs with 99,000 entries, with 150 ms of latency. It reads only, and imports nothing of ours.
`GET /counts` answers how many requests came, by path; `POST /counts` starts again from zero.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from bisect import bisect_left
from collections import Counter
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import waitress

from tests.benchmarks.organisation import Organisation, Size
from tests.benchmarks.service import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

USUAL_SIZE: Final = Size()
KEY: Final = "stub-key-of-a-large-organisation"
IDENTITY: Final = {
    "name": "Large",
    "dashboard_url": "https://app.incident.io/large",
    "roles": ["viewer", "incident_creator", "global_access"],
}
LARGEST_PAGES: Final = {"users": 10_000, "escalation_paths": 25, "schedules": 25}
USUAL_PAGE: Final = 25
LARGEST_PAGE: Final = 250
LIMITS: Final = (
    ("X-RateLimit-Limit", "1000000, 1000000;window=60"),
    ("X-RateLimit-Remaining", "999999"),
    ("X-RateLimit-Used", "1"),
)
LIST_LIMITS: Final = (
    ("X-RateLimit-Limit", "900000, 1000000;window=60, 900000;window=60"),
    ("X-RateLimit-Remaining", "899999"),
    ("X-RateLimit-Used", "1"),
)
PLAIN: Final = frozenset(
    {
        "/v1/severities",
        "/v1/incident_statuses",
        "/v1/incident_types",
        "/v2/incident_roles",
        "/v2/custom_fields",
        "/v2/incident_timestamps",
    }
)
"""The lists that have no pages."""

EMPTY: Final = frozenset(
    {
        "incident_timeline_items", "incident_activity_log_entries", "escalations", "incident_alerts", "alerts",
        "actions", "follow_ups", "call_sessions", "postmortem_documents", "workflow_runs", "schedules",
        "incident_relationships", "incident_attachments", "incident_workloads",
    }
)  # fmt: skip
"""The lists that this organisation has nothing in."""


class Application:
    """Serves an organisation as the service does.

    Args:
        organisation: The organisation.
        latency: Seconds that each request waits.
    """

    def __init__(self, organisation: Organisation, latency: float) -> None:
        self._organisation = organisation
        self._latency = latency
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/counts":
            content = json.dumps(self._counts).encode()
            if method == "POST":
                self._counts = Counter()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [content]
        time.sleep(self._latency)
        with self._lock:
            self._counts[f"{method} {path}"] += 1
        status, content = self._answer(method, path, parse_qsl(environ["QUERY_STRING"]))
        limits = LIST_LIMITS if path == "/v2/incidents" else LIMITS
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content))), *limits]
        start_response(status, headers)
        return [content]

    def _answer(self, method: str, path: str, pairs: list[tuple[str, str]]) -> tuple[str, bytes]:
        name, query = path.rpartition("/")[2], dict(pairs)
        rows: Sequence[dict[str, Any]] | None = None
        if method != "GET":
            answer = _refusal(405, "method_not_allowed", "This organisation can only be read.")
        elif path == "/v1/identity":
            answer = "200 OK", json.dumps({"identity": IDENTITY}).encode()
        elif path == "/v2/incidents":
            answer = self._incidents(pairs)
        elif path.startswith("/v2/incidents/"):
            answer = self._incident(name)
        elif name == "incident_updates":
            answer = self._updates(query)
        elif path in PLAIN:
            answer = "200 OK", json.dumps({name: self._organisation.lists[name]}).encode()
        elif (rows := self._rows(name, query)) is None:
            answer = _refusal(404, "not_found", f"There is no {path} here")
        else:
            answer = self._page(name, rows, query)
        return answer

    def _incident(self, name: str) -> tuple[str, bytes]:
        number = _number(name)
        if number is None or not 0 <= number < self._organisation.size.incidents:
            return _refusal(404, "not_found", "Incident not found")
        return "200 OK", b'{"incident":' + self._organisation.incident(number) + b"}"

    def _rows(self, name: str, query: dict[str, str]) -> Sequence[dict[str, Any]] | None:
        """Return the rows of a paged list; empty for a list that this organisation has nothing in."""
        organisation = self._organisation
        if name == "custom_field_options":
            return organisation.options.get(query.get("custom_field_id", ""), [])
        if name == "catalog_entries":
            entries = organisation.entries.get(query.get("catalog_type_id", ""), [])
            if not (identifier := query.get("identifier")):
                return entries
            return [
                entry
                for entry in entries
                if identifier in {entry["id"], entry["external_id"], entry["name"], *entry["aliases"]}
            ]
        if name == "users" and (email := query.get("email")):
            return [user for user in organisation.lists["users"] if user["email"] == email]
        if name in organisation.lists:
            return organisation.lists[name]
        return [] if name in EMPTY else None

    def _page(self, name: str, rows: Sequence[dict[str, Any]], query: dict[str, str]) -> tuple[str, bytes]:
        size = min(int(query.get("page_size", USUAL_PAGE)), LARGEST_PAGES.get(name, LARGEST_PAGE))
        start = int(query.get("after", "0"))
        meta: dict[str, Any] = {"page_size": size}
        if start + size < len(rows):
            meta["after"] = str(start + size)
        return "200 OK", json.dumps({name: rows[start : start + size], "pagination_meta": meta}).encode()

    def _incidents(self, pairs: list[tuple[str, str]]) -> tuple[str, bytes]:
        organisation = self._organisation
        query = dict(pairs)
        filters = [pair for pair in pairs if pair[0] not in {"page_size", "after", "sort_by", "filter_mode"}]
        try:
            numbers = organisation.numbers(tuple(sorted(filters)))
        except KeyError as unknown:
            return _refusal(422, "validation_error", f"Unknown filter {unknown}")
        size = min(int(query.get("page_size", USUAL_PAGE)), LARGEST_PAGE)
        if query.get("sort_by") == "created_at_oldest_first":
            first = bisect_left(numbers, int(query["after"]) + 1) if "after" in query else 0
            shown = list(numbers[first : first + size])
            more = first + size < len(numbers)
        else:
            last = bisect_left(numbers, int(query["after"])) if "after" in query else len(numbers)
            shown = list(numbers[max(0, last - size) : last])[::-1]
            more = last - size > 0
        meta = {"page_size": size, "total_record_count": len(numbers)}
        if more:
            meta["after"] = str(shown[-1])
        return "200 OK", _body("incidents", map(organisation.incident, shown), meta)

    def _updates(self, query: dict[str, str]) -> tuple[str, bytes]:
        organisation = self._organisation
        size = min(int(query.get("page_size", USUAL_PAGE)), LARGEST_PAGE)
        if identity := query.get("incident_id"):
            number = _number(identity)
            known = number is not None and 0 <= number < organisation.size.incidents
            return "200 OK", _body(
                "incident_updates", organisation.updates(number) if known and number is not None else [],
                {"page_size": size},
            )  # fmt: skip
        start = int(query.get("after", "0"))
        incidents = range(start, min(organisation.size.incidents, start + size // 2))
        meta: dict[str, Any] = {"page_size": size}
        if incidents.stop < organisation.size.incidents:
            meta["after"] = str(incidents.stop)
        rows = [update for number in incidents for update in reversed(organisation.updates(number))]
        return "200 OK", _body("incident_updates", rows, meta)


def _number(identity: str) -> int | None:
    """Return which incident a reference's number or a full ID means; None if it means none."""
    digits = identity.removeprefix("01LARGE")
    if not digits.isdecimal():
        return None
    return int(digits) if digits != identity else int(digits) - 1


def _body(name: str, rows: Iterable[bytes], meta: dict[str, Any]) -> bytes:
    return f'{{"{name}":['.encode() + b",".join(rows) + b'],"pagination_meta":' + json.dumps(meta).encode() + b"}"


def _refusal(status: int, kind: str, message: str) -> tuple[str, bytes]:
    body = {"type": kind, "status": status, "request_id": "R0", "errors": [{"code": kind, "message": message}]}
    return f"{status} Refused", json.dumps(body).encode()


@contextmanager
def large_organisation(*, latency: int = 150, size: Size = USUAL_SIZE) -> Iterator[tuple[str, str]]:
    """Serve a large organisation in a process of its own, and return its address and key.

    Args:
        latency: Milliseconds that each request waits.
        size: How large it is.
    """
    options = {
        "--latency": latency,
        "--incidents": size.incidents,
        "--open": size.open_incidents,
        "--users": size.users,
        "--entries": size.entries,
        "--fields": size.fields,
    }
    words = [text for name, value in options.items() for text in (name, str(value))]
    with served("tests.benchmarks.large_organisation", *words) as found:
        yield found


def main() -> None:
    """Serve until terminated."""
    usual = USUAL_SIZE
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--latency", type=int, default=150, metavar="MS")
    reader.add_argument("--incidents", type=int, default=usual.incidents)
    reader.add_argument("--open", type=int, default=usual.open_incidents)
    reader.add_argument("--users", type=int, default=usual.users)
    reader.add_argument("--entries", type=int, default=usual.entries)
    reader.add_argument("--fields", type=int, default=usual.fields)
    given = reader.parse_args()
    size = Size(given.incidents, min(given.open, given.incidents), given.users, given.entries, given.fields)
    application = Application(Organisation(size), given.latency / 1000)
    server = waitress.create_server(
        application, host="127.0.0.1", port=0, threads=64, outbuf_overflow=2**26, send_bytes=2**20
    )
    sys.stdout.write(f"export INCIDENTIO_BASE_URL=http://127.0.0.1:{server.effective_port}\n")
    sys.stdout.write(f"export INCIDENTIO_API_KEY={KEY}\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main()
