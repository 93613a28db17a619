"""Training mode attacked by every route from Python: nothing but test incidents is ever written to."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest
import requests

from incidentio_magic import connect, errors
from incidentio_magic.api.transport import Transport
from incidentio_magic.api.wire import Request
from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.writes.drafts import Edit, Event, Page, Update
from incidentio_magic.writes.guard import BANNER

REAL = "INC-299"


@pytest.fixture(scope="module")
def elsewhere():
    """Another organisation, whose incidents have other IDs."""
    with Sandbox(seed=2, epoch="2026-01-15T14:00:00Z", frozen=True, incidents=40) as sandbox:
        yield sandbox


@pytest.fixture
def make(sandbox, tmp_path):
    """Make clients that never really sleep."""
    made = []

    def make(where=sandbox, **options):
        given = {"base_url": where.url, "key": Secret(where.key), "ledger": tmp_path / "ledger.jsonl"}
        made.append(Incidents(Settings(**{**given, **options}), sleep=lambda _seconds: None))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def trainee(make):
    """A client in training mode."""
    return make(training=True)


def writes(sandbox):
    """Return the writes that reached the service."""
    return [request for request in sandbox.requests if request["method"] != "GET"]


@pytest.fixture
def refused(sandbox):
    """Check that something is refused and that no write reached the service."""

    def refused(act, match="Training mode"):
        before = len(writes(sandbox))
        with pytest.raises(errors.TrainingRefused, match=match) as caught:
            act()
        assert "nothing was sent" in str(caught.value).lower()
        assert len(writes(sandbox)) == before

    return refused


METHODS = {
    "update": lambda io: io.update(REAL, "no"),
    "status": lambda io: io.update(REAL, status="Fixing"),
    "severity": lambda io: io.update(REAL, severity="Minor"),
    "event": lambda io: io.event(REAL, "no"),
    "edit": lambda io: io.edit(REAL, name="no"),
    "page": lambda io: io.page(REAL, to="alice@example.com"),
    "page a path": lambda io: io.page(REAL, path="Payments on-call"),
    "again": lambda io: io.update(REAL, "no", again=True),
    "import a postmortem": lambda io: io.import_postmortem(io.postmortem(REAL)),
    "by number": lambda io: io.update("299", "no"),
    "by permalink": lambda io: io.update("https://app.incident.io/sandbox/incidents/299", "no"),
    "by channel": lambda io: io.update("#inc-299-notifications", "no"),
    "private": lambda io: io.update("INC-297", "no"),
    "follow-up": lambda io: io.add_follow_up(REAL, "no"),
    "action": lambda io: io.add_action(REAL, "no"),
    "attach": lambda io: io.attach(REAL, "https://example.com"),
    "finish an action": lambda io: io.change_action(f"{REAL}#1", status="outstanding"),
    "declare standard": lambda io: io.declare("no", severity="Minor", mode="standard"),
    "declare retrospective": lambda io: io.declare("no", severity="Minor", mode="retrospective"),
    "declare tutorial": lambda io: io.declare("no", severity="Minor", mode="tutorial"),
}


@pytest.mark.parametrize("route", METHODS)
def test_the_methods_refuse(trainee, refused, route):
    """Every writing method refuses a real incident, however it is named, before any write leaves."""
    refused(lambda: METHODS[route](trainee))


DRAFTS = {
    "update": lambda incident, _io: Update(incident, "no"),
    "event": lambda incident, _io: Event(incident, "no", incident.created_at),
    "edit": lambda incident, _io: Edit(incident, name="no"),
    "page": lambda incident, io: Page(incident, "no", users=(io.vocabulary.user("alice@example.com"),)),
}


@pytest.mark.parametrize("kind", DRAFTS)
def test_a_forged_draft_is_found_out(trainee, refused, kind):
    """A draft that calls a real incident a test one is refused: the service is asked, not the draft."""
    import msgspec

    forged = msgspec.structs.replace(trainee.incident(REAL), mode="test")
    refused(lambda: trainee.send(DRAFTS[kind](forged, trainee)), "is standard")


@pytest.mark.parametrize("kind", DRAFTS)
def test_a_draft_made_before_training_began(make, refused, kind):
    """What was prepared without training mode is refused by a client that is in training."""
    free, trainee = make(), make(training=True)
    draft = DRAFTS[kind](free.incident(REAL), free)
    refused(lambda: trainee.send(draft))


def test_an_incident_of_another_organisation(trainee, make, elsewhere, refused):
    """A test incident of one organisation is none of another's: its ID is not known there, so nothing is written."""
    foreign = make(elsewhere, training=True)
    reference = foreign.declare("Practice", severity="Minor").reference
    refused(lambda: trainee.send(Update(foreign.incident(reference), "no")), "could not find out")


def test_the_same_reference_of_another_organisation(trainee, make, elsewhere, refused):
    """A reference means this organisation's incident: where another has a test one, here it may be real."""
    foreign = make(elsewhere)
    tests = foreign.incidents(mode="test", all=True)["reference"]
    real = trainee.vocabulary
    wrong = [test for test in tests if real.incident(test).mode != "test"]
    assert wrong
    refused(lambda: trainee.update(wrong[0], "no"))


def test_a_key_that_may_not_see_it(make, sandbox, refused):
    """What a key may not read it may not write to in training, even if it knows the ID."""
    made = {"key": "cannot-read", "roles": ["incident_editor", "incident_creator"]}
    admin = {"X-Sandbox-Admin": sandbox.roster.admin}
    requests.post(f"{sandbox.url}/sandbox/keys", json=made, headers=admin, timeout=10).raise_for_status()
    full, narrow = make(), make(training=True, key=Secret("cannot-read"))
    test = full.incident(full.declare("Practice", severity="Minor", mode="test").reference)
    before = len(writes(sandbox))
    with pytest.raises(errors.TrainingRefused, match="could not find out"):
        narrow.api.create_incident_update({"idempotency_key": "k", "incident_id": test.id, "message": "no"})
    assert len(writes(sandbox)) == before


RAW = {
    "declare": ("/v2/incidents", {"idempotency_key": "k", "visibility": "public", "name": "no"}),
    "declare, mode null": ("/v2/incidents", {"idempotency_key": "k", "visibility": "public", "mode": None}),
    "update": ("/v2/incident_updates", {"idempotency_key": "k", "incident_id": "{id}", "message": "no"}),
    "update of nothing": ("/v2/incident_updates", {"idempotency_key": "k", "message": "no"}),
    "event": ("/v2/incident_timeline_items", {"idempotency_key": "k", "incident_id": "{id}", "title": "no"}),
    "page": ("/v2/escalations", {"idempotency_key": "k", "incident_id": "{id}", "title": "no", "user_ids": ["u"]}),
    "page about nothing": ("/v2/escalations", {"idempotency_key": "k", "title": "no", "user_ids": ["u"]}),
    "edit": ("/v2/incidents/{id}/actions/edit", {"incident": {"name": "no"}, "notify_incident_channel": False}),
    "edit by number": ("/v2/incidents/299/actions/edit", {"incident": {"name": "no"}}),
    "edit of nothing": ("/v2/incidents/{id}/actions/edit", None),
    "import a postmortem": ("/v2/incidents/{id}/actions/import_postmortem_document", {"title": "no"}),
    "follow-up": ("/v3/follow_ups", {"incident_id": "{id}", "title": "no"}),
    "follow-up of nothing": ("/v3/follow_ups", {"title": "no"}),
    "action": ("/v3/actions", {"incident_id": "{id}", "description": "no"}),
    "attachment": ("/v1/incident_attachments", {"incident_id": "{id}", "resource": {}}),
    "a page that there is not": ("/v2/escalations/nothing/actions/respond", {"response": "ack"}),
    "cancel a page that there is not": ("/v2/escalations/nothing/actions/cancel", None),
    "reassign a page": ("/v2/escalations/{id}/actions/reassign", {"user_ids": []}),
    "something unknown": ("/v2/status_pages", {"name": "no"}),
    "out of the sandbox's own": ("/sandbox/../v2/incidents", {"mode": "standard"}),
    "another of the sandbox's own": ("/sandbox/reset", {}),
    "below an ID": ("/v2/incidents/../actions/edit", {"incident": {"name": "no"}}),
    "an encoded number": ("/v2/incidents/%32%39%39/actions/edit", {"incident": {"name": "no"}}),
    "a slash too many": ("/v2/incidents/", {"mode": "test"}),
    "somewhere else": ("/v2/incidents/../incidents", {"mode": "test"}),
}


@pytest.mark.parametrize("route", RAW)
def test_raw_requests_are_refused(trainee, refused, route):
    """Below the drafts the guard still stands: requests made by hand are refused too, and unknown ones with them."""
    path, body = RAW[route]
    identity = trainee.incident(REAL).id
    filled = body and {name: identity if value == "{id}" else value for name, value in body.items()}
    request = Request("POST", path.format(id=identity), body=filled, keyed=True)
    refused(lambda: trainee.transport.send(request))


@pytest.fixture
def real_page(make):
    """A page that people wait to be answered, of a real incident."""
    return make().page(REAL, "Wake up", to="alice@example.com").record


RESPONSES = {
    "acknowledge": lambda io, page: io.acknowledge(page),
    "cancel": lambda io, page: io.cancel(page),
    "snooze": lambda io, page: io.snooze(page, "30m"),
    "raw": lambda io, page: io.api.cancel_escalation(page),
    "raw, encoded": lambda io, page: io.transport.send(
        Request("POST", f"/v2/escalations/%{ord(page[0]):x}{page[1:]}/actions/cancel")
    ),
}


@pytest.mark.parametrize("route", RESPONSES)
@pytest.mark.parametrize("named", ["by reference", "by ID"])
def test_pages_of_real_incidents(trainee, real_page, refused, route, named):
    """In training no page of a real incident is acknowledged, cancelled or snoozed, however it is named."""
    if named == "by reference" and route.startswith("raw"):
        named = "by ID"
    page = REAL if named == "by reference" else real_page.id
    refused(lambda: RESPONSES[route](trainee, page))


@pytest.mark.parametrize("route", RESPONSES)
def test_a_page_about_no_incident(make, trainee, refused, route):
    """A page that an alert raised may be real, so training leaves it alone."""
    free = make()
    users = [free.vocabulary.user("alice@example.com").id]
    page = free.api.create_escalation({"idempotency_key": "k", "title": "x", "user_ids": users})
    refused(lambda: RESPONSES[route](trainee, page.id), "names none")


def test_a_page_about_a_real_incident_too(trainee, make, sandbox, monkeypatch, refused):
    """A page of a test incident that is about a real one as well is refused."""
    import msgspec

    practice = trainee.declare("Practice", severity="Minor").reference
    page = trainee.page(practice, "Wake up", to="alice@example.com").record
    real = make().page(REAL, "Wake up", to="bob@example.com").record.related_incidents
    both = msgspec.structs.replace(page, related_incidents=[*page.related_incidents, *real])
    monkeypatch.setattr(trainee.api, "escalation", lambda _identity: both)
    refused(lambda: trainee.acknowledge(page.id), "INC-299 is standard")


def test_tasks_of_real_incidents(make, trainee, refused):
    """In training no follow-up or action of a real incident is changed, by number, by ID or by a request."""
    free = make()
    follow_up = free.add_follow_up(REAL, "Real").record
    action = free.add_action(REAL, "Real").record
    refused(lambda: trainee.change_follow_up(f"{REAL}#1", status="completed"))
    refused(lambda: trainee.change_follow_up(follow_up.id, status="completed"))
    refused(lambda: trainee.change_action(action.id, assignee="none"))
    refused(lambda: trainee.api.update_follow_up(follow_up.id, {"title": "no", "status": "completed"}))
    refused(lambda: trainee.api.update_action(action.id, {"description": "no", "status": "completed"}))
    refused(lambda: trainee.api.update_action("nothing", {"description": "no"}), "could not find out")


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_other_methods_are_refused(trainee, refused, method):
    """Whatever is no plain reading is refused unless it is known to be harmless."""
    refused(lambda: trainee.transport.send(Request(method, "/v2/incidents/1", body={"mode": "test"})))


def test_a_merged_incident(trainee, sandbox, refused):
    """A test incident that was merged into another is closed to training, and none is merged by it."""
    reference = trainee.declare("Practice", severity="Minor").reference
    refused(lambda: trainee.update(reference, status="Merged"), "merges no incident")
    refused(lambda: trainee.edit(reference, status="Merged"), "merges no incident")
    merged = trainee.vocabulary.status("Merged")
    practice, target = trainee.incident(reference).id, trainee.incident(REAL).id
    journal = sandbox.service.journal
    with sandbox.service.store.writing():
        row = journal.store.document("incidents", practice)
        journal.change(row, row["updated_at"], {}, status_id=merged.id, merged_into=target)
        journal.save(row)
    for act in (
        lambda: trainee.update(reference, "no"),
        lambda: trainee.update(reference, status="Closed"),
        lambda: trainee.edit(reference, name="no"),
        lambda: trainee.event(reference, "no"),
    ):
        refused(act, "was merged")


def test_pages_stay_on_this_machine(trainee, monkeypatch, sandbox, refused):
    """Paging is refused at any other address, and at one of this machine that is no sandbox."""
    reference = trainee.declare("Practice", severity="Minor").reference
    assert trainee.page(reference, to="alice@example.com").sent
    for host in ("api.incident.io", "10.0.0.7", "sandbox.example.com", "127.0.0.1.example.com"):
        with monkeypatch.context() as patch:
            patch.setattr(Transport, "host", host)
            refused(lambda: trainee.page(reference, to="bob@example.com"), "pages nobody")


def test_a_tunnel_to_the_real_service_pages_nobody(make, monkeypatch, refused):
    """An address of this machine that does not say it is a sandbox is taken for the real service."""
    trainee = make(training=True)
    reference = trainee.declare("Practice", severity="Minor").reference
    monkeypatch.setattr(trainee.api, "is_sandbox", lambda: False)
    refused(lambda: trainee.page(reference, to="bob@example.com"), "pages nobody")


def test_what_cannot_be_checked_is_refused(trainee, sandbox, refused):
    """When the service cannot say whose incident it is, nothing is written, and the ledger says so."""
    reference = trainee.declare("Practice", severity="Minor").reference
    draft = Update(trainee.incident(reference), "no")
    sandbox.fault("status", "GET /v2/incidents/*", status=500)
    refused(lambda: trainee.send(draft), "could not find out")
    assert trainee.log()["outcome"].iloc[-1] == "not sent"


def test_what_became_real_during_a_wait(sandbox, tmp_path):
    """An incident that is none of training's any longer when a wait ends is not written to: each attempt is checked."""
    settings = Settings(sandbox.url, Secret(sandbox.key), training=True, ledger=tmp_path / "ledger.jsonl")

    def become_real(_seconds):
        with sandbox.service.store.writing():
            row = sandbox.service.journal.store.document("incidents", practice.id)
            sandbox.service.journal.save({**row, "mode": "standard"})

    with Incidents(settings, sleep=become_real) as trainee:
        practice = trainee.incident(trainee.declare("Practice", severity="Minor").reference)
        sandbox.fault("rate_limited", "POST /v2/incident_updates", times=1, retry_after=5)
        before = len(sandbox.requests)
        with pytest.raises(errors.TrainingRefused, match="is standard; nothing was sent") as refused:
            trainee.send(Update(practice, "no"))
        assert refused.value.hint.startswith("%incidents shows the test incidents; ")
        assert [request["status"] for request in sandbox.requests[before:] if request["method"] != "GET"] == [429]
        assert trainee.log()["outcome"].iloc[-1] == "not sent"


def test_what_became_real_after_a_lost_answer(sandbox, tmp_path):
    """Where an earlier attempt may have been carried out, a refused repeat does not say that nothing was sent."""
    settings = Settings(sandbox.url, Secret(sandbox.key), training=True, ledger=tmp_path / "ledger.jsonl")
    changed = []

    def become_real(_seconds):
        changed.append(True)
        with sandbox.service.store.writing():
            row = sandbox.service.journal.store.document("incidents", practice.id)
            sandbox.service.journal.save({**row, "mode": "standard"})

    with Incidents(settings, sleep=become_real) as trainee:
        practice = trainee.incident(trainee.declare("Practice", severity="Minor").reference)
        sandbox.fault("lose_answer", "POST /v2/incident_updates", times=1)
        with pytest.raises(errors.OutcomeUnknown, match="not known whether the update") as caught:
            trainee.send(Update(practice, "once"))
        assert "the retry ended" not in caught.value.message  # it was not sent
        assert changed
        assert list(trainee.updates(practice.reference)["message"].dropna()) == ["once"]
        assert trainee.log()["outcome"].iloc[-1] == "unknown"


def test_a_test_incident_is_written_to_as_ever(trainee):
    """Training mode lets every kind of write through to a test incident, on a sandbox of this machine."""
    reference = trainee.declare("Practice", severity="Minor").reference
    assert trainee.update(reference, "text", status="Fixing", severity="Major").sent
    assert trainee.event(reference, "It began").sent
    assert trainee.edit(reference, name="Practised", status="Monitoring").sent
    assert trainee.page(reference, path="Payments on-call").sent
    assert trainee.import_postmortem(trainee.postmortem(reference)).sent
    assert trainee.snooze(reference, "30m").sent
    assert trainee.acknowledge(reference).sent
    assert trainee.add_follow_up(reference, "Add an alert").sent
    assert trainee.change_follow_up(f"{reference}#1", status="completed").sent
    assert trainee.add_action(reference, "Fail over").sent
    assert trainee.change_action(f"{reference}#1", assignee="alice@example.com").sent
    assert trainee.attach(reference, "https://example.com/graph").sent
    assert trainee.update(reference, "over", status="Closed").sent


def test_a_timeline_asks_for_test_mode(trainee, sandbox):
    """Actions and follow-ups of a test incident are asked for with its mode, without which they would be missing."""
    before = len(sandbox.requests)
    trainee.timeline(trainee.declare("Practice", severity="Minor").reference)
    asked = {request["path"]: dict(request["query"]) for request in sandbox.requests[before:]}
    assert asked["/v3/actions"]["incident_mode"] == "test"
    assert asked["/v3/follow_ups"]["incident_mode"] == "test"


def test_a_lost_answer_is_still_one_write(trainee, sandbox):
    """The guard does not disturb the repeating of a keyed write."""
    reference = trainee.declare("Practice", severity="Minor").reference
    sandbox.fault("lose_answer", "POST /v2/incident_updates", times=1)
    assert trainee.update(reference, "once").sent
    assert list(trainee.updates(reference)["message"].dropna()) == ["once"]


def test_the_environment_holds_for_clients_made_before(make, monkeypatch, refused):
    """A class's variable that is set later binds clients that are already there."""
    client = make()
    assert client.update(REAL, "real").sent
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    refused(lambda: client.update(REAL, "no"))
    refused(lambda: client.declare("no", severity="Minor", mode="standard"))


@pytest.mark.parametrize("name", ["INCIDENTIO_TRAINING", "incidentio_training", "Incidentio_Training"])
@pytest.mark.parametrize("text", ["1", " ON ", "True", "yess", "notebok"])
def test_the_variable_is_hard_to_mistype(make, monkeypatch, refused, name, text):
    """However the variable and its value are written: whatever does not say no is training."""
    client = make()
    monkeypatch.setenv(name, text)
    refused(lambda: client.update(REAL, "no"))


CLASS = """
import os
from incidentio_magic import IncidentioError, connect
{change}
io = connect()
assert io.training and io.settings.training
for act in (lambda: io.update("INC-299", "no"), lambda: connect(training=False)):
    try:
        act()
    except IncidentioError as error:
        print(type(error).__name__)
"""
CHANGES = {
    "taken away": "del os.environ['INCIDENTIO_TRAINING']",
    "no": "os.environ['INCIDENTIO_TRAINING'] = '0'",
    "as a notebook's own": "os.environ['INCIDENTIO_TRAINING'] = 'notebook'",
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_class_outlasts_its_variable(sandbox, tmp_path, change):
    """A cell that takes the class's variable away or changes it does not leave training mode."""
    environment = {
        **os.environ,
        "INCIDENTIO_TRAINING": "1",
        "INCIDENTIO_BASE_URL": sandbox.url,
        "INCIDENTIO_API_KEY": sandbox.key,
        "INCIDENTIO_LEDGER": str(tmp_path / "ledger.jsonl"),
    }
    code = CLASS.format(change=CHANGES[change])
    reported = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert reported.stdout.split() == ["TrainingRefused", "SettingsError"], reported.stderr
    assert not writes(sandbox)


def test_a_session_of_one_s_own_has_no_key(trainee, sandbox):
    """Below the guard there is nothing to write with: the pooled session carries no key by itself."""
    before = sandbox.service.store.count("SELECT count(*) FROM incident_updates")
    sent = {"idempotency_key": "k", "incident_id": trainee.incident(REAL).id, "message": "no"}
    session = trainee.transport._session
    for act in (session.post, requests.post):
        answer = act(f"{sandbox.url}/v2/incident_updates", json=sent, headers=dict(session.headers), timeout=10)
        assert answer.status_code == 401
    assert sandbox.service.store.count("SELECT count(*) FROM incident_updates") == before


def test_a_variable_set_later_changes_what_is_read(make, monkeypatch):
    """A client made before the class's variable was set lists, declares and measures test incidents from then on."""
    client = make()
    assert "standard" in set(client.incidents()["mode"])
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    listed = client.incidents(all=True)
    assert set(listed["mode"]) == {"test"}
    assert listed.attrs["banner"] == BANNER
    reference = client.declare("Practice", severity="Minor").reference
    assert client.incident(reference).mode == "test"
    assert client.metrics(since="400d").attrs["banner"] == BANNER


def test_connect_cannot_leave_a_class(monkeypatch, sandbox):
    """With the variable set, training=False is an error, not a way out."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    with pytest.raises(errors.SettingsError, match="Training mode is on for all"):
        connect(sandbox.url, sandbox.key, training=False)
    with connect(sandbox.url, sandbox.key) as client:
        assert client.settings.training


def test_what_is_shown_says_training(trainee, make):
    """Lists and outcomes carry the banner in training mode, and only then."""
    assert trainee.incidents().attrs["banner"] == BANNER
    assert set(trainee.incidents(all=True)["mode"]) == {"test"}
    outcome = trainee.declare("Practice", severity="Minor")
    assert repr(outcome).startswith(BANNER)
    assert BANNER in outcome._repr_html_()
    assert trainee.show(outcome.reference).attrs["banner"] == BANNER
    assert trainee.updates(outcome.reference).attrs["banner"] == BANNER
    free = make()
    assert "banner" not in free.incidents().attrs
    assert BANNER not in repr(free.update(outcome.reference, "text"))


def test_settings_are_not_loosened_by_replacing(make, monkeypatch, refused):
    """A client made with training off while the environment says on is held by the guard all the same."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", "on")
    loose = make(training=False)
    assert not dataclasses.replace(loose.settings).training
    refused(lambda: loose.edit(REAL, name="no"))
    assert os.environ["INCIDENTIO_TRAINING"] == "on"
