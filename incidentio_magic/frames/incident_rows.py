"""Collects the incidents of a long list as columns, so that their records need not be kept."""

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from incidentio_magic.frames.moments import microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.frames.incidents import IncidentFrames
    from incidentio_magic.frames.table import Values

_BATCH: Final = 2_000  # incidents whose records are kept until their columns are made


class IncidentRows:
    """The rows of a frame of incidents.

    Args:
        frames: Returns the frames of the organisation. It is called after the first incidents have been read, because
            it may wait for lists that are read at the same time.
        wide: Whether the frame is wide. The records of a wide frame are kept: its columns depend on all of them.
    """

    def __init__(self, frames: Callable[[], IncidentFrames], *, wide: bool = False) -> None:
        self._made_by = frames
        self._wide = wide
        self._records: list[Any] = []
        self._batches: list[list[Values]] = []
        self._declared = array("q")

    @cached_property
    def _frames(self) -> IncidentFrames:
        return self._made_by()

    def __len__(self) -> int:
        return len(self._declared)

    def add(self, incidents: Iterable[Any], declared_at: Callable[[Any], datetime]) -> None:
        """Add incidents.

        Args:
            incidents: The incidents.
            declared_at: Returns when an incident was declared.
        """
        remaining = iter(incidents)
        while batch := list(islice(remaining, _BATCH)):
            self._declared.extend(microseconds(declared_at(incident)) for incident in batch)
            self._records += batch
            if len(self._records) >= _BATCH and not self._wide:
                self._pack()

    def _pack(self) -> None:
        """Make columns of the records that are kept."""
        self._batches.append(self._frames.packed(self._frames.narrow_columns(self._records)))
        self._records = []

    def frame(self, most: int | None, *, oldest_first: bool, **names: Any) -> pd.DataFrame:
        """Return the frame, with the incidents in the order in which they were declared.

        Args:
            most: How many incidents to return, the first ones; None for all.
            oldest_first: Whether the first ones are the oldest.
            names: The other arguments of `IncidentFrames.incidents`, for a wide frame.
        """
        declared = np.array(self._declared, dtype=np.int64)
        order = np.argsort(declared if oldest_first else -declared, kind="stable")[:most]
        if not self._batches:
            return self._frames.incidents([self._records[row] for row in order], wide=self._wide, **names)
        if self._records:
            self._pack()
        return self._frames.joined(self._batches, order)
