"""Reads the datasets of an export with DuckDB: only the requested columns, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import ExportFailed, InputError, SettingsError
from incidentio_magic.export.columns import COUNT, FLAG, NUMBER, TEXT, TIME, Column
from incidentio_magic.export.folder import Folder, folder_path
from incidentio_magic.export.formats import FORMATS
from incidentio_magic.export.state import read_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from incidentio_magic.export.state import State

_AT_ONCE: Final = 2000
_CASTS: Final = {TEXT: "VARCHAR", NUMBER: "DOUBLE", COUNT: "BIGINT", FLAG: "BOOLEAN", TIME: "TIMESTAMPTZ"}


class ExportReader:
    """The datasets of an export. Needs the extra `files`.

    Args:
        path: The export's folder.

    Raises:
        InputError: If the folder holds no complete export.
        ExportFailed: If it cannot be read.
        SettingsError: If DuckDB is not installed.
    """

    def __init__(self, path: str | Path) -> None:
        try:
            import duckdb  # noqa: PLC0415  an extra
        except ModuleNotFoundError:
            raise SettingsError(
                "Reading an export needs the package duckdb, which is not installed.",
                hint='pip install "incidentio-magic[files]"',
            ) from None
        self.path = folder_path(path)
        self.state = self._state()
        self._errors: Any = duckdb.Error
        self._database: Any = duckdb.connect(":memory:")
        self._database.execute("SET TimeZone = 'UTC'")
        self._database.execute("SET preserve_insertion_order = false")

    def _state(self) -> State:
        state = read_state(Folder(self.path, ""))
        if state is None:
            raise InputError(f"{str(self.path)!r} holds no export.", hint=f"%incidents export {self.path} writes one")
        if not state.complete_to or not state.vocabulary:
            raise InputError(
                f"The export in {str(self.path)!r} is not complete.",
                hint=f"{state.plan.command(self.path)} completes it",
            )
        return state

    def has(self, dataset: str) -> bool:
        """Return whether the export holds a dataset that was read to its end."""
        return dataset in self.state.parts or (
            dataset == "incidents" or (dataset == "incident_updates" and self.state.plan.updates)
        )

    def rows(
        self,
        dataset: str,
        columns: Sequence[Column],
        *,
        where: str = "TRUE",
        values: Iterable[Any] = (),
        order: str = "",
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield rows, in batches.

        Args:
            dataset: The dataset's name.
            columns: Which columns; times are aware datetimes, missing values None.
            where: An SQL condition over quoted column names.
            values: The values of its parameters.
            order: The sort order, in SQL.
        """
        suffix = self.state.plan.format
        if not columns or not any((self.path / dataset).glob(f"*/part-*.{suffix}")):
            return
        selected = ", ".join(f"{self._expression(column)} AS {quoted(column.name)}" for column in columns)
        sorting = f"ORDER BY {order}" if order else ""
        query = f"SELECT * FROM (SELECT {selected} FROM {self._files(dataset)}) WHERE {where} {sorting}"  # noqa: S608  names are quoted
        try:
            found = self._database.cursor().execute(query, list(values))
            while rows := found.fetchmany(_AT_ONCE):
                yield rows
        except self._errors as error:
            reason = str(error).splitlines()[0]
            raise ExportFailed(
                f"The export in {str(self.path)!r} cannot be read: {reason}", hint="export into a new folder"
            ) from None

    def _files(self, dataset: str) -> str:
        pattern = _text(str(self.path / dataset / "*" / f"part-*.{self.state.plan.format}"))
        if self.state.plan.format == FORMATS[0]:
            return f"read_parquet({pattern}, union_by_name = true, hive_partitioning = false)"
        return (
            f"read_csv({pattern}, header = true, all_varchar = true, union_by_name = true, hive_partitioning = false, "
            "delim = ',', quote = '\"', escape = '\"', nullstr = '', parallel = false, max_line_size = 100000000)"
        )

    def _expression(self, column: Column) -> str:
        name = quoted(column.name)
        if self.state.plan.format != FORMATS[0] and column.dtype == TEXT:  # remove the escape of a formula
            return f"CASE WHEN starts_with({name}, '''') THEN substr({name}, 2) ELSE {name} END"
        return f"CAST({name} AS {_CASTS[column.dtype]})"


def quoted(name: str) -> str:
    """Return the quoted name of a column for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
