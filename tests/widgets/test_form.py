"""What all forms share, tried on the one that shares updates: one draft, one send, three ways to end."""

from __future__ import annotations

import threading

import pytest
from ipywidgets.widgets import widget as widgets

from incidentio_magic import errors
from incidentio_magic.widgets import status
from incidentio_magic.widgets.loading import together
from incidentio_magic.widgets.update import UpdateForm

UPDATES = "/v2/incident_updates"


@pytest.fixture
def form(client):
    """An update of INC-295 with a message."""
    return UpdateForm(client, "INC-295", message="All is well")


def shared(client, message):
    """Count how often a message was shared on INC-295."""
    return list(client.updates("INC-295")["message"]).count(message)


def test_submit_sends_once(form, sent, client):
    """A second click does nothing; a new form with the same text finds it already shared."""
    form.submit()
    assert form.status.state == status.SENT
    assert "INC-295 updated" in form.status.value
    assert "https://app.incident.io/sandbox/incidents/295" in form.status.value
    assert form.done
    assert form.submit_button.disabled
    form.submit()
    assert len(sent(UPDATES)) == 1
    again = UpdateForm(client, "INC-295", message="All is well")
    again.submit()
    assert again.status.state == status.ALREADY
    assert "--again" not in again.status.value
    assert shared(client, "All is well") == 1


def test_the_button_submits(form, sent):
    """The button does what tests call; pressed twice it sends once."""
    form.submit_button.click()
    form.submit_button.click()
    assert form.status.state == status.SENT
    assert len(sent(UPDATES)) == 1


def test_once_more_is_deliberate(form, client):
    """Only after a replay, and only by its own button, the same text is shared a second time."""
    assert form.again_button.layout.display == "none"
    form.submit()
    assert form.again_button.layout.display == "none"
    again = UpdateForm(client, "INC-295", message="All is well")
    again.submit()
    assert again.again_button.layout.display is None
    again.submit(again=True)
    assert again.status.state == status.SENT
    again.submit()
    assert shared(client, "All is well") == 2


def test_a_lost_answer_is_sent_once(form, sandbox, client):
    """The answer is lost after the commit: the retry inside finds it done, and so does a later click."""
    sandbox.fault("lose_answer", f"POST {UPDATES}", times=1)
    form.submit()
    assert form.status.state == status.SENT
    assert shared(client, "All is well") == 1


def test_unknown_says_what_to_check_and_retries_the_same_draft(client, sandbox):
    """While the outcome is unknown, a changed variable does not change what is tried again."""
    rate = ["5"]
    form = UpdateForm(
        client, "INC-295", message="Rate {{ rate }}", render=lambda text: text.replace("{{ rate }}", rate[0])
    )
    sandbox.fault("lose_answer", f"POST {UPDATES}")
    form.submit()
    assert form.status.state == status.UNKNOWN
    assert "%incidents updates INC-295" in form.status.value
    assert not form.submit_button.disabled
    assert form.fields["message"].control.value == "Rate {{ rate }}"
    sandbox.clear_faults()
    rate[0] = "7"
    form.submit()
    assert form.done
    assert [shared(client, f"Rate {one}") for one in "57"] == [1, 0]


def test_changed_variables_are_shown_before_they_are_sent(client, sent):
    """What the preview showed is what is sent; if the variables changed since, the form asks once more."""
    rate = ["5"]
    form = UpdateForm(client, "INC-295", message="{{ rate }}", render=lambda text: text.replace("{{ rate }}", rate[0]))
    rate[0] = "7"
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "7" in form.fields["message"].preview.value
    assert not sent(UPDATES)
    rate[0] = "8"
    form.submit()
    assert form.status.state == status.SENT
    assert [one["message"] for one in sent(UPDATES)] == ["7"]


def test_a_refusal_is_shown_at_its_field(form, client, sent):
    """The service names the status: the message stands there, everything typed is still there, and it can be mended."""
    closed = client.vocabulary.status("Closed")
    form.fields["status"].choose(closed)
    client.update("INC-295", "", status="Documenting")
    form.fields["status"].choose(client.vocabulary.status("Monitoring"))
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "Cannot move" in form.fields["status"].problem
    assert form.fields["message"].control.value == "All is well"
    form.fields["status"].control.index = 0
    assert not form.fields["status"].problem
    form.submit()
    assert form.status.state == status.SENT
    assert len(sent(UPDATES)) == 3


@pytest.mark.parametrize("kind", ["rate_limited", "status", "drop", "malformed"])
def test_faults_end_in_one_of_three_states(form, sandbox, client, kind):
    """Whatever the service does, the form says how it ended, keeps what was typed, and sends once in the end."""
    sandbox.fault(kind, f"POST {UPDATES}")
    form.submit()
    assert form.status.state in {status.NOT_SENT, status.UNKNOWN}
    assert not form.done
    assert not form.submit_button.disabled
    sandbox.clear_faults()
    form.submit()
    assert form.done
    assert shared(client, "All is well") == 1


def test_a_bug_propagates(form, monkeypatch, client):
    """What is no error of this project is raised, and the form does not look as if it worked on."""
    monkeypatch.setattr(client, "send", lambda *_draft, **_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        form.submit()
    assert form.status.state == status.UNKNOWN
    assert not form.submit_button.disabled


def test_waiting_is_shown(form, sandbox, monkeypatch):
    """A long wait says what it waits for."""
    seen = []
    monkeypatch.setattr(form.status, "working", seen.append)
    sandbox.fault("rate_limited", f"POST {UPDATES}", times=1, retry_after=5)
    form.submit()
    assert any("waiting 5 s" in one for one in seen)
    assert form.status.state == status.SENT


def test_without_a_connection(connect):
    """No service: an error and a button, no traceback; when it is back the form opens with what was given."""
    reachable = connect()
    lost = connect(base_url="http://127.0.0.1:9")
    present = [lost]
    form = UpdateForm(lambda: present[0], "INC-295", message="All is well")
    assert "No connection" in form.failure.value
    assert form.body.layout.display == "none"
    assert form.submit_button.layout.display == "none"
    assert form.reload_button.description == "Try again"
    form.submit()
    present[0] = reachable
    form.reload_button.click()
    assert form.failure.value == ""
    assert form.body.layout.display is None
    assert form.incident.reference == "INC-295"
    form.submit()
    assert form.status.state == status.SENT


def test_without_a_key():
    """No key: the form says how to set one."""

    def connect():
        raise errors.SettingsError("There is no API key.", hint="set INCIDENTIO_API_KEY")

    form = UpdateForm(connect)
    assert "There is no API key." in form.failure.value
    assert "set INCIDENTIO_API_KEY" in form.failure.value


def test_another_connection_is_noticed(connect, sent):
    """Training mode switched on after the form was opened: nothing is sent by the old rules."""
    present = [connect()]
    form = UpdateForm(lambda: present[0], "INC-295", message="All is well")
    present[0] = connect(training=True)
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "Training mode" in form.banner.value
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "INC-295 is standard" in form.status.value
    assert not sent(UPDATES)


def test_refreshing_keeps_what_is_chosen(form, sandbox):
    """The lists are read anew; what was typed and chosen stays."""
    form.fields["status"].control.index = 2
    chosen = form.fields["status"].read()
    before = len(sandbox.requests)
    form.reload_button.click()
    assert len(sandbox.requests) > before
    assert form.fields["status"].read() == chosen
    assert form.fields["message"].control.value == "All is well"


def test_new_begins_empty(form, sent):
    """After success, and only then, a new one is offered: about the same incident, with nothing typed."""
    assert form.new_button.layout.display == "none"
    form.submit()
    assert form.new_button.layout.display is None
    form.new_button.click()
    assert form.incident.reference == "INC-295"
    assert form.fields["message"].control.value == ""
    assert form.status.value == ""
    form.submit()
    assert len(sent(UPDATES)) == 1
    assert form.fields["message"].problem


def test_closing_leaves_no_widget(client):
    """Every widget of a form is gone after it is closed, also after it was used."""
    before = len(widgets._instances)
    for _round in range(3):
        form = UpdateForm(client, "INC-295", message="All is well")
        form.submit()
        form.close()
        form.close()
    assert len(widgets._instances) == before


def test_lists_are_read_at_once(client):
    """Different lists do not wait for one another."""
    both = threading.Barrier(2, timeout=5)

    def meet(_self=None):
        both.wait()
        return []

    client.api.severities = client.api.custom_fields = meet
    found = together({"severities": client.vocabulary.severities, "fields": client.vocabulary.fields})
    assert found == {"severities": [], "fields": []}


def test_a_list_that_cannot_be_read_is_an_error_of_its_own():
    """The others are there all the same; a bug is raised."""

    def refuse():
        raise errors.InputError("no")

    found = together({"good": lambda: 1, "bad": refuse})
    assert found["good"] == 1
    assert isinstance(found["bad"], errors.InputError)
    with pytest.raises(ZeroDivisionError):
        together({"bug": lambda: 1 / 0})
