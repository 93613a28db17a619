"""What is about to be written: frozen values with resolved IDs that know their problems, payload and key."""

from __future__ import annotations

from incidentio_magic.drafts.declaration import Declaration
from incidentio_magic.drafts.document import Document
from incidentio_magic.drafts.edit import Edit
from incidentio_magic.drafts.event import Event
from incidentio_magic.drafts.intents import PRIVATE, PUBLIC, TEST, Row, chained_key, intent_key, tidy
from incidentio_magic.drafts.moves import legal_statuses
from incidentio_magic.drafts.page import Page
from incidentio_magic.drafts.parts import FieldEntry
from incidentio_magic.drafts.update import Update

Draft = Declaration | Update | Event | Page | Edit | Document

__all__ = [
    "PRIVATE",
    "PUBLIC",
    "TEST",
    "Declaration",
    "Document",
    "Draft",
    "Edit",
    "Event",
    "FieldEntry",
    "Page",
    "Row",
    "Update",
    "chained_key",
    "intent_key",
    "legal_statuses",
    "tidy",
]
