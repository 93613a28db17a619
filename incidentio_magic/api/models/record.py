"""What all records are: immutable values with absent and null as the same thing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its offset; one without could not be compared with any other."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """Base of all records: an immutable value whose repr shows no text, since it may be private."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'reference', getattr(self, 'id', ''))})"


class PaginationMeta(Record, frozen=True):
    """Where a list goes on: the next cursor, the page size in force, and the total if the service knows it."""

    after: str | None = None
    page_size: int | None = None
    total_record_count: int | None = None


class Named(Record, frozen=True):
    """Anything with an id and a name."""

    id: str
    name: str
