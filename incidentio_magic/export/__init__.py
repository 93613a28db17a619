"""Exports incidents and their updates to files; an export can be resumed and updated.

`run` writes an export page by page; `reader` and `archive` read it back as records.
Imports from `frames`, `metrics`, `names` and `api`; imported by `client`.
"""

from __future__ import annotations

from incidentio_magic.export.folder import Folder
from incidentio_magic.export.formats import FORMATS, format_named
from incidentio_magic.export.run import Export
from incidentio_magic.export.state import Plan

__all__ = ["FORMATS", "Export", "Folder", "Plan", "format_named"]
