"""Follow-ups, actions and attachments have no key: each is listed first, added once, and read back after a loss."""

from __future__ import annotations

from collections import Counter

import pytest
from filelock import FileLock

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.transport import Transport
from incidentio_magic.writes.settling import SETTLED_AFTER

REFERENCE = "INC-293"
ADD = {
    "follow-up": lambda io, **more: io.add_follow_up(REFERENCE, "Add an alert", "On errors.", **more),
    "action": lambda io, **more: io.add_action(REFERENCE, "Fail over\n\nto Dublin", **more),
    "attachment": lambda io, **more: io.attach(REFERENCE, "https://example.com/graph", **more),
}
ENDPOINT = {
    "follow-up": "POST /v3/follow_ups",
    "action": "POST /v3/actions",
    "attachment": "POST /v1/incident_attachments",
}
LIST = {name: endpoint.replace("POST", "GET") for name, endpoint in ENDPOINT.items()}
TEXT = {"follow-up": "Add an alert", "action": "Fail over\n\nto Dublin", "attachment": "https://example.com/graph"}
CARRIED_OUT = [{"kind": "lose_answer"}, {"kind": "truncated"}, {"kind": "malformed"}]
NOT_CARRIED_OUT = [{"kind": "drop"}, {"kind": "status", "status": 500}, {"kind": "status", "status": 503}]

each = pytest.mark.parametrize("what", ADD)


def there(io, what):
    """Return the IDs of what the incident has of this text."""
    incident = io.incident(REFERENCE)
    if what == "attachment":
        attached = io.api.incident_attachments(incident.id)
        return [record.id for record in attached if record.resource.permalink == TEXT[what]]
    records = io.api.follow_ups(incident.id) if what == "follow-up" else io.api.actions(incident.id)
    return [record.id for record in records if TEXT[what] in {getattr(record, "title", ""), record.description}]


def refusing(endpoint, error, *, times=99):
    """Return a transport's method that answers the first requests to an endpoint with an error."""
    original, left = Transport.send, [times]

    def send(transport, request):
        if request.name == endpoint and left[0]:
            left[0] -= 1
            raise error
        return original(transport, request)

    return send


def posts(sandbox, what):
    """Return how many requests to add something arrived."""
    return sum(f"{request['method']} {request['path']}" == ENDPOINT[what] for request in sandbox.requests)


@each
def test_it_is_added_once(client, connect_to, sandbox, what):
    """A second run, and one of another kernel with an empty ledger, find it in the incident's list and send nothing."""
    first = ADD[what](client)
    assert first.sent
    assert [first.id] == there(client, what)
    for again in (client, connect_to(ledger=client.settings.ledger.with_name("other.jsonl"))):
        second = ADD[what](again)
        assert not second.sent
        assert second.id == first.id
        assert f"{REFERENCE} already has this {what}" in second.sentence
        assert second.option_hint == "--again adds one more"
        assert second.permalink == first.permalink == client.incident(REFERENCE).permalink
        assert second.reference == first.reference == REFERENCE
    assert posts(sandbox, what) == 1
    assert list(client.log()["outcome"]) == ["sent", "not sent"]


@pytest.mark.parametrize("what", ["follow-up", "action"])
def test_a_deliberate_repeat(client, sandbox, what):
    """With `again` one more is added, and the sentence names the other one."""
    first = ADD[what](client)
    second = ADD[what](client, again=True)
    assert second.sent
    assert second.id != first.id
    assert "exists as INC-293#" in second.sentence
    assert posts(sandbox, what) == len(there(client, what)) == 2


@pytest.mark.parametrize("what", ["follow-up", "action"])
def test_a_deliberate_repeat_of_what_somebody_else_added(client, connect_to, sandbox, what):
    """With `again` one more is added, also where the first was added from another machine."""
    other = connect_to(ledger=client.settings.ledger.with_name("other.jsonl"))
    first = ADD[what](other)
    second = ADD[what](client, again=True)
    assert second.sent
    assert second.id != first.id
    assert posts(sandbox, what) == len(there(client, what)) == 2


@each
@pytest.mark.parametrize("fault", CARRIED_OUT, ids=lambda fault: fault["kind"])
def test_a_lost_answer_is_read_back(client, sandbox, what, fault):
    """What was made although its answer was lost is found, reported as sent, and not made again."""
    sandbox.fault(**fault, endpoint=ENDPOINT[what], times=1)
    outcome = ADD[what](client)
    assert outcome.sent
    assert "(the response was lost; read back and confirmed)" in outcome.sentence
    assert [outcome.id] == there(client, what)
    assert not ADD[what](client).sent
    assert posts(sandbox, what) == 1


@each
@pytest.mark.parametrize("fault", NOT_CARRIED_OUT, ids=lambda fault: str(fault.get("status", "drop")))
def test_a_lost_request_is_not_repeated_by_itself(client, sandbox, what, fault):
    """Where nothing is found the end is unknown; the next run waits until the request has ended, and then adds it."""
    slept = []
    client._sender._creations._settling._sleep = slept.append
    sandbox.fault(**fault, endpoint=ENDPOINT[what], times=1)
    with pytest.raises(errors.OutcomeUnknown, match="It is not known whether") as caught:
        ADD[what](client)
    assert caught.value.hint.startswith("run it again: ")
    assert there(client, what) == []
    assert ADD[what](client).sent
    assert slept == [pytest.approx(SETTLED_AFTER, abs=5)]
    assert len(there(client, what)) == 1
    assert list(client.log()["outcome"]) == ["unknown", "sent"]


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("what", ["follow-up", "action"])
def test_a_request_that_arrives_late(client, sandbox, what, again):
    """A request that is carried out while the next run waits is found by it: that run adds nothing, not even again."""
    sandbox.fault("drop", ENDPOINT[what], times=1)
    with pytest.raises(errors.OutcomeUnknown):
        ADD[what](client)
    body = {"incident_id": client.incident(REFERENCE).id}
    late = {
        "follow-up": lambda: client.api.create_follow_up({**body, "title": TEXT[what]}),
        "action": lambda: client.api.create_action({**body, "description": TEXT[what]}),
    }
    client._sender._creations._settling._sleep = lambda _seconds: late[what]()
    outcome = ADD[what](client, again=again)
    assert not outcome.sent
    assert [outcome.id] == there(client, what)
    assert ADD[what](client, again=True).sent  # now that its end is known


@pytest.mark.parametrize("what", ["follow-up", "action"])
def test_a_lost_repeat_that_was_not_carried_out(client, sandbox, what):
    """After a lost repeat another is added if nothing new of the same text is there, whatever else was added."""
    ADD[what](client)
    sandbox.fault("drop", ENDPOINT[what], times=1)
    with pytest.raises(errors.OutcomeUnknown):
        ADD[what](client, again=True)
    body = {"incident_id": client.incident(REFERENCE).id}
    if what == "follow-up":
        client.api.create_follow_up({**body, "title": "Another"})
    else:
        client.api.create_action({**body, "description": "Another"})
    client._sender._creations._settling._sleep = lambda _seconds: None
    assert ADD[what](client, again=True).sent
    assert len(there(client, what)) == 2


@each
def test_a_list_that_cannot_be_read_back(client, sandbox, what):
    """Where the incident's list cannot be read after a lost answer, the end is unknown and the next run finds it."""
    client.incident(REFERENCE)
    sandbox.fault("lose_answer", ENDPOINT[what], times=1)
    original, calls = client._sender._creations._listed, []

    def listed(draft):
        calls.append(draft)
        if len(calls) in {2, 3}:
            raise errors.ConnectionFailed("no connection")
        return original(draft)

    client._sender._creations._listed = listed
    with pytest.raises(errors.OutcomeUnknown):
        ADD[what](client)
    assert not ADD[what](client).sent
    assert len(there(client, what)) == 1


@each
def test_nothing_is_added_unlooked(client, sandbox, monkeypatch, what):
    """Without the incident's list nothing is sent: there may be one already."""
    monkeypatch.setattr(Transport, "send", refusing(LIST[what], errors.PermissionDenied("actions.view", status=403)))
    with pytest.raises(errors.PermissionDenied):
        ADD[what](client)
    assert posts(sandbox, what) == 0


@each
def test_a_part_that_cannot_be_read(client, sandbox, monkeypatch, what):
    """A list of which a part cannot be read may hold the same: nothing is sent, and the error says where to look."""

    class Lossy(Listing):
        def __iter__(self):
            yield from super().__iter__()
            self.lost = 1

    listing = Lossy(lambda _cursor: Page([], None))
    monkeypatch.setattr(Api, "follow_ups", lambda *_which, **_more: listing)
    monkeypatch.setattr(Api, "actions", lambda *_which, **_more: listing)
    monkeypatch.setattr(Api, "last_unreadable", Counter({"incident_attachments[]": 1}))
    with pytest.raises(errors.UnexpectedAnswer, match=r"cannot be read.*nothing was sent") as caught:
        ADD[what](client)
    assert REFERENCE in caught.value.hint
    assert posts(sandbox, what) == 0


def test_a_record_without_a_text(client, sandbox, monkeypatch):
    """A follow-up whose title could not be read may be the same one."""
    listing = Listing(lambda _cursor: Page([models.FollowUp(id="F")], None))
    monkeypatch.setattr(Api, "follow_ups", lambda *_which, **_more: listing)
    with pytest.raises(errors.UnexpectedAnswer, match="cannot be read"):
        ADD["follow-up"](client)
    assert posts(sandbox, "follow-up") == 0


def test_the_ledger_is_the_second_line(client, sandbox):
    """What was deleted on the web, or renamed there, is not made again by a re-run; `again` makes it."""
    made = ADD["follow-up"](client)
    store = sandbox.service.store
    with store.writing():
        document = store.document("follow_ups", made.id)
        sandbox.service.journal.keep_task("follow_ups", {**document, "title": "Renamed"})
    renamed = ADD["follow-up"](client)
    assert not renamed.sent
    assert renamed.id == made.id
    with store.writing():
        sandbox.service.journal.keep_task("follow_ups", {**document, "title": "Renamed", "status": "deleted"})
    outcome = ADD["follow-up"](client)
    assert not outcome.sent
    assert posts(sandbox, "follow-up") == 1
    assert ADD["follow-up"](client, again=True).sent


def test_what_is_known_to_be_gone(client, sandbox, monkeypatch):
    """Where the list has it no longer, the ledger's time is named."""
    ADD["attachment"](client)
    monkeypatch.setattr(client.api, "incident_attachments", lambda _incident_id: [])
    outcome = ADD["attachment"](client)
    assert not outcome.sent
    assert "had this attachment at 20" in outcome.sentence
    assert "but no longer has it" in outcome.sentence
    assert posts(sandbox, "attachment") == 1


def test_details_that_differ_are_named(client):
    """The same title with other details adds nothing, and says which details are other ones."""
    client.add_follow_up(REFERENCE, "Add an alert", "On errors.", assignee="alice@example.com")
    outcome = client.add_follow_up(REFERENCE, "add an  ALERT", "On latency.", assignee="bob@example.com")
    assert not outcome.sent
    assert "with a different description and assignee" in outcome.sentence
    client.attach(REFERENCE, "https://example.com/a", title="A")
    assert "a different title" in client.attach(REFERENCE, "https://example.com/a/", title="B").sentence


@each
def test_a_dry_run_says_what_a_run_would_do(client, sandbox, what):
    """Before it is there, the preview names what would be sent; afterwards that nothing would."""
    before = ADD[what](client, dry_run=True)
    assert before.is_preview
    assert before.sentence.startswith("Dry run, nothing sent. This would ")
    assert posts(sandbox, what) == 0
    ADD[what](client)
    after = ADD[what](client, dry_run=True)
    assert "A real run would send nothing either" in after.sentence
    assert [name for name, _shown, _id in after.rows] == ["incident", "key"]
    assert "This would" in ADD[what](client, dry_run=True, again=True).sentence
    assert posts(sandbox, what) == 1


@each
def test_what_the_service_refuses(client, monkeypatch, what):
    """A refusal is shown, the ledger says that nothing was sent, and the next run sends."""
    error = errors.ValidationFailed("assignee_id: has left", status=422)
    monkeypatch.setattr(Transport, "send", refusing(ENDPOINT[what], error, times=1))
    with pytest.raises(errors.ValidationFailed):
        ADD[what](client)
    assert list(client.log()["outcome"]) == ["not sent"]
    assert ADD[what](client).sent


@each
def test_an_answer_that_contradicts(client, monkeypatch, what):
    """After a 409 the list decides: where nothing is there, the service's own error is shown."""
    error = errors.Conflict("there is one", status=409)
    monkeypatch.setattr(Transport, "send", refusing(ENDPOINT[what], error, times=1))
    with pytest.raises(errors.Conflict):
        ADD[what](client)
    assert list(client.log()["outcome"]) == ["not sent"]
    assert ADD[what](client).sent


@each
def test_an_interrupt(client, monkeypatch, what):
    """Interrupted on its way, its end is unknown, and the ledger says so."""

    def interrupted(_draft):
        raise KeyboardInterrupt

    creations = client._sender._creations
    original = creations._create
    monkeypatch.setattr(creations, "_create", interrupted)
    with pytest.raises(errors.Interrupted, match="It is not known whether"):
        ADD[what](client)
    assert list(client.log()["outcome"]) == ["unknown"]
    monkeypatch.setattr(creations, "_create", original)
    assert ADD[what](client).sent


@pytest.mark.slow
@each
def test_another_kernel_that_does_not_end(client, sandbox, tmp_path, what):
    """While another kernel is at the same write, nothing is sent: the service could not tell the second one."""
    key = ADD[what](client, dry_run=True).key
    folder = client.settings.ledger.with_name(f"{client.settings.ledger.name}.locks")
    folder.mkdir()
    with FileLock(folder / key[-2:]), pytest.raises(errors.WriteInProgress, match=f"adding the same {what}"):
        ADD[what](client)
    assert posts(sandbox, what) == 0
    assert ADD[what](client).sent


def test_a_folder_without_locks(client, monkeypatch):
    """Where there are no locks, the write goes on: the list and the ledger still decide."""
    monkeypatch.setattr("incidentio_magic.writes.process_lock._acquired", lambda *_arguments: False)
    assert ADD["follow-up"](client).sent
    assert not ADD["follow-up"](client).sent


def test_a_test_incident_lists_its_own_mode(client, sandbox):
    """The follow-ups of a test incident are listed by its mode: without it the same would be added twice."""
    reference = client.declare("Practice", severity="Minor", mode="test").reference
    assert client.add_follow_up(reference, "Add an alert").sent
    assert client.add_action(reference, "Fail over").sent
    assert not client.add_follow_up(reference, "Add an alert").sent
    assert not client.add_action(reference, "Fail over").sent


@each
@pytest.mark.parametrize("end", ["lost", "interrupted"])
def test_a_time_of_day_that_jumps_settles_nothing(client, sandbox, monkeypatch, what, end):
    """This process remembers by its own clock when an answer was lost, whatever the ledger's times say."""
    creations, slept = client._sender._creations, []
    creations._settling._sleep = slept.append
    monkeypatch.setattr("incidentio_magic.writes.settling._remaining", lambda _at: 0.0)
    original = creations._create
    if end == "lost":
        sandbox.fault("drop", ENDPOINT[what], times=1)
    else:
        monkeypatch.setattr(creations, "_create", lambda _draft: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises((errors.OutcomeUnknown, errors.Interrupted)):
        ADD[what](client)
    monkeypatch.setattr(creations, "_create", original)
    assert ADD[what](client).sent
    assert slept == [pytest.approx(SETTLED_AFTER, abs=5)]


@each
def test_how_it_waits_for_a_lost_answer(client, sandbox, what):
    """It looks after one second and after three more; what is found is not waited for again."""
    waits, settling_waits = [], []
    creations = client._sender._creations
    creations._sleep, creations._settling._sleep = waits.append, settling_waits.append
    sandbox.fault("lose_answer", ENDPOINT[what], times=1)
    assert ADD[what](client).sent
    assert waits == [1.0]
    assert not ADD[what](client).sent
    assert settling_waits == []
    sandbox.fault("drop", ENDPOINT[what], times=1)
    with pytest.raises(errors.OutcomeUnknown):
        ADD[what](client, again=True)
    assert waits == [1.0, 1.0, 3.0]
