"""The timeline of an incident: records in, a sorted list of events out, the same every time.

Each source adds its events, in the order of authority; an event that several sources have becomes one row.
Imports from `api`; imported by `frames` and the rooms above.
"""

from __future__ import annotations

from incidentio_magic.timeline.acknowledgements import as_json, from_json, pages
from incidentio_magic.timeline.event import BACKDATED_AFTER, Event
from incidentio_magic.timeline.kinds import KINDS
from incidentio_magic.timeline.merge import merge
from incidentio_magic.timeline.records import DEFAULT_SOURCES, SOURCES, Records

__all__ = [
    "BACKDATED_AFTER",
    "DEFAULT_SOURCES",
    "KINDS",
    "SOURCES",
    "Event",
    "Records",
    "as_json",
    "from_json",
    "merge",
    "pages",
]
