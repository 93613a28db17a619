"""Drafts of postmortems: what is known of an incident, written down in Markdown."""

from __future__ import annotations

from incidentio_magic.postmortem.draft import PostmortemDraft, rendered
from incidentio_magic.postmortem.facts import Facts, facts
from incidentio_magic.postmortem.saving import without_mark

__all__ = ["Facts", "PostmortemDraft", "facts", "rendered", "without_mark"]
