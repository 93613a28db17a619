"""Incidents made by hand, a clock that only tests move, and what a board shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import ipywidgets

from incidentio_magic.api.models import (
    Incident,
    IncidentRole,
    IncidentStatus,
    RoleAssignment,
    Severity,
    User,
)
from incidentio_magic.widgets.board_on_call import OnCall
from incidentio_magic.widgets.board_reader import Reading
from incidentio_magic.widgets.board_rows import Gone, Row, ordered

NOW = datetime(2026, 1, 15, 14, 0, tzinfo=UTC)
SEVERITIES = tuple(Severity(f"s{rank}", name, rank) for rank, name in enumerate(("Minor", "Major", "Critical"), 1))


def incident(number, severity="Major", status="Investigating", *, minutes=10, updated=None, category="live", **more):
    """Return a row: declared `minutes` ago, last updated `updated` minutes ago."""
    found = next((entry for entry in SEVERITIES if entry.name == severity), None)
    declared = NOW - timedelta(minutes=minutes)
    lead = more.pop("lead", "Ada Byron")
    values = {
        "id": f"id{number}",
        "name": f"Incident {number}",
        "reference": f"INC-{number}",
        "mode": "standard",
        "visibility": "public",
        "incident_status": IncidentStatus(f"st-{status}", status, category, 1),
        "created_at": declared,
        "updated_at": declared,
        "severity": found,
        "permalink": f"https://app.incident.io/x/incidents/{number}",
        "incident_role_assignments": [
            RoleAssignment(IncidentRole("r1", "Incident Lead", "lead"), User("u1", lead) if lead else None)
        ],
        **more,
    }
    return Row(Incident(**values), NOW - timedelta(minutes=minutes if updated is None else updated))


class Clock:
    """Seconds that only tests move on."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        """Return the time."""
        return self.seconds


class Service:
    """What a poller reads: rows or an error, and a count of how often."""

    def __init__(self, clock):
        self.clock = clock
        self.rows = []
        self.error = None
        self.left = 1.0
        self.incomplete = ""
        self.asked = []
        self.completed = []
        self.details_error = None
        self.closed = 0
        self.kept = None
        self.called = OnCall()

    def on_call(self, _rows):
        """Return who is on call."""
        return self.called

    def read(self, filters):
        """Return the rows, or raise the error."""
        self.asked.append((self.clock.seconds, filters))
        if self.error is not None:
            raise self.error
        return Reading(ordered(self.rows), SEVERITIES, self.incomplete, self.left)

    def complete(self, rows):
        """Return the rows that lack their last update, completed; or the error of the details."""
        missing = [row for row in rows if row.last_update is None]
        self.completed.append(len(missing))
        if self.details_error is not None:
            return {}, self.details_error
        return {row.incident.id: replace(row, last_update=row.incident.created_at) for row in missing}, None

    def whereabouts(self, rows):
        """Return that they are gone."""
        return tuple(Gone(row) for row in rows)

    def forget(self, kept):
        """Remember what is kept."""
        self.kept = kept

    def now(self):
        """Return the clock's time as a moment."""
        return NOW + timedelta(seconds=self.clock.seconds)

    def close(self):
        """Count."""
        self.closed += 1


def html(board):
    """Return all the HTML a board shows."""

    def walk(widget):
        if isinstance(widget, ipywidgets.HTML):
            yield widget.value
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    return "\n".join(walk(board))


def buttons(widget, text):
    """Return the buttons called `text`, from top to bottom."""
    found = [widget] if isinstance(widget, ipywidgets.Button) and widget.description == text else []
    for child in getattr(widget, "children", ()):
        found += buttons(child, text)
    return found
