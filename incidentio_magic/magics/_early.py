"""Makes a process's first cells quick: requests are sent while pandas is imported, and imports collect no garbage."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from incidentio_magic.api.transport import Transport
    from incidentio_magic.settings import Settings

_PAGES: Final = 2  # a longer list is split into parts only after its first page is known
_BOUNDS: Final = ("since", "until", "updated_since", "updated_until")


def begin_list(
    settings: Settings, filters: Mapping[str, Any], *, limit: int | None, announce: Callable[[str], None]
) -> Transport | None:
    """Begin the requests of a list of incidents, if slow imports are still outstanding.

    Args:
        settings: The settings in force.
        filters: The filters of the list, as for `client.incidents`.
        limit: The maximum number of rows, or None.
        announce: Called with a line when a wait begins, and with "" when it is over.

    Returns:
        The transport that sends them; None if there is nothing to gain, or no key.
    """
    if _is_loaded() or settings.key is None:
        return None
    with uncollected("incidentio_magic.api.endpoints"):
        from incidentio_magic.api.early import EarlyReads  # noqa: PLC0415  these load requests
        from incidentio_magic.api.endpoints import Api  # noqa: PLC0415
        from incidentio_magic.api.endpoints._base import PAGE  # noqa: PLC0415
        from incidentio_magic.api.transport import Transport  # noqa: PLC0415
        from incidentio_magic.environment import training_in  # noqa: PLC0415
        from incidentio_magic.names.query import IncidentQuery, alternatives, narrowed_to_open, select  # noqa: PLC0415
        from incidentio_magic.names.shared_lists import SharedLists  # noqa: PLC0415
        from incidentio_magic.names.vocabulary import Vocabulary  # noqa: PLC0415

    transport = Transport.of(settings, announce=announce)
    transport.early = early = EarlyReads(transport.send)
    api = Api(cast("Transport", early))  # the client only sends through the transport
    vocabulary = Vocabulary(api, lifetime=settings.cache_seconds)
    query = IncidentQuery(**filters)

    def first_pages() -> None:
        for alternative in alternatives(query):
            training = settings.training or training_in(os.environ)
            selection = select(alternative, vocabulary, now=transport.now, zone=settings.zone, training=training)
            for page in islice(api.narrow_incidents(selection.which).walk(), _PAGES):
                if page.meta is None or (page.meta.total_record_count or 0) > _PAGES * PAGE:
                    break

    shared = SharedLists.of(settings)
    lists = {"statuses": vocabulary.statuses, "severities": vocabulary.severities}
    is_bounded = any(filters.get(name) for name in _BOUNDS)  # by a clock that the first response corrects
    if not is_bounded and (limit is None or narrowed_to_open(query)):
        early.begin(first_pages)  # before the lists, because the second page waits for the first
    early.begin(*(read for name, read in lists.items() if shared is None or not shared.read(name)))
    return transport


@contextmanager
def uncollected(module: str) -> Iterator[None]:
    """Import modules without garbage collection, which would search everything that stays again and again.

    What is made inside joins the oldest generation, and is searched together with the rest of the process.

    Args:
        module: The slowest of the modules; once it is imported, nothing is gained.
    """
    if module in sys.modules or not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


def _is_loaded() -> bool:
    """Return whether every slow import is done."""
    return "incidentio_magic.client" in sys.modules  # which imports pandas, unless the notebook already has
