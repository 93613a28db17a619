"""The base of all records: immutable values in which absent and null are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with an offset; a time without one could not be compared with others."""

NO_TIME: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Replaces a record's own time if that is absent or cannot be read; some services send this moment themselves."""

Present = Annotated[str, msgspec.Meta(min_length=1)]
"""A string that must not be empty, because an empty one counts as absent."""

Seconds = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
"""A span of up to 30,000 years; anything longer cannot be used in calculations."""

Digits = Annotated[str, msgspec.Meta(extra={"digits": True})]
"""A number as a string, which keeps every digit that was sent."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """The base of all records: an immutable value whose repr shows no text, because text may be private."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'reference', getattr(self, 'id', ''))})"


class PaginationMeta(Record, frozen=True):
    """Where a list continues: the next cursor, the page size in force, and the total if the service knows it."""

    after: str | None = None
    page_size: int | None = None
    total_record_count: int | None = None


class Named(Record, frozen=True):
    """A record with an ID and a name."""

    id: Present
    name: Present
