"""The form that shares an update: which incident, what is legal, what the message comes to."""

from __future__ import annotations

import pytest

from incidentio_magic.templates import render
from incidentio_magic.widgets import status
from incidentio_magic.widgets.update import UpdateForm
from incidentio_magic.writes.drafts import legal_statuses


def labels(field):
    """Return what a field offers."""
    return list(field.control.options)


def matches(form):
    """Return the incidents that are offered, as they are shown."""
    return list(form.picker.matches.options)


def test_open_incidents_are_offered_most_severe_first(client):
    """The picker has the open ones and names no private incident."""
    form = UpdateForm(client)
    offered = matches(form)
    assert offered[0].startswith("INC-299 · Critical")
    assert len(offered) == 10
    assert [entry for entry in offered if "INC-297" in entry] == ["INC-297 · Major · Investigating · 🔒 private"]
    form.submit()
    assert form.fields["incident"].problem == "choose an incident"


def test_private_names_are_shown_when_asked_for(connect_to):
    """With show_private the picker names them."""
    offered = matches(UpdateForm(connect_to(show_private=True)))
    assert not [entry for entry in offered if "🔒" in entry]


def test_training_offers_test_incidents_only(connect_to):
    """Training mode has its banner, and no real incident to choose from."""
    form = UpdateForm(connect_to(training=True))
    assert "Training mode" in form.banner.value
    assert matches(form)
    assert all(" test " in match.replace("·", " ") for match in matches(form))


@pytest.mark.parametrize("reference", ["INC-299", "INC-294", "INC-288", "INC-290", "INC-281"])
def test_only_legal_moves_are_offered(client, reference):
    """From each category the form offers exactly what the rules allow."""
    form = UpdateForm(client, reference)
    legal = legal_statuses(form.incident.incident_status, client.vocabulary.statuses())
    assert form.fields["status"].records == legal
    if not legal:
        assert "no status may follow" in form.fields["status"].hint


def test_another_incident_changes_the_moves(client):
    """Choosing another incident offers its moves; what is typed stays."""
    form = UpdateForm(client, "INC-299", message="Still there")
    assert labels(form.fields["severity"])[0] == "Leave it at Critical"
    form.fields["incident"].control.value = "inc-294"
    assert labels(form.fields["status"])[0] == "Leave it at Triage"
    assert labels(form.fields["severity"])[0] == "Leave it at Minor"
    assert form.fields["message"].control.value == "Still there"


def test_status_and_severity_are_sent(client, sent):
    """All three parts go out together, and the summary names them before."""
    form = UpdateForm(client, "INC-295", message="On its way", status="Monitoring", severity="Major")
    for printed in ("INC-295", "On its way", "Monitoring", "Major", "Ready."):
        assert printed in form.effect_text.value
    assert form.incident.id not in form.effect_text.value
    form.submit()
    (body,) = sent("/v2/incident_updates")
    assert body["to_incident_status_id"] == client.vocabulary.status("Monitoring").id
    assert body["to_severity_id"] == client.vocabulary.severity("Major").id
    assert "Fixing → Monitoring · Moderate → Major" in form.status.value


def test_an_impossible_status_given_is_told(client):
    """A status that cannot be reached is not chosen, and the field says so."""
    form = UpdateForm(client, "INC-288", status="Fixing")
    assert form.fields["status"].read() is None
    assert "Fixing is not possible now" in form.fields["status"].problem


def test_an_unknown_name_given_is_told_beside_its_field(client, sent):
    """A typo in what the form is opened with: the form opens, and the field offers a close match."""
    form = UpdateForm(client, "INC-295", severity="Mayor", message="All the rest is there")
    severity = form.fields["severity"]
    assert not form.failure.value
    assert "There is no severity 'Mayor'" in severity.problem
    assert "did you mean Major?" in severity.problem
    assert form.fields["message"].seen == "All the rest is there"
    form.fields["status"].control.index = 1
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert not sent("/v2/incident_updates")
    severity.control.index = 0
    assert not severity.problem
    form.submit()
    assert form.status.state == status.SENT
    assert "to_severity_id" not in sent("/v2/incident_updates")[0]


def test_what_was_given_waits_for_the_incident(client):
    """A status and severity that were given are chosen as soon as the incident is; a typo is shown before."""
    form = UpdateForm(client, status="Monitoring", severity="Mayor")
    assert "did you mean Major?" in form.fields["severity"].problem
    form.fields["incident"].control.value = "INC-295"
    assert form.fields["status"].read().name == "Monitoring"
    assert "did you mean Major?" in form.fields["severity"].problem


def test_a_reference_that_is_not_there_is_told_beside_the_picker(client):
    """The form opens all the same, and another incident can be chosen."""
    form = UpdateForm(client, "INC-9999", message="Still there")
    assert not form.failure.value
    assert "There is no incident 'INC-9999'" in form.fields["incident"].problem
    form.fields["incident"].control.value = "INC-295"
    assert not form.fields["incident"].problem
    form.submit()
    assert form.status.state == status.SENT


def test_an_empty_update_is_refused_beside_the_message(client, sent):
    """Nothing to say: the form says so at the message and sends nothing."""
    form = UpdateForm(client, "INC-295")
    assert not form.fields["message"].problem
    form.submit()
    assert "says nothing" in form.fields["message"].problem
    form.fields["message"].control.value = "Now it does"
    assert not form.fields["message"].problem
    assert not sent("/v2/incident_updates")


def test_templates_are_computed_and_their_errors_shown(client, sent):
    """The preview shows what is sent; a missing name is shown at the message, and nothing is sent."""
    variables = {"rate": 3.14159}
    form = UpdateForm(client, "INC-295", render=lambda text: render(text, variables))
    message = form.fields["message"]
    message.control.value = "**{{ rate | round(1) }}** %"
    assert "<strong>3.1</strong>" in message.preview.value
    message.control.value = "{{ rat }}"
    assert "the notebook does not define" in message.problem
    assert "did you mean rate?" in message.problem
    assert "--raw" not in message.problem
    form.submit()
    assert not sent("/v2/incident_updates")
    message.control.value = "{{ rate | round(2) }}"
    form.submit()
    assert [entry["message"] for entry in sent("/v2/incident_updates")] == ["3.14"]
