"""The magics in a shell: reading, writing, practising, and coming and going.

Serves `magics/reading.py`, `magics/sandbox.py`, `magics/session.py`, `magics/vocabulary.py`, `magics/writing.py` and
`doctor/__init__.py`.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pandas as pd
import pytest

from incidentio_magic.errors import ConnectionFailed, InputError, RecentlyEnded, SettingsError

DECLARE = "%%incident_declare --severity Minor --mode test\nCheckout answers with errors\nSince the last deploy."


def sent(sandbox, path):
    """Return the bodies of the writes to a path."""
    return [request["body"] for request in sandbox.requests if request["method"] == "POST" and request["path"] == path]


def counts(shell):
    """Return what a shell holds that an extension could leave behind."""
    display = shell.display_formatter.formatters
    return (
        {kind: {name for name in names if "incident" in name} for kind, names in shell.magics_manager.magics.items()},
        [
            configurable
            for configurable in shell.configurables
            if type(configurable).__module__.startswith("incidentio")
        ],
        len(shell.input_transformers_cleanup),
        len(shell.Completer.custom_matchers),
        "IncidentMagics" in shell.magics_manager.registry,
        [
            len(display[kind].deferred_printers) + len(display[kind].type_printers)
            for kind in ("text/plain", "text/html")
        ],
        threading.active_count(),
    )


def test_loading_imports_nothing_heavy():
    """Loading the extension prints nothing and imports neither pandas, requests, ipywidgets nor jinja2."""
    program = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'incidentio_magic')\n"
        "heavy = {'pandas', 'requests', 'ipywidgets', 'jinja2', 'msgspec', 'flask', 'numpy'}\n"
        "assert not heavy & (set(sys.modules) - before), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_unloading_leaves_nothing(bare_shell, sandbox):
    """Load, use, reload and unload leave the shell as it was: no magic, matcher, formatter, instance or thread."""
    before = counts(bare_shell)
    for _round in range(2):
        bare_shell.run_line_magic("load_ext", "incidentio_magic")
        bare_shell.run_line_magic("reload_ext", "incidentio_magic")
        bare_shell.run_cell("%incidents sandbox --incidents 20").raise_error()
        bare_shell.run_cell("%incidents").raise_error()
        bare_shell.run_line_magic("unload_ext", "incidentio_magic")
        bare_shell.run_cell("_ = __ = ___ = None")
        gc.collect()
        assert counts(bare_shell) == before
    assert not bare_shell.run_cell("%incidents").success


def test_loading_twice_is_loading_once(shell):
    """A second load changes nothing."""
    before = counts(shell)
    shell.run_line_magic("load_ext", "incidentio_magic")
    assert counts(shell) == before


def test_alone_it_lists_the_open_ones(run):
    """%incidents alone returns the open incidents, the most severe first."""
    frame = run("%incidents")
    assert isinstance(frame, pd.DataFrame)
    wide = run("%incidents --wide")
    assert set(wide["category"]) <= {"triage", "live", "paused"}
    ranked = frame["severity"].dropna().cat.codes.tolist()
    assert ranked == sorted(ranked, reverse=True)
    assert frame.attrs["complete"]


def test_assignment_and_out(run, shell, capsys):
    """A result can be assigned with = and with --out, which displays nothing."""
    run("df = %incidents list --limit 3")
    capsys.readouterr()
    assert run("%incidents list --limit 3 --out same") is None
    assert "INC-" not in capsys.readouterr().out
    pd.testing.assert_frame_equal(shell.user_ns["df"], shell.user_ns["same"])


def test_a_cut_list_says_so(run, capsys):
    """A list that was cut says so in a line and in its attrs."""
    frame = run("%incidents list --limit 3")
    assert len(frame) == 3
    assert not frame.attrs["complete"]
    assert "Incomplete: only the newest 3 were requested" in capsys.readouterr().out


def test_a_limit_keeps_the_most_severe_of_the_open_ones(run, capsys):
    """Of the open incidents the first in the shown order are kept, not the newest: what is worst may be old."""
    everything = run("%incidents")
    capsys.readouterr()
    pd.testing.assert_frame_equal(run("%incidents --limit 3"), everything.head(3))
    assert f"Incomplete: only the first 3 of {len(everything)} were requested" in capsys.readouterr().out
    assert len(run("%incidents --limit 1000")) == len(everything)
    assert "Incomplete" not in capsys.readouterr().out


def test_an_empty_list_says_so(run, capsys):
    """An empty answer is a sentence, not a bare header."""
    frame = run("%incidents list --type Security --mode tutorial")
    assert frame.empty
    assert "No incident matches." in capsys.readouterr().out
    assert list(frame.columns) == list(run("%incidents list --limit 1").columns)


def test_option_values_are_templates(run):
    """Option values are computed after splitting, so that a value can never become an option."""
    run('level = "Major --all"')
    with pytest.raises(Exception, match="There is no severity 'Major --all'"):
        run("%incidents list --severity {{ level }}")
    run('level = "Major"')
    assert set(run("%incidents list --severity {{ level }} --limit 2")["severity"]) == {"Major"}


def test_dollar_and_braces_are_left_alone(run, sandbox):
    """$x and {x} mean nothing here, and --raw leaves {{ x }} alone too."""
    run("x = 1")
    run("%%incident_update INC-299\ncost $x {x} {{ x }}")
    run("%%incident_update INC-299 --raw\ncost {{ x }}")
    messages = [body["message"] for body in sent(sandbox, "/v2/incident_updates")]
    assert messages == ["cost $x {x} 1", "cost {{ x }}"]


def test_quoting(run, sandbox):
    """Quotes keep names with spaces together and do not arrive."""
    run("%incidents edit INC-299 --name \"DB 'outage' again\"")
    assert sandbox.requests[-1]["body"]["incident"] == {"name": "DB 'outage' again"}


def test_declare_once(write, sandbox):
    """The same cell declares once; run again it says so; the incident is in use afterwards."""
    first = write(DECLARE)
    second = write(DECLARE)
    assert (first.outcome, second.outcome) == ("sent", "not sent")
    assert first.reference == second.reference == "INC-301"
    assert "already declared from the same text" in second.sentence
    assert write("%%incident_update --status Fixing").reference == "INC-301"


def test_declare_anew_after_the_end(run, write, sandbox):
    """When the first incident has ended, the same text is refused for a day, and then declares a new one."""
    first = write(DECLARE).reference
    run("%%incident_update --status Closed\nover")
    with pytest.raises(RecentlyEnded, match=first):
        write(DECLARE)
    sandbox.advance(86400)
    second = write(DECLARE)
    assert second.sent
    assert second.reference != first
    assert not write(DECLARE).sent


def test_update_once_and_again(run, write, sandbox):
    """The same update is shared once; --again shares it once more, each time."""
    cell = "%%incident_update INC-299{}\nStill looking."
    assert [write(cell.format(option)).sent for option in ("", "", " --again", " --again", "")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert list(run("%incidents updates INC-299")["message"]).count("Still looking.") == 3


def test_a_replay_is_known_without_the_ledger(run, write, tmp_path, monkeypatch, sandbox):
    """On another machine, whose ledger is empty, the same update is still not shared twice."""
    cell = "%%incident_update INC-299\nFrom two machines."
    assert write(cell).sent
    sandbox.advance(60)
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "another.jsonl"))
    run("%incidents connect")
    second = write(cell)
    assert not second.sent
    assert second.sentence.startswith("Already shared on INC-299")


def test_dry_run_sends_nothing(run, sandbox, capsys):
    """--dry-run shows names beside IDs, sends no write and shows no header."""
    preview = run("%%incident_update INC-299 --severity Critical --dry-run\nworse")
    assert not sent(sandbox, "/v2/incident_updates")
    shown = capsys.readouterr().out
    severity = next(
        severity["id"] for severity in run("%incidents severities").to_dict("records") if severity["name"] == "Critical"
    )
    assert f"Critical  ({severity})" in shown
    assert sandbox.key not in shown
    rows = preview.set_index("property")
    assert rows.loc["severity"].tolist() == ["Critical", severity]
    assert rows.loc["message", "value"] == "worse"
    assert rows.loc["idempotency key", "value"] in shown


def test_edit_sends_only_what_differs(write, sandbox):
    """An edit sends what differs; run again it sends nothing."""
    cell = '%incidents edit INC-299 --name "New name" --field "Customers affected=42" --notify'
    assert write(cell).sentence == "INC-299 edited: name, field.Customers affected; the channel was notified."
    before = len(sandbox.requests)
    assert write(cell).outcome == "not sent"
    assert all(request["method"] == "GET" for request in sandbox.requests[before:])


def test_event_time_is_near_the_declaration(write, sandbox):
    """A bare time of day means the same moment on every day, so that running it again adds nothing."""
    cell = "%%incident_event INC-299 --at 13:40\nDeploy\nIt was 4711."
    assert write(cell).sent
    sandbox.advance(86400 * 3)
    assert not write(cell).sent
    assert sent(sandbox, "/v2/incident_timeline_items")[0]["timestamp"] == "2026-01-15T13:40:00Z"


def test_event_without_a_time_is_added_once(write, sandbox):
    """Without --at the moment of writing counts, and is no part of what makes it the same event."""
    cell = "%%incident_event INC-299\nPhoned the provider"
    assert write(cell).sent
    sandbox.advance(600)
    assert not write(cell).sent


def test_show_side_by_side(run):
    """Show takes several references, in every form people use."""
    frame = run("%incidents show INC-299 #inc-295 291 https://app.incident.io/sandbox/incidents/297")
    assert list(frame.columns) == ["INC-299", "INC-295", "INC-291", "INC-297"]
    assert frame.loc["name", "INC-297"] == "🔒 private"
    assert frame.index.name == "property"


def test_private_names_only_when_asked(run, sandbox, capsys):
    """Names of private incidents appear nowhere, unless asked for."""
    masked = run("%incidents --wide")
    private = masked["visibility"] == "private"
    assert private.any()
    assert set(masked.loc[private, "name"]) == {"🔒 private"}
    shown = run("%incidents --show-private --wide")
    name = shown.loc[shown["visibility"] == "private", "name"].iloc[0]
    reference = shown.loc[shown["visibility"] == "private", "reference"].iloc[0]
    assert name != "🔒 private"
    assert name not in masked.to_string()
    capsys.readouterr()
    preview = run(f"%%incident_update {reference} --dry-run\ntext")
    receipt = run(f"%%incident_update {reference}\ntext")
    assert name not in capsys.readouterr().out + preview.to_string() + receipt.to_string()
    assert receipt["message"].item() == "🔒 private"


def test_use(run, write, capsys):
    """Use remembers an incident, shows it, and refuses one that does not exist."""
    run("%incidents use inc-299")
    run("%incidents use")
    assert capsys.readouterr().out.count("In use: INC-299") == 2
    with pytest.raises(Exception, match="There is no incident"):
        run("%incidents use INC-99999")
    assert write("%%incident_update\ntext").reference == "INC-299"


@pytest.mark.parametrize(
    ("word", "column", "value"),
    [
        ("severities", "name", "Critical"),
        ("statuses", "name", "Monitoring"),
        ("types", "name", "Platform"),
        ("roles", "name", "Incident Lead"),
        ("fields", "name", "Affected service"),
        ("timestamps", "name", "Reported at"),
        ("users", "email", "alice.lorimer@example.com"),
    ],
)
def test_vocabulary(run, word, column, value):
    """Each of the organisation's lists is a frame."""
    assert value in set(run(f"%incidents {word}")[column])


def test_log(run):
    """Log shows each write and how it ended, and no message."""
    run("%%incident_update INC-299\nsecret words")
    run("%%incident_update INC-299\nsecret words")
    frame = run("%incidents log")
    assert list(frame["outcome"]) == ["sent", "not sent"]
    assert list(frame["reference"]) == ["INC-299", "INC-299"]
    assert "secret words" not in frame.to_string()


def test_log_has_the_service_s_times(run):
    """The log's times are the service's, as in a receipt and a list, however far this machine's clock is from it."""
    written = run("%%incident_update INC-299\nStill failing.")["at"].iloc[0]
    assert run("%incidents log")["at"].tolist() == [written.floor("s")]


def test_empty_log(run, capsys):
    """An empty ledger is a sentence."""
    assert run("%incidents log").empty
    assert "Nothing has been written" in capsys.readouterr().out


def test_whoami_and_doctor(run, sandbox):
    """Whoami and doctor tell who this is and what works, and never show the key."""
    assert run("%incidents whoami").loc["organisation", "value"] == "https://app.incident.io/sandbox"
    checks = run("%incidents doctor").set_index("check")
    assert checks.loc["connection", "ok"]
    assert checks.loc["may declare", "ok"]
    assert sandbox.key not in checks.to_string()


def test_training_mode(run, write, sandbox, capsys):
    """In training mode declarations are tests, lists show tests only, and real incidents are refused unsent."""
    run("%incidents training on")
    assert write(DECLARE.replace(" --mode test", "")).sent
    assert sent(sandbox, "/v2/incidents")[0]["mode"] == "test"
    assert set(run("%incidents list")["mode"]) == {"test"}
    for cell in ("%%incident_update INC-299\nno", "%incidents edit INC-299 --name no", "%%incident_event INC-299\nno"):
        with pytest.raises(Exception, match="Training mode writes to test incidents only"):
            run(cell)
    with pytest.raises(Exception, match="Training mode writes to test incidents only"):
        run("%%incident_declare --severity Minor --mode standard\nno")
    assert (
        len(
            [
                request
                for request in sandbox.requests
                if request["method"] == "POST" and request["path"].startswith("/v2")
            ]
        )
        == 1
    )
    run("%incidents training off --yes")
    assert "Training mode is off" in capsys.readouterr().out


def test_training_from_the_environment(bare_shell, sandbox, monkeypatch):
    """An environment variable puts a whole class into training mode."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    assert set(bare_shell.run_cell("%incidents list").result["mode"]) == {"test"}


def test_configuration(run, shell, capsys, sandbox):
    """%config lists and changes the options; the key is not among them."""
    run("%config IncidentMagics")
    listed = capsys.readouterr().out
    assert "IncidentMagics.timezone" in listed
    assert sandbox.key not in listed
    run('%config IncidentMagics.timezone = "Asia/Tokyo"')
    assert str(run("%incidents --limit 1")["created_at"].dt.tz) == "Asia/Tokyo"
    run('%config IncidentMagics.timezone = "Asia/Tokio"')
    assert str(run("%incidents --limit 1")["created_at"].dt.tz) == "Asia/Tokyo"


def test_a_proxy_is_gone_through_only_where_the_notebook_asks(run, monkeypatch):
    """A proxy in the environment is refused with what to do; %config takes it, and the next request tries it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    run("%config IncidentMagics.base_url = 'https://api.example'")
    with pytest.raises(SettingsError, match="names a proxy"):
        run("%incidents severities")
    run("%config IncidentMagics.max_wait = 0.0")
    run("%config IncidentMagics.proxy = True")
    with pytest.raises(ConnectionFailed, match="No connection to api"):
        run("%incidents severities")


def test_a_sandbox_in_place_of_another_is_told(run, capsys):
    """A second sandbox begins anew, and says so, since what was declared on the first is gone."""
    run("%incidents sandbox --incidents 20")
    assert "replaces it" not in capsys.readouterr().out
    run("%incidents sandbox --incidents 20")
    assert "The previous sandbox has stopped; a new one replaces it." in capsys.readouterr().out


@pytest.mark.slow
def test_sandbox_in_the_notebook(run, write, capsys):
    """A notebook can start, look at, fail, move on, reset and stop a sandbox of its own."""
    run("%incidents sandbox --seed 2 --incidents 30 --epoch 2026-03-01T10:00:00Z --frozen")
    assert "everything you do stays here" in capsys.readouterr().out
    assert run("%incidents list --all")["created_at"].max() <= pd.Timestamp("2026-03-01T10:00:00Z")
    run("%incidents sandbox status")
    run("%incidents sandbox advance 90")
    run('%incidents sandbox fault status --endpoint "GET /v1/severities" --times 1')
    run("%incidents severities")
    run("%incidents sandbox fault none")
    run(DECLARE)
    run("%incidents sandbox reset")
    with pytest.raises(Exception, match="No incident was given"):
        run("%%incident_update\ntext")
    assert write(DECLARE).sent
    run("%incidents sandbox stop")
    with pytest.raises(Exception, match="No sandbox is running"):
        run("%incidents sandbox status")


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "-h",
        "help",
        "?",
        "help list",
        "list --help",
        "show -h",
        "edit --help",
        "sandbox --help",
        "training --help",
    ],
)
def test_help(run, capsys, line, sandbox):
    """Every command explains itself without asking the service."""
    before = len(sandbox.requests)
    assert run(f"%incidents {line}") is None
    about = "incident.io in this notebook."
    if line not in {"--help", "-h", "help", "?"}:
        about = f"usage: %incidents {line.removeprefix('help ').split()[0]}"
    assert capsys.readouterr().out.startswith(about)
    assert len(sandbox.requests) == before


def test_question_mark(shell, capsys):
    """%incidents? lists the subcommands."""
    shell.run_cell("%incidents?")
    shell.run_cell("print(get_ipython().find_line_magic('incidents').__doc__)")
    assert "updates" in capsys.readouterr().out


@pytest.mark.parametrize("cell", ["incident_update", "incident_declare", "incident_event"])
def test_cell_help(run, capsys, cell, sandbox):
    """Every cell magic explains itself and sends nothing."""
    assert run(f"%%{cell} --help\nanything") is None
    assert f"usage: %%{cell}" in capsys.readouterr().out
    assert not [
        request for request in sandbox.requests if request["method"] == "POST" and request["path"].startswith("/v2")
    ]


def test_a_mistyped_sandbox_changes_nothing(run, write):
    """A sandbox that cannot start leaves the one that runs as it is, and the notebook connected to it."""
    run("%incidents sandbox --seed 1 --incidents 20")
    run(DECLARE)
    with pytest.raises(InputError, match="The sandbox cannot start"):
        run("%incidents sandbox --epoch garbage")
    assert write("%%incident_update\nstill here").reference == "INC-21"


@pytest.mark.parametrize("line", ["advance -5", "advance nan", "advance 1e300", "advance", "fault slow --times -1"])
def test_impossible_practice(run, line):
    """What a sandbox cannot do is an error of two lines."""
    run("%incidents sandbox --incidents 20")
    with pytest.raises(InputError):
        run(f"%incidents sandbox {line}")


def test_another_connection_forgets_the_incident_in_use(run, sandbox):
    """The incident in use belongs to its connection: the next one never writes to its namesake."""
    run("%incidents use INC-299")
    run(f"%incidents connect --url {sandbox.url}")
    with pytest.raises(InputError, match="no current incident"):
        run("%%incident_update\ntext")
    run("%incidents use INC-299")
    run(f"%config IncidentMagics.base_url = '{sandbox.url}'")
    with pytest.raises(InputError, match="no current incident"):
        run("%%incident_update\ntext")


def test_a_stopped_read_is_one_line(run, monkeypatch):
    """Ctrl-C during a read is an interrupt told in a line."""

    def stop(_self):
        raise KeyboardInterrupt

    monkeypatch.setattr("incidentio_magic.client.Incidents.severities", stop)
    with pytest.raises(KeyboardInterrupt) as interrupted:
        run("%incidents severities")
    assert interrupted.value._render_traceback_() == ["Interrupted: Stopped; nothing was written."]


@pytest.mark.parametrize(("value", "training"), [("ture", True), ("on", True), ("0", False), ("off", False)])
def test_training_never_fails_open(bare_shell, sandbox, monkeypatch, value, training):
    """Only a clear no switches training off in the environment: a typo keeps a class out of the real thing."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", value)
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    listed = set(bare_shell.run_cell("%incidents list --limit 50").result["mode"])
    assert (listed == {"test"}) is training


def test_a_refused_option_does_not_keep_the_extension_away(run, shell, capsys):
    """What %config refused is told, and is gone when the extension is loaded anew; what it took is kept."""
    run("%config IncidentMagics.max_wait = 7.0")
    for refused in ("timeout = -1.0", "timezone = 'europe/berlin'"):
        run(f"%config IncidentMagics.{refused}")
        run("%reload_ext incidentio_magic")
    magics = shell.magics_manager.registry["IncidentMagics"]
    assert (magics.timeout, magics.timezone, magics.max_wait) == (30.0, "UTC", 7.0)


def test_a_configuration_file_that_cannot_be_used_is_told(bare_shell, sandbox, capsys):
    """A bad value in a configuration file is told in two lines when the extension loads, and leaves nothing behind."""
    before = counts(bare_shell)
    bare_shell.config.IncidentMagics.timezone = "Europe/Kiew"
    assert not bare_shell.run_cell("%load_ext incidentio_magic").success
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == (
        "SettingsError: The configuration of IncidentMagics cannot be used: "
        "There is no time zone 'Europe/Kiew'. did you mean Europe/Kiev?"
    )
    assert lines[1].startswith("  → correct it in ipython_config.py")
    assert len(lines) == 2
    assert counts(bare_shell) == before
    bare_shell.config.IncidentMagics.timezone = "Europe/Kiev"
    assert bare_shell.run_cell("%load_ext incidentio_magic").success
