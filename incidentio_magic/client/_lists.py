"""Reads several lists one after another, and collects the `attrs` of a frame made of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from incidentio_magic.client.parallel import completeness

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from incidentio_magic.api.pagination import Listing

R = TypeVar("R", bound=Any)


class Reading:
    """Counts the pages and the unreadable values of several lists. A list that cannot be read raises its error."""

    def __init__(self) -> None:
        self._incomplete: list[str] = []
        self._unreadable: Counter[str] = Counter()
        self._pages = 0

    def all(self, listing: Listing[R]) -> dict[str, R]:
        """Return the records of a list by ID.

        Args:
            listing: The list; this method reads it.
        """
        records = {record.id: record for record in listing}
        self._pages += listing.pages
        self._unreadable.update(listing.unreadable)
        if listing.incomplete and listing.incomplete not in self._incomplete:
            self._incomplete.append(listing.incomplete)
        return records

    def attrs(self, now: datetime, missing: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the `attrs` of a frame made of these lists.

        Args:
            now: The current time.
            missing: Why other sources could not be read, by name.
        """
        found = completeness(missing or {})
        why = "; ".join(filter(None, (*self._incomplete, found["why_incomplete"])))
        return {
            **found,
            "complete": not why,
            "why_incomplete": why,
            "unreadable": dict(self._unreadable),
            "pages": self._pages,
            "as_of": now.isoformat(timespec="seconds"),
        }
