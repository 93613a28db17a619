"""What Tab offers: from what is at hand, never from the service."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from incidentio_magic.magics.extension import SUBCOMMANDS


@pytest.fixture
def complete(shell):
    """Return what can stand at the end of a line, as a notebook asks for it."""

    def complete(line):
        with provisionalcompleter():
            return sorted(
                line[: completion.start] + completion.text
                for completion in shell.Completer.completions(line, len(line))
            )

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
        ("%incidents sandbox adv", ["%incidents sandbox advance"]),
        ("%incidents sandbox fault lose", ["%incidents sandbox fault lose_answer"]),
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
    for command in ("similar", "context", "acknowledge", "follow_ups done", "attach", "pages"):
        assert complete(f"%incidents {command} inc-299") == [f"%incidents {command} INC-299"]
    assert complete("%incidents drill decline INC-299") == ["%incidents drill decline INC-299"]
    assert len(sandbox.requests) == before


def test_values_in_a_list_behind_a_bound_and_of_a_pair(shell, run, sandbox):
    """A filter's second name, the name behind a sign, and the value of a field or role complete as the first would."""
    completion = shell.magics_manager.registry["IncidentMagics"].completion
    run("%incidents")
    run("%incidents fields")
    run("%incidents users")
    run("%incidents roles")
    before = len(sandbox.requests)
    for line, offered in (
        ("%incidents list --severity Major,Cr", ["Major,Critical"]),
        ('%incidents list --severity ">=Ma', ["'>=Major'"]),
        ("%incidents list --severity=>=Ma", ["--severity='>=Major'"]),
        ("%incidents list --not-status 'Fixing,Closed w", ["'Fixing,Closed without review'"]),
        ("%incidents list --role Inc", ['"Incident Lead=']),
        ('%incidents list --role "Incident Lead=bob', ["'Incident Lead=Bob Brewer'"]),
        ('%incidents edit INC-299 --field "affected service=Pay', ["'affected service=Payments'"]),
        ("%incidents show 299", ["INC-299"]),
        ("%incidents show #inc-299", ["INC-299"]),
    ):
        assert completion.complete(line)[1] == offered, line
    assert len(sandbox.requests) == before


def test_what_belongs_elsewhere_is_not_offered(shell, run):
    """Where a value that is not at hand, or a text, is due, neither options nor references are offered."""
    completion = shell.magics_manager.registry["IncidentMagics"].completion
    assert completion.complete("%incidents list --severity ") == ("", [])
    run("%incidents")
    for line in ("%incidents list --since ", "%incidents page INC-299 --path ", "%incidents page --path "):
        assert completion.complete(line) == ("", []), line
    assert not any(option.startswith("INC-") for option in completion.complete("%%incident_declare ")[1])


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


def test_a_subcommand_is_explained(shell):
    """Beside each subcommand that Tab offers stands its summary, in JupyterLab its group; an action has none."""

    def explained(line):
        with provisionalcompleter():
            return {found.text: found.type for found in shell.Completer.completions(line, len(line))}

    assert explained("df = %incidents whoa") == {"whoami": SUBCOMMANDS["whoami"].summary}
    offered = explained("%incidents ")
    first = dict.fromkeys(name.split()[0] for name in SUBCOMMANDS)
    assert offered == {name: SUBCOMMANDS[name].summary if name in SUBCOMMANDS else "magic" for name in first}
    assert explained("%incidents drill li") == {"list": "magic"}
    assert explained("%incidents list --sev") == {"--severity": "magic"}
    shell.kernel = None  # as in JupyterLab, which has room for a word
    try:
        assert explained("%incidents me") == {"metrics": "Learn"}
        assert explained("%incidents onc") == {"oncall": "On-call"}
        assert explained("%incidents severi") == {"severities": "List"}
    finally:
        del shell.kernel
