"""The API's endpoints: one short method each, returning typed records."""

from __future__ import annotations

from incidentio_magic.api.decoding import decoder
from incidentio_magic.api.endpoints._base import PAGE
from incidentio_magic.api.endpoints._incidents import IncidentEndpoints
from incidentio_magic.api.endpoints._on_call import OnCallEndpoints
from incidentio_magic.api.endpoints._organisation import OrganisationEndpoints
from incidentio_magic.api.endpoints._raw import RawEndpoints
from incidentio_magic.api.endpoints._work import WorkEndpoints

__all__ = ["PAGE", "Api", "decoder"]


class Api(OrganisationEndpoints, IncidentEndpoints, OnCallEndpoints, WorkEndpoints, RawEndpoints):
    """The API over one transport."""
