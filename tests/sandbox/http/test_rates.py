"""Rate limits: buckets that refill continuously, and what each answer tells about them."""

from __future__ import annotations

import math

import requests

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.http.rates import Rates

LIST, OTHER = "GET /v2/incidents", "GET /v1/identity"


class Time:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def rates(time: Time) -> Rates:
    """Return limits of 1,200 and 60 a minute."""
    return Rates(1200, {LIST: ("incidents_list", 60)}, time)


def test_the_list_has_its_own_bucket() -> None:
    """Sixty lists pass, the next does not, and other requests still do."""
    time = Time()
    limits = rates(time)
    assert all(limits.take("key", LIST).allowed for _ in range(60))
    verdict = limits.take("key", LIST)
    assert (verdict.allowed, verdict.name, verdict.limit, verdict.wait) == (False, "incidents_list", 60, 1)
    assert limits.take("key", OTHER).allowed
    assert limits.take("another key", LIST).allowed


def test_buckets_refill_continuously() -> None:
    """One second brings one list request, and no sooner."""
    time = Time()
    limits = rates(time)
    for _ in range(60):
        limits.take("key", LIST)
    time.now = 0.9
    assert not limits.take("key", LIST).allowed
    time.now = 1.0
    assert limits.take("key", LIST).allowed
    assert not limits.take("key", LIST).allowed


def test_a_shorter_window() -> None:
    """A window of its own length refills the buckets in that time, and every answer tells it."""
    time = Time()
    limits = Rates(30, {}, time, window=6)
    for _ in range(30):
        verdict = limits.take("key", OTHER)
    assert verdict.headers(0)["X-RateLimit-Limit"] == "30, 30;window=6"
    assert not limits.take("key", OTHER).allowed
    time.now = 0.2
    assert limits.take("key", OTHER).allowed
    time.now = 6.2
    assert limits.take("key", OTHER).remaining == 29


def test_a_refused_request_costs_nothing() -> None:
    """What the list's bucket refuses is not taken from the key's bucket."""
    time = Time()
    limits = rates(time)
    for _ in range(160):
        limits.take("key", LIST)
    assert limits.take("key", OTHER).remaining == 1200 - 60 - 1


def test_headers() -> None:
    """The binding limit comes first, then every limit with its window."""
    time = Time()
    verdict = rates(time).take("key", LIST)
    headers = verdict.headers(1000.0)
    assert headers["X-RateLimit-Limit"] == "60, 1200;window=60, 60;window=60"
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Used"]) == ("59", "1")
    assert headers["X-RateLimit-Reset"] == "1001"
    assert "Retry-After" not in headers


def test_a_whole_429() -> None:
    """A 429 says how long to wait in its header and its body, and waiting so long is enough."""
    with Sandbox(epoch="2026-06-01T12:00:00Z", incidents=5, list_rate=3, frozen=True) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        with requests.Session() as session:
            answers = [session.get(f"{sandbox.url}/v2/incidents", headers=headers, timeout=9) for _ in range(4)]
            other = session.get(f"{sandbox.url}/v1/identity", headers=headers, timeout=9)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert other.status_code == 200
    refused = answers[-1]
    body = refused.json()
    assert body["type"] == "too_many_requests"
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= math.ceil(60 / 3)
    limit = body["rate_limit"]
    assert (limit["name"], limit["limit"], limit["remaining"]) == ("incidents_list", 3, 0)
    assert limit["retry_after"] == f"2026-06-01T12:00:{wait:02d}Z"
    assert refused.headers["X-RateLimit-Limit"] == "3, 1200;window=60, 3;window=60"
    assert refused.headers["X-RateLimit-Remaining"] == "0"


def test_escalations_are_limited_too() -> None:
    """Creating escalations has the same tight limit as listing incidents."""
    with (
        Sandbox(epoch="2026-06-01T12:00:00Z", incidents=0, list_rate=2) as sandbox,
        requests.Session() as session,
    ):
        session.headers["Authorization"] = f"Bearer {sandbox.key}"
        answers = [session.post(f"{sandbox.url}/v2/escalations", json={}, timeout=9) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
