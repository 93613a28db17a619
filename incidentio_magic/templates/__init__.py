"""Jinja over the notebook's variables: strict, and bounded in what it calls, how long it takes and what it makes."""

from __future__ import annotations

from incidentio_magic.templates.rendering import render

__all__ = ["render"]
