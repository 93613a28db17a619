"""Every family of endpoints that the sandbox serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.sandbox.classroom import drill_routes, facilitator
from incidentio_magic.sandbox.http import admin, docs
from incidentio_magic.sandbox.incidentio.routes import (
    alerts,
    attachments,
    calls,
    catalog,
    escalations,
    forms,
    incidents,
    older,
    postmortems,
    schedules,
    status_pages,
    tasks,
    timeline,
    updates,
    users,
    vocabulary,
)

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """Return every family's endpoints."""
    return [
        admin.blueprint,
        alerts.blueprint,
        attachments.blueprint,
        calls.blueprint,
        catalog.blueprint,
        docs.blueprint,
        drill_routes.blueprint,
        escalations.blueprint,
        facilitator.blueprint,
        forms.blueprint,
        incidents.blueprint,
        older.blueprint,
        postmortems.blueprint,
        schedules.blueprint,
        status_pages.blueprint,
        tasks.blueprint,
        timeline.blueprint,
        updates.blueprint,
        users.blueprint,
        vocabulary.blueprint,
    ]
