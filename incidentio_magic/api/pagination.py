"""Reads a list page by page to its end, or says why it is incomplete."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from incidentio_magic import errors
from incidentio_magic.api.decoding import META, Decoded
from incidentio_magic.api.waiting import counted_together, delays_of_this_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from incidentio_magic.api.models import PaginationMeta

T = TypeVar("T")

MOST_PAGES: Final = 10_000  # maximum pages of one list; a million incidents take 4,000
_STALE_PAGES: Final = 5  # pages in a row without a new record; a few are normal if rows moved between pages
_CURSOR: Final = frozenset({META, f"{META}.after"})


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Args:
        records: The records that could be read.
        meta: Where the list continues.
        unreadable: How many values of the records were left out, by path.
        lost: How many records were left out.
        again: Whether its records may have been on earlier pages, as when a list is read a second time.
    """

    records: list[T]
    meta: PaginationMeta | None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    again: bool = False

    @classmethod
    def of(cls, decoded: Decoded) -> Page[T]:
        """Return a decoded response as a page."""
        return cls(decoded.content, decoded.meta, decoded.unreadable, decoded.lost)

    def without_total(self) -> Page[T]:
        """Return the page without its total, which may count more than the requested list."""
        meta = msgspec.structs.replace(self.meta, total_record_count=None) if self.meta else None
        return replace(self, meta=meta)


class Listing(Generic[T]):
    """A list that is read from the service during iteration; afterwards it knows whether it is complete.

    A record that appears twice because rows moved between pages is yielded once.

    Args:
        fetch: Returns the page after a cursor; None stands for the first page.
        limit: The maximum number of records to yield, or None for all.
        size: The requested page size, or None if not known.
    """

    def __init__(
        self, fetch: Callable[[str | None], Page[T]], limit: int | None = None, size: int | None = None
    ) -> None:
        self._fetch = fetch
        self._limit = limit
        self.size = size
        self.pages = 0
        self.total: int | None = None
        self.page_size: int | None = None
        self.unreadable: Counter[str] = Counter()
        self.lost = 0
        self.cut_short = "not read"
        self._cursors: set[str | None] = set()

    @property
    def incomplete(self) -> str:
        """Why records are missing; "" if none are."""
        lost = f"{self.lost} record{'s' if self.lost > 1 else ''} could not be read" if self.lost else ""
        return self.cut_short or lost

    @property
    def complete(self) -> bool:
        """Whether every record has been read."""
        return not self.incomplete

    def __iter__(self) -> Iterator[T]:
        seen: set[object] = set()
        count = 0

        def new(records: Iterable[T]) -> Iterator[T]:
            for record in records:
                identity = getattr(record, "id", record)
                if identity not in seen:
                    seen.add(identity)
                    yield record

        for page in self._pages(None):
            before = len(seen)
            for record in new(page.records):
                if count == self._limit:
                    self.cut_short = f"limit {self._limit}"
                    return
                count += 1
                yield record
            if self._ends(page, len(seen), len(seen) - before):
                return
            if count == self._limit:
                self.cut_short = f"limit {self._limit}"
                return

    def walk(self, after: str | None = None) -> Iterator[Page[T]]:
        """Yield whole pages from a cursor on, for lists too long to keep in memory. Records may be repeated.

        Args:
            after: The cursor at which an earlier walk stopped; None for the beginning.
        """
        count = 0
        recent: deque[set[object]] = deque(maxlen=2)  # the records of the last pages
        for page in self._pages(after):
            yield page
            identities: set[object] = {getattr(record, "id", record) for record in page.records}
            new = identities.difference(*recent)
            recent.append(identities)
            count += len(new)
            # The total means nothing for a walk that began in the middle.
            if self._ends(page, count, len(new), has_total=after is None):
                return

    def _pages(self, after: str | None) -> Iterator[Page[T]]:
        """Yield page after page; only `_ends` knows when to stop.

        Raises:
            UnexpectedAnswer: If the record at which a page ended was deleted before the next page was read.
        """
        self.pages, self.lost, self._stale = 0, 0, 0
        self.unreadable.clear()
        self.total = None
        self.cut_short = "interrupted"
        self._cursors = {after}
        delays = delays_of_this_read()
        while True:
            try:
                with counted_together(delays):
                    page = self._fetch(after)
            except errors.NotFound as error:
                if not self.pages:
                    raise
                self.cut_short = "the service no longer knows where the last page ended"
                raise errors.UnexpectedAnswer(
                    f"A list is incomplete: {self.cut_short}.",
                    status=error.status,
                    hint="run this again",
                    request_id=error.request_id,
                    retryable=True,
                ) from None
            self.pages += 1
            self.lost += page.lost
            self.unreadable.update(page.unreadable)
            after = page.meta.after if page.meta else None
            if page.meta:
                self.page_size = page.meta.page_size
                if page.meta.total_record_count is not None:
                    self.total = page.meta.total_record_count
            yield page

    def _ends(self, page: Page[T], count: int, new: int, *, has_total: bool = True) -> bool:
        """Return whether the list ends with this page, and note why if it ends too early.

        Args:
            page: The last page.
            count: The records read so far.
            new: How many of them are new on this page.
            has_total: Whether the total counts the whole list.
        """
        cursor = page.meta.after if page.meta else None
        total = self.total if has_total else None
        self._stale = 0 if new or page.again else self._stale + 1
        is_empty = not (page.records or page.lost)
        # A cursor is the last one if its page is empty and repeats the cursor, or if the total is reached.
        if not cursor or (is_empty and (cursor in self._cursors or (total is not None and count >= total))):
            self.cut_short = self._why_too_early(page, count, total)
        elif cursor in self._cursors:
            self.cut_short = "the service repeated a cursor"
        elif self._stale == _STALE_PAGES:
            self.cut_short = f"the service sent nothing new on {_STALE_PAGES} pages in a row"
        elif total is not None and count > total + len(page.records):
            self.cut_short = f"the service sent more records than the {total} it promised, and did not stop"
        elif self.pages == MOST_PAGES:
            self.cut_short = f"the list has more than {MOST_PAGES:,} pages"
        else:
            self._cursors.add(cursor)
            return False
        return True

    def _why_too_early(self, last: Page[T], count: int, total: int | None) -> str:
        """Return why the list may continue although it has ended here, or ""."""
        if last.meta is None and self.size is not None and len(last.records) >= self.size:
            return "the service did not say whether there is more"
        if not (last.meta and last.meta.after) and _CURSOR & last.unreadable.keys():
            return "the next cursor cannot be read"
        if total is not None and count + self.lost < total:
            return f"the service ended the list after {count + self.lost} of {total}"
        return ""

    def whole(self) -> list[T]:
        """Return every record, for lists in which nobody would notice a gap.

        Raises:
            UnexpectedAnswer: If the list cannot be read to its end.
        """
        records = list(self)
        if self.cut_short:
            raise errors.UnexpectedAnswer(
                f"A list is incomplete: {self.cut_short}.", status=HTTPStatus.OK, hint="run this again", retryable=True
            )
        return records
