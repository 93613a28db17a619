"""Runs an export step by step and page by page; each page is written before its cursor is saved."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pandas as pd

from incidentio_magic import errors
from incidentio_magic.api.endpoints import PAGE
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter, Window
from incidentio_magic.export._batches import Batch, pages_from
from incidentio_magic.export._timeline_step import TimelineStep
from incidentio_magic.export.columns import UPDATES, incident_columns, joined, parts, plain, updates_frame
from incidentio_magic.export.dataset import PART_ROWS, Dataset, Tally, identities
from incidentio_magic.export.details import with_details
from incidentio_magic.export.parts import PARTS, Part
from incidentio_magic.export.progress import Progress
from incidentio_magic.export.state import Memory, Run, State
from incidentio_magic.export.timelines import TIMELINE_COLUMNS, TIMELINES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.api.pagination import Listing
    from incidentio_magic.export.folder import Folder
    from incidentio_magic.export.formats import Format
    from incidentio_magic.export.state import Plan
    from incidentio_magic.export.timelines import ReadTimeline
    from incidentio_magic.frames import Frames
    from incidentio_magic.names.query import ResolvedQuery
    from incidentio_magic.names.vocabulary import Vocabulary

INCIDENTS: Final = "incidents"
INCIDENT_UPDATES: Final = "incident_updates"
_OVERLAP: Final = timedelta(days=1)  # the service filters by whole days, and its machines' clocks differ
VOCABULARY: Final = ("severities", "statuses", "types", "roles", "timestamps", "fields")


@dataclass
class Export:
    """Updates a folder from the service.

    Args:
        plan: The content of the export.
        selections: Returns the filters, given the time from which relative times count.
        narrowed: Whether the filters exclude any incidents.
        api: The endpoints.
        vocabulary: The organisation's vocabulary.
        frames: Builds frames in UTC, masked or not as the plan says.
        folder: The folder to write to.
        format: The file format.
        now: The service's current time.
        timeline_of: Returns the timeline of an incident, by its ID.
        progress: Whether to show a progress bar.
        part_rows: The maximum number of rows of a file.
        clock: A monotonic clock in seconds.
    """

    plan: Plan
    selections: Callable[[datetime], Sequence[ResolvedQuery]]
    narrowed: bool
    api: Api
    vocabulary: Vocabulary
    frames: Frames
    folder: Folder
    format: Format
    now: Callable[[], datetime]
    timeline_of: Callable[[str], ReadTimeline]
    progress: bool = True
    part_rows: int = PART_ROWS
    clock: Callable[[], float] = time.monotonic
    tallies: dict[str, Tally] = field(default_factory=dict)
    pages: int = 0
    reading: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)
    lost: int = 0

    def run(self) -> State:
        """Start or resume the export, and return its state afterwards.

        Raises:
            InputError: If the folder holds something else.
            ExportFailed: If it cannot be written.
            Interrupted: If the user stopped it; the next run resumes from there.
            ServiceError: If the service responds with an error; the next run resumes from there.
            ConnectionFailed: If the service cannot be reached; the next run resumes from there.
            AnswerLost: If responses do not arrive; the next run resumes from there.
        """
        with self.folder.opened():
            try:
                self._begin()
                self._steps()
            except KeyboardInterrupt:
                far = f"after {self._run.done:,} {self.reading}" if self.reading else "before it read anything"
                raise errors.Interrupted(
                    f"The export stopped {far}.", hint="run it again: it resumes from there"
                ) from None
            except (errors.ServiceError, errors.ConnectionFailed, errors.AnswerLost) as error:
                error.hint = "; ".join(
                    part for part in (error.hint, "run the export again: it resumes from there") if part
                )
                raise
        return self.state

    def _begin(self) -> None:
        self.memory = Memory(self.folder)
        self.state = self.memory.load(self.plan, self.now().isoformat())
        known = self.state.columns
        self.incidents = Dataset(INCIDENTS, self.folder, self.format, known.get(INCIDENTS, []), self.part_rows)
        self.updates = Dataset(
            INCIDENT_UPDATES, self.folder, self.format, known.get(INCIDENT_UPDATES, UPDATES), self.part_rows
        )
        self.parts = {
            part.name: Dataset(part.name, self.folder, self.format, part.columns, self.part_rows)
            for part in PARTS
            if part.name in self.state.plan.parts
        }
        if TIMELINES in self.state.plan.parts:
            self.parts[TIMELINES] = Dataset(TIMELINES, self.folder, self.format, TIMELINE_COLUMNS, self.part_rows)
        self.tallies = {name: Tally() for name in (INCIDENTS, INCIDENT_UPDATES, *self.parts)}
        self._parts = parts(self.vocabulary)
        self.state.vocabulary = {name: msgspec.to_builtins(self.vocabulary.read(name)) for name in VOCABULARY}
        self._widen(self._incident_rows([]))
        self.memory.save(self.state)
        if self.state.run is None:
            since = datetime.fromisoformat(self.state.complete_to) - _OVERLAP if self.state.complete_to else None
            self.memory.forget_changed()
            self.state.run = Run(self.now().isoformat(), since.date().isoformat() if since else "")
            self.memory.save(self.state)

    @property
    def datasets(self) -> dict[str, Dataset]:
        """The datasets, by name."""
        return {INCIDENTS: self.incidents, INCIDENT_UPDATES: self.updates, **self.parts}

    @property
    def _run(self) -> Run:
        assert self.state.run is not None  # noqa: S101  between _begin and the end of _steps there is one
        return self.state.run

    def _steps(self) -> None:
        first = datetime.fromisoformat(self.state.first)
        chosen = [_oldest_first(selection) for selection in self.selections(first)]
        since = datetime.fromisoformat(f"{self._run.since}T00:00:00+00:00") if self._run.since else None
        steps: list[Callable[[], None]] = [
            lambda selection=selection: self._read_incidents(selection, since)  # type: ignore[misc]
            for selection in chosen
        ]
        if since is not None and self.narrowed:
            steps.append(lambda: self._remove_unfitting(since))
        if self.plan.updates:
            steps.append(self._read_updates)
            if since is not None:
                steps += [self._read_changed_updates, lambda: self._read_newest_updates(since)]
        wanted = [part for part in PARTS if part.name in self.parts]
        steps += [partial(self._read_part, part, number) for part in wanted for number in range(len(part.lists))]
        if TIMELINES in self.parts:
            steps += [self._try_again, partial(self._read_timelines, anew=since is not None)]
        for step in steps[self._run.step :]:
            step()
            self._run.step += 1
            self._run.cursor, self._run.done = "", 0
            self.memory.save(self.state)
        self.state.parts = tuple(name for name in self.state.plan.parts if name not in self._run.unread)
        self.state.complete_to, self.state.run = self._run.started, None
        self.memory.save(self.state)

    def _read_incidents(self, selection: ResolvedQuery, since: datetime | None) -> None:
        if since is not None:
            bounds = [bound for bound in (selection.which.updated.since, since) if bound is not None]
            window = Window(max(bounds), selection.which.updated.until)
            if window.until is not None and window.until < max(bounds):
                return  # incidents that changed since then no longer match
            selection = replace(selection, which=replace(selection.which, updated=window))

        def rows(records: list[Any]) -> pd.DataFrame:
            return self._widen(self._incident_rows(list(filter(selection.admits, records))))

        def keep(frame: pd.DataFrame) -> None:
            self._merge(INCIDENTS, frame)
            if since is not None:
                self.memory.note_changed(frame["id"])

        self._walk(INCIDENTS, self.api.incidents(selection.which), rows, keep)

    def _incident_rows(self, records: list[Any]) -> pd.DataFrame:
        rows = plain(self.frames.incidents(records, wide=True, **self._parts))
        return with_details(rows, records, self.vocabulary.fields(), show_private=self.frames.show_private)

    def _remove_unfitting(self, since: datetime) -> None:
        """Remove incidents that changed and no longer match the filters."""
        fitting = set(self.memory.changed())
        which = IncidentFilter(
            category=EVERY_CATEGORY, modes=EVERY_MODE, updated=Window(since=since), oldest_first=True
        )
        started = datetime.fromisoformat(self._run.started)
        unfitting: list[str] = []

        def rows(records: list[Any]) -> pd.DataFrame:
            # Incidents that changed after the run began may match now; the next run finds out.
            gone = [incident.id for incident in records if incident.id not in fitting and incident.updated_at < started]
            return pd.DataFrame({"id": gone})

        self._run.cursor, self._run.done = "", 0  # the results of an interrupted run are not kept
        self._walk(
            INCIDENTS, self.api.incidents(which), rows, lambda frame: unfitting.extend(frame["id"]), resumable=False
        )
        gone = self.incidents.remove(set(unfitting))
        self.tallies[INCIDENTS].removed += len(gone)
        for name, dataset in {INCIDENT_UPDATES: self.updates, **self.parts}.items():
            self.tallies[name].removed += len(dataset.remove(set(gone), by="incident_id"))

    def _read_updates(self) -> None:
        """Read the organisation's updates: all of them, or those after the last page of the previous run."""
        self._run.cursor = self._run.cursor or self.state.updates_after
        listing = self.api.incident_updates()
        self._walk(INCIDENT_UPDATES, listing, self._update_rows(), self._keep_updates, remember_end=True)

    def _read_newest_updates(self, since: datetime) -> None:
        """Read the updates at the head of the organisation's list, back to the last run.

        If the newest come first, this finds new updates of incidents that did not change otherwise.
        """
        listing = self.api.incident_updates()
        rows = self._update_rows()
        for page in listing.walk():
            self._keep_updates(rows(page.records))
            if any(update.created_at < since for update in page.records):
                break
        self.pages += listing.pages
        self.unreadable.update(listing.unreadable)
        self.lost += listing.lost

    def _read_changed_updates(self) -> None:
        """Read the updates of changed incidents again: an incident may be new or private now, or an update edited."""
        changed = self.memory.changed()
        rows = self._update_rows()
        if len(changed) > self.updates.count()[0] / PAGE:  # then reading all updates takes fewer requests
            self._walk(INCIDENT_UPDATES, self.api.incident_updates(), rows, self._keep_updates)
            return
        held: list[Any] = []
        for place, identity in enumerate(changed[self._run.done :], self._run.done + 1):
            try:
                listing = self.api.incident_updates(identity)
                held += list(listing)
            except (errors.NotFound, errors.PermissionDenied) as error:
                # The incident was deleted since it was listed, or is hidden from this key; its rows stay in the files.
                self.missing[identity] = error.message
            else:
                self._note(listing, INCIDENT_UPDATES)
            if len(held) >= self.part_rows or place == len(changed):
                self._keep_updates(rows(held))
                held = []
                self._run.done = place
                self.memory.save(self.state)

    def _update_rows(self) -> Callable[[list[Any]], pd.DataFrame]:
        """Return a function that turns the updates of exported incidents into rows."""
        known, private = self._known()

        def rows(records: list[Any]) -> pd.DataFrame:
            ours = [update for update in records if hash(update.incident_id) in known]
            return updates_frame(self.frames, ours, lambda identity: hash(identity) in private)

        return rows

    def _read_part(self, part: Part, number: int) -> None:
        """Read a list of a part from its beginning, because any record may have become private.

        Args:
            part: The part.
            number: The index of the list.
        """
        known, private = self._known()

        def rows(records: list[Any]) -> pd.DataFrame:
            return part.frame(
                self.frames,
                records,
                exported=lambda identity: hash(identity) in known,
                private=lambda identity: hash(identity) in private,
            )

        try:
            self._walk(part.name, part.lists[number](self.api), rows, lambda frame: self._merge(part.name, frame))
        except (errors.PermissionDenied, errors.NotFound) as error:
            # The key lacks the scope, or the organisation's plan lacks this part of the service.
            self.missing[part.name] = error.message
            self._run.unread = tuple(sorted({*self._run.unread, part.name}))

    def _try_again(self) -> None:
        """Note exported incidents whose timeline failed as changed, so that a resumed run has the same list."""
        if failed := self.memory.failed():
            exported = set(self._identities())
            self.memory.note_changed(identity for identity in failed if identity in exported)

    def _read_timelines(self, *, anew: bool) -> None:
        """Read the timelines of all incidents in the first run, and of changed incidents in later runs.

        Args:
            anew: Whether this run updates a complete export, and so reads only timelines of changed incidents.
        """
        self.reading = TIMELINES
        step = TimelineStep(
            self.parts[TIMELINES],
            self.memory,
            self.state,
            self.timeline_of,
            self.tallies[TIMELINES],
            self.missing,
            self.part_rows,
        )
        known = anew and TIMELINES in self.state.parts
        wanted = self.memory.changed() if known else self._identities()
        with self._progress(TIMELINES) as bar:
            step.read(wanted, bar)

    def _progress(self, what: str) -> Progress:
        return Progress(
            what, lambda: self.api.transport.allowance, done=self._run.done, shown=self.progress, clock=self.clock
        )

    def _identities(self) -> list[str]:
        return sorted(identity for part in self.incidents.scan("id") for identity in part["id"])

    def _known(self) -> tuple[set[int], set[int]]:
        """Return the exported incidents, and the private incidents among them, as compact numbers."""
        known = identities(self.incidents.scan("id"))
        scans = self.incidents.scan("id", "visibility")
        return known, identities(part[part["visibility"] == "private"] for part in scans)

    def _keep_updates(self, frame: pd.DataFrame) -> None:
        self._merge(INCIDENT_UPDATES, frame)

    def _walk(
        self,
        what: str,
        listing: Listing[Any],
        rows: Callable[[list[Any]], pd.DataFrame],
        keep: Callable[[pd.DataFrame], None],
        *,
        resumable: bool = True,
        remember_end: bool = False,
    ) -> None:
        """Read a list to its end, saving its rows every few pages together with the cursor."""
        batch = Batch(rows)
        run = self._run
        after = run.cursor

        def flush() -> None:
            keep(batch.whole())
            run.done += batch.read
            batch.clear()
            if resumable:
                run.cursor = after
                self.memory.save(self.state)

        self.reading = what.replace("_", " ")
        with self._progress(self.reading) as bar:
            try:
                for page in pages_from(listing, after):
                    if remember_end and after:
                        self.state.updates_after = after
                    batch.add(page.records)
                    bar.page(len(page.records), listing.page_size, listing.total)
                    if page.meta is not None and page.meta.after:
                        after = page.meta.after
                    if batch.read >= self.part_rows:
                        flush()
            except (KeyboardInterrupt, errors.IncidentioError):
                flush()
                raise
        flush()
        self._note(listing, what)

    def _note(self, listing: Listing[Any], what: str) -> None:
        """Note how the reading of a list ended.

        Raises:
            UnexpectedAnswer: If it ended too early.
        """
        self.pages += listing.pages
        self.unreadable.update(listing.unreadable)
        self.lost += listing.lost
        if listing.cut_short:
            raise _cut_short(what, listing.cut_short)

    def _merge(self, name: str, rows: pd.DataFrame) -> None:
        added, replaced = self.datasets[name].merge(rows)
        self.tallies[name].added += len(added)
        self.tallies[name].replaced += len(replaced)

    def _widen(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add the columns of a frame to the files, and return the frame with the files' column names."""
        columns, renamed, today = joined(self.incidents.columns, incident_columns(frame))
        if columns != self.incidents.columns or not self.state.columns:
            self.incidents.widen(columns, renamed)
            self.state.columns = {INCIDENTS: columns, INCIDENT_UPDATES: self.updates.columns}
            self.memory.save(self.state)
        named = frame.rename(columns=today)
        named.attrs = {}
        return named


def _oldest_first(selection: ResolvedQuery) -> ResolvedQuery:
    """Return the selection sorted so that incidents declared in the meantime come last."""
    return replace(selection, which=replace(selection.which, oldest_first=True))


def _cut_short(what: str, why: str) -> errors.UnexpectedAnswer:
    return errors.UnexpectedAnswer(
        f"The {what.replace('_', ' ')} could not be read to their end: {why}.", status=200, retryable=True
    )
