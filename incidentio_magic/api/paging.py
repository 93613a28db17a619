"""One way to walk a list: page by page, to its end, or saying why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

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
    """

    def __init__(self, fetch: Callable[[str | None], Page[T]], limit: int | None = None) -> None:
        self._fetch = fetch
        self._limit = limit
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
                self.incomplete = ""
                return
            if cursor in cursors:
                self.incomplete = "the service repeated a cursor"
                return
            cursors.add(cursor)
            if count == self._limit:
                self.incomplete = f"limit {self._limit}"
                return
