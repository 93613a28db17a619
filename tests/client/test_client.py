"""The Python API against the sandbox: reads that are complete or say so, writes that happen once.

Serves `client/connection.py`, `client/reading.py` and `client/writing.py`.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pandas as pd
import pytest

from incidentio_magic import connect, errors
from incidentio_magic.api import models
from incidentio_magic.api.transport import Transport
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.writes.drafts import Update


def updates_of(client, reference, message):
    """Count how often a message was shared."""
    return list(client.updates(reference)["message"]).count(message)


def test_the_client_loads_only_what_a_list_needs():
    """Templates, locks, charts, exports and forms load on first use, so that a first list is quick."""
    program = (
        "import sys, incidentio_magic.client\n"
        "unneeded = {'jinja2', 'filelock', 'ipywidgets', 'markdown_it', 'tqdm', 'asyncio', 'keyring'}\n"
        "unneeded |= {f'incidentio_magic.{room}' for room in ('templates', 'plots', 'export', 'widgets', 'drills')}\n"
        "assert not unneeded & set(sys.modules), unneeded & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_all_means_every_category_and_mode(client):
    """A plain list leaves out what the service hides and says so; all has every incident there is."""
    everything = client.incidents(all=True, wide=True)
    assert len(everything) == 300
    assert set(everything["mode"]) == {"standard", "retrospective", "test", "tutorial"}
    assert {"declined", "canceled", "merged"} <= set(everything["category"])
    plain = client.incidents(wide=True)
    hidden = everything["mode"].isin(["test", "tutorial"]) | everything["category"].isin(
        ["declined", "canceled", "merged"]
    )
    assert set(plain["reference"]) == set(everything.loc[~hidden, "reference"])
    assert plain.attrs["left_out"] == "test, tutorial, declined, canceled, merged"
    assert everything.attrs["left_out"] == ""


FILTERS = {
    "status": ({"status": "Fixing,Monitoring"}, lambda df: df["status"].isin(["Fixing", "Monitoring"])),
    "not status": ({"not_status": "Closed"}, lambda df: df["status"] != "Closed"),
    "category": ({"category": "post-incident"}, lambda df: df["category"] == "learning"),
    "severity": ({"severity": "Major"}, lambda df: df["severity"] == "Major"),
    "severity at least": ({"severity": ">=Major"}, lambda df: df["severity"] >= "Major"),
    "severity below": ({"severity": "<Major"}, lambda df: df["severity"] < "Major"),
    "not severity": (
        {"not_severity": "Minor", "severity": "<=Major"},
        lambda df: df["severity"].isin(["Moderate", "Major"]),
    ),
    "type": ({"type": "Security"}, lambda df: df["type"] == "Security"),
    "mode": ({"mode": "test"}, lambda df: df["mode"] == "test"),
    "since": ({"since": "2026-01-10T09:30"}, lambda df: df["created_at"] >= pd.Timestamp("2026-01-10T09:30Z")),
    "since hours": ({"since": "30h"}, lambda df: df["created_at"] >= pd.Timestamp("2026-01-14T08:00Z")),
    "between": (
        {"since": "2025-12-01", "until": "2025-12-31"},
        lambda df: (
            (df["created_at"] >= pd.Timestamp("2025-12-01T00:00Z"))
            & (df["created_at"] < pd.Timestamp("2026-01-01T00:00Z"))
        ),
    ),
    "updated": ({"updated_since": "2d"}, lambda df: df["updated_at"] >= pd.Timestamp("2026-01-13T14:00Z")),
    "role": ({"role": {"Incident Lead": "Mallory Mason"}}, lambda df: df["role.Incident Lead"] == "Mallory Mason"),
    "nobody": ({"role": {"Incident Lead": "none"}}, lambda df: df["role.Incident Lead"].isna()),
    "option": ({"field": {"Affected service": "Search"}}, lambda df: df["field.Affected service"] == "Search"),
    "catalog": ({"field": {"Owning team": "Search"}}, lambda df: df["field.Owning team"] == "Search"),
    "not option": ({"not_field": {"Affected service": "Search"}}, lambda df: df["field.Affected service"] != "Search"),
    "number": ({"field": {"Customers affected": "41"}}, lambda df: df["field.Customers affected"] == 41),
}


@pytest.fixture(scope="module")
def all_rows(seeded):
    """Every row that a list may have, read once."""
    seeded.reset()
    with connect(seeded.url, seeded.key, cache=None) as io:
        return io.incidents(wide=True, show_private=True, mode="standard,retrospective,test,tutorial")


@pytest.mark.parametrize("name", FILTERS)
def test_filters(client, all_rows, name):
    """Each filter, by name, gives the rows that a look at all rows gives."""
    filters, fits = FILTERS[name]
    everything = all_rows
    if filters.get("mode") is None:
        everything = everything[everything["mode"].isin(["standard", "retrospective"])]
    expected = set(everything.loc[fits(everything).fillna(value=name.startswith("not")).astype(bool), "reference"])
    frame = client.incidents(**filters)
    assert set(frame["reference"]) == expected
    assert frame.attrs["complete"]


def test_any_is_one_of(client):
    """With any, an incident that fits one of the filters is listed."""
    either = client.incidents(any=True, severity="Critical", type="Security")
    assert set(either["reference"]) == set(client.incidents(severity="Critical")["reference"]) | set(
        client.incidents(type="Security")["reference"]
    )


@pytest.mark.parametrize("wide", [False, True])
def test_columns_are_the_same_when_empty(client, wide):
    """Columns and dtypes do not depend on what is found."""
    full = client.incidents(wide=wide, limit=30)
    empty = client.incidents(wide=wide, type="Security", mode="tutorial")
    assert empty.empty
    shared = [name for name in full.columns if not name.startswith("lasted.")]
    assert [name for name in empty.columns if not name.startswith("lasted.")] == shared
    assert list(full[shared].dtypes) == list(empty[shared].dtypes)


def test_sort_and_limit(client):
    """Oldest first is asked of the service, so that a limit cuts the right end; other orders are made here."""
    assert list(client.incidents(all=True, limit=2, sort="created_at")["reference"]) == ["INC-1", "INC-2"]
    codes = client.incidents(limit=40, sort="-severity")["severity"].dropna().cat.codes.tolist()
    assert codes == sorted(codes, reverse=True)


def test_connect_reads_the_environment(sandbox, monkeypatch):
    """connect() takes address and key from the environment, the vendor's name for the key included."""
    monkeypatch.setenv("INCIDENTIO_BASE_URL", sandbox.url)
    monkeypatch.delenv("INCIDENTIO_API_KEY", raising=False)
    monkeypatch.setenv("INCIDENT_API_KEY", sandbox.key)
    with connect(timezone="Europe/Berlin") as client:
        assert len(client.severities()) == 4
        assert sandbox.key not in repr(client)
        assert sandbox.key not in repr(client.settings)
    with pytest.raises(errors.SettingsError, match="There is no setting timezon"):
        connect(timezon="UTC")


def test_the_ledger_s_path_may_be_a_text(sandbox, tmp_path):
    """connect(ledger="…") keeps the writes in that file; what is no path is refused at once."""
    with connect(sandbox.url, sandbox.key, ledger=str(tmp_path / "writes.jsonl")) as client:
        client.declare("Kept in a file", severity="Minor", mode="test")
    assert "Kept" not in (text := (tmp_path / "writes.jsonl").read_text())
    assert '"declare"' in text
    with pytest.raises(errors.SettingsError, match="ledger cannot be 5"):
        connect(sandbox.url, sandbox.key, ledger=5)


def test_a_key_by_its_other_name_is_a_secret_too(sandbox):
    """connect(key="…") does what api_key does, and shows the key as little."""
    with connect(sandbox.url, key=sandbox.key) as client:
        assert len(client.severities()) == 4
        assert sandbox.key not in repr(client.settings)


def test_unknown_filter(client):
    """A misspelt filter is an error with the close match, never ignored."""
    with pytest.raises(errors.InputError, match="There is no filter 'severty'") as reported:
        client.incidents(severty="Major")
    assert reported.value.hint == "did you mean severity?"


@pytest.mark.slow
def test_declare_in_threads_makes_one(client, sandbox):
    """The same declaration from eight threads at once makes one incident."""
    outcomes = []

    def declare():
        outcomes.append(client.declare("Race", severity="Minor", mode="test"))

    threads = [threading.Thread(target=declare) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {outcome.reference for outcome in outcomes} == {"INC-301"}
    assert list(client.incidents(mode="test")["name"]).count("Race") == 1


@pytest.mark.parametrize("fault", ["lose_answer", "drop", "malformed", "truncated"])
def test_lost_answers_never_double(client, sandbox, fault):
    """Whatever becomes of the answer, the update is shared once and is known to be."""
    sandbox.fault(kind=fault, endpoint="POST /v2/incident_updates", times=2)
    assert client.update("INC-299", "once").outcome in {"sent", "not sent"}
    assert updates_of(client, "INC-299", "once") == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_ridden_out(client, sandbox, status):
    """Server errors on a keyed write are repeated with the same key."""
    sandbox.fault(kind="status", endpoint="POST /v2/incident_updates", status=status, times=2)
    assert client.update("INC-299", "once").sent
    assert updates_of(client, "INC-299", "once") == 1


def test_rate_limits_are_ridden_out(client, sandbox):
    """A 429 on any request is waited for."""
    sandbox.fault(kind="rate_limited", endpoint="POST /v2/incidents/*", times=2, retry_after=1)
    assert client.edit("INC-299", name="edited once").sent
    assert client.incident("INC-299").name == "edited once"


@pytest.mark.parametrize("notify", [False, True])
def test_lost_edit_is_read_back(client, sandbox, notify):
    """An edit whose answer was lost after it happened is found done, and the channel is told once."""
    sandbox.fault(kind="lose_answer", endpoint="POST /v2/incidents/*", times=1)
    outcome = client.edit("INC-299", name="edited", notify=notify)
    assert outcome.sent
    assert "read back" in outcome.sentence
    edits = [request for request in sandbox.requests if "actions/edit" in request["path"]]
    assert len(edits) == 1


def test_dropped_edit_is_sent_again_unless_it_notifies(client, sandbox):
    """An edit that did not happen is sent again; one that would notify is left to a person."""
    sandbox.fault(kind="drop", endpoint="POST /v2/incidents/*", times=1)
    assert client.edit("INC-299", name="edited").sent
    sandbox.fault(kind="drop", endpoint="POST /v2/incidents/*", times=1)
    with pytest.raises(errors.OutcomeUnknown) as unknown:
        client.edit("INC-299", name="reported", notify=True)
    assert unknown.value.hint.startswith("check name with %incidents show INC-299")


def test_a_refused_status_names_the_legal_ones(client):
    """A move the service refuses comes with the moves it allows."""
    with pytest.raises(errors.ValidationFailed) as refused:
        client.update("INC-267", status="Fixing")
    assert "to_incident_status_id" in refused.value.fields
    assert "Closed" in refused.value.hint


def test_an_update_is_a_replay_although_no_longer_legal(client):
    """An update shared before is reported as such even when the incident has moved on."""
    reference = client.declare("Moves", severity="Minor", mode="test").reference
    assert client.update(reference, "fixing", status="Fixing").sent
    assert client.update(reference, "over", status="Closed").sent
    assert not client.update(reference, "fixing", status="Fixing").sent


def test_names_are_read_again_after_a_refusal(connect_to):
    """An ID that has gone out of date is looked up once more before the refusal counts."""
    client = connect_to()
    right = client.vocabulary.severities()
    wrong = [type(entry)(id="01STALE0000000000000000000", name=entry.name, rank=entry.rank) for entry in right]
    client.vocabulary._kept["severities"] = (client.vocabulary._kept["severities"][0], wrong)
    assert client.update("INC-299", "now", severity="Critical").sent


def test_training_pages_nobody_on_the_real_service(connect_to, monkeypatch, sandbox):
    """Training mode refuses to page before a request is made, except on this machine."""
    client = connect_to(training=True)
    reference = client.declare("Practice", severity="Minor").reference
    assert client.page(reference, to="alice@example.com").sent
    monkeypatch.setattr(Transport, "host", "api.incident.io")
    before = len(sandbox.requests)
    with pytest.raises(errors.TrainingRefused, match="Training mode pages nobody"):
        client.page(reference, to="bob@example.com")
    assert all(request["method"] == "GET" for request in sandbox.requests[before:])


def test_page_needs_somebody(client):
    """A page without a path or people, or with both, is refused unsent."""
    with pytest.raises(errors.DraftError, match="choose who to page: an escalation path or people"):
        client.page("INC-299")
    with pytest.raises(errors.DraftError, match="not both"):
        client.page("INC-299", path="Search on-call", to="alice@example.com")


def test_private_names_stay_out_of_errors_and_outcomes(client):
    """Nothing that a private incident's write returns or raises holds its name."""
    private = client.incidents(all=True, wide=True, show_private=True)
    private = private[private["visibility"] == "private"].iloc[0]
    outcome = client.update(private["reference"], "text")
    assert private["name"] not in repr(outcome) + outcome._repr_html_()
    assert private["name"] not in client.show(private["reference"]).to_string()
    assert private["name"] not in client.updates(private["reference"]).to_string()


def test_a_restricted_key(client, connect_to, sandbox):
    """A key that may only read says which scope a write lacks, and doctor knows it before."""
    import requests

    from incidentio_magic.doctor import examine

    made = requests.post(
        f"{sandbox.url}/sandbox/keys",
        json={"key": "read-only", "roles": ["viewer"]},
        headers={"Authorization": f"Bearer {sandbox.key}"},
        timeout=10,
    )
    made.raise_for_status()
    reader = connect_to(key=Secret("read-only"))
    assert len(reader.incidents(open=True)) > 0
    with pytest.raises(errors.PermissionDenied) as denied:
        reader.update("INC-299", "text")
    assert "incident" in denied.value.message
    checks = examine(reader.settings).set_index("check")
    assert not checks.loc["may declare", "ok"]
    remedy = checks.loc["may declare", "remedy"]
    assert remedy.startswith("""give this API key the permission "Create incidents" (role incident_creator)""")
    assert checks.loc["may declare", "found"] == "no: the scope incidents.create is missing"
    assert checks.loc["may list and show incidents", "ok"]


def test_doctor_without_a_connection(connect_to, tmp_path):
    """Doctor reports a wrong key, a dead server and an unwritable ledger as rows, not as errors."""
    from incidentio_magic.doctor import examine

    def check(**options):
        quick = {"max_wait": 0.0}
        return examine(connect_to(**{**quick, **options}).settings).set_index("check")

    assert not check(key=Secret("wrong")).loc["connection", "ok"]
    assert "No connection" in check(base_url="http://127.0.0.1:9").loc["connection", "found"]
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert not check(ledger=blocked / "ledger.jsonl").loc["ledger", "ok"]
    assert "There is no API key" in examine(Settings(key=None)).set_index("check").loc["connection", "found"]
    unsafe = examine(Settings(base_url="ftp://example.com")).set_index("check")
    assert not unsafe.loc["address", "ok"]
    assert "use https" in unsafe.loc["address", "remedy"]


def test_simulated_time_is_the_service_s(client, sandbox):
    """Relative times are measured by the service's clock, so that a laptop's wrong clock cuts nothing."""
    client.declare("Just now", severity="Minor", mode="test")
    assert "INC-301" in set(client.incidents(since="1h", mode="test")["reference"])
    sandbox.advance(7200)
    client.vocabulary.refresh()
    assert "INC-301" not in set(client.incidents(since="1h", mode="test")["reference"])


def test_a_dry_run_sends_nothing_even_after_a_refusal(client, sandbox, monkeypatch):
    """A dry run that is refused while names are looked up, and built once more, is a dry run still."""
    refusals = [errors.ValidationFailed("refused", status=422)]
    send = client._sender.send_checked

    def refuse_once(draft, **options):
        if refusals:
            client.vocabulary._kept.clear()
            object.__setattr__(draft, "title", "as it was before")
            raise refusals.pop()
        return send(draft, **options)

    monkeypatch.setattr(client._sender, "send_checked", refuse_once)
    assert client.event("INC-299", "x", dry_run=True).outcome == "not sent"
    assert all(request["method"] == "GET" for request in sandbox.requests)


def test_an_incident_named_twice_is_shown_once(client):
    """However often and in whichever form an incident is named, it has one column."""
    assert list(client.show("INC-299", "299", "inc-299").columns) == ["INC-299"]


def test_a_removed_incident_blocks_nothing(client, monkeypatch):
    """A declaration whose incident is no longer there declares anew."""
    first = client.declare("Gone", severity="Minor", mode="test")
    show = client.api.incident

    def gone(identity):
        if identity == first.record.id:
            raise errors.NotFound("gone", status=404)
        return show(identity)

    monkeypatch.setattr(client.api, "incident", gone)
    second = client.declare("Gone", severity="Minor", mode="test")
    assert second.sent
    assert second.reference != first.reference


@pytest.mark.parametrize(
    "options", [{"timeout": None}, {"timeout": 0}, {"max_wait": -1}, {"max_wait": float("inf")}, {"timezone": 3}]
)
def test_impossible_settings(connect_to, options):
    """Settings that cannot work are an error when connecting, not a crash later."""
    with pytest.raises(errors.SettingsError):
        connect_to(**options)


@pytest.mark.parametrize(("typed", "later"), [("20m", 3600), ("now", 3600), ("yesterday", 86400)])
def test_a_time_from_now_is_the_same_intent_later(client, sandbox, typed, later):
    """A declaration or event with a time counted from now, run again later, is the same; an edit refuses one."""
    ago = {"Impact started at": typed}
    first = client.declare("Relative", severity="Minor", mode="test", timestamp=ago)
    event = client.event("INC-299", "hello", at=typed)
    sandbox.advance(later)
    assert client.declare("Relative", severity="Minor", mode="test", timestamp=ago).reference == first.reference
    assert event.sent
    assert not client.event("INC-299", "hello", at=typed).sent
    with pytest.raises(errors.InputError, match="another time each time"):
        client.edit("INC-299", timestamp=ago)


def test_a_time_of_day_is_the_same_intent_tomorrow(client, sandbox):
    """A declaration with a time of day, run again the next day while it is open, is the same."""
    clock = {"Impact started at": "13:41"}
    assert client.declare("Clock", severity="Minor", mode="test", timestamp=clock).sent
    sandbox.advance(86400)
    assert not client.declare("Clock", severity="Minor", mode="test", timestamp=clock).sent


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("JIRA-291", "did you mean INC-291?"),
        ("https://app.incident.io/another/incidents/291", "did you mean INC-291?"),
        ("https://evil.example.com/sandbox/incidents/291", "did you mean INC-291?"),
        ("2026-01-15", "%incidents lists the open ones"),
    ],
)
def test_another_reference_is_not_ours(client, reference, hint):
    """A number with another prefix, or on another organisation's page, is not taken for ours."""
    with pytest.raises(errors.UnknownName) as unknown:
        client.update(reference, "text")
    assert unknown.value.hint == hint


@pytest.mark.parametrize("reference", ["INC-291", "inc-291", "#inc-291-some-channel", "#INC-291", "291", " 0291 "])
def test_references(client, reference):
    """An incident is found by every form of its reference."""
    assert client.incident(reference).reference == "INC-291"


def test_numbers_are_compared_as_numbers(client):
    """A number may be given as one, and 42.0 is what 42 was."""
    assert client.edit("INC-299", field={"Customers affected": 42}).sent
    assert not client.edit("INC-299", field={"Customers affected": "42.0"}).sent


def test_all_with_a_status_left_out_is_still_all(client):
    """Leaving a status out of everything leaves the hidden categories in; a plain list says that it hides them."""
    everything = client.incidents(all=True)
    left = client.incidents(all=True, not_status="Closed")
    assert len(left) == (everything["status"] != "Closed").sum()
    assert client.incidents(not_status="Closed").attrs["left_out"] == "test, tutorial, declined, canceled, merged"


def test_any_within_the_open_ones(client):
    """Any one filter is enough, but only among the incidents that are listed at all."""
    either = client.incidents(any=True, open=True, severity="Critical", since="2026-01-15", field={"Root cause": "x"})
    assert set(either["status"]) <= {"Triage", "Investigating", "Fixing", "Monitoring", "Paused"}
    expected = set(client.incidents(open=True, severity="Critical")["reference"]) | set(
        client.incidents(open=True, since="2026-01-15")["reference"]
    )
    assert set(either["reference"]) == expected
    assert list(either["created_at"]) == sorted(either["created_at"], reverse=True)


def test_records_and_drafts_show_no_text(client):
    """The repr of a record or a draft, as in somebody's verbose traceback, holds no private text."""
    private = client.incidents(all=True, wide=True, show_private=True)
    reference = private.loc[private["visibility"] == "private", "reference"].iloc[0]
    assert repr(client.incident(reference)) == f"Incident({reference})"
    assert "secret words" not in repr(Update(client.incident(reference), "secret words"))


def test_an_interrupt_says_what_is_not_known(client, monkeypatch):
    """Ctrl-C while a write is on its way is still an interrupt, and says what to check; the ledger says unknown."""

    def stop(_body):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(client.api, "create_incident_update", stop)
        with pytest.raises(KeyboardInterrupt) as interrupted:
            client.update("INC-299", "text")
    first, second = interrupted.value._render_traceback_()
    assert first == "Interrupted: It is not known whether the update of INC-299 was shared."
    assert second.startswith("  → run it again: the same key is written only once")
    assert list(client.log()["outcome"]) == ["unknown"]
    assert client.update("INC-299", "text").sent


def test_a_clock_that_was_set_makes_no_replay(connect_to):
    """Where the service's clock stands still, or this machine's was set, a new write is told as new."""
    client = connect_to()
    client.incident("INC-299")
    client.transport._ahead -= timedelta(hours=1)  # as after this machine's clock was put back by an hour
    assert client.update("INC-299", "after a pause").sent
    client.transport._ahead += timedelta(hours=3)
    assert client.update("INC-299", "after another").sent


@pytest.mark.slow
def test_search_finds_what_the_raw_texts_contain(sandbox, client):
    """A search lists the incidents whose name, summary or field contain the words; private ones only on request."""
    wide = client.incidents(all=True, wide=True, show_private=True)
    texts = wide[["reference", "name", "summary", *(name for name in wide if name.startswith("field."))]]
    whole = pd.Series(["\n".join(map(str, row)).casefold() for row in texts.itertuples()], index=wide.index)
    expected = wide[whole.str.contains("queue") & whole.str.contains("draining")]
    public = expected[expected["visibility"] == "public"]
    assert 3 < len(public) < len(wide)
    found = client.incidents(search="Queue draining", all=True)
    assert set(found["reference"]) == set(public["reference"])
    assert not found.attrs["complete"]
    assert "private incidents were not searched" in found.attrs["why_incomplete"]
    revealed = client.incidents(search="Queue draining", all=True, show_private=True)
    assert set(revealed["reference"]) == set(expected["reference"])
    assert revealed.attrs["complete"]
    either = client.incidents(search="draining", severity="Critical", any=True, all=True, show_private=True)
    assert set(revealed["reference"]) < set(either["reference"])
    first = client.incidents(search="queue draining", all=True, limit=2)
    assert list(first["reference"]) == list(found["reference"][:2])


def test_a_search_narrows_figures_too(client):
    """Metrics of a search are those of the incidents that it lists."""
    found = client.incidents(search="queue draining", all=True)
    figures = client.metrics(search="queue draining")
    assert figures.attrs["incidents"] == len(found)
    assert "not searched" in figures.attrs["why_incomplete"]


def test_the_log_knows_a_declaration_by_its_reference(client):
    """A declaration has no reference when it begins; the log shows the one that it got."""
    reference = client.declare("Checkout fails", severity="Minor").reference
    assert client.log()["reference"].iloc[-1] == reference


@pytest.mark.parametrize(
    ("typed", "shown"), [("None", "None"), ("none", "None"), ("nobody", "(unset)"), ("-", "(unset)")]
)
def test_an_option_called_none_is_set(client, monkeypatch, typed, shown):
    """A value that an option is called is that option; the other words for nothing still empty the field."""
    monkeypatch.setattr(client.vocabulary, "has_option", lambda _field, name: name.lower() == "none")
    monkeypatch.setattr(client.vocabulary, "options_named", lambda _field, _names: [models.Named("O1", "None")])
    edit = client.edit("INC-293", field={"Affected service": typed}, dry_run=True).to_frame()
    assert list(edit.loc[edit["property"] == "field Affected service", "value"]) == [shown]


@pytest.mark.parametrize(("typed", "shown"), [("Nobody", "Nobody"), ("none", "(nobody)")])
def test_a_person_called_nobody_is_assigned(client, monkeypatch, typed, shown):
    """Who is called like a word for nobody can hold a role and a task."""
    person = models.User("U1", "Nobody")
    find = client.vocabulary.person

    def resolve(name):
        return person if name == "Nobody" else find(name)

    monkeypatch.setattr(client.vocabulary, "person", resolve)
    edit = client.edit("INC-293", role={"Incident Lead": typed}, dry_run=True)
    assert shown in str(edit)
