"""Who is on call, on a board: open pages beside their incidents, schedules below, and only what the key may see."""

from __future__ import annotations

from datetime import timedelta

from board_stage import html, incident

from incidentio_magic import errors
from incidentio_magic.widgets.board_on_call import OnCall, OnCallReader
from incidentio_magic.widgets.board_reader import Reader


def test_a_page_waits_until_somebody_acknowledges_it(client, sandbox):
    """A page about an incident is read with whom it reached, and is gone once it is acknowledged."""
    client.page("INC-299", path="Search on-call")
    reader = OnCallReader(client)
    identity = client.incident("INC-299").id
    (page,) = reader.read().pages[identity]
    waiting = reader.read().waiting(identity, page.paged_at + timedelta(minutes=4))
    assert waiting.startswith("open page for 4 min")
    assert page.paged in waiting
    client.acknowledge(page.label)
    assert identity not in reader.read().pages


def test_who_is_on_call_now(client):
    """Each schedule names who is on call; many are cut, which says how to see the rest."""
    found = OnCallReader(client).read()
    assert found.schedules
    name, people = next(iter(found.schedules.items()))
    assert f"{name}: {', '.join(people)}" in found.line()
    many = OnCall(schedules={f"Schedule {number}": () for number in range(9)})
    assert "Schedule 5: nobody · and 3 more, see %incidents oncall" in many.line()
    assert OnCall().line() == ""


def test_what_the_key_may_not_see_is_not_asked_for_again(client, sandbox, monkeypatch):
    """Without the scope there is no line and no complaint, and one request in all."""
    asked = []

    def refuse(**_filters):
        asked.append(1)
        raise errors.PermissionDenied("no scope", status=403)

    monkeypatch.setattr(client.api, "escalations", refuse)
    monkeypatch.setattr(client.api, "schedules", refuse)
    reader = OnCallReader(client)
    assert [reader.read() for _time in range(3)] == [OnCall()] * 3
    assert len(asked) == 2


def test_a_failure_is_said(client, monkeypatch):
    """A service that fails is no missing permission: the board says what it lacks, and tries again."""

    def fail(**_filters):
        raise errors.ServiceError("The service failed.", status=500)

    monkeypatch.setattr(client.api, "escalations", fail)
    reader = OnCallReader(client)
    assert reader.read().problem == "The open pages cannot be read: The service failed."
    assert reader.read().schedules


def test_the_board_shows_it(board, service, client):
    """The row has its open page, and below the table stands who is on call; the text of a terminal has both."""
    client.page("INC-299", path="Search on-call")
    found = OnCallReader(client).read()
    (pages,) = [pages for pages in found.pages.values() if pages[0].incidents == "INC-299"]
    service.rows = [incident(1), incident(2)]
    service.called = OnCall({"id1": pages}, {"Search": ("Carol <b>Carver</b>",)}, "The open pages are old.")
    shown = board()
    text = html(shown)
    assert text.count("📟 open page for") == 1
    assert "On call: Search: Carol &lt;b&gt;Carver&lt;/b&gt;" in text
    assert "The open pages are old." in text
    assert "INC-1: open page for" in repr(shown)


def test_the_reader_of_a_board_reads_it(client):
    """A board's reader has it, too, beside the incidents."""
    assert Reader(client).on_call().schedules == OnCallReader(client).read().schedules
