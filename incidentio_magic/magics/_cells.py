"""The cell magics that write: what each does, its arguments, and what it runs."""

from __future__ import annotations

from typing import Final

from incidentio_magic.magics import tasks, writing

CELLS: Final = writing.CELLS | tasks.CELLS
