"""The picker: what is typed is searched, what is chosen is seen, and nothing private is found."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.widgets import status
from incidentio_magic.widgets._shared import is_shown
from incidentio_magic.widgets.update import UpdateForm


@pytest.fixture
def form(client):
    """An update of an incident that is still to be chosen."""
    return UpdateForm(client)


def matches(form):
    """Return the references that are offered."""
    return [option.partition(" · ")[0] for option in form.picker.matches.options]


def enter(form):
    """Press Enter in the search field."""
    form.picker.control._handle_custom_msg({"event": "submit"}, [])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("INC-29", ["INC-299", "INC-297", "INC-293", "INC-291", "INC-295", "INC-292", "INC-298", "INC-294", "INC-290"]),
        ("payments", ["INC-295", "INC-300"]),
        ("critical investigating", ["INC-299"]),
        ("SEARCH replica", ["INC-291"]),
        ("confidential", []),
    ],
)
def test_a_part_is_enough(form, typed, found):
    """Words of the reference, name, severity or status, in any order and case; private names are not searched."""
    form.picker.control.value = typed
    assert [match for match in matches(form) if match.startswith("INC-")] == found
    assert form.picker.matches.description == f"{len(found)} of 10 incidents match"
    assert form.incident is None
    assert not form.picker.problem


def test_private_names_are_found_when_they_may_be_shown(connect_to):
    """With show_private the name is searched too."""
    form = UpdateForm(connect_to(show_private=True))
    form.picker.control.value = "confidential"
    assert matches(form) == ["INC-297"]


def test_choosing_from_the_list(form):
    """The list chooses; what is typed then and does not fit takes the choice back."""
    form.picker.control.value = "payments"
    form.picker.matches.index = 0
    assert form.incident.reference == "INC-295"
    assert form.picker.control.value.startswith("INC-295 · Moderate")
    assert not is_shown(form.picker.matches)
    assert form.fields["status"].records
    form.picker.control.value = "payments err"
    assert form.incident.reference == "INC-295"
    form.picker.control.value = "search"
    assert form.incident is None
    assert not form.fields["status"].records


def test_an_emptied_box_means_no_incident(form):
    """Removing the text takes the choice back, and the field says that one is needed."""
    form.picker.control.value = "payments"
    form.picker.matches.index = 0
    assert not form.picker.problem
    form.picker.control.value = ""
    assert form.incident is None
    assert form.picker.problem
    assert not is_shown(form.picker.remove)


def test_enter_takes_the_only_one(form):
    """With one left Enter chooses it; with several it says so."""
    form.picker.control.value = "payments"
    enter(form)
    assert form.incident is None
    assert "choose a match" in form.picker.problem
    form.picker.control.value = "payments stale"
    enter(form)
    assert form.incident.reference == "INC-300"
    assert not form.picker.problem


def test_any_incident_is_looked_up_by_its_reference(form, sandbox):
    """One that is not listed is looked up by Enter or by the list's last row; typing alone asks nothing."""
    before = len(sandbox.requests)
    form.picker.control.value = "inc-288"
    assert form.picker.matches.options == ("Look up inc-288 …",)
    assert len(sandbox.requests) == before
    enter(form)
    assert form.incident.reference == "INC-288"
    assert form.picker.control.value.startswith("INC-288")
    form.picker.control.value = "281"
    form.picker.matches.index = 0
    assert form.incident.reference == "INC-281"


def test_what_is_not_there_is_told_beside_it(form, sent):
    """A reference that does not exist keeps the form from being sent, until it is taken away or mended."""
    form.picker.control.value = "INC-9999"
    enter(form)
    assert "There is no incident 'INC-9999'" in form.picker.problem
    form.fields["message"].control.value = "All is well"
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert not sent("/v2/incident_updates")
    form.picker.control.value = "INC-295"
    assert not form.picker.problem
    form.submit()
    assert form.status.state == status.SENT


def test_a_typed_reference_is_never_overlooked(client, sent):
    """The form was opened about one incident and another reference typed: nothing is sent to the first."""
    form = UpdateForm(client, "INC-295", message="All is well")
    assert not is_shown(form.picker.matches)
    form.picker.control.value = "INC-288"
    assert is_shown(form.picker.matches)
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert "Enter looks up INC-288" in form.picker.problem
    assert not sent("/v2/incident_updates")


def test_hostile_names_are_searched_as_text(client):
    """Markup, direction overrides and patterns in names and searches mean nothing."""
    client.declare("<script>alert(1)</script> .* [x \u202edlrow", severity="Minor", mode="standard")
    form = UpdateForm(client)
    for typed in (".*", "[x", "<SCRIPT>"):
        form.picker.control.value = typed
        assert matches(form) == ["INC-301"]
    form.picker.matches.index = 0
    assert "<script>" not in form.picker._note.value
    assert "\u202e" not in form.picker.matches.options[0]


def test_disabled_with_the_rest(form):
    """What is written can no longer be changed to another incident."""
    form.picker.disabled = True
    assert form.picker.disabled
    assert form.picker.matches.disabled


LIST = "GET /v2/incidents"


@pytest.fixture
def opened_again(client, monkeypatch):
    """A form that is shown in a cell while the organisation's lists are known, and what it did in which order."""
    UpdateForm(client)
    form = UpdateForm(client, lazy=True)
    done = []
    monkeypatch.setattr(form._shown, "show", lambda _bundle: done.append("shown"))
    return form, done


def test_a_form_that_is_opened_again_asks_nothing_before_it_is_shown(client, sandbox, opened_again):
    """The fields need no request; the incidents to choose from are read when the fields are there."""
    form, _done = opened_again
    before = len(sandbox.requests)
    form.load()
    assert len(sandbox.requests) == before
    assert is_shown(form.body)
    assert form.picker.matches.description == "not read yet"
    form._ipython_display_()
    assert [request["path"] for request in sandbox.requests[before:]] == ["/v2/incidents"]
    assert form.picker.matches.description == "10 incidents"
    assert matches(form) == matches(UpdateForm(client))
    assert form.status.value == ""


def test_incidents_that_cannot_be_read_after_the_form_is_shown(sandbox, opened_again):
    """The form says why there is nothing to choose from, and its button reads again."""
    form, done = opened_again
    sandbox.fault("status", LIST, times=9, status=500)
    form._ipython_display_()
    assert done == ["shown"]
    assert "The service is not available" in form.failure.value
    assert is_shown(form.buttons.reload)
    sandbox.clear_faults()
    form.buttons.reload.click()
    assert not form.failure.value
    assert form.picker.matches.description == "10 incidents"


def test_an_interrupt_while_the_incidents_are_read(opened_again, client, monkeypatch):
    """It ends the cell with a sentence; the form stays, and a search reads the incidents."""
    form, _done = opened_again

    def interrupt(*_arguments, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(client.api, "incidents", interrupt)
        with pytest.raises(errors.Interrupted):
            form._ipython_display_()
    assert "was stopped" in form.failure.value
    form.picker.control.value = "payments"
    assert matches(form) == ["INC-295", "INC-300"]
