"""Records to DataFrames: fixed columns and dtypes, the same when empty."""

from __future__ import annotations

from incidentio_magic.api.models import MASK
from incidentio_magic.frames.handover import HandoverFrames
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

__all__ = ["MADE_BY", "MASK", "NARROW", "Frames", "chosen", "lead", "made", "signature"]


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
