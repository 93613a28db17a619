"""The training notebook's own cells, run by trainees of a class: each works with their own alerts and incidents."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from incidentio_magic import connect
from incidentio_magic.drills.practice import Practice
from incidentio_magic.errors import TrainingRefused
from incidentio_magic.sandbox import Sandbox

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04-training.ipynb"
ADVANCE = "%incidents sandbox advance "


def cells():
    """Return the trainee's cells: all before the facilitator's part."""
    found = []
    for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if source.startswith("## Facilitator"):
            return found
        if cell["cell_type"] == "code":
            found.append((source, cell["metadata"].get("tags", [])))
    raise AssertionError("the notebook has no part for facilitators")


@pytest.fixture
def school():
    """A class of five whose clock stands still."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", trainees=5, frozen=True, list_rate=100_000) as sandbox:
        yield sandbox


def play(school, run, number):
    """Run the cells as a trainee; the clock is the facilitator's to move."""
    os.environ["TRAINEE_KEY"] = school.roster.trainees[number].key
    for source, tags in cells():
        if source.startswith(ADVANCE):
            school.advance(float(source.removeprefix(ADVANCE)) * 60)
        elif source.startswith("%incidents sandbox"):
            run(f"%incidents connect --url {school.url} --key-variable TRAINEE_KEY")
        elif "raises-exception" in tags:
            with pytest.raises(TrainingRefused):
                run(source)
        else:
            run(source)


@pytest.mark.slow
def test_the_trainees_cells_work_in_a_class(school, run, monkeypatch, tmp_path):
    """While the others' alarms and incidents stand open, two of five get every point with the notebook's cells."""
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "class.jsonl"))
    monkeypatch.setenv("TRAINEE_KEY", "")
    for trainee in school.roster.trainees[2:]:
        with connect(school.url, trainee.key, training=True, ledger=tmp_path / trainee.name) as io:
            Practice(io).start("false-alarm")
            io.declare("Somebody else looks at the login", severity="Minor")
    for number in (0, 1):
        play(school, run, number)
        shell_report = run("report")
        assert shell_report["score"].sum() == shell_report["of"].sum() == 70
    with connect(school.url, school.key, ledger=tmp_path / "facilitator") as io:
        assert not set(io.incidents(mode="test", open=True)["name"]) & {"Somebody else looks at the login"}
        with io.for_everyone() as everyone:
            opened = everyone.incidents(mode="test", open=True)
        assert len(opened) >= 9  # the three others' own, two alarms and a declaration each
        assert set(opened["status"]) == {"Triage", "Investigating"}
