"""Figures, lists and similar incidents of an export, equal to those of the service; and the same numbers from Dask.

Serves `client/archive.py`, `export/archive.py`, `export/details.py`, `export/incident_rows.py`, `export/reader.py` and
`export/timelines.py`.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import math
import re
import shutil

import pandas as pd
import pytest

from incidentio_magic import errors, open_export
from incidentio_magic.frames import MASK

pytestmark = pytest.mark.slow  # four exports first; tests/magics/test_from.py reads one at once


@pytest.fixture(scope="module")
def folders(seeded, tmp_path_factory):
    """Exports of the sandbox: masked, with private texts, and as CSV."""
    from incidentio_magic.client import Incidents
    from incidentio_magic.settings import Secret, Settings

    seeded.clear_faults()
    seeded.reset()
    path = tmp_path_factory.mktemp("exports")
    settings = Settings(base_url=seeded.url, key=Secret(seeded.key), ledger=path / "ledger.jsonl")
    with Incidents(settings, sleep=lambda _seconds: None) as client:
        client.export(path / "archive", parts="all", progress=False)
        client.export(path / "whole", parts="all", show_private=True, progress=False)
        client.export(path / "csv", parts="all", show_private=True, format="csv", progress=False)
        client.export(path / "bare", updates=False, severity="Critical", progress=False)
        client.export(path / "stories", parts="timelines", since="20d", show_private=True, progress=False)
        client.export(path / "masked-stories", parts="timelines", since="20d", format="csv", progress=False)
    return path


TASKS = [f"INC-{number}" for number in range(280, 300)]


def same(first, second, keys):
    """Return whether two frames hold the same, whatever the order of their rows."""
    assert list(first.columns) == list(second.columns)
    left, right = (frame.astype(str).sort_values(keys).reset_index(drop=True) for frame in (first, second))
    return left.equals(right)


METRICS = {
    "all": {},
    "severity": {"by": "severity"},
    "month and type": {"by": "month,type"},
    "lead": {"by": "lead"},
    "a field with several values": {"by": "Affected regions"},
    "a field of a catalog": {"by": "Affected service"},
    "pages": {"by": "severity", "pages": True},
    "open ones": {"with_open": True, "pages": True},
    "as declared": {"by": "severity", "as_of": "declaration"},
    "business hours": {"business_hours": "Mon-Fri 09:00-17:00"},
    "pairs": {"pairs": "Reported at..Identified at"},
    "since": {"since": "90d"},
    "severity from": {"severity": ">=Major", "by": "quarter"},
    "several filters": {"status": "Closed", "not_type": "Security", "until": "2025-11-30"},
    "a lead": {"role": {"Incident Lead": "Alice Lorimer"}},
    "a value": {"field": {"Affected service": "Payments"}},
    "another value": {"not_field": {"Affected service": "Payments"}},
    "nothing in a field": {"field": {"Root cause": "none"}},
    "a mode": {"mode": "test"},
    "any": {"any": True, "severity": "Critical", "type": "Security"},
    "words": {"search": "queue draining"},
    "nothing fits": {"since": "2030-01-01"},
}


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("folder", ["whole", pytest.param("csv", marks=pytest.mark.slow)])
def test_metrics_are_those_of_the_service(folders, connect_to, name, folder):
    """Every figure that the service's records give, the export gives."""
    client = connect_to(show_private=True)
    options = METRICS[name]
    archived = open_export(folders / folder, show_private=True).metrics(**options)
    live = client.metrics(**options)
    keys = [column for column in live.columns if not column.startswith(("km.", "excluded", "n", "open"))]
    keys = [column for column in keys if column not in {"median", "p90", "mean", "from", "to"}]
    assert same(archived, live, keys)
    assert archived.attrs["incidents"] == live.attrs["incidents"]
    assert archived.attrs["complete"], archived.attrs["why_incomplete"]
    assert archived.attrs["requests"] == 0


def test_a_masked_export_says_what_it_cannot_compare(folders, client):
    """Where field values of private incidents are masked, a filter on a field leaves them out and says so."""
    archive = open_export(folders / "archive")
    assert same(archive.metrics(by="severity"), client.metrics(by="severity"), ["severity", "duration"])
    assert MASK in set(archive.metrics(by="Affected service")["field.Affected service"].dropna())
    frame = archive.metrics(field={"Affected service": "Payments"})
    assert not frame.attrs["complete"]
    assert "the export masks their fields" in frame.attrs["why_incomplete"]
    with pytest.raises(errors.InputError, match="holds no text of private incidents") as refused:
        archive.incidents(show_private=True)
    assert "--show-private" in refused.value.hint


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"all": True, "wide": True},
        {"severity": ">=Major", "since": "30d", "sort": "reference"},
        {"search": "queue", "limit": 3},
        {"status": "Fixing,Monitoring"},
        {"columns": "reference,lead"},
    ],
)
def test_lists_are_those_of_the_service(folders, connect_to, options):
    """A list of the export has the columns, types, rows and order of the service's."""
    client = connect_to(show_private=True)
    archived = open_export(folders / "whole", show_private=True).incidents(**options)
    live = client.incidents(**options)
    assert list(archived["reference"]) == list(live["reference"])
    skipped = {"creator"}  # an export keeps the name of a creator, not its kind
    for name in live.columns:
        assert str(archived[name].dtype) == str(live[name].dtype)
        if name not in skipped:
            assert archived[name].astype(str).tolist() == live[name].astype(str).tolist(), name


def test_similar_incidents_are_those_of_the_service(folders, connect_to):
    """Similar incidents of an export have the scores, reasons and fixes of the service's; relations are not in it."""
    live = connect_to(show_private=True).similar("INC-293", limit=20)
    archived = open_export(folders / "whole", show_private=True).similar("INC-293", limit=20)
    assert not live["related"].any()
    for name in ("reference", "score", "why", "lasted", "fix", "severity", "declared_at"):
        assert archived[name].astype(str).tolist() == live[name].astype(str).tolist(), name
    assert "related incidents: An export holds no incident relationships" in archived.attrs["why_incomplete"]


def test_singles_counts_and_comparisons(folders, client):
    """Single durations, counts and comparisons are those of the service, too."""
    archive = open_export(folders / "archive")
    keys = ["reference", "duration"]
    assert same(archive.durations(pages=True), client.durations(pages=True), keys)
    assert same(archive.counts(by="week"), client.counts(by="week"), ["period"])
    quarters = {"by": "quarter", "pages": True}
    compared = [read.compare("2025-Q3", "2025-Q4", **quarters) for read in (archive, client)]
    assert same(*compared, ["duration"])


def test_charts_and_timelines(folders, client):
    """Metrics of an export can be drawn; a timeline has what the export holds, and says what it does not."""
    archive = open_export(folders / "archive")
    chart = archive.plot_metrics(by="severity")
    assert chart.png().startswith(b"\x89PNG")
    frame = archive.timeline("INC-284")
    assert {"updates", "timestamps"} <= set(frame["source"])
    assert "activity failed (An export holds no activity log entries)" in frame.attrs["why_incomplete"]
    live = client.timeline("INC-284", sources="updates")
    updates = archive.timeline("INC-284", sources="updates")
    assert updates["at"].astype(str).tolist() == live["at"].astype(str).tolist()
    for name in ("actions", "follow_ups"):
        held = [read.timeline(*TASKS, sources=f"{name},updates") for read in (archive, client)]
        rows = [frame[frame["source"] == name].drop(columns="url").astype(str) for frame in held]
        assert len(rows[1]) > 3
        assert rows[0].equals(rows[1])


@pytest.mark.parametrize(
    ("folder", "held", "shown"), [("stories", True, True), ("stories", True, False), ("masked-stories", False, False)]
)
def test_exported_timelines_are_those_of_the_service(folders, connect_to, folder, held, shown):
    """Every column, attribute and order of an exported timeline is the service's; so is what is masked."""
    live = connect_to(show_private=shown)
    archive = open_export(folders / folder, show_private=shown)
    references = list(archive.incidents(all=True)["reference"])
    assert len(references) > 10
    for reference in references:
        first, second = archive.timeline(reference), live.timeline(reference)
        assert len(second)
        for name in second.columns:
            assert str(first[name].dtype) == str(second[name].dtype), name
            assert first[name].astype(str).tolist() == second[name].astype(str).tolist(), (reference, name)
        for name in ("incident", "name", "impact", "open", "backdated", "pages", "streams", "complete"):
            assert first.attrs[name] == second.attrs[name], (reference, name)
    options = {"kind": "status,update", "since": "2025-12-01", "until": "2026-01-14T16:00"}
    first, second = (read.timeline(*references[-3:], **options) for read in (archive, live))
    assert len(second)
    assert first.astype(str).equals(second.astype(str))
    chart = archive.plot_timeline(references[0])
    assert chart.frame.attrs["pages"] == live.timeline(references[0]).attrs["pages"]


def test_a_source_that_could_not_be_exported_is_named(seeded, connect_to, tmp_path, monkeypatch):
    """What the key could not read when the timelines were exported, a timeline of the export says is missing."""
    client = connect_to()

    def refused(*_arguments, **_options):
        raise errors.PermissionDenied("This key lacks escalations.view.", status=403)

    monkeypatch.setattr(client.api, "escalations", refused)
    client.export(tmp_path / "x", parts="timelines", since="1d", progress=False)
    archive = open_export(tmp_path / "x")
    reference = archive.incidents(all=True)["reference"].iloc[0]
    frame = archive.timeline(reference)
    assert frame.attrs["why_incomplete"] == "escalations forbidden (This key lacks escalations.view)"
    assert frame.attrs["sources"]["escalations"]["state"] == "forbidden"
    assert frame.attrs["why_incomplete"] == client.timeline(reference).attrs["why_incomplete"]


def test_a_part_that_was_not_read_to_its_end_is_not_held(connect_to, tmp_path, monkeypatch):
    """Of pages that were interrupted or refused no figure is made: they would count as incidents without pages."""
    client = connect_to()
    client.export(tmp_path / "x", progress=False)
    read = client.api.escalations

    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    def refused(*_arguments, **_options):
        raise errors.PermissionDenied("This key lacks escalations.view.", status=403)

    for failing, raised in ((interrupted, errors.Interrupted), (refused, None)):
        monkeypatch.setattr(client.api, "escalations", failing)
        with pytest.raises(raised) if raised else contextlib.nullcontext():
            client.export(tmp_path / "x", parts="pages", progress=False)
        with pytest.raises(errors.InputError, match="holds no pages"):
            open_export(tmp_path / "x").metrics(pages=True)
    monkeypatch.setattr(client.api, "escalations", read)
    client.export(tmp_path / "x", progress=False)
    with pytest.raises(errors.InputError, match="holds no alerts"):
        open_export(tmp_path / "x").metrics(pages=True)
    client.export(tmp_path / "x", parts="alerts", progress=False)
    assert open_export(tmp_path / "x").metrics(pages=True)["n"].sum()


def test_what_an_export_does_not_hold_is_an_error(folders, tmp_path):
    """Without pages or updates there are no figures of them, and the next command is named; so for other folders."""
    bare = open_export(folders / "bare")
    assert set(bare.metrics()["n"]) != {0}
    with pytest.raises(errors.InputError, match="holds no pages") as refused:
        bare.metrics(pages=True)
    assert "--with pages" in refused.value.hint
    with pytest.raises(errors.InputError, match="holds no incident updates"):
        bare.metrics(as_of="declaration", by="severity")
    with pytest.raises(errors.UnknownName):
        bare.similar("INC-99999")
    with pytest.raises(errors.InputError, match="holds no export"):
        open_export(tmp_path)
    with pytest.raises(errors.UnknownName, match="Majr"):
        bare.incidents(severity="Majr")


def test_a_damaged_export_is_an_error(folders, tmp_path):
    """A file that cannot be read is said, with the folder."""
    import shutil

    shutil.copytree(folders / "archive", tmp_path / "x")
    broken = next((tmp_path / "x" / "incidents").glob("*/*.parquet"))
    broken.write_bytes(b"not parquet")
    with pytest.raises(errors.ExportFailed, match="cannot be read"):
        open_export(tmp_path / "x").metrics()


def figures(seconds):
    """Return n, median and p90 of one group's durations."""
    known = sorted(seconds.dropna())
    p90 = known[math.ceil(0.9 * len(known)) - 1] if known else math.nan
    return pd.Series({"n": float(len(known)), "median": seconds.median(), "p90": p90})


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # Dask still calls what pandas will drop
def test_dask_gives_the_same_numbers(folders, client):
    """The documented recipe: the same figures from Dask, partition by partition, on the same files."""
    import dask.dataframe

    incidents = dask.dataframe.read_parquet(
        folders / "archive" / "incidents",
        columns=["severity", "mode", "category", "at.Reported at", "at.Fixed at"],
    )
    counted = incidents[
        ~incidents["mode"].isin(["test", "tutorial"])
        & ~incidents["category"].isin(["declined", "canceled", "merged"])
        & (incidents["at.Fixed at"] >= incidents["at.Reported at"])
    ]
    counted = counted.assign(seconds=(counted["at.Fixed at"] - counted["at.Reported at"]).dt.total_seconds())
    computed = counted.groupby("severity")["seconds"].apply(figures, meta=("seconds", "f8")).compute()
    found = {severity: computed[severity] for severity in computed.index.unique(0)}
    for frame in (client.metrics(by="severity"), open_export(folders / "archive").metrics(by="severity")):
        rows = frame[(frame["duration"] == "declared to fixed") & frame["severity"].notna()].set_index("severity")
        for severity, row in rows.iterrows():
            assert row["n"] == found[severity]["n"]
            assert row["median"].total_seconds() == round(found[severity]["median"])
            assert row["p90"].total_seconds() == found[severity]["p90"]


def documented(library):
    """Return the recipe of a library that the help of `open_export` prints: its first lines, and its result."""
    blocks = re.findall(r"(?:^ {8}.*\n)+", open_export.__doc__, re.MULTILINE)
    statements = ast.parse(inspect.cleandoc(next(block for block in blocks if library in block))).body
    return (
        compile(ast.Module(statements[:-1], []), "recipe", "exec"),
        compile(ast.Expression(statements[-1].value), "recipe", "eval"),
    )


def medians(client):
    """Return n, the median and p90 of `declared to fixed` by severity."""
    frame = client.metrics(by="severity")
    rows = frame[(frame["duration"] == "declared to fixed") & (frame["n"] > 0)]
    return {row["severity"]: (row["n"], row["median"].to_pytimedelta(), row["p90"].to_pytimedelta())
            for row in rows.to_dict("records")}  # fmt: skip


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_the_recipe_for_dask_gives_the_same_medians(folders, client, monkeypatch):
    """What the help prints for Dask runs as it stands, and its medians are those of the service."""
    import dask.dataframe

    monkeypatch.chdir(folders)
    names = {"dask": dask}
    first, result = documented("dask")
    exec(first, names)
    found = eval(result, names)
    for severity, (_n, median, _p90) in medians(client).items():
        assert round(found[severity]) == median.total_seconds()


def test_the_recipe_for_spark_gives_the_same_figures(folders, client, monkeypatch):
    """What the help prints for Spark runs as it stands, and its figures are those of the service and of DuckDB."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is no java on the path")
    monkeypatch.chdir(folders)
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        names = {"spark": spark}
        first, result = documented("spark")
        exec(first, names)
        rows = eval(result, names).collect()
    finally:
        spark.stop()
    found = {row["severity"]: (row["n"], row["median"], row["p90"]) for row in rows}
    assert found == medians(client) == medians(open_export("archive"))
