"""Renders Jinja templates of two kinds: a cell's text, which is its author's own code, and files from other people.

`render` gives a cell access to everything that its author's code may use. `render_file` gives a file only plain data,
and runs it in a separate process. Imports only errors and close matches; imported by `magics` and `postmortem`.
"""

from __future__ import annotations

from incidentio_magic.templates.cells import render
from incidentio_magic.templates.files import render_file, render_own

__all__ = ["render", "render_file", "render_own"]
