"""Template files run in a process of their own, with bounded time and memory and an empty environment.

Serves `templates/_process.py`.
"""

from __future__ import annotations

import datetime as dt
import os

import pytest

from incidentio_magic.errors import TemplateError
from incidentio_magic.templates import render_file, render_own
from incidentio_magic.templates.files import plain

DATA = {"rows": [{"title": "one"}] * 40, "name": "Checkout"}


@pytest.mark.parametrize("fill_in", [render_file, render_own])
def test_a_template_is_filled_in(fill_in):
    """Both ways fill a template in alike."""
    assert fill_in("{{ name }}: {{ rows | length }}", DATA) == "Checkout: 40"


ERRORS = {
    "{{ nmae }}": ("The template uses 'nmae' in line 1, which is not in its data.", "did you mean name?"),
    "\n{{ rows[0].titel }}": ("The template uses 'titel' in line 2, which is not in its data.", "did you mean title?"),
    "{{ zzz }}": ("The template uses 'zzz' in line 1, which is not in its data.", "there are: rows, name"),
    "{% if %}": ("The template is malformed in line 1", ""),
    "{{ name.upper() }}": ("The template may not do that in line 1: 'upper' of a text cannot be read.", "filters"),
    "{{ 1 / 0 }}": ("The template fails in line 1: ZeroDivisionError", ""),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.items(), ids=ERRORS)
def test_errors_name_line_and_nearest_field(text, expected):
    """Each mistake is named with its line, and the nearest field is offered."""
    with pytest.raises(TemplateError) as caught:
        render_file(text, DATA)
    assert caught.value.message.startswith(expected[0])
    assert expected[1] in caught.value.hint
    assert not caught.value.option_hint


GREEDY = [
    "{% set a = 'aaaaaaaaaa' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "{{ '%99999999999d' | format(1) }}",
    "{{ rows | tojson(indent=99999999999) }}",
    "{{ name | indent(99999999999) }}",
    "{{ rows | batch(9999999999, 'x') | list | length }}",
    "{{ 9.0 ** 9 ** 9 ** 9 }}",
    "{% for a in rows %}" * 8 + "x" + "{% endfor %}" * 8,
]


@pytest.mark.slow
@pytest.mark.parametrize("text", GREEDY, ids=[text[:40] for text in GREEDY])
def test_it_makes_only_so_much(text):
    """What would make gigabytes is refused, and this process holds none of it."""
    with pytest.raises(TemplateError, match=r"too much|fails|longer than"):
        render_file(text, DATA)


@pytest.mark.slow
def test_it_takes_only_so_long():
    """What would run for ever is ended."""
    with pytest.raises(TemplateError, match=r"takes longer than 0.5 s"):
        render_file("{% for a in rows %}" * 12 + "{% endfor %}" * 12, DATA, seconds=0.5)


def test_plain_data_only():
    """Anything but texts, numbers, times, lists and rows is refused before a template sees it."""
    moment = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
    assert plain({1: (moment, None, True, 1.5)}) == {"1": [moment, None, True, 1.5]}
    for value in (os, object(), render_file, type, {"a": [os.environ.get]}):
        with pytest.raises(TemplateError, match="cannot use a value of the type"):
            render_file("{{ a }}", {"a": value})


def test_an_interrupt_ends_it(monkeypatch):
    """Ctrl-C while a template runs ends it, and is an interrupt of the cell."""

    def stop(*_arguments, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("subprocess.run", stop)
    with pytest.raises(KeyboardInterrupt):
        render_file("{{ name }}", DATA)
