"""The timeline of an incident, merged from everything the service keeps about it."""

from __future__ import annotations

import warnings
from collections import deque
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.waiting import Workers
from incidentio_magic.client._arguments import check
from incidentio_magic.client._stories import Story, joined_frame, story_frame
from incidentio_magic.client.connection import Connection, listed
from incidentio_magic.client.parallel import GONE, MissingIncident, Source, gather, once, reason
from incidentio_magic.names.times import within
from incidentio_magic.names.vocabulary import named
from incidentio_magic.timeline import DEFAULT_SOURCES, KINDS, SOURCES, Records, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from incidentio_magic.names.query import Names
    from incidentio_magic.timeline import Event

_INCIDENTS_AT_ONCE: Final = 2  # each of them reads its sources in parallel; the rate limit would slow down more


class TimelineMixin(Connection):
    """The timelines of a connection."""

    def timeline(
        self,
        *references: str,
        sources: Names = (),
        since: str = "",
        until: str = "",
        curated: bool = False,
        kind: Names = (),
        show_private: bool | None = None,
    ) -> pd.DataFrame:
        """Return the events of one or several incidents as rows, merged and in order.

        Args:
            references: The incidents. If several are given, incidents that are deleted or hidden from this key are left
                out and named in `attrs["missing"]`.
            sources: Only these sources, from `SOURCES`; `all` adds transcripts and workflow runs, which are read only
                on request.
            since: Only what happened since then: `14:05` (near the declaration), a date and time, or `4h` (ago).
            until: Only what happened until then.
            curated: Whether to return only events of the curated timeline.
            kind: Only these kinds, from `KINDS`.
            show_private: Whether to show the text of a private incident; the connection's setting if None.

        Returns:
            The frame of `Frames.timeline`. With several incidents, `incident` names the incident, and `elapsed` counts
            from its declaration. In `attrs`, `sources` holds the `state` of each source (read, empty, forbidden,
            missing or failed), how many `records` it had, and `why` it could not be read; `complete` and
            `why_incomplete` summarise that. `open` says whether the incident is still open. `backdated` holds the IDs
            of events recorded long after they happened, `streams` the references of the incident's streams, and `pages`
            each page with its acknowledgement. With several incidents, `incidents` holds the name, impact and streams
            of each. Source: `GET /v2/incident_timeline_items`, `incident_activity_log_entries`, `incident_updates`,
            `escalations`, `incident_alerts`, `call_sessions`, `GET /v3/actions`, `follow_ups`, `GET
            /v1/postmortem_documents`.

        Raises:
            UnknownName: If there is no such incident, source or kind.
            InputError: If a time cannot be understood, or no incident is named.
        """
        choices: dict[str, Any] = {
            "sources": sources, "since": since, "until": until, "curated": curated, "kind": kind,
        }  # fmt: skip
        if not references:
            raise errors.InputError("No incident is named.", hint="name one or several: INC-123")
        if len(set(references)) == 1:
            return self._timeline(references[0], show_private=show_private, **choices)[0]
        stories: dict[str, Story] = {}
        missing: dict[str, errors.IncidentioError] = {}
        for reference in references:
            try:
                incident = self.incident(reference)
            except GONE as error:
                if not any(map(str.isdigit, reference)):  # not a reference at all, so not a deleted incident
                    raise
                missing[reference] = error
            else:
                if incident.id not in stories:
                    stories[incident.id] = self._story(incident, **choices)
        if not stories:
            raise next(iter(missing.values()))
        return joined_frame(
            list(stories.values()),
            self._frames(show_private),
            self.transport.now().isoformat(timespec="seconds"),
            {reference: reason(error) for reference, error in missing.items()},
        )

    def _timeline(
        self, reference: str | models.Incident, *, show_private: bool | None = None, **choices: Any
    ) -> tuple[pd.DataFrame, Records]:
        """Return the frame of `timeline`, and the records it was merged from."""
        incident = reference if isinstance(reference, models.Incident) else self.incident(reference)
        story = self._story(incident, **choices)
        as_of = self.transport.now().isoformat(timespec="seconds")
        return story_frame(story, self._frames(show_private), as_of), story.records

    def _story(
        self,
        incident: models.Incident,
        *,
        sources: Names = (),
        since: str = "",
        until: str = "",
        curated: bool = False,
        kind: Names = (),
    ) -> Story:
        """Return what happened in one incident."""
        wanted = chosen("source", sources, SOURCES, everything=SOURCES) or list(DEFAULT_SOURCES)
        kinds = chosen("kind of event", kind, KINDS)
        declared = self.vocabulary.declared_at(incident)
        first, last = within(since, until, declared=declared, now=self.transport.now(), zone=self.settings.zone)
        found, records, merged = self._merged(incident, wanted)
        events = [
            event
            for event in merged
            if event.source in wanted
            and (first is None or event.at >= first)
            and (last is None or event.at <= last)
            and (event.curated or not curated)
            and (not kinds or event.kind in kinds)
        ]
        return Story(incident, declared, events, {name: found[name] for name in wanted}, found, records)

    def _merged(
        self, incident: models.Incident, wanted: Sequence[str]
    ) -> tuple[Mapping[str, Source], Records, Sequence[Event]]:
        """Return how each source ended, the records that were read, and all events in them."""
        found = gather({name: read for name, read in self._reads(incident).items() if name in _needed(wanted)})
        records = Records(
            incident,
            timestamps="timestamps" in wanted,
            others=self._others(incident, found),
            **{name: source.records for name, source in found.items() if name != "timestamps"},
        )
        return found, records, merge(records)

    def timelines(self, references: Iterable[str], **choices: Any) -> Timelines:
        """Return an iterator over the timelines of many incidents, in the given order. It reads two timelines ahead.

        Args:
            references: The incidents.
            choices: As in `timeline`.

        Returns:
            An iterator over frames of `timeline`; a frame's `attrs["incident"]` names its incident. Incidents that are
            deleted or hidden from this key are left out: the iterator's `missing` says which and why, and so does a
            `MissingIncident` warning.

        Raises:
            UnknownName: If there is no such source or kind.
            InputError: If a time cannot be understood.
        """
        for name in ("sources", "kind"):
            check(name, choices.get(name, ()), "Names")
        chosen("source", choices.get("sources", ()), SOURCES, everything=SOURCES)
        chosen("kind of event", choices.get("kind", ()), KINDS)

        def read(reference: str) -> pd.DataFrame:
            return self.timeline(reference, **choices)

        return Timelines(references, read)

    def _reads(self, incident: models.Incident) -> dict[str, Callable[[], Iterable[Any]]]:
        api, identity, mode = self.api, incident.id, incident.mode
        calls = once(lambda: api.call_sessions(identity).whole())
        return {
            "timeline": lambda: api.timeline_items(identity),
            "activity": lambda: api.activity_log_entries(identity),
            "updates": lambda: api.incident_updates(identity),
            "escalations": lambda: api.escalations(identity),
            "alerts": lambda: api.incident_alerts(identity),
            "actions": lambda: api.actions(identity, mode),
            "follow_ups": lambda: api.follow_ups(identity, mode),
            "timestamps": lambda: [
                value for value in incident.incident_timestamp_values or () if value.value and value.value.value
            ],
            "calls": calls,
            "postmortems": lambda: api.postmortem_documents(identity),
            "transcripts": lambda: chain.from_iterable(api.call_transcript(call.id) for call in calls()),
            "workflows": lambda: api.workflow_runs(identity),
        }

    def _others(self, incident: models.Incident, found: Mapping[str, Source]) -> dict[str, models.Incident]:
        """Return the other incidents that the records mention by ID, if they can be read."""
        logged = chain.from_iterable(
            found[name].records for name in ("timeline", "activity", "updates") if name in found
        )
        mentioned = {record.incident_id for record in logged}
        updates = found["updates"].records if "updates" in found else ()
        mentioned |= {update.merged_into_incident_id for update in updates if update.merged_into_incident_id}
        read = gather({identity: partial(self._other, identity) for identity in sorted(mentioned - {incident.id})})
        return {identity: source.records[0] for identity, source in read.items() if source.records}

    def _other(self, identity: str) -> list[models.Incident]:
        return [self.api.incident(identity)]


class Timelines:
    """An iterator over the timelines of many incidents; incidents that cannot be read are left out.

    Args:
        references: The incidents.
        read: Returns the timeline of an incident.

    Attributes:
        missing: Why each incident that is left out could not be read, by reference.
    """

    def __init__(self, references: Iterable[str], read: Callable[[str], pd.DataFrame]) -> None:
        self.missing: dict[str, str] = {}
        self._frames = self._read(iter(references), read)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return self

    def __next__(self) -> pd.DataFrame:
        return next(self._frames)

    def close(self) -> None:
        """Stop reading ahead."""
        self._frames.close()

    def _read(
        self, references: Iterator[str], read: Callable[[str], pd.DataFrame]
    ) -> Generator[pd.DataFrame, None, None]:
        with Workers(_INCIDENTS_AT_ONCE) as workers:
            reading = deque(
                (reference, workers.submit(read, reference)) for reference in islice(references, _INCIDENTS_AT_ONCE + 1)
            )
            while reading:
                reference, future = reading.popleft()
                frame = None
                try:
                    frame = future.result()
                except GONE as error:
                    self.missing[reference] = reason(error)
                    warnings.warn(f"{reference} is left out: {reason(error)}.", MissingIncident, stacklevel=3)
                reading.extend((following, workers.submit(read, following)) for following in islice(references, 1))
                if frame is not None:
                    yield frame


def chosen(what: str, names: Names, known: Sequence[str], *, everything: Sequence[str] = ()) -> list[str]:
    """Return the chosen names in the order of the known names.

    Args:
        what: The kind of name, for the error message.
        names: The names that were typed.
        known: All names.
        everything: The names that `all` stands for.

    Raises:
        UnknownName: If there is no such name.
    """
    records = [models.Named(name, name) for name in (*known, *(["all"] if everything else []))]
    found = [named(what, name, records, lambda record: record.name).name for name in listed(names)]
    return list(everything) if "all" in found else [name for name in known if name in found]


def _needed(wanted: Iterable[str]) -> set[str]:
    """Return the sources to read; the status at each moment needs the activity log or the updates."""
    needed = set(wanted)
    return needed if needed & {"activity", "updates"} else needed | {"updates"}
