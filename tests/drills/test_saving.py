"""Scores in a file, to compare sessions."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pandas as pd
import pytest

from incidentio_magic.api.models.drill import Drill
from incidentio_magic.drills.reading import scenario
from incidentio_magic.drills.saving import COLUMNS, save
from incidentio_magic.drills.scoring import VERSION, Result
from incidentio_magic.errors import InputError

START = datetime(2026, 1, 15, 14, tzinfo=UTC)
RESULTS = (Result("declared", "in time", "=1+1", START, 20, 20, ""), Result("updated", "no", "none", None, 0, 10, "x"))


def drill(identity, name="Ada"):
    """Return a drill that has ended."""
    return msgspec.convert(
        {"id": identity, "name": "bad-deploy", "key": {"id": "K", "name": name}, "document": {}, "started_at": START,
         "now": START, "ended_at": START, "incident_ids": [], "feed": []},
        Drill,
    )  # fmt: skip


def test_a_session_is_added_once(tmp_path):
    """Each expectation is a row; another session is added behind, one that is there already is not."""
    path = tmp_path / "scores.csv"
    chosen = scenario("bad-deploy")
    assert save([(drill("D1"), chosen, RESULTS), (drill("D2", "Bob"), chosen, RESULTS)], str(path)) == 4
    assert save([(drill("D1"), chosen, RESULTS), (drill("D3"), chosen, RESULTS)], str(path)) == 2
    frame = pd.read_csv(path)
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["drill_id"]) == ["D1", "D1", "D2", "D2", "D3", "D3"]
    assert set(frame["scenario"]) == {chosen.digest}
    assert set(frame["rules"]) == {VERSION}
    assert frame.groupby("drill_id")["score"].sum().to_list() == [20, 20, 20]


def test_another_version_of_a_scenario_is_told_apart():
    """The digest differs as soon as anything in the scenario does."""
    chosen = scenario("bad-deploy")
    assert replace(chosen, minutes=chosen.minutes).digest == chosen.digest
    assert replace(chosen, minutes=41).digest != chosen.digest


def test_a_spreadsheet_runs_nothing(tmp_path):
    """Names and findings that look like formulas are texts."""
    path = tmp_path / "scores.csv"
    save([(drill("D1", "=HYPERLINK(1)"), scenario("bad-deploy"), RESULTS)], str(path))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["trainee"] == "'=HYPERLINK(1)"
    assert rows[0]["found"] == "'=1+1"


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "\xff\xfe".encode("latin-1")])
def test_another_file_is_left_alone(tmp_path, content):
    """A table of another kind, or no table at all, is not written to."""
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"has other columns|cannot be written"):
        save([(drill("D1"), scenario("bad-deploy"), RESULTS)], str(path))
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="cannot be written"):
        save([], str(tmp_path / "missing" / "scores.csv"))
