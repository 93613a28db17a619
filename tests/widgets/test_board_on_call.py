"""Who is on call, on a board: open pages beside their incidents, schedules below, and only what the key may see."""

from __future__ import annotations

from datetime import timedelta

from board_stage import NOW, html, incident

from incidentio_magic import errors
from incidentio_magic.api.models import Escalation, EscalationEvent, User
from incidentio_magic.on_call.pages import PageStory
from incidentio_magic.widgets.board_on_call import OnCall, OnCallReader
from incidentio_magic.widgets.board_reader import Reader
from incidentio_magic.widgets.board_rows import Row


def row(client, reference):
    """Return the row of an incident that there is."""
    return Row(client.incident(reference), None)


def test_a_page_waits_until_somebody_acknowledges_it(client, sandbox):
    """A page about an incident says who got it; acknowledged, it says who did so, and no longer that it waits."""
    client.page("INC-299", path="Search on-call")
    reader, shown = OnCallReader(client), row(client, "INC-299")
    identity = shown.incident.id
    (page,) = [page for page in reader.read([shown]).pages[identity] if page.is_waiting]
    waiting = reader.read([shown]).waiting(identity, page.paged_at + timedelta(minutes=4))
    assert waiting.startswith("open page for 4 min")
    assert page.paged in waiting
    before = len(reader.read([shown]).pages[identity])
    client.acknowledge(page.label)
    found = reader.read([shown])
    assert found.waiting(identity, page.paged_at) == ""
    assert f"{before} pages acknowledged" in found.acknowledged(identity)


def test_who_acknowledged_a_page():
    """The names of those who did; where the service does not say who, that it was acknowledged."""
    moment = NOW - timedelta(minutes=9)
    users = [User("u1", "Carol Carver")]
    event = EscalationEvent(id="e1", event="acked", occurred_at=moment, users=users)
    by_carol = PageStory(Escalation(id="p1", status="acked", created_at=moment, events=[event]), "p1")
    by_a_key = PageStory(Escalation(id="p2", status="acked", created_at=moment), "p2")
    assert OnCall({"id1": (by_carol, by_a_key)}).acknowledged("id1") == "2 pages acknowledged by Carol Carver"
    assert OnCall({"id1": (by_a_key,)}).acknowledged("id1") == "page acknowledged"


def test_only_pages_about_the_rows_are_read(client, sandbox):
    """One request asks for the pages about the incidents that are shown; without a row there is none."""
    reader = OnCallReader(client)
    before = len(sandbox.requests)
    reader.read([row(client, "INC-299"), row(client, "INC-295")])
    (asked,) = [request for request in sandbox.requests[before:] if request["path"] == "/v2/escalations"]
    assert [name for name, _value in asked["query"]].count("incident[one_of]") == 2
    before = len(sandbox.requests)
    reader.read([])
    assert [request["path"] for request in sandbox.requests[before:]] == ["/v2/schedules"]


def test_who_is_on_call_now(client):
    """Each schedule names who is on call; many are cut, which says how to see the rest."""
    found = OnCallReader(client).read([])
    assert found.schedules
    name, people = next(iter(found.schedules.items()))
    assert f"{name}: {', '.join(people)}" in found.line()
    many = OnCall(schedules={f"Schedule {number}": () for number in range(9)})
    assert "Schedule 5: nobody · and 3 more, see %incidents oncall" in many.line()
    assert OnCall().line() == ""


def test_who_is_on_call_for_an_incident_s_teams(client):
    """The people of the schedules of its teams, each once; nobody where nobody is; no line without a schedule."""
    schedules = client.api.schedules().whole()
    (team, people) = next(
        (schedule.team_ids[0], schedule.current_shifts) for schedule in schedules if schedule.team_ids
    )
    found = OnCallReader(client).read([])
    shown = incident(1, team_ids=[team]).incident
    assert found.of_teams(shown) == f"on call: {', '.join(shift.user.name for shift in people)}"
    called = OnCall(teams={"t1": ("Carol", "Dan"), "t2": ("Dan",), "t3": ()})
    assert called.of_teams(incident(1, team_ids=["t1", "t2", "t9"]).incident) == "on call: Carol, Dan"
    assert called.of_teams(incident(1, team_ids=["t3"]).incident) == "on call: nobody"
    assert called.of_teams(incident(1, team_ids=["t9"]).incident) == called.of_teams(incident(1).incident) == ""


def test_what_the_key_may_not_see_is_not_asked_for_again(client, sandbox, monkeypatch):
    """Without the scope there is no line and no complaint, and one request in all."""
    asked = []

    def refuse(*_incidents, **_filters):
        asked.append(1)
        raise errors.PermissionDenied("no scope", status=403)

    monkeypatch.setattr(client.api, "escalations", refuse)
    monkeypatch.setattr(client.api, "schedules", refuse)
    reader = OnCallReader(client)
    assert [reader.read([incident(1)]) for _time in range(3)] == [OnCall()] * 3
    assert len(asked) == 2


def test_a_failure_is_said(client, monkeypatch):
    """A service that fails is no missing permission: the board says what it lacks, and tries again."""

    def fail(*_incidents, **_filters):
        raise errors.ServiceError("The service failed.", status=500)

    monkeypatch.setattr(client.api, "escalations", fail)
    reader = OnCallReader(client)
    assert reader.read([incident(1)]).problem == "The open pages cannot be read: The service failed."
    assert reader.read([incident(1)]).schedules


def test_the_board_shows_it(board, service, client):
    """A row has its open page and its teams' people, and below the table stand all; a terminal's text has them, too."""
    client.page("INC-299", path="Search on-call")
    found = OnCallReader(client).read([row(client, "INC-299")])
    (pages,) = found.pages.values()
    service.rows = [incident(1), incident(2, team_ids=["t1"])]
    carol = ("Carol <b>Carver</b>",)
    service.called = OnCall({"id1": pages}, {"Search": carol}, {"t1": carol}, "The open pages are old.")
    shown = board()
    text = html(shown)
    assert text.count("📟 open page for") == 1
    assert text.count("<bdi>on call: Carol &lt;b&gt;Carver&lt;/b&gt;</bdi>") == 1
    assert "On call: Search: Carol &lt;b&gt;Carver&lt;/b&gt;" in text
    assert "The open pages are old." in text
    assert "INC-1: open page for" in repr(shown)
    assert "INC-2: on call: Carol <b>Carver</b>." in repr(shown)


def test_a_row_shows_who_acknowledged(board, service):
    """A page that is acknowledged stays, with who did it and without alarm."""
    moment = NOW - timedelta(minutes=9)
    event = EscalationEvent(id="e1", event="acked", occurred_at=moment, users=[User("u1", "Dan <i>Draper</i>")])
    page = PageStory(Escalation(id="p1", status="acked", created_at=moment, events=[event]), "p1")
    service.rows, service.called = [incident(1)], OnCall({"id1": (page,)})
    shown = html(board())
    assert 'ib-acknowledged">📟 page acknowledged by Dan &lt;i&gt;Draper&lt;/i&gt;<' in shown
    assert "ib-page ib-waits" not in shown


def test_rows_do_not_wait_for_who_is_on_call(board, service, clock, poller):
    """A later refresh shows what changed before it reads who is on call."""
    service.rows = [incident(1)]
    shown = board()
    seen = []
    service.rows = [incident(1, "Critical")]
    service.on_call = lambda _rows: (seen.append("was <bdi>Major</bdi>" in html(shown)), OnCall())[1]
    clock.seconds += 60
    poller.read_due()
    assert seen == [True]


def test_the_reader_of_a_board_reads_it(client):
    """A board's reader has it, too, beside the incidents."""
    assert Reader(client).on_call([]).schedules == OnCallReader(client).read([]).schedules
