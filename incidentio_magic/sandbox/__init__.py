"""A small incident.io on this machine, over real HTTP, for practice and tests."""

from __future__ import annotations

from incidentio_magic.sandbox.http.server import Sandbox

__all__ = ["Sandbox"]
