"""What a control holds, as the page computes it too: `forms.js` has the same arithmetic."""

from __future__ import annotations

import pytest
from ipywidgets import Checkbox, Dropdown, RadioButtons, Text, Textarea

from incidentio_magic.widgets._control_state import fingerprint, state_of
from incidentio_magic.widgets.escalate import EscalateForm
from incidentio_magic.widgets.update import UpdateForm


def test_known_fingerprints():
    """FNV-1a of the empty text and of ASCII is as published."""
    assert fingerprint("") == "811c9dc5"
    assert fingerprint("foobar") == "bf9cf968"


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "ab"])
def test_line_breaks_make_no_difference(text):
    """A page changes line breaks, or drops them in a box of one line."""
    assert fingerprint(text) == fingerprint("ab")


def test_every_text_has_one():
    """Characters outside the basic plane count as two units, and half of one is no error."""
    assert len({fingerprint(text) for text in ("🔥", "\ud83d", "مرحبا", "")}) == 4


@pytest.mark.parametrize(
    ("control", "state"),
    [
        (Dropdown(options=["a", "b"], index=1), "1"),
        (RadioButtons(options=["a", "b"], index=None), "-1"),
        (Checkbox(value=True), "1"),
        (Checkbox(value=False), "0"),
        (Text("foobar"), "bf9cf968"),
        (Textarea("foo\nbar"), "bf9cf968"),
    ],
)
def test_states(control, state):
    """A list has the place of its entry, a box to tick 0 or 1, a text its fingerprint."""
    assert state_of(control) == state


def test_a_field_shows_what_the_kernel_has_taken_note_of(client):
    """Whatever changes a control, the page learns its state, with the number of suggestions below a search box."""
    form = UpdateForm(client, "INC-295")
    message, picker = form.fields["message"], form.picker

    def shown(field):
        return field._note.value.partition('data-incidentio-state="')[2].partition('"')[0]

    for text in ("typed", "written"):
        message.control.value = text
        assert shown(message) == fingerprint(text)
    assert shown(picker) == f"{fingerprint(picker.control.value)},0"
    picker.control.value = "payments"
    assert shown(picker) == f"{fingerprint('payments')},2"


def test_groups_and_people(client):
    """A field that is filled by the form shows its state as well."""
    form = EscalateForm(client, "INC-295", to=["alice@example.com"])
    assert form.fields["page"]._note.value.endswith('data-incidentio-state="2"></span>')
    assert f"{fingerprint('')},0" in form.fields["people"]._note.value
