"""How frames look, as text and as HTML; and that they are as ordinary as any other frame."""

from __future__ import annotations

import io
import json

import duckdb
import openpyxl
import pandas as pd
import pytest

from incidentio_magic import for_excel
from incidentio_magic.frames import made as mark
from incidentio_magic.magics.tables import as_html, as_text


def frame(**columns):
    """Return a frame that looks like one of ours."""
    made = pd.DataFrame(columns)
    made.attrs = mark(made)
    return made


def test_text_fits_the_width():
    """No line is longer than the terminal, and columns that do not fit are named."""
    wide = frame(reference=["INC-1"], name=["n" * 200], **{f"column_{number}": ["x" * 30] for number in range(9)})
    lines = as_text(wide, 80).splitlines()
    assert all(len(line) <= 80 for line in lines[:-1])
    assert lines[-1].startswith("(+ ")
    assert "column_8" in lines[-1]


def test_nothing_is_left_out_where_there_is_room():
    """With room for everything, everything is there."""
    assert as_text(frame(a=[1, 2], b=["x", None]), 80) == "a  b\n1  x\n2"


def test_empty_frame():
    """An empty frame is a word, in both forms."""
    assert as_text(frame(a=[]), 80) == "(no rows)"
    assert as_html(frame(a=[])) == "<div>(no rows)</div>"


def test_many_rows_are_counted():
    """Of many rows the first are shown, and the others counted."""
    assert as_text(frame(a=range(100)), 80).endswith("… and 40 more rows")
    assert "… and 40 more rows" in as_html(frame(a=range(100)))


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "<b>x</b>"])
def test_html_is_escaped(text):
    """What the service says never becomes markup: not in a cell, not in a name, not in a link."""
    html = as_html(frame(reference=[text], name=[text], permalink=[f"https://x/{text}"], **{text: ["x"]}))
    assert text not in html
    assert "<script" not in html
    assert "<img" not in html


def test_only_https_becomes_a_link():
    """A link with another scheme stays text."""
    html = as_html(frame(reference=["INC-1"], permalink=["javascript:alert(1)"], url=["http://x"]))
    assert "<a" not in html
    assert '<a href="https://x"' in as_html(frame(reference=["INC-1"], permalink=["https://x"]))


def test_other_frames_are_untouched(shell):
    """Frames of the user's own look as always."""
    own = pd.DataFrame({"a": [1]})
    shown, _ = shell.display_formatter.format(own)
    assert shown["text/plain"] == repr(own)
    assert shown["text/html"] == own._repr_html_()


def test_times_name_their_zone():
    """A column of times says its zone once, in its title; in other columns each time does."""
    moment = pd.Timestamp("2026-01-15T14:00:05Z")
    assert as_text(frame(at=[moment]), 80) == "at (UTC)\n2026-01-15 14:00:05"
    mixed = frame(value=pd.Series([moment, "x"], dtype=object))
    assert "2026-01-15 14:00 UTC" in as_text(mixed, 80)


def test_what_was_computed_keeps_its_labels(shell):
    """A frame computed from one of ours is shown with its row labels."""
    computed = frame(a=[1.0, 2.0, 4.0]).describe()
    shown, _ = shell.display_formatter.format(computed)
    assert "mean" in shown["text/plain"]
    assert "mean" in shown["text/html"]


def test_control_characters_never_reach_a_terminal():
    """No control sequence gets through, neither from a cell nor from a column's name."""
    text = as_text(frame(**{"a\x1b[31m": ["\x1b]0;title\x07x"]}), 80)
    assert "\x1b" not in text
    assert "\x07" not in text


FRAMES = {
    "open": "%incidents",
    "list": "%incidents list --limit 5",
    "wide": "%incidents list --limit 5 --wide",
    "columns": "%incidents list --limit 5 --columns reference,severity,created_at",
    "none": "%incidents list --type Security --mode tutorial",
    "show": "%incidents show INC-291 INC-293",
    "updates": "%incidents updates INC-291",
    "timeline": "%incidents timeline INC-291",
    "metrics": "%incidents metrics --by severity",
    "each": "%incidents metrics --each",
    "severities": "%incidents severities",
    "statuses": "%incidents statuses",
    "types": "%incidents types",
    "roles": "%incidents roles",
    "fields": "%incidents fields",
    "timestamps": "%incidents timestamps",
    "users": "%incidents users",
    "whoami": "%incidents whoami",
    "doctor": "%incidents doctor",
    "log": "%incidents log",
    "drills": "%incidents drill list",
    "on call": "%incidents oncall",
    "pages": "%incidents pages --since 30d",
    "pages of one": "%incidents pages INC-299",
    "alerts": "%incidents alerts --since 30d",
    "follow-ups": "%incidents follow_ups",
    "follow-ups counted": "%incidents follow_ups --status all --by team",
    "actions": "%incidents actions",
    "similar": "%incidents similar INC-291",
    "searched": "%incidents list --search certificate",
    "several timelines": "%incidents timeline INC-291 INC-299",
    "load": "%incidents load --by month",
    "paging": "%incidents metrics --pages",
    "compared": "%incidents metrics --by quarter --compare 2025-Q3,2025-Q4",
    "status page": "%incidents status-page",
    "any endpoint": "%incidents api GET /v2/users",
    "teams": "%incidents teams",
    "schedules": "%incidents schedules",
    "escalation paths": "%incidents escalation_paths",
    "alert sources": "%incidents alert_sources",
}
WRITES = {  # what these return is shown as a sentence, or as Markdown
    "handover": "%incidents handover",
    "receipt": "%incidents edit INC-291 --severity Major --quiet",
    "dry run": "%incidents edit INC-291 --severity Moderate --dry-run --quiet",
}


def shown(shell, frame):
    """Return a frame as text and as HTML, as the front end gets it."""
    bundle, _metadata = shell.display_formatter.format(frame)
    return bundle["text/plain"], bundle["text/html"]


@pytest.fixture(params=FRAMES)
def made(request, run):
    """Each frame that a magic makes."""
    run("%incidents edit INC-291 --severity Minor --quiet")
    return run(FRAMES[request.param])


@pytest.fixture(params=FRAMES | WRITES)
def any_frame(request, run):
    """Each frame that a magic makes, what a write returns among them."""
    run("%incidents edit INC-291 --severity Minor --quiet")
    return run((FRAMES | WRITES)[request.param])


def test_a_frame_as_made_has_its_own_look(made, shell):
    """Every frame is shown in the look of this project, and all its columns are named in both forms."""
    text, html = shown(shell, made)
    assert 'class="dataframe"' not in html
    if len(made):
        names = [str(name) for name in made.columns if name != "permalink"]
        assert not [name for name in names if name not in html]
        assert not [name for name in names if name not in text]


@pytest.mark.slow
def test_a_frame_is_stored_and_read_again(any_frame, tmp_path, recwarn):
    """Every frame is written as Parquet, Feather, JSON, CSV, Excel and pickle without a warning; its attrs are JSON."""
    json.dumps(any_frame.attrs)
    any_frame.to_parquet(tmp_path / "frame.parquet")
    assert pd.read_parquet(tmp_path / "frame.parquet").columns.tolist() == any_frame.columns.tolist()
    plain = any_frame.reset_index() if any_frame.index.name else any_frame
    plain.to_feather(tmp_path / "frame.feather")
    any_frame.to_json(tmp_path / "frame.json", date_format="iso", orient="split")
    pd.read_csv(io.StringIO(any_frame.to_csv()))
    for_excel(any_frame).to_excel(tmp_path / "frame.xlsx", index=bool(any_frame.index.name))
    sheet = openpyxl.load_workbook(tmp_path / "frame.xlsx").active
    assert sheet.max_row == len(any_frame) + 1
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}  # no formula
    any_frame.to_pickle(tmp_path / "frame.pickle")
    pd.testing.assert_frame_equal(pd.read_pickle(tmp_path / "frame.pickle"), any_frame)
    assert not [str(warning.message) for warning in recwarn]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Series.values returning an ndarray that drops timezone")  # polars' own
def test_a_frame_is_computed_with(any_frame, shell):
    """Every frame is copied, joined, merged, queried, grouped, styled, and taken by DuckDB, polars and itables."""
    import itables
    import polars as pl

    pd.testing.assert_frame_equal(any_frame.copy(), any_frame)
    assert len(pd.concat([any_frame, any_frame])) == 2 * len(any_frame)
    plain = any_frame.reset_index() if any_frame.index.name else any_frame
    first = plain.columns[0]
    assert len(plain.query(f"`{first}` == `{first}`")) <= len(plain)
    assert len(plain.merge(plain, left_index=True, right_index=True)) == len(plain)
    plain.groupby(first, observed=True).size()
    assert duckdb.sql("SELECT count(*) FROM plain").fetchall() == [(len(plain),)]
    assert plain.style.to_html()
    assert pl.from_pandas(plain).shape == plain.shape
    html = itables.to_html_datatable(any_frame, connected=True)
    assert not [str(name) for name in any_frame.columns if str(name) not in html]


CHANGES = {
    "renamed": lambda frame: frame.rename(columns={frame.columns[0]: "another name"}),
    "upper-cased": lambda frame: frame.rename(columns=str.upper),
    "added": lambda frame: frame.assign(added=1),
    "dropped": lambda frame: frame.drop(columns=frame.columns[-1]),
    "beside itself": lambda frame: pd.concat([frame, frame], axis=1),
    "a list in a cell": lambda frame: frame.assign(added=[[1, {"a": 2}]] * len(frame)),
    "a dict in a column": lambda frame: frame.assign(**{frame.columns[0]: [{"a": 1}] * len(frame)}),
    "numbers": lambda frame: frame.assign(elapsed=1.5),
    "transposed": lambda frame: frame.T,
    "two levels": lambda frame: pd.concat({"a": frame}, axis=1),
    "described": lambda frame: frame.describe(),
    "counted": lambda frame: frame.groupby(frame.columns[0], observed=True).size().to_frame(),
    "objects": lambda frame: frame.astype(object),
    "numbered columns": lambda frame: frame.set_axis(range(frame.shape[1]), axis=1),
}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["list", "wide", "timeline", "metrics", "users"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_frame_is_shown_by_pandas(run, shell, change, command):
    """What a user made of a frame is shown as any frame, in text and HTML, every column included."""
    changed = CHANGES[change](run(FRAMES[command]))
    with pd.option_context("display.max_columns", None, "display.width", 10_000):
        text, html = shown(shell, changed)
        assert html == changed._repr_html_()
        assert text == repr(changed)


def test_rows_that_were_picked_keep_the_look(run, shell):
    """Fewer rows, or rows in another order, are still the frame that was made."""
    frame = run("%incidents list --limit 5")
    for picked in (frame.head(2), frame[frame["severity"].notna()], frame.sort_values("name"), frame.copy()):
        assert 'class="dataframe"' not in shown(shell, picked)[1]


def test_a_value_of_any_kind_in_a_cell(shell):
    """A list, a dict or an array in a column of objects is shown."""
    odd = frame(a=pd.Series([[1, 2], {"a": 1}, pd.Series([1]), None, pd.NA, "x"], dtype=object))
    text, html = shown(shell, odd)
    assert "[1, 2]" in text
    assert "{&#x27;a&#x27;: 1}" in html


def test_what_cannot_be_shown_in_our_look_is_shown_by_pandas(shell):
    """A value whose text fails in our look does not end in a traceback."""

    class Odd:
        def __str__(self):
            raise ValueError("no text")

        def __repr__(self):
            return "odd"

    odd = frame(a=pd.Series([Odd()], dtype=object))
    _bundle, metadata = shell.display_formatter.format(frame(a=[1]))
    assert metadata == {}
    assert as_text(frame(a=["x"]), 80) == "a\nx"
    with pytest.raises(ValueError, match="no text"):
        as_text(odd, 80)


def test_display_options_work(shell):
    """pandas' options for rows, columns and widths hold for these frames, too."""
    long = frame(a=range(100), **{f"column_{number}": ["x" * 90] * 100 for number in range(25)})
    with pd.option_context("display.max_rows", None):
        text, html = shown(shell, long)
        assert html.count("<tr>") == 101
        assert "more rows" not in text + html
    with pd.option_context("display.max_rows", 7):
        text, html = shown(shell, long)
        assert html.count("<tr>") == 8
        assert "… and 93 more rows" in text
        assert "… and 93 more rows" in html
    with pd.option_context("display.max_columns", 3):
        html = shown(shell, long)[1]
        assert html.count("<th ") == 3
        assert "column_24" in html.rpartition("</table>")[2]
    with pd.option_context("display.max_colwidth", 12):
        text, html = shown(shell, long)
        assert "x" * 12 not in text + html
        assert "x" * 11 + "…" in html
    with pd.option_context("display.max_colwidth", None):
        assert "x" * 150 in shown(shell, frame(a=["x" * 150]))[0]


def test_all_columns_where_all_are_asked_for(run, shell):
    """The columns that a wide timeline sets aside are shown where the user wants every column."""
    frame = run("%incidents timeline INC-291")
    with pd.option_context("display.max_columns", None):
        assert "(+ " not in shown(shell, frame)[1]
    assert "(+ " in shown(shell, frame)[1]


def test_an_extension_that_shows_all_frames_shows_these(shell, monkeypatch):
    """Where another extension has taken over the HTML of all frames, it shows these as well."""

    def interactive(_frame):
        return "<interactive>"

    interactive.__module__ = "itables.javascript"
    monkeypatch.setattr(pd.DataFrame, "_repr_html_", interactive)
    assert shown(shell, frame(a=[1]))[1] == "<interactive>"


def test_severities_are_marked_by_their_rank(run, shell):
    """The most severe stand out, by more than a colour; headings stand out, too."""
    frame = run("%incidents list --limit 50")
    html = shown(shell, frame)[1]
    worst = frame["severity"].cat.categories[-1]
    assert f'font-weight:700">{worst}</span>' in html
    assert '<th style="text-align:left;vertical-align:top;font-weight:600' in html
