"""Jinja in two rooms: a cell's text, which is its author's own code, and a template file, which comes from others.

`render` gives a cell all that its author's code may use. `render_file` gives a file plain data and nothing to call,
in a process of its own. Looks at errors and close matches only.
"""

from __future__ import annotations

from incidentio_magic.templates.cells import render
from incidentio_magic.templates.files import render_file, render_own

__all__ = ["render", "render_file", "render_own"]
