"""Reads a long list of incidents in parts, with several threads, and returns the parts in order."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.filters import Window
from incidentio_magic.api.models import Incident, PaginationMeta
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.waiting import AT_ONCE, Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from incidentio_magic.api.filters import IncidentFilter

    Incidents = Page[Incident]
    Part = tuple[list[Incidents], list[Future["Part"]]]

FEWEST: Final = 4  # from this many outstanding pages, it is worthwhile
_PART: Final = 3  # pages that one thread reads in sequence
_AGAIN: Final = "by the cursor after all"
_DAY: Final = timedelta(days=1)


class ReadAhead:
    """Fetches the pages of a list for a `Listing`; from the second page on it reads ahead, by days and in parallel.

    A cursor can only be followed in order; days can be requested in any order. The list after the first page is split
    into spans of days without overlap or gap; a long span is split again. The total on the first page is the proof: if
    fewer incidents were found, the list is read by its cursor instead. Incidents declared in the meantime are left out,
    just as the cursor would leave them out.

    Args:
        which: The filters and the order.
        fetch: Returns a page, given the filter, the cursor and the page size (None for the usual size).
        left: Returns how many requests may be sent without a wait. A list that needs more is limited by the service's
            rate, and reading ahead would gain nothing.
    """

    def __init__(
        self,
        which: IncidentFilter,
        fetch: Callable[[IncidentFilter, str | None, int | None], Incidents],
        left: Callable[[], int],
    ) -> None:
        self._which = which
        self._fetch = fetch
        self._left = left
        self._first: Incidents = Page([], None)
        self._workers = Workers()
        self._ahead: bool | None = None  # None until it is decided
        self._parts: deque[Future[Part]] = deque()
        self._pages: deque[Incidents] = deque()
        self._seen: set[str] = set()
        self._lost = 0
        self._read_again = 0  # incidents that the cursor reads instead
        self._numbers = count(1)  # page numbers, for our own cursors

    def __call__(self, cursor: str | None) -> Incidents:
        """Return the page after a cursor; None stands for the first page."""
        try:
            if cursor is None:
                self._first = self._fetch(self._which, None, None)
                return self._first
            if self._ahead is None:
                self._ahead = self._begin()
            if self._ahead:
                return self._next()
            page = self._fetch(self._which, self._cursor if cursor == _AGAIN else cursor, None)
            self._read_again += len(page.records)
            return replace(page, again=self._read_again <= len(self._seen))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop reading ahead."""
        self._workers.close()

    @property
    def _cursor(self) -> str | None:
        return self._first.meta.after if self._first.meta else None

    def _begin(self) -> bool:
        """Start the threads, and return whether they were started."""
        pages = _pages_after(self._first)
        needed = pages + math.ceil(pages / _PART) + 1
        if pages < FEWEST or needed > self._left():
            return False
        other_end = self._fetch(replace(self._which, oldest_first=not self._which.oldest_first), None, 1)
        if not other_end.records:
            return False
        self._seen = {incident.id for incident in self._first.records}
        self._lost = self._first.lost
        near, far = self._first.records[-1].created_at, other_end.records[0].created_at
        # One more day at both ends, because the service's days may not be UTC days.
        first, last = min(near, far).date() - _DAY, max(near, far).date() + _DAY
        window = self._which.created
        self._parts.extend(
            self._cut(
                max(first, window.since.date()) if window.since else first,
                min(last, window.until.date()) if window.until else last,
                pages,
            )
        )
        return True

    def _cut(self, first: date, last: date, pages: int) -> list[Future[Part]]:
        """Start reading the days from `first` to `last` in several parts, and return the parts in the list's order."""
        days = (last - first).days + 1
        parts = min(days, AT_ONCE, max(2, math.ceil(pages / _PART)))  # all at the same time
        starts = [first + timedelta(days * part // parts) for part in range(parts)] + [last + _DAY]
        spans = [(start, end - _DAY) for start, end in pairwise(starts)]
        spans = spans if self._which.oldest_first else spans[::-1]
        return [self._workers.submit(self._read, *span) for span in spans]

    def _read(self, first: date, last: date) -> Part:
        """Return the pages of some days, and the parts that read the remaining days."""
        window = Window(datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC))
        which = replace(self._which, created=window)
        page = self._fetch(which, None, None)
        if _pages_after(page) > _PART and first < last:
            reached = page.records[-1].created_at.date()
            span = (max(first, reached - _DAY), last) if which.oldest_first else (first, min(last, reached + _DAY))
            return [page], self._cut(*span, _pages_after(page))
        pages = [page]
        if page.meta and page.meta.after:
            pages += Listing(lambda cursor: self._fetch(which, cursor, None)).walk(page.meta.after)
        return pages, []

    def _next(self) -> Incidents:
        """Return the next page of the list, once it has arrived."""
        while self._parts and not self._pages:
            pages, parts = self._parts.popleft().result()
            self._parts.extendleft(reversed(parts))
            self._pages.extend(page for page in map(self._known_then, pages) if page.records or page.lost)
        page = self._pages.popleft() if self._pages else Page([], None)
        self._seen.update(incident.id for incident in page.records)
        self._lost += page.lost
        after: str | None = f"{next(self._numbers)} ahead"
        if not self._pages and not self._parts:
            self._ahead = False
            self.close()
            total = self._first.meta.total_record_count if self._first.meta else None
            if len(self._seen) + self._lost >= (total or 0):
                after = None
            elif page.records:
                after = _AGAIN
            else:
                return self(_AGAIN)
        return replace(page, meta=PaginationMeta(after=after), again=True)

    def _known_then(self, page: Incidents) -> Incidents:
        """Return a page without the incidents declared after the first page was read."""
        if self._which.oldest_first:
            return page
        newest = self._first.records[0].created_at
        return replace(page, records=[incident for incident in page.records if incident.created_at <= newest])


def _pages_after(page: Incidents) -> int:
    """Return how many pages follow, by the service's total; 0 without a total."""
    if not page.records or page.meta is None or not page.meta.after or page.meta.total_record_count is None:
        return 0
    size = page.meta.page_size or len(page.records)
    return math.ceil((page.meta.total_record_count - len(page.records)) / size)
