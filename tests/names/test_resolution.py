"""Every name is resolved to exactly one record or refused, and what a hint offers resolves when it is typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic import errors
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.resolution import NameIndex, named


@dataclass(frozen=True)
class Record:
    """A person or a value, in use or not."""

    id: str
    name: str
    address: str = ""
    active: bool = True


def index(records):
    """Return the index of some records."""
    return NameIndex(records, lambda record: [record.name, record.address], active=lambda record: record.active)


LETTERS = ["a", "e\u0301", "é", "É", "ß", "SS", " ", "\u00a0", "\u200b", "x", "(", ")", "1", "-"]
NAMES = st.lists(st.sampled_from(LETTERS), max_size=5).map("".join)


@st.composite
def vocabularies(draw):
    """Draw records with duplicates, look-alike names, retired ones, and names that are another's ID."""
    count = draw(st.integers(0, 6))
    ids = [f"ID{number}" for number in range(count)]
    return [
        Record(
            identity,
            draw(NAMES | st.sampled_from([*ids, "Minor", "minor ", "Major"])),
            draw(st.sampled_from(["", "a@example.com", "A@example.com", "b@example.com"])),
            draw(st.booleans()),
        )
        for identity in ids
    ]


def typed(records):
    """Return what people may type: names as they are, in another form, with an ID, and anything else."""
    known = [text for record in records for text in (record.name, record.address, record.id) if text]
    forms = [form for text in known for form in (text, text.upper(), f"\u2003{unicodedata.normalize('NFD', text)} ")]
    return st.sampled_from(forms) | NAMES if forms else NAMES


@given(st.data())
def test_unique_or_refused(data):
    """A resolution is the only one with this ID or name, or the only active one; everything else is refused."""
    records = data.draw(vocabularies())
    text = data.draw(typed(records))
    names = index(records)
    same = [record for record in records if comparable(text) in {comparable(record.name), comparable(record.address)}]
    fitting = [record for record in same if record.active] or same
    try:
        found = names.resolve("person", text)
    except errors.AmbiguousName as error:
        offered = re.findall(r"ID\d+(?= \()", error.hint)
        resolved = {names.resolve("person", identity).id for identity in offered}
    except errors.UnknownName:
        offered = names.closest(text)
        resolved = None
        assert all(names.resolve("person", offer).active for offer in offered)
        assert text.strip() not in {record.id for record in records}
    else:
        resolved = {found.id}
        if found.id == text.strip() or f"({found.id})" in text:
            fitting = [found]
    assert resolved is None or resolved >= {record.id for record in fitting}


@given(vocabularies())
def test_whatever_is_listed_resolves(records):
    """Every name by which a list shows a record finds exactly this record."""
    names = index(records)
    for record in records:
        assert names.resolve("person", names.shown(record)) == record


def test_an_id_always_passes():
    """A record with another's ID as its name does not hide the other."""
    first, second = Record("ID1", "ID2"), Record("ID2", "Second")
    assert named("person", "ID2", [first, second], lambda record: record.name) is second
    assert index([first, second]).shown(first) == "ID2 (ID1)"
    assert index([first, second]).resolve("person", "ID2 (ID1)") is first


def test_a_name_with_the_id_of_another():
    """A name and an ID that do not belong together name nothing."""
    records = [Record("ID1", "First"), Record("ID2", "Second")]
    with pytest.raises(errors.UnknownName):
        index(records).resolve("person", "First (ID2)")


def test_many_equals():
    """Of very many records with one name a few IDs are shown, and how many more there are."""
    records = [Record(f"ID{number}", "Same") for number in range(20)]
    with pytest.raises(errors.AmbiguousName, match=r"fits 20 entries.*\n.*or 14 more"):
        index(records).resolve("person", "same")


def test_addresses_are_near_by_what_stands_before_the_at_sign():
    """All addresses of an organisation end alike, which makes none of them near another."""
    people = index([Record(f"ID{name}", name, f"{name}@example.com") for name in ("alice", "bob", "xavier")])
    assert people.closest("alise@example.com") == ["alice@example.com"]
    assert people.closest("nobody@example.com") == []


def test_many_names_are_left_to_their_list():
    """More names than a line holds are not written out where a subcommand lists them."""
    many = [Record(f"ID{number}", f"Person {number}") for number in range(30)]
    assert index(many).hint("person", "zzz") == "there are 30 of them; %incidents users lists them"
    assert index(many).hint("grouping", "zzz").startswith("there are 30 of them, such as Person 0, ")
