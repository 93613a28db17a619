"""An organisation's lists, read when needed, cached for a while, and shared between kernels."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names.resolution import HasId, NameIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.resources import Resource
    from incidentio_magic.names.shared_lists import SharedLists

T = TypeVar("T")
R = TypeVar("R", bound=HasId)

_REFRESH_AFTER: Final = 5.0  # a list younger than this is not read again because of an unknown name


@dataclass(frozen=True)
class Unreadable:
    """How much of a list could not be read.

    Args:
        parts: The number of unreadable values, by their path in a record.
        records: The number of unreadable records.
    """

    parts: Mapping[str, int]
    records: int


class KeptLists:
    """Lists that are read when first needed and cached for a while.

    Args:
        api: The endpoints.
        lifetime: Seconds for which they are cached.
        clock: A monotonic clock in seconds.
        shared: The lists shared with other kernels on this machine; None to share nothing.
    """

    def __init__(
        self,
        api: Api,
        *,
        lifetime: float,
        clock: Callable[[], float] = time.monotonic,
        shared: SharedLists | None = None,
    ) -> None:
        self._api = api
        self._shared = shared
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}  # one per list, so that lists are read in parallel
        self._kept: dict[str, tuple[float, Any]] = {}
        self._indexes: dict[str, NameIndex[Any]] = {}
        self.references: dict[str, None] = {}  # references of incidents that were seen
        self._unreadable: dict[str, Unreadable] = {}  # the unreadable parts of each list, by list name

    def refresh(self) -> None:
        """Read every list again when it is next needed; until then, completion still offers the known names."""
        for what, (_at, records) in list(self._kept.items()):
            self._kept[what] = (-math.inf, records)
        if self._shared:
            self._shared.renew()

    def cached(self, what: str) -> list[str]:
        """Return the names of a kind from memory, without any request; for completion."""
        kept = self._kept.get(what)
        return [record.name for record in kept[1] if _in_use(record)] if kept else []

    def unreadable_in(self, name: str) -> Unreadable:
        """Return how much of a list could not be read; a list shared by another kernel is always whole.

        Args:
            name: The list's name, such as "severities".
        """
        return self._unreadable.get(name, Unreadable({}, 0))

    def _fetch(self, resource: Resource) -> list[Any]:
        kind = getattr(models, resource.record)
        records = self._api.whole(resource.path, kind, resource.query, size=resource.page_size)
        self._unreadable[resource.name] = Unreadable(dict(self._api.last_unreadable), self._api.last_lost)
        return sorted(records, key=resource.order) if resource.order else records

    def _get(self, what: str, fetch: Callable[[], T], *, is_shared: bool = True) -> T:
        with self._lock:
            lock = self._locks.setdefault(what, threading.RLock())
        with lock:
            kept = self._kept.get(what)
            if kept is None or self._clock() - kept[0] >= self._lifetime:
                shared = self._shared if is_shared else None
                kept = self._from_other_kernels(what, shared) or self._fetched(what, fetch, shared)
                self._kept[what] = kept
            return kept[1]  # type: ignore[no-any-return]

    def _fetched(self, what: str, fetch: Callable[[], T], shared: SharedLists | None) -> tuple[float, T]:
        at, found = self._clock(), fetch()
        if shared and not self._is_partial(what):
            shared.write(what, found)
        return at, found

    def _from_other_kernels(self, what: str, shared: SharedLists | None) -> tuple[float, Any] | None:
        found = shared.read(what) if shared else None
        return (self._clock() - found[0], found[1]) if found else None

    def _is_partial(self, what: str) -> bool:
        unreadable = self.unreadable_in(what)
        return bool(unreadable.parts or unreadable.records)

    def _index(
        self,
        what: str,
        records: list[R],
        name_of: Callable[[R], str | Iterable[str]],
        active: Callable[[R], bool] = lambda _record: True,
    ) -> NameIndex[R]:
        """Return the index of a list's names, built once per list that was read."""
        index = self._indexes.get(what)
        if index is None or index.records is not records:
            index = self._indexes[what] = NameIndex(records, name_of, active=active)
        return index

    def _named(  # noqa: PLR0917  private, and always called alike
        self,
        kind: str,
        what: str,
        name: str,
        all_of: Callable[[], list[R]],
        name_of: Callable[[R], str | Iterable[str]] = lambda record: record.name,  # type: ignore[attr-defined]
        active: Callable[[R], bool] = lambda _record: True,
    ) -> R:
        try:
            return self._index(what, all_of(), name_of, active).resolve(kind, name)
        except errors.UnknownName:
            kept = self._kept.get(what)
            if kept is None or self._clock() - kept[0] < _REFRESH_AFTER:
                raise
            # It may have been added since the list was read.
            self._kept.pop(what, None)
            if self._shared:
                self._shared.renew(what)
            return self._index(what, all_of(), name_of, active).resolve(kind, name)


def _in_use(record: Any) -> bool:
    """Return whether a record can still be chosen, so that completion offers it."""
    return getattr(record, "is_active", None) is not False and not getattr(record, "archived", False)
