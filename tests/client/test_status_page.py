"""What the status pages say: what is not resolved, what is long over, which components are affected.

Serves `frames/status_page.py` and `sandbox/incidentio/routes/status_pages.py`.
"""

from __future__ import annotations

import incident_io.models as sdk
import pandas as pd
import pytest
import requests

from incidentio_magic import errors

COLUMNS = ["page", "name", "status", "affected", "published_at", "updated_at", "message", "resolved_at", "lasted", "id"]


def test_what_was_published(client):
    """The last month comes newest first, with the last message and how long it lasted."""
    frame = client.status_page()
    assert list(frame.columns) == COLUMNS
    assert frame["published_at"].is_monotonic_decreasing
    assert set(frame["page"]) == {"Sandbox status"}
    resolved = frame[frame["status"] == "resolved"]
    assert (resolved["lasted"] == resolved["resolved_at"] - resolved["published_at"]).all()
    assert resolved["affected"].isna().all()
    going_on = frame[frame["status"] != "resolved"]
    assert going_on["affected"].str.contains(": (?:partial|full) outage").all()
    assert going_on["resolved_at"].isna().all()
    assert frame.attrs["limited_to"] == "the last 30 days and everything unresolved"


def test_bounds(client):
    """A time of your own replaces the last 30 days."""
    year, day = client.status_page(since="365d"), client.status_page("sandbox STATUS", since="1d")
    assert len(year) > len(client.status_page()) > len(day) > 0
    assert (day["published_at"] >= pd.Timestamp("2026-01-14T14:00Z")).all()
    empty = client.status_page(since="1s")
    assert empty.empty
    assert empty.dtypes.equals(year.dtypes)


def test_nothing_private_is_published(client):
    """The page tells of public incidents only."""
    private = {incident.name for incident in client.api.incidents(_all()) if incident.is_private}
    assert not private & set(client.status_page(since="365d")["name"])


def _all():
    from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter

    return IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)


def test_a_page_that_does_not_exist(client):
    """A mistyped page gets an offer."""
    with pytest.raises(errors.UnknownName) as caught:
        client.status_page("Sandbx status")
    assert caught.value.hint == "did you mean Sandbox status?"


def test_components_without_names(client, monkeypatch):
    """A key that may not see the components sees their IDs, and the frame says why."""
    read = client.vocabulary.read

    def refuse(name):
        if name == "components":
            raise errors.PermissionDenied("The key lacks a scope.", status=403)
        return read(name)

    monkeypatch.setattr(client.vocabulary, "read", refuse)
    frame = client.status_page()
    assert frame.attrs["missing"] == {"names of components": "The key lacks a scope"}
    assert len(frame)


def members(value):
    """Return the members of an answer at every depth, without their values."""
    if isinstance(value, dict):
        return {name: members(inner) for name, inner in value.items()}
    return [members(inner) for inner in value] if isinstance(value, list) else None


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("status_pages", sdk.StatusPagesListStatusPagesResultV2),
        ("status_page_components", sdk.StatusPageComponentsListResultV2),
        ("status_page_incidents?status_page_id={page}", sdk.StatusPagesListStatusPageIncidentsResultV2),
    ],
)
def test_the_sandbox_answers_as_the_service(client, sandbox, path, model):
    """Every answer of the sandbox parses as the vendor's model and holds nothing else."""
    page = client.vocabulary.read("status_pages")[0].id
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    answer = requests.get(f"{sandbox.url}/v2/{path.format(page=page)}", headers=headers, timeout=10).json()
    parsed = model.from_dict(answer)
    assert not parsed.additional_properties
    assert members(parsed.to_dict()) == members(answer)  # moments are written in another way
    wrong = requests.get(f"{sandbox.url}/v2/status_page_incidents?status_page_id=x", headers=headers, timeout=10)
    assert wrong.status_code == 422
