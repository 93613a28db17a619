"""Frames of events as the timeline makes them, and ways to look into a chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

SEVERITIES = ["Minor", "Major", "Critical"]
STATUSES = ["Investigating", "Fixing", "Monitoring", "Closed"]
START = datetime(2026, 1, 14, 18, 0, tzinfo=UTC)


def events(*rows, **attrs):
    """Return a frame of events: each row is its minutes after the start and what differs from the usual."""
    usual = {
        "source": "activity", "kind": "update", "type": "incident_update", "title": "Shared an update",
        "detail": None, "actor": "Alice Archer", "actor_kind": "user", "from": None, "to": None,
        "status": "Investigating", "severity": "Major", "curated": False, "incident": "INC-7", "also_in": None,
        "url": None,
    }  # fmt: skip
    records = [
        {**usual, **changes, "minutes": minutes, "entry_id": str(n)} for n, (minutes, changes) in enumerate(rows)
    ]
    frame = pd.DataFrame(records, columns=["minutes", *usual, "entry_id"])
    at = pd.Series([START + timedelta(minutes=minute) for minute in frame["minutes"]], dtype="datetime64[us, UTC]")
    frame = frame.drop(columns="minutes").astype(
        {name: "string" for name in usual if name not in {"status", "severity", "curated"}} | {"curated": "boolean"}
    )
    frame.insert(0, "at", at)
    frame.insert(1, "elapsed", (at - START).astype("timedelta64[us]"))
    frame["recorded_at"] = at
    frame["status"] = pd.Categorical(frame["status"], STATUSES, ordered=True)
    frame["severity"] = pd.Categorical(frame["severity"], SEVERITIES, ordered=True)
    reported = {"made_by": "incidentio_magic", "incident": "INC-7", "complete": True, "why_incomplete": "", "pages": []}
    frame.attrs = {**reported, "open": False, "as_of": "2026-01-14T20:00:00+00:00", **attrs}
    return frame


def page(minutes, after=None, by="Bob Baker"):
    """Return a page and its acknowledgement, if there is one, so many minutes later."""
    paged = START + timedelta(minutes=minutes)
    acknowledged = None if after is None else paged + timedelta(minutes=after)
    return {
        "paged_at": paged.isoformat(),
        "acknowledged_at": acknowledged.isoformat() if acknowledged else None,
        "by": by if acknowledged else None,
    }


def inside(spec, key):
    """Yield every value with this key, however deep in a specification."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name == key:
                yield value
            yield from inside(value, key)
    elif isinstance(spec, list):
        for entry in spec:
            yield from inside(entry, key)


def rows(spec, having):
    """Return the rows of data that have a field."""
    return [
        value for values in inside(spec, "values") for value in values if isinstance(value, dict) and having in value
    ]
