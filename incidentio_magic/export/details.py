"""Adds the columns of exported incidents that only metrics need: a duration's status, and single values of a field."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pandas as pd

from incidentio_magic.export.columns import TEXT
from incidentio_magic.frames import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.api import models

SECONDS: Final = "lasted_seconds."
STATUS: Final = "lasted_status."
VALUES: Final = "values."
FIELD: Final = "field."
STALE: Final = " (stale value)"
_SUCCESS: Final = "success"
_SEVERAL: Final = "multi_select"


def with_details(
    rows: pd.DataFrame,
    records: Sequence[models.Incident],
    fields: Sequence[models.CustomField],
    *,
    show_private: bool,
) -> pd.DataFrame:
    """Return plain rows of incidents with these additional columns.

    Args:
        rows: The result of `plain`, one row per record.
        records: The incidents.
        fields: The organisation's custom fields.
        show_private: Whether to write the values of private incidents, or to mask them.

    Returns:
        The same rows with a column `lasted_status.NAME` for each duration, the service's status, followed by `(stale
        value)` if it still holds an old value; and `values.NAME` for each field that holds several values, as a JSON
        list.
    """
    identities: Mapping[str, str] = rows.attrs["ids"]
    held = (entry.custom_field for record in records for entry in record.custom_field_entries or ())
    several = {field.id for field in chain(fields, held) if field.field_type == _SEVERAL}
    added: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for column, identity in identities.items():
        if column.startswith(SECONDS):
            name = f"{STATUS}{column.removeprefix(SECONDS)}"
            added[name] = [_status(record, identity) for record in records]
        elif column.startswith(FIELD) and identity in several:
            name = f"{VALUES}{column.removeprefix(FIELD)}"
            added[name] = [_values(record, identity, show_private=show_private) for record in records]
        else:
            continue
        sources[name] = identity
    extra = pd.DataFrame({name: pd.array(texts, dtype=TEXT) for name, texts in added.items()}, index=rows.index)
    joined = pd.concat([rows, extra], axis="columns")
    joined.attrs["ids"] = {**identities, **sources}
    return joined


def _status(incident: models.Incident, metric: str) -> str | None:
    for measured in incident.duration_metrics or ():
        if measured.duration_metric.id == metric:
            stale = measured.value_seconds is not None and measured.status != _SUCCESS
            return f"{measured.status}{STALE}" if stale else measured.status
    return None


def _values(incident: models.Incident, field: str, *, show_private: bool) -> str | None:
    texts = [
        text for entry in incident.custom_field_entries or () if entry.custom_field.id == field for text in entry.texts
    ]
    if texts and incident.is_private and not show_private:
        texts = [MASK]
    return msgspec.json.encode(texts).decode() if texts else None
