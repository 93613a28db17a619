"""The forms of a large organisation: round trips, requests, what they send to the browser, and what a change costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests

from incidentio_magic import connect
from incidentio_magic.api.models import OPEN_CATEGORIES
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.escalate import EscalateForm
from tests.benchmarks.figures import Figure, fresh, slack
from tests.benchmarks.forms import in_a_row, keystroke_figure, keystrokes, messages, saved
from tests.benchmarks.large_organisation import large_organisation
from tests.benchmarks.organisation import Size
from tests.benchmarks.service import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY = 150  # ms
ENTRIES, FEW_ENTRIES = 99_000, 990
SPARE = 0.3  # seconds
MOST_REQUESTS = 15
MOST_SENT = 0.5  # MB


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    rounds, loose = 1 if quick else 3, slack(quick=quick)
    few, many = (_rounds(entries, rounds) for entries in (FEW_ENTRIES, ENTRIES))
    opening = min(found["declare_s"] for found in many)
    fewer = min(found["declare_s"] for found in few)
    trip = min(found["trip_s"] for found in many)
    found = many[0]
    counts = f"{found['declare_trips']} round trips, {found['declare_requests']} requests"
    yield Figure(
        f"the form that declares, {ENTRIES:,} catalog entries and 40 fields, {LATENCY} ms latency",
        f"{counts}, {opening:.2f} s with drawing; {found['megabytes']:.2f} MB to the browser, "
        f"{found['saved_kilobytes']:.0f} kB of output saved; "
        f"{opening / fewer:.2f} × that of {FEW_ENTRIES} entries; again {found['again_requests']} requests",
        f"≤ 2 round trips + {SPARE * loose:g} s, ≤ {MOST_REQUESTS} requests, ≤ {MOST_SENT} MB, ≤ {1.2 * loose:g} ×; "
        "again 0",
        found["declare_trips"] <= 2
        and found["declare_requests"] <= MOST_REQUESTS
        and found["megabytes"] <= MOST_SENT
        and found["again_requests"] == 0
        and opening <= 2 * trip + SPARE * loose
        and opening <= 1.2 * loose * fewer,
        {**found, "declare_s": opening, "declare_s_of_few": fewer, "trip_s": trip},
    )
    paging, floor = (min(found[name] for found in many) for name in ("escalate_s", "pages_s"))
    asked = found["escalate_again_requests"]
    yield Figure(
        f"the form that pages, {LATENCY} ms latency",
        f"{found['escalate_trips']} round trips, {paging:.2f} s with drawing; fetching its pages {floor:.2f} s; "
        f"again {asked} requests before it is shown",
        f"≤ 2 round trips; ≤ {SPARE * loose:g} s more than its pages; again 0",
        found["escalate_trips"] <= 2 and paging <= floor + SPARE * loose and asked == 0,
        {"seconds": paging, "floor_seconds": floor, "requests_again": asked},
    )
    yield keystroke_figure("the form that declares, with an entry of 40,000 chosen", many, loose)


def _rounds(entries: int, rounds: int) -> list[dict[str, Any]]:
    with large_organisation(latency=LATENCY, size=Size(incidents=2_000, entries=entries)) as (url, key):
        return [fresh(_opened, url, key) for _ in range(rounds)]


def _opened(url: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = floors(url, key)
    with connect(url, key) as io:
        made = spans(io)
        with messages() as sent:
            form, found["declare_s"] = _timed(lambda: DeclareForm(io))
        found |= {"declare_trips": in_a_row(made), "declare_requests": len(made)}
        found |= {"megabytes": sum(sent) / 1e6, "saved_kilobytes": saved(form) / 1e3}
        asked = len(made)
        DeclareForm(io)
        found["again_requests"] = len(made) - asked
        made.clear()
        _page, found["escalate_s"] = _timed(lambda: EscalateForm(io))
        found["escalate_trips"] = in_a_row(made)
        made.clear()
        EscalateForm(io, lazy=True).load()
        found["escalate_again_requests"] = len(made)
        team: Any = next(field for field in form.fields.values() if field.label == "Owning team")
        team.choose(io.vocabulary.option(io.vocabulary.field("Owning team"), "CT0 entry 39"))
        found |= keystrokes(form)
    return found


def floors(url: str, key: str) -> dict[str, Any]:
    """Return the seconds that one small request takes, and the two pages of open incidents after each other."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {key}"

        def pages() -> None:
            query = [*(("status_category[one_of]", name) for name in OPEN_CATEGORIES), ("page_size", "250")]
            first = session.get(f"{url}/v2/incidents", params=query, timeout=60).json()
            after = first["pagination_meta"]["after"]
            session.get(f"{url}/v2/incidents", params=[*query, ("after", after)], timeout=60).json()

        def trip() -> None:
            session.get(f"{url}/v1/severities", timeout=60).json()

        trip()
        return {
            "trip_s": min(_timed(trip)[1] for _ in range(3)),
            "pages_s": min(_timed(pages)[1] for _ in range(3)),
        }


def _timed(work: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start
