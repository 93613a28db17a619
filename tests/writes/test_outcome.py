"""How a write ended, shown in a line."""

from __future__ import annotations

from incidentio_magic.writes.outcome import Outcome

ROWS = (("name", "one\ntwo", ""), ("severity", "Ma\x1bjor", "SEV2"))


def test_a_line():
    """An outcome shows its sentence and the incident's page."""
    outcome = Outcome("sent", "INC-7 updated.", "INC-7", "https://app.incident.io/org/incidents/7")
    assert outcome.sent
    assert repr(outcome) == "INC-7 updated.\nhttps://app.incident.io/org/incidents/7"
    assert outcome._repr_html_() == (
        '<div>✓ INC-7 updated. <a href="https://app.incident.io/org/incidents/7" target="_blank"'
        ' rel="noopener">open ↗</a></div>'
    )


def test_an_option_is_offered():
    """What an option of the cell would do follows the sentence, which a form shows alone."""
    outcome = Outcome("not sent", "Already shared; nothing sent.", option_hint="--again repeats it")
    assert repr(outcome) == "Already shared; nothing sent; --again repeats it."
    assert "nothing sent; --again repeats it.</div>" in outcome._repr_html_()


def test_rows():
    """A dry run shows its rows beside their IDs, lines indented, nothing steering the terminal."""
    outcome = Outcome("not sent", "Dry run:", rows=ROWS)
    assert not outcome.sent
    assert repr(outcome) == "Dry run:\n  name      one\n            two\n  severity  Major  (SEV2)"
    assert outcome._repr_html_().startswith("<div>○ Dry run:</div><table><tr>")


def test_hostile_texts():
    """Names from outside cannot become HTML, control sequences or links that run code."""
    outcome = Outcome("sent", "<script>\x1b[31m\nx", permalink="javascript:alert(1)", rows=(("<b>", '"><i>', "<id>"),))
    assert "\x1b" not in repr(outcome)
    html = outcome._repr_html_()
    assert not [tag for tag in ("<script", "<b>", "<i>", "<id>", "javascript", "\x1b", "<a ") if tag in html]
    quoted = Outcome("sent", "x", permalink='https://a/"onclick="alert(1)')
    assert '"onclick' not in quoted._repr_html_()


def test_the_record_is_not_shown():
    """What the service returned is at hand and not shown."""
    outcome = Outcome("sent", "x", record="secret")
    assert outcome.record == "secret"
    assert "secret" not in repr(outcome) + outcome._repr_html_()
    assert outcome == Outcome("sent", "x")
