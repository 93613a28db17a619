"""What an organisation's timestamps mean, found by their names."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.api.models import IncidentTimestamp, Named
from incidentio_magic.metrics import CREATED_AT, DECLARED, Duration, between, measured_by_service, milestones


def stamps(*names):
    """Return timestamps with these names; their IDs say nothing."""
    return [IncidentTimestamp(f"ID{number}", name, number) for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "meanings"),
    [
        (
            ("Reported at", "Accepted at", "Fixed at", "Resolved at", "Closed at"),
            {"declared": "Reported at", "accepted": "Accepted at", "fixed": "Fixed at", "closed": "Closed at"},
        ),
        (("Resolved at", "Mitigated"), {"fixed": "Mitigated"}),
        (
            ("Time of Impact", "Acknowledged", "Incident resolved"),
            {"acknowledged": "Acknowledged", "fixed": "Incident resolved"},
        ),
        (("DECLARED AT", "Reported at"), {"declared": "DECLARED AT"}),
        (("Not fixed at",), {}),
        ((), {}),
    ],
)
def test_meanings_come_from_names(names, meanings):
    """The clearest name wins, in any case and with small words; a name that only contains it is another."""
    found = milestones(stamps(*names), {})
    assert {meaning: stamp.name for meaning, stamp in found.found.items()} == meanings
    assert set(found.missing) == {"declared", "acknowledged", "accepted", "fixed", "closed"} - set(meanings)


def test_without_a_declaration_the_creation_counts():
    """An organisation without a timestamp that means declared is measured from when an incident was created."""
    only = milestones(stamps("Fixed at"), {}).durations()
    assert [(entry.name, entry.start, entry.end_name) for entry in only] == [
        ("declared to fixed", CREATED_AT, "Fixed at")
    ]
    assert only[0].definition() == "from when the incident was created to its timestamp 'Fixed at'"


def test_definitions_say_what_counts():
    """A definition names both timestamps, the hours that count, or that the service measures it."""
    duration = milestones(stamps("Reported at", "Closed at"), {}).durations()[0]
    assert duration.definition("Mon 09:00 to 17:00 (UTC)").endswith(", counting only Mon 09:00 to 17:00 (UTC)")
    assert duration.afterwards
    assert "service" in Duration("Time to fix", metric="M1").definition()


def test_given_meanings_win():
    """Somebody who knows better names the timestamp."""
    found = milestones(stamps("Fixed at", "Verified at"), {"fixed": "verified at"})
    assert found.found["fixed"].name == "Verified at"
    with pytest.raises(errors.UnknownName, match="Verifed"):
        milestones(stamps("Verified at"), {"fixed": "Verifed"})
    with pytest.raises(errors.InputError, match="meaning"):
        milestones(stamps("Verified at"), {"verified": "Verified at"})


def test_names_stay_apart():
    """A duration metric with a name that is taken says what it is."""
    metrics = measured_by_service([Named("1", "declared to fixed"), Named("2", "Lasted")], ["declared to fixed"])
    assert [metric.name for metric in metrics] == ["declared to fixed (duration metric)", "Lasted"]


def test_pairs():
    """A pair is two timestamps by name; it may end in the post-incident flow if its end does."""
    known = stamps("Reported at", "Documented at")
    (pair,) = between(["reported at .. documented at"], known)
    assert (pair.name, pair.start, pair.end, pair.afterwards) == ("Reported at to Documented at", "ID0", "ID1", True)
    assert milestones(known, {}).found[DECLARED].name == "Reported at"
