"""How this project's frames are shown: to be read, in a terminal and in a notebook. The data stays as it is."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.printable import printable

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

_MADE_BY: Final = "incidentio_magic"
_KERNEL_WIDTH: Final = 100  # a kernel has no terminal
_MOST_ROWS: Final = 60
_WIDTHS: Final = (80, 60, 40, 30, 24)  # of a cell in a terminal, tried until all columns fit
_READABLE: Final = 40
_GAP: Final = "  "
_FRAMES: Final = ("pandas.DataFrame", "pandas.core.frame.DataFrame")  # where it says it is, by version
_CELL: Final = "text-align:left;vertical-align:top"
_WHOLE: Final = ";white-space:nowrap"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


class Tables:
    """Shows this project's frames; all others stay as they are.

    Args:
        shell: The shell whose display is taught.
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
        if not _is_ours(frame):
            printer.text(repr(frame))
            return
        width = _KERNEL_WIDTH if self._in_kernel else shutil.get_terminal_size((_KERNEL_WIDTH, 24)).columns
        printer.text(as_text(frame, width))

    def _show_html(self, frame: pd.DataFrame) -> str | None:
        if not _is_ours(frame):
            usual: Any = frame
            html: str | None = usual._repr_html_()
            return html
        return as_html(frame)


def _is_ours(frame: pd.DataFrame) -> bool:
    """Return whether a frame is one of ours as it was made; what was computed from one may need its row labels."""
    if frame.attrs.get("made_by") != _MADE_BY or not all(isinstance(name, str) for name in frame.columns):
        return False
    return frame.index.name is not None or type(frame.index).__name__ == "RangeIndex" or frame.index.dtype.kind == "i"


def as_text(frame: pd.DataFrame, width: int) -> str:
    """Return `frame` as text of at most `width` characters a line; a last line names the columns that do not fit.

    Args:
        frame: Any frame.
        width: The terminal's width in characters.
    """
    banner = [str(frame.attrs["banner"])] if frame.attrs.get("banner") else []
    if frame.empty:
        return "\n".join([*banner, "(no rows)"])
    columns = _cells(frame, left_out=())
    for widest in _WIDTHS:
        cut = [[_cut(cell, widest) for cell in cells] for cells in columns]
        if sum(max(map(len, cells)) + len(_GAP) for cells in cut) - len(_GAP) <= width:
            break
    else:
        cut = [[_cut(cell, _READABLE) for cell in cells] for cells in columns]
    kept: list[list[str]] = []
    used = -len(_GAP)
    for cells in cut:
        needed = max(map(len, cells))
        if kept and used + len(_GAP) + needed > width:
            break
        used += len(_GAP) + needed
        kept.append([cell.ljust(needed) for cell in cells])
    lines = [_GAP.join(row).rstrip() for row in zip(*kept, strict=True)]
    if left := [*(cells[0] for cells in columns[len(kept) :]), *_set_aside(frame)]:
        lines.append(f"(+ {', '.join(left)})")
    return "\n".join([*banner, *lines, *_more(frame)])


def as_html(frame: pd.DataFrame) -> str:
    """Return `frame` as an HTML table: text on the left, references as links, everything escaped.

    Args:
        frame: Any frame.
    """
    from html import escape  # noqa: PLC0415  both load on first use

    from incidentio_magic.writes.outcome import banner_html  # noqa: PLC0415

    banner = banner_html(str(frame.attrs["banner"])) if frame.attrs.get("banner") else ""
    if frame.empty:
        return f"{banner}<div>(no rows)</div>"
    links = (
        [str(link) if str(link).startswith("https://") else "" for link in frame["permalink"].iloc[:_MOST_ROWS]]
        if {"reference", "permalink"} <= set(frame.columns)
        else []
    )
    columns = _cells(frame, left_out=("permalink",) if links else ())
    head = "".join(f'<th style="{_CELL}">{escape(cells[0])}</th>' for cells in columns)
    body = []
    for number, row in enumerate(zip(*(cells[1:] for cells in columns), strict=True)):
        html = []
        for cells, text in zip(columns, row, strict=True):
            shown = escape(text).replace("\n", "<br>")
            if links and links[number] and cells[0] == "reference":
                shown = f'<a href="{escape(links[number])}" target="_blank" rel="noopener">{shown}</a>'
            elif text.startswith("https://") and not any(character.isspace() for character in text):
                shown = f'<a href="{escape(text)}" target="_blank" rel="noopener">{shown}</a>'
            html.append(f'<td style="{_CELL}{_WHOLE if _TIME.match(text) else ""}">{shown}</td>')
        body.append(f"<tr>{''.join(html)}</tr>")
    aside = _set_aside(frame)
    lines = [*_more(frame), *([f"(+ {', '.join(aside)})"] if aside else [])]
    more = "".join(f"<div>{escape(line)}</div>" for line in lines)
    return f"{banner}<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{more}"


def _cells(frame: pd.DataFrame, left_out: tuple[str, ...]) -> list[list[str]]:
    """Return the columns as texts, each with its name first; a named index is a column too."""
    shown = frame.iloc[:_MOST_ROWS]
    if _set_aside(frame):
        shown = shown[frame.attrs["shown"]["columns"]]
    shown = shown if frame.index.name is None else shown.reset_index()
    columns = []
    for position, name in enumerate(map(str, shown.columns)):
        if name in left_out:
            continue
        values = shown.iloc[:, position]
        zone = getattr(values.dtype, "tz", None)
        title = printable(name if zone is None else f"{name} ({zone})")
        if name == "elapsed":
            columns.append([title, *map(_offset, values)])
            continue
        columns.append([title, *(_text(value, seconds=name == "at", zoned=zone is None) for value in values)])
    return columns


def _set_aside(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a wide frame that are not shown, as its maker proposed; a narrower frame is shown whole."""
    proposed = frame.attrs.get("shown", {})
    if len(frame.columns) != proposed.get("of"):
        return []
    return [str(name) for name in frame.columns if name not in proposed["columns"]]


def _offset(value: Any) -> str:
    """Return a time span as hours, minutes and seconds before (-) or after (+) something."""
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    if pd.isna(value):
        return ""
    seconds = round(abs(value.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{'-' if value.total_seconds() < 0 else '+'}{hours}:{minutes:02}:{seconds % 60:02}"


def _more(frame: pd.DataFrame) -> list[str]:
    return [f"… and {len(frame) - _MOST_ROWS} more rows"] if len(frame) > _MOST_ROWS else []


def _text(value: Any, *, seconds: bool, zoned: bool) -> str:
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        shown = f"{value:%Y-%m-%d %H:%M:%S}" if seconds else f"{value:%Y-%m-%d %H:%M}"
        return f"{shown} {value:%Z}".rstrip() if zoned else shown
    return printable(str(value))


def _cut(text: str, widest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= widest else text[: widest - 1] + "…"
