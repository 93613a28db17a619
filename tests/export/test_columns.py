"""Columns of files that were written earlier, and of today."""

from __future__ import annotations

import pytest

from incidentio_magic.export.columns import NUMBER, TEXT, Column, joined

ID = Column("id", TEXT)
TEAM = Column("field.Team", TEXT, "F1")


@pytest.mark.parametrize(
    ("new", "columns", "renamed", "today"),
    [
        (TEAM, [ID, TEAM], {}, {}),
        (Column("field.Squad", TEXT, "F1"), [ID, Column("field.Squad", TEXT, "F1")], {"field.Team": "field.Squad"}, {}),
        (
            Column("field.Team", NUMBER, "F1"),
            [ID, TEAM, Column("field.Team (number)", NUMBER, "F1")],
            {},
            {"field.Team": "field.Team (number)"},
        ),
        (
            Column("field.Team", TEXT, "F2"),
            [ID, TEAM, Column("field.Team (text)", TEXT, "F2")],
            {},
            {"field.Team": "field.Team (text)"},
        ),
        (Column("role.Team", TEXT, "F1"), [ID, TEAM, Column("role.Team", TEXT, "F1")], {}, {}),
    ],
    ids=["unchanged", "renamed", "other kind", "made again", "other sort"],
)
def test_one_column_of_today(new, columns, renamed, today):
    """A column is the same if its source and type are; another one gets a column of its own, and nothing is lost."""
    assert joined([ID, TEAM], [ID, new]) == (columns, renamed, today)
    again = joined(columns, [ID, new])
    assert (again.columns, again.renamed, again.today) == (columns, {}, today)


def test_two_swap_their_names():
    """Two fields that swapped their names keep their values."""
    other = Column("field.Squad", TEXT, "F2")
    new = [Column("field.Squad", TEXT, "F1"), Column("field.Team", TEXT, "F2")]
    found = joined([TEAM, other], new)
    assert found.columns == new
    assert found.renamed == {"field.Team": "field.Squad", "field.Squad": "field.Team"}
    assert found.today == {}


def test_what_was_removed_stays():
    """A column whose field is gone stays as it is."""
    assert joined([ID, TEAM], [ID]).columns == [ID, TEAM]


def test_a_column_without_a_source_gets_one():
    """Columns that an earlier version wrote without a source are known by their name and type."""
    found = joined([Column("lasted_seconds.To fix", "Int64")], [Column("lasted_seconds.To fix", "Int64", "D1")])
    assert found.columns == [Column("lasted_seconds.To fix", "Int64", "D1")]
