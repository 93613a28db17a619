"""Reads several lists at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from incidentio_magic.api.waiting import AT_ONCE, Workers
from incidentio_magic.errors import IncidentioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from incidentio_magic.client import Incidents


def read_together(calls: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Make all calls at once and return their results by name; a failed call returns its `IncidentioError`.

    An interrupt does not wait for requests in progress.
    """
    if not calls:
        return {}
    with Workers(min(AT_ONCE, len(calls))) as workers:
        futures = {name: workers.submit(_caught, call) for name, call in calls.items()}
        return {name: future.result() for name, future in futures.items()}


def require(found: Mapping[str, Any], *names: str) -> None:
    """Raise the error of the first of `names` that could not be read."""
    for name in names:
        if isinstance(found[name], IncidentioError):
            raise found[name]


def _caught(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except IncidentioError as error:
        return error


@contextmanager
def announced(client: Incidents, announce: Callable[[str], None]) -> Iterator[None]:
    """Send messages about waits to `announce` instead of the usual receiver; "" means that no request waits."""
    before = client.transport.announce
    client.transport.announce = announce
    try:
        yield
    finally:
        client.transport.announce = before
