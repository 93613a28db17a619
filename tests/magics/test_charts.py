"""--plot in a shell: a chart in place of the frame.

Serves `client/plotting.py`.
"""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.frames import MASK
from incidentio_magic.plots import chart


@pytest.mark.slow
def test_a_timeline_is_drawn(run, capsys):
    """The cell's value is the chart, its frame the timeline, and what was read is still said."""
    drawn = run("%incidents timeline INC-291 --plot")
    printed = capsys.readouterr().out
    assert repr(drawn).startswith("INC-291 · Search lost its replica in us-west: 25 events")
    assert drawn.frame.equals(run("%incidents timeline INC-291"))
    assert "Read: timeline" in printed
    assert drawn.png().startswith(b"\x89PNG")


def test_options_and_the_time_zone_reach_the_chart(run):
    """Filters and the configured time zone hold for the chart as well."""
    run("%config IncidentMagics.timezone = 'Europe/Berlin'")
    drawn = run("%incidents timeline INC-291 --kind page,acknowledgement --plot")
    assert set(drawn.frame["kind"]) == {"page", "acknowledgement"}
    assert "19:06:28 CET" in repr(drawn)


@pytest.mark.slow
def test_the_notebook_s_own_series_are_drawn(run):
    """--with names variables of the notebook, and means --plot."""
    run(
        "import pandas as pd\ntimes = pd.date_range('2026-01-14T18:00Z', periods=60, freq='min')\n"
        "rate = pd.Series(range(60), index=times)\nload = pd.DataFrame({'cpu': 1.0}, index=times)"
    )
    drawn = run("%incidents timeline INC-291 --with rate --with load")
    assert '"rate"' in repr(drawn.spec).replace("'", '"')
    assert '"cpu"' in repr(drawn.spec).replace("'", '"')


def test_an_unknown_variable_is_named(run):
    """A typo in the variable's name offers the nearest."""
    run("error_rate = 1")
    with pytest.raises(errors.InputError) as caught:
        run("%incidents timeline INC-291 --with eror_rate")
    assert caught.value.hint == "did you mean error_rate?"


@pytest.mark.slow
def test_private_texts_stay_masked(run):
    """The chart of a private incident shows its mask, and its text on request."""
    hidden = run("%incidents timeline INC-297 --plot")
    assert MASK in repr(hidden.spec)
    assert "CONFIDENTIAL" not in repr(hidden.spec)
    assert "CONFIDENTIAL" in repr(run("%incidents timeline INC-297 --plot --show-private").spec)


@pytest.mark.slow
def test_a_source_that_failed_is_said_in_the_chart(run, sandbox):
    """A chart never looks complete when it is not."""
    sandbox.fault("status", endpoint="GET /v2/escalations", status=503)
    run("%config IncidentMagics.max_wait = 0")
    assert "Incomplete: escalations failed" in str(run("%incidents timeline INC-291 --plot").spec["title"]["subtitle"])


@pytest.mark.slow
def test_metrics_are_drawn(run):
    """Without groupings the chart is by month and severity; with them as asked."""
    drawn = run("%incidents metrics --since 365d --plot")
    assert list(drawn.frame.columns[:2]) == ["month", "severity"]
    assert list(run("%incidents metrics --by type --plot").frame.columns[:2]) == ["type", "duration"]


def test_out_takes_the_chart(run):
    """--out assigns the chart and displays nothing."""
    assert run("%incidents metrics --plot --out drawn") is None
    assert run("type(drawn).__name__") == "Chart"


def test_single_durations_are_not_drawn(run):
    """--each and --plot contradict each other."""
    with pytest.raises(errors.InputError, match="--each, --compare, --counts and --plot"):
        run("%incidents metrics --each --plot")


@pytest.mark.parametrize("line", ["timeline INC-291 --plot", "metrics --plot"])
def test_a_missing_extra_is_told_before_anything_is_read(run, sandbox, monkeypatch, line):
    """Without the package that draws, no request is made."""
    monkeypatch.setattr(chart, "find_spec", lambda _name: None)
    before = len(sandbox.requests)
    with pytest.raises(errors.SettingsError) as caught:
        run(f"%incidents {line}")
    assert "incidentio-magic[plot]" in caught.value.hint
    assert len(sandbox.requests) == before


def test_in_python(shell, run):
    """The client draws the same, of one series or of several by name."""
    run("from incidentio_magic import connect\nimport pandas as pd\nio = connect()")
    run("rate = pd.Series(range(60), index=pd.date_range('2026-01-14T18:00Z', periods=60, freq='min'))")
    run("single = io.plot_timeline('INC-291', series=rate)")  # assigned: to draw each would take longest
    run("renamed = io.plot_timeline('INC-291', series=rate.rename('errors'))")
    run("named = io.plot_timeline('INC-291', series={'mine': rate})")
    run("by_type = io.plot_metrics(by='type')")
    drawn = shell.user_ns
    assert "series" in repr(drawn["single"].spec)
    assert "errors" in repr(drawn["renamed"].spec)
    assert "mine" in repr(drawn["named"].spec)
    assert list(drawn["by_type"].frame.columns[:1]) == ["type"]


@pytest.mark.slow
def test_several_incidents_in_one_chart(run, capsys):
    """Each incident has a lane and a band of its status; what was read is said once."""
    chart = run("%incidents timeline INC-284 INC-285 --plot")
    lines = capsys.readouterr().out
    assert lines.count("Read: ") == 1
    spec = chart.spec
    assert spec["title"]["text"] == "INC-284, INC-285"
    assert "INC-285 · Checkout lost its replica in eu-west" in spec["title"]["subtitle"]
    bands, events = spec["vconcat"][:2]
    assert {row["row"] for row in bands["data"]["values"]} == {"INC-284", "INC-285"}
    lanes = next(layer for layer in events["layer"] if layer["mark"].get("align") == "right")
    assert [row["lane"] for row in lanes["data"]["values"]] == ["INC-284", "INC-285"]
    assert chart.png().startswith(b"\x89PNG")
    frame = run("%incidents timeline INC-284 INC-285")
    assert frame.equals(chart.frame)
