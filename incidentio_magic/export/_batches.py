"""Collects the pages of a list as batches of rows, which need far less memory than records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from incidentio_magic.api.pagination import Listing

_AT_ONCE: Final = 1000  # how many records become one frame


class Batch:
    """Records that were read but not yet written, as rows.

    Args:
        rows: Makes rows of records.
    """

    def __init__(self, rows: Callable[[list[Any]], pd.DataFrame]) -> None:
        self.read = 0
        self._rows = rows
        self._held: list[Any] = []
        self._made: list[pd.DataFrame] = []

    def add(self, records: list[Any]) -> None:
        """Add records."""
        self._held += records
        self.read += len(records)
        if len(self._held) >= _AT_ONCE:
            self._convert()

    def whole(self) -> pd.DataFrame:
        """Return all rows; they stay in the batch until `clear`, in case writing fails."""
        self._convert()
        return pd.concat(self._made, ignore_index=True)

    def clear(self) -> None:
        """Drop the rows."""
        self._made = []
        self.read = 0

    def _convert(self) -> None:
        self._made.append(self._rows(self._held))
        self._held = []


def pages_from(listing: Listing[Any], after: str) -> Iterable[Any]:
    """Yield the pages of a list from a cursor on, or from the beginning if the service no longer knows the cursor."""
    walked = False
    try:
        for page in listing.walk(after or None):
            walked = True
            yield page
    except (errors.ValidationFailed, errors.NotFound):
        if walked or not after:
            raise
        yield from listing.walk()
