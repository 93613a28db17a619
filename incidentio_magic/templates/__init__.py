"""Jinja for two purposes: a cell's text, which is its author's own code, and template files, which come from others.

`render` gives a cell everything that its author's code may use. `render_file` gives a file plain data and nothing to
call, in a process of its own. Imports only errors and close matches; imported by `magics` and `postmortem`.
"""

from __future__ import annotations

from incidentio_magic.templates.cells import render
from incidentio_magic.templates.files import render_file, render_own

__all__ = ["render", "render_file", "render_own"]
