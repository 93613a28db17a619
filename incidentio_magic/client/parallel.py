"""Reads several sources at once; a source that cannot be read is named and does not stop the others."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from incidentio_magic import errors
from incidentio_magic.api.pagination import Listing
from incidentio_magic.api.waiting import Workers
from incidentio_magic.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

_AT_ONCE: Final = 6

READ: Final = "read"
EMPTY: Final = "empty"
FORBIDDEN: Final = "forbidden"
MISSING: Final = "missing"
FAILED: Final = "failed"


GONE: Final = (errors.UnknownName, errors.NotFound, errors.PermissionDenied)
"""Errors for an incident that was deleted or is hidden from this key; a batch continues without it."""


class MissingIncident(UserWarning):
    """Warning: an incident of a batch could not be read."""


@dataclass
class Source:
    """How the reading of one source ended.

    Args:
        records: The records that were read, even if the source failed later.
        state: read, empty, forbidden, missing or failed.
        unreadable: How many values of the records could not be read, by their path in a record.
        why: Why it could not be read completely; if forbidden, the missing scope.
    """

    records: list[Any] = field(default_factory=list)
    state: str = EMPTY
    why: str = ""
    unreadable: Counter[str] = field(default_factory=Counter)

    @property
    def complete(self) -> bool:
        """Whether the source was read to its end."""
        return self.state in {READ, EMPTY}


def gather(reads: Mapping[str, Callable[[], Iterable[Any] | Source]]) -> dict[str, Source]:
    """Read all sources at once.

    Args:
        reads: A function for each source, which returns its records, or a `Source` if it knows how the reading ended.

    Returns:
        How the reading of each source ended, in the order given.
    """
    with Workers(_AT_ONCE) as workers:
        waiting = {name: workers.submit(_read, read) for name, read in reads.items()}
        return {name: reading.result() for name, reading in waiting.items()}


def once(read: Callable[[], T]) -> Callable[[], T]:
    """Return a function that reads on its first call; later calls from any thread return the same result or error."""
    first = threading.Lock()
    result: Future[T] = Future()

    def shared() -> T:
        if first.acquire(blocking=False):
            try:
                result.set_result(read())
            except BaseException as error:  # noqa: BLE001  raised below, for every caller
                result.set_exception(error)
        return result.result()

    return shared


def _read(read: Callable[[], Iterable[Any] | Source]) -> Source:
    source = Source()
    try:
        listing = read()
        if isinstance(listing, Source):
            return listing
        for record in listing:
            source.records.append(record)
        source.state = READ if source.records else EMPTY
        if isinstance(listing, Listing):
            source.unreadable.update(listing.unreadable)
            if listing.incomplete:
                source.state, source.why = FAILED, listing.incomplete
    except errors.PermissionDenied as error:
        source.state, source.why = FORBIDDEN, reason(error)
    except errors.NotFound as error:
        source.state, source.why = MISSING, reason(error)
    except errors.IncidentioError as error:
        source.state, source.why = FAILED, reason(error)
    if source.records and not source.complete:
        source.why += f" (after {len(source.records)} were read)"
    return source


def reason(error: errors.IncidentioError) -> str:
    """Return an error's message as one line, without its hint; a refusal also names the missing permission."""
    message = one_line(error.message).rstrip(".")
    missing = error.missing if isinstance(error, errors.PermissionDenied) else ""
    return f"{message}: it needs the permission {missing}" if missing else message


def completeness(missing: Mapping[str, str]) -> dict[str, Any]:
    """Return the `attrs` of a frame from which some sources are missing.

    Args:
        missing: Why each source could not be read, by name.
    """
    why = "; ".join(f"{name}: {text}" for name, text in missing.items())
    return {"missing": dict(missing), "complete": not missing, "why_incomplete": why}
