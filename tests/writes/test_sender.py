"""The one way to write: sent once, not at all, or reported as unknown, and remembered either way.

Serves `writes/earlier.py`, `writes/idempotent.py`, `writes/messages.py` and `writes/unknown_outcome.py`.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing
from incidentio_magic.api.pagination import Page as Page_
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.writes.drafts import Declaration, Edit, Event, FieldEntry, Page, Update, chained_key
from incidentio_magic.writes.ledger import NOT_SENT, SENDING, SENT, UNKNOWN, Ledger
from incidentio_magic.writes.ledger_entry import LedgerWarning
from incidentio_magic.writes.sender import Sender

KEY = "the-key-of-these-tests"
ORGANISATION = "https://app.incident.io/org"
ALICE = models.User("US1", "Alice")
PATH = models.EscalationPath("EP1", "Primary")

LOST = errors.AnswerLost("POST /x: the response was lost.")
FAILED = errors.ServiceUnavailable("It failed.", status=503, request_id="req-503")
GARBLED = errors.UnexpectedAnswer("Not what was promised.", status=200)
CONFLICT = errors.Conflict("It contradicts.", status=409, request_id="req-409")
REFUSED = errors.ValidationFailed("name: no.", status=422, request_id="req-422", fields={"name": "no"})
UNMADE = errors.ConnectionFailed("No connection; nothing was sent.")
LIMITED = errors.RateLimited("Too many.", status=429)
DENIED = errors.PermissionDenied("Scope missing.", status=403)


class Service:
    """Remembers what was written under each key, as the real one does, and fails on demand.

    Args:
        incidents: The incidents it has, by ID.
    """

    def __init__(self, incidents):
        self.time = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
        self.incidents = incidents
        self.made = {}
        self.bodies = []
        self.before = []  # what the next writes fail with, undone; None for a write that goes well
        self.after = []  # what the next writes fail with although they were done
        self.reading = []  # what the next reads fail with
        self.last_request_id = ""
        self.transport = SimpleNamespace(
            now=lambda: self.time,
            ahead=timedelta(0),
            earliest=lambda ago: self.time - timedelta(seconds=ago),
            host="api.incident.io",
        )

    def write(self, body, make):
        """Write `body`, or replay it; a request takes ten seconds there and ten back."""
        self.time += timedelta(seconds=10)
        at = self.time
        self.time += timedelta(seconds=10)
        self.bodies.append(body)
        self.last_request_id = f"req-{len(self.bodies)}"
        if self.before and (failure := self.before.pop(0)):
            raise failure
        key = body["idempotency_key"]
        if key not in self.made:
            self.made[key] = make(f"made{len(self.made) + 1}", at)
        if self.after and (failure := self.after.pop(0)):
            raise failure
        return self.made[key]

    def create_incident(self, body):
        """Declare."""

        def make(identity, at):
            some = next(iter(self.incidents.values()))
            name = f"INC-{len(self.made) + 100}"
            self.incidents[identity] = msgspec.structs.replace(some, id=identity, reference=name, created_at=at)
            return self.incidents[identity]

        return self.write(body, make)

    def create_incident_update(self, body):
        """Share an update."""
        status = models.IncidentStatus("ST1", "Investigating", "live", 2)
        return self.write(body, lambda identity, at: models.IncidentUpdate(identity, body["incident_id"], at, status))

    def create_timeline_item(self, body):
        """Add to the timeline."""
        return self.write(
            body, lambda identity, at: models.TimelineItem(identity, body["incident_id"], at, body["title"], at, at)
        )

    def slim(self, identity):
        """Return an incident as pages mention it."""
        incident = self.incidents[identity]
        return models.IncidentSlim(incident.id, incident.name, incident.reference)

    def create_escalation(self, body):
        """Page."""
        return self.write(
            body,
            lambda identity, at: models.Escalation(
                identity, body["title"], "triggered", at, at, [], related_incidents=[self.slim(body["incident_id"])]
            ),
        )

    def incident_updates(self, _incident_id):
        """List every update."""
        self.read()
        return iter(self.made.values())

    timeline_items = incident_updates

    def escalations(self, *, idempotency_key):
        """Find the page that a key made."""
        self.read()
        found = [self.made[idempotency_key]] if idempotency_key in self.made else []
        return Listing(lambda _cursor: Page_(found, None))

    def escalation(self, identity):
        """Read a page."""
        self.read()
        return next(made for made in self.made.values() if made.id == identity)

    def incident(self, identity):
        """Read an incident."""
        self.read()
        return self.incidents[identity]

    def read(self):
        """Fail if a read is to fail."""
        if self.reading and (failure := self.reading.pop(0)):
            raise failure

    def edit_incident(self, identity, body):
        """Change an incident's name, summary and severity."""
        self.bodies.append(body)
        if self.before and (failure := self.before.pop(0)):
            raise failure
        changes = {name: body["incident"][name] for name in ("name", "summary") if name in body["incident"]}
        self.incidents[identity] = msgspec.structs.replace(self.incidents[identity], **changes)
        if self.after and (failure := self.after.pop(0)):
            raise failure
        return self.incidents[identity]

    @property
    def keys(self):
        """The keys of all writes that arrived, in order."""
        return [body["idempotency_key"] for body in self.bodies]


@pytest.fixture
def incident(make_incident):
    """INC-7, standard and public."""
    return make_incident(created_at="2026-11-20T12:00:00Z")


@pytest.fixture
def service(incident):
    """A service that has INC-7."""
    return Service({incident.id: incident})


@pytest.fixture
def ledger(tmp_path):
    """The ledger that the sender writes."""
    return Ledger(tmp_path / "ledger.jsonl")


@pytest.fixture
def make_sender(service, ledger, clock, severities, statuses):
    """Build a sender, as each kernel has its own."""

    def make(**options):
        vocabulary = SimpleNamespace(
            identity=lambda: models.Identity("key", ORGANISATION),
            severities=lambda: list(severities.values()),
            statuses=lambda: list(statuses.values()),
        )
        settings = Settings(**{"key": Secret(KEY), "ledger": ledger.path, **options})
        return Sender(service, vocabulary, settings, clock=lambda: service.time.timestamp(), sleep=clock.sleep)  # noqa: PLW0108  its time moves

    return make


@pytest.fixture
def sender(make_sender):
    """A sender outside training."""
    return make_sender()


@pytest.fixture
def declaration(severities):
    """A declaration without problems."""
    return Declaration("Checkout fails", "secret summary", severity=severities["Major"])


@pytest.fixture
def drafts(incident, declaration):
    """One good draft of each kind, by verb."""
    return {
        "declare": declaration,
        "update": Update(incident, "secret message"),
        "event": Event(incident, "secret title", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        "page": Page(incident, "secret page", PATH),
        "edit": Edit(incident, name="secret name"),
    }


LINK = "https://app.incident.io/org/incidents/7"
KEYED = ["declare", "update", "event", "page"]
EVERY = [*KEYED, "edit"]


def ends(ledger):
    """Return how each write ended, as the ledger tells it."""
    return [entry.outcome for entry in ledger.outcomes()]


# Sent


SENTENCES = {
    "declare": "INC-101 declared at 14:00:10 UTC: Checkout fails · Major · Investigating.",
    "update": "INC-7 updated at 14:00:10 UTC.",
    "event": "INC-7: event at 2026-11-23 13:00 UTC added to the timeline.",
    "page": "INC-7: paged Primary at 14:00:10 UTC.",
    "edit": "INC-7 edited: name.",
}


@pytest.mark.parametrize("verb", EVERY)
def test_sent(service, sender, drafts, ledger, verb):
    """A write is sent once, told in a sentence, and remembered with its beginning and its end."""
    service.made = {"taken": None}
    outcome = sender.send_checked(drafts[verb])
    assert outcome.sent
    assert outcome.sentence == SENTENCES[verb]
    assert outcome.key == drafts[verb].key(ORGANISATION)
    assert len(service.bodies) == 1
    assert [entry.outcome for entry in ledger.entries()] == [SENDING, SENT]
    assert ledger.outcomes()[0].result
    assert (ledger.outcomes()[0].verb, ledger.outcomes()[0].organisation) == (verb, ORGANISATION)


@pytest.mark.parametrize("verb", EVERY)
def test_the_ledger_keeps_no_words_and_no_key(sender, drafts, ledger, verb):
    """No text of a write and no API key is in the ledger."""
    sender.send_checked(drafts[verb])
    kept = ledger.path.read_text()
    assert drafts[verb].key(ORGANISATION) in kept
    assert "secret" not in kept
    assert "Checkout" not in kept
    assert KEY not in kept


@pytest.mark.parametrize("verb", KEYED)
def test_the_body_has_key_and_payload(service, sender, drafts, verb):
    """What is sent is the draft's payload and its key."""
    sender.send_checked(drafts[verb])
    assert service.bodies == [{"idempotency_key": drafts[verb].key(ORGANISATION), **drafts[verb].payload()}]


@pytest.mark.parametrize("verb", EVERY)
def test_a_dry_run_sends_and_keeps_nothing(service, sender, drafts, ledger, verb):
    """A dry run shows what would be sent, and neither sends nor remembers anything."""
    outcome = sender.send_checked(drafts[verb], dry_run=True)
    assert not outcome.sent
    assert outcome.sentence.startswith("Dry run, nothing sent. This would ")
    assert outcome.rows[:-1] == tuple(drafts[verb].rows())
    assert outcome.rows[-1][1] == drafts[verb].key(ORGANISATION)
    assert service.bodies == []
    assert not ledger.path.exists()


# Replays


REPLAYS = {
    "declare": "INC-100 was already declared from the same text at 14:00:10 UTC and is still open; nothing sent.",
    "update": "Already shared on INC-7 at 14:00:10 UTC; nothing sent.",
    "event": "Already on the timeline of INC-7 since 14:00:10 UTC; nothing sent.",
    "page": "Already paged for INC-7 at 14:00:10 UTC; nothing sent.",
}


@pytest.mark.parametrize("verb", KEYED)
@pytest.mark.parametrize("where", ["here", "another kernel", "another machine"])
def test_a_repeat_is_told_as_such(*, service, make_sender, drafts, ledger, verb, where):
    """The same draft sent again makes nothing new, whether or not this machine remembers the first."""
    sender = make_sender()
    sender.send_checked(drafts[verb])
    if where == "another machine":
        ledger.path.unlink()
    outcome = (sender if where == "here" else make_sender()).send_checked(drafts[verb])
    assert not outcome.sent
    assert outcome.sentence == REPLAYS[verb]
    assert outcome.option_hint == ("" if verb == "declare" else "--again repeats it")
    assert len(service.made) == 1
    assert ends(ledger)[-1] == NOT_SENT


def test_an_old_replay_tells_its_day(service, sender, drafts):
    """A replay of long ago is told with its date."""
    sender.send_checked(drafts["update"])
    service.time += timedelta(days=2)
    assert "at 2026-11-23 14:00:10 UTC" in sender.send_checked(drafts["update"]).sentence


def test_a_double_click(service, make_sender, drafts):
    """Two senders at the same moment make one update, which at least one of them calls new."""
    first, second = make_sender().send_checked(drafts["update"]), make_sender().send_checked(drafts["update"])
    assert len(service.made) == 1
    assert [first.sent, second.sent] == [True, False]


@pytest.mark.parametrize("verb", KEYED)
@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten"])
def test_again_makes_exactly_one_more(*, service, make_sender, drafts, ledger, verb, remembered):
    """A deliberate repeat makes one more, however often it is asked for and whatever is remembered."""
    make_sender().send_checked(drafts[verb])
    for count in (2, 3, 4):
        if not remembered:
            ledger.path.unlink()
        assert make_sender().send_checked(drafts[verb], again=True).sent
        assert len(service.made) == count


def test_again_chains_its_key(service, sender, drafts):
    """The key of a deliberate repeat follows from the key and the result before it."""
    first = sender.send_checked(drafts["update"])
    second = sender.send_checked(drafts["update"], again=True)
    assert second.key == chained_key(first.key, "made1")
    assert service.keys == [first.key, second.key]


def test_again_after_a_plain_repeat(service, sender, drafts):
    """A plain repeat in between does not confuse the chain."""
    sender.send_checked(drafts["update"])
    sender.send_checked(drafts["update"], again=True)
    assert not sender.send_checked(drafts["update"]).sent
    assert sender.send_checked(drafts["update"], again=True).sent
    assert len(service.made) == 3


def test_again_the_first_time(service, sender, drafts):
    """A deliberate repeat of what was never written writes it once."""
    assert sender.send_checked(drafts["update"], again=True).sent
    assert len(service.made) == 1


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
def test_again_after_an_unknown_outcome_finds_out_first(service, sender, drafts, done):
    """A repeat asked for after a lost answer does not add to a write that may have happened."""
    (service.after if done else service.before).append(LOST)
    with pytest.raises(errors.OutcomeUnknown):
        sender.send_checked(drafts["update"])
    outcome = sender.send_checked(drafts["update"], again=True)
    assert outcome.sent is not done
    assert len(service.made) == 1
    assert sender.send_checked(drafts["update"], again=True).sent
    assert len(service.made) == 2


def test_again_after_a_kernel_died_in_the_middle(service, make_sender, drafts, ledger):
    """A kernel that died while sending leaves an unknown write behind, which is found out once and not for ever."""
    make_sender().send_checked(drafts["update"])
    lines = ledger.path.read_text().splitlines(keepends=True)
    ledger.path.write_text(lines[0])
    assert ends(ledger) == [UNKNOWN]
    assert not make_sender().send_checked(drafts["update"]).sent
    assert make_sender().send_checked(drafts["update"], again=True).sent
    assert len(service.made) == 2


# Declarations in the course of time


def end(service, identity):
    """Close an incident."""
    closed = models.IncidentStatus("ST4", "Closed", "closed", 5)
    service.incidents[identity] = msgspec.structs.replace(service.incidents[identity], incident_status=closed)


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten"])
def test_the_same_text_declares_anew_after_the_end(service, make_sender, declaration, ledger, remembered):
    """While its incident is open a text declares nothing new; a day after it was declared and ended, a new one."""
    for count in (1, 2, 3):
        if not remembered and ledger.path.exists():
            ledger.path.unlink()
        service.time += timedelta(hours=25)
        assert make_sender().send_checked(declaration).sent
        if not remembered:
            ledger.path.unlink()
        assert not make_sender().send_checked(declaration).sent
        assert len(service.made) == count
        end(service, f"made{count}")


def test_a_remembered_chain_is_not_walked_again(service, sender, declaration):
    """With the ledger at hand, the newest incident of a text is asked for first."""
    for count in (1, 2, 3):
        sender.send_checked(declaration)
        end(service, f"made{count}")
        service.time += timedelta(hours=25)
    service.bodies.clear()
    sender.send_checked(declaration)
    assert len(service.bodies) == 1


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten"])
@pytest.mark.parametrize("again", [True, False])
def test_a_run_soon_after_the_end(*, service, make_sender, declaration, ledger, remembered, again):
    """Run All after closing stops with an error that names the incident and what declares another one."""
    make_sender().send_checked(declaration)
    end(service, "made1")
    service.time += timedelta(hours=23)
    if not remembered:
        ledger.path.unlink()
    if again:
        assert make_sender().send_checked(declaration, again=True).sent
        assert len(service.made) == 2
        return
    with pytest.raises(errors.RecentlyEnded, match=r"INC-100 was declared .* at 2026-11-23 14:00 UTC") as caught:
        make_sender().send_checked(declaration)
    assert "--again" in str(caught.value)
    assert len(service.made) == 1
    preview = make_sender().send_checked(declaration, dry_run=True)
    assert "A real run would send nothing either: INC-100 was declared" in preview.sentence


@pytest.mark.parametrize("verb", KEYED)
def test_a_service_that_forgets_its_keys(service, make_sender, drafts, ledger, verb):
    """With a result in the ledger nothing is sent: it is read back and reported, and --again makes one more."""
    first = make_sender().send_checked(drafts[verb])
    forgotten, service.made = service.made, {}
    service.made = {f"forgotten {number}": made for number, made in enumerate(forgotten.values())}
    service.bodies.clear()
    outcome = make_sender().send_checked(drafts[verb])
    assert not outcome.sent
    assert outcome.sentence == REPLAYS[verb]
    assert outcome.key == first.key
    assert service.bodies == []
    assert ends(ledger) == [SENT, NOT_SENT]
    preview = make_sender().send_checked(drafts[verb], dry_run=True)
    assert f"A real run would send nothing either: {REPLAYS[verb]}" in preview.sentence
    assert make_sender().send_checked(drafts[verb], again=True).sent


@pytest.mark.parametrize("verb", EVERY)
def test_every_outcome_leads_to_the_incident(sender, drafts, verb):
    """Sent, or found done by a second run, the outcome links the incident's page."""
    assert sender.send_checked(drafts[verb]).permalink == LINK
    assert sender.send_checked(drafts[verb]).permalink == LINK


@pytest.mark.parametrize("verb", ["update", "event", "page", "edit"])
def test_an_incident_without_a_page(service, sender, drafts, verb):
    """Where the service gave no address the outcome has none, and can be shown."""
    incident = msgspec.structs.replace(drafts[verb].incident, permalink=None)
    service.incidents[incident.id] = incident
    for _ in range(2):
        outcome = sender.send_checked(replace(drafts[verb], incident=incident))
        assert outcome.permalink == ""
        assert "open ↗" not in outcome._repr_html_()


@pytest.mark.parametrize("verb", ["update", "event"])
@pytest.mark.parametrize("reading", [[UNMADE], []], ids=["list fails", "not there"])
def test_a_result_that_cannot_be_read_back(*, service, sender, drafts, verb, reading):
    """What the ledger knows is reported from the ledger where the service no longer shows it."""
    sender.send_checked(drafts[verb])
    service.made = service.made if reading else {}
    service.reading = reading
    service.bodies.clear()
    outcome = sender.send_checked(drafts[verb])
    assert outcome.sentence.endswith("according to the local ledger; nothing sent.")
    assert outcome.permalink == LINK
    assert "INC-7" in outcome.sentence
    assert service.bodies == []


def test_a_replay_whose_incident_cannot_be_read(service, make_sender, declaration, tmp_path):
    """This call may have declared it before its answer was lost: it is unknown, and a repeat declares nothing twice."""
    make_sender(ledger=tmp_path / "other.jsonl").send_checked(declaration)
    service.reading = [UNMADE]
    with pytest.raises(errors.OutcomeUnknown, match="INC-100 was declared from this same text") as caught:
        make_sender().send_checked(declaration)
    assert caught.value.retryable
    assert not make_sender().send_checked(declaration).sent
    assert len(service.made) == 1


def test_whose_key_it_is_is_known_before_the_write(service, sender, drafts):
    """An answer by another key needs no question after the write, whose failure would hide what was done."""
    other = models.Actor(api_key=models.Named("K2", "Night shift"))
    identity = sender._vocabulary.identity
    sender._vocabulary.identity = lambda: identity() if not service.bodies else pytest.fail("asked after the write")
    update = service.create_incident_update
    service.create_incident_update = lambda body: msgspec.structs.replace(update(body), updater=other)
    assert "Night shift" in sender.send_checked(drafts["update"]).sentence


def test_a_declaration_that_cannot_be_read_back(service, sender, declaration):
    """Whether it is still open decides what happens, so nothing is sent where that cannot be found out."""
    sender.send_checked(declaration)
    service.reading = [UNMADE]
    with pytest.raises(errors.ConnectionFailed):
        sender.send_checked(declaration)
    assert len(service.bodies) == 1


def test_a_page_is_looked_up_by_its_key(service, make_sender, drafts, ledger):
    """A page that the service knows under this key is not sent again, though neither ledger nor replay says so."""
    make_sender().send_checked(drafts["page"])
    ledger.path.unlink()
    service.bodies.clear()
    assert not make_sender().send_checked(drafts["page"]).sent
    assert service.bodies == []


@pytest.mark.parametrize("why", ["refused", "lists everything", "another title"])
def test_a_lookup_that_says_nothing(*, service, sender, drafts, why):
    """A service that cannot look pages up by key, or that lists others, does not keep somebody from being paged."""
    sender.send_checked(drafts["page"])
    page = next(iter(service.made.values()))
    others = {
        "refused": None,
        "lists everything": [page, msgspec.structs.replace(page, id="other")],
        "another title": [msgspec.structs.replace(page, title="Something else")],
    }[why]

    def escalations(*, idempotency_key):
        if others is None:
            raise DENIED
        return Listing(lambda _cursor: Page_(others, None))

    service.escalations = escalations
    assert sender.send_checked(replace(drafts["page"], description="new")).sent
    assert len(service.made) == 2


def test_a_first_run_never_claims_a_replay(service, sender, drafts):
    """A clock that jumps during the only run, or a wrong date, does not make it a repeat."""
    service.transport.earliest = lambda _ago: service.time + timedelta(days=365)
    assert sender.send_checked(drafts["update"]).sent


AGES = {  # when it was created before the call began, in seconds; the service's earliest time; whether it was before
    "certainly": (2.000001, 0, True),
    "as near as clocks agree": (2, 0, False),
    "in the moment of the call": (0.000001, 0, False),
    "a whole second, which may have a fraction": (3, 0, False),
    "a whole second before": (4, 0, True),
    "not by the service's clock": (2.000001, -2.000001, False),
    "by the service's clock too": (2.000001, -2, True),
    "a service without a clock": (60.5, None, False),
}


@pytest.mark.parametrize(("age", "earliest", "replayed"), AGES.values(), ids=AGES)
def test_what_is_certainly_older_is_a_replay(*, service, sender, incident, drafts, age, earliest, replayed):
    """Both clocks must say so; a time without a fraction may be of any moment in its second."""
    begun = service.time
    status = models.IncidentStatus("ST1", "Investigating", "live", 2)
    made = models.IncidentUpdate("made", incident.id, begun - timedelta(seconds=age), status)
    service.create_incident_update = lambda body: service.write(body, lambda _identity, _at: made)
    service.transport.earliest = lambda _ago: None if earliest is None else begun + timedelta(seconds=earliest)
    assert sender.send_checked(drafts["update"]).sent is not replayed


def test_again_declares_beside_an_open_incident(service, sender, declaration):
    """A deliberate repeat declares although the first incident is open."""
    sender.send_checked(declaration)
    assert sender.send_checked(declaration, again=True).sent
    assert len(service.made) == 2


def test_an_unknown_declaration_is_found_again(service, sender, declaration):
    """A declaration whose answer was lost is found by running the same cell again."""
    service.after.append(LOST)
    with pytest.raises(errors.OutcomeUnknown, match="%incidents list --since 1h"):
        sender.send_checked(declaration)
    outcome = sender.send_checked(declaration)
    assert "is still open" in outcome.sentence
    assert len(service.made) == 1


# Two at once


@pytest.mark.parametrize("verb", KEYED)
def test_what_another_key_made_is_no_send_of_ours(*, service, make_sender, drafts, monkeypatch, verb):
    """What another API key made in the same moment is told as that key's, however close the two were."""
    sender = make_sender()
    field = "updater" if verb == "update" else "creator"
    create = {
        "declare": "create_incident",
        "update": "create_incident_update",
        "event": "create_timeline_item",
        "page": "create_escalation",
    }[verb]
    make = getattr(service, create)
    other = models.Actor(api_key=models.Named("K2", "Night shift"))

    def by_another(body):
        made = msgspec.structs.replace(make(body), **{field: other})
        service.incidents |= {made.id: made} if verb == "declare" else {}
        return made

    monkeypatch.setattr(service, create, by_another)
    outcome = sender.send_checked(drafts[verb])
    assert not outcome.sent
    assert "with the key 'Night shift'" in outcome.sentence
    assert "nothing sent" in outcome.sentence


def test_the_same_key_in_the_same_moment_counts_as_sent(service, make_sender, drafts, monkeypatch):
    """An answer by this connection's own key, of this very moment, is told as sent."""
    own = models.Actor(api_key=models.Named("K1", "key"))
    make = service.create_incident_update
    monkeypatch.setattr(
        service, "create_incident_update", lambda body: msgspec.structs.replace(make(body), updater=own)
    )
    assert make_sender().send_checked(drafts["update"]).sent


# Unknown


@pytest.mark.parametrize("failure", [LOST, FAILED, GARBLED, CONFLICT], ids=["lost", "503", "garbled", "409"])
@pytest.mark.parametrize("verb", KEYED)
def test_what_may_have_happened_is_unknown(*, service, sender, drafts, ledger, verb, failure):
    """A write without a usable answer is unknown, in the error and in the ledger, and tells how to find out."""
    service.before.append(failure)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        sender.send_checked(drafts[verb])
    assert caught.value.message.startswith("It is not known whether ")
    assert "the same key is written only once" in caught.value.hint
    assert caught.value.request_id == failure.request_id
    assert ends(ledger) == [UNKNOWN]
    assert sender.send_checked(drafts[verb]).sent
    assert len(service.made) == 1


@pytest.mark.parametrize(("verb", "create"), [("update", "create_incident_update"), ("event", "create_timeline_item")])
def test_an_answer_about_another_incident_is_not_believed(
    *, service, sender, drafts, ledger, monkeypatch, verb, create
):
    """What an answer says of another incident is no success; the next run finds out."""
    make = getattr(service, create)
    with monkeypatch.context() as mixed_up:
        mixed_up.setattr(service, create, lambda body: msgspec.structs.replace(make(body), incident_id="another"))
        with pytest.raises(errors.OutcomeUnknown, match="about an incident other than INC-7"):
            sender.send_checked(drafts[verb])
    assert ends(ledger) == [UNKNOWN]
    assert sender.send_checked(drafts[verb]).reference == "INC-7"
    assert len(service.made) == 1


@pytest.mark.parametrize("failure", [REFUSED, UNMADE, LIMITED, DENIED], ids=["422", "unmade", "429", "403"])
@pytest.mark.parametrize("verb", EVERY)
def test_what_was_refused_is_not_sent(*, service, sender, drafts, ledger, verb, failure):
    """A refusal is raised as it is and remembered as not sent; the same draft may be sent later."""
    service.before.append(failure)
    with pytest.raises(type(failure)) as caught:
        sender.send_checked(drafts[verb])
    assert caught.value is failure
    assert ends(ledger) == [NOT_SENT]
    assert ledger.outcomes()[0].request_id == failure.request_id
    assert sender.send_checked(drafts[verb]).sent


@pytest.mark.parametrize("verb", EVERY)
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, MemoryError], ids=lambda kind: kind.__name__)
def test_an_interrupted_write_is_unknown(*, service, sender, drafts, ledger, verb, stop):
    """A write that was interrupted goes into the ledger as unknown."""
    service.before.append(stop())
    with pytest.raises(stop):
        sender.send_checked(drafts[verb])
    assert [entry.outcome for entry in ledger.entries()] == [SENDING, UNKNOWN]


@pytest.mark.parametrize("verb", EVERY)
def test_the_organisation_is_not_asked_for_after_the_write(service, sender, drafts, verb):
    """Nothing is fetched between a write and its line in the ledger, where a failure would hide the write."""
    identity = sender._vocabulary.identity
    sender._vocabulary.identity = lambda: identity() if not service.bodies else pytest.fail("asked after the write")
    assert sender.send_checked(drafts[verb]).sent


# Refusals explained


STATUS_REFUSED = {"incident_status_id": "not allowed"}


@pytest.mark.parametrize("verb", ["update", "edit"])
def test_a_refused_status_names_the_legal_ones(service, sender, incident, statuses, verb):
    """Where the service refuses a status, the error offers the statuses that are allowed."""
    service.before.append(errors.ValidationFailed("No.", status=422, fields=STATUS_REFUSED))
    kind = {"update": Update, "edit": Edit}[verb]
    with pytest.raises(errors.ValidationFailed) as caught:
        sender.send_checked(kind(incident, status=statuses["Triage"]))
    assert caught.value.hint == ("from Investigating it can move to Monitoring, Documenting, Closed; nothing was sent")


def test_a_final_status_is_called_final(service, sender, make_incident, statuses):
    """Where no move is allowed the error says so."""
    merged = make_incident(incident_status={"id": "M", "name": "Merged", "category": "merged", "rank": 9})
    service.incidents[merged.id] = merged
    service.before.append(errors.ValidationFailed("No.", status=422, fields=STATUS_REFUSED))
    with pytest.raises(errors.ValidationFailed, match="no status may follow Merged"):
        sender.send_checked(Update(merged, status=statuses["Closed"]))


@pytest.mark.parametrize("failure", [UNMADE, LIMITED, LOST], ids=["unmade", "429", "lost"])
def test_explaining_a_refusal_does_not_hide_it(service, sender, incident, statuses, failure):
    """A read that fails while a refusal is explained leaves the refusal."""
    service.before.append(errors.ValidationFailed("No.", status=422, fields=STATUS_REFUSED))
    service.reading.append(failure)
    with pytest.raises(errors.ValidationFailed, match="No"):
        sender.send_checked(Update(incident, status=statuses["Triage"]))


def test_names_in_hints_are_printable(service, sender, make_incident, statuses):
    """A status name with control characters cannot steer the terminal through a hint."""
    odd = make_incident(incident_status={"id": "M", "name": "Mer\x1b[31mged\n", "category": "merged", "rank": 9})
    service.incidents[odd.id] = odd
    service.before.append(errors.ValidationFailed("No.", status=422, fields=STATUS_REFUSED))
    with pytest.raises(errors.ValidationFailed) as caught:
        sender.send_checked(Update(odd, status=statuses["Closed"]))
    assert "\x1b" not in str(caught.value)
    assert len("\n".join(caught.value.lines()).splitlines()) == 2


def test_a_repeat_is_not_refused_by_todays_rules(service, sender, drafts, ledger):
    """An update that was shared is reported as already shared, though the service would refuse it by now."""
    sender.send_checked(drafts["update"])
    service.before.append(REFUSED)
    outcome = sender.send_checked(drafts["update"])
    assert outcome.sentence.startswith("Already shared on INC-7")
    assert ends(ledger) == [SENT, NOT_SENT]


# Edits


def test_a_dry_run_of_an_edit_shows_what_differs(sender, incident, severities):
    """A dry run says exactly what the run would send: what differs, or nothing."""
    nothing = sender.send_checked(Edit(incident, name=incident.name), dry_run=True)
    assert nothing.sentence.startswith("Dry run, nothing sent. A real run would send nothing either: INC-7 already has")
    assert nothing.is_preview
    assert "notify the channel" not in str(nothing)
    some = sender.send_checked(Edit(incident, name=incident.name, summary="New"), dry_run=True)
    assert [name for name, _shown, _id in some.rows] == ["incident", "summary", "notify the channel", "key"]


def test_two_fields_of_one_name_are_edited_apart(service, sender, make_incident):
    """A field is its ID: the value of another field with the same name does not count as this one's."""
    text = models.CustomField("F1", "Team", "text")
    number = models.CustomField("F2", "Team", "numeric")
    kinds = {"id": "F1", "name": "Team", "field_type": "text"}, {"id": "F2", "name": "Team", "field_type": "numeric"}
    values = {"value_text": "Red"}, {"value_numeric": "7"}
    entries = [{"custom_field": kind, "values": [value]} for kind, value in zip(kinds, values, strict=True)]
    incident = make_incident(custom_field_entries=entries)
    service.incidents[incident.id] = incident
    both = (FieldEntry(text, ("Red",)), FieldEntry(number, ("7",)))
    assert not sender.send_checked(Edit(incident, fields=both)).sent
    assert Edit(incident, fields=both[:1]).changed(incident) == []
    changed = Edit(incident, fields=(FieldEntry(text, ("Blue",)), both[1]))
    assert changed.changed(incident) == ["field.Team (F1)"]
    assert changed.payload()["incident"] == {
        "custom_field_entries": [{"custom_field_id": "F1", "values": [{"value_text": "Blue"}]}]
    }


def test_an_edit_of_nothing_sends_nothing(service, sender, incident, ledger):
    """An edit to what is there already is told as such and not sent."""
    outcome = sender.send_checked(Edit(incident, name=incident.name))
    assert not outcome.sent
    assert outcome.sentence == "INC-7 already has these values; nothing sent."
    assert service.bodies == []
    assert not ledger.path.exists()


@pytest.mark.parametrize("notify", [True, False], ids=["notify", "quiet"])
@pytest.mark.parametrize("failure", [LOST, FAILED, GARBLED], ids=["lost", "503", "garbled"])
def test_a_lost_edit_that_was_done(*, service, sender, incident, ledger, clock, failure, notify):
    """A lost answer to an edit that was carried out is read back and told as a success, sent once."""
    service.after.append(failure)
    outcome = sender.send_checked(Edit(incident, name="new", notify=notify))
    assert outcome.sent
    assert "read back and confirmed" in outcome.sentence
    assert len(service.bodies) == 1
    assert ends(ledger) == [SENT]
    assert clock.slept == [1.0]


@pytest.mark.parametrize("failure", [LOST, FAILED, GARBLED], ids=["lost", "503", "garbled"])
def test_a_lost_edit_that_was_not_done(service, sender, incident, ledger, failure):
    """A lost edit that was not carried out, and notifies nobody, is sent again."""
    service.before.append(failure)
    outcome = sender.send_checked(Edit(incident, name="new"))
    assert outcome.sent
    assert len(service.bodies) == 2
    assert ends(ledger) == [NOT_SENT, SENT]


def test_an_edit_that_is_lost_every_time(service, sender, incident, ledger):
    """An edit that never arrives is given up as not sent."""
    service.before = [LOST] * 9
    with pytest.raises(errors.ConnectionFailed, match="was not made"):
        sender.send_checked(Edit(incident, name="new"))
    assert len(service.bodies) == 3
    assert ends(ledger) == [NOT_SENT] * 3


def test_a_notification_never_goes_out_twice(service, sender, incident, ledger):
    """A lost edit that notifies is not sent again, even if it seems not to have happened."""
    service.before.append(LOST)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        sender.send_checked(Edit(incident, name="new", notify=True))
    assert caught.value.hint == "check name with %incidents show INC-7 before you run it again"
    assert len(service.bodies) == 1
    assert ends(ledger) == [NOT_SENT]


def test_an_edit_that_was_half_done(service, sender, incident, ledger):
    """A lost edit of which only a part is there is unknown, and names what is missing."""
    draft = Edit(incident, name="new", summary="more")

    def half(identity, body):
        service.bodies.append(body)
        service.incidents[identity] = msgspec.structs.replace(incident, name="new")
        raise LOST

    service.edit_incident = half
    with pytest.raises(errors.OutcomeUnknown, match="check summary with %incidents show INC-7"):
        sender.send_checked(draft)
    assert len(service.bodies) == 1
    assert ends(ledger) == [UNKNOWN]


def test_an_edit_that_somebody_else_changed_meanwhile(service, sender, incident):
    """A lost edit of a property that now has a third value is unknown."""

    def other(identity, body):
        service.bodies.append(body)
        service.incidents[identity] = msgspec.structs.replace(incident, name="theirs")
        raise LOST

    service.edit_incident = other
    with pytest.raises(errors.OutcomeUnknown, match="check name"):
        sender.send_checked(Edit(incident, name="ours"))
    assert len(service.bodies) == 1


@pytest.mark.parametrize("reading", [LOST, UNMADE, LIMITED, DENIED], ids=["lost", "unmade", "429", "403"])
def test_an_edit_that_cannot_be_read_back(service, sender, incident, ledger, reading):
    """A lost edit that cannot be read back is unknown, and names every wanted property."""
    service.after.append(LOST)
    service.reading += [None, reading]
    with pytest.raises(errors.OutcomeUnknown, match="check name, summary with"):
        sender.send_checked(Edit(incident, name="new", summary="more"))
    assert ends(ledger) == [UNKNOWN]


def test_an_edit_answered_with_another_incident(service, sender, incident, monkeypatch):
    """An edit answered with another incident is read back; one whose incident reads as another is not sent."""
    another = msgspec.structs.replace(incident, id="another", reference="INC-8")
    edit = service.edit_incident
    monkeypatch.setattr(service, "edit_incident", lambda *given: edit(*given) and another)
    assert "read back and confirmed" in sender.send_checked(Edit(incident, name="New")).sentence
    monkeypatch.setattr(service, "incident", lambda _identity: another)
    with pytest.raises(errors.UnexpectedAnswer, match="about an incident other than INC-7") as refused:
        sender.send_checked(Edit(incident, name="Newer"))
    assert refused.value.retryable
    assert len(service.bodies) == 1


@pytest.mark.parametrize("notify", [True, False], ids=["notify", "quiet"])
def test_an_edit_that_contradicts(service, sender, incident, ledger, notify):
    """A conflict of an edit that changed nothing is told as the conflict it is, and not sent again."""
    service.before.append(CONFLICT)
    with pytest.raises(errors.Conflict):
        sender.send_checked(Edit(incident, name="new", notify=notify))
    assert len(service.bodies) == 1
    assert ends(ledger) == [NOT_SENT]


def test_an_interrupt_while_reading_back(service, make_sender, incident, ledger):
    """An edit whose reading back is interrupted is unknown in the ledger."""

    def interrupted(_seconds):
        raise KeyboardInterrupt

    service.after.append(LOST)
    sender = make_sender()
    sender._edits._sleep = interrupted
    with pytest.raises(KeyboardInterrupt):
        sender.send_checked(Edit(incident, name="new"))
    assert ends(ledger) == [UNKNOWN]


def test_somebody_elses_change_is_not_overwritten(service, sender, incident, ledger):
    """What somebody else changed after the draft was made is named, and not overwritten until it was seen."""
    service.incidents[incident.id] = msgspec.structs.replace(incident, name="theirs")
    with pytest.raises(errors.ChangedMeanwhile, match="changed name of INC-7 since it was read") as caught:
        sender.send_checked(Edit(incident, name="ours", summary="ours"))
    assert "%incidents show INC-7" in caught.value.hint
    assert service.bodies == []
    assert not ledger.path.exists()
    assert sender.send_checked(Edit(service.incidents[incident.id], name="ours")).sent


def test_somebody_elses_change_of_something_else(service, sender, incident):
    """A property that is not edited may change meanwhile, and one that has the wanted value already is not sent."""
    service.incidents[incident.id] = msgspec.structs.replace(incident, name="wanted", call_url="https://example.com")
    assert sender.send_checked(Edit(incident, name="wanted", summary="more")).sent
    assert service.bodies == [{"incident": {"summary": "more"}, "notify_incident_channel": False}]


def test_a_second_kernel_with_the_same_edit(service, make_sender, incident):
    """The same edit of two kernels, both made before either was sent, is sent and notifies once."""
    drafts = [Edit(incident, name="new", notify=True) for _kernel in range(2)]
    assert [make_sender().send_checked(draft).sent for draft in drafts] == [True, False]
    assert len(service.bodies) == 1


def test_an_edit_that_was_overwritten_at_once(service, sender, incident):
    """If the answer shows another value than the one that was sent, the sentence says so."""

    def other(identity, body):
        service.bodies.append(body)
        return msgspec.structs.replace(incident, name="theirs", summary="more")

    service.edit_incident = other
    outcome = sender.send_checked(Edit(incident, name="ours", summary="more"))
    assert "the service shows a different value for name: check it before you continue" in outcome.sentence


def test_an_interrupt_before_anything_is_sent(service, sender, incident, ledger):
    """An edit that is interrupted while the incident is read is plainly stopped: nothing was sent."""
    service.reading.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt) as caught:
        sender.send_checked(Edit(incident, name="new"))
    assert not isinstance(caught.value, errors.Interrupted)
    assert not ledger.path.exists()


# Drafts that are not sent at all


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "real"])
def test_a_draft_with_problems_is_not_sent(service, sender, incident, ledger, dry_run):
    """A draft with problems is refused by field before anything is sent, in a dry run too."""
    for draft in (Declaration(""), Update(incident), Event(incident, "", incident.created_at), Edit(incident)):
        with pytest.raises(errors.DraftError, match="nothing was sent") as caught:
            sender.send_checked(draft, dry_run=dry_run)
        assert caught.value.fields == draft.problems()
    assert service.bodies == []
    assert not ledger.path.exists()


def test_a_missing_severity_names_the_choice(sender):
    """Without a severity the error names the organisation's severities."""
    with pytest.raises(errors.DraftError, match="--severity takes one of Minor, Major, Critical"):
        sender.send_checked(Declaration("Checkout fails"))


# Training


@pytest.mark.parametrize("verb", EVERY)
@pytest.mark.parametrize("mode", ["standard", "retrospective", "tutorial"])
@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "real"])
def test_training_refuses_what_is_no_test(*, service, make_sender, drafts, make_incident, ledger, verb, mode, dry_run):
    """In training every write to anything but a test incident is refused before it is sent."""
    draft = drafts[verb]
    change = {"mode": mode} if verb == "declare" else {"incident": make_incident(mode=mode)}
    with pytest.raises(errors.TrainingRefused, match="nothing was sent"):
        make_sender(training=True).send_checked(replace(draft, **change), dry_run=dry_run)
    assert service.bodies == []
    assert not ledger.path.exists()


@pytest.mark.parametrize("verb", ["declare", "update", "event", "edit"])
def test_training_writes_to_test_incidents(service, make_sender, drafts, make_incident, verb):
    """In training, test incidents are declared and written to."""
    change = {"mode": "test"} if verb == "declare" else {"incident": make_incident(mode="test")}
    assert make_sender(training=True).send_checked(replace(drafts[verb], **change)).sent
    assert len(service.bodies) == 1


@pytest.mark.parametrize(
    ("host", "allowed"), [("api.incident.io", False), ("127.0.0.1", True), ("localhost", True), ("::1", True)]
)
def test_training_pages_nobody_real(*, service, make_sender, drafts, make_incident, host, allowed):
    """In training people are paged on this machine's sandbox only."""
    service.transport.host = host
    page = replace(drafts["page"], incident=make_incident(mode="test"))
    if allowed:
        assert make_sender(training=True).send_checked(page).sent
    else:
        with pytest.raises(errors.TrainingRefused, match="pages nobody"):
            make_sender(training=True).send_checked(page)
    assert len(service.bodies) == allowed


# A ledger that does not work


@pytest.mark.parametrize("verb", EVERY)
@pytest.mark.parametrize("kind", ["a folder", "here", "below a file"])
def test_a_broken_ledger_does_not_stop_a_write(*, service, make_sender, drafts, tmp_path, monkeypatch, verb, kind):
    """A ledger that can be neither read nor written is a warning; the write is made, and a repeat is still seen."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    path = {"a folder": tmp_path, "here": Path(), "below a file": tmp_path / "file" / "ledger.jsonl"}[kind]
    sender = make_sender(ledger=path)
    with pytest.warns(LedgerWarning, match="the write continues"):
        assert sender.send_checked(drafts[verb]).sent
    assert len(service.bodies) == 1
    if verb != "edit":
        with pytest.warns(LedgerWarning) as warned:
            assert not sender.send_checked(drafts[verb]).sent
        assert any("cannot be read" in str(warning.message) for warning in warned)


# Private incidents


@pytest.mark.parametrize("show", [True, False], ids=["shown", "hidden"])
def test_the_name_of_a_private_incident(service, make_sender, declaration, make_incident, show):
    """The sentence of a private declaration names the incident only where private names are shown."""
    private = make_incident(visibility="private", name="Breach")
    service.incidents = {private.id: private}
    outcome = make_sender(show_private=show).send_checked(replace(declaration, visibility="private"))
    assert ("Breach" in repr(outcome)) is show
    assert ("🔒 private" in repr(outcome)) is not show


def test_times_are_told_in_the_users_zone(make_sender, drafts):
    """The sentence tells times in the set time zone."""
    outcome = make_sender(timezone="Europe/Berlin").send_checked(drafts["update"])
    assert outcome.sentence == "INC-7 updated at 15:00:10 CET."


def test_new_values_are_told(make_sender, incident, statuses, severities):
    """The sentence of an update names the old and the new status and severity."""
    outcome = make_sender().send_checked(Update(incident, "m", statuses["Monitoring"], severities["Minor"]))
    assert outcome.sentence == "INC-7 updated at 14:00:10 UTC: Investigating → Monitoring · Major → Minor."


def test_a_working_ledger_warns_of_nothing(sender, drafts):
    """An ordinary write warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sender.send_checked(drafts["update"]).sent
