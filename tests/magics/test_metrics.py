"""%incidents metrics in a shell."""

from __future__ import annotations

import pytest

from incidentio_magic import connect, errors


def test_metrics_say_what_they_rest_on(run, capsys):
    """The frame comes with a line that names the timestamps used."""
    frame = run("%incidents metrics --by severity --since 365d")
    printed = capsys.readouterr().out
    assert list(frame["duration"].unique())[:3] == [
        "declared to accepted",
        "declared to fixed",
        "declared to closed",
    ]
    assert "declared is 'Reported at', accepted is 'Accepted at', fixed is 'Fixed at', closed is 'Closed at'" in printed
    assert "--define explains every figure" in printed


def test_define(run, capsys):
    """Every duration and column is defined on request."""
    frame = run("%incidents metrics --define")
    printed = capsys.readouterr().out
    for name in (*frame["duration"], "n", "median", "p90", "mean", "open", "excluded"):
        assert f"\n{name}: " in f"\n{printed}"


@pytest.mark.slow
def test_options_reach_the_client(run, capsys):
    """Groupings by field, pairs, meanings, hours and single durations can be typed."""
    frame = run(
        '%incidents metrics --by month --by "Affected service" --pair "Reported at..Identified at" '
        '--meaning "fixed=Resolved at" --as-of declaration --business-hours "Mon-Fri 09:00-17:00"'
    )
    assert list(frame.columns[:3]) == ["month", "field.Affected service", "duration"]
    assert "Reported at to Identified at" in set(frame["duration"])
    assert "left out" in capsys.readouterr().out
    several = run("%incidents metrics --by month,severity")
    assert list(several.columns[:3]) == ["month", "severity", "duration"]
    single = run("%incidents metrics --each --severity Critical")
    assert {"reference", "lasted", "outcome"} <= set(single.columns)


def test_one_incident(run, capsys):
    """One incident is told as one."""
    frame = run("%incidents metrics --severity Critical --since 3d")
    assert list(frame["n"] + frame["open"] + frame["excluded"]) == [1] * len(frame)
    assert "Of 1 incident:" in capsys.readouterr().out


def test_nothing_fits(run, capsys):
    """Where no incident fits, the line says so, and the frame is empty."""
    assert run("%incidents metrics --since 2030-01-01").empty
    assert "No incident matches." in capsys.readouterr().out


def test_a_wrong_grouping_is_an_error(run):
    """An unknown grouping stops the cell, with a close match."""
    with pytest.raises(errors.UnknownName, match="sevrity") as wrong:
        run("%incidents metrics --by sevrity")
    assert "severity" in wrong.value.hint


def test_completion(shell, run):
    """Tab offers the subcommand, its options, and what to group by; fields once they are known."""
    magics = shell.magics_manager.registry["IncidentMagics"]
    assert magics.completion.complete("%incidents metr")[1] == ["metrics"]
    assert "--business-hours" in magics.completion.complete("%incidents metrics --b")[1]
    assert magics.completion.complete("%incidents metrics --by s")[1] == ["severity"]
    run("%incidents fields")
    assert magics.completion.complete("%incidents metrics --by 'Owning")[1] == ["'Owning team'"]


@pytest.mark.slow
def test_export(run, capsys, tmp_path):
    """An export says as of when it is complete, and returns what it did; run again, it adds nothing."""
    frame = run(f"%incidents export {tmp_path}/x --severity Critical --format csv --no-updates")
    captured = capsys.readouterr()
    assert "Complete as of 2026-01-15 14:00:0" in captured.out
    assert list(frame["dataset"]) == ["incidents"]
    assert frame.loc[0, "added"] == frame.loc[0, "rows"] > 20
    again = run(f"%incidents export {tmp_path}/x --severity Critical --format csv --no-updates")
    assert again.loc[0, "added"] == 0
    with pytest.raises(errors.InputError, match="with the filters severity Critical, and severity Major was requested"):
        run(f"%incidents export {tmp_path}/x --severity Major --format csv --no-updates")


@pytest.mark.slow
@pytest.mark.parametrize("filters", [{}, {"severity": ["Critical", "Major"], "field": {"Owning team": "Search"}}])
def test_an_export_goes_on_from_python(run, sandbox, tmp_path, filters):
    """What was begun by a cell is brought up to date from Python; nothing is asked for twice."""
    typed = '--severity Critical,Major --field "Owning team=Search"' if filters else ""
    run(f"%incidents export {tmp_path}/x --format csv --no-updates {typed}")
    before = len(sandbox.requests)
    with connect(sandbox.url, sandbox.key) as client:
        reported = client.export(tmp_path / "x", format="csv", updates=False, progress=False, **filters)
    assert reported.loc[0, "added"] == 0 < reported.loc[0, "rows"]
    asked = [request for request in sandbox.requests[before:] if request["path"] == "/v2/incidents"]
    assert len(asked) == (2 if filters else 1)  # with filters also what changed and no longer fits


def test_completion_of_export(shell):
    """Tab offers the formats."""
    magics = shell.magics_manager.registry["IncidentMagics"]
    assert magics.completion.complete("%incidents export x --format ")[1] == ["parquet", "csv"]
    assert "--no-updates" in magics.completion.complete("%incidents export x --no-u")[1]


def test_open_incidents_can_count_for_as_long_as_they_have_lasted(run, capsys):
    """--with-open adds the estimates and says on request what they mean."""
    frame = run("%incidents metrics --since 90d --with-open")
    assert {"km.median", "km.median.low", "km.p90.high", "km.at_risk"} <= set(frame.columns)
    fixed = frame[frame["duration"] == "declared to fixed"].iloc[0]
    assert fixed["km.median"] >= fixed["median"]
    run("%incidents metrics --since 90d --with-open --define")
    assert "Kaplan-Meier" in capsys.readouterr().out


def test_two_quarters_are_compared(run):
    """--compare says how much the medians differ, and whether that is more than chance."""
    frame = run("%incidents metrics --since 365d --by quarter --compare 2025-Q3,2025-Q4")
    assert list(frame["first"].unique()) == ["2025-Q3"]
    fixed = frame[frame["duration"] == "declared to fixed"].iloc[0]
    assert fixed["n.first"] > 20
    assert fixed["low"] <= fixed["difference"] <= fixed["high"]
    assert fixed["finding"] in {"no clear difference", "longer in 2025-Q4", "shorter in 2025-Q4"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--by quarter --compare 2025-Q3", "names one group"),
        ("--compare 2025-Q3,2025-Q4", "one grouping"),
        ("--by quarter --compare 2025-Q3,2025-Q9", "2025-Q9"),
        ("--by quarter --compare 2025-Q3,2025-Q4 --each", "different things"),
        ("--counts --by severity", "is not a period"),
    ],
)
def test_what_cannot_be_compared_or_counted_is_an_error(run, line, message):
    """The error names what is wrong and what there is."""
    with pytest.raises(errors.InputError, match=message):
        run(f"%incidents metrics --since 365d {line}")


def test_counts_come_with_control_limits(run, capsys):
    """--counts has every month, and a line says which of them chance does not explain."""
    frame = run("%incidents metrics --counts --since 365d")
    assert list(frame["period"]) == sorted(frame["period"])
    assert (frame["lower"] <= frame["mean"]).all()
    assert "control limits" in capsys.readouterr().out
    assert run("%incidents metrics --counts --by week --since 60d")["period"].str.contains("-W").all()


def test_grouping_by_lead(run):
    """The lead is a grouping; incidents without one are a group."""
    frame = run("%incidents metrics --since 90d --by lead")
    assert frame["lead"].nunique() > 3
