"""Prepares a frame for an Excel sheet, which knows neither time zones nor durations."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST: Final = 32_767  # characters in a cell
_CUT: Final = " … (cut: a cell of Excel holds 32,767 characters)"


def for_excel(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of `frame` that Excel can hold: `for_excel(frame).to_excel("incidents.xlsx")`.

    Times lose their zone, which moves to the column's title: `at` becomes `at (UTC)`. Durations become minutes:
    `elapsed` becomes `elapsed (min)`. A text or title that begins with `=` gets an apostrophe in front, so that Excel
    does not read it as a formula. Characters that Excel refuses are left out. A text that is too long for a cell is
    cut, and says so.

    Args:
        frame: Any frame, from this package or your own; it is not changed.
    """
    names = [_title(_cell(str(name)), frame.iloc[:, place].dtype) for place, name in enumerate(frame.columns)]
    columns = [_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    sheet = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=frame.index)
    index = frame.index
    if not isinstance(index, (pd.RangeIndex, pd.MultiIndex)):
        index = pd.Index(_column(index.to_series()).array, name=index.name)
    return sheet.set_axis(names, axis=1).set_axis(index, axis=0)


def _title(name: str, dtype: Any) -> str:
    if isinstance(dtype, pd.DatetimeTZDtype):
        return f"{name} ({dtype.tz})"
    return f"{name} (min)" if pd.api.types.is_timedelta64_dtype(dtype) else name


def _column(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        local: pd.Series[Any] = column.dt.tz_localize(None)
        return local
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        seconds: pd.Series[Any] = column.dt.total_seconds()
        return seconds / 60
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_dtype(column.dtype):
        return column
    return column.astype(object).map(_cell)


def _cell(value: Any) -> Any:
    """Return one value of a column of texts or of mixed values."""
    if isinstance(value, (bool, int, float)) or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return value
    text = f"{value:%Y-%m-%d %H:%M:%S %Z}".strip() if isinstance(value, pd.Timestamp) else str(value)
    text = _ILLEGAL.sub("", text)
    if text.startswith("="):
        text = f"'{text}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(_CUT)] + _CUT
