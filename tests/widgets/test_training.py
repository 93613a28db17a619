"""Training mode attacked through the forms: nothing but test incidents is written to."""

from __future__ import annotations

import pytest

from incidentio_magic.api.transport import Transport
from incidentio_magic.widgets import status
from incidentio_magic.widgets.close import CloseForm
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.escalate import EscalateForm
from incidentio_magic.widgets.update import UpdateForm

REAL = "INC-299"
FORMS = {
    "update": lambda client: UpdateForm(client, REAL, message="no"),
    "escalate": lambda client: EscalateForm(client, "INC-295", severity="Critical", message="no"),
    "close": lambda client: CloseForm(client, REAL, status="Closed", message="no"),
    "declare": lambda client: DeclareForm(client, name="no", severity="Minor", mode="standard"),
}


def writes(sandbox):
    """Return the writes that reached the service."""
    return [request for request in sandbox.requests if request["method"] != "GET"]


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_about_a_real_incident(connect_to, sandbox, kind):
    """A form that was opened about a real incident, or with a real mode, sends nothing in training."""
    form = FORMS[kind](connect_to(training=True))
    form.submit()
    assert form.status.state != status.SENT or kind == "declare"
    assert all(write["body"].get("mode") == "test" for write in writes(sandbox))


@pytest.mark.parametrize("kind", ["update", "escalate", "close"])
def test_a_form_opened_before_training_began(connect_to, sandbox, kind):
    """Training mode that is switched on while a form stands open holds for its button."""
    present = [connect_to()]
    form = FORMS[kind](lambda: present[0])
    present[0] = connect_to(training=True)
    for _click in range(2):  # a user who should look it over may click again without doing so
        form.submit()
        assert not writes(sandbox)
        assert form.status.state != status.SENT


def test_a_page_on_the_real_service_is_refused_before_the_update(connect_to, sandbox, monkeypatch):
    """Escalating with a page sends neither in training on the real service, and says so at the field."""
    client = connect_to(training=True)
    reference = client.declare("Practice", severity="Minor").reference
    monkeypatch.setattr(Transport, "host", "api.incident.io")
    before = len(writes(sandbox))
    form = EscalateForm(client, reference, severity="Critical", message="text", path="Payments on-call")
    form.fields["confirm"].control.value = True
    form.submit()
    assert form.fields["page"].problem == "training mode pages nobody on the real service"
    assert form.status.state == status.NOT_SENT
    assert len(writes(sandbox)) == before
    form.fields["page"].control.value = "Nobody"
    form.submit()
    assert [write["path"] for write in writes(sandbox)[before:]] == ["/v2/incident_updates"]


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_has_the_banner(connect_to, kind):
    """Each form says that this is training."""
    form = FORMS[kind](connect_to(training=True))
    shown = "".join(str(getattr(entry, "value", "")) for entry in _inside(form))
    assert "Training mode: only test incidents" in shown


def _inside(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)
