"""What all forms share, tried on the one that shares updates: one draft, one send, three ways to end.

Serves `widgets/_form_state.py`, `widgets/_next_steps.py`, `widgets/_shared.py`, `widgets/_sources.py`,
`widgets/buttons.py`, `widgets/display.py`, `widgets/fields.py`, `widgets/form_fields.py`, `widgets/incident_form.py`,
`widgets/markdown_field.py`, `widgets/service_errors.py` and `widgets/status.py`.
"""

from __future__ import annotations

import json
import threading

import pytest
from ipywidgets.widgets import widget as widgets

from incidentio_magic import errors
from incidentio_magic.templates import render
from incidentio_magic.widgets import status
from incidentio_magic.widgets._shared import is_shown
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.parallel_reads import announced, read_together
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
    assert form.buttons.submit.disabled
    form.submit()
    assert len(sent(UPDATES)) == 1
    again = UpdateForm(client, "INC-295", message="All is well")
    again.submit()
    assert again.status.state == status.ALREADY
    assert "--again" not in again.status.value
    assert shared(client, "All is well") == 1


def test_the_button_submits(form, sent):
    """The button does what tests call; pressed twice it sends once."""
    form.buttons.submit.click()
    form.buttons.submit.click()
    assert form.status.state == status.SENT
    assert len(sent(UPDATES)) == 1


def test_once_more_is_deliberate(form, client):
    """Only after a replay, and only by its own button, the same text is shared a second time."""
    assert not is_shown(form.buttons.again)
    form.submit()
    assert not is_shown(form.buttons.again)
    again = UpdateForm(client, "INC-295", message="All is well")
    again.submit()
    assert is_shown(again.buttons.again)
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
    assert not form.buttons.submit.disabled
    assert form.fields["message"].control.value == "Rate {{ rate }}"
    sandbox.clear_faults()
    rate[0] = "7"
    form.submit()
    assert form.done
    assert [shared(client, f"Rate {entry}") for entry in "57"] == [1, 0]


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
    assert [entry["message"] for entry in sent(UPDATES)] == ["7"]


def test_a_refusal_is_shown_at_its_field(form, client, sent):
    """The service names the status: that stands there until the status is changed, and nothing typed is lost."""
    closed = client.vocabulary.status("Closed")
    form.fields["status"].choose(closed)
    client.update("INC-295", "", status="Documenting")
    form.fields["status"].choose(client.vocabulary.status("Monitoring"))
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "Cannot move" in form.fields["status"].problem
    assert form.fields["message"].control.value == "All is well"
    assert "Refused: Status" in form.effect_text.value
    form.fields["message"].control.value = "All is better"
    assert "Cannot move" in form.fields["status"].problem
    form.fields["status"].control.index = 0
    assert not form.fields["status"].problem
    assert "Ready." in form.effect_text.value
    form.submit()
    assert form.status.state == status.SENT
    assert len(sent(UPDATES)) == 3


def test_a_refusal_concerns_its_incident(form, client):
    """Another incident is chosen: what was refused for the first is no longer said."""
    client.update("INC-295", "", status="Documenting")
    form.fields["status"].choose(client.vocabulary.status("Monitoring"))
    form.submit()
    assert form.fields["status"].problem
    form.picker.control.value = "INC-299"
    assert form.incident.reference == "INC-299"
    assert not form.fields["status"].problem


def test_what_is_missing_is_said_until_something_changes(client):
    """Clicked too early the form says what to look at; as soon as something is typed it no longer does."""
    form = UpdateForm(client, "INC-295")
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "check Message above" in form.status.value
    form.fields["message"].control.value = "All is well"
    assert form.status.value == ""
    assert "Ready." in form.effect_text.value


@pytest.mark.parametrize("kind", ["rate_limited", "status", "drop", "malformed"])
def test_faults_end_in_one_of_three_states(form, sandbox, client, kind):
    """Whatever the service does, the form says how it ended, keeps what was typed, and sends once in the end."""
    sandbox.fault(kind, f"POST {UPDATES}")
    form.submit()
    assert form.status.state in {status.NOT_SENT, status.UNKNOWN}
    assert not form.done
    assert not form.buttons.submit.disabled
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
    assert not form.buttons.submit.disabled


def test_waiting_is_shown(form, sandbox, monkeypatch):
    """A long wait says what it waits for."""
    seen = []
    monkeypatch.setattr(form.status, "working", seen.append)
    sandbox.fault("rate_limited", f"POST {UPDATES}", times=1, retry_after=5)
    form.submit()
    assert any("waiting 5 s" in entry for entry in seen)
    assert form.status.state == status.SENT


def test_without_a_connection(connect_to):
    """No service: an error and a button, no traceback; when it is back the form opens with what was given."""
    reachable = connect_to()
    lost = connect_to(base_url="http://127.0.0.1:9")
    present = [lost]
    form = UpdateForm(lambda: present[0], "INC-295", message="All is well")
    assert "No connection" in form.failure.value
    assert not is_shown(form.body)
    assert not is_shown(form.buttons.submit)
    assert form.buttons.reload.description == "Try again"
    form.submit()
    present[0] = reachable
    form.buttons.reload.click()
    assert form.failure.value == ""
    assert is_shown(form.body)
    assert form.incident.reference == "INC-295"
    form.submit()
    assert form.status.state == status.SENT


def test_without_a_key():
    """No key: the form says how to set one."""

    def connect_to():
        raise errors.SettingsError("There is no API key.", hint="set INCIDENTIO_API_KEY")

    form = UpdateForm(connect_to)
    assert "There is no API key." in form.failure.value
    assert "set INCIDENTIO_API_KEY" in form.failure.value


def test_another_connection_is_noticed(connect_to, sent):
    """Training mode switched on after the form was opened: nothing is sent by the old rules."""
    present = [connect_to()]
    form = UpdateForm(lambda: present[0], "INC-295", message="All is well")
    present[0] = connect_to(training=True)
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
    form.buttons.reload.click()
    assert len(sandbox.requests) > before
    assert form.fields["status"].read() == chosen
    assert form.fields["message"].control.value == "All is well"


def test_a_failed_refresh_takes_nothing_away(connect_to, sandbox):
    """The lists cannot be read anew: the form says so and keeps them; what was typed is seen and can be sent."""
    client = connect_to(max_wait=0)
    form = UpdateForm(client, "INC-295", message="All is well")
    sandbox.fault("malformed", "GET /v1/severities")
    form.buttons.reload.click()
    assert "may be out of date" in form.failure.value
    assert "sandbox" in form.banner.value
    assert form.buttons.reload.description == "Refresh lists"
    assert is_shown(form.body)
    form.fields["message"].control.value = "All is better"
    form.submit()
    assert form.status.state == status.SENT
    assert form.failure.value == ""
    form.buttons.reload.click()
    assert form.failure.value
    sandbox.clear_faults()
    form.buttons.reload.click()
    assert form.failure.value == ""


def test_new_begins_empty(form, sent):
    """After success, and only then, a new one is offered: about the same incident, with nothing typed."""
    assert not is_shown(form.buttons.renew)
    form.submit()
    assert is_shown(form.buttons.renew)
    form.buttons.renew.click()
    assert form.incident.reference == "INC-295"
    assert form.fields["message"].control.value == ""
    assert form.status.value == ""
    form.submit()
    assert len(sent(UPDATES)) == 1
    assert form.fields["message"].problem


def test_closing_leaves_no_widget(client):
    """Every widget of a form is gone after it is closed, also after it was used."""
    UpdateForm(client, "INC-295").close()  # what all forms share is made with the first one
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

    def meet(*_which, **_how):
        both.wait()
        return []

    client.api.whole = meet
    found = read_together({"severities": client.vocabulary.severities, "fields": client.vocabulary.fields})
    assert found == {"severities": [], "fields": []}


def test_a_list_that_cannot_be_read_is_an_error_of_its_own():
    """The others are there all the same; a bug is raised."""

    def refuse():
        raise errors.InputError("no")

    found = read_together({"good": lambda: 1, "bad": refuse})
    assert found["good"] == 1
    assert isinstance(found["bad"], errors.InputError)
    with pytest.raises(ZeroDivisionError):
        read_together({"bug": lambda: 1 / 0})


def test_a_change_after_an_unknown_outcome_is_warned_of(form, sandbox, client):
    """What may have happened and what is typed now are two things: the form says so, and what to check."""
    sandbox.fault("drop", f"POST {UPDATES}")
    form.submit()
    assert form.status.state == status.UNKNOWN
    assert not form.unknown_text.value
    message = form.fields["message"].control
    message.value = "All is better"
    assert "would be sent in addition" in form.unknown_text.value
    assert "%incidents updates INC-295" in form.unknown_text.value
    message.value = "All is well"
    assert not form.unknown_text.value
    message.value = "All is better"
    sandbox.clear_faults()
    form.submit()
    assert form.done
    assert not form.unknown_text.value
    assert shared(client, "All is better") == 1


def test_an_interrupted_write_is_in_doubt(form, monkeypatch, client):
    """Interrupted while it is sent: unknown, and a change is warned of with what to check."""

    def interrupt(*_draft, **_given):
        raise errors.Interrupted("It is not known.", hint="%incidents updates INC-295 shows it")

    monkeypatch.setattr(client, "send", interrupt)
    with pytest.raises(errors.Interrupted):
        form.submit()
    form.fields["message"].control.value = "All is better"
    assert "undo the change, then %incidents updates INC-295 shows it" in form.unknown_text.value


def test_waits_are_told_while_it_opens(connect_to, sandbox, monkeypatch):
    """A form that is shown first says itself what its lists wait for, and nothing when they are there."""
    client = connect_to()
    elsewhere = []
    client.transport.announce = elsewhere.append
    form = UpdateForm(client, "INC-295", lazy=True)
    assert not is_shown(form.body)
    assert not sandbox.requests or sandbox.requests[-1]["path"] != "/v1/severities"
    seen = []
    monkeypatch.setattr(form.status, "working", seen.append)
    sandbox.fault("rate_limited", "GET /v1/severities", times=1, retry_after=5)
    form.load()
    assert seen[0] == "Reading the lists"
    assert any("waiting 5 s" in entry and "/v1/severities" in entry for entry in seen)
    assert seen[-1] == "Reading the lists"
    assert not elsewhere
    assert form.status.value == ""
    assert is_shown(form.body)
    form.load()
    assert form.incident.reference == "INC-295"


def test_lines_go_to_the_form_while_it_works(client):
    """What requests wait for is shown in the form while it reads or sends, and elsewhere again afterwards."""
    printed, before = [], client.transport.announce
    with announced(client, printed.append):
        client.transport.announce("waiting")
        client.transport.announce("")
    assert printed == ["waiting", ""]
    assert client.transport.announce is before


def test_stopped_while_it_opens(client, monkeypatch):
    """An interrupt ends the reading at once, the form says so, and the button tries again."""
    form = UpdateForm(client, "INC-295", lazy=True)

    def interrupt():
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(client.vocabulary, "severities", interrupt)
        with pytest.raises(errors.Interrupted):
            form.load()
    assert "was stopped" in form.failure.value
    form.buttons.reload.click()
    assert form.incident.reference == "INC-295"


def test_refreshing_keeps_what_was_said(form, sandbox):
    """Reading the lists anew does not take away how the last attempt ended."""
    sandbox.fault("malformed", f"POST {UPDATES}")
    form.submit()
    printed = form.status.value
    sandbox.clear_faults()
    form.buttons.reload.click()
    assert form.status.value == printed
    assert form.status.state == status.UNKNOWN


def test_every_problem_is_told_at_once(client):
    """A field that cannot be understood does not hide what is wrong with another."""
    form = UpdateForm(client, message="{{ rat }}", render=lambda text: render(text, {}))
    form.submit()
    assert form.fields["incident"].problem == "choose an incident"
    assert "does not define" in form.fields["message"].problem


def test_a_form_that_succeeded_shrinks_to_its_receipt(form):
    """The fields are gone, the receipt has the focus, and the next steps open their forms about the same incident."""
    form.submit()
    assert not is_shown(form.body)
    assert not is_shown(form.buttons.submit)
    assert "INC-295 updated" in form.status.value
    assert 'data-incidentio-focus=".incidentio-outcomes"' in form.status.value
    assert form.children.index(form.status) < form.children.index(form.next_steps)
    assert list(form.next_steps.buttons) == ["update", "page", "close"]
    assert is_shown(form.next_steps)
    assert form.next_steps.children[0].children[-1] is form.buttons.renew
    form.next_steps.buttons["close"].click()
    assert form.next_steps.form.heading == "Close an incident"
    assert form.next_steps.form.incident.reference == "INC-295"
    assert "Close INC-295 · " in form.next_steps.form.head.value
    form.buttons.renew.click()
    assert not is_shown(form.next_steps)
    assert form.next_steps.form is None
    assert is_shown(form.body)


def test_the_focus_goes_to_the_first_wrong_field(client):
    """Refused before it is sent: the first field, as they are seen, that something is wrong with gets the focus."""
    form = UpdateForm(client, "INC-295")
    form.submit()
    assert 'data-incidentio-focus=".incidentio-message"' in form.status.value


def test_one_click_builds_the_draft_once(form, monkeypatch):
    """A submit, like any change, reads the fields and makes the drafts one time."""
    made = []
    make = form.make
    monkeypatch.setattr(form, "make", lambda values: made.append(values) or make(values))
    form.submit()
    assert form.done
    assert len(made) == 1


def test_a_form_about_one_incident_has_no_picker(client):
    """Its heading names the incident instead."""
    form = UpdateForm(client, "INC-291", fixed=True)
    assert "Update INC-291 · " in form.head.value
    assert not is_shown(form.picker)


def test_no_person_is_in_the_state_of_a_form(client):
    """Whatever a form is opened with, a saved notebook holds nobody's address, and stays below 40 kB."""
    form = DeclareForm(client, severity="Minor")
    states = [json.dumps(widget.get_state(), default=str) for widget in widgets._instances.values()]
    assert form.fields
    assert not [state for state in states if "@example.com" in state]
    assert sum(map(len, states)) < 40_000
