"""One way to walk a list: page by page, to its end, or saying why not."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, TypeVar

from incidentio_magic import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incidentio_magic.api.models import PaginationMeta

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its records and where the list goes on."""

    records: list[T]
    meta: PaginationMeta | None


class Listing(Generic[T]):
    """A list read from the service while it is iterated; afterwards it knows whether it is complete.

    A record that appears twice, because rows moved while the pages were read, is yielded once.

    Args:
        fetch: Returns the page after a cursor; None stands for the first.
        limit: The most records to yield, or None for all.
        size: The records a page was asked to have, or None if that is not known.
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
        self.incomplete = "not read"

    @property
    def complete(self) -> bool:
        """Whether every record has been read."""
        return not self.incomplete

    def __iter__(self) -> Iterator[T]:
        cursor: str | None = None
        cursors: set[str] = set()
        seen: set[object] = set()
        count = 0
        self.pages = 0
        self.incomplete = "interrupted"
        while True:
            page = self._fetch(cursor)
            self.pages += 1
            cursor = page.meta.after if page.meta else None
            if page.meta:
                self.total = page.meta.total_record_count if self.total is None else self.total
                self.page_size = page.meta.page_size
            for record in page.records:
                identity = getattr(record, "id", record)
                if identity in seen:
                    continue
                if count == self._limit:
                    self.incomplete = f"limit {self._limit}"
                    return
                seen.add(identity)
                count += 1
                yield record
            if not cursor or not page.records:
                self.incomplete = self._doubt(page, count)
                return
            if cursor in cursors:
                self.incomplete = "the service repeated a cursor"
                return
            cursors.add(cursor)
            if count == self._limit:
                self.incomplete = f"limit {self._limit}"
                return

    def walk(self, after: str | None = None) -> Iterator[Page[T]]:
        """Yield whole pages, from a cursor on; for lists that are too long to be remembered. Records may come twice.

        Args:
            after: The cursor where an earlier walk stopped; None begins at the beginning.
        """
        cursor = after
        cursors = {cursor}
        count = 0
        self.pages = 0
        self.incomplete = "interrupted"
        while True:
            page = self._fetch(cursor)
            self.pages += 1
            count += len(page.records)
            cursor = page.meta.after if page.meta else None
            if page.meta:
                self.total = page.meta.total_record_count if self.total is None else self.total
                self.page_size = page.meta.page_size
            yield page
            if not cursor or not page.records:
                # Of a walk that began in the middle the total says nothing.
                self.incomplete = self._doubt(page, count) if after is None else self._doubt(page, self.total or 0)
                return
            if cursor in cursors:
                self.incomplete = "the service repeated a cursor"
                return
            cursors.add(cursor)

    def whole(self) -> list[T]:
        """Return every record, for lists in which a gap would not be seen.

        Raises:
            UnexpectedAnswer: If the list cannot be had to its end.
        """
        records = list(self)
        if self.incomplete:
            raise errors.UnexpectedAnswer(
                f"A list is incomplete: {self.incomplete}.", status=HTTPStatus.OK, hint="run this again", retryable=True
            )
        return records

    def _doubt(self, last: Page[T], count: int) -> str:
        """Return why the list may go on although it has ended here, or nothing."""
        if last.meta is None and self.size is not None and len(last.records) >= self.size:
            return "the service did not say whether there is more"
        if last.meta is not None and last.meta.after and self.total is not None and count < self.total:
            return f"the service ended with an empty page after {count} of {self.total}"
        return ""
