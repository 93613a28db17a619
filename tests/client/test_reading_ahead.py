"""Long lists against a sandbox with a long history: the same as the walk by the cursor, and nobody is refused.

Serves `api/models/narrow.py`.
"""

from __future__ import annotations

from threading import Barrier

import pytest

from incidentio_magic import connect
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter
from incidentio_magic.sandbox import Sandbox

COUNT = 1600


@pytest.fixture(scope="module")
def long_history():
    """A sandbox with seven pages of incidents."""
    with Sandbox(seed=2, epoch="2026-01-15T14:00:00Z", frozen=True, incidents=COUNT) as sandbox:
        yield sandbox


@pytest.fixture
def client(long_history, tmp_path):
    """A client of it, with full buckets."""
    long_history.reset()
    with connect(long_history.url, long_history.key, ledger=tmp_path / "ledger.jsonl") as io:
        yield io


def lists(sandbox):
    """Return the queries of the lists that were asked for; none was refused."""
    found = [request for request in sandbox.requests if request["path"] == "/v2/incidents"]
    assert {entry["status"] for entry in found} <= {200}
    return [dict(entry["query"]) for entry in found]


@pytest.mark.slow
@pytest.mark.parametrize("oldest_first", [False, True])
def test_the_same_incidents_in_the_same_order(client, oldest_first):
    """Read by days or walked by its cursor, a list is the same."""
    which = IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE, oldest_first=oldest_first)
    walked = [incident.id for incident in client.api.incidents(which)]
    listing = client.api.incidents(which, ahead=True)
    assert [entry.id for entry in listing] == walked
    assert len(walked) == COUNT
    assert listing.complete


@pytest.mark.slow
def test_a_frame_of_all(client, long_history):
    """A long list is complete, in few more requests than it has pages, and says how many it took."""
    client.vocabulary.severities()
    frame = client.incidents(all=True)
    queries = lists(long_history)
    assert len(frame) == COUNT
    assert frame["created_at"].is_monotonic_decreasing
    assert frame.attrs["complete"]
    assert 7 < len(queries) <= 14
    assert frame.attrs["requests"] == len(queries) + 1
    assert [query for query in queries if "created_at[date_range]" in query]


@pytest.mark.slow
def test_a_filtered_list(client, long_history):
    """No incident is read that was created more than a day before the first that is wanted."""
    whole = client.incidents(all=True)
    before = len(lists(long_history))
    since, until = "2025-03-01T10:00", "2025-12-24T18:00"
    frame = client.incidents(all=True, since=since, until=until)
    inside = whole[whole["created_at"].between(f"{since}Z", f"{until}Z")]
    assert list(frame["reference"]) == list(inside["reference"])
    queries = lists(long_history)[before:]
    spans = [query["created_at[date_range]"].split("~") for query in queries if "created_at[date_range]" in query]
    assert len(spans) > 5
    assert min(spans)[0] == "2025-02-28"
    assert {query["created_at[gte]"] for query in queries if "created_at[gte]" in query} == {"2025-02-28"}


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "size", "requests"), [(1, "2", 1), (3, "4", 1), (249, "250", 1), (600, "250", 3)])
def test_a_limit_reads_no_more(client, long_history, limit, size, requests):
    """A limited list asks for the rows it needs and one more, which tells whether there are others."""
    frame = client.incidents(all=True, limit=limit)
    queries = lists(long_history)
    assert len(frame) == limit
    assert len(queries) == requests
    assert queries[0]["page_size"] == size


@pytest.mark.slow
def test_a_limit_with_an_exact_bound(client, long_history):
    """What the service lists by the day is cut on this side, so that a limit must not make the pages small."""
    frame = client.incidents(all=True, limit=2, until="2025-12-24T00:10")
    assert len(frame) == 2
    assert len(lists(long_history)) == 1


@pytest.mark.slow
def test_an_allowance_that_is_nearly_used_up(client, long_history):
    """With few lists left to make, the list is walked, and still nobody is refused."""
    for _number in range(50):
        client.incidents(limit=1)
    frame = client.incidents(all=True)
    assert len(frame) == COUNT
    assert not [query for query in lists(long_history) if "created_at[date_range]" in query]


def test_the_first_list_takes_no_trips_one_after_the_other(client, monkeypatch):
    """Severities and statuses are read while the incidents are: none waits for the answer to another."""
    send = client.transport.send
    together = Barrier(3, timeout=20)

    def sent(request):
        if request.path in {"/v2/incidents", "/v1/severities", "/v1/incident_statuses"}:
            together.wait()
        return send(request)

    monkeypatch.setattr(client.transport, "send", sent)
    frame = client.incidents(open=True)
    assert len(frame)
    assert frame["severity"].cat.categories.tolist() == [severity.name for severity in client.vocabulary.severities()]
