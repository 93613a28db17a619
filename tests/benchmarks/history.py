"""A sandbox with a longer history than it has the time to tell: its incidents return, each with its own name and time.

`python -m tests.benchmarks.history --incidents 10000 --latency 150` serves like the sandbox, but lists incidents made
of the sandbox's own answers: one of 250 with another ID, reference and moment. Of the filters it knows those on days.
Each has one update, made of the sandbox's likewise.
`GET /counts` tells how many lists were asked for and refused; `POST /counts` forgets them and fills the buckets.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, zip_longest
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import waitress

from incidentio_magic.sandbox.http.app import create
from incidentio_magic.sandbox.http.rates import Rates
from incidentio_magic.sandbox.service import Service
from incidentio_magic.sandbox.settings import Settings
from tests.benchmarks.service import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DAYS = 730
WEEK = (18, 20, 19, 18, 14, 6, 0)  # incidents come with deploys; on Sundays there are none
THREADS = 16
BUFFERS = {"outbuf_overflow": 2**26, "send_bytes": 2**20}  # a page is 2 MB, and the server is not what is measured
ENDPOINT = "GET /v2/incidents"
UPDATES = "GET /v2/incident_updates"
LARGEST_PAGE = 250


class Patterns:
    """Records as the sandbox shows them, of which a few values are replaced.

    Args:
        records: The records; they return one after the other.
        names: What is replaced.
    """

    def __init__(self, records: list[dict[str, Any]], *names: str) -> None:
        texts = [json.dumps(record | dict.fromkeys(names, "@"), ensure_ascii=False).encode() for record in records]
        self._kept = [text.split(b'"@"') for text in texts]
        self._replaced = [
            [part.rpartition(b",")[2].strip(b' {":').decode() for part in entry[:-1]] for entry in self._kept
        ]

    def shown(self, number: int, **values: str) -> bytes:
        """Return the JSON of one record, by its place."""
        place = number % len(self._kept)
        replaced = (f'"{values[name]}"'.encode() for name in self._replaced[place])
        return b"".join(chain.from_iterable(zip_longest(self._kept[place], replaced, fillvalue=b"")))


class History:
    """Many incidents, of which only their moments are kept.

    Args:
        incidents: Incidents as the sandbox shows them.
        updates: Updates likewise.
        count: How many incidents there are.
    """

    def __init__(self, incidents: list[dict[str, Any]], updates: list[dict[str, Any]], count: int) -> None:
        self._incidents = Patterns(incidents, "id", "reference", "created_at")
        self._updates = Patterns(updates, "id", "incident_id", "created_at")
        end = datetime.fromisoformat(EPOCH)
        start = end - timedelta(days=DAYS)
        days = [start + timedelta(days=day) for day in range(DAYS)]
        # The organisation grows: at the end it has three times as many as at its beginning.
        weights = list(accumulate(WEEK[day.weekday()] * (1 + 2 * place / DAYS) for place, day in enumerate(days)))
        self.moments: list[float] = []
        for number in range(count):
            share = (number + 0.5) / count * weights[-1]
            place = bisect_left(weights, share)
            before = weights[place - 1] if place else 0.0
            part = (share - before) / (weights[place] - before)
            self.moments.append(days[place].timestamp() + part * 86399)

    def _incident(self, number: int) -> bytes:
        at = _written(self.moments[number])
        return self._incidents.shown(number, id=self.identity(number), reference=f"INC-{number + 1}", created_at=at)

    def _update(self, number: int) -> bytes:
        identity, at = self.identity(number), _written(self.moments[number])
        return self._updates.shown(number, id=f"U{identity}", incident_id=identity, created_at=at)

    def identity(self, number: int) -> str:
        """Return the ID of an incident by its place."""
        return f"01HISTORY{number:017d}"

    def updates(self, query: dict[str, list[str]]) -> bytes:
        """Return the answer to a query for updates, oldest first."""
        first = int(query.get("after", ["-1"])[0].removeprefix("U01HISTORY")) + 1
        last = min(len(self.moments), first + LARGEST_PAGE)
        after = f"U{self.identity(last - 1)}" if last < len(self.moments) else ""
        meta = {"page_size": LARGEST_PAGE, **({"after": after} if after else {})}
        return _body("incident_updates", map(self._update, range(first, last)), meta)

    def page(self, query: dict[str, list[str]]) -> bytes:
        """Return the answer to a query for incidents."""
        first, last = 0, len(self.moments)
        span = query.get("created_at[date_range]", ["~"])[0].partition("~")
        since, until = query.get("created_at[gte]", [span[0]])[0], query.get("created_at[lte]", [span[2]])[0]
        if since:
            first = bisect_left(self.moments, _midnight(since))
        if until:
            last = bisect_left(self.moments, _midnight(until) + 86400)
        total = max(0, last - first)
        newest_first = query.get("sort_by", [""])[0] != "created_at_oldest_first"
        if after := query.get("after", [""])[0]:
            place = int(after.removeprefix("01HISTORY"))
            first, last = (first, min(last, place)) if newest_first else (max(first, place + 1), last)
        size = min(LARGEST_PAGE, int(query.get("page_size", ["25"])[0]))
        numbers = range(max(first, last - size), last) if newest_first else range(first, min(last, first + size))
        shown = list(reversed(numbers) if newest_first else numbers)
        meta = {"page_size": size, "total_record_count": total}
        if shown and len(shown) < last - first:
            meta["after"] = self.identity(shown[-1])
        return _body("incidents", map(self._incident, shown), meta)


def _body(name: str, rows: Iterable[bytes], meta: dict[str, Any]) -> bytes:
    return f'{{"{name}":['.encode() + b",".join(rows) + b'],"pagination_meta":' + json.dumps(meta).encode() + b"}"


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _midnight(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


class Application:
    """The sandbox's application with another list of incidents.

    Args:
        service: The sandbox.
        history: The incidents.
        latency: Seconds that each list waits.
    """

    def __init__(self, service: Service, history: History, latency: float) -> None:
        self._service = service
        self._history = history
        self._latency = latency
        self._sandbox = create(service)
        self._lock = Lock()
        self._fresh()

    def _fresh(self) -> None:
        settings = self._service.settings
        self._rates = Rates(settings.rate, {ENDPOINT: ("list_incidents", settings.list_rate)})
        self._counts = {"requests": 0, "refused": 0}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/counts":
            content = json.dumps(self._counts).encode()
            if method == "POST":
                self._fresh()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [content]
        if f"{method} {path}" == UPDATES:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [self._history.updates(parse_qs(environ["QUERY_STRING"]))]
        if f"{method} {path}" != ENDPOINT:
            return self._sandbox(environ, start_response)
        time.sleep(self._latency)
        verdict = self._rates.take(environ.get("HTTP_AUTHORIZATION", ""), ENDPOINT)
        with self._lock:
            self._counts["requests"] += 1
            self._counts["refused"] += not verdict.allowed
        headers = [("Content-Type", "application/json"), *verdict.headers(time.time()).items()]
        if not verdict.allowed:
            start_response("429 Too Many Requests", headers)
            return [b'{"type":"too_many_requests","status":429}']
        content = self._history.page(parse_qs(environ["QUERY_STRING"]))
        start_response("200 OK", headers)
        return [content]


def main() -> None:
    """Serve until terminated."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--incidents", type=int, required=True)
    reader.add_argument("--latency", type=int, default=0, metavar="MS")
    reader.add_argument("--list-rate", type=int, default=Settings.list_rate)
    reader.add_argument("--rate", type=int, default=Settings.rate)
    asked = reader.parse_args()
    service = Service(Settings(epoch=EPOCH, frozen=True, rate=asked.rate, list_rate=asked.list_rate))
    shown = {
        table: [
            render(json.loads(row["document"]))
            for row in service.store.rows(f"SELECT document FROM {table} LIMIT {LARGEST_PAGE}")
        ]
        for table, render in (("incidents", service.renderer.incident), ("incident_updates", service.renderer.update))
    }
    history = History(*shown.values(), asked.incidents)
    application = Application(service, history, asked.latency / 1000)
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=THREADS, **BUFFERS)
    sys.stdout.write(f"export INCIDENTIO_BASE_URL=http://127.0.0.1:{server.effective_port}\n")
    sys.stdout.write(f"export INCIDENTIO_API_KEY={service.roster.full}\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main()
