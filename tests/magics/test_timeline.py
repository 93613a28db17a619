"""%incidents timeline: what is typed, what is said beside the frame, and how the frame looks."""

from __future__ import annotations

import pytest

from incidentio_magic.errors import InputError, UnknownName
from incidentio_magic.magics.tables import as_html, as_text
from incidentio_magic.magics.timeline import summary_lines


@pytest.fixture
def printed(run, capsys):
    """Run a cell and return what it printed."""

    def printed(cell):
        run(cell)
        return capsys.readouterr().out.splitlines()

    return printed


def test_the_line_says_what_was_read(printed):
    """A timeline says below the cell which sources were read, with how many records, and which were empty."""
    (line,) = printed("%incidents timeline INC-291 --out story")
    read, _, empty = line.partition("; ")
    assert read.startswith("Read: timeline (1), activity (22), updates (3), escalations (1), alerts (1), actions (2),")
    assert read.endswith("timestamps (4), calls (1)")
    assert empty == "empty: follow_ups, postmortems."


def test_it_never_looks_complete_when_it_is_not(printed, sandbox):
    """What could not be read, or was not asked for, is said before anything else."""
    sandbox.fault(kind="malformed", endpoint="GET /v2/escalations")
    lines = printed("%config IncidentMagics.max_wait = 0.0\ndf = %incidents timeline INC-291")
    assert lines[0].startswith("Incomplete: escalations failed (")
    assert lines[0].endswith(").")
    lines = printed("df = %incidents timeline INC-291 --sources timeline,calls --since 18:00 --curated")
    assert lines == ["Incomplete: only timeline, calls were requested.", "Read: timeline (1), calls (1)."]


def test_backdated_items_and_streams_are_said():
    """What was written down late, and what came from streams, has its own line."""
    assert summary_lines(
        {
            "sources": {"calls": {"state": "empty", "records": 0, "why": ""}},
            "backdated": ["A", "B"],
            "streams": ["INC-8"],
        }
    ) == [
        "Read: nothing; empty: calls.",
        "Backdated: 2, recorded more than 5 minutes after they happened (see recorded_at).",
        "Also from its streams: INC-8.",
    ]


def test_the_frame_is_the_client_s(run):
    """The cell's value is the client's frame, with the filters that were typed."""
    frame = run("%incidents timeline INC-291 --kind status,page --until 18:30")
    assert list(frame["kind"]) == ["page"]
    run("%incidents use INC-291")
    whole = run("%incidents timeline")
    assert whole.attrs["incident"] == "INC-291"
    assert len(whole) > len(frame)
    assert run("%incidents timeline --out story") is None
    assert run("len(story)") == len(whole)


def test_nothing_fits(printed):
    """A filter that leaves nothing says so."""
    assert printed("df = %incidents timeline INC-291 --kind postmortem")[-1] == "No event matches."


def test_private_texts_are_asked_for(run):
    """A private incident's texts are masked unless --show-private asks for them."""
    assert set(run("%incidents timeline INC-297")["title"]) == {"🔒 private"}
    assert "🔒 private" not in set(run("%incidents timeline INC-297 --show-private")["title"])


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        ("%incidents timeline", InputError, "%incidents use"),
        ("%incidents timeline INC-291 --kind stats", UnknownName, "did you mean status?"),
        ("%incidents timeline INC-291 --sources updats", UnknownName, "did you mean updates?"),
        ("%incidents timeline INC-291 --sorces updates", InputError, "did you mean --sources?"),
        ("%incidents timeline INC-291 --since later", InputError, "14:05"),
    ],
)
def test_what_cannot_be_understood(run, line, error, hint):
    """A mistake is an error with the nearest right thing."""
    with pytest.raises(error) as raised:
        run(line)
    assert hint in raised.value.hint


def test_help(printed):
    """--help explains every option."""
    text = "\n".join(printed("%incidents timeline --help"))
    assert all(
        option in text
        for option in ("--sources", "--since", "--until", "--kind", "--curated", "--show-private", "--out", "REF")
    )


def test_the_display_is_readable(run):
    """A line of the table tells when, what and in which status; the other columns are named, and nothing is lost."""
    frame = run("%incidents timeline INC-291 --kind status,page,alert")
    text = as_text(frame, 140)
    assert text.splitlines()[0].split() == [
        "at",
        "(UTC)",
        "elapsed",
        "kind",
        "title",
        "status",
        "severity",
        "actor",
        "detail",
    ]
    assert "-0:03:47" in text
    assert "+0:06:28" in text
    html = as_html(frame)
    assert "<th" in html
    assert "recorded_at" in html.rpartition("(+ ")[2]
    assert "entry_id" not in html.partition("(+ ")[0]
    some = frame[["at", "entry_id", "url"]]
    assert as_text(some, 140).splitlines()[0].split() == ["at", "(UTC)", "entry_id", "url"]
    assert len(frame.columns) == 19
