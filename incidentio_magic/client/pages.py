"""Pages and alerts: which alerts are firing, who was paged, and who acknowledged the page."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.filters import Window
from incidentio_magic.api.models import PRIVATE
from incidentio_magic.client._lists import Reading
from incidentio_magic.client.connection import Connection, listed
from incidentio_magic.client.parallel import gather, reason
from incidentio_magic.frames.pages import FiredAlert
from incidentio_magic.names.numbered import in_order
from incidentio_magic.names.resolution import NameIndex, named
from incidentio_magic.names.times import span
from incidentio_magic.on_call.pages import GROUPS, STATUSES, WAITING, PageStory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from incidentio_magic.names.query import Names

RECENT: Final = timedelta(hours=24)
"""If no time is given: how far back to list, besides everything that still waits or fires."""

_ALERT_BY_ALERT: Final = 100  # for more alerts than this, all links between alerts and incidents are read instead


class PageMixin(Connection):
    """The pages and alerts of a connection."""

    def pages(
        self,
        reference: str = "",
        *,
        status: Names = (),
        since: str = "",
        until: str = "",
        show_private: bool | None = None,
    ) -> pd.DataFrame:
        """Return pages as rows, newest first: who was paged, who acknowledged, how fast, and which pages are waiting.

        Args:
            reference: Only the pages about this incident; the pages of the whole organisation if empty.
            status: Only these statuses: `waiting` or `acknowledged`, or the service's own, such as `snoozed`.
            since: Only pages since then: `12h`, `2026-01-31`. Without any filter, the last 24 hours and all waiting
                pages.
            until: Only pages until then.
            show_private: Whether titles of pages about private incidents are shown; the connection's setting if None.

        Returns:
            The frame of `Frames.pages`; `attrs["limited_to"]` names the default limits that applied. Source: `GET
            /v2/escalations`, `GET /v2/escalation_paths`.

        Raises:
            UnknownName: If there is no such incident or status.
            InputError: If a time cannot be understood.
        """
        wanted = page_statuses(status)
        incident = self.incident(reference) if reference else None
        paths = self._path_names()  # the response sets the service's clock
        now = self.transport.now()
        bounds = Window(*span(since, until, now=now, zone=self.settings.zone))
        default = incident is None and not wanted and bounds == Window()
        read = Reading()
        if incident is not None:  # pages are numbered within the incident, so all of them are read
            found = read.all(self.api.escalations(incident.id))
        elif default:
            bounds = Window(since=now - RECENT)
            waiting = read.all(self.api.escalations(statuses=WAITING))
            found = waiting | read.all(self.api.escalations(created=bounds))
        else:
            found = read.all(self.api.escalations(statuses=wanted, created=bounds))
        label = _labels(incident, found.values())
        chosen = [
            page
            for page in reversed(in_order(found.values()))
            if (default and page.status in WAITING)
            or (bounds.holds(page.created_at) and (not wanted or page.status in wanted))
        ]
        records = [PageStory(page, label(page), paths.get(page.escalation_path_id or "")) for page in chosen]
        frame = self._frames(show_private).pages(records, now=now)
        frame.attrs |= read.attrs(now)
        frame.attrs["limited_to"] = "the last 24 hours and all waiting pages" if default else ""
        return frame

    def alerts(
        self,
        *,
        firing: bool = False,
        source: Names = (),
        since: str = "",
        until: str = "",
        show_private: bool | None = None,
    ) -> pd.DataFrame:
        """Return alerts as rows, newest first, each with the incidents it is attached to.

        Args:
            firing: Only alerts that are firing now.
            source: Only alerts from these sources, by name.
            since: Only alerts since then: `12h`, `2026-01-31`. Without a time, the last 24 hours and all firing alerts.
            until: Only alerts until then.
            show_private: Whether alerts of private incidents are shown; the connection's setting if None.

        Returns:
            The frame of `Frames.alerts`. `incidents` is empty for an alert without an incident, and missing if the
            incidents could not be read; `attrs["missing"]` then says why. Source: `GET /v2/alerts`, `GET
            /v2/alert_sources`, `GET /v2/incident_alerts`.

        Raises:
            UnknownName: If there is no such source.
            InputError: If a time cannot be understood.
        """
        sources, missing = self._alert_sources(required=bool(source))
        index = NameIndex(sources, lambda record: record.name)
        chosen = [index.resolve("alert source", name).id for name in listed(source, index.find)]
        now = self.transport.now()
        bounds = Window(*span(since, until, now=now, zone=self.settings.zone))
        read = Reading()
        default = bounds == Window() and not firing
        found: dict[str, models.Alert] = {}
        if firing or default:
            found |= read.all(self.api.alerts(statuses=["firing"], alert_source_ids=chosen, created=bounds))
        if not firing:
            bounds = Window(since=now - RECENT) if default else bounds
            found |= read.all(self.api.alerts(alert_source_ids=chosen, created=bounds))
        alerts = [
            alert
            for alert in reversed(in_order(found.values()))
            if bounds.holds(alert.created_at) or (default and alert.status == "firing")
        ]
        links, unlinked = self._incidents_of(alerts)
        names = {record.id: record.name for record in sources}
        records = [_with_incidents(alert, names.get(alert.alert_source_id or ""), links) for alert in alerts]
        frame = self._frames(show_private).alerts(records, now=now)
        frame.attrs |= read.attrs(now, missing | unlinked)
        frame.attrs["limited_to"] = "the last 24 hours and all firing alerts" if default else ""
        return frame

    def _path_names(self) -> dict[str, str]:
        """Return the names of the escalation paths by ID; an empty result if this key may not see them."""
        try:
            return {path.id: path.name for path in self.vocabulary.escalation_paths()}
        except (errors.PermissionDenied, errors.NotFound):
            return {}

    def _alert_sources(self, *, required: bool) -> tuple[list[models.AlertSource], dict[str, str]]:
        try:
            return self.vocabulary.read("alert_sources"), {}
        except (errors.PermissionDenied, errors.NotFound) as error:
            if required:
                raise
            return [], {"alert sources": reason(error)}

    def _incidents_of(
        self, alerts: Sequence[models.Alert]
    ) -> tuple[dict[str, list[models.IncidentSlim] | None], dict[str, str]]:
        """Return each alert's incidents by alert ID, or None for those that could not be read, and why."""
        if not alerts:
            return {}, {}
        found: dict[str, list[models.IncidentSlim] | None]
        if len(alerts) <= _ALERT_BY_ALERT:
            read = gather({alert.id: partial(self.api.incident_alerts, alert_id=alert.id) for alert in alerts})
            failed = [source.why for source in read.values() if source.why]
            found = {
                identity: None if source.why else [link.incident for link in source.records]
                for identity, source in read.items()
            }
        else:
            every = gather({"links": self.api.incident_alerts})["links"]
            failed = [every.why] if every.why else []
            found = {alert.id: None if failed else [] for alert in alerts}
            for link in every.records if not failed else ():
                if (incidents := found.get(link.alert.id)) is not None:
                    incidents.append(link.incident)
        unknown = sum(incidents is None for incidents in found.values())
        return found, {f"incidents of {unknown} alert{'s' * (unknown > 1)}": failed[0]} if failed else {}


def page_statuses(names: Names) -> list[str]:
    """Return the service's statuses that the names mean.

    Args:
        names: `waiting`, `acknowledged` or the service's own statuses; separate several with commas.

    Raises:
        UnknownName: If there is no such status.
    """
    known = [models.Named(name, name) for name in (*GROUPS, *STATUSES)]
    chosen = [named("status of pages", name, known, lambda status: status.name).id for name in listed(names)]
    return [status for name in chosen for status in GROUPS.get(name, (name,))]


def _labels(incident: models.Incident | None, pages: Iterable[models.Escalation]) -> Callable[[models.Escalation], str]:
    """Return each page's label: its number in its incident if all the incident's pages were read, else its ID."""
    if incident is None:
        return lambda page: page.id
    places = {page.id: place for place, page in enumerate(in_order(pages), 1)}
    return lambda page: f"{incident.reference}#{places[page.id]}"


def _with_incidents(
    alert: models.Alert, source: str | None, links: dict[str, list[models.IncidentSlim] | None]
) -> FiredAlert:
    incidents = links.get(alert.id)
    if incidents is None:  # the alert's incident is unknown, and may be private
        return FiredAlert(alert, source, None, is_private=True)
    references = ", ".join(dict.fromkeys(incident.reference for incident in incidents))
    return FiredAlert(alert, source, references, any(incident.visibility == PRIVATE for incident in incidents))
