"""The story of an incident over the wire: complete or said so, and true to the sandbox's own record."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.timeline import DEFAULT_SOURCES

COLUMNS = [
    "at", "elapsed", "source", "kind", "type", "title", "detail", "actor", "actor_kind", "from", "to", "status",
    "severity", "curated", "incident", "recorded_at", "entry_id", "also_in", "url",
]  # fmt: skip


@pytest.fixture(scope="module")
def seeded():
    """One sandbox for all; each test gets it reset."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(seeded):
    """The sandbox as it was at its start, with all its allowance."""
    seeded.clear_faults()
    seeded.reset()
    return seeded


@pytest.fixture
def make(sandbox, tmp_path):
    """Make clients of the sandbox that never really sleep."""
    made = []

    def make(**options):
        settings = {"base_url": sandbox.url, "key": Secret(sandbox.key), "ledger": tmp_path / "ledger.jsonl"}
        client = Incidents(Settings(**{**settings, **options}), sleep=lambda _seconds: None)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make):
    """A client of the sandbox."""
    return make()


def recorded_states(sandbox, number):
    """Return when an incident had which status and severity, as the sandbox's database has it."""
    store = sandbox.service.store
    organisation = sandbox.service.organisation
    rows = store.rows(
        "SELECT u.document FROM incident_updates u JOIN incidents i ON i.id = u.incident_id WHERE i.number = ? "
        "ORDER BY u.created_at, u.id",
        (number,),
    )
    states = []
    for row in rows:
        update = json.loads(row["document"])
        status = organisation["incident_statuses"][update["new_incident_status"]]["name"]
        severity = update["new_severity"] and organisation["severities"][update["new_severity"]]["name"]
        states.append((pd.Timestamp(update["created_at"]), status, severity))
    return states


@pytest.mark.parametrize("first", range(1, 11, 2))
def test_status_and_severity_are_the_sandbox_s_own(sandbox, client, first):
    """At every event of many incidents the status and the severity are those of the sandbox's database."""
    checked = 0
    for number in range(first, 301, 10):
        states = recorded_states(sandbox, number)
        frame = client.timeline(f"INC-{number}")
        assert frame.attrs["complete"], frame.attrs["why_incomplete"]
        for at, status, severity in zip(frame["at"], frame["status"], frame["severity"], strict=True):
            past = [state for state in states if state[0] <= at]
            expected = past[-1][1:] if past else (None, None)
            assert (None if pd.isna(status) else status, None if pd.isna(severity) else severity) == expected
            checked += 1
        for at, status, severity in states:
            row = frame[frame["at"] <= at].iloc[-1]
            assert (row["status"], None if pd.isna(row["severity"]) else row["severity"]) == (status, severity)
    assert checked > 100


def test_columns_are_the_same_when_empty(client):
    """A timeline of which nothing is left has the columns and dtypes of a full one."""
    full = client.timeline("INC-291")
    empty = client.timeline("INC-291", kind="postmortem")
    assert list(full.columns) == COLUMNS
    assert not len(empty)
    assert len(full) > 20
    assert full.dtypes.astype(str).to_dict() == empty.dtypes.astype(str).to_dict()
    assert set(full.attrs["sources"]) == set(DEFAULT_SOURCES)
