"""The sentences that say what figures mean, and what a reader must know to judge them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from incidentio_magic.api.models import IncidentTimestamp
from incidentio_magic.metrics import BusinessHours, Duration, milestones
from incidentio_magic.metrics.words import definitions, notes

FIX = Duration("declared to fixed", "T1", "T2", "Reported at", "Fixed at")
METRIC = Duration("Time to fix", metric="M1")


def stamps(*names):
    """Return timestamps with these names."""
    return [IncidentTimestamp(f"ID{number}", name, number) for number, name in enumerate(names)]


def meanings(timestamps=(), **options):
    """Return what the columns mean."""
    given = {"timezone": "Europe/Berlin", "business": None, "same": {}, **options}
    return definitions([FIX, METRIC], milestones(timestamps, {}), **given)


@pytest.mark.parametrize(
    ("names", "moment"),
    [
        (["Reported at"], "its timestamp 'Reported at', else when it was created"),
        (["Fixed at"], "when it was created"),
        ([], "when it was created"),
    ],
)
def test_the_month_is_that_of_the_declaration(names, moment):
    """It names the timestamp that means declared where there is one, and the time zone."""
    assert meanings(stamps(*names))["month"] == (
        f"when the incident was declared ({moment}), in Europe/Berlin; so are quarter and week"
    )


def test_each_duration_is_defined():
    """By its timestamps and the hours that count, by the service, or by the one that it is the same as."""
    found = meanings(same={"declared to closed": "declared to fixed"})
    assert found["Time to fix"] == "the organisation's own duration metric, as the service calculated it"
    assert found["declared to closed"] == "the same as declared to fixed"
    assert "counting only" not in found["declared to fixed"]
    hours = BusinessHours.read("Mon-Fri 09:00-17:00", "Europe/Berlin")
    assert meanings(business=hours)["declared to fixed"] == f"{found['declared to fixed']}, counting only {hours}"


@pytest.mark.parametrize("with_open", [False, True])
def test_estimates_are_explained_where_they_are_shown(with_open):
    """The columns of the estimate are explained only if there are any."""
    assert ("km.median" in meanings(with_open=with_open)) is with_open


def noted(timestamps=(), by=(), left_out=(), same=None):
    """Return the notes on figures."""
    return notes(milestones(timestamps, {}), timestamps, by, left_out=left_out, same=same or {})


ALL = stamps("Reported at", "Acknowledged at", "Accepted at", "Fixed at", "Closed at")
FIELDS = (SimpleNamespace(name="Team\x1b[2J"), SimpleNamespace(name="Service"))
NOTES = {
    "nothing to say": ({"timestamps": ALL}, []),
    "what few have": ({"timestamps": stamps("Fixed at", "Closed at")}, []),
    "no timestamp": ({}, ["No timestamp means fixed or closed (there are: none)."]),
    "one is missing": (
        {"timestamps": stamps("Reported at", "Fixed at")},
        ["No timestamp means closed (there are: Reported at, Fixed at)."],
    ),
    "left out": (
        {"timestamps": ALL, "left_out": [METRIC, FIX]},
        ["The service measures Time to fix, declared to fixed around the clock, so they are left out."],
    ),
    "the same": ({"timestamps": ALL, "same": {"a": "b"}}, ["a is the same as b, so it has no row of its own."]),
    "teams": ({"timestamps": ALL, "by": ["team", "month"]}, ["An incident of several teams counts for each of them."]),
    "severity": ({"timestamps": ALL, "by": ["severity"]}, []),
}


@pytest.mark.parametrize(("given", "lines"), NOTES.values(), ids=NOTES)
def test_what_a_reader_must_know(given, lines):
    """Each circumstance has its sentence, and what is as usual has none."""
    assert noted(**given) == lines


def test_fields_with_several_values():
    """The fields are named, and nothing in a name moves the cursor."""
    (line,) = noted(ALL, by=["month", *FIELDS])
    assert "\x1b" not in line
    assert line.startswith("An incident with several values of Team")
    assert line.endswith(", Service counts for each of them.")
