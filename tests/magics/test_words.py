"""A line's words: as they are typed, and as a chat, an office program and Windows make them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.errors import InputError
from incidentio_magic.magics._words import read

LINES = {
    "": [],
    "  list   --limit 3 ": ["list", "--limit", "3"],
    "edit INC-1 --name \"DB 'outage' again\"": ["edit", "INC-1", "--name", "DB 'outage' again"],
    '--name \'a "b" c\' --x="d e"': ["--name", 'a "b" c', "--x=d e"],
    '--name "say \\"hi\\" now"': ["--name", 'say "hi" now'],
    "don\\'t --a\\ b": ["don't", "--a b"],
    'a"b c"d': ["ab cd"],
    "--role lead=O'Brien --search don't": ["--role", "lead=O'Brien", "--search", "don't"],
    '--role "lead=Siobhan O\'Brien"': ["--role", "lead=Siobhan O'Brien"],
    # comments
    "list --limit 2  # newest two": ["list", "--limit", "2"],
    "# what is open": [],
    "list #newest": ["list"],
    "show #inc-293-accounts  # by channel": ["show", "#inc-293-accounts"],
    "show #293": ["show", "#293"],
    '--name "a # b" #': ["--name", "a # b"],
    "--name a#b": ["--name", "a#b"],
    # semicolons
    "list --severity Major;": ["list", "--severity", "Major"],
    "list ;": ["list"],
    "list; # quiet": ["list"],
    '--name "a;"': ["--name", "a;"],
    "a;b c; d": ["a;b", "c;", "d"],
    # from a chat
    "--type “Customer request”": ["--type", "Customer request"],
    "--type „Customer request“ --name «a b»": ["--type", "Customer request", "--name", "a b"],
    "--name ‘a b’ --severity=“>=Major”": ["--name", "a b", "--severity=>=Major"],
    '--name "it’s “here”"': ["--name", "it’s “here”"],
    "--name it’s": ["--name", "it’s"],
    "list —severity Major –limit 1 –h": ["list", "--severity", "Major", "--limit", "1", "-h"],
    "--business-hours Mon–Fri — -x": ["--business-hours", "Mon–Fri", "—", "-x"],
    "list\u00a0--severity\u202fMajor\u2003--limit\u30001\u200b": ["list", "--severity", "Major", "--limit", "1"],
    '--name "a\u00a0b"': ["--name", "a\u00a0b"],
    "show <https://app.incident.io/x/incidents/291|INC-291>": ["show", "INC-291"],
    "show <https://app.incident.io/x/incidents/291>": ["show", "https://app.incident.io/x/incidents/291"],
    "show <https://app.incident.io/x/incidents/291|Checkout is down> x": [
        "show",
        "https://app.incident.io/x/incidents/291",
        "x",
    ],
    "--to <mailto:alice@example.com|alice@example.com>": ["--to", "alice@example.com"],
    "--severity >=Major --x <3": ["--severity", ">=Major", "--x", "<3"],
    # paths of Windows
    "export out\\june": ["export", "out\\june"],
    "export C:\\Users\\me\\new": ["export", "C:\\Users\\me\\new"],
    'export "C:\\Users\\my files\\new"': ["export", "C:\\Users\\my files\\new"],
    'export "C:\\my files\\"': ["export", "C:\\my files\\"],
    "export \\\\server\\share": ["export", "\\\\server\\share"],
    # templates
    "{{ a b }} x{{ 'c d' }}y": ["<{{ a b }}>", "<x{{ 'c d' }}y>"],
    '--name "{{ "a" }} b"': ["--name", '<{{ "a" }} b>'],
    "{{ a }}; # b": ["<{{ a }}>"],
    "{{ '#' }} {% if x %}#{% endif %}": ["<{{ '#' }}>", "<{% if x %}#{% endif %}>"],
}


@pytest.mark.parametrize(("line", "words"), LINES.items(), ids=map(repr, LINES))
def test_words(line, words):
    """A line means what a person meant by it; only words with a template are computed."""
    assert read(line, lambda word: f"<{word}>").words == words


@pytest.mark.parametrize(
    ("line", "is_quiet"),
    [
        ("list;", True),
        ("list ; ", True),
        ("list; # quiet", True),
        ("list", False),
        ('--name "a;"', False),
        ("list # a;", False),
        ("a; b", False),
        (";", True),
    ],
)
def test_a_semicolon_keeps_quiet(line, is_quiet):
    """Only a semicolon at the end, outside quotes and comments, keeps the cell quiet."""
    assert read(line, str).is_quiet is is_quiet


@pytest.mark.parametrize(
    "line", ['--name "a', "--name 'a", "--name “a", "--name ‘a b", "--name 'the user's'", "--name 'O'Brien'"]
)
def test_an_open_quote_is_named(line):
    """A quote that is not closed is named as it stands there."""
    with pytest.raises(InputError, match=f"words: {line[7]} is not closed"):
        read(line, str)


def test_a_value_cannot_become_an_option():
    """Words are rendered after splitting: a value with spaces stays one word."""
    assert read("--name {{ a }}", lambda _word: "x --all").words == ["--name", "x --all"]


@given(st.text(st.sampled_from("ab -#;\"'“”‘’«»—–\\{}%<>|\u00a0\u200b=1\n")))
def test_any_line_has_words_or_an_error(line):
    """Whatever is typed: words without spaces around them, or an error."""
    try:
        words = read(line, str).words
    except InputError:
        return
    assert all(isinstance(word, str) for word in words)
