"""The two file formats, Parquet and CSV; dataset readers understand both."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import pandas as pd

from incidentio_magic.errors import ExportFailed, InputError, SettingsError
from incidentio_magic.export.columns import COUNT, FLAG, NUMBER, TEXT, TIME
from incidentio_magic.export.folder import file_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from incidentio_magic.export.columns import Column

# A spreadsheet reads a cell that begins like this as a formula; ' is escaped too, so that the escape can be undone.
_GUARDED: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
_GUARD: Final = "'"


class Format(Protocol):
    """A file format."""

    name: str
    suffix: str

    def write(self, stream: IO[bytes], rows: pd.DataFrame, columns: Sequence[Column]) -> None:
        """Write rows that have these columns."""

    def read(self, path: Path, columns: Sequence[Column], only: Sequence[str] = ()) -> pd.DataFrame:
        """Return a file's rows, all of its columns or only some."""

    def header(self, path: Path) -> list[str]:
        """Return the names of a file's columns."""


class Parquet:
    """Parquet files. Needs the extra `parquet`.

    Raises:
        SettingsError: If it is not installed.
    """

    name = "parquet"
    suffix = ".parquet"

    def __init__(self) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415  an extra
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"Parquet files need the package {error.name}, which is not installed.",
                hint='pip install "incidentio-magic[parquet]", or choose --format csv',
            ) from None
        self._arrow: Any = pa
        self._files: Any = pq
        self._types = {
            TEXT: pa.string(),
            NUMBER: pa.float64(),
            COUNT: pa.int64(),
            FLAG: pa.bool_(),
            TIME: pa.timestamp("us", tz="UTC"),
        }

    def write(self, stream: IO[bytes], rows: pd.DataFrame, columns: Sequence[Column]) -> None:
        """Write rows that have these columns; the schema is the same for every file."""
        schema = self._arrow.schema([(column.name, self._types[column.dtype]) for column in columns])
        table = self._arrow.Table.from_pandas(rows, schema=schema, preserve_index=False)
        self._files.write_table(table.replace_schema_metadata(None), stream, compression="zstd")

    def read(self, path: Path, columns: Sequence[Column], only: Sequence[str] = ()) -> pd.DataFrame:
        """Return a file's rows, all of its columns or only some."""
        with _readable(path), path.open("rb") as stream:
            table = self._files.ParquetFile(stream).read(columns=list(only) or None)
        kinds = {column.name: column.dtype for column in columns}
        return pd.DataFrame(
            {name: pd.Series(table[name].to_pandas(), dtype=kinds[name]) for name in table.column_names}
        )

    def header(self, path: Path) -> list[str]:
        """Return the names of a file's columns."""
        with _readable(path), path.open("rb") as stream:
            return list(self._files.ParquetFile(stream).schema_arrow.names)


class Csv:
    """CSV files in UTF-8; no text in them is read as a formula by a spreadsheet."""

    name = "csv"
    suffix = ".csv"

    def write(self, stream: IO[bytes], rows: pd.DataFrame, columns: Sequence[Column]) -> None:
        """Write rows that have these columns."""
        guarded = {
            column.name: _guarded(rows[column.name])
            if column.dtype == TEXT
            else _as_text(rows[column.name], column.dtype)
            for column in columns
        }
        content = pd.DataFrame(guarded).to_csv(index=False, lineterminator="\n")
        stream.write(content.encode())

    def read(self, path: Path, columns: Sequence[Column], only: Sequence[str] = ()) -> pd.DataFrame:
        """Return a file's rows, all of its columns or only some."""
        with _readable(path):
            texts = pd.read_csv(
                path,
                dtype="string",
                keep_default_na=False,
                na_values=[""],
                usecols=list(only) or None,
                encoding="utf-8",
            )
        kinds = {column.name: column.dtype for column in columns}
        return pd.DataFrame({name: _from_text(texts[name], kinds[name]) for name in texts.columns})

    def header(self, path: Path) -> list[str]:
        """Return the names of a file's columns."""
        with _readable(path):
            return list(pd.read_csv(path, dtype="string", nrows=0, encoding="utf-8").columns)


FORMATS: Final = ("parquet", "csv")


def format_named(name: str) -> Format:
    """Return the file format called `name`.

    Raises:
        InputError: If there is no such format.
        SettingsError: If a package that it needs is not installed.
    """
    if name not in FORMATS:
        raise InputError(f"There is no format {name!r}.", hint=f"there are: {', '.join(FORMATS)}")
    return Parquet() if name == Parquet.name else Csv()


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise a damaged file as `ExportFailed`."""
    try:
        with file_errors(path):
            yield
    except (ValueError, KeyError):
        raise ExportFailed(f"{path} is damaged.", hint="export into a new folder") from None


def _guarded(texts: pd.Series[Any]) -> pd.Series[Any]:
    begins = texts.str.startswith(_GUARDED).fillna(value=False).astype(bool)
    guarded: pd.Series[Any] = texts.where(~begins, _GUARD + texts)
    return guarded


def _as_text(values: pd.Series[Any], dtype: str) -> pd.Series[Any]:
    if dtype == TIME:
        moments: pd.Series[Any] = values.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").astype(TEXT)
        return moments
    return values.astype(TEXT)


def _from_text(texts: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    if dtype == TEXT:
        return texts.str.removeprefix(_GUARD)
    if dtype == TIME:
        return pd.to_datetime(texts, utc=True, format="ISO8601").astype(TIME)
    if dtype == FLAG:
        return texts.map({"True": True, "False": False}).astype(FLAG)
    numbers: pd.Series[Any] = pd.to_numeric(texts).astype(dtype)
    return numbers
