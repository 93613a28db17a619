"""What Tab offers: from what is at hand, never from the service."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter


@pytest.fixture
def complete(shell):
    """Return what can stand at the end of a line, as a notebook asks for it."""

    def complete(line):
        with provisionalcompleter():
            return sorted(line[: one.start] + one.text for one in shell.Completer.completions(line, len(line)))

    return complete


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%incidents sev", ["%incidents severities"]),
        ("%incidents upd", ["%incidents update", "%incidents updates"]),
        ("df = %incidents who", ["df = %incidents whoami"]),
        ("%incidents list --sev", ["%incidents list --severity"]),
        (
            "df = %incidents list --upd",
            ["df = %incidents list --updated-since", "df = %incidents list --updated-until"],
        ),
        ("%incidents --lim", ["%incidents --limit"]),
        ("%incidents list --mode te", ["%incidents list --mode test"]),
        ("%incidents list --category post", ["%incidents list --category post-incident"]),
        ("%incidents list --mode=re", ["%incidents list --mode=retrospective"]),
        ("%incidents drill sta", ["%incidents drill start", "%incidents drill status"]),
        ("%incidents drill start da", ["%incidents drill start database-pool"]),
        ("%incidents training o", ["%incidents training off", "%incidents training on"]),
        ("%incidents timeline --sources esc", ["%incidents timeline --sources escalations"]),
        ("%incidents timeline --sources=updates,ca", ["%incidents timeline --sources=updates,calls"]),
        (
            "%incidents timeline --sources al",
            ["%incidents timeline --sources alerts", "%incidents timeline --sources all"],
        ),
        ("%incidents timeline --kind status,ack", ["%incidents timeline --kind status,acknowledgement"]),
        ("%incidents timeline --cur", ["%incidents timeline --curated"]),
        ("%%incident_update --ag", ["%%incident_update --again"]),
        ("%%incident_declare --mode st", ["%%incident_declare --mode standard"]),
    ],
)
def test_words_and_options(complete, sandbox, line, offered):
    """Subcommands, options and fixed values complete everywhere a line can stand, without a request."""
    before = len(sandbox.requests)
    assert complete(line) == offered
    assert len(sandbox.requests) == before


def test_names_that_are_at_hand(complete, run, sandbox):
    """Names and references complete once something has fetched them."""
    assert complete("%incidents list --severity Cri") == []
    run("%incidents")
    run("%incidents roles")
    before = len(sandbox.requests)
    assert complete("%incidents list --severity Cri") == ["%incidents list --severity Critical"]
    assert complete("%incidents list --status=Moni") == ["%incidents list --status=Monitoring"]
    assert complete("%incidents show INC-29") != []
    assert complete("%incidents timeline inc-299") == ["%incidents timeline INC-299"]
    assert complete("%%incident_update inc-299") == ["%%incident_update INC-299"]
    assert complete("%incidents drill decline INC-299") == ["%incidents drill decline INC-299"]
    assert len(sandbox.requests) == before


def test_whom_to_page_and_what_is_overdue(run, shell, sandbox):
    """Escalation paths and people complete once they were read; severities before a span."""
    completion = shell.magics_manager.registry["IncidentMagics"].completion
    assert completion.complete("%incidents page INC-295 --path Pay") == ("Pay", [])
    run('%incidents page INC-295 --path "Payments on-call" --dry-run')
    run("%incidents users")
    run("%incidents")
    before = len(sandbox.requests)
    assert completion.complete("%incidents page INC-295 --path Pay") == ("Pay", ["'Payments on-call'"])
    assert completion.complete("%incidents escalate --to Bob") == ("Bob", ["'Bob Brewer'"])
    assert completion.complete("%incidents board --overdue Maj") == ("Maj", ["Major="])
    assert len(sandbox.requests) == before


def test_names_with_spaces_are_quoted(complete, run):
    """A name with a space arrives in quotes."""
    run("%incidents")
    assert complete("%incidents list --status Closed") == [
        "%incidents list --status 'Closed without review'",
        "%incidents list --status Closed",
    ]


def test_other_lines_are_left_alone(complete):
    """Nothing of ours is offered where no magic of ours stands."""
    assert "severities" not in complete("sev")
    assert "--severity" not in complete("x = '--sev")
