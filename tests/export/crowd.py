"""Many incidents quickly: copies of the seeded ones, written straight into the sandbox's database."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import cycle, islice

from incidentio_magic.sandbox.incidentio.clock import written

INCIDENT = (
    "INSERT INTO incidents (id, number, created_at, updated_at, mode, visibility, severity_id, severity_rank,"
    " incident_status_id, status_category, incident_type_id, notifications, document)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPDATE = "INSERT INTO incident_updates (id, incident_id, created_at, document) VALUES (?, ?, ?, ?)"


def multiply(sandbox, count, *, days=365, updates=2):
    """Add `count` incidents, spread over the days before the seeded history, with some updates each.

    Args:
        sandbox: A running sandbox.
        count: How many to add.
        days: Over how many days they are spread.
        updates: The most updates of each.
    """
    store = sandbox.service.store
    seeded = [dict(row) for row in store.rows("SELECT * FROM incidents ORDER BY number")]
    reported = {}
    for row in store.rows("SELECT * FROM incident_updates ORDER BY created_at, id"):
        reported.setdefault(row["incident_id"], []).append(json.loads(row["document"]))
    first = sandbox.service.epoch - timedelta(days=days)
    incidents, written_updates = [], []
    for place, row in enumerate(islice(cycle(seeded), count)):
        created = first + timedelta(days=days) * place / count
        moved = created - datetime.fromisoformat(row["created_at"])
        document = json.loads(row["document"])
        at = written(created)
        changed = written(datetime.fromisoformat(row["updated_at"]) + moved)
        document |= {"id": f"01CROWD{place:019}", "number": 1_000_000 + place, "created_at": at, "updated_at": changed}
        columns = {**row, **{name: document[name] for name in ("id", "number", "created_at", "updated_at")}}
        columns["document"] = json.dumps(document)
        incidents.append(tuple(columns.values()))
        for number, entry in enumerate(reported[row["id"]][:updates]):
            shared = written(datetime.fromisoformat(entry["created_at"]) + moved)
            update = entry | {"id": f"{document['id']}U{number}", "incident_id": document["id"], "created_at": shared}
            written_updates.append((update["id"], document["id"], shared, json.dumps(update)))
    assert tuple(columns) == tuple(INCIDENT.split("(")[1].split(")", maxsplit=1)[0].split(", "))
    with store.writing():
        store._connection.executemany(INCIDENT, incidents)
        store._connection.executemany(UPDATE, written_updates)
