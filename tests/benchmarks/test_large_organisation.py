"""The stub of a large organisation answers as the service does, through our own client."""

from __future__ import annotations

import pytest
import requests

from incidentio_magic import connect
from incidentio_magic.widgets import detail_fields
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.parallel_reads import read_together
from tests.benchmarks.large_organisation import large_organisation
from tests.benchmarks.organisation import Size


@pytest.fixture(scope="module")
def stub():
    """Return the address and key of a small version of it."""
    with large_organisation(latency=0, size=Size(1000, 30, 300, 990)) as found:
        yield found


@pytest.fixture(scope="module")
def io(stub):
    """Return a client of it."""
    with connect(*stub) as client:
        yield client


@pytest.mark.slow
def test_its_incidents(io):
    """Every incident is there once, newest first, with its fields; filters choose among them."""
    everything = io.incidents(all=True, wide=True)
    assert len(everything) == everything["id"].nunique() == 1000
    assert everything["created_at"].is_monotonic_decreasing
    assert sum(name.startswith("field.") for name in everything.columns) == 40
    assert len(io.incidents(open=True)) == 30
    service = everything.loc[everything["visibility"] == "public", "field.Affected service"].dropna().iloc[0]
    chosen = io.incidents(all=True, field={"Affected service": service})
    assert 0 < len(chosen) < 1000
    worst = io.incidents(all=True, severity=">=Major")
    assert set(worst["severity"].astype(str)) == {"Major", "Critical"}
    assert io.show("INC-7").loc["id", "INC-7"] == everything.loc[everything["reference"] == "INC-7", "id"].iloc[0]


def test_its_other_lists(io, stub):
    """People, options, catalog entries and updates are read to their end; an identifier finds one entry."""
    assert len(io.users()) == 300
    assert len(io.vocabulary.options(io.vocabulary.field("Owning team"))) == 400
    assert len(io.updates("INC-7")) == 2
    url, key = stub
    found = requests.get(
        f"{url}/v3/catalog_entries",
        params={"catalog_type_id": "CT0", "identifier": "alias-7"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=10,
    ).json()
    assert [entry["name"] for entry in found["catalog_entries"]] == ["CT0 entry 7"]
    assert requests.get(f"{url}/counts", timeout=10).json()["GET /v2/users"] >= 1


def test_its_declare_form(stub, tmp_path, monkeypatch):
    """A form of 40 fields reads its lists at once, again nothing, and in another kernel only what is short."""
    together = []

    def recorded(calls):
        together.append(len(calls))
        return read_together(calls)

    monkeypatch.setattr(detail_fields, "read_together", recorded)
    with connect(*stub, cache=tmp_path) as first:
        form = DeclareForm(first)
        asked = first.transport.requests_made
        assert [count for count in together if count] == [8]
        assert asked <= 15
        DeclareForm(first)
        assert first.transport.requests_made == asked
    with connect(*stub, cache=tmp_path) as second:
        DeclareForm(second)
        # The only catalog that is short enough to be shown whole: what it holds may be customers, so no file has it.
        assert second.transport.requests_made == 1
    labels = [field.label for field in form.fields.values() if field.name.startswith("field ")]
    assert len(labels) == 40
