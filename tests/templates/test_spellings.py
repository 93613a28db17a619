"""Python's spellings in a template: f-strings are what Python makes of them, formats are read, Jinja's own stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.errors import TemplateError
from incidentio_magic.templates import render
from incidentio_magic.templates._spellings import in_jinja

VALUES = {"rate": 3.14159, "width": 8, "rows": [1, 2, 3], "name": "it's {odd}"}
F_STRINGS = [
    'f"{rate:.1f}"',
    "f'{rate:.1f} %'",
    'f"{rate:>{width}.2f}|{width:03d}"',
    'f"{name!r} {{braces}}"',
    'f"{rate=:.1f}"',
    "f\"{len(rows)} of {rows[0]}\" + 'x'",
    "f'{name}'.upper()",
    'rf"\\d {rate}"',
    'f"nothing to fill in"',
    "(f'{rate:.0f}' if rows else f'{width}')",
    "[f'{rate:.0f}', f'{f\"{width}\"}'][1]",
]


@pytest.mark.parametrize("expression", F_STRINGS)
def test_an_f_string_is_what_python_makes_of_it(expression):
    """The text is the same as in a cell of Python, and nothing has to be noted."""
    notes = []
    made = render(f"{{{{ {expression} }}}}", VALUES, note=notes.append)
    assert made == eval(expression, dict(VALUES))
    assert not notes


@given(st.floats(allow_nan=False), st.integers(0, 20), st.integers(0, 6))
def test_any_width_and_precision(rate, width, decimals):
    """What a format holds in braces is filled in as well."""
    text = '{{ f"{rate:{width}.{decimals}f}" }}'
    assert render(text, {"rate": rate, "width": width, "decimals": decimals}) == f"{rate:{width}.{decimals}f}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ rate | round(1) }}",
        "{{ 'f' ~ name }}",
        "{{ rows[0:2] }}",
        "{{ {'a': 1} }}",
        "{{ rate if rows else f }}",
        "plain: .1f",
        "{{ lambda: 1 }}",
    ],
)
def test_everything_else_stays(text):
    """What Jinja reads by itself, and what is no format, is left as it was typed."""
    notes = []
    assert in_jinja(text, notes.append) == text
    assert not notes


@pytest.mark.parametrize("expression", ["[row for row in rows]", "lambda: 1", "(row := 1)"])
def test_other_python_is_for_a_cell_above(expression):
    """Python that Jinja cannot read is refused with the way to do it."""
    with pytest.raises(TemplateError) as caught:
        render(f"{{{{ {expression} }}}}", VALUES)
    assert caught.value.hint == "compute it in a cell above: text = …, and write {{ text }} here"
