"""A write's receipt: one row of plain data, the same columns however the write ended."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.receipt import COLUMNS, PREVIEW_COLUMNS


def one_of_each(client):
    """Return how a write of each kind ended."""
    declared = client.declare("Disk full", "On db-1.", severity="Minor", mode="test")
    reference = declared.reference
    return [
        declared,
        client.update(reference, "Still *full*.", status="Fixing", severity="Major"),
        client.event(reference, "Deploy", at="13:40"),
        client.page(reference, "Wake up", to=["alice@example.com"]),
        client.edit(reference, name="Disk of db-1 full"),
        client.edit(reference, name="Disk of db-1 full"),
    ]


def test_each_kind_of_write_has_the_same_columns(client):
    """Every write leaves one row with the same columns and dtypes, so that receipts can be concatenated."""
    frames = [outcome.to_frame() for outcome in one_of_each(client)]
    assert {tuple(frame.columns) for frame in frames} == {COLUMNS}
    assert all(len(frame) == 1 and type(frame) is pd.DataFrame for frame in frames)
    receipts = pd.concat(frames, ignore_index=True)
    assert receipts.dtypes.equals(frames[0].dtypes)
    assert receipts["verb"].tolist() == ["declare", "update", "event", "page", "edit", "edit"]
    assert receipts["outcome"].tolist() == ["sent"] * 5 + ["not sent"]
    assert len(set(receipts["reference"])) == 1
    assert receipts["status"].tolist()[1:3] == ["Fixing", receipts["status"][2]]
    assert receipts["severity"].tolist()[:2] == ["Minor", "Major"]
    assert receipts["message"].tolist()[:4] == ["Disk full", "Still *full*.", "Deploy", "Wake up"]
    assert receipts["message"].isna().tolist()[4:] == [True, True]
    assert receipts["id"].notna().all()
    assert receipts["key"].notna().all()
    assert receipts["at"].notna().all()


def test_receipts_are_exported(client, tmp_path):
    """Receipts are written to Parquet, CSV and JSON and pickled, and their attrs are JSON."""
    receipts = pd.concat([outcome.to_frame() for outcome in one_of_each(client)], ignore_index=True)
    receipts.to_parquet(tmp_path / "receipts.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "receipts.parquet"), receipts)
    assert pd.read_csv(io.StringIO(receipts.to_csv(index=False)))["verb"].tolist() == receipts["verb"].tolist()
    assert len(json.loads(receipts.to_json(orient="records", date_format="iso"))) == len(receipts)
    pd.testing.assert_frame_equal(pd.read_pickle(io.BytesIO(pickled(receipts))), receipts)
    json.dumps(client.update("INC-299", "text").to_frame().attrs)


def pickled(frame):
    """Return a frame as pickle writes it."""
    buffer = io.BytesIO()
    frame.to_pickle(buffer)
    return buffer.getvalue()


def test_the_time_is_the_service_s_in_any_zone(client):
    """`at` is the moment the service made it, aware, in the zone that is asked for."""
    outcome = client.update("INC-299", "text")
    assert outcome.to_frame()["at"].item() == outcome.record.created_at
    assert str(outcome.to_frame(timezone="Asia/Tokyo")["at"].dt.tz) == "Asia/Tokyo"
    assert str(Outcome("not sent", "x").to_frame(timezone="Asia/Tokyo")["at"].dt.tz) == "Asia/Tokyo"


def test_a_dry_run_is_rows(client):
    """A dry run leaves what would be sent: one row for each property, with the ID beside the name."""
    preview = client.update("INC-299", "worse", severity="Critical", dry_run=True).to_frame()
    assert tuple(preview.columns) == PREVIEW_COLUMNS
    rows = preview.set_index("property")
    assert rows.loc["message", "value"] == "worse"
    assert rows.loc["severity", "value"] == "Critical"
    assert rows.loc["severity", "id"] == client.vocabulary.severity("Critical").id
    assert pd.isna(rows.loc["message", "id"])


@pytest.mark.parametrize("show_private", [False, True])
def test_the_text_of_a_private_incident(connect_to, show_private):
    """A receipt is saved and shared, so the text of a write to a private incident is masked unless shown on purpose."""
    client = connect_to(show_private=show_private)
    expected = "the words" if show_private else "🔒 private"
    frame = client.incidents(all=True, wide=True)
    reference = frame.loc[frame["visibility"] == "private", "reference"].iloc[0]
    assert client.update(reference, "the words").to_frame()["message"].item() == expected
    declared = client.declare("the words", severity="Minor", private=True)
    assert declared.to_frame()["message"].item() == expected
