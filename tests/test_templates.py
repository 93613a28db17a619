"""Templates: strict, sandboxed, and silent about everything that is not a template."""

from __future__ import annotations

from contextlib import suppress

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
    "{# a note #}done": "done",
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
        "did you mean error_rate?; --raw sends the text as it is",
    ),
    "{{ xyz }}": (
        "The template uses 'xyz', which the notebook does not define.",
        "define it in a cell above; --raw sends the text as it is",
    ),
    "{{ eror_rate | round(1) }}": (
        "The template uses 'eror_rate', which the notebook does not define.",
        "did you mean error_rate?; --raw sends the text as it is",
    ),
    "{{ rws | sum }}": ("The template uses 'rws', which the notebook does not define.", "did you mean rows"),
    "{{ rws | join(',') }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ eror_rate + 1 }}": ("The template uses 'eror_rate', which", "did you mean error_rate"),
    "{{ eror_rate.x.y }}": ("The template uses 'eror_rate', which", "did you mean error_rate"),
    "{% if rws %}{% endif %}": ("The template uses 'rws', which", "did you mean rows"),
    "{% for r in rws %}{% endfor %}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ 'x' ~ rws }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ row.rat }}": ("In the template, 'tests.test_templates.Row object' has no attribute 'rat'.", "--raw"),
    "{{ table.b }}": ("In the template, 'dict object' has no attribute 'b'.", "--raw"),
    "{{ missing | default(0) }}{{ table.b }}": ("In the template, 'dict object' has no attribute 'b'.", "--raw"),
    "{{ missing | default(0) }}{{ 1 / 0 }}": ("Computing the template failed: ZeroDivisionError", "nothing was sent"),
    "{{ missing | default(0) }}{{ rws }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ 1 / 0 }}": ("Computing the template failed: ZeroDivisionError: division by zero", "nothing was sent"),
    "{{ row.fail() }}": ("Computing the template failed: RuntimeError: the database is away", "nothing was sent"),
    "{{ rows + 1 }}": ("Computing the template failed: TypeError", "nothing was sent"),
    "{{ name": ("The template is malformed in line 1: unexpected end of template", "--raw"),
    "one\n{{ }}": ("The template is malformed in line 2", "--raw"),
    "{% if %}": ("The template is malformed in line 1", "--raw"),
    "{% for %}": ("The template is malformed in line 1", "--raw"),
    "{{ name | shout }}": ("The template is malformed in line 1: No filter named 'shout'.", "--raw"),
    "{# open": ("The template is malformed in line 1", "--raw"),
    "{% include 'x' %}": ("Computing the template failed", "nothing was sent"),
    "{% extends 'x' %}": ("Computing the template failed", "nothing was sent"),
    "{% import '/etc/passwd' as x %}": ("Computing the template failed", "nothing was sent"),
    "{{ range(10 ** 9) }}": ("Computing the template failed: OverflowError", "nothing was sent"),
    "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}": ("Computing the template failed: RecursionError", "nothing"),
    "{% for a in rows %}" * 30 + "{% endfor %}" * 30: ("Computing the template failed: SyntaxError", "nothing"),
}


@pytest.mark.parametrize(("text", "told"), ERRORS.items(), ids=[text[:40] for text in ERRORS])
def test_errors(text, told):
    """Whatever is wrong with a template is told in its words, with a close match or a way out."""
    with pytest.raises(TemplateError) as caught:
        render(text, NOTEBOOK)
    message, hint = told
    assert caught.value.message.startswith(message)
    assert hint in caught.value.lines()[1]
    assert "--" not in caught.value.hint
    assert len(caught.value.lines()) <= 2


FORBIDDEN = [
    "{{ ''.__class__.__mro__ }}",
    "{{ row.__class__.__init__.__globals__ }}",
    "{{ row._secret }}",
    "{{ row.double.__func__ }}",
    "{{ row.double.__globals__ }}",
    "{{ (row.double | attr('__globals__')).os }}",
    "{{ rows.__class__.__base__.__subclasses__() }}",
    "{{ '{0.__class__.__mro__}'.format(row) }}",
    "{{ '%s' | format(row.__class__.mro()) }}",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_the_sandbox_holds(text):
    """A template reaches no private attributes, and so nothing beyond the notebook's variables."""
    with pytest.raises(TemplateError):
        render(text, NOTEBOOK)


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
