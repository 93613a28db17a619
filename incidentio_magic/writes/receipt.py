"""The receipt of a write as one row of plain data: what was written, when, and the result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api.models import MASK, Incident
from incidentio_magic.printable import printable
from incidentio_magic.writes.drafts import Declaration, Edit, StateChange, Update

if TYPE_CHECKING:
    import pandas as pd

    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome

COLUMNS: Final = (
    *("outcome", "verb", "reference", "at", "status", "severity", "message", "permalink", "key", "request_id", "id"),
)
PREVIEW_COLUMNS: Final = ("property", "value", "id")


def described(outcome: Outcome, draft: Draft, *, show_private: bool) -> Outcome:
    """Return `outcome` with the details that its receipt shows.

    Args:
        outcome: The outcome of writing `draft`.
        draft: The draft that was written, or would be written.
        show_private: Whether to keep the text of a write to a private incident.
    """
    made = outcome.record
    incident = made if isinstance(made, Incident) else getattr(draft, "incident", None)
    status = getattr(made, "new_incident_status", None) or getattr(incident, "incident_status", None)
    severity = getattr(made, "new_severity", None) or getattr(incident, "severity", None)
    message = _message(draft)
    if message and _is_private(draft, incident) and not show_private:
        message = MASK
    return replace(
        outcome,
        verb=draft.verb,
        at=getattr(made, "updated_at" if isinstance(draft, Edit | StateChange) else "created_at", None),
        status=status.name if status else "",
        severity=severity.name if severity else "",
        message=message,
        id=getattr(made, "id", outcome.id),
    )


def _message(draft: Draft) -> str:
    """Return the main part of a write's text."""
    match draft:
        case Update():
            return draft.message.strip()
        case Declaration():
            return draft.name.strip()
        case Edit():
            return ""  # an edit changes properties and has no text
    return draft.title.strip()


def _is_private(draft: Draft, incident: Incident | None) -> bool:
    if isinstance(draft, Declaration):
        return draft.visibility == "private"
    return incident is not None and incident.is_private


def frame(outcome: Outcome, *, timezone: str = "UTC") -> pd.DataFrame:
    """Return the receipt of a write, or the preview of a dry run.

    Args:
        outcome: How the write ended.
        timezone: The time zone of `at`, a time-zone-aware column.

    Returns:
        One row with `COLUMNS`: `at` is a time (by the service's clock; NaT if nothing was created), all others are
        strings. For a dry run, one row per property with `PREVIEW_COLUMNS`.
    """
    import pandas as pd  # noqa: PLC0415  loads on first use

    text: Any = pd.StringDtype()
    if outcome.is_preview:
        columns = zip(*outcome.rows, strict=True) if outcome.rows else ((), (), ())
        made = pd.DataFrame(
            {
                name: pd.array([printable(value) or None for value in values], dtype=text)
                for name, values in zip(PREVIEW_COLUMNS, columns, strict=True)
            }
        )
    else:
        values = {name: pd.array([printable(getattr(outcome, name)) or None], dtype=text) for name in _TEXTS}
        moments: list[Any] = [outcome.at]
        at = pd.to_datetime(moments, utc=True).as_unit("us").tz_convert(timezone)
        made = pd.DataFrame({name: at if name == "at" else values[name] for name in COLUMNS})
    made.attrs = {"sentence": printable(outcome.sentence)}
    return made


_TEXTS: Final = tuple(name for name in COLUMNS if name != "at")
