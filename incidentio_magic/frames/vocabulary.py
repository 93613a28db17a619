"""The organisation's vocabulary as rows: each list as `names.resources` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from incidentio_magic.frames.table import TEXT, Table
from incidentio_magic.names.resources import OPTIONS
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.names.resources import Resource


class VocabularyFrames(Table):
    """The frames of an organisation's settings."""

    def vocabulary(
        self, resource: Resource, records: Sequence[Any], options: Mapping[str, Sequence[models.Named]] | None = None
    ) -> pd.DataFrame:
        """Return one of the organisation's lists as rows, with the columns and the order of its resource.

        Args:
            resource: The list.
            records: Its records.
            options: The values that each custom field offers, by field ID.
        """

        def offered(field: Any) -> str | None:
            return ", ".join(option.name for option in (options or {}).get(field.id, ())) or None

        columns = [(name, kind, offered if value is OPTIONS else value) for name, kind, value in resource.columns]
        return self.frame(columns, sorted(records, key=resource.shown) if resource.shown else records)

    def identity(self, record: models.Identity) -> pd.DataFrame:
        """Return the API key's identity: one row per property, in the column `value`."""
        rows = {
            "key": record.name,
            "organisation": record.dashboard_url,
            "may": ", ".join(record.roles),
            "teams": ", ".join(team.name for team in record.teams or ()),
        }
        index = pd.Index(list(rows), name="property", dtype=TEXT)
        frame = pd.DataFrame({"value": pd.array([printable(text) for text in rows.values()], dtype=TEXT)}, index=index)
        return self.ours(frame)
