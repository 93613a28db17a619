"""Shows this project's frames as readable tables in a terminal and in a notebook, without changing the data.

The look is a thin layer: pandas shows a frame that was changed.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.printable import printable
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

_KERNEL_WIDTH: Final = 100  # a kernel has no terminal
_WIDTHS: Final = (80, 60, 40, 30, 24)  # of a cell in a terminal, tried until all columns fit
_READABLE: Final = 40
_GAP: Final = "  "
_FRAMES: Final = ("pandas.DataFrame", "pandas.core.frame.DataFrame")  # where it says it is, by version
_CELL: Final = "text-align:left;vertical-align:top"
_HEAD: Final = f"{_CELL};font-weight:600;white-space:nowrap;border-bottom:1px solid rgba(128,128,128,.6)"
_WHOLE: Final = ";white-space:nowrap"
_TIME: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d"
_TO_MINUTES: Final = len("2026-01-31 14:05")
_TO_SECONDS: Final = len("2026-01-31 14:05:59")
_URGENCY: Final = (  # as on the board, the colour is beside the name, so the name is readable on light and dark pages
    "border-left:4px solid var(--jp-error-color1,#d32f2f);padding-left:6px;font-weight:700",
    "border-left:4px solid var(--jp-warn-color1,#f57c00);padding-left:6px",
    "border-left:4px solid var(--jp-border-color1,#888);padding-left:6px",
)


_UNCHANGED: Final = -1
_DEFAULTS: Final = {"max_colwidth": (50,), "max_columns": (0, 20)}  # of pandas, in a terminal and in a notebook


class Tables:
    """Shows this project's frames; others are shown as usual.

    Args:
        shell: The shell whose display formatters are extended.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        display: Any = shell.display_formatter
        self._plain = display.formatters["text/plain"]
        self._html = display.formatters["text/html"]
        self._in_kernel = getattr(shell, "kernel", None) is not None

    def register(self) -> None:
        """Show this project's frames from now on."""
        for name in _FRAMES:
            self._plain.for_type(name, self._show_plain)
            self._html.for_type(name, self._show_html)

    def unregister(self) -> None:
        """Undo `register`."""
        for formatter, shows in ((self._plain, self._show_plain), (self._html, self._show_html)):
            for shown in (formatter.deferred_printers, formatter.type_printers):
                for key in [key for key, function in shown.items() if function == shows]:
                    del shown[key]

    def _show_plain(self, frame: pd.DataFrame, printer: Any, _cycle: bool) -> None:
        width = _KERNEL_WIDTH if self._in_kernel else shutil.get_terminal_size((_KERNEL_WIDTH, 24)).columns
        printer.text(_ours(frame, lambda: as_text(frame, width)) or repr(frame))

    def _show_html(self, frame: pd.DataFrame) -> str | None:
        usual: Any = frame
        if not usual._repr_html_.__module__.startswith("pandas"):
            html: str | None = usual._repr_html_()  # another extension, such as itables, already shows all frames
            return html
        return _ours(frame, lambda: as_html(frame)) or usual._repr_html_()


def _ours(frame: pd.DataFrame, show: Callable[[], str]) -> str:
    """Return a frame rendered in this project's look; None if it was changed."""
    if not _is_as_made(frame):
        return ""
    try:
        return show()
    except Exception:  # noqa: BLE001  whatever somebody put into a cell, the frame is shown, by pandas
        return ""


def _is_as_made(frame: pd.DataFrame) -> bool:
    """Return whether a frame still has its original columns and types, and rows that need no labels."""
    if "made_of" not in frame.attrs:
        return False
    from incidentio_magic.frames import signature  # noqa: PLC0415  loaded by now: there is a frame of ours

    if frame.attrs["made_of"] != signature(frame):
        return False
    return frame.index.name is not None or type(frame.index).__name__ == "RangeIndex" or frame.index.dtype.kind == "i"


def as_text(frame: pd.DataFrame, width: int) -> str:
    """Return `frame` as text of at most `width` characters a line; a last line names the columns that do not fit.

    Args:
        frame: A frame of this project.
        width: The terminal's width in characters.
    """
    banner = [str(frame.attrs["banner"])] if frame.attrs.get("banner") else []
    if frame.empty:
        return "\n".join([*banner, "(no rows)"])
    columns = _cells(frame, left_out=())
    columns = [list(map(_in_one_line, cells)) for cells in columns]
    longest = [max(map(len, cells)) for cells in columns]
    widths = _WIDTHS if (widest := _option("max_colwidth")) is _UNCHANGED else (widest or max(longest),)
    most = next(
        (most for most in widths if sum(min(most, length) + len(_GAP) for length in longest) - len(_GAP) <= width),
        _READABLE if widths is _WIDTHS else widths[0],
    )
    kept: list[list[str]] = []
    used = -len(_GAP)
    for cells, length in zip(columns, longest, strict=True):
        needed = min(most, length)
        if kept and used + len(_GAP) + needed > width:
            break
        used += len(_GAP) + needed
        kept.append([_cut(cell, most).ljust(needed) for cell in cells])
    lines = [_GAP.join(row).rstrip() for row in zip(*kept, strict=True)]
    if left := [*(cells[0] for cells in columns[len(kept) :]), *_set_aside(frame)]:
        lines.append(f"(+ {', '.join(left)})")
    return "\n".join([*banner, *lines, *_more(frame)])


def as_html(frame: pd.DataFrame) -> str:
    """Return `frame` as an HTML table: text on the left, references as links, everything escaped.

    Args:
        frame: A frame of this project.
    """
    from html import escape  # noqa: PLC0415  its table of entities takes a millisecond to load

    from incidentio_magic.writes.outcome import banner_html  # noqa: PLC0415  loads on first use

    banner = banner_html(str(frame.attrs["banner"])) if frame.attrs.get("banner") else ""
    if frame.empty:
        return f"{banner}<div>(no rows)</div>"
    shown = frame.iloc[: _option("max_rows")]
    links = (
        [str(link) if str(link).startswith("https://") else "" for link in shown["permalink"]]
        if {"reference", "permalink"} <= set(frame.columns)
        else []
    )
    urgency = _urgency(shown)
    columns = _cells(frame, left_out=("permalink",) if links else ())
    head = "".join(f'<th style="{_HEAD}">{escape(cells[0])}</th>' for cells in columns)
    widest = _option("max_colwidth")
    is_time = re.compile(_TIME).match
    body = []
    for number, row in enumerate(zip(*(cells[1:] for cells in columns), strict=True)):
        html = []
        for cells, text in zip(columns, row, strict=True):
            short = text if widest is _UNCHANGED or widest is None else _cut(_in_one_line(text), widest)
            cell = escape(short).replace("\n", "<br>")
            if links and links[number] and cells[0] == "reference":
                cell = _link(escape(links[number]), cell)
            elif text.startswith("https://") and not any(character.isspace() for character in text):
                cell = _link(escape(text), cell)
            elif cells[0] == "severity" and urgency[number]:
                cell = f'<span style="{urgency[number]}">{cell}</span>'
            html.append(f'<td style="{_CELL}{_WHOLE if is_time(text) else ""}">{cell}</td>')
        body.append(f"<tr>{''.join(html)}</tr>")
    aside = _set_aside(frame)
    lines = [*_more(frame), *([f"(+ {', '.join(aside)})"] if aside else [])]
    more = "".join(f"<div>{escape(line)}</div>" for line in lines)
    return f"{banner}<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{more}"


def _link(url: str, shown: str) -> str:
    """Return a link; both arguments are already escaped."""
    return f'<a href="{url}" target="_blank" rel="noopener">{shown}</a>'


def _urgency(frame: pd.DataFrame) -> list[str]:
    """Return the style of each row's severity, by its rank in the organisation; "" if it has none."""
    if "severity" not in frame.columns or not hasattr(frame["severity"], "cat"):
        return [""] * len(frame)
    ranked = frame["severity"].cat
    worst = len(ranked.categories) - 1
    return [_URGENCY[min(worst - place, len(_URGENCY) - 1)] if place >= 0 else "" for place in ranked.codes]


def _option(name: str) -> int | None:
    """Return pandas' display option: a number, None for no limit, or `_UNCHANGED` if the user has not set it."""
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    value: int | None = pd.get_option(f"display.{name}")
    return _UNCHANGED if value in _DEFAULTS.get(name, ()) else value


def _cells(frame: pd.DataFrame, left_out: tuple[str, ...]) -> list[list[str]]:
    """Return the columns as texts, each with its name first; a named index is a column too."""
    aside = set(_set_aside(frame))
    proposed = frame.attrs.get("shown", {}).get("columns", []) if aside else []
    order = {name: place for place, name in enumerate(proposed)}
    shown = frame.iloc[: _option("max_rows")]
    shown.attrs = {}  # pandas would copy them
    if aside:
        kept = [place for place, name in enumerate(map(str, frame.columns)) if name not in aside]
        kept.sort(key=lambda place: order.get(str(frame.columns[place]), place))
        shown = shown.iloc[:, kept]
    shown = shown if frame.index.name is None else shown.reset_index()
    columns = []
    for label, values in shown.items():
        if (name := str(label)) in left_out:
            continue
        zone = getattr(values.dtype, "tz", None)
        title = printable(name if zone is None else f"{name} ({zone})")
        columns.append([title, *_texts(values, name, zoned=zone is None)])
    return columns


def _texts(values: pd.Series[Any], name: str, *, zoned: bool) -> Iterable[str]:
    """Return the values of a column as texts.

    Args:
        values: The values.
        name: The column's name.
        zoned: Whether times name their time zone.
    """
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    if isinstance(values.dtype, pd.StringDtype):  # each value of such an array costs more than its text
        return map(printable, values.to_numpy(object, na_value=""))
    if isinstance(values.dtype, pd.CategoricalDtype):
        kinds = [*(_text(kind, seconds=False, zoned=zoned) for kind in values.cat.categories), ""]
        return [kinds[place] for place in values.cat.codes]  # -1 stands for no value
    if name == "elapsed" and values.dtype.kind == "m":
        return map(_offset, values)
    return [_text(value, seconds=name == "at", zoned=zoned) for value in values]


def _set_aside(frame: pd.DataFrame) -> list[str]:
    """Return the columns that are named below the frame instead of being shown.

    The wide frame proposes them, unless the user has set how many columns to show.
    """
    names = [str(name) for name in frame.columns]
    most = _option("max_columns")
    if most is None:
        return []
    if most is not _UNCHANGED:
        return names[most:]
    proposed = frame.attrs.get("shown", {})
    return [name for name in names if name not in proposed["columns"]] if proposed.get("of") == len(names) else []


def _offset(value: Any) -> str:
    """Return a time span as hours, minutes and seconds before (-) or after (+) something."""
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    if pd.isna(value):
        return ""
    seconds = round(abs(value.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{'-' if value.total_seconds() < 0 else '+'}{hours}:{minutes:02}:{seconds % 60:02}"


def _more(frame: pd.DataFrame) -> list[str]:
    most = _option("max_rows")
    return [f"… and {len(frame) - most} more rows"] if most is not None and len(frame) > most else []


def _text(value: Any, *, seconds: bool, zoned: bool) -> str:
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    if isinstance(value, pd.Timestamp):
        shown = value.isoformat(sep=" ")[: _TO_SECONDS if seconds else _TO_MINUTES]
        return f"{shown} {value:%Z}".rstrip() if zoned else shown
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, pd.Timedelta):
        return span_text(value)
    return printable(str(value))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else text[: widest - 1] + "…"
