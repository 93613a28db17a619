"""The outcome of a write; it displays itself in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from incidentio_magic.printable import one_line, printable

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.writes.drafts import Row


@dataclass(frozen=True, repr=False)
class Outcome:
    """The outcome of a write.

    Args:
        outcome: `sent`, or `not sent` for a replay, an unnecessary change or a dry run.
        sentence: What happened, in a sentence.
        reference: The incident's reference, if there is one yet.
        permalink: The incident's page.
        key: The idempotency key.
        request_id: The service's ID of the request.
        rows: For a dry run, the rows of the preview.
        record: The record that the service returned; not displayed.
        banner: A line above the rest that says this is training; empty outside training mode.
        option_hint: What an option of the cell would do; not shown in forms, which have no options.
        verb: The kind of write: declare, update, event, page, edit or import.
        at: When the service created it; None if it created nothing.
        status: The incident's status afterwards.
        severity: The incident's severity afterwards.
        message: The update's text; the name of a declaration; the title of an event, page or document.
        id: The ID of the created or changed record.
    """

    outcome: str
    sentence: str
    reference: str = ""
    permalink: str = ""
    key: str = ""
    request_id: str = ""
    rows: tuple[Row, ...] = ()
    record: Any = field(default=None, compare=False)
    banner: str = ""
    option_hint: str = ""
    verb: str = ""
    at: datetime | None = None
    status: str = ""
    severity: str = ""
    message: str = ""
    id: str = ""

    @property
    def sent(self) -> bool:
        """Whether something new was written."""
        return self.outcome == "sent"

    @property
    def is_preview(self) -> bool:
        """Whether this is the outcome of a dry run."""
        return bool(self.rows)

    def to_frame(self, *, timezone: str = "UTC") -> pd.DataFrame:
        """Return the receipt as a DataFrame with one row; for a dry run, one row per property.

        Args:
            timezone: The time zone of `at`, a time-zone-aware column.
        """
        from incidentio_magic.writes.receipt import frame  # noqa: PLC0415  loads pandas

        return frame(self, timezone=timezone)

    def __repr__(self) -> str:
        lines = [self.banner] if self.banner else []
        lines.append(self._line())
        if self.rows:
            width = max(len(name) for name, _shown, _id in self.rows)
            for name, shown, identity in self.rows:
                text = printable(shown).replace("\n", "\n" + " " * (width + 4))
                lines.append(f"  {name:<{width}}  {text}" + (f"  ({identity})" if identity else ""))
        if self.permalink:
            lines.append(printable(self.permalink))
        return "\n".join(lines)

    def _line(self) -> str:
        """Return the sentence, and what an option would do."""
        sentence = f"{self.sentence.removesuffix('.')}; {self.option_hint}." if self.option_hint else self.sentence
        return one_line(sentence, limit=500)

    def _repr_html_(self) -> str:
        mark = "✓" if self.sent else "○"
        html = banner_html(self.banner) if self.banner else ""
        html += f"<div>{mark} {escape(self._line())}"
        if self.permalink.startswith("https://"):
            html += f' <a href="{escape(self.permalink)}" target="_blank" rel="noopener">open ↗</a>'
        html += "</div>"
        if self.rows:
            cells = "".join(
                f'<tr><th style="text-align:left;vertical-align:top">{escape(printable(name))}</th>'
                f'<td style="text-align:left;white-space:pre-wrap">{escape(printable(shown))}</td>'
                f'<td style="text-align:left">{_code(identity)}</td></tr>'
                for name, shown, identity in self.rows
            )
            html += f"<table>{cells}</table>"
        return html


def banner_html(text: str) -> str:
    """Return a line that stands out on light and dark pages, for display above other output."""
    style = "display:inline-block;padding:1px 8px;margin:0 0 4px;border-radius:3px;background:#ffd66b;color:#3b2a00"
    return f'<div><span style="{style};font-weight:600">{escape(text)}</span></div>'


def _code(text: str) -> str:
    return f"<code>{escape(printable(text))}</code>" if text else ""
