"""A small incident.io on this machine, over real HTTP, for practice and tests.

Four wings: `http` admits requests, `incidentio` imitates the service, `history` fills it, `classroom` runs training.
`service` composes them. Nothing here imports the client, so that the two cannot share a misunderstanding.
"""

from __future__ import annotations

from incidentio_magic.sandbox.http.server import Sandbox

__all__ = ["Sandbox"]
