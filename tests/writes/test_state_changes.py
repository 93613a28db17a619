"""Responses to pages and changes of tasks have no key: read before, sent if needed, read back after a lost answer."""

from __future__ import annotations

import re

import msgspec
import pytest

from incidentio_magic import errors
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.transport import Transport
from incidentio_magic.api.wire import Answer
from incidentio_magic.writes.ledger import Ledger

REFERENCE = "INC-293"
CHANGES = {
    "acknowledge": lambda io, **more: io.acknowledge(REFERENCE, **more),
    "cancel": lambda io, **more: io.cancel(REFERENCE, **more),
    "snooze": lambda io, **more: io.snooze(REFERENCE, "30m", **more),
    "follow-up": lambda io, **more: io.change_follow_up(f"{REFERENCE}#1", status="completed", **more),
    "action": lambda io, **more: io.change_action(f"{REFERENCE}#1", assignee="bob@example.com", **more),
}
PAGES = ("acknowledge", "cancel", "snooze")
ENDPOINT = {
    "acknowledge": "POST /v2/escalations/*/actions/respond",
    "cancel": "POST /v2/escalations/*/actions/cancel",
    "snooze": "POST /v2/escalations/*/actions/respond",
    "follow-up": "PUT /v3/follow_ups/*",
    "action": "PUT /v3/actions/*",
}

each = pytest.mark.parametrize("what", CHANGES)


@pytest.fixture
def client(connect_to):
    """A client of a sandbox with one page that waits, one follow-up and one action."""
    io = connect_to()
    assert io.page(REFERENCE, "Wake up", to="alice@example.com").sent
    io.add_follow_up(REFERENCE, "Add an alert", "On errors.", assignee="alice@example.com", priority="Urgent")
    io.change_action(f"{REFERENCE}#1", status="outstanding", assignee="alice@example.com")
    return io


def record(io, what):
    """Return the page, follow-up or action as the service has it."""
    incident = io.incident(REFERENCE)
    if what in PAGES:
        return io.api.escalations(incident.id).whole()[0]
    return (io.api.follow_ups if what == "follow-up" else io.api.actions)(incident.id).whole()[0]


def is_done(io, what):
    """Return whether the change is there."""
    found = record(io, what)
    if what in PAGES:
        return found.status == {"acknowledge": "acked", "cancel": "cancelled", "snooze": "snoozed"}[what]
    return found.status == "completed" if what == "follow-up" else found.assignee.email == "bob@example.com"


def sent(sandbox, what):
    """Return how many requests of this kind arrived."""
    start, _, end = ENDPOINT[what].partition("*")
    names = [f"{request['method']} {request['path']}" for request in sandbox.requests]
    return sum(name.startswith(start) and name.endswith(end) for name in names)


def noted(io):
    """Return how the requests of the last write began and ended, as the ledger holds it, each with its request ID."""
    entries = list(Ledger(io.settings.ledger).entries())
    last = [entry for entry in entries if entry.intent == entries[-1].intent]
    return [(entry.outcome, entry.request_id) for entry in last]


@each
def test_it_is_done_once(client, sandbox, what):
    """The first run does it, a second one finds it done and sends nothing; the ledger holds the first one alone."""
    before = sent(sandbox, what)
    first = CHANGES[what](client)
    assert first.sent
    assert is_done(client, what)
    second = CHANGES[what](client)
    assert not second.sent
    assert second.id == first.id
    assert first.permalink == second.permalink == client.incident(REFERENCE).permalink
    assert first.reference == second.reference == REFERENCE
    assert "nothing sent" in second.sentence
    assert sent(sandbox, what) == before + 1


def test_what_is_said(client):
    """The sentences name the page or task, what it is now, until when, and since when it was so already."""
    assert client.snooze(REFERENCE, "30m").sentence == (
        "The page 'Wake up' of INC-293 was snoozed until 2026-01-15 14:30 UTC."
    )
    again = client.snooze(REFERENCE, "1h")
    assert again.sentence == "The page 'Wake up' of INC-293 is already snoozed; nothing sent."
    assert again.option_hint == "--again snoozes it again"
    assert "until 2026-01-15 15:00 UTC" in client.snooze(REFERENCE, "1h", again=True).sentence
    done = client.acknowledge(REFERENCE).sentence
    assert re.fullmatch(r"The page 'Wake up' of INC-293 was acknowledged at 14:00:\d\d UTC\.", done)
    assert "is already acknowledged, since 2026-01-15 14:00:" in client.acknowledge(REFERENCE).sentence
    done = client.change_follow_up(f"{REFERENCE}#1", status="completed")
    assert done.sentence == "The follow-up INC-293#1 is changed: completed, for Alice Archer."
    moved = client.change_follow_up(f"{REFERENCE}#1", assignee="none")
    assert moved.sentence == "The follow-up INC-293#1 is changed: completed, for nobody."


def test_who_acknowledged_it(client, sandbox):
    """A page that a person acknowledged names them and when, not the people it notified before."""
    page = record(client, "acknowledge")
    users = sandbox.service.organisation["users"].values()
    bob = next(user for user in users if user["email"] == "bob@example.com")
    with sandbox.service.store.writing():
        document = sandbox.service.store.document("escalations", page.id)
        assert bob["id"] not in document["user_ids"]
        event = {"id": "E", "event": "acked", "occurred_at": "2026-01-15T14:20:00.000Z", "users": [bob["id"]]}
        kept = {**document, "status": "acked", "events": [*document["events"], event]}
        sandbox.service.journal.keep_escalation(kept, None)
    outcome = client.acknowledge(REFERENCE)
    assert not outcome.sent
    assert f", since 2026-01-15 14:20:00 UTC, by {bob['name']}; nothing sent" in outcome.sentence


@pytest.mark.parametrize("what", PAGES)
def test_a_page_that_is_over(client, sandbox, what):
    """A page that pages nobody any more is left alone, and its status is named."""
    page = record(client, what)
    with sandbox.service.store.writing():
        document = sandbox.service.store.document("escalations", page.id)
        sandbox.service.journal.keep_escalation({**document, "status": "resolved"}, None)
    call = {
        "acknowledge": lambda: client.acknowledge(f"{REFERENCE}#1"),
        "cancel": lambda: client.cancel(f"{REFERENCE}#1"),
        "snooze": lambda: client.snooze(f"{REFERENCE}#1", "30m"),
    }
    outcome = call[what]()
    assert not outcome.sent
    assert "is resolved and pages nobody; nothing sent" in outcome.sentence
    assert sent(sandbox, what) == 0


def test_an_acknowledged_page_is_not_snoozed(client, sandbox):
    """A page that is acknowledged pages nobody, so there is nothing to snooze; cancelling it is possible."""
    client.acknowledge(REFERENCE)
    outcome = client.snooze(f"{REFERENCE}#1", "30m")
    assert "is acknowledged and pages nobody; nothing sent" in outcome.sentence
    assert client.cancel(f"{REFERENCE}#1").sent


@each
@pytest.mark.parametrize("kind", ["lose_answer", "status", "drop"])
def test_a_lost_answer_is_read_back(client, sandbox, what, kind):
    """What was done is reported as done; what was not is sent again, since doing it twice does no more than once."""
    CHANGES[what](client, dry_run=True)
    before = sent(sandbox, what)
    sandbox.fault(kind, ENDPOINT[what], times=1)
    outcome = CHANGES[what](client)
    assert outcome.sent
    assert is_done(client, what)
    was_carried_out = kind == "lose_answer" and what != "cancel"  # a cancellation is repeated by the wire already
    assert ("the response was lost; read back and confirmed" in outcome.sentence) is was_carried_out
    assert sent(sandbox, what) - before in ({1, 2} if kind == "lose_answer" else {2})
    assert client.log()["outcome"].iloc[-1] == "sent"


@pytest.mark.parametrize("what", ["acknowledge", "snooze", "follow-up", "action"])
def test_lost_three_times(client, sandbox, what):
    """After three losses nothing is sent any more; the end is unknown, since the last request may still arrive."""
    CHANGES[what](client, dry_run=True)
    sandbox.fault("drop", ENDPOINT[what], times=3)
    before = sent(sandbox, what)
    with pytest.raises(errors.OutcomeUnknown, match=r"It is not known whether the"):
        CHANGES[what](client)
    assert sent(sandbox, what) == before + 3
    assert not is_done(client, what)
    assert client.log()["outcome"].iloc[-1] == "unknown"
    assert CHANGES[what](client).sent


@each
def test_what_cannot_be_read_back(client, sandbox, monkeypatch, what):
    """Where it cannot be read after a lost answer, the end is unknown and the hint names what shows it."""
    CHANGES[what](client, dry_run=True)
    changes = client._sender._state_changes
    original, calls = changes._read, []

    def read(draft):
        calls.append(draft)
        if len(calls) > 1:
            raise errors.ConnectionFailed("no connection")
        return original(draft)

    monkeypatch.setattr(changes, "_read", read)
    sandbox.fault("lose_answer", ENDPOINT[what], times=9)
    with pytest.raises(errors.OutcomeUnknown, match="It is not known whether") as caught:
        CHANGES[what](client)
    assert "check with %incidents" in caught.value.hint
    assert client.log()["outcome"].iloc[-1] == "unknown"
    monkeypatch.setattr(changes, "_read", original)
    sandbox.clear_faults()
    found = CHANGES[what](client)
    assert not found.sent
    (end,) = list(Ledger(client.settings.ledger).outcomes())[-1:]
    assert (end.outcome, end.result) == ("not sent", found.id)


@each
def test_a_success_that_cannot_be_read_is_one(client, monkeypatch, what):
    """A read that fails after the service accepted it does not hide that it was done."""
    CHANGES[what](client, dry_run=True)
    changes = client._sender._state_changes
    original, calls = changes._read, []

    def read(draft):
        calls.append(draft)
        if len(calls) > 1:
            raise errors.ConnectionFailed("no connection")
        return original(draft)

    monkeypatch.setattr(changes, "_read", read)
    outcome = CHANGES[what](client)
    assert outcome.sent
    assert outcome.id
    assert outcome.to_frame()["outcome"].item() == "sent"


@each
def test_what_somebody_else_did_first(client, monkeypatch, what):
    """Refused because somebody else was faster: it is as wanted, and nothing is reported as sent."""
    original = client._sender._state_changes._send

    def send(draft):
        original(draft)
        raise errors.Conflict("it is so already", status=409)

    monkeypatch.setattr(client._sender._state_changes, "_send", send)
    outcome = CHANGES[what](client)
    assert not outcome.sent
    assert "nothing sent" in outcome.sentence
    assert client.log()["outcome"].iloc[-1] == "not sent"


@each
def test_a_refusal_is_shown(client, monkeypatch, what):
    """Where it is not as wanted, the service's own error is shown."""

    def send(_draft):
        raise errors.ValidationFailed("the escalation is strange", status=422, request_id="req-7")

    monkeypatch.setattr(client._sender._state_changes, "_send", send)
    with pytest.raises(errors.ValidationFailed, match="strange"):
        CHANGES[what](client)
    assert client.log()["outcome"].iloc[-1] == "not sent"
    assert noted(client) == [("sending", ""), ("not sent", "req-7")]


@each
def test_losses_before_a_refusal(client, monkeypatch, what):
    """Each attempt that changed nothing is noted with its own request; the refusal after them is not a loss."""
    failures = [
        errors.AnswerLost("lost", request_id="req-7"),
        errors.ServiceUnavailable("down", status=503, request_id="req-8"),
        errors.Conflict("no", status=409, request_id="req-9"),
    ]

    def send(_draft):
        raise failures.pop(0)

    monkeypatch.setattr(client._sender._state_changes, "_send", send)
    with pytest.raises(errors.Conflict, match="no"):
        CHANGES[what](client)
    ends = [("not sent", f"req-{number}") for number in (7, 8, 9)]
    assert noted(client) == [entry for end in ends for entry in (("sending", ""), end)]


@each
def test_the_last_of_three_losses_is_the_one_to_look_for(client, monkeypatch, what):
    """The end is unknown after three attempts, and the ledger names the last request."""
    failures = [errors.AnswerLost("lost", request_id=f"req-{number}") for number in (7, 8, 9)]

    def send(_draft):
        raise failures.pop(0)

    monkeypatch.setattr(client._sender._state_changes, "_send", send)
    with pytest.raises(errors.OutcomeUnknown):
        CHANGES[what](client)
    assert not failures
    assert noted(client)[-1] == ("unknown", "req-9")


@pytest.mark.parametrize("what", ["follow-up", "action"])
def test_what_changed_meanwhile_is_not_overwritten(client, connect_to, monkeypatch, what):
    """Somebody else changes the same property between reading and sending: nothing is sent, and the run says so."""
    other = connect_to(ledger=client.settings.ledger.with_name("other.jsonl"))
    changes = client._sender._state_changes
    original = changes._read

    def read(draft):
        if what == "follow-up":
            other.change_follow_up(f"{REFERENCE}#1", status="not_doing")
        else:
            other.change_action(f"{REFERENCE}#1", assignee="carol@example.com")
        return original(draft)

    monkeypatch.setattr(changes, "_read", read)
    with pytest.raises(errors.ChangedMeanwhile, match=f"the {what} INC-293#1 since it was read") as caught:
        CHANGES[what](client)
    assert "%incidents" in caught.value.hint
    monkeypatch.setattr(changes, "_read", original)
    assert CHANGES[what](client).sent


def test_other_details_survive(client, connect_to, monkeypatch):
    """What somebody else changed meanwhile in another property stays: the task is sent as it is now."""
    page, other = record(client, "follow-up"), connect_to(ledger=client.settings.ledger.with_name("other.jsonl"))
    original = client._sender._state_changes._read

    def read(draft):
        body = {"title": "Renamed", "status": "outstanding", "labels": ["slo"], "assignee_id": page.assignee.id}
        other.api.update_follow_up(page.id, body)
        return original(draft)

    monkeypatch.setattr(client._sender._state_changes, "_read", read)
    assert client.change_follow_up(f"{REFERENCE}#1", status="completed").sent
    found = record(client, "follow-up")
    assert (found.title, found.labels, found.status) == ("Renamed", ["slo"], "completed")


def test_every_detail_survives(client):
    """Finishing a follow-up keeps its title, description, assignee and priority."""
    before = record(client, "follow-up")
    client.change_follow_up(f"{REFERENCE}#1", status="completed")
    after = record(client, "follow-up")
    changed = {name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)}
    assert changed == {"status", "updated_at", "completed_at"}


def test_a_part_that_cannot_be_read_is_not_lost(client, monkeypatch):
    """A task of which a part cannot be read is not sent back without it."""
    monkeypatch.setattr(Api, "last_unreadable", {"follow_up.priority": 1})
    with pytest.raises(errors.UnexpectedAnswer, match=r"follow_up\.priority\) and would be lost; nothing was sent"):
        client.change_follow_up(f"{REFERENCE}#1", status="completed")


def test_what_changed_in_another_way_is_not_sent_again(client, monkeypatch):
    """After a lost answer a task that is neither as before nor as wanted is for a person to look at."""
    changes = client._sender._state_changes
    original, calls = changes._read, []

    def send(_draft):
        raise errors.AnswerLost("lost", request_id="req-7")

    def read(draft):
        calls.append(draft)
        found = original(draft)
        return msgspec.structs.replace(found, title="Renamed") if len(calls) > 1 else found

    monkeypatch.setattr(changes, "_send", send)
    monkeypatch.setattr(changes, "_read", read)
    with pytest.raises(errors.OutcomeUnknown):
        client.change_follow_up(f"{REFERENCE}#1", status="completed")
    assert noted(client) == [("sending", ""), ("unknown", "req-7")]


@each
def test_an_interrupt(client, monkeypatch, what):
    """Interrupted on its way, its end is unknown; the next run looks and does it."""
    changes = client._sender._state_changes
    original = changes._send

    def send(_draft):
        raise KeyboardInterrupt

    monkeypatch.setattr(changes, "_send", send)
    with pytest.raises(errors.Interrupted, match="It is not known whether"):
        CHANGES[what](client)
    assert client.log()["outcome"].iloc[-1] == "unknown"
    monkeypatch.setattr(changes, "_send", original)
    assert CHANGES[what](client).sent


@each
def test_a_failure_after_a_loss_is_not_called_unsent(client, monkeypatch, what):
    """After a lost answer, that a repeat could not be sent does not say that nothing happened."""
    losses = iter([errors.AnswerLost("lost"), errors.RateLimited("too many", status=429)])

    def send(_draft):
        raise next(losses)

    monkeypatch.setattr(client._sender._state_changes, "_send", send)
    with pytest.raises(errors.OutcomeUnknown):
        CHANGES[what](client)
    assert client.log()["outcome"].iloc[-1] == "unknown"


@each
def test_a_dry_run(client, sandbox, what):
    """Before, it names what would be done; afterwards, that a run would send nothing."""
    before = sent(sandbox, what)
    preview = CHANGES[what](client, dry_run=True)
    assert "This would " in preview.sentence
    assert preview.rows[-1][0] == "key"
    assert sent(sandbox, what) == before
    CHANGES[what](client)
    after = CHANGES[what](client, dry_run=True)
    assert "A real run would send nothing either" in after.sentence
    assert sent(sandbox, what) == before + 1


def test_a_page_that_shows_it_otherwise(client, monkeypatch):
    """Where the service accepts it but shows something else, the sentence says to look."""
    monkeypatch.setattr(Transport, "send", _swallowing(Transport.send))
    outcome = client.acknowledge(REFERENCE)
    assert outcome.sent
    assert "the service shows a different state: check it before you continue" in outcome.sentence


def _swallowing(original):
    """Return a transport's method that carries out no response to a page."""

    def send(transport, request):
        return Answer(200) if request.path.endswith("/respond") else original(transport, request)

    return send


def test_how_long_it_waits_before_it_reads_back(client, sandbox):
    """After a lost answer it waits a second, so that what is on its way arrives; after a refusal it does not."""
    waits = []
    client._sender._state_changes._sleep = waits.append
    sandbox.fault("lose_answer", ENDPOINT["follow-up"], times=1)
    assert CHANGES["follow-up"](client).sent
    assert waits == [1.0]


def test_an_acknowledgement_without_its_event(client, sandbox):
    """A page that is acknowledged although no event says when is still reported as acknowledged."""
    page = record(client, "acknowledge")
    with sandbox.service.store.writing():
        document = sandbox.service.store.document("escalations", page.id)
        sandbox.service.journal.keep_escalation({**document, "status": "acked", "events": []}, None)
    outcome = client.acknowledge(REFERENCE)
    assert outcome.sentence == "The page 'Wake up' of INC-293 is already acknowledged; nothing sent."


def test_a_snooze_that_is_done_anew(client, sandbox):
    """A page that was snoozed before is found snoozed anew by the moment at which it changed."""
    assert client.snooze(REFERENCE, "30m").sent
    sandbox.fault("lose_answer", ENDPOINT["snooze"], times=1)
    again = client.snooze(REFERENCE, "2h", again=True)
    assert again.sent
    assert "read back and confirmed" in again.sentence
    assert sent(sandbox, "snooze") == 2
