"""The one way to write: a draft goes in, and the write has happened once, not at all, or is reported as unknown."""

from __future__ import annotations

from incidentio_magic.sending.notes import LedgerWarning
from incidentio_magic.sending.sender import Sender

__all__ = ["LedgerWarning", "Sender"]
