"""The organisation's own declare form: its elements, order, texts, defaults and conditions."""

from __future__ import annotations

from incidentio_magic import errors
from incidentio_magic.widgets import status
from incidentio_magic.widgets.declare import DeclareForm


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
    return [form.fields[name].label for name in form._elements if form.fields[name].shown]


def own(client, kind):
    """Return the elements of the organisation's declare form for a type."""
    identity = client.vocabulary.type(kind).id
    forms = {one.incident_type_id: one for one in client.api.incident_forms() if one.form_type == "declare"}
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
    assert [name for name in form._elements if " " not in name] == wanted


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
    assert not form._elements
    assert not form.more.unfolded
    assert [widget.name for widget in form.body.children if hasattr(widget, "name")] == ["name", "summary", "severity"]


def test_all_fields(client):
    """With all fields, what the organisation's form leaves out is below More, unfolded."""
    form = DeclareForm(client, all_fields=True)
    assert form.more.unfolded
    below = {widget.label for widget in form.more.grid.children}
    assert {"Mode", "Status"} <= below
    labels = {one.label for one in form.fields.values()}
    assert {custom.name for custom in client.vocabulary.fields()} <= labels
