"""Status pages: what customers see."""

from __future__ import annotations

from incidentio_magic.api.models.record import NO_TIME, Moment, Named, Present, Record


class StatusPage(Named, frozen=True):
    """A status page. Source: `GET /v2/status_pages`."""

    description: str | None = None
    public_url: str | None = None


class StatusPageComponent(Named, frozen=True):
    """A component that status pages show. Source: `GET /v2/status_page_components`."""

    description: str | None = None


class ComponentImpact(Record, frozen=True):
    """How long a published incident affects a component; it is ongoing if `end_at` is None."""

    component_id: Present
    component_status: str = ""
    start_at: Moment = NO_TIME
    end_at: Moment | None = None


class StatusPageUpdate(Record, frozen=True):
    """An update that was published."""

    id: Present
    incident_status: str = ""
    message: str = ""
    published_at: Moment = NO_TIME


class StatusPageIncident(Record, frozen=True):
    """An incident as it was published. Source: `GET /v2/status_page_incidents`."""

    id: Present
    name: str = ""
    incident_status: str = ""
    published_at: Moment = NO_TIME
    component_impacts: list[ComponentImpact] | None = None
    updates: list[StatusPageUpdate] | None = None
