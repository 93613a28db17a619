"""The Jinja of a template file: plain data, filters and macros; everything else is refused with its line."""

from __future__ import annotations

import datetime as dt
import re
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.templates.plain import FileEnvironment, evaluate

DATA = {
    "name": "Ünïcode",
    "rows": [{"title": "one", "n": 1}, {"title": "two", "n": 2}],
    "numbers": [3, 1, 2],
    "at": dt.datetime(2026, 1, 15, 14, 5, tzinfo=dt.UTC),
    "lasted": dt.timedelta(minutes=90),
    "rate": 7.331,
    "price": Decimal("1.50"),
    "nothing": None,
    "yes": True,
}

RENDERED = {
    "{{ name }} {{ rate | round(1) }} {{ '%.2f' | format(rate) }}": "Ünïcode 7.3 7.33",
    "{% for row in rows %}{{ loop.index }}:{{ row.title }}{{ ', ' if not loop.last }}{% endfor %}": "1:one, 2:two",
    "{{ rows | map(attribute='title') | join('+') }} {{ rows | selectattr('n', 'gt', 1) | list | length }}": (
        "one+two 1"
    ),
    "{{ numbers | sort | first }} {{ numbers | sum }} {{ rows[0]['title'] }} {{ rows[-1].n }} {{ name[:3] }}": (
        "1 6 one 2 Ünï"
    ),
    "{{ at | time('%H:%M') }} {{ at.year }} {{ lasted.seconds // 60 }}": "14:05 2026 90",
    "{% macro line(row) %}<{{ row.title }}>{% endmacro %}{{ line(rows[0]) }}": "<one>",
    "{% for n, group in rows | groupby('n') %}{{ n }}{% endfor %}": "12",
    "{{ missing | default('none') }} {{ rows[0].gone | default('-') }} {{ gone is defined }}": "none - False",
    "{{ 2 * 3 }} {{ 7 % 4 }} {{ 2 ** 3 }} {{ 'a' ~ 1 }} {{ 'a' + 'b' }} {{ lasted * 2 }}": "6 3 8.0 a1 ab 3:00:00",
    "{# a note #}{% set x = 3 %}{{ x }}{{ nothing }}{{ yes }} {{ price + 1 }}": "3NoneTrue 2.50",
    "{% raw %}{{ name }}{% endraw %}{% filter upper %}a{% endfilter %}": "{{ name }}A",
}


@pytest.mark.parametrize(("text", "result"), RENDERED.items(), ids=[text[:40] for text in RENDERED])
def test_what_a_template_needs(text, result):
    """Fields, loops, filters, macros, sums and times are there."""
    assert evaluate(text, DATA) == {"kind": "text", "text": result, "line": 0, "name": "", "known": []}


def test_a_missing_field_is_named_with_its_line_and_the_fields_there_are():
    """The error names what is missing, in which line, and what is there."""
    result = evaluate("\n{% for row in rows %}\n{{ row.titel }}{% endfor %}", DATA)
    assert result == {"kind": "missing", "text": "", "line": 3, "name": "titel", "known": ["title", "n"]}
    assert evaluate("{{ nmae }}", DATA)["name"] == "nmae"
    assert evaluate("{{ rows[7] }}", DATA)["name"] == "item 7"
    assert evaluate("{{ nmae() }}", DATA)["name"] == "nmae"
    assert evaluate("{{ gone.further.yet }}", DATA)["name"] == "gone"


def ESCAPES():  # noqa: N802  a long table
    """Return ways out of a Jinja sandbox, from write-ups of escapes and from looking for more."""
    seeds = ["''", "[]", "{}", "()", "1", "rate", "at", "rows", "name", "none", "true", "loop", "self", "cycler"]
    seeds += [
        "joiner",
        "namespace",
        "lipsum",
        "range",
        "dict",
        "varargs",
        "kwargs",
        "caller",
        "price",
        "lasted",
        "undefined",
    ]
    seeds += ["(rows | select)", "(rows | map(attribute='n'))", "(1,)", "m", "rows[0]", "(rows | groupby('n') | first)"]
    steps = [
        ".__class__",
        "['__class__']",
        "|attr('__class__')",
        ".__init__.__globals__",
        ".__class__.__mro__[-1].__subclasses__()",
        "['__cl' ~ 'ass__']",
        "['\\x5f\\x5fclass\\x5f\\x5f']",
        "|map(attribute='__class__')|list",
        "|map('attr', '__class__')|list",
        "|sort(attribute='__class__')",
        "|groupby('__class__')|list",
        "|selectattr('__class__')|list",
        "|sum(attribute='__class__')",
        ".format",
        ".items()",
        ".append(1)",
        ".mro()",
        ".__getattribute__('x')",
        ".gi_frame",
        ".gi_code",
        ".cr_frame",
        ".f_globals",
        "._func",
        "._environment",
        ".environment",
        "._loop",
    ]
    macro = "{% macro m() %}{% endmacro %}"
    return [f"{macro}{{{{ {seed}{step} }}}}" for seed in seeds for step in steps]


OTHER_ESCAPES = [
    "{{ '{0.__class__}'.format(name) }}",
    "{{ '{0.__class__}' | format(name) | length | center }}",
    "{{ '%s' | format(name.__class__) }}",
    "{{ 'a'.format_map({'a': 1}) }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__.__globals__ }}",
    "{% block b %}{{ self.b() }}{{ super() }}{% endblock %}",
    "{{ [].append(1) }}",
    "{{ rows.append(1) }}",
    "{{ rows.pop() }}",
    "{{ rows[0].update({'n': 5}) }}",
    "{% do rows.append(4) %}",
    "{{ at.strftime('%Y') }}",
    "{{ at.replace(year=1) }}",
    "{{ at.tzinfo }}",
    "{{ rate.is_integer() }}",
    "{{ price.sqrt() }}",
    "{{ name.upper() }}",
    "{{ name.join(rows) }}",
    "{% include '/etc/passwd' %}",
    "{% import '/etc/passwd' as x %}",
    "{% from '/etc/passwd' import x %}",
    "{% extends '/etc/passwd' %}",
    "{% for x in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "{% for x in rows %}{{ loop.cycle(1, 2) }}{% endfor %}",
    "{% for x in rows %}{{ loop.changed(1) }}{% endfor %}",
    "{% for x in rows %}{{ loop._iterator }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{{ varargs.__class__ }}{% endmacro %}{{ m(1) }}",
    "{% macro m() %}{% endmacro %}{{ m.name }}",
    "{% macro m() %}{% endmacro %}{{ m }}",
    "{% set x = namespace(a=1) %}",
    "{% with a = name.__class__ %}{{ a }}{% endwith %}",
    "{{ rows | random }}",
    "{{ rows | pprint }}",
    "{{ rows | attr('x') }}",
    "{{ name | xmlattr }}",
    "{{ range(3) | list }}",
    "{{ dict(a=1) }}",
    "{{ rows | select }}",
    "{{ (rows | batch(1)) }}",
    "{{ open('/etc/passwd') }}",
    "{{ eval('1') }}",
    "{{ __import__('os') }}",
    "{{ __builtins__ }}",
    "{{ name | map('upper') }}",
    "{{ ['__class__'] | map('attr', 'x') | list }}",
    "{{ rows | map('environment') | list }}",
    "{{ 'a' * 3 }}",
    "{{ [1] * 3 }}",
    "{{ '%s' % name }}",
    "{{ '%99d' % 1 }}",
]


@pytest.mark.parametrize("text", OTHER_ESCAPES, ids=[text[:50] for text in OTHER_ESCAPES])
def test_nothing_is_called_or_reached(text):
    """No method, no private attribute, no other file, no object of Jinja's own is within reach."""
    result = evaluate(text, DATA)
    assert result["kind"] in {"refused", "missing", "malformed"} or "No filter named" in result["text"]


@pytest.mark.slow
def test_no_step_leads_out_of_plain_data():
    """Every known first step of an escape, from everything that a template can name, is refused."""
    filled = {text: evaluate(text, DATA) for text in ESCAPES()}
    leaks = re.compile(r"class|built-in| at 0x|function|module|method|code", re.IGNORECASE)
    assert not [text for text, result in filled.items() if result["kind"] == "text" and leaks.search(result["text"])]
    assert sum(result["kind"] != "text" for result in filled.values()) > 0.8 * len(filled)


def test_the_data_stays_as_it_is():
    """A template changes nothing."""
    before = repr(DATA)
    for text in (*OTHER_ESCAPES, *RENDERED):
        evaluate(text, DATA)
    assert repr(DATA) == before


def test_only_listed_names_are_there():
    """No global is there, and each filter is one of the list."""
    environment = FileEnvironment()
    assert not environment.globals
    assert "attr" not in environment.filters
    assert "map" in environment.filters


def test_failures_name_their_line():
    """A failing filter, a division by zero and a malformed template name their line."""
    assert evaluate("\n\n{{ 1 / 0 }}", DATA)["line"] == 3
    assert evaluate("\n{{ name | round }}", DATA)["line"] == 2
    assert evaluate("\n{% if %}", DATA)["line"] == 2
    assert evaluate("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", DATA)["kind"] == "failed"


def test_two_million_characters_are_too_much():
    """A text that grows without end is stopped."""
    assert evaluate("{% for a in rows %}" * 21 + "aa" + "{% endfor %}" * 21, DATA)["kind"] in {"too much", "failed"}
    assert (
        evaluate(f"{{% set a = '{'a' * 1000}' %}}" + "{% set a = a ~ a %}" * 11 + "{{ a }}", DATA)["kind"] == "too much"
    )


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", " ", "rows", "name", "|", ".", "(", ")", "[", "]", "'", "__class__", "if", "for", "in",
     "endif", "endfor", "set", "=", "attr", "map", "\n", "-", ",", "macro", "call", "block", "~", "loop", "self"]
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES, max_size=14).map("".join) | st.text(string.printable)
)
def test_whatever_is_written_has_a_result(text):
    """Whatever is written comes out as text or as one of the named errors, and shows no object's address."""
    result = evaluate(text, DATA)
    assert result["kind"] in {"text", "malformed", "missing", "refused", "too much", "failed"}
    assert " object at 0x" not in result["text"] or " object at 0x" in text
