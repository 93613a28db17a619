"""Shares an organisation's lists between all kernels on this machine in files, so that each list is requested once.

The files hold the names of an organisation's severities, statuses, types, roles, fields, options and timestamps, its
forms, the key's identity, and the length of catalogs. They never hold people, catalog entries, incidents or their text.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

import msgspec

from incidentio_magic.api import models
from incidentio_magic.names.options import Option
from incidentio_magic.settings import default_cache, is_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.settings import Secret, Settings

IDENTITY: Final = "identity"
OPTIONS_OF: Final = "options of "  # a select field; its ID follows
LENGTH_OF: Final = "length of "  # a catalog; its ID follows
_KINDS: Final[dict[str, Any]] = {
    IDENTITY: models.Identity,
    "severities": list[models.Severity],
    "statuses": list[models.IncidentStatus],
    "types": list[models.IncidentType],
    "roles": list[models.IncidentRole],
    "fields": list[models.CustomField],
    "timestamps": list[models.IncidentTimestamp],
    "forms": list[models.IncidentForm],
}
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class _Kept(msgspec.Struct):
    """The content of a file: when the list was requested, in seconds since 1970, and the list."""

    read_at: float
    content: msgspec.Raw


class SharedLists:
    """The lists of an organisation, as one API key sees them, in files that only this user can read.

    A file counts as absent if it cannot be read, is too old, or is accessible to other users; then the list is
    requested from the service. Failures to write are ignored.

    Args:
        folder: The folder with the files of all organisations.
        base_url: The API's address.
        key: The API key; only a hash of it becomes part of a file name.
        lifetime: Seconds for which a list is used.
        clock: Returns seconds since 1970, the same for all kernels.
    """

    def __init__(
        self, folder: Path, base_url: str, key: Secret, *, lifetime: float, clock: Callable[[], float] = time.time
    ) -> None:
        name = hashlib.sha256(f"{base_url}\0{key.reveal()}".encode()).hexdigest()[:32]
        self._folder = folder / name
        self._lifetime = lifetime
        self._clock = clock
        self._since: dict[str, float] = {}  # older files of a list are not used any more
        self._all_since = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return the shared lists of a connection; None for a sandbox, because every sandbox starts fresh.

        If the settings name a folder, it is used for a sandbox too.

        Args:
            settings: The settings of the connection.
        """
        if settings.key is None or settings.cache is None:
            return None
        host = urlsplit(settings.base_url).hostname or ""
        if is_this_machine(host) and settings.cache == default_cache({}):
            return None
        return cls(settings.cache, settings.base_url, settings.key, lifetime=settings.cache_seconds)

    def renew(self, what: str = "") -> None:
        """Ignore the files of one list or of all lists that were written before now."""
        if what:
            self._since[what] = self._clock()
        else:
            self._all_since = self._clock()

    def read(self, what: str) -> tuple[float, Any] | None:
        """Return a list and how many seconds ago it was read; None if no kernel has read it recently.

        Args:
            what: The list's name, or `IDENTITY`.
        """
        if (kind := _kind_of(what)) is None:
            return None
        try:
            with self._path(what).open("rb") as file:
                if not _is_own(os.fstat(file.fileno())):
                    return None
                kept = msgspec.json.decode(file.read(), type=_Kept)
            found = msgspec.json.decode(kept.content, type=kind)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        age = self._clock() - kept.read_at
        is_fresh = 0 <= age < self._lifetime and kept.read_at > max(self._all_since, self._since.get(what, 0.0))
        return (age, found) if is_fresh else None

    def write(self, what: str, found: Any) -> None:
        """Store a list that was just read; other kernels see all of it or nothing.

        Args:
            what: The list's name, or `IDENTITY`; other lists are not stored.
            found: Its records.
        """
        if _kind_of(what) is None or not self._lifetime:
            return
        content = msgspec.json.encode(_Kept(self._clock(), msgspec.Raw(msgspec.json.encode(found))))
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".")  # 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(name).replace(self._path(what))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def _path(self, what: str) -> Path:
        name = what if what in _KINDS else hashlib.sha256(what.encode()).hexdigest()[:16]  # an ID may be any text
        return self._folder / f"{name}.json"


def _kind_of(what: str) -> Any:
    if what.startswith(LENGTH_OF):
        return int
    return list[Option] if what.startswith(OPTIONS_OF) else _KINDS.get(what)


def _is_own(status: os.stat_result) -> bool:
    """Return whether a file belongs to this user and nobody else may read or change it."""
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & _OTHERS)
