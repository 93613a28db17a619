"""A long list read by several threads: the same incidents in the same order, or the walk by the cursor after all."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api import models
from incidentio_magic.api.filters import IncidentFilter, Window
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.read_ahead import ReadAhead
from incidentio_magic.api.waiting import stop_if_called_off
from tests.conftest import incident_json

SIZE = 5
START = datetime(2025, 3, 1, tzinfo=UTC)


class Service:
    """Lists incidents as the service does: by whole days, newest or oldest first, page by page.

    Args:
        moments: When each was declared.
        offset: How far the service's days are from those of UTC.
        total: Whether it tells how many there are.
        sized: Whether it tells the page size.
    """

    def __init__(self, moments, *, offset=timedelta(0), total=True, sized=True):
        self.rows = [
            msgspec.convert(incident_json(id=f"{number:05}", created_at=moment), models.Incident)
            for number, moment in enumerate(sorted(moments))
        ]
        self.offset = offset
        self.total = total
        self.sized = sized
        self.asked = []
        self.lock = threading.Lock()
        self.before = lambda _which, _cursor: None

    def __call__(self, which, cursor, size):
        """Return a page."""
        size = size or SIZE
        self.before(which, cursor)
        with self.lock:
            self.asked.append((which, cursor, size))
            rows = [row for row in self.rows if self._holds(which.created, row.created_at)]
            rows = rows if which.oldest_first else rows[::-1]
            place = next((place for place, row in enumerate(rows, start=1) if row.id == cursor), 0)
            page = rows[place : place + size]
            after = page[-1].id if page and place + size < len(rows) else None
            return Page(
                page, models.PaginationMeta(after, size if self.sized else None, len(rows) if self.total else None)
            )

    def _holds(self, window, moment):
        day = (moment + self.offset).date()
        return (window.since is None or day >= window.since.date()) and (
            window.until is None or day <= window.until.date()
        )


def read(service, which=IncidentFilter(), left=1000):  # noqa: B008  it is immutable
    """Return the IDs that a listing which reads ahead yields, and the listing."""
    listing = Listing(ReadAhead(which, service, lambda: left), None, SIZE)
    return [entry.id for entry in listing], listing


def walked(service, which=IncidentFilter()):  # noqa: B008
    """Return the IDs of the walk by the cursor."""
    return [entry.id for entry in Listing(lambda cursor: service(which, cursor, None), None, SIZE)]


def spread(count, days=60):
    """Return moments spread over some days."""
    return [START + timedelta(days=days * number / count) for number in range(count)]


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize(
    "window",
    [
        Window(),
        Window(since=START + timedelta(days=10, hours=3)),
        Window(until=START + timedelta(days=50, hours=3)),
        Window(START + timedelta(days=10), START + timedelta(days=50)),
    ],
    ids=["all", "since", "until", "between"],
)
def test_the_same_as_the_walk(window, oldest_first):
    """A long list has the same incidents in the same order as the walk by its cursor, and takes each page once."""
    service = Service(spread(200))
    which = IncidentFilter(created=window, oldest_first=oldest_first)
    expected = walked(service, which)
    service.asked.clear()
    found, listing = read(service, which)
    assert found == expected
    assert listing.complete
    assert listing.total == len(found)
    pages = len(found) / SIZE
    assert pages < len(service.asked) <= 2 * pages
    assert len(set(map(str, service.asked))) == len(service.asked)
    assert any(entry.created not in {Window(), window} for entry, _, _ in service.asked)
    assert [size for _, _, size in service.asked if size != SIZE] == [1]  # of the other end, one is enough


@given(
    moments=st.lists(st.integers(0, 40 * 86400), max_size=120),
    oldest_first=st.booleans(),
    offset=st.integers(-14, 14),
)
def test_any_history(moments, oldest_first, offset):
    """Whenever incidents were declared and wherever the service's days begin, none is missing, doubled or misplaced."""
    service = Service([START + timedelta(seconds=moment) for moment in moments], offset=timedelta(hours=offset))
    which = IncidentFilter(oldest_first=oldest_first)
    expected = walked(service, which)
    found, listing = read(service, which)
    assert found == expected
    assert listing.complete


@pytest.mark.parametrize(
    "moments",
    [
        [START + timedelta(seconds=number) for number in range(80)],
        [START] * 80,
        [START + timedelta(days=1, microseconds=number - 40) for number in range(80)],
        [*spread(40, days=2), *(entry + timedelta(days=3000) for entry in spread(40, days=2))],
    ],
    ids=["one day", "one moment", "around midnight", "years apart"],
)
def test_days_that_cannot_be_cut(moments):
    """Many incidents of one day, at a border of days, or years apart make no gap, and no page is read twice."""
    service = Service(moments)
    assert read(service)[0] == walked(Service(moments))
    assert len(set(map(str, service.asked))) == len(service.asked)


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (5, 1), (6, 2), (10, 2), (20, 4)])
def test_a_short_list_is_walked(count, requests):
    """A list of one page takes one request, and one of a few pages no more than it has."""
    service = Service(spread(count))
    found, listing = read(service)
    assert (len(found), len(service.asked)) == (count, requests)
    assert {entry.created for entry, _, _ in service.asked} == {Window()}
    assert listing.complete


def test_without_a_total_the_list_is_walked():
    """A service that does not tell how many there are is asked page by page, since nothing could prove the parts."""
    service = Service(spread(100), total=False)
    assert len(read(service)[0]) == 100
    assert len(service.asked) == 20


def test_without_a_page_size_the_first_page_shows_it():
    """A service that does not tell its page size is still read in parts: its first page shows the size."""
    service = Service(spread(100), sized=False)
    assert read(service)[0] == walked(Service(spread(100)))
    assert any(entry.created != Window() for entry, _, _ in service.asked)


def test_an_allowance_that_is_too_small():
    """A list that needs more requests than may be made at once is walked: the allowance is what takes the time."""
    service = Service(spread(100))
    assert len(read(service, left=20)[0]) == 100
    assert len(service.asked) == 20


def test_incidents_declared_meanwhile():
    """An incident that is declared while the list is read is left out, as the walk would leave it out."""
    service = Service(spread(100))
    new = msgspec.structs.replace(service.rows[-1], id="99999", created_at=service.rows[-1].created_at + timedelta(1))

    def declare(_which, _cursor):
        if len(service.asked) == 3:
            service.rows.append(new)

    expected = walked(service)
    service.asked.clear()
    service.before = declare
    found, listing = read(service)
    assert found == expected
    assert "99999" not in found
    assert listing.complete


def test_what_the_parts_miss_is_found_by_the_cursor():
    """Where the parts hold fewer than the total, the list is walked by its cursor, and is complete."""
    service = Service(spread(100))
    holds = service._holds
    hidden = service.rows[50].created_at
    service._holds = lambda window, moment: (
        holds(window, moment) and not (window.since is not None and moment == hidden)
    )
    expected = walked(service)
    found, listing = read(service)
    assert sorted(found) == sorted(expected)
    assert len(found) == 100
    assert listing.complete


def test_a_failure_ends_the_list():
    """An error in one part is raised, and the listing says that it was not read to its end."""
    service = Service(spread(200))

    def fail(which, _cursor):
        if which.created.since and which.created.since.month == 4:
            raise ConnectionError("gone")

    service.before = fail
    listing = Listing(ReadAhead(IncidentFilter(), service, lambda: 1000), None, SIZE)
    with pytest.raises(ConnectionError):
        list(listing)
    assert listing.incomplete == "interrupted"


def test_an_interrupt_stops_the_threads():
    """After an interrupt no thread asks for another page."""
    service, gate = Service(spread(500)), threading.Event()

    def wait(which, _cursor):
        if which.created != Window():  # a part, read by a thread
            gate.wait(60)
            stop_if_called_off()

    service.before = wait
    ahead = ReadAhead(IncidentFilter(), service, lambda: 1000)
    first = ahead(None)
    ahead._ahead = ahead._begin()

    class Interrupting:
        def result(self):
            raise KeyboardInterrupt

    ahead._parts.appendleft(Interrupting())
    with pytest.raises(KeyboardInterrupt):
        ahead(first.meta.after)
    asked = len(service.asked)
    gate.set()
    ahead._workers._pool.shutdown(wait=True)
    with pytest.raises(RuntimeError):
        ahead._workers.submit(service, IncidentFilter(), None, None)
    assert len(service.asked) == asked
