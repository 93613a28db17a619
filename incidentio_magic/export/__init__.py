"""Incidents and their updates as files: streamed, resumed, and brought up to date."""

from __future__ import annotations

from incidentio_magic.export.folder import Folder
from incidentio_magic.export.formats import FORMATS, format_named
from incidentio_magic.export.run import Export
from incidentio_magic.export.state import Plan

__all__ = ["FORMATS", "Export", "Folder", "Plan", "format_named"]
