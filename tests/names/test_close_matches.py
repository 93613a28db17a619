"""Close matches for a typo, in few names and in very many."""

from __future__ import annotations

import random

import pytest

from incidentio_magic.names import close_matches
from incidentio_magic.names.close_matches import Spellings, closest


@pytest.fixture(scope="module")
def many():
    """Forty thousand names of two words and a number."""
    draw = random.Random(1)
    first = ["".join(draw.choices("abcdefghiklmnoprstuvw", k=draw.randint(4, 9))) for _number in range(400)]
    return [f"{draw.choice(first)}-{draw.choice(first)}-{number}" for number in range(40_000)]


@pytest.fixture(scope="module")
def spellings(many):
    """Their spellings."""
    return Spellings(many)


@pytest.mark.parametrize("slip", ["swapped", "missing", "doubled", "replaced"])
def test_a_typo_in_many_names(many, spellings, slip):
    """A slip in one letter leads to the name that was meant, wherever it is in the list."""
    draw = random.Random(slip)
    for name in draw.sample(many, 20):
        place = draw.randrange(1, len(name) - 8)
        a, b = name[place], name[place + 1]
        changed = {"swapped": b + a, "missing": b, "doubled": a + a + b, "replaced": "z" + b}[slip]
        assert name in spellings.closest(name[:place] + changed + name[place + 2 :])


def test_few_names_are_compared_letter_by_letter(many, spellings, monkeypatch):
    """Of forty thousand names a typo is compared with fifty at most."""
    compared = []
    nearest = close_matches._nearest
    monkeypatch.setattr(
        close_matches,
        "_nearest",
        lambda text, names, least, most: compared.append(len(names)) or nearest(text, names, least, most),
    )
    spellings.closest("e" * 10)
    spellings.closest(many[5][:-1] + "x")
    spellings.with_word_like(many[7].split("-")[0])
    assert max(compared) <= 50


def test_nothing_similar(spellings):
    """Letters that no name has find nothing."""
    assert spellings.closest("!!!!") == []
    assert spellings.closest("") == []
    assert closest("abc", []) == []


def test_many_find_what_few_find(many):
    """The preselection does not change what is offered first."""
    some = many[:250]
    typo = some[17].replace("-", "", 1)
    assert Spellings(many).closest(typo)[0] == closest(typo, some)[0]


def test_three_are_offered_unless_more_are_asked_for():
    """Of many similar names, or names with a similar word, the nearest three are returned."""
    spellings = Spellings([f"alise {letter}" for letter in "abcdefgh"])
    for offered in (spellings.closest, spellings.with_word_like):
        assert offered("alise x") != []
        assert (len(offered("alise")), len(offered("alise", most=5))) == (3, 5)
