"""Reads what customers see on the status pages. Nothing here writes to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api.filters import Window
from incidentio_magic.client._lists import Reading
from incidentio_magic.client.connection import Connection
from incidentio_magic.client.parallel import reason
from incidentio_magic.frames.status_page import Published
from incidentio_magic.names.times import span

if TYPE_CHECKING:
    import pandas as pd

_RECENT: Final = timedelta(days=30)


class StatusPageMixin(Connection):
    """The status pages of a connection."""

    def status_page(self, page: str = "", *, since: str = "", until: str = "") -> pd.DataFrame:
        """Return what was published on the status pages as rows, newest first.

        Args:
            page: Only this status page, by name; all if empty.
            since: Only what was published since then: `7d`, `2026-01-31`. If neither `since` nor `until` is given: the
                last 30 days and everything unresolved.
            until: Only what was published until then.

        Returns:
            The frame of `Frames.published`; `attrs["limited_to"]` names the default limits that applied. Source: `GET
            /v2/status_pages`, `GET /v2/status_page_incidents`, `GET /v2/status_page_components`.

        Raises:
            UnknownName: If there is no such status page.
            InputError: If a time cannot be understood.
        """
        known = self.vocabulary.read("status_pages")
        pages = [self.vocabulary.find("status_pages", page)] if page else known
        now = self.transport.now()
        bounds = Window(*span(since, until, now=now, zone=self.settings.zone))
        default = bounds == Window()
        bounds = Window(since=now - _RECENT) if default else bounds
        read = Reading()
        found = [
            Published(listed.name, incident)
            for listed in pages
            for incident in read.all(self.api.status_page_incidents(listed.id)).values()
        ]
        rows = [row for row in found if bounds.holds(row.incident.published_at) or (default and not row.is_resolved)]
        rows.sort(key=lambda row: (row.incident.published_at, row.incident.id), reverse=True)
        missing: dict[str, str] = {}
        try:
            components = {component.id: component.name for component in self.vocabulary.read("components")}
        except (errors.PermissionDenied, errors.NotFound) as error:
            components, missing = {}, {"names of components": reason(error)}
        frame = self._frames().published(rows, components)
        frame.attrs |= read.attrs(now, missing)
        frame.attrs["limited_to"] = "the last 30 days and everything unresolved" if default else ""
        return frame
