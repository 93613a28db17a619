"""Finds an incident that the key may see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.http.context import service, visible
from incidentio_magic.sandbox.http.errors import not_found

if TYPE_CHECKING:
    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.records import Incident

LONGEST_NUMBER = 12


def find(reference: str, *, numbers: bool = False) -> Incident | None:
    """Return an incident, or None when there is none that this key may see.

    Args:
        reference: its identifier.
        numbers: whether `reference` may also be the number of a reference (the 123 of INC-123).
    """
    store = service().store
    seen = "".join(f" AND {condition.clause}" for condition in visible("id"))
    row = store.row(f"SELECT document FROM incidents WHERE id = ?{seen}", (reference,))  # noqa: S608  ours
    if row is None and numbers and reference.isdecimal() and len(reference) <= LONGEST_NUMBER:
        row = store.row(f"SELECT document FROM incidents WHERE number = ?{seen}", (int(reference),))  # noqa: S608  ours
    if row is None:
        return None
    incident: Incident = json.loads(row["document"])
    return incident


def existing(reference: str) -> Incident:
    """Return the incident that a path names, by identifier or by number.

    Raises:
        RefusedError: 404 when there is none that this key may see.
    """
    incident = find(reference, numbers=True)
    if incident is None:
        raise not_found("incident")
    return incident


def named_in(sent: Body, reference: str | None) -> Incident | None:
    """Return the incident that a body's `incident_id` names; blame the field if there is none."""
    incident = find(reference) if reference is not None else None
    if incident is None and reference is not None:
        sent.blame("incident_id", "there is no such incident", "not_found")
    return incident
