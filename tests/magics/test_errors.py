"""Bad input and bad luck, each with the one or two lines that a responder sees."""

from __future__ import annotations

import pytest

UPDATE = "%%incident_update INC-299"


def shown(shell, capsys, cell):
    """Return what a failing cell shows, without request ids."""
    capsys.readouterr()
    result = shell.run_cell(cell)
    assert not result.success
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    return [line.partition("; request_id ")[0] for line in lines]


_ILLEGAL = (
    "ValidationFailed: to_incident_status_id: Cannot move an incident from Closed (closed) to Investigating (live)"
)
TABLE = {
    "unknown subcommand": (
        "%incidents lst",
        ["InputError: There is no subcommand 'lst'.", "  → did you mean list?"],
    ),
    "unknown option": (
        "%incidents list --sevrity Major",
        ["InputError: %incidents list has no option '--sevrity'.", "  → did you mean --severity?"],
    ),
    "missing value": (
        "%incidents list --limit",
        [
            "InputError: %incidents list: --limit needs a whole number.",
            "  → --limit N: at most N rows",
        ],
    ),
    "not a number": (
        "%incidents list --limit five",
        [
            "InputError: %incidents list: --limit needs a whole number, not 'five'.",
            "  → --limit N: at most N rows",
        ],
    ),
    "missing name": (
        "%incidents list --severity",
        [
            "InputError: %incidents list: --severity needs a value.",
            '  → --severity NAMES: severities: Major, Major,Critical or ">=Major"',
        ],
    ),
    "missing path": (
        "%incidents export",
        [
            "InputError: %incidents export needs PATH.",
            "  → PATH: a new folder, or the folder of an earlier export; %incidents export --help explains it",
        ],
    ),
    "names in two words": (
        "%incidents list --severity Major Critical",
        [
            "InputError: %incidents list has no argument 'Critical'.",
            (
                '  → put it in quotes: --severity "Major Critical",'
                ' or several names with commas: --severity "Major,Critical"'
            ),
        ],
    ),
    "reference in place of a subcommand": (
        "%incidents INC-299",
        [
            "InputError: There is no subcommand 'INC-299'.",
            "  → to see an incident: %incidents show INC-299; for later cells: %incidents use INC-299",
        ],
    ),
    "reference in two words": (
        "%incidents show INC 299",
        ["UnknownName: There is no incident 'INC' that this key may see.", "  → %incidents lists the open ones"],
    ),
    "beginning of a name": (
        '%incidents list --role "Incident Lead=alice"',
        ["UnknownName: There is no person 'alice'.", "  → did you mean Alice Archer or Alice Lorimer?"],
    ),
    "limit of nothing": (
        "%incidents list --limit 0",
        ["InputError: limit must be at least 1, not 0.", "  → leave it out to get everything"],
    ),
    "open quote": (
        '%incidents list --type "Plat',
        [
            'InputError: The line cannot be split into words: " is not closed.',
            '  → close it with "',
        ],
    ),
    "unknown reference": (
        "%incidents show INC-99999",
        ["UnknownName: There is no incident 'INC-99999' that this key may see.", "  → %incidents lists the open ones"],
    ),
    "unknown severity": (
        f"{UPDATE} --severity Majr\ntext",
        ["UnknownName: There is no severity 'Majr'.", "  → did you mean Major?"],
    ),
    "unknown status": (
        f"{UPDATE} --status Monitorring\ntext",
        ["UnknownName: There is no status 'Monitorring'.", "  → did you mean Monitoring?"],
    ),
    "unknown type": (
        "%%incident_declare --severity Minor --type Platfrom\nname",
        ["UnknownName: There is no type 'Platfrom'.", "  → did you mean Platform?"],
    ),
    "unknown person": (
        '%incidents list --role "Incident Lead=alise.lorimer@example.com"',
        ["UnknownName: There is no person 'alise.lorimer@example.com'.", "  → did you mean alice.lorimer@example.com?"],
    ),
    "unknown column": (
        "%incidents list --columns refrence",
        ["UnknownName: There is no column 'refrence'.", "  → did you mean reference?"],
    ),
    "unknown option value": (
        '%incidents list --field "Affected service=Paymnts"',
        [
            "UnknownName: There is no value of Affected service 'Paymnts'.",
            "  → did you mean Payments? To find a value that is no longer offered, give its ID",
        ],
    ),
    "pair without equals": (
        '%incidents list --role "Incident Lead"',
        [
            "InputError: 'Incident Lead' is not a role with a value.",
            '  → write it like "Name=value", in quotes',
        ],
    ),
    "bounds reversed": (
        "%incidents list --since 2026-01-10 --until 2026-01-05",
        [
            "InputError: since 2026-01-10 is after until 2026-01-05, so nothing matches.",
            "  → swap the two bounds",
        ],
    ),
    "not a time": (
        "%incidents list --since soon",
        ["InputError: 'soon' is not a time.", "  → write it like 4h, 7d, 2026-01-31, 2026-01-31T14:05 or 14:05"],
    ),
    "empty message": (
        f"{UPDATE}\n   ",
        [
            "DraftError: message: the update says nothing: write a message, or give a status or a severity",
            "  → nothing was sent",
        ],
    ),
    "no severity": (
        "%%incident_declare\nname",
        [
            "DraftError: severity: a severity is needed to open an incident",
            "  → --severity takes one of Minor, Moderate, Major, Critical; nothing was sent",
        ],
    ),
    "missing name in a template": (
        "error_rate = 7\nget_ipython().run_cell_magic('incident_update', 'INC-299', '{{ eror_rate }} %')",
        [
            "TemplateError: The template uses 'eror_rate', which the notebook does not define.",
            "  → did you mean error_rate? --raw sends the text as it is",
        ],
    ),
    "malformed template": (
        f"{UPDATE}\n{{{{ 1 + }}}}",
        [
            "TemplateError: The template is malformed in line 1: unexpected 'end of print statement'",
            "  → nothing was sent; --raw sends the text as it is",
        ],
    ),
    "illegal move": (
        "%%incident_update INC-267 --status Investigating\nback",
        [
            _ILLEGAL,
            "  → from Closed it can move to Closed without review; nothing was sent",
        ],
    ),
    "no incident in use": (
        "%%incident_update\ntext",
        [
            "InputError: No incident was given, and there is no current incident.",
            "  → give one, like INC-123, or make it current: %incidents use INC-123",
        ],
    ),
    "event in the future": (
        "%%incident_event INC-299 --at 2026-02-01T10:00\ntitle",
        [
            "InputError: 2026-02-01 10:00 UTC is in the future.",
            "  → write a time before now, like 20m or 2026-01-15T14:00",
        ],
    ),
    "nothing to edit": (
        "%incidents edit INC-299",
        [
            (
                "DraftError: changes: there is nothing to change: "
                "give a name, summary, call_url, severity, status, field, role or timestamp"
            ),
            "  → nothing was sent",
        ],
    ),
    "reporter cannot be edited": (
        '%incidents edit INC-299 --role "Reporter=Alice Lorimer"',
        [
            "DraftError: role Reporter: the reporter can only be set when an incident is declared",
            "  → nothing was sent",
        ],
    ),
    "variable that is no name": (
        "%incidents list --out 1x",
        ["InputError: '1x' cannot be a variable name.", "  → use letters, digits and _, and no Python keyword"],
    ),
    "variable that is a keyword": (
        "%incidents list --out for",
        ["InputError: 'for' cannot be a variable name.", "  → use letters, digits and _, and no Python keyword"],
    ),
    "contradicting filters": (
        "%incidents list --status Fixing --not-status Fixing",
        ["InputError: The filters match nothing: the same names are included and excluded."],
    ),
    "no such severity bound": (
        '%incidents list --severity ">Critical"',
        ["InputError: No severity is >Critical.", "  → from least to most severe: Minor, Moderate, Major, Critical"],
    ),
    "unsafe address": (
        "%incidents connect --url http://api.incident.io",
        [
            "SettingsError: http://api.incident.io would send the API key unprotected.",
            "  → use https; plain http is only for this machine (127.0.0.1, localhost)",
        ],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_bad_input_is_explained_in_two_lines(shell, capsys, case):
    """Each mistake shows what is wrong and what to do next, in one or two lines, and sends no write."""
    cell, expected = TABLE[case]
    assert shown(shell, capsys, cell) == expected


def test_nothing_is_written_by_bad_input(shell, capsys, sandbox):
    """Not one of the mistakes reaches the service as a write, save the move that it refuses itself."""
    for cell, _expected in TABLE.values():
        shown(shell, capsys, cell)
    writes = [
        request for request in sandbox.requests if request["method"] != "GET" and request["path"].startswith("/v")
    ]
    assert {request["status"] for request in writes[-1:]} == {422}
    assert all(request["status"] == 422 for request in writes if "INC-267" in str(request) or request["status"] >= 400)


def test_no_key(shell, capsys, monkeypatch):
    """Without a key the error says where it is looked for, and how to practise without one."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    assert shown(shell, capsys, "%incidents") == [
        "SettingsError: There is no API key.",
        "  → set INCIDENTIO_API_KEY or type it: %incidents connect; practise without one: %incidents sandbox",
    ]


def test_wrong_key(shell, capsys, monkeypatch):
    """A wrong key is told without showing it."""
    monkeypatch.setenv("INCIDENTIO_API_KEY", "not-the-key-at-all")
    lines = shown(shell, capsys, "%incidents")
    assert lines[0].startswith("AuthenticationFailed: ")
    assert lines[1] == "  → check the API key: INCIDENTIO_API_KEY, or type another: %incidents connect --ask"
    assert "not-the-key-at-all" not in "".join(lines)


def test_server_down(shell, capsys, monkeypatch):
    """A server that is not there is named; of a read nobody fears that it was sent."""
    monkeypatch.setenv("INCIDENTIO_BASE_URL", "http://127.0.0.1:9")
    shell.run_line_magic("config", "IncidentMagics.max_wait = 0.0")
    assert shown(shell, capsys, "%incidents") == [
        "ConnectionFailed: No connection to 127.0.0.1:9.",
        "  → check the network and the address, then run this again",
    ]


def test_slow_server(shell, capsys, sandbox):
    """An answer that does not come in time is lost; a read may be run again."""
    shell.run_line_magic("config", "IncidentMagics.timeout = 0.2")
    shell.run_line_magic("config", "IncidentMagics.max_wait = 0.0")
    sandbox.fault(kind="slow", endpoint="GET /v2/incidents", seconds=1, times=1)
    assert shown(shell, capsys, "%incidents") == [
        f"AnswerLost: GET /v2/incidents on {sandbox.url.removeprefix('http://')}: the response was lost.",
        "  → run this again: it is safe to repeat",
    ]


@pytest.mark.parametrize("kind", ["malformed", "truncated"])
def test_garbled_server(shell, capsys, sandbox, kind):
    """An answer that is no JSON is told as such."""
    shell.run_line_magic("config", "IncidentMagics.max_wait = 0.0")
    sandbox.fault(kind=kind, endpoint="GET /v1/severities")
    lines = shown(shell, capsys, "%incidents severities")
    assert lines[0].startswith("AnswerLost: GET /v1/severities on ")
    assert lines[1:] == ["  → run this again: it is safe to repeat"]


def test_lost_write_says_what_to_check(shell, capsys, sandbox):
    """A write whose answer stays lost is unknown, and running it again settles it."""
    shell.run_line_magic("config", "IncidentMagics.max_wait = 0.0")
    sandbox.fault(kind="lose_answer", endpoint="POST /v2/incident_updates", times=1)
    lines = shown(shell, capsys, f"{UPDATE}\nonce")
    assert lines[0].startswith("OutcomeUnknown: It is not known whether the update of INC-299 was shared: ")
    assert lines[1] == (
        "  → run it again: the same key is written only once; %incidents updates INC-299 shows the current state"
    )
    assert shell.run_cell(f"{UPDATE}\nonce").success
    messages = shell.run_cell("%incidents updates INC-299").result["message"]
    assert list(messages).count("once") == 1


def test_bug_keeps_its_traceback(shell, capsys, monkeypatch):
    """An error that is not ours shows the usual traceback, so that it can be reported."""
    monkeypatch.setattr("incidentio_magic.client.Incidents.severities", lambda _self: 1 / 0)
    assert any("Traceback" in line for line in shown(shell, capsys, "%incidents severities"))
