"""Examines a connection before an incident needs it: what works, what will fail, and why.

A check is a row with a remedy; `contract` compares responses with what this client assumes, without showing texts.
Imports from `client`; imported by `magics`.
"""

from __future__ import annotations

import os
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api import permissions
from incidentio_magic.client import Incidents
from incidentio_magic.environment import KEY_VARIABLES
from incidentio_magic.frames import Frames
from incidentio_magic.settings import checked_url
from incidentio_magic.version import __version__
from incidentio_magic.writes.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.settings import Settings

_CATALOG_EDITOR: Final = permissions.Permission("catalog_editor", "Manage catalog types and edit catalog data")

# The task, the scopes that it needs, and the permissions of which any is enough, with the recommended one first.
# `/v1/identity` names a key's roles, not its scopes; if the contract does not say which role includes a scope, this is
# a guess. If it is wrong, a row says no although the request would succeed, or yes although the service will refuse it
# and name the missing scope.
_NEEDS: Final[tuple[tuple[str, str, tuple[permissions.Permission, ...]], ...]] = (
    (
        "list and show incidents",
        "incidents.view",
        (permissions.VIEWER, permissions.EDITOR, permissions.CREATOR),
    ),
    ("declare", "incidents.create", (permissions.CREATOR,)),
    ("update, edit, add events", "incident_updates.create, timeline_items.create, …", (permissions.EDITOR,)),
    ("page", "escalations.create", (permissions.ESCALATIONS,)),
    ("close without the post-incident flow", "", (permissions.OPT_OUT,)),
    ("see private incidents", "", (permissions.PRIVATE,)),
    ("import postmortem documents", "in_app_postmortems.import", (permissions.POSTMORTEMS,)),
    ("list calls and their transcripts", "call_transcripts.view", (permissions.CALLS,)),
    ("read catalog values of custom fields", "catalog_entries.view", (permissions.CATALOG, _CATALOG_EDITOR)),
)
_LOW: Final = 100
_SETTINGS: Final = "in incident.io, Settings → API keys"

Row = tuple[str, bool | None, str, str]


def examine(settings: Settings, make: Callable[[Settings], Incidents] = Incidents) -> pd.DataFrame:
    """Return what works and what will fail, one row per check; a failing check is a row, not an error.

    Args:
        settings: The connection to examine.
        make: Makes a client from settings.

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
        rows += _permitted(identity)
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
                "others use the same rate limit: reads may wait" if left is not None and left < _LOW else "",
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


def _permitted(identity: models.Identity) -> list[Row]:
    """Return what a key may do and which permissions it lacks, by scope and dashboard name."""
    has = {*identity.roles, *(identity.team_roles or ())}
    rows: list[Row] = []
    for task, scopes, any_of in _NEEDS:
        if has & {permission.role for permission in any_of}:
            rows.append((f"may {task}", True, "yes", ""))
        else:
            found = f"no: the scope {scopes} is missing" if scopes else "no"
            rows.append((f"may {task}", False, found, f"{permissions.advice(any_of[:1])}, {_SETTINGS}"))
    return rows


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
