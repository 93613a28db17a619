"""Stores rows in part files by month: each row once, merged by ID, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.export.columns import Column, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from incidentio_magic.export.folder import Folder
    from incidentio_magic.export.formats import Format

PART_ROWS: Final = 5000


@dataclass
class Tally:
    """A run's changes to one dataset; a row counts once, even if it was read several times."""

    added: int = 0
    replaced: int = 0
    removed: int = 0


class Dataset:
    """Rows of a kind in a folder; a row's month is that of its `created_at` in UTC, which never changes.

    Merging the same rows again changes nothing, so interrupted work is simply repeated.

    Args:
        name: The dataset's folder.
        folder: The export's folder.
        files: The file format.
        columns: The columns of its files.
        part_rows: The maximum number of rows of a file.
    """

    def __init__(
        self,
        name: str,
        folder: Folder,
        files: Format,
        columns: Sequence[Column],
        part_rows: int = PART_ROWS,
    ) -> None:
        self.name = name
        self.columns = list(columns)
        self._folder = folder
        self._files = files
        self._part_rows = part_rows
        self._month = ""
        self._where: dict[str, Path] = {}  # for the current month: which file has which row
        self._sizes: dict[Path, int] = {}

    def merge(self, rows: pd.DataFrame) -> tuple[list[str], list[str]]:
        """Insert rows, replacing those with the same ID; return the IDs of the new rows and of those that differed.

        Args:
            rows: The rows; if several have the same ID, the last one counts.
        """
        rows = fitted(rows, self.columns).drop_duplicates("id", keep="last")
        added: list[str] = []
        replaced: list[str] = []
        months = rows["created_at"].dt.strftime("%Y-%m")
        for month, group in rows.groupby(months, sort=True):
            self._open(str(month))
            known = group["id"].isin(self._where)
            replaced += self._replace(group[known])
            added += list(group.loc[~known, "id"])
            self._append(group[~known])
        return added, replaced

    def remove(self, identities: Collection[str], by: str = "id") -> list[str]:
        """Remove rows, and return their IDs.

        Args:
            identities: The IDs.
            by: The column that holds these IDs.
        """
        removed: list[str] = []
        for path in self._every_part() if identities else ():
            going = self._files.read(path, self.columns, ["id", by] if by != "id" else ["id"])
            going = going[going[by].isin(identities)]
            if len(going):
                removed += list(going["id"])
                self._rewrite(path, lambda rows, going=going: rows[~rows["id"].isin(going["id"])])  # type: ignore[misc]
        self._month = ""
        return removed

    def scan(self, *columns: str) -> Iterator[pd.DataFrame]:
        """Yield some columns of all rows, file by file."""
        for path in self._every_part():
            yield self._files.read(path, self.columns, columns)

    def widen(self, wanted: list[Column], renamed: Mapping[str, str]) -> None:
        """Give every file these columns.

        A file is rewritten only if its header is old, so an interrupted change is simply repeated.

        Args:
            wanted: The columns.
            renamed: The new names of columns that were renamed.
        """
        kinds = [*wanted, *(column for column in self.columns if column.name in renamed)]
        header = [column.name for column in wanted]
        for path in self._every_part():
            if self._files.header(path) != header:
                rows = self._files.read(path, kinds).rename(columns=dict(renamed))
                self._folder.write(path, partial(self._files.write, rows=fitted(rows, wanted), columns=wanted))
        self.columns = wanted

    def count(self) -> tuple[int, int]:
        """Return how many rows and files there are."""
        sizes = [len(part) for part in self.scan("id")]
        return sum(sizes), len(sizes)

    def _every_part(self) -> Iterator[Path]:
        for month in self._folder.months(self.name):
            yield from self._folder.parts(self.name, month)

    def _open(self, month: str) -> None:
        if month == self._month:
            return
        self._where = {}
        self._sizes = {}
        for path in self._folder.parts(self.name, month):
            identities = self._files.read(path, self.columns, ["id"])["id"]
            self._where |= dict.fromkeys(identities, path)
            self._sizes[path] = len(identities)
        self._month = month

    def _replace(self, rows: pd.DataFrame) -> list[str]:
        """Replace rows with the same ID if they differ, and return the IDs of the replaced rows."""
        replaced: list[str] = []
        for path, read in rows.groupby(rows["id"].map(self._where)):
            old = self._files.read(path, self.columns)
            changed = read[~_same(read, old)]
            if len(changed):
                self._write(path, _together(old[~old["id"].isin(changed["id"])], changed))
                replaced += list(changed["id"])
        return replaced

    def _append(self, rows: pd.DataFrame) -> None:
        last = max(self._sizes, default=None)
        while len(rows):
            room = self._part_rows - self._sizes[last] if last is not None else 0
            if last is not None and room > 0:
                some, rows = rows.iloc[:room], rows.iloc[room:]
                self._rewrite(last, lambda old, some=some: _together(old, some))  # type: ignore[misc]
            else:
                last = self._folder.new_part(self.name, self._month)
                some, rows = rows.iloc[: self._part_rows], rows.iloc[self._part_rows :]
                self._write(last, some)
            self._where |= dict.fromkeys(some["id"], last)

    def _rewrite(self, path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        rows = change(self._files.read(path, self.columns))
        if len(rows):
            self._write(path, rows)
        else:
            self._folder.remove(path)
            self._sizes.pop(path, None)

    def _write(self, path: Path, rows: pd.DataFrame) -> None:
        self._folder.write(path, partial(self._files.write, rows=rows, columns=self.columns))
        self._sizes[path] = len(rows)


def _same(rows: pd.DataFrame, old: pd.DataFrame) -> NDArray[np.bool_]:
    """Return for each row whether the old row with its ID has the same values."""
    after = rows.set_index("id")
    before = old.set_index("id").loc[after.index, after.columns]
    same = before.eq(after).fillna(value=False) | (before.isna() & after.isna())
    return same.all(axis="columns").to_numpy(dtype=bool)


def _together(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    parts = [part for part in (first, second) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else first


def identities(parts: Iterator[Any]) -> set[int]:
    """Return the IDs of a scan as compact numbers."""
    return {hash(identity) for part in parts for identity in part["id"]}
