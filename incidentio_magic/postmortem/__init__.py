"""Drafts of postmortems: what is known of an incident, written as Markdown.

`facts` orders the records, `draft` renders them with a template of `templates/`, `saving` keeps edited files safe.
Looks down at timelines, frames and metrics; the client looks at this room.
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
