"""The organisation's own forms: their elements, order, texts, defaults and conditions.

Serves `widgets/own_incident_form.py` and `widgets/_own_form.py`.
"""

from __future__ import annotations

from ipywidgets.widgets.widget import _instances

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.widgets import status
from incidentio_magic.widgets.close import CloseForm
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.update import UpdateForm


def field(form, label):
    """Return a field by its label."""
    return next(field for field in form.fields.values() if field.label == label)


def choose(form, label, name):
    """Choose an entry by its name."""
    chosen = field(form, label)
    chosen.control.index = next(
        place
        for place, record in enumerate(chosen._records)
        if record is not None and getattr(record, "name", record) == name
    )


def shown(form):
    """Return the labels of what the organisation's form shows now."""
    return [form.fields[name].label for name in form.own.elements if form.fields[name].shown]


def own(client, kind):
    """Return the elements of the organisation's declare form for a type."""
    identity = client.vocabulary.type(kind).id
    forms = {form.incident_type_id: form for form in client.api.incident_forms() if form.form_type == "declare"}
    return (forms.get(identity) or forms[None]).lifecycle_elements


def test_elements_stand_in_the_organisations_order(client):
    """What the form shows is what the organisation's form has, with its texts."""
    form = DeclareForm(client)
    elements = own(client, form.fields["type"].read().name)
    placeholders = {element.element_type: element.placeholder for element in elements}
    for name in ("name", "summary"):
        if placeholders.get(name):
            assert form.fields[name].control.placeholder == placeholders[name]
    types = [element.element_type for element in elements]
    fixed = {"incident_type": "type"}
    wanted = [fixed.get(kind, kind) for kind in types if fixed.get(kind, kind) in form.fields]
    assert [name for name in form.own.elements if " " not in name] == wanted


def test_the_name_shares_its_row_with_a_single_narrow_field(client):
    """The type beside the name costs no row, in the organisation's order."""
    form = DeclareForm(client)
    assert [field.name for field in form.body.children[0].children] == ["name", "type"]


def test_a_required_field_keeps_it_from_being_sent(client, sent):
    """A field that the organisation requires says so, and the declaration waits for it."""
    form = DeclareForm(client, name="Checkout", severity="Major")
    assert "Affected service is required by your organisation" in form.problems().values()
    form.submit()
    assert form.status.state == status.NOT_SENT
    assert not sent("/v2/incidents")
    choose(form, "Affected service", "Payments")
    form.submit()
    assert form.status.state == status.SENT


def test_another_type_has_another_form(client):
    """The chosen type decides; a condition that no longer holds hides its element, and its value is not sent."""
    form = DeclareForm(client)
    before = shown(form)
    form.fields["type"].choose(client.vocabulary.type("Security"))
    form.changed(form.fields["type"])
    after = shown(form)
    assert before != after


def test_without_the_scope_the_form_has_the_fields_everybody_needs(client, monkeypatch):
    """The forms cannot be read: name, severity and summary, everything else under More."""

    def refuse():
        raise errors.PermissionDenied("no scope", status=403)

    monkeypatch.setattr(client.vocabulary, "forms", refuse)
    form = DeclareForm(client)
    assert not form.own.elements
    assert not form.more.unfolded
    assert [widget.name for widget in form.body.children if hasattr(widget, "name")] == ["name", "summary", "severity"]


def test_all_fields(client):
    """With all fields, what the organisation's form leaves out is below More, unfolded."""
    form = DeclareForm(client, all_fields=True)
    assert form.more.unfolded
    below = {widget.label for widget in form.more.grid.children}
    assert {"Mode", "Status"} <= below
    labels = {field.label for field in form.fields.values()}
    assert {custom.name for custom in client.vocabulary.fields()} <= labels


def test_an_update_follows_the_organisations_form(client):
    """Its elements in its order, with its texts; what the dashboard alone can do is named; severe ones need words.

    A severity that the incident has need not be chosen again.
    """
    form = UpdateForm(client, "INC-295")
    assert list(form.own.elements) == ["status", "severity", "message"]
    assert form.fields["message"].control.placeholder == "What changed since the last update?"
    assert "next update in" in form.own.note.value
    choose(form, "Status", "Monitoring")
    assert not form.problems()
    choose(form, "Severity", "Critical")
    assert form.problems() == {"message": "Message is required by your organisation"}
    form.fields["message"].control.value = "Worse than it looked"
    assert not form.problems()


def test_closing_follows_the_organisations_form(client, sandbox):
    """What it asks for is edited first, then the update is shared; one that is not severe is asked for less."""
    form = CloseForm(client, "INC-295")
    assert shown(form) == ["Impact started at", "Root cause", "Message"]
    severe = CloseForm(client, "INC-299", status="Reviewing", message="Rolled back")
    assert shown(severe) == ["Impact started at", "Root cause", "Customers affected", "Communications Lead", "Message"]
    field(severe, "Impact started at").control.value = ""
    assert "Root cause is required by your organisation" in severe.problems().values()
    field(severe, "Impact started at").control.value = "13:30"
    field(severe, "Root cause").control.value = "An expired certificate"
    field(severe, "Communications Lead").search("alice@example.com")
    assert not severe.problems()
    assert "An expired certificate" in severe.effect_text.value
    severe.submit()
    assert severe.done, severe.status.value
    writes = [request["path"].rpartition("/")[2] for request in sandbox.requests if request["method"] == "POST"]
    assert writes == ["edit", "incident_updates"]
    closed = client.incident("INC-299")
    assert closed.incident_status.name == "Reviewing"
    assert "An expired certificate" in [text for entry in closed.custom_field_entries for text in entry.texts]
    people = {given.role.name: given.assignee.name for given in closed.incident_role_assignments if given.assignee}
    assert people["Communications Lead"] == "Alice Archer"


def test_what_the_incident_has_is_shown_and_only_changes_are_sent(client, sent):
    """A field shows the incident's value; left as it is, nothing is edited; emptied, the value is removed."""
    cause = client.vocabulary.field("Root cause").name
    client.edit("INC-299", field={cause: "A wrong switch"})
    form = CloseForm(client, "INC-299", status="Reviewing", message="Done")
    assert field(form, cause).control.value == "A wrong switch"
    for name in form.own.elements:
        if name.startswith("at ") and not form.fields[name].typed():
            form.fields[name].control.value = "13:30"
    field(form, "Customers affected").control.value = "12"
    edits = [draft for draft in form.contents().drafts if draft.verb == "edit"]
    assert [entry.field.name for entry in edits[0].fields] == ["Customers affected"]
    field(form, cause).control.value = ""
    assert f"{cause} is required by your organisation" in form.problems().values()


def test_a_refused_edit_keeps_the_update_from_being_sent(client, sandbox, sent):
    """The edit fails: the incident is not closed, both are said, and trying again sends both."""
    form = CloseForm(client, "INC-298", status="Reviewing", message="Done")
    (time,) = [name for name in form.own.elements if name.startswith("at ")]
    form.fields[time].control.value = "13:45"
    sandbox.fault("status", "POST /v2/incidents/*/actions/edit", times=9, status=500)
    form.submit()
    assert not form.done
    assert not sent("/v2/incident_updates")
    assert "the update was not sent, because the write above failed" in form.status.value
    sandbox.clear_faults()
    form.submit()
    assert form.done, form.status.value
    assert len(sent("/v2/incident_updates")) == 1


def test_a_time_that_is_set_is_left_to_the_second(client):
    """A time is shown to the minute; while nobody changes it, it is not written back without its seconds."""
    stamp = client.vocabulary.timestamp("Impact started at").name
    client.edit("INC-299", timestamp={stamp: "2026-01-15T13:31:22Z"})
    form = CloseForm(client, "INC-299", status="Reviewing", message="Done")
    assert field(form, stamp).control.value == "2026-01-15T13:31"
    assert all(not getattr(draft, "timestamps", ()) for draft in form.contents().drafts)
    field(form, stamp).control.value = ""
    assert "a time that is set can be changed here, not removed" in form.problems().values()


def test_another_incident_shows_its_own_values(client):
    """The picker chooses another incident: the fields show what that one has, and nothing of the first is sent."""
    cause = client.vocabulary.field("Root cause").name
    client.edit("INC-299", field={cause: "A wrong switch"})
    form = CloseForm(client, "INC-299")
    form.fields["incident"].control.value = "INC-293"
    assert form.incident.reference == "INC-293"
    assert field(form, cause).control.value == ""
    assert all(draft.verb != "edit" for draft in form.contents().drafts)


def test_the_summary_of_others_is_no_template(client, monkeypatch):
    """A form that asks for the summary shows what others wrote as text, and never computes it."""
    client.edit("INC-299", summary="{{ 6 * 7 }}")
    own = models.IncidentForm("F1", "update", None, [models.FormElement("summary"), models.FormElement("name")])
    monkeypatch.setattr(client.vocabulary, "forms", lambda: [own])
    form = UpdateForm(client, "INC-299", render=lambda text: text.replace("{{ 6 * 7 }}", "42"))
    assert form.fields["summary"].read() == "{{ 6 * 7 }}"
    assert not form.more.unfolded
    form.fields["name"].control.value = "Certificates"
    form.submit()
    assert client.incident("INC-299").name == "Certificates"
    masked = UpdateForm(client, "INC-297")
    assert "name" not in masked.own.elements
    assert "name, summary" in masked.own.note.value or "summary, name" in masked.own.note.value


def test_all_fields_of_an_update(client):
    """With all fields, the incident's other custom fields and roles are below More, but the reporter cannot change."""
    form = UpdateForm(client, "INC-298", all_fields=True)
    below = {field.label for field in form.more.grid.children}
    assert {"Affected service", "Root cause", "Incident Lead"} <= below
    assert "Reporter" not in below
    field(form, "Root cause").control.value = "A full disk"
    form.submit()
    assert form.done, form.status.value
    texts = [text for entry in client.incident("INC-298").custom_field_entries for text in entry.texts]
    assert "A full disk" in texts


def test_choosing_an_incident_leaves_the_fields_in_their_place(client):
    """What is typed while the incident is chosen is not lost: the page keeps its boxes, while the form is the same."""
    form = CloseForm(client)
    assert not any(form.fields[name].shown for name in form.own.elements if " " in name)
    before = form.body.children
    form.fields["incident"].control.value = "INC-299"
    assert form.incident.reference == "INC-299"
    assert form.body.children == before
    assert field(form, "Root cause").shown
    everything = UpdateForm(client, all_fields=True)
    everything.fields["incident"].control.value = "INC-299"
    assert field(everything, "Root cause").shown


def test_the_texts_of_a_private_incident_are_in_no_widget(client):
    """A saved notebook keeps what a form shows: a private incident's texts are not shown, and not lost either."""
    cause = client.vocabulary.field("Root cause")
    client.edit("INC-297", field={cause.name: "A stolen laptop"})
    form = CloseForm(client, "INC-297", status="Reviewing", message="Over")
    assert not field(form, "Root cause").control.value
    assert not [widget for widget in _instances.values() if "stolen laptop" in str(widget.get_state())]
    assert "Root cause is required by your organisation" not in form.problems().values()
    field(form, "Root cause").control.value = "A lost laptop"
    assert "A lost laptop" in form.effect_text.value
