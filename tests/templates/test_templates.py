"""Templates: strict, sandboxed, and silent about everything that is not a template."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import functools
import importlib
import io
import itertools
import math
import os
import pathlib
import subprocess
import tracemalloc
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.client import connect
from incidentio_magic.errors import TemplateError
from incidentio_magic.settings import Secret
from incidentio_magic.templates import budget, render
from incidentio_magic.templates.budget import Budget


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
        "did you mean error_rate? --raw sends the text as it is",
    ),
    "{{ xyz }}": (
        "The template uses 'xyz', which the notebook does not define.",
        "define it in a cell above; --raw sends the text as it is",
    ),
    "{{ eror_rate | round(1) }}": (
        "The template uses 'eror_rate', which the notebook does not define.",
        "did you mean error_rate? --raw sends the text as it is",
    ),
    "{{ rws | sum }}": ("The template uses 'rws', which the notebook does not define.", "did you mean rows"),
    "{{ rws | join(',') }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ eror_rate + 1 }}": ("The template uses 'eror_rate', which", "did you mean error_rate"),
    "{{ eror_rate.x.y }}": ("The template uses 'eror_rate', which", "did you mean error_rate"),
    "{% if rws %}{% endif %}": ("The template uses 'rws', which", "did you mean rows"),
    "{% for r in rws %}{% endfor %}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ 'x' ~ rws }}": ("The template uses 'rws', which", "did you mean rows"),
    "{{ row.rat }}": (f"In the template, '{Row.__module__}.Row object' has no attribute 'rat'.", "--raw"),
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
    "{{ range(10 ** 9) }}": ("The template makes more than 1,000,000 characters.", "compute it in a cell above"),
    "{{ range(10 ** 6) }}": ("Computing the template failed: OverflowError", "nothing was sent"),
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


class Reader:
    """A notebook's own class, which calls what it likes."""

    def twice(self, number):
        """Return twice the number."""
        return 2 * number


def own(number):
    """Return a notebook's own number."""
    return number + 1


REACHING = {
    "os": os,
    "pathlib": pathlib,
    "system": os.system,
    "getenv": os.getenv,
    "environ": os.environ,
    "open": open,
    "eval": eval,
    "type": type,
    "path": pathlib.Path("/etc/passwd"),
    "pd": pd,
    "np": np,
    "read_csv": pd.read_csv,
    "fromfile": np.fromfile,
    "df": pd.DataFrame({"a": [1, 2, 3]}),
    "words": pd.Series(["touch /tmp/never", "/etc/passwd", "a" * 40 + "b"]),
    "file": io.StringIO("hidden"),
    "files": [io.StringIO("hidden")],
    "numbers": itertools.count(),
    "ticks": lambda: iter(int, 1),
    "decimal": decimal,
    "fractions": fractions,
    "array": np.array([1.0, 2.0]),
    "wide": np.arange(20_000).reshape(1, 20_000),
    "part": functools.partial(os.system, "true"),
    "buffer": io.StringIO("text"),
    "subprocess": subprocess,
    "connect": connect,
    "secret": Secret("hidden"),
    "importlib": importlib,
    "math": math,
    "datetime": dt,
    "own": own,
    "own_name": lambda name: f"the {name}",
    "reader": Reader(),
    "rows": [1, 2, 3],
    "table": {"a": 1},
}

REACHES = [
    "{{ os.system('true') }}",
    "{{ os.environ }}",
    "{{ os.path.join('a', 'b') }}",
    "{{ os['system']('true') }}",
    "{{ (os | attr('system'))('true') }}",
    "{{ system('true') }}",
    "{{ getenv('HOME') }}",
    "{{ environ['HOME'] }}",
    "{{ environ.HOME }}",
    "{{ environ.get('HOME') }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ eval('1') }}",
    "{{ type('X', (), {}) }}",
    "{{ path.read_text() }}",
    "{{ path.parent.iterdir() | list }}",
    "{{ pathlib.Path('/') }}",
    "{{ pd.read_csv('/etc/passwd') }}",
    "{{ read_csv('/etc/passwd') }}",
    "{{ np.load('x') }}",
    "{{ fromfile('/etc/passwd') }}",
    "{{ df.to_csv('/tmp/never') }}",
    "{{ df.to_csv(path_or_buf='/tmp/never') }}",
    "{{ df.to_pickle('/tmp/never') }}",
    "{{ df.to_clipboard() }}",
    "{{ df.eval('a') }}",
    "{{ df.query('a > @os') }}",
    "{{ df.pipe(system) }}",
    "{{ df.a.map(system) }}",
    "{{ df.agg('to_csv', 0, '/tmp/never') }}",
    "{{ df.assign(b=system) }}",
    "{{ df.rename(columns=system) }}",
    "{{ words.to_frame('w').to_string(formatters=[system]) }}",
    "{{ words.to_frame('w').to_string(formatters={'w': system}) }}",
    "{{ words.to_frame('w').to_html(formatters=[[system]]) }}",
    "{{ words.loc[system] }}",
    "{{ df[open] }}",
    "{{ df.style.to_excel('/tmp/never') }}",
    "{{ df.style.to_html() }}",
    "{{ df.plot.bar() }}",
    "{{ file | list }}",
    "{{ file | first }}",
    "{{ files | first | list }}",
    "{{ files | map('list') | list }}",
    "{% for one in files %}{% for line in one %}{{ line }}{% endfor %}{% endfor %}",
    "{{ 'h' in file }}",
    "{{ environ }}",
    "{{ environ | list }}",
    "{% for one in environ %}{{ one }}{% endfor %}",
    "{{ df.plot() }}",
    "{{ df.pop('a') }}",
    "{{ df.drop(columns='a', inplace=True) }}",
    "{{ array.tofile('/tmp/never') }}",
    "{{ array.fill(7) }}",
    "{{ part() }}",
    "{{ buffer.write('x') }}",
    "{{ subprocess.run('true') }}",
    "{{ connect() }}",
    "{{ secret.reveal() }}",
    "{{ importlib.import_module('os') }}",
    "{{ rows.append(4) }}",
    "{{ rows.clear() }}",
    "{{ table.update({'a': 2}) }}",
    "{{ math.factorial(10000) }}",
    "{% do rows.append(4) %}",
]


@pytest.mark.parametrize("text", REACHES)
def test_nothing_beyond_the_values_is_reached(text):
    """A template reaches no file, no environment variable, no key, and changes nothing."""
    with pytest.raises(TemplateError):
        render(text, REACHING)
    assert REACHING["rows"] == [1, 2, 3]
    assert REACHING["table"] == {"a": 1}
    assert list(REACHING["df"].columns) == ["a"]
    assert list(REACHING["array"]) == [1.0, 2.0]
    assert not pathlib.Path("/tmp/never").exists()
    assert REACHING["file"].tell() == 0


REACHED = {
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


ENDLESS = [
    "{{ 'a' * 10**10 }}",
    "{{ 10**7 * 'ab' }}",
    "{{ [1] * 10**10 }}",
    "{{ 10 ** (10 ** 10) }}",
    "{{ 10 ** 9999 * 10 ** 9999 }}",
    "{{ range(10**9) | list }}",
    "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(999) %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in range(100000) %}{{ a }}{% for b in range(100000) %}{{ b }}{% endfor %}{% endfor %}",
    "{% set ns = namespace(t='ab') %}{% for a in range(100) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
    "{% set ns = namespace(t='ab') %}{% for a in range(100) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
    "{% set ns = namespace(t='ab') %}{% for a in range(100) %}{% set ns.t = [ns.t, ns.t] | join %}{% endfor %}",
    "{% set ns = namespace(t='ab') %}{% for a in range(100) %}{% set ns.t = ns.t.replace('a', ns.t) %}{% endfor %}",
    "{% set ns = namespace(t=3) %}{% for a in range(100) %}{% set ns.t = ns.t * ns.t %}{% endfor %}",
    "{% set ns = namespace(t=3) %}{% for a in range(100) %}{% set ns.t = ns.t ** 9 %}{% endfor %}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{{ 'a'.center(10**10) }}",
    "{{ 'a'.ljust(10**9) }}",
    "{{ 'a'.zfill(10**9) }}",
    "{{ '\t'.expandtabs(10**9) }}",
    "{{ ('a' * 10**6).replace('a', 'b' * 10**6) }}",
    "{{ ('a' * 10**6) | replace('a', 'b' * 10**6) }}",
    "{{ ('a' * 10**5).join(range(100000) | map('string')) }}",
    "{{ range(100000) | map('center', 100000) | join }}",
    "{{ range(100000) | map('center', 100000) | list | length }}",
    "{{ range(100000) | map('string') | map('center', 100000) | map('length') | sum }}",
    "{{ '%9999999999d' % 1 }}",
    "{{ '%*d' % (10**9, 1) }}",
    "{{ '%9999999999d' | format(1) }}",
    "{{ '{:9999999999}'.format(1) }}",
    "{{ '{:{}}'.format(1, 10**9) }}",
    "{{ 'a' | center(10**10) }}",
    "{{ ('a\n' * 100000) | indent(10**6) }}",
    "{{ ('a' * 100000) | wordwrap(1, wrapstring='b' * 100000) }}",
    "{{ [1] | batch(10**9, 'x') | list }}",
    "{{ [1] | slice(10**9) | list }}",
    "{{ 1.5 | round(10**9, 'ceil') }}",
    "{{ [[1]] * 100000 | sum(start=[]) }}",
    "{{ ([[1]] * 100000) | sum(start=[]) }}",
    "{{ (5).to_bytes(10**10, 'big') }}",
    "{{ lipsum(10**9) }}",
    "{{ rows | tojson(indent=10**9) }}",
    "{{ df.sample(10**9, replace=True) }}",
    "{{ array.repeat(10**10) }}",
    "{{ ('a' * 999999) }}{{ ('a' * 999999) }}",
    "{{ ('a' * 999999).translate({97: 'b' * 999}) }}",
    "{{ numbers | list }}",
    "{{ numbers | max }}",
    "{{ 'x' in numbers }}",
    "{{ numbers | select('lt', 0) | first }}",
    "{{ numbers | batch(3) | list }}",
    "{{ own(*numbers) }}",
    "{% for one in numbers if one < 0 %}{% endfor %}",
    "{{ ticks() | list }}",
    "{{ words.str.findall('(a+)+$') }}",
    "{{ words.str.extract('(a+)+$') }}",
    "{{ words.str.replace('(a+)+$', '', regex=True) }}",
    "{{ words.replace('(a+)+$', '', regex=True) }}",
    "{{ words.str.pad(10**6).repeat(10**6) }}",
    "{{ df.style.format('{:>9999999999}').to_html() }}",
    "{{ (array - array.repeat(10**6)) }}",
    "{{ (wide - wide.T) | string | length }}",
    "{{ (wide / wide.T) | string | length }}",
    "{{ wide.astype('U999999') }}",
    "{{ decimal.Decimal('1e999999') | int }}",
    "{{ '%d' % decimal.Decimal('1e999999') }}",
    "{{ '{:f}'.format(decimal.Decimal('1e9999999999')) }}",
    "{{ math.floor(decimal.Decimal(10) ** 99999) }}",
    "{{ fractions.Fraction('1e99999999') }}",
    "{{ fractions.Fraction(2) ** 999999999 }}",
    "{{ fractions.Fraction(1, 3) ** -999999999 }}",
    "{% set ns = namespace(t=fractions.Fraction(3)) %}{% for a in rows * 33 %}{% set ns.t = ns.t * ns.t %}{% endfor %}",
    "{% set x %}{{ 'a' * 900000 }}{{ 'a' * 900000 }}{% endset %}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}",
    "{{ (range(100000) | list | string) * 9 }}",
    "{% for x in (range(100000) | list) * 9 recursive %}{{ loop([x]) }}{% endfor %}",
]


@pytest.mark.parametrize("text", ENDLESS, ids=[text[:60] for text in ENDLESS])
@pytest.mark.timeout(20)
def test_a_template_neither_hangs_nor_fills_the_memory(text, monkeypatch):
    """What would run for ever, or make gigabytes, is refused in time with little memory."""
    monkeypatch.setattr(budget, "SECONDS", 0.5)
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError):
            render(text, REACHING)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_a_template_has_five_seconds():
    """A step after the time is over is an error that says so."""
    moments = iter([0.0, 4.9, 5.1])
    left = Budget(lambda: next(moments))
    left.spend("in time")
    with pytest.raises(TemplateError, match="takes longer than 5 s"):
        left.spend("too late")


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
