"""The form that ends an incident: what is legal, what is left to do, what is skipped."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.widgets import status
from incidentio_magic.widgets._shared import is_shown
from incidentio_magic.widgets.close import CloseForm

NOW = "2026-01-15T14:00:00Z"


def labels(form):
    """Return the ends that are offered, by the title of their group."""
    groups = form.fields["status"].groups
    return {title.partition(":")[0]: list(group.options) for title, group in groups.items() if group.options}


def pick(form, title, place=0):
    """Choose an end, as a person does."""
    groups = form.fields["status"].groups
    next(group for name, group in groups.items() if name.startswith(title)).index = place


def test_ends_are_grouped(client):
    """Post-incident statuses first, then the closed ones; none is preselected."""
    form = CloseForm(client, "INC-299")
    offered = {title: [end.partition(" — ")[0] for end in ends] for title, ends in labels(form).items()}
    assert offered == {"Post-incident": ["Documenting", "Reviewing"], "Closed": ["Closed", "Closed without review"]}
    assert form.fields["status"].read() is None
    form.submit()
    assert form.fields["status"].problem == "choose how it ends"
    assert CloseForm(client).problems() == {"incident": "choose an incident", "status": "choose how it ends"}


@pytest.mark.parametrize("reference", ["INC-290"])
def test_no_legal_end(client, reference):
    """A paused incident cannot be moved from here, and the form says so."""
    form = CloseForm(client, reference)
    assert not labels(form)
    assert "cannot be ended here" in form.fields["status"].hint


def test_skipping_is_explained(client):
    """Closing an active incident skips the post-incident flow; post-incident statuses do not."""
    form = CloseForm(client, "INC-299")
    assert not is_shown(form.skipping)
    pick(form, "Closed")
    assert is_shown(form.skipping)
    assert "post_incident_flow_opt_out; this key has it" in form.skipping.value
    pick(form, "Post-incident")
    assert not is_shown(form.skipping)


def test_the_missing_permission_is_told_before(client, monkeypatch):
    """Without the permission, the form says so before the service refuses."""
    identity = models.Identity("Key", "https://app.incident.io/sandbox", ["incident_editor"])
    monkeypatch.setattr(client.vocabulary, "identity", lambda: identity)
    form = CloseForm(client, "INC-299")
    pick(form, "Closed")
    assert "does not have it" in form.skipping.value


def test_a_choice_asks_nothing_of_the_service(client, sandbox):
    """The service is gone and what was read has lapsed: an end can still be chosen, and its warning is shown."""
    form = CloseForm(client, "INC-299")
    client.vocabulary.refresh()
    before = len(sandbox.requests)
    pick(form, "Closed", 1)
    assert "this key has it" in form.skipping.value
    assert len(sandbox.requests) == before


def test_closing(client, sent):
    """The chosen end and the message are sent, once."""
    form = CloseForm(client, "INC-299", message="Fixed by a rollback")
    pick(form, "Post-incident")
    assert "Documenting" in form.effect_text.value
    form.submit()
    assert form.status.state == status.SENT
    assert client.incident("INC-299").incident_status.name == "Documenting"
    assert len(sent("/v2/incident_updates")) == 1


def test_what_is_left_is_counted_and_named(client, monkeypatch):
    """Open actions and follow-ups are counted and named, the done ones not; of the incident's own mode."""
    asked = []

    def actions(identity, mode):
        asked.append((identity, mode))
        states = ["outstanding"] * 6 + ["completed"]
        found = [models.Action(str(n), identity, f"Do <b>{n}</b>", state, NOW, NOW) for n, state in enumerate(states)]
        return Listing(lambda _cursor: Page(found, None))

    def follow_ups(identity, _mode):
        found = [
            models.FollowUp("1", identity, "Write it up", "outstanding", NOW, NOW, assignee=models.User("u", "Al"))
        ]
        return Listing(lambda _cursor: Page(found, None))

    monkeypatch.setattr(client.api, "actions", actions)
    monkeypatch.setattr(client.api, "follow_ups", follow_ups)
    form = CloseForm(client, "INC-299")
    assert "6 open actions" in form.left.value
    assert "Do &lt;b&gt;0" in form.left.value
    assert "and 1 more" in form.left.value
    assert "1 open follow-up<" in form.left.value
    assert "Write it up (Al)" in form.left.value
    assert asked == [(form.incident.id, form.incident.mode)]
    assert "Do " not in CloseForm(client, "INC-297").left.value


def test_what_cannot_be_read_is_told(client, monkeypatch):
    """Unread is not the same as nothing left."""

    def refuse(_identity, _mode):
        raise errors.InputError("no scope")

    monkeypatch.setattr(client.api, "actions", refuse)
    form = CloseForm(client, "INC-299")
    assert "The actions cannot be read: no scope" in form.left.value
    assert "No open follow-ups." in form.left.value


def test_post_incident_ones_can_be_closed_too(client):
    """The list has those whose impact is over, which skip nothing any more."""
    form = CloseForm(client, "INC-288", status="Closed")
    assert form.incident.incident_status.category == "learning"
    assert not is_shown(form.skipping)


def test_only_one_end_is_chosen(client):
    """Choosing in one group takes the choice in the other back."""
    form = CloseForm(client, "INC-299")
    pick(form, "Closed", 1)
    assert form.fields["status"].read().name == "Closed without review"
    pick(form, "Post-incident", 1)
    assert form.fields["status"].read().name == "Reviewing"
    assert [group.index for group in form.fields["status"].groups.values()] == [1, None]
    form.fields["status"].clear()
    assert form.fields["status"].read() is None


def test_an_empty_group_is_not_seen(client):
    """An organisation without an end of a kind has no empty heading."""
    form = CloseForm(client, "INC-281")
    shown = [title for title, group in form.fields["status"].groups.items() if is_shown(group)]
    assert [title.partition(":")[0] for title in shown] == ["Closed"]


def test_what_is_known_is_told_before_the_end_is_chosen(client):
    """The summary names the incident and the message although the form is not ready."""
    form = CloseForm(client, "INC-299", message="Rolled back")
    assert "Not ready yet: How it ends" in form.effect_text.value
    for printed in ("INC-299 · Notifications certificate expired in us-west", "Rolled back"):
        assert f"{printed}</span>" in form.effect_text.value
    empty = CloseForm(client, message="Rolled back")
    assert "Rolled back</span>" in empty.effect_text.value
    assert "Not ready yet: Incident, How it ends" in empty.effect_text.value
