"""Turns records into DataFrames: fixed columns and dtypes, the same when empty.

One module per kind of record; `table` builds every frame, masks private texts and sets the time zone.
Imports from `timeline`, `on_call`, `names`, `writes` and `api`; imported by `metrics`, `client` and the rooms above.
"""

from __future__ import annotations

from incidentio_magic.api.models import MASK
from incidentio_magic.frames.handover import HandoverFrames
from incidentio_magic.frames.incident_rows import IncidentRows
from incidentio_magic.frames.incidents import NARROW, IncidentFrames, lead
from incidentio_magic.frames.on_call import OnCallFrames
from incidentio_magic.frames.pages import PageFrames
from incidentio_magic.frames.raw import RawFrames
from incidentio_magic.frames.status_page import StatusPageFrames
from incidentio_magic.frames.table import MADE_BY, chosen, made, signature
from incidentio_magic.frames.tasks import TaskFrames
from incidentio_magic.frames.timeline import TimelineFrames
from incidentio_magic.frames.updates import UpdateFrames
from incidentio_magic.frames.vocabulary import VocabularyFrames

__all__ = ["MADE_BY", "MASK", "NARROW", "Frames", "IncidentRows", "chosen", "lead", "made", "signature"]


class Frames(
    IncidentFrames,
    UpdateFrames,
    TimelineFrames,
    OnCallFrames,
    PageFrames,
    TaskFrames,
    HandoverFrames,
    RawFrames,
    StatusPageFrames,
    VocabularyFrames,
):
    """Builds the frames of one organisation; see `Table` for its arguments."""
