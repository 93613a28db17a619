"""Builds the frame of a timeline, and its `attrs`, from what was read about incidents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidentio_magic.client.parallel import READ, Source
from incidentio_magic.timeline import DEFAULT_SOURCES, as_json, pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.frames import Frames
    from incidentio_magic.timeline import Event, Records


@dataclass(frozen=True)
class Story:
    """The events of one incident, and how they were read.

    Args:
        incident: The incident.
        declared: When it was declared.
        events: What happened, in order.
        wanted: The sources that were requested.
        found: How the reading of each source ended, including sources that were read only for the status.
        records: What was read.
    """

    incident: models.Incident
    declared: datetime
    events: list[Event]
    wanted: Mapping[str, Source]
    found: Mapping[str, Source]
    records: Records

    @property
    def incomplete(self) -> str:
        """Why something may be missing; "" if nothing is."""
        left_out = [name for name in DEFAULT_SOURCES if name not in self.wanted]
        why = [f"only {', '.join(self.wanted)} were requested"] if left_out else []
        why += [f"{name} {_ended(source)}" for name, source in self.wanted.items() if not source.complete]
        why += [
            f"status and severity are unknown: {name} {_ended(source)}"
            for name, source in self.found.items()
            if name not in self.wanted and not source.complete
        ]
        return "; ".join(why)

    @property
    def gaps(self) -> dict[str, tuple[str, str]]:
        """How each source ended that was not read completely, and why."""
        return {name: (source.state, source.why) for name, source in self.found.items() if not source.complete}

    @property
    def streams(self) -> list[str]:
        """The references of its streams."""
        return sorted({event.incident for event in self.events} - {self.incident.reference})


def story_frame(story: Story, frames: Frames, as_of: str) -> pd.DataFrame:
    """Return the timeline of one incident.

    Args:
        story: What happened.
        frames: Builds the frame.
        as_of: The current moment, as text.
    """
    frame = frames.timeline(story.events, declared=story.declared)
    frame.attrs |= {
        "incident": story.incident.reference,
        "name": story.incident.shown_name(show_private=frames.show_private),
        "impact": _impact(story.incident),
        "sources": _sources([story]),
        "complete": not story.incomplete,
        "why_incomplete": story.incomplete,
        "unreadable": _unreadable([story]),
        "open": story.incident.is_open,
        "as_of": as_of,
        "backdated": [event.entry_id for event in story.events if event.backdated],
        "pages": as_json(pages(story.events)),
        "streams": story.streams,
    }
    return frame


def joined_frame(
    stories: Sequence[Story], frames: Frames, as_of: str, missing: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the timelines of several incidents as one timeline, in order.

    Args:
        stories: The story of each incident.
        frames: Builds the frame.
        as_of: The current moment, as text.
        missing: Why incidents that were requested could not be read, by reference.
    """
    rows = [(event, story) for story in stories for event in story.events]
    rows.sort(key=lambda row: (row[0].order, row[0].type, row[1].incident.reference))
    frame = frames.timeline([event for event, _story in rows], declared=[story.declared for _event, story in rows])
    incidents: list[dict[str, Any]] = [
        {
            "reference": story.incident.reference,
            "name": story.incident.shown_name(show_private=frames.show_private),
            "impact": _impact(story.incident),
            "open": story.incident.is_open,
            "streams": story.streams,
        }
        for story in stories
    ]
    shown = frame.attrs["shown"]
    frame.attrs["shown"] = {**shown, "columns": ["at", "incident", *shown["columns"][1:]]}
    why = [f"{reference}: {reason}" for reference, reason in (missing or {}).items()]
    why += [f"{story.incident.reference}: {story.incomplete}" for story in stories if story.incomplete]
    ends = [incident["impact"]["end"] for incident in incidents]
    frame.attrs |= {
        "incident": ", ".join(incident["reference"] for incident in incidents),
        "name": "",
        "incidents": incidents,
        "impact": {
            "start": min(incident["impact"]["start"] for incident in incidents),
            "end": max(ends) if all(ends) else "",
        },
        "sources": _sources(stories),
        "complete": not why,
        "why_incomplete": "; ".join(why),
        "missing": dict(missing or {}),
        "unreadable": _unreadable(stories),
        "open": any(incident["open"] for incident in incidents),
        "as_of": as_of,
        "backdated": [event.entry_id for event, _story in rows if event.backdated],
        "pages": [
            page | {"incident": story.incident.reference} for story in stories for page in as_json(pages(story.events))
        ],
        "streams": sorted({stream for story in stories for stream in story.streams}),
    }
    return frame


def _sources(stories: Sequence[Story]) -> dict[str, dict[str, Any]]:
    """Return how the reading of each source ended; for several incidents, the first failure."""
    found: dict[str, dict[str, Any]] = {}
    for name in stories[0].wanted:
        several = [story.wanted[name] for story in stories]
        failed = next((source for source in several if not source.complete), None)
        read = next((source for source in several if source.state == READ), several[0])
        shown = failed or read
        found[name] = {
            "state": shown.state,
            "records": sum(len(source.records) for source in several),
            "why": shown.why,
        }
    return found


def _unreadable(stories: Sequence[Story]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for story in stories:
        for source in story.found.values():
            counts.update(source.unreadable)
    return dict(counts)


def _impact(incident: models.Incident) -> dict[str, str]:
    """Return when the impact began and ended, from the incident's own timestamps, as text in UTC."""
    from incidentio_magic.metrics import impact_of  # noqa: PLC0415  loads pandas

    stamps = [stamped.incident_timestamp for stamped in incident.incident_timestamp_values or ()]
    impact = impact_of(incident, stamps)
    return {"start": impact.start.isoformat(), "end": impact.end.isoformat() if impact.end else ""}


def _ended(source: Source) -> str:
    return f"{source.state} ({source.why})" if source.why else source.state
