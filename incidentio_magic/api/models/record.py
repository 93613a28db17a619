"""The base of all records: immutable values in which absent and null are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its offset; one without could not be compared with any other."""

NO_TIME: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for a record's own time where it is absent or cannot be read; some services send this moment themselves."""

Present = Annotated[str, msgspec.Meta(min_length=1)]
"""A text that must not be empty, since an empty one is the same as none."""

Seconds = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
"""A span of up to 30,000 years; what is longer is no span that could be counted with."""

Digits = Annotated[str, msgspec.Meta(extra={"digits": True})]
"""A number as text, with the digits that were sent; as a number it would lose some."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """The base of all records: an immutable value whose repr shows no text, since it may be private."""

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
