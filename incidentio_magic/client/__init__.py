"""incident.io in Python: `connect()` returns a connection that reads DataFrames and returns an outcome for each write.

Each module adds a family of methods to `Incidents`; magics and forms work through these methods.
Imports from every room below; imported by `magics`, `widgets`, `drills` and `doctor`.
"""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incidentio_magic import errors
from incidentio_magic.client._arguments import checked
from incidentio_magic.client.context import ContextMixin
from incidentio_magic.client.exporting import ExportMixin
from incidentio_magic.client.handover import HandoverMixin
from incidentio_magic.client.pages import PageMixin
from incidentio_magic.client.plotting import PlotMixin
from incidentio_magic.client.postmortems import PostmortemMixin
from incidentio_magic.client.raw import RawMixin
from incidentio_magic.client.responding import ResponseMixin
from incidentio_magic.client.similar import SimilarMixin
from incidentio_magic.client.status_page import StatusPageMixin
from incidentio_magic.client.tasks import TaskMixin
from incidentio_magic.client.vocabulary import VocabularyMixin
from incidentio_magic.environment import TRAINING_STAYS, training_in
from incidentio_magic.keystore import stored
from incidentio_magic.settings import Secret, Settings, notebook_settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Incidents", "connect"]


@checked
class Incidents(
    ContextMixin,
    VocabularyMixin,
    PageMixin,
    HandoverMixin,
    RawMixin,
    StatusPageMixin,
    SimilarMixin,
    PlotMixin,
    ExportMixin,
    PostmortemMixin,
    ResponseMixin,
    TaskMixin,
):
    """A connection to one organisation, made by `connect()`. Reads return DataFrames; writes return outcomes.

    Args:
        settings: How to connect and what to show.
        announce: Called with a line when a wait begins, and with "" when it is over.
        clock: A monotonic clock in seconds.
        sleep: Waits for a number of seconds.

    Raises:
        SettingsError: If there is no key, the address is unsafe, or the time zone is unknown.
    """


def connect(
    base_url: str = "", api_key: str = "", *, announce: Callable[[str], None] | None = None, **settings: Any
) -> Incidents:
    """Return a client for one organisation. This sends nothing yet.

    In a notebook that has loaded the extension, a call without an address and a key returns the notebook's own
    connection, with its sandbox, its training mode and the arguments of `%incidents connect`.

    Args:
        base_url: The API's address. If empty: the notebook's, else `INCIDENTIO_BASE_URL`, else incident.io's.
        api_key: The API key. If empty: the notebook's, else the first found in `INCIDENTIO_API_KEY`, `INCIDENT_API_KEY`
            and the system's key store.
        announce: Called with a line when a wait begins, and with "" when it is over.
        settings: Further fields of `Settings`, such as `timezone="Europe/Berlin"`, `training=True` or
            `ledger="writes.jsonl"`.

    Raises:
        SettingsError: If there is no key, the address is unsafe, or a setting has an invalid value.
    """
    given: dict[str, Any] = dict(settings)
    if base_url:
        given["base_url"] = base_url
    if isinstance(key := api_key or given.get("key"), str):  # from here on it is a secret, whatever its format
        given["key"] = Secret(key) if key else None
    if isinstance(path := given.get("ledger"), str):
        given["ledger"] = Path(path).expanduser()
    try:
        notebook = None if base_url or "key" in given else notebook_settings()
        chosen = replace(notebook or Settings.from_environment(os.environ), **given)
    except TypeError:
        known = [field.name for field in fields(Settings)]
        wrong = ", ".join(sorted(set(given) - set(known)))
        raise errors.SettingsError(f"There is no setting {wrong}.", hint=f"there are: {', '.join(known)}") from None
    if not chosen.training and training_in(os.environ):
        raise errors.SettingsError(
            "Training mode is on for all of this environment, so training=False is not possible.", hint=TRAINING_STAYS
        )
    if chosen.key is None:
        chosen = replace(chosen, key=stored(chosen.base_url))
    return Incidents(chosen, announce=announce)
