"""A frame as an Excel sheet: what is read back is what was shown, and nobody's words become a formula."""

from __future__ import annotations

from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest

from incidentio_magic import for_excel


@pytest.fixture
def written(tmp_path):
    """Write a frame as the documentation says, and return the rows of the sheet."""

    def written(frame):
        for_excel(frame).to_excel(tmp_path / "a.xlsx", index=False)
        sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
        return [list(row) for row in sheet.values]

    return written


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def test_times_keep_their_wall_clock_and_their_zone_moves_to_the_title(written, zone):
    """pandas refuses times with a zone; the title names it, so that none is lost."""
    moment = pd.Timestamp("2026-01-15T14:00:05", tz=zone)
    frame = pd.DataFrame({"at": [moment, pd.NaT]})
    assert written(frame) == [[f"at ({zone})"], [datetime(2026, 1, 15, 14, 0, 5)], [None]]  # noqa: DTZ001  a sheet's
    assert frame["at"].dt.tz is not None


def test_durations_are_minutes(written):
    """Excel would show a duration as a fraction of a day; minutes can be read and computed with."""
    frame = pd.DataFrame({"elapsed": pd.to_timedelta(["90s", None])})
    assert written(frame) == [["elapsed (min)"], [1.5], [None]]


def test_texts_are_texts(written):
    """Neither a formula nor a character that Excel refuses gets through; what is too long says that it is cut."""
    frame = pd.DataFrame({"name": ['=HYPERLINK("https://evil.example")', "a\x00\x1bb", "-1", "x" * 40_000, None]})
    _title, formula, control, dash, long, missing = (row[0] for row in written(frame))
    assert formula == """'=HYPERLINK("https://evil.example")"""
    assert (control, dash, missing) == ("ab", "-1", None)
    assert len(long) == 32_767
    assert long.endswith("(cut: a cell of Excel holds 32,767 characters)")


def test_mixed_values_and_other_types(written):
    """A column of anything, as `show` has it, categories, numbers and missing values are written as they are shown."""
    moment = pd.Timestamp(datetime(2026, 1, 15, 14, 0, 5, tzinfo=UTC))
    frame = pd.DataFrame(
        {
            "value": pd.Series([moment, 3, [1, "a"], None], dtype=object),
            "severity": pd.Categorical(["Minor", "Major", None, "Minor"], ordered=True),
            "count": pd.array([1, None, 3, 4], dtype="Int64"),
            "ok": pd.array([True, None, False, True], dtype="boolean"),
        }
    )
    assert written(frame)[1:] == [
        ["2026-01-15 14:00:05 UTC", "Minor", 1, True],
        [3, "Major", None, None],
        ["[1, 'a']", None, 3, False],
        [None, "Minor", 4, True],
    ]


def test_empty_frames_and_columns_of_one_name(written):
    """An empty frame is its titles; two columns of one name stay two."""
    assert written(pd.DataFrame({"at": pd.to_datetime([], utc=True)})) == [["at (UTC)"]]
    assert for_excel(pd.DataFrame()).empty
    twice = pd.DataFrame([[1, "="]], columns=["a", "a"])
    assert written(twice) == [["a", "a"], [1, "'="]]


def test_an_index_is_written_like_a_column(tmp_path):
    """The row labels of a frame, times among them, are written too."""
    frame = pd.DataFrame({"a": [1]}, index=pd.DatetimeIndex(["2026-01-15T14:00:05Z"], name="at"))
    for_excel(frame).to_excel(tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [list(row) for row in sheet.values][1] == [datetime(2026, 1, 15, 14, 0, 5), 1]  # noqa: DTZ001  a sheet's


def test_a_title_is_no_formula(written):
    """A column that somebody has named like a formula is read back by its name, with an apostrophe in front."""
    assert written(pd.DataFrame({"=1+1": ["a"]})) == [["'=1+1"], ["a"]]
