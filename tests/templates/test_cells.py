"""Templates in a cell: its author's own code, strict about names, silent about everything that is not a template."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import math
import time
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.errors import TemplateError
from incidentio_magic.templates import render


class Row:
    """Something from a notebook."""

    rate = 0.123
    _secret = "hidden"

    def double(self, number):
        """Return twice the number."""
        return 2 * number

    def fail(self):
        """Fail."""
        raise RuntimeError("the database is away")


NOTEBOOK = {
    "error_rate": 12.3456,
    "name": "Ünïcode",
    "rows": [1, 2, 3],
    "row": Row(),
    "table": {"a": 1},
    "nothing": None,
    "_": 5,
    "_private": 1,
}

RENDERED = {
    "{{ error_rate | round(1) }} %": "12.3 %",
    "{{ name }}": "Ünïcode",
    "{% for row in rows %}{{ row }},{% endfor %}": "1,2,3,",
    "{{ rows | sum }}": "6",
    "{{ table.a }}{{ table['a'] }}": "11",
    "{{ row.rate }} {{ row.double(4) }}": "0.123 8",
    "{{ nothing }}": "None",
    "{{ missing | default('none') }}": "none",
    "{{ missing is defined }}": "False",
    "{{ range(3) | list }}": "[0, 1, 2]",
    "{# a note #} {{ 1 }}": "{# a note #} 1",
    "{{ len(rows) }} {{ sum(rows) }} {{ max(rows) }} {{ str(1) + 'x' }} {{ int('4') }}": "3 6 3 1x 4",
    "{{ round(error_rate, 1) }} {{ sorted(rows, reverse=True) }}": "12.3 [3, 2, 1]",
    "{{ '{:.1f}'.format(error_rate) }} {{ '%.1f' % error_rate }} {{ format(error_rate, '.1f') }}": "12.3 12.3 12.3",
    "{{ row._secret }} {{ row.__class__.__name__ }}": "hidden Row",
    "{% raw %}{{ name }}{% endraw %}": "{{ name }}",
    "<b>{{ '<i>' }}</b>": "<b><i></b>",
    "{{ 1 }}\n": "1\n",
    "{% set x = 3 %}{{ x }}": "3",
    "{{ '{{' }}": "{{",
}

UNTOUCHED = [
    "",
    "plain",
    "$x {x} ${x} $(x) {x!r} %s %(x)s \\n",
    "{'a': {'b': 1}}",
    "{ {x} }",
    "{x}}",
    "100 % {",
    "a\r\nb\n\n",
    "#} %} }}",
    "{# a note #}",
    "    indented\ncode",
]


@pytest.mark.parametrize(("text", "result"), RENDERED.items(), ids=RENDERED)
def test_expressions_are_computed(text, result):
    """Expressions are computed from the notebook's variables."""
    assert render(text, NOTEBOOK) == result


@pytest.mark.parametrize("text", UNTOUCHED, ids=map(repr, UNTOUCHED))
def test_other_braces_are_left_alone(text):
    """A text without a template is returned as it is: dollars, braces and percents mean themselves."""
    assert render(text, NOTEBOOK) == text
    if text:
        beside = text.replace("\r\n", "\n")
        assert render(f"{{{{ 1 }}}} {beside}", NOTEBOOK) == f"1 {beside}"


ERRORS = {
    "{{ eror_rate }}": (
        "The template uses 'eror_rate', which the notebook does not define.",
        "did you mean error_rate?",
    ),
    "{{ xyz }}": ("The template uses 'xyz', which the notebook does not define.", "define it in a cell above"),
    "{{ length(rows) }}": ("The template uses 'length'", "length is a filter: {{ value | length }}"),
    "{{ eror_rate | round(1) }}": (
        "The template uses 'eror_rate', which the notebook does not define.",
        "did you mean error_rate?",
    ),
    "{{ rws | sum }}": ("The template uses 'rws', which the notebook does not define.", "did you mean rows"),
    "{{ rws | join(',') }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ eror_rate + 1 }}": ("The template uses 'eror_rate', which", "did you mean error_rate"),
    "{{ eror_rate.x.y }}": ("The template uses 'eror_rate', which", "did you mean error_rate"),
    "{% if rws %}{% endif %}": ("The template uses 'rws', which", "did you mean rows"),
    "{% for r in rws %}{% endfor %}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ 'x' ~ rws }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ row.rat }}": (f"The template fails in line 1: '{Row.__module__}.Row object' has no attribute 'rat'.", ""),
    "{{ table.b }}": ("The template fails in line 1: 'dict object' has no attribute 'b'.", ""),
    "{{ missing | default(0) }}\n{{ 1 / 0 }}": ("The template fails in line 2: ZeroDivisionError", ""),
    "{{ missing | default(0) }}{{ rws }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ row.fail() }}": ("The template fails in line 1: RuntimeError: the database is away", ""),
    "{{ rows + 1 }}": ("The template fails in line 1: TypeError", ""),
    "{{ name": ("The template is malformed in line 1: unexpected end of template", ""),
    "one\n{{ }}": ("The template is malformed in line 2", ""),
    "{% if %}": ("The template is malformed in line 1", ""),
    "{{ name | shout }}": ("The template is malformed in line 1: No filter named 'shout'.", ""),
    "{{ len }}": ("'len' is a function, not a value.", "put parentheses after it: len()"),
    "{{ row.double }}": ("'double' is a function, not a value", "put parentheses after it: double()"),
    "{% include 'x' %}": ("The template fails in line 1", ""),
    "{% import '/etc/passwd' as x %}": ("The template fails in line 1", ""),
    "{{ 'a' * 2_000_000 }}": ("The template makes more than 1,000,000 characters.", "send a summary"),
    "{% for n in range(10_000_000) %}aaaaaaaaaaaa{% endfor %}": ("The template makes more than", "send a summary"),
    "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}": ("The template fails: RecursionError", ""),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.items(), ids=[text[:40] for text in ERRORS])
def test_errors(text, expected):
    """Whatever is wrong with a template is said in its words, with a close match or a way out."""
    with pytest.raises(TemplateError) as caught:
        render(text, NOTEBOOK)
    message, hint = expected
    assert caught.value.message.startswith(message)
    assert hint in "".join(caught.value.lines()[1:])
    assert "--" not in caught.value.hint
    assert len(caught.value.lines()) <= 2


FORMATS = {
    "{{ error_rate:.1f }}": ("12.3", "{{ error_rate | round(1) }}"),
    "{{error_rate:.1f}}": ("12.3", "{{ error_rate | round(1) }}"),
    "{{ error_rate + 1:08.2f }}": ("00013.35", '{{ format(error_rate + 1, "08.2f") }}'),
    "{{ rows[0]:>3 }}|": ("  1|", '{{ format(rows[0], ">3") }}'),
    "{{ max(rows[0:2]):d }}": ("2", '{{ format(max(rows[0:2]), "d") }}'),
    "{{ 1234567:, }}": ("1,234,567", '{{ format(1234567, ",") }}'),
}


@pytest.mark.parametrize(("text", "expected"), FORMATS.items(), ids=FORMATS)
def test_a_format_as_in_an_f_string(text, expected):
    """`{{ rate:.1f }}` can mean only one thing, so it is done; a line says how Jinja spells it, and that works."""
    notes = []
    result, spelling = expected
    assert render(text, NOTEBOOK, note=notes.append) == result
    assert len(notes) == 1
    assert spelling in notes[0]
    assert float(render(spelling, NOTEBOOK).replace(",", "")) == pytest.approx(
        float(result.strip("| ").replace(",", ""))
    )


@pytest.mark.parametrize(
    ("text", "result"),
    [("{{ rows[0:2] }}", "[1, 2]"), ("{{ {'a': 'x:>3'}['a'] }}", "x:>3"), ("{{ 'a:d' }}", "a:d")],
)
def test_other_colons_mean_what_they_mean(text, result):
    """A slice, a dictionary and a colon in quotes are no formats."""
    notes = []
    assert render(text, NOTEBOOK, note=notes.append) == result
    assert not notes


def test_a_name_without_a_value():
    """A function's own variable without a value is missing, even where a builtin has its name."""
    with pytest.raises(TemplateError, match=r"'len', a variable of check\(\) that has no value here"):
        render("{{ len(rows) }}", NOTEBOOK, unset={"len": "check"})


def test_it_can_be_interrupted():
    """Ctrl-C ends a template that takes long, as it ends the cell."""

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render("{{ stop() }}", {"stop": stop})


def test_two_million_characters_are_refused_at_once():
    """The size is counted while the text comes out, so an endless loop ends."""
    begun = time.monotonic()
    with pytest.raises(TemplateError):
        render("{% for n in numbers %}{{ n }}{% endfor %}", {"numbers": iter(int, 1)})
    assert time.monotonic() - begun < 30


class Reader:
    """A notebook's own class."""

    def twice(self, number):
        """Return twice the number."""
        return 2 * number


def own(number):
    """Return a notebook's own number."""
    return number + 1


REACHING = {
    "df": pd.DataFrame({"a": [1, 2, 3]}),
    "words": pd.Series(["touch /tmp/never", "/etc/passwd", "a" * 40 + "b"]),
    "decimal": decimal,
    "fractions": fractions,
    "array": np.array([1.0, 2.0]),
    "math": math,
    "datetime": dt,
    "own": own,
    "own_name": lambda name: f"the {name}",
    "reader": Reader(),
    "rows": [1, 2, 3],
    "table": {"a": 1},
}

REACHED = {
    "{{ df.agg('sum').to_dict() }} {{ df.query('a > 1').a.tolist() }}": "{'a': 6} [2, 3]",
    "{{ df.style.hide().to_string() }}": "a\n1\n2\n3\n",
    "{{ own(4) }}": "5",
    "{{ reader.twice(4) }}": "8",
    "{{ math.floor(2.7) }} {{ math.pi | round(2) }}": "2 3.14",
    "{{ datetime.date(2026, 1, 15).strftime('%d.%m.') }}": "15.01.",
    "{{ df.shape[0] }} {{ df.a.max() }} {{ df['a'].mean() | round(1) }} {{ df.a.sum() }}": "3 3 2.0 6",
    "{{ df.a.map(own).to_list() }}": "[2, 3, 4]",
    "{{ df.head(1).to_csv(index=False) }}": "a\n1\n",
    "{{ df.to_dict('list') }}": "{'a': [1, 2, 3]}",
    "{{ array.mean() }}": "1.5",
    "{{ words.str.contains('etc').sum() }} {{ words.str.split('/').str.len().max() }}": "1 3",
    "{% for i, row in df.iterrows() %}{{ i }}{{ row.a }}{% endfor %}": "011223",
    "{{ df.itertuples() | map(attribute='a') | list }}": "[1, 2, 3]",
    "{{ df.rename(columns=own_name) | list }}": "['the a']",
    "{{ decimal.Decimal('1.50') * 2 }} {{ fractions.Fraction(1, 3) * 3 }}": "3.00 1",
    "{{ (array - array).sum() }} {{ 7 // 2 }} {{ 7 / 2 }} {{ 7 - 2 }}": "0.0 3 3.5 5",
    "{{ 'a-b'.translate({45: '+'}) }}": "a+b",
    "{{ 'a-b'.upper().split('-') | join('+') }}": "A+B",
    "{{ '%.2f' | format(2.5) }} {{ '{:>6.2f}'.format(2.5) }} {{ '%05d' % 42 }}": "2.50   2.50 00042",
    "{{ table.items() | list }} {{ rows.index(2) }} {{ 'a' ~ 1 ~ 'b' }}": "[('a', 1)] 1 a1b",
    "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}{{ m('b') }}": "<1><b>",
    "{% for r in rows if r > 1 %}{{ loop.index }}{{ loop.cycle('a', 'b') }}{% else %}-{% endfor %}": "1a2b",
    "{% set ns = namespace(n=0) %}{% for r in rows %}{% set ns.n = ns.n + r %}{% endfor %}{{ ns.n }}": "6",
    "{{ 2 ** 10 }} {{ 2 ** 0.5 | round(1) }} {{ 7 % 4 }} {{ [0] * 3 }}": "1024 1.4142135623730951 3 [0, 0, 0]",
}


@pytest.mark.parametrize(("text", "result"), REACHED.items(), ids=REACHED)
def test_what_messages_need_is_reached(text, result):
    """Values, their methods, tables' figures and the notebook's own functions are there."""
    assert render(text, REACHING) == result


def test_private_names_are_not_offered():
    """The notebook's private names are not offered as close matches."""
    with pytest.raises(TemplateError) as caught:
        render("{{ privat }}", NOTEBOOK)
    assert "_private" not in str(caught.value)


def test_variables_are_not_changed():
    """Rendering leaves the notebook's variables alone."""
    before = dict(NOTEBOOK)
    render("{% set rows = 1 %}{% set new = 2 %}{{ rows }}", NOTEBOOK)
    assert before == NOTEBOOK


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", " ", "rows", "x", "|", ".", "(", ")", "[", "]", "'", "1", "if", "for", "in",
     "endif", "endfor", "set", "=", "round", "\n", "-", ",", "raw", "macro", "call", "block", "filter", "~"]
)  # fmt: skip


@given(st.text() | st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join))
def test_only_template_errors_come_out(text):
    """Whatever is typed, a template is rendered or a TemplateError is raised."""
    with suppress(TemplateError):
        assert isinstance(render(text, NOTEBOOK), str)
