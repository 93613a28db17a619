"""Exports against the sandbox: whole, resumed, brought up to date, and the same as one clean pull.

Serves `client/exporting.py`, `export/_batches.py`, `export/dataset.py`, `export/formats.py`, `export/run.py` and
`export/state.py`.
"""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from functools import partial

import duckdb
import msgspec
import pandas as pd
import pytest

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.export import Export, run
from incidentio_magic.export._batches import Batch
from incidentio_magic.export.columns import updates_frame
from incidentio_magic.export.dataset import Dataset
from incidentio_magic.export.state import Memory
from incidentio_magic.frames import MASK, Frames
from incidentio_magic.printable import printable

DATASETS = ("incidents", "incident_updates")


def read(path, dataset, kind="parquet"):
    """Return a dataset in the order of its IDs, as pandas reads its files."""
    if kind == "parquet":
        frame = pd.read_parquet(path / dataset)
        frame["month"] = frame["month"].astype(str)
    else:
        parts = sorted((path / dataset).glob("month=*/*.csv"))
        frame = pd.concat(
            [pd.read_csv(part, dtype=str).assign(month=part.parent.name.removeprefix("month=")) for part in parts]
        )
    return frame.sort_values("id", ignore_index=True)


def row_of(path, reference, kind="parquet"):
    """Return one incident's row."""
    return read(path, "incidents", kind).set_index("reference").loc[reference]


def assert_same(path, other, kind="parquet"):
    """Check that two exports hold the same rows, each once."""
    for dataset in DATASETS:
        frame = read(path, dataset, kind)
        assert frame["id"].is_unique
        pd.testing.assert_frame_equal(frame, read(other, dataset, kind))


def after(count, error):
    """Return a wrapper that raises an error instead of the call after so many."""

    def wrap(function):
        left = [count]

        def wrapped(*args, **options):
            left[0] -= 1
            if left[0] < 0:
                raise error
            return function(*args, **options)

        return wrapped

    return wrap


def change(sandbox, client):
    """Let things happen: new incidents, updates, another severity, another name, and one that turns private."""
    sandbox.advance(3 * 86400)
    client.declare("Brand new", severity="Major")
    client.update("INC-293", "It is over.", status="Documenting")
    client.update("INC-40", "A late word.")
    client.edit("INC-292", name="Renamed", severity="Critical")
    turned = json.loads(sandbox.service.store.row("SELECT document FROM incidents WHERE number = 291")["document"]) | {
        "visibility": "private"
    }
    sandbox.service.journal.touch(turned, sandbox.service.clock.now().isoformat().replace("+00:00", "Z"))
    sandbox.service.journal.save(turned)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_everything_is_there(client, sandbox, tmp_path, kind):
    """Every incident and every update of the database is exported, once, in its month."""
    reported = client.export(tmp_path / "x", format=kind, progress=False)
    store = sandbox.service.store
    for dataset in DATASETS:
        frame = read(tmp_path / "x", dataset, kind)
        rows = store.rows(f"SELECT id, created_at FROM {dataset} ORDER BY id")
        assert list(frame["id"]) == [row["id"] for row in rows]
        assert list(frame["month"]) == [row["created_at"][:7] for row in rows]
    assert list(reported["rows"]) == [store.count(f"SELECT count(*) FROM {dataset}") for dataset in DATASETS]
    assert list(reported["added"]) == list(reported["rows"])
    assert reported.attrs["complete"]


@pytest.mark.slow
def test_values_are_those_of_the_list(client, tmp_path):
    """An exported incident has the values of the wide list, durations in seconds, categories as text."""
    client.export(tmp_path / "x", progress=False, show_private=True)
    exported = read(tmp_path / "x", "incidents").set_index("reference")
    listed = client.incidents(all=True, wide=True, show_private=True).set_index("reference")
    added = [name for name in exported if name.startswith(("lasted_status.", "values."))]
    assert list(exported.columns.drop(["month", *added])) == [
        name.replace("lasted.", "lasted_seconds.") for name in listed.columns
    ]
    assert len(added) == sum(name.startswith("lasted.") for name in listed.columns) + 2
    for name in listed.columns:
        values = listed[name]
        mine = exported[name.replace("lasted.", "lasted_seconds.")].reindex(values.index)
        if name.startswith("lasted."):
            values = values.dt.total_seconds()
        for left, right in zip(mine, values.astype(object), strict=True):
            assert (pd.isna(left) and pd.isna(right)) or left == right


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_interrupted_resumed_and_brought_up_to_date(crowded, connected, tmp_path, monkeypatch, kind):
    """Stopped twice, once without warning, then resumed, then run after changes: the same as one clean pull."""
    client = connected(crowded)
    monkeypatch.setattr("incidentio_magic.export.Export", partial(Export, part_rows=500))
    path, clean = tmp_path / "x", tmp_path / "clean"

    with monkeypatch.context() as patch:
        patch.setattr(client.transport, "send", after(12, KeyboardInterrupt())(client.transport.send))
        with pytest.raises(errors.Interrupted, match=r"The export stopped after .* incidents") as stopped:
            client.export(path, format=kind, progress=False)
    assert "resumes" in stopped.value.hint
    with monkeypatch.context() as patch:
        # As if the power went after some files were written and before that was remembered.
        patch.setattr(Memory, "save", after(6, RuntimeError("power"))(Memory.save))
        with pytest.raises(RuntimeError, match="power"):
            client.export(path, format=kind, progress=False)
    before = len(crowded.requests)
    reported = client.export(path, format=kind, progress=False)
    asked = [request for request in crowded.requests[before:] if request["path"] == "/v2/incidents"]
    assert all("after" in dict(entry["query"]) for entry in asked[:1])
    assert reported.loc[0, "rows"] == 1800
    client.export(clean, format=kind, progress=False)
    assert_same(path, clean, kind)

    change(crowded, client)
    before = len(crowded.requests)
    reported = client.export(path, format=kind, progress=False)
    assert reported.loc[0, "rows"] == 1801
    assert reported.loc[0, "added"] == 1
    asked = [request for request in crowded.requests[before:] if request["path"] == "/v2/incidents"]
    assert len(asked) == 1
    fresh = tmp_path / "fresh"
    client.export(fresh, format=kind, progress=False)
    assert_same(path, fresh, kind)


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyboardInterrupt(), errors.ExportFailed("The disk is full.")])
def test_stopped_while_rows_are_written(client, tmp_path, monkeypatch, error):
    """Stopped in the midst of writing, once, no row is lost: neither then nor by the next run."""
    monkeypatch.setattr("incidentio_magic.export.Export", partial(Export, part_rows=100))
    append = Dataset._append
    left = [4]

    def stop(self, rows):
        left[0] -= 1
        if left[0] == 0:
            raise error
        append(self, rows)

    monkeypatch.setattr(Dataset, "_append", stop)
    with pytest.raises((errors.Interrupted, errors.ExportFailed)):
        client.export(tmp_path / "x", progress=False)
    assert left[0] < 0
    reported = client.export(tmp_path / "x", progress=False)
    assert list(reported["rows"]) == [300, 1531]
    client.export(tmp_path / "clean", progress=False)
    assert_same(tmp_path / "x", tmp_path / "clean")


@pytest.mark.slow
def test_a_second_run_reads_little_and_changes_nothing(client, sandbox, tmp_path):
    """Run again at once, the export is as it was, and only the last days and the last page were asked for."""
    sandbox.advance(10 * 86400)
    client.export(tmp_path / "x", progress=False)
    files = {path: path.read_bytes() for path in (tmp_path / "x").glob("*/month=*/*")}
    reported = client.export(tmp_path / "x", progress=False)
    assert {path: path.read_bytes() for path in (tmp_path / "x").glob("*/month=*/*")} == files
    assert list(reported["added"]) == [0, 0]
    assert reported.attrs["pages"] == 3  # of incidents one, of updates the last and the first


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_only_what_differs_is_replaced(client, tmp_path, kind):
    """Rows that are read again and are the same are neither written nor counted; those that differ are, once."""

    def written():
        return {path: path.stat().st_mtime_ns for path in (tmp_path / "x").glob("*/month=*/*")}

    client.export(tmp_path / "x", format=kind, progress=False)
    before = written()
    reported = client.export(tmp_path / "x", format=kind, progress=False)
    assert reported.attrs["pages"] > 2
    assert list(reported["replaced"]) == [0, 0]
    assert written() == before
    client.edit("INC-293", name="Renamed")
    reported = client.export(tmp_path / "x", format=kind, progress=False)
    assert list(reported["replaced"]) == [1, 0]
    assert [path.parent.name for path, at in written().items() if at != before[path]] == ["month=2026-01"]


@pytest.mark.slow
def test_rows_that_move_between_pages_come_once(client, tmp_path, monkeypatch):
    """A record that appears on two pages has one row."""
    fetch = client.api.incidents

    def twice(which, **options):
        listing = fetch(which, **options)
        walk = listing.walk

        def walked(start=None):
            for page in walk(start):
                yield page
                yield page

        listing.walk = walked
        return listing

    monkeypatch.setattr(client.api, "incidents", twice)
    client.export(tmp_path / "x", progress=False, updates=False)
    frame = read(tmp_path / "x", "incidents")
    assert frame["id"].is_unique
    assert len(frame) == 300


@pytest.mark.slow
def test_readers_read_it(client, tmp_path):
    """DuckDB and pandas read the folder as it is, with the months as a column; every file has the same schema."""
    import pyarrow.parquet as pq

    client.export(tmp_path / "x", progress=False)
    for dataset in DATASETS:
        files = sorted((tmp_path / "x" / dataset).rglob("*.parquet"))
        assert len(files) > 6
        schemas = [pq.read_schema(file) for file in files]
        assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
        folder = (tmp_path / "x" / dataset).as_posix()
        query = (
            f"SELECT id, epoch_us(created_at), month FROM read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
        )
        found = duckdb.sql(query).fetchall()
        frame = read(tmp_path / "x", dataset)
        assert sorted(row[0] for row in found) == list(frame["id"])
        assert all(f"{pd.Timestamp(created, unit='us'):%Y-%m}" == month for _, created, month in found)
    whole = duckdb.sql(f"SELECT count(*) FROM '{(tmp_path / 'x' / 'incidents').as_posix()}/*/*.parquet'").fetchall()
    assert whole == [(300,)]


# Dask itself still calls what pandas will drop.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_dask_reads_it(client, tmp_path):
    """Dask reads the folder as it is, a file at a time, and passes over the months that are not asked for."""
    import dask.dataframe as dd

    client.export(tmp_path / "x", progress=False)
    for dataset in DATASETS:
        frame = read(tmp_path / "x", dataset)
        lazy = dd.read_parquet(tmp_path / "x" / dataset)
        assert lazy.npartitions == len(list((tmp_path / "x" / dataset).rglob("*.parquet")))
        found = lazy.compute(scheduler="synchronous").astype({"month": "string"}).sort_values("id", ignore_index=True)
        pd.testing.assert_frame_equal(found, frame.astype({"month": "string"}), check_dtype=False)
        month = dd.read_parquet(tmp_path / "x" / dataset, filters=[("month", "==", "2025-12")])
        assert month.npartitions == 1
        assert set(month["id"].compute(scheduler="synchronous")) == set(frame.loc[frame["month"] == "2025-12", "id"])


@pytest.mark.slow
def test_only_the_owner_reads_it(client, tmp_path):
    """Every file and folder is its owner's alone, and nothing temporary stays."""
    client.export(tmp_path / "x", progress=False)
    for path in [tmp_path / "x", *(tmp_path / "x").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        assert not path.name.endswith(".new")


@pytest.mark.slow
def test_private_texts_are_masked(client, tmp_path):
    """No file tells a private incident's texts, unless asked for; an incident that turns private takes its own back."""
    client.export(tmp_path / "x", format="csv", progress=False)
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "x").rglob("*.csv"))
    assert MASK in text
    assert "CONFIDENTIAL" not in text
    client.export(tmp_path / "open", format="csv", progress=False, show_private=True)
    assert "CONFIDENTIAL" in "".join(path.read_text("utf-8") for path in (tmp_path / "open").rglob("*.csv"))


@pytest.mark.slow
def test_what_turned_private_is_masked(client, sandbox, tmp_path):
    """When an incident turns private, the next run masks its name and the messages that were written before."""
    client.export(tmp_path / "x", progress=False)
    change(sandbox, client)
    identity = client.incident("INC-291").id

    def messages():
        updates = read(tmp_path / "x", "incident_updates")
        return updates.loc[updates["incident_id"] == identity, "message"].dropna()

    before = messages()
    assert (before != MASK).all()
    client.export(tmp_path / "x", progress=False)
    assert len(messages()) == len(before) > 0
    assert (messages() == MASK).all()
    assert row_of(tmp_path / "x", "INC-291")["name"] == MASK


TEXTS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "'quoted'", "\uff1dx", "plain", 'a "b",\nc']


@pytest.mark.slow
def test_no_csv_cell_begins_a_formula(client, sandbox, tmp_path):
    """A text that a spreadsheet would compute has a ' in front; taking one ' off gives the text back, also later."""
    store = sandbox.service.store
    rows = store.rows("SELECT document FROM incidents WHERE visibility = 'public' LIMIT ?", (len(TEXTS),))
    written = {}
    for row, text in zip(rows, TEXTS, strict=True):
        document = json.loads(row["document"]) | {"summary": text}
        sandbox.service.journal.save(document)
        written[f"INC-{document['number']}"] = printable(text)
    for _run in range(2):
        client.export(tmp_path / "x", format="csv", progress=False)
        summaries = read(tmp_path / "x", "incidents", "csv").set_index("reference")["summary"][list(written)]
        assert all(summary[0] not in "=+-@\t\r\n\uff1d" for summary in summaries)
        assert [summary.removeprefix("'") for summary in summaries] == list(written.values())


@pytest.mark.slow
def test_filters(client, sandbox, tmp_path):
    """Only what fits is exported, with its updates; what no longer fits is taken out, and what fits now comes in."""
    client.export(tmp_path / "x", severity=">=Major", progress=False)
    expected = client.incidents(severity=">=Major", all=True)
    frame = read(tmp_path / "x", "incidents")
    assert set(frame["reference"]) == set(expected["reference"])
    updates = read(tmp_path / "x", "incident_updates")
    assert set(updates["incident_id"]) == set(frame["id"])
    sandbox.advance(2 * 86400)
    client.edit("INC-293", severity="Minor")
    client.edit("INC-295", severity="Critical")
    reported = client.export(tmp_path / "x", severity=">=Major", progress=False)
    assert list(reported["removed"] > 0) == [True, True]
    client.export(tmp_path / "clean", severity=">=Major", progress=False)
    assert_same(tmp_path / "x", tmp_path / "clean")
    frame = read(tmp_path / "x", "incidents")
    assert "INC-293" not in set(frame["reference"])
    assert "INC-295" in set(frame["reference"])


@pytest.mark.slow
def test_what_fits_again_meanwhile_stays(client, sandbox, tmp_path, monkeypatch):
    """An incident that fits again before it is taken out is not; the next run has it as it is."""
    client.export(tmp_path / "x", severity=">=Major", progress=False)
    sandbox.advance(2 * 86400)
    client.edit("INC-293", severity="Minor")
    remove = Export._remove_unfitting

    def meanwhile(self, since):
        sandbox.advance(60)
        client.edit("INC-293", severity="Critical")
        remove(self, since)

    with monkeypatch.context() as patch:
        patch.setattr(Export, "_remove_unfitting", meanwhile)
        reported = client.export(tmp_path / "x", severity=">=Major", progress=False)
    assert list(reported["removed"]) == [0, 0]
    client.export(tmp_path / "x", severity=">=Major", progress=False)
    assert row_of(tmp_path / "x", "INC-293")["severity"] == "Critical"


@pytest.mark.slow
def test_any_filters_and_no_updates(client, tmp_path):
    """One fitting filter is enough if asked for, and updates can be left out."""
    reported = client.export(
        tmp_path / "x", any=True, severity="Critical", type="Security", updates=False, progress=False
    )
    expected = client.incidents(any=True, severity="Critical", type="Security", all=True)
    assert set(read(tmp_path / "x", "incidents")["reference"]) == set(expected["reference"])
    assert list(reported["dataset"]) == ["incidents"]
    assert not (tmp_path / "x" / "incident_updates").exists()


@pytest.mark.slow
def test_relative_times_count_from_the_first_run(client, sandbox, tmp_path):
    """What "7d" means does not move when the export is run again."""
    client.export(tmp_path / "x", since="7d", progress=False)
    before = set(read(tmp_path / "x", "incidents")["id"])
    sandbox.advance(30 * 86400)
    client.export(tmp_path / "x", since="7d", progress=False)
    assert set(read(tmp_path / "x", "incidents")["id"]) == before


@pytest.mark.slow
def test_changed_until(client, sandbox, tmp_path):
    """Where only incidents are wanted that did not change after some day, one that does is taken out."""
    asked = {"updated_until": "2026-01-15T13:00", "progress": False}
    client.export(tmp_path / "x", **asked)
    before = set(read(tmp_path / "x", "incidents")["reference"])
    assert "INC-293" in before
    sandbox.advance(5 * 86400)
    client.export(tmp_path / "x", **asked)
    client.update("INC-293", "Something new.")
    sandbox.advance(5 * 86400)
    client.export(tmp_path / "x", **asked)
    assert before - set(read(tmp_path / "x", "incidents")["reference"]) == {"INC-293"}


def test_nothing_fits(client, tmp_path):
    """An export of nothing is complete, and says so with the usual columns."""
    reported = client.export(tmp_path / "x", since="2030-01-01", progress=False)
    assert list(reported["rows"]) == [0, 0]
    assert reported.attrs["complete"]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"severity": "Major"}, "the filters none, and severity Major"),
        ({"format": "csv"}, "the format parquet, and csv"),
        ({"updates": False}, "updates on, and off"),
        ({"show_private": True}, "private texts off, and on"),
    ],
)
def test_another_export_needs_another_folder(client, tmp_path, options, what):
    """A folder with another export is refused, and stays as it is."""
    client.export(tmp_path / "x", since="2026-01-10", progress=False)
    client_options = {"since": "2026-01-10", **options}
    files = {path: path.read_bytes() for path in (tmp_path / "x").rglob("*") if path.is_file()}
    with pytest.raises(errors.InputError) as refused:
        client.export(tmp_path / "x", progress=False, **client_options)
    assert what.replace("none", "since 2026-01-10").split(" and ")[0] in refused.value.message
    assert "another folder" in refused.value.hint
    assert {path: path.read_bytes() for path in (tmp_path / "x").rglob("*") if path.is_file()} == files


@pytest.mark.slow
def test_another_organisation_is_refused(client, tmp_path, monkeypatch):
    """An export of one organisation is never mixed with another's."""
    client.export(tmp_path / "x", since="2026-01-10", progress=False)
    identity = client.vocabulary.identity
    other = lambda: type(identity())(name="x", dashboard_url="https://app.incident.io/other", roles=[])  # noqa: E731
    monkeypatch.setattr(client.vocabulary, "identity", other)
    with pytest.raises(errors.InputError, match=r"organisation https://app\.incident\.io/sandbox"):
        client.export(tmp_path / "x", since="2026-01-10", progress=False)


@pytest.mark.slow
def test_a_list_cut_short_is_not_complete(client, tmp_path, monkeypatch):
    """A list that the service ends too early is an error, and what is remembered is not a complete export."""
    listed = client.api.incidents

    def cut(which, **options):
        listing = listed(which, **options)
        walk = listing.walk

        def short(after=None):
            for page in walk(after):
                yield page
                listing.cut_short = "the service ended the list after 250 of 300"
                return

        listing.walk = short
        return listing

    monkeypatch.setattr(client.api, "incidents", cut)
    with pytest.raises(errors.UnexpectedAnswer, match="after 250 of 300"):
        client.export(tmp_path / "x", progress=False)
    assert not json.loads((tmp_path / "x" / "_export" / "state.json").read_bytes())["complete_to"]
    monkeypatch.undo()
    client.export(tmp_path / "x", progress=False)
    client.export(tmp_path / "clean", progress=False)
    assert_same(tmp_path / "x", tmp_path / "clean")


@pytest.mark.slow
def test_a_deleted_incident_stops_nothing(client, sandbox, tmp_path, monkeypatch):
    """An incident deleted between the list and its updates keeps its rows, and is named; the next run goes on, too."""
    client.export(tmp_path / "x", progress=False)
    sandbox.advance(3 * 86400)
    client.edit("INC-292", name="Renamed")
    gone = client.incident("INC-292").id
    listed = client.api.incident_updates

    def without(identity=""):
        if identity == gone:
            raise errors.NotFound("Incident not found.", status=404)
        return listed(identity)

    monkeypatch.setattr(client.api, "incident_updates", without)
    monkeypatch.setattr(run, "PAGE", 1)  # so that the incidents' updates are fewer requests than all of them
    for _run in range(2):
        frame = client.export(tmp_path / "x", progress=False)
        assert frame.attrs["missing"] == {gone: "Incident not found."}
        assert frame.attrs["why_incomplete"] == f"no updates of {gone} (Incident not found)"
    assert (read(tmp_path / "x", "incident_updates")["incident_id"] == gone).any()


@pytest.mark.slow
def test_an_update_of_an_incident_that_did_not_change(client, sandbox, tmp_path, monkeypatch):
    """A new update is found although its incident's last change did not move, and newest come first."""
    client.export(tmp_path / "x", progress=False)
    sandbox.advance(3 * 86400)
    client.update("INC-40", "A late word.")
    listed_updates, listed = client.api.incident_updates, client.api.incidents

    def newest_first(identity=""):
        updates = sorted(listed_updates(identity), key=lambda update: update.created_at, reverse=True)
        size = 250
        pages = [updates[start : start + size] for start in range(0, len(updates), size)]

        def fetch(cursor):
            number = 0 if cursor is None else int(cursor) if cursor.isdecimal() else len(pages) - 1
            after = f"{number + 1}" if number + 1 < len(pages) else None
            return Page(pages[number] if pages else [], models.PaginationMeta(after=after))

        return Listing(fetch)

    monkeypatch.setattr(client.api, "incident_updates", newest_first)
    monkeypatch.setattr(client.api, "incidents", lambda which, **options: _without(listed(which, **options), "INC-40"))
    client.export(tmp_path / "x", progress=False)
    assert (read(tmp_path / "x", "incident_updates")["message"] == "A late word.").sum() == 1


def _without(listing, reference):
    """Return a listing from which one incident is missing, as if it had not changed."""
    fetch = listing._fetch

    def fetched(cursor):
        page = fetch(cursor).without_total()
        return replace(page, records=[record for record in page.records if record.reference != reference])

    return Listing(fetched, size=listing.size)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_fields_that_change(client, tmp_path, monkeypatch, kind):
    """A field that changes its kind, or is made again under its name, gets a column; what was exported stays."""
    client.export(tmp_path / "x", format=kind, progress=False)
    before = read(tmp_path / "x", "incidents", kind)
    fields = client.vocabulary.read("fields")
    changed = [
        msgspec.structs.replace(field, field_type="numeric")
        if place == 0
        else msgspec.structs.replace(field, id=f"{field.id}-new")
        if place == 1
        else field
        for place, field in enumerate(fields)
    ]
    whole = client.api.whole

    def with_changes(path, *arguments, **options):
        return changed if path == "/v2/custom_fields" else whole(path, *arguments, **options)

    monkeypatch.setattr(client.api, "whole", with_changes)
    for _run in range(2):
        client.export(tmp_path / "x", format=kind, progress=False)
    after = read(tmp_path / "x", "incidents", kind)
    first, second = (f"field.{field.name}" for field in fields[:2])
    # What was read again has its value in the new columns; everything else is as it was.
    kept = after[first].fillna(after[f"{first} (exact)"])
    pd.testing.assert_frame_equal(before, after.assign(**{first: kept})[before.columns])
    new = {f"{first} (number)", f"{first} (exact)", f"{second} (text)", f"{second} (text)".replace("field.", "values.")}
    assert set(after.columns) - set(before.columns) == new
    if kind == "parquet":
        found = duckdb.read_parquet(f"{tmp_path}/x/incidents/**/*.parquet", hive_partitioning=True)
        assert len(found.columns) == len(after.columns)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_digits_are_kept(client, tmp_path, monkeypatch, kind):
    """A number that a float cannot hold is in the files with its digits, beside the column of numbers."""
    client.export(tmp_path / "x", format=kind, progress=False)
    numeric = next(field for field in client.vocabulary.fields() if field.field_type == "numeric")
    number = models.CustomFieldValue(value_numeric="9007199254740993")
    entry = models.CustomFieldEntry(numeric, [number])
    listed = client.api.incidents

    def with_number(which, **options):
        listing = listed(which, **options)
        walk = listing.walk

        def walked(after=None):
            for page in walk(after):
                page.records[:] = [
                    msgspec.structs.replace(record, custom_field_entries=[entry]) for record in page.records
                ]
                yield page

        listing.walk = walked
        return listing

    monkeypatch.setattr(client.api, "incidents", with_number)
    client.export(tmp_path / "y", format=kind, progress=False)
    exact = read(tmp_path / "y", "incidents", kind)[f"field.{numeric.name} (exact)"]
    assert set(exact.astype(str)) == {"9007199254740993"}


def test_the_title_of_a_private_alert_is_masked(client):
    """An update by an alert names it only where the incident is not private, or that was requested."""
    record = {
        "id": "U1",
        "incident_id": "I1",
        "created_at": "2026-01-01T00:00:00Z",
        "new_incident_status": {"id": "S", "name": "Closed", "category": "closed", "rank": 1},
        "updater": {"alert": {"id": "A", "title": "The vault is open"}},
    }
    update = msgspec.convert(record, models.IncidentUpdate, strict=False)
    shown = {
        (private, asked): updates_frame(Frames(show_private=asked), [update], lambda _id, private=private: private)
        for private in (True, False)
        for asked in (True, False)
    }
    names = {case: frame["updater"].iloc[0] for case, frame in shown.items()}
    assert names.pop((True, False)) == MASK
    assert set(names.values()) == {"The vault is open"}


def test_a_batch_holds_every_record_once():
    """However many records are put in, in however many parts, each is one row; what was written is dropped."""
    batch = Batch(lambda records: pd.DataFrame({"number": records}))
    for start in range(0, 2500, 100):
        batch.add(list(range(start, start + 100)))
    assert list(batch.whole()["number"]) == list(range(2500))
    assert list(batch.whole()["number"]) == list(range(2500))
    batch.clear()
    batch.add([7])
    assert list(batch.whole()["number"]) == [7]
    assert batch.read == 1


@pytest.mark.slow
def test_the_last_day_is_read_once_more(client, sandbox, tmp_path):
    """A second run asks for what changed since the day before the first one ended: clocks differ, filters know days."""
    client.export(tmp_path / "x", progress=False)
    (state,) = (path for path in (tmp_path / "x").rglob("*.json") if "complete_to" in path.read_text())
    ended = pd.Timestamp(json.loads(state.read_text())["complete_to"])
    before = len(sandbox.requests)
    client.export(tmp_path / "x", progress=False)
    asked = [dict(request["query"]) for request in sandbox.requests[before:] if request["path"] == "/v2/incidents"]
    since = {query["updated_at[gte]"] for query in asked if "updated_at[gte]" in query}
    assert since == {f"{ended - pd.Timedelta(days=1):%Y-%m-%d}"}
