"""The form that escalates: raising and paging are two writes, each with its own outcome."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.widgets import status
from incidentio_magic.widgets._shared import is_shown
from incidentio_magic.widgets.escalate import EscalateForm

UPDATES = "/v2/incident_updates"
PAGES = "/v2/escalations"


def labels(field):
    """Return what a field offers."""
    return list(field.control.options)


def test_higher_severities_come_first(client):
    """The present one is named, the higher ones come first, lowering is marked; nobody is paged unless asked."""
    form = EscalateForm(client, "INC-295")
    assert [label.partition(" — ")[0] for label in labels(form.fields["severity"])] == [
        "Leave it at Moderate",
        "↑ Critical",
        "↑ Major",
    ]
    assert form.fields["severity"].read() is None
    assert not is_shown(form.paging)
    assert "highest" in EscalateForm(client, "INC-299").fields["severity"].hint


def test_nothing_to_do_is_refused(client, sent):
    """Without a severity, a message or a page, the form says so and sends nothing."""
    form = EscalateForm(client, "INC-295")
    form.submit()
    assert "page somebody" in form.fields["severity"].problem
    assert not sent(UPDATES)
    assert EscalateForm(client).problems() == {"incident": "choose an incident"}


def test_raising_alone(client, sent):
    """Without a page only the update is sent."""
    form = EscalateForm(client, "INC-295", severity="Critical", message="Worse")
    form.submit()
    assert form.status.state == status.SENT
    assert "Moderate → Critical" in form.status.value
    assert not sent(PAGES)


def test_paging_a_path_needs_agreement_that_names_people(client, sent):
    """The path shows who is on call; without the tick nothing is sent; another path asks anew."""
    form = EscalateForm(client, "INC-295", severity="Major", path="Payments on-call")
    confirm = form.fields["confirm"]
    assert confirm.control.description == "Yes, page Payments on-call (on call: Carol Carver, Dan Draper) now"
    form.submit()
    assert confirm.problem == "tick the confirmation to page them"
    assert not sent(UPDATES)
    confirm.control.value = True
    form.fields["path"].control.index += 1
    assert confirm.read() is False
    form.fields["path"].control.index -= 1
    confirm.control.value = True
    form.submit()
    assert form.status.state == status.SENT
    assert (len(sent(UPDATES)), len(sent(PAGES))) == (1, 1)
    assert form.status.value.count("✓") == 2
    assert sent(PAGES)[0]["title"] == "INC-295: Payments errors above 5% in eu-west"
    form.submit()
    assert len(sent(PAGES)) == 1


def test_a_path_says_who_it_would_wake(client, sandbox):
    """Below the chosen path stand its levels with the people of now; another path has its own, read once each."""
    form = EscalateForm(client, "INC-295", path="Payments on-call")
    path = form.fields["path"]
    assert path.hint == (
        "level 1: Carol Carver, high urgency; level 2 after 5 min: Dan Draper, high urgency; "
        "Zoë Müller-Ångström (Payments primary), low urgency; then: again, 2 times"
    )
    path.control.index += 1
    assert path.hint.startswith("level 1: ")
    assert "Carol Carver" not in path.hint
    before = len(sandbox.requests)
    path.control.index -= 1
    assert "Carol Carver" in path.hint
    assert len(sandbox.requests) == before
    path.control.index = 0
    assert path.hint == ""


def test_a_path_whose_people_cannot_be_read(client, monkeypatch):
    """Where the levels cannot be read the form says so, and can still page."""

    def fail(_path):
        raise errors.ServiceUnavailable("The service is busy.", status=503)

    monkeypatch.setattr(client, "woken", fail)
    form = EscalateForm(client, "INC-295", path="Payments on-call")
    assert form.fields["path"].hint == "could not read who it pages: The service is busy."
    assert "confirm" in form.problems()


def test_paging_people(client, sent):
    """People are found by name or email, may be taken out again, and are named before they are paged."""
    form = EscalateForm(client, "INC-295", to=["bob@example.com"])
    people = form.fields["people"]
    people.control.value = "Carol Carver"
    assert form.fields["confirm"].control.description == "Yes, page Bob Brewer, Carol Carver now"
    people._chips.children[0].click()
    assert form.fields["confirm"].control.description == "Yes, page Carol Carver now"
    form.fields["confirm"].control.value = True
    form.submit()
    assert form.status.state == status.SENT
    assert sent(PAGES)[0]["user_ids"] == [client.vocabulary.user("Carol Carver").id]
    assert not sent(UPDATES)


def test_nobody_chosen_is_told_at_the_field(client):
    """Paging without anybody: the form says where to choose."""
    form = EscalateForm(client, "INC-295", severity="Major")
    for index, name in ((1, "path"), (2, "people")):
        form.fields["page"].control.index = index
        form.submit()
        assert form.fields[name].problem == "choose the people or the path to page"


def test_each_write_has_its_own_outcome(client, sandbox, sent):
    """Raised, but the page was refused: the raise is shown as sent, and a second try does not repeat it."""
    form = EscalateForm(client, "INC-295", severity="Critical", message="Worse", path="Payments on-call")
    form.fields["confirm"].control.value = True
    before = len(list(client.api.escalations(form.incident.id)))
    sandbox.fault("lose_answer", f"POST {PAGES}")
    form.submit()
    assert form.status.state == status.UNKNOWN
    assert "✓" in form.status.value
    assert "? Unknown" in form.status.value
    assert form.fields["severity"].disabled
    assert not form.fields["title"].disabled
    sandbox.clear_faults()
    form.submit()
    assert form.done
    assert len(sent(UPDATES)) == 1
    assert form.status.value.count("INC-295") >= 2
    assert len(list(client.api.escalations(form.incident.id))) == before + 1


def test_a_failed_raise_does_not_keep_people_from_being_paged(client, sandbox, sent):
    """The two writes do not depend on each other."""
    form = EscalateForm(client, "INC-295", severity="Critical", path="Payments on-call")
    form.fields["confirm"].control.value = True
    sandbox.fault("malformed", f"POST {UPDATES}")
    form.submit()
    assert "page" in form.outcomes
    assert "update" not in form.outcomes
    assert not form.done
    sandbox.clear_faults()
    form.submit()
    assert form.done
    assert len(sent(PAGES)) == 1


def test_once_more_repeats_only_what_was_a_replay(client, sent):
    """The update was shared before, the page is new: once more shares, and pages nobody again."""
    client.update("INC-295", "Worse")
    form = EscalateForm(client, "INC-295", message="Worse", path="Payments on-call")
    form.fields["confirm"].control.value = True
    form.submit()
    assert form.outcomes["page"].sent
    if form.outcomes["update"].sent:
        pytest.fail("the update should have been found already shared")
    form.submit(again=True)
    assert len(sent(PAGES)) == 1


def test_paths_that_may_not_be_read(client, sandbox):
    """Without the paths people can still be paged, and the form says why there are none."""
    sandbox.fault("malformed", "GET /v2/escalation_paths")
    form = EscalateForm(client, "INC-295")
    form.fields["page"].control.index = 1
    assert "escalation paths cannot be read" in form.fields["page"].hint


def test_a_private_incident_is_named_by_its_reference_only(client):
    """People who are paged read the reference, as with the magic."""
    form = EscalateForm(client, "INC-297")
    assert form.fields["title"].read() == "INC-297"


def test_whoever_is_paged_can_be_told_more(client, sent):
    """The description goes out with the page, its templates computed, and is no part of the update."""
    form = EscalateForm(client, "INC-295", path="Payments on-call", render=lambda text: text.replace("{{ rate }}", "7"))
    form.fields["description"].control.value = "Errors at {{ rate }} %"
    form.fields["confirm"].control.value = True
    assert "Errors at 7 %" in form.fields["description"].preview.value
    form.submit()
    assert form.status.state == status.SENT
    assert sent(PAGES)[0]["description"] == "Errors at 7 %"
    assert not sent(UPDATES)


def test_unknown_names_to_page_are_told_beside_their_field(client):
    """A path or person that is not there: the form opens, with the close match where it belongs."""
    form = EscalateForm(client, "INC-295", path="Payment on-call")
    assert "did you mean Payments on-call?" in form.fields["path"].problem
    form.fields["path"].control.index = 1
    assert not form.fields["path"].problem
    form = EscalateForm(client, "INC-295", to=["bob@example.com", "Carol Craver"])
    assert "did you mean Carol Carver" in form.fields["people"].problem
    assert [entry.name for entry in form.fields["people"].chosen] == ["Bob Brewer"]
    form.fields["people"].control.value = "Carol Carver"
    assert [entry.name for entry in form.fields["people"].read()] == ["Bob Brewer", "Carol Carver"]
