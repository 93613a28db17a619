"""Several names in one text, and names that hold a comma or an equals sign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.errors import InputError
from incidentio_magic.names.lists import known_by, pairs, separated, split_names

KNOWN = {"EU, west", "US", "A", "B", "A,B", "plain"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        (" , ", []),
        ("US", ["US"]),
        ("US, plain", ["US", "plain"]),
        ("EU, west", ["EU, west"]),
        ("EU, west,US", ["EU, west", "US"]),
        ("US,EU, west", ["US", "EU, west"]),
        ('"EU, west",US', ["EU, west", "US"]),
        ("“EU, west” , US", ["EU, west", "US"]),
        ("'A,B',A", ["A,B", "A"]),
        ('5" disk,US', ['5" disk', "US"]),
        ('"open,US', ['"open', "US"]),
        (["EU, west", "US"], ["EU, west", "US"]),
        ("EU, west,nothing", ["EU, west", "nothing"]),
        ("nothing,EU, west,", ["nothing", "EU, west"]),
    ],
)
def test_names_with_commas(text, names):
    """A known name is kept whole whatever it holds, and a name in quotes always is."""
    assert split_names(text, KNOWN.__contains__) == names


@pytest.mark.parametrize("name", ['"The big one"', "'quoted'", "“Red”"])
def test_quotes_that_are_part_of_a_name(name):
    """A known name is taken first, even if it looks like a name in quotes."""
    assert split_names(f" {name} ", {name, "US"}.__contains__) == [name]
    assert split_names(name, KNOWN.__contains__) == [name[1:-1]]


def test_commas_that_can_be_read_in_two_ways():
    """Where both readings exist nothing is guessed, and the hint shows what decides."""
    with pytest.raises(InputError, match="are ambiguous") as caught:
        split_names("A,B", KNOWN.__contains__)
    offered = caught.value.hint.partition(": ")[2].split(" or ")
    assert [split_names(offer.strip("'"), KNOWN.__contains__) for offer in offered] == [["A", "B"], ["A,B"]]


def test_without_known_names_each_comma_separates():
    """Where nothing says which names exist, only quotes keep a comma."""
    assert split_names("a, b,,c") == ["a", "b", "c"]
    assert split_names('"a, b",c') == ["a, b", "c"]


@given(st.lists(st.sampled_from(sorted(KNOWN)), min_size=1, max_size=5))
def test_quoted_names_come_back(names):
    """Names that are each in quotes are read as they were."""
    assert split_names(",".join(f'"{name}"' for name in names), KNOWN.__contains__) == names


@given(st.text(alphabet="ab,\"' =", max_size=20))
def test_nothing_is_lost(text):
    """Without known names and quotes, the names are what stands between the commas."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not {'"', "'"} & set(text):
        assert split_names(text, lambda _name: False) == parts


FIELDS = {"Cost", "Cost = impact", "Team", "a=b"}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Team=Red", "Team", "Red"),
        ("a=b=c", "a=b", "c"),
        ("Team=a=b", "Team", "a=b"),
        ("Team=https://example.com/?q=1&r=2", "Team", "https://example.com/?q=1&r=2"),
        ('"Cost"=impact=high', "Cost", "impact=high"),
        ('"Cost = impact"=high', "Cost = impact", "high"),
        ("“Cost = impact” = high", "Cost = impact", "high"),
        ('"a"=b=c', "a", "b=c"),
        ("unknown=a=b", "unknown", "a=b"),
    ],
)
def test_names_with_equals_signs(text, name, value):
    """The name that exists ends the name, and quotes end it in any case."""
    assert separated(pairs([text], "field", equals="known"), FIELDS.__contains__, "field") == [(name, value)]


def test_an_equals_sign_that_can_end_two_names():
    """Where two names fit nothing is guessed, and the hint works when it is typed."""
    with pytest.raises(InputError, match="The name of the field is ambiguous in") as caught:
        separated(pairs(["Cost = impact=high"], "field", equals="known"), FIELDS.__contains__, "field")
    typed = caught.value.hint.partition(": ")[2].strip("'")
    assert separated(pairs([typed], "field", equals="known"), FIELDS.__contains__, "field") == [
        ("Cost = impact", "high")
    ]


def test_several_texts_with_the_same_first_word():
    """Two names that begin alike are two names."""
    texts = ["Cost = impact=high", "Cost = scope=low"]
    known = {"Cost = impact", "Cost = scope"}
    assert separated(pairs(texts, "field", equals="known"), known.__contains__, "field") == [
        ("Cost = impact", "high"),
        ("Cost = scope", "low"),
    ]


def test_the_last_sign_ends_a_severity():
    """Where the value cannot hold an equals sign, the last one ends the name."""
    assert pairs(["Sev = 1=4h"], "severity", equals="last") == {"Sev = 1": "4h"}


def test_knowing_is_resolving():
    """A name is known if it resolves, also if it resolves to too many."""
    from incidentio_magic import errors

    def resolve(name):
        if name == "twice":
            raise errors.AmbiguousName("twice")
        if name != "there":
            raise errors.UnknownName("no")

    assert [known_by(resolve)(name) for name in ("there", "twice", "gone")] == [True, True, False]
