"""Drafts of writes: frozen values with resolved IDs that know their problems, payload and key."""

from __future__ import annotations

from incidentio_magic.writes.drafts.attachment import Attachment
from incidentio_magic.writes.drafts.declaration import Declaration
from incidentio_magic.writes.drafts.document import Document
from incidentio_magic.writes.drafts.edit import Edit
from incidentio_magic.writes.drafts.event import Event
from incidentio_magic.writes.drafts.intents import PRIVATE, PUBLIC, Row, chained_key, intent_key, reference_of, tidy
from incidentio_magic.writes.drafts.moves import legal_statuses
from incidentio_magic.writes.drafts.page import Page
from incidentio_magic.writes.drafts.page_response import PageResponse
from incidentio_magic.writes.drafts.parts import FieldEntry
from incidentio_magic.writes.drafts.task_change import TaskChange
from incidentio_magic.writes.drafts.tasks import NewAction, NewFollowUp
from incidentio_magic.writes.drafts.update import Update

Creation = NewFollowUp | NewAction | Attachment | Document
StateChange = PageResponse | TaskChange
Draft = Declaration | Update | Event | Page | Edit | Creation | StateChange

__all__ = [
    "PRIVATE",
    "PUBLIC",
    "Attachment",
    "Creation",
    "Declaration",
    "Document",
    "Draft",
    "Edit",
    "Event",
    "FieldEntry",
    "NewAction",
    "NewFollowUp",
    "Page",
    "PageResponse",
    "Row",
    "StateChange",
    "TaskChange",
    "Update",
    "chained_key",
    "intent_key",
    "legal_statuses",
    "reference_of",
    "tidy",
]
