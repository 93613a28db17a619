"""What comes from outside stays text, whatever it looks like."""

from __future__ import annotations

import re

import pytest
from ipywidgets import HTML
from ipywidgets.widgets import widget as widgets

from incidentio_magic.widgets import markup
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.escalate import EscalateForm
from incidentio_magic.widgets.update import UpdateForm

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.mark.parametrize(
    "content", [HOSTILE, "[x](javascript:alert(1))", "![x](https://example.com/x.png)", "<b>x</b>"]
)
def test_markdown_is_harmless(content):
    """No tag of the source, no script address, no picture asked for."""
    html = markup.markdown(content)
    assert not re.search(r"<(script|img|b)\b", html)
    assert 'href="javascript' not in html


def test_markdown_is_markdown():
    """Emphasis, lists, tables and links work; links open elsewhere."""
    html = markup.markdown("**a**\n\n- b\n\n[c](https://example.com)\n\n|d|e|\n|-|-|\n|1|2|")
    for tag in ("<strong>a", "<li>b", 'target="_blank"', "noopener", "<table>"):
        assert tag in html


def test_plain_is_one_line():
    """Where no markup is shown, Markdown is plain words."""
    assert markup.plain("Issues with **low** `impact`\nof [all](https://example.com) kinds") == (
        "Issues with low impact of all kinds"
    )


@pytest.mark.parametrize("name", [HOSTILE, "x" * 200, "تعطل الدفع", "🔥" * 50, "\u202eevil"])
def test_hostile_names_stay_text(client, name):
    """Declared, then picked, updated and escalated: no HTML widget of any form has a tag of the name."""
    form = DeclareForm(client, name=name, severity="Major", summary=name)
    form.submit()
    reference = form.outcomes["declare"].reference
    UpdateForm(client, reference, message=name).submit()
    EscalateForm(client, reference, message=name)
    shown = [instance for instance in widgets._instances.values() if isinstance(instance, HTML)]
    assert shown
    for entry in shown:
        assert not re.search(r"<(script|img)\b", entry.value)
        assert "\u202e" not in entry.value
    assert not [
        instance for instance in widgets._instances.values() if getattr(instance, "description_allow_html", False)
    ]
