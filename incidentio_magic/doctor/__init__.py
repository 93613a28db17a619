"""What works, what will fail and why: check it before an incident."""

from __future__ import annotations

import os
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.client import Incidents
from incidentio_magic.frames import Frames
from incidentio_magic.settings import KEY_VARIABLES, checked_url
from incidentio_magic.version import __version__
from incidentio_magic.writes.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.settings import Settings

# The task, the roles of which any one is enough, and the role to ask for. Listing calls needs the same scope as
# their transcripts, call_transcripts.view, which `viewer` does not carry.
_NEEDS: Final = (
    ("list and show incidents", ("viewer", "incident_editor", "incident_creator"), "viewer"),
    ("declare", ("incident_creator",), "incident_creator"),
    ("update, edit, add events", ("incident_editor",), "incident_editor"),
    ("page", ("escalation_creator",), "escalation_creator"),
    ("close without the post-incident flow", ("post_incident_flow_opt_out",), "post_incident_flow_opt_out"),
    ("see private incidents", ("global_access",), "global_access"),
    ("import postmortem documents", ("postmortems_manage",), "postmortems_manage"),
    ("list calls and their transcripts", ("call_transcripts_viewer",), "call_transcripts_viewer"),
)
_LOW: Final = 100

Row = tuple[str, bool | None, str, str]


def examine(settings: Settings, make: Callable[[Settings], Incidents] = Incidents) -> pd.DataFrame:
    """Return what works and what will fail, one row a check; a failing check is a row, not an error.

    Args:
        settings: The connection to examine.
        make: Makes a client.

    Returns:
        check, found, remedy (string); ok (boolean, NA if unknown).
    """
    rows: list[Row] = [("version", True, __version__, "")]
    rows.append(_ledger(settings))
    rows.append(("training mode", True, "on: test incidents only" if settings.training else "off", ""))
    try:
        rows.append(("address", True, checked_url(settings.base_url), ""))
    except errors.SettingsError as error:
        rows.append(("address", False, error.message, error.hint))
        return _frame(rows)
    try:
        client = make(settings)
    except errors.IncidentioError as error:
        rows.append(("connection", False, error.message, error.hint))
        return _frame(rows)
    with client:
        origin = next((name for name in KEY_VARIABLES if os.environ.get(name, "").strip()), "typed or given")
        rows.append(("API key", True, f"found ({origin})", ""))
        try:
            identity = client.api.identity()
        except errors.IncidentioError as error:
            rows.append(("connection", False, error.message, error.hint))
            return _frame(rows)
        rows.append(("connection", True, f"{identity.dashboard_url} with the key {identity.name!r}", ""))
        rows += _roles(identity)
        rows += _readable(client)
        ahead = client.transport.ahead.total_seconds()
        rows.append(
            (
                "clock",
                True,
                f"{abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} the service" if ahead else "in step",
                "relative times like 4h are measured by the service's clock" if ahead else "",
            )
        )
        left = client.transport.allowance.remaining
        rows.append(
            (
                "allowance",
                None if left is None else left >= _LOW,
                "not known" if left is None else f"{left} of {client.transport.allowance.limit} requests left",
                "others use the same allowance: reads may wait" if left is not None and left < _LOW else "",
            )
        )
    return _frame(rows)


def _ledger(settings: Settings) -> Row:
    try:
        Ledger(settings.ledger).check()
    except OSError as error:
        return (
            "ledger",
            False,
            f"cannot be written: {error.strerror}",
            "set INCIDENTIO_LEDGER to a file you can write",
        )
    return ("ledger", True, str(settings.ledger), "")


def _roles(identity: models.Identity) -> list[Row]:
    has = {*identity.roles, *(identity.team_roles or ())}
    return [
        (
            f"may {what}",
            bool(has & set(any_of)),
            "yes" if has & set(any_of) else "no",
            "" if has & set(any_of) else f"give the key the role {role}",
        )
        for what, any_of, role in _NEEDS
    ]


def _readable(client: Incidents) -> list[Row]:
    rows: list[Row] = []
    for what, read in (
        ("severities", client.vocabulary.severities),
        ("statuses", client.vocabulary.statuses),
        ("types", client.vocabulary.types),
        ("roles", client.vocabulary.roles),
        ("fields", client.vocabulary.fields),
        ("timestamps", client.vocabulary.timestamps),
        ("users", client.vocabulary.users),
    ):
        try:
            rows.append((f"read {what}", True, f"{len(read())} found", ""))
        except errors.IncidentioError as error:
            rows.append((f"read {what}", False, error.message, error.hint))
    return rows


def _frame(rows: list[Row]) -> pd.DataFrame:
    columns = (("check", "string"), ("ok", "boolean"), ("found", "string"), ("remedy", "string"))
    return Frames().frame([(name, kind, itemgetter(place)) for place, (name, kind) in enumerate(columns)], rows)
