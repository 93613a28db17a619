"""What a cell asks the service for: nothing twice, and nothing again that is at hand."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest

from incidentio_magic import errors
from incidentio_magic.magics.extension import SUBCOMMANDS

# Every other subcommand is tried with a reference.
CELLS = {
    "list": '%incidents list --all --wide --severity ">=Major" --role "Incident Lead=Alice Archer" --since 90d',
    "show": "%incidents show INC-291 INC-293 INC-291",
    "edit": '%incidents edit INC-291 --field "Customers affected=42" --role "Incident Lead=alice@example.com"',
    "page": "%incidents page INC-291 --to alice@example.com",
    "timeline": "%incidents timeline INC-291 --sources all",
    "metrics": "%incidents metrics --by severity",
    "export": "%incidents export {folder}/exported.csv --format csv",
    "postmortem": "%incidents postmortem INC-288",
    "connect": "%incidents connect",
    "sandbox": "%incidents sandbox status",
    "login": "%incidents login --help",
    "logout": "%incidents logout --help",
    "training": "%incidents training",
    "drill": "%incidents drill list",
    **{name: f"%incidents {name}" for name in ("severities", "statuses", "types", "roles", "fields", "timestamps")},
    **{name: f"%incidents {name}" for name in ("users", "board", "declare", "whoami", "doctor", "log")},
}
OTHERS = {
    "nothing": "%incidents",
    "any": "%incidents --any --severity Major --status Fixing",
    "incident_update": "%%incident_update INC-291 --status Fixing --severity Major\nFixing it.",
    "incident_declare": '%%incident_declare --severity Minor --mode test --field "Affected service=Payments"\nA name',
    "incident_event": "%%incident_event INC-291 --at 13:40\nDeploy",
}

# What they change is read again when its turn has come: somebody else may have changed it meanwhile.
STATE_CHANGES = {"acknowledge", "cancel", "snooze"}


def reads(requests):
    """Return how often each GET was made."""
    return Counter(
        (request["path"], tuple(map(tuple, request["query"]))) for request in requests if request["method"] == "GET"
    )


@pytest.mark.slow
def test_nothing_is_read_twice(shell, sandbox, tmp_path):
    """A cell in a notebook that is freshly connected reads nothing twice, whatever it does."""
    session = shell.magics_manager.registry["IncidentMagics"].session
    twice = {}
    for name in [*SUBCOMMANDS, *OTHERS]:
        session.disconnect()
        before = len(sandbox.requests)
        cell = {**CELLS, **OTHERS}.get(name, f"%incidents {name} INC-291").format(folder=tmp_path)
        with suppress(errors.IncidentioError):
            shell.run_cell(cell).raise_error()
        if name in STATE_CHANGES:
            continue
        twice |= {(name, read): count for read, count in reads(sandbox.requests[before:]).items() if count > 1}
    assert not twice


@pytest.mark.parametrize(
    ("cell", "asked"),
    [
        ("%incidents", {"/v2/incidents"}),
        ("%incidents list --severity Major --wide", {"/v2/incidents"}),
        ("%incidents updates INC-291", {"/v2/incidents/291", "/v2/incident_updates"}),
        ("%incidents declare", set()),
    ],
)
def test_what_is_at_hand_is_not_read_again(shell, sandbox, cell, asked):
    """The organisation's own words are read once: the same cell again reads only what may have changed."""
    shell.run_cell(cell).raise_error()
    before = len(sandbox.requests)
    shell.run_cell(cell).raise_error()
    assert {request["path"] for request in sandbox.requests[before:]} == asked
    assert len(sandbox.requests[before:]) == len(asked)
