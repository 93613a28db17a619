"""The step of an export that reads timelines: about ten requests per incident, so each batch is saved at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from incidentio_magic import errors
from incidentio_magic.export.state import FAILED
from incidentio_magic.export.timelines import TIMELINES, UNREAD, timeline_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from incidentio_magic.export.dataset import Dataset, Tally
    from incidentio_magic.export.progress import Progress
    from incidentio_magic.export.state import Gaps, Memory, State
    from incidentio_magic.export.timelines import ReadTimeline


@dataclass
class TimelineStep:
    """Reads timelines, a batch of incidents at a time.

    Args:
        dataset: The dataset for the rows.
        memory: Records gaps, and saves the state.
        state: The state of the export, whose run says how many incidents are done.
        timeline_of: Returns the timeline of an incident, by its ID.
        tally: Counts the run's changes to the dataset.
        missing: Receives the reason if a timeline is missing or incomplete.
        part_rows: The number of rows after which a batch is saved.
    """

    dataset: Dataset
    memory: Memory
    state: State
    timeline_of: Callable[[str], ReadTimeline]
    tally: Tally
    missing: dict[str, str]
    part_rows: int

    def read(self, wanted: Sequence[str], bar: Progress) -> None:
        """Read the timelines of incidents, from where the run stopped.

        Args:
            wanted: The IDs of the incidents.
            bar: Shows the progress.
        """
        assert self.state.run is not None  # noqa: S101  a step is part of a run
        known = self.memory.gaps()
        held: dict[str, pd.DataFrame] = {}
        gaps: dict[str, Gaps] = {}
        done = self.state.run.done
        for place, identity in enumerate(wanted[done:], done + 1):
            try:
                read = self.timeline_of(identity)
            except (errors.NotFound, errors.PermissionDenied, errors.UnknownName) as error:
                self.missing[identity] = error.message
                gaps[identity] = {UNREAD: (FAILED, error.message)}
            else:
                held[identity] = timeline_rows(read, identity)
                if read.gaps or identity in known:
                    gaps[identity] = dict(read.gaps)
                if read.gaps:
                    self.missing[f"timeline of {identity}"] = read.incomplete
            bar.page(1, 1, len(wanted))
            if sum(map(len, held.values())) >= self.part_rows or place == len(wanted):
                self._keep(held)
                self.memory.note_gaps(gaps)
                self.state.run.done = place
                self.memory.save(self.state)
                held, gaps = {}, {}

    def _keep(self, held: dict[str, pd.DataFrame]) -> None:
        if not held:
            return
        rows = pd.concat(held.values(), ignore_index=True)
        added, replaced = self.dataset.merge(rows)
        self.tally.added += len(added)
        self.tally.replaced += len(replaced)
        if TIMELINES in self.state.parts:
            self.tally.removed += len(self.dataset.remove(self._gone(held, set(rows["id"]))))

    def _gone(self, incident_ids: Collection[str], identities: set[str]) -> set[str]:
        """Return the rows that timelines no longer have, such as an entry that was promoted later."""
        found: set[str] = set()
        for part in self.dataset.scan("id", "incident_id"):
            found |= set(part.loc[part["incident_id"].isin(incident_ids), "id"]) - identities
        return found
