"""Drafts of postmortems: everything known about an incident, written as Markdown.

`facts` arranges the records, `draft` renders them with a template, `saving` protects edited files. Imports from
`timeline`, `frames`, `metrics` and `templates`; imported by `briefs` and `client`.
"""

from __future__ import annotations

from incidentio_magic.postmortem.draft import TEMPLATES, PostmortemDraft, rendered, template_text
from incidentio_magic.postmortem.facts import Facts, facts
from incidentio_magic.postmortem.saving import replace_file, without_mark

__all__ = [
    "TEMPLATES",
    "Facts",
    "PostmortemDraft",
    "facts",
    "rendered",
    "replace_file",
    "template_text",
    "without_mark",
]
