"""Compares an organisation's responses with this client's assumptions, without showing names, texts or IDs."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib.resources import files
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api.permissions import SCOPES
from incidentio_magic.api.wire import Answer, Request
from incidentio_magic.client import Incidents
from incidentio_magic.errors import IncidentioError, PermissionDenied
from incidentio_magic.frames import Frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from incidentio_magic.settings import Settings

# Each read, and the requested page size; None if the list has no pages.
READS: Final[dict[str, int | None]] = {
    "/v1/identity": None,
    "/v1/severities": None,
    "/v1/incident_statuses": None,
    "/v1/incident_types": None,
    "/v2/incident_roles": None,
    "/v2/incident_timestamps": None,
    "/v2/custom_fields": None,
    "/v2/users": 250,
    "/v2/incidents": 250,
    "/v2/incident_updates": 250,
    "/v3/actions": 250,
    "/v3/follow_ups": 250,
    "/v2/escalations": 50,
    "/v3/incident_forms": 250,
    "/v2/schedules": 25,
    "/v2/escalation_paths": 25,
    "/v2/alerts": 50,
    "/v2/alert_sources": None,
    "/v2/workflow_runs": 50,
    "/v3/teams": 250,
}
_HEADERS: Final = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id")
_HIDDEN: Final = (("mode", ("test", "tutorial")), ("category", ("declined", "canceled", "merged")))
_PLAIN: Final = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
}

Finding = tuple[str, str, str]


def compare(settings: Settings, make: Callable[[Settings], Incidents] = Incidents) -> pd.DataFrame:
    """Read one page of each list and return how the responses differ from this client's assumptions.

    Nothing is written. The report names operations, fields and values of enumerations; it holds no name, text or ID.

    Args:
        settings: The connection to read from.
        make: Makes a client from settings.

    Returns:
        operation, finding, where (string), times (Int64): one row per kind of difference.

    Raises:
        IncidentioError: If the connection cannot be made.
    """
    assumed: dict[str, Any] = json.loads(
        files("incidentio_magic.doctor").joinpath("assumptions.json").read_text("utf-8")
    )
    found: Counter[Finding] = Counter()
    with make(settings) as client:
        for path, size in READS.items():
            query = (("page_size", str(size)),) if size else ()
            try:
                answer = client.transport.send(Request("GET", path, query=query))
            except IncidentioError as error:
                scope = SCOPES[f"GET {path}"] if isinstance(error, PermissionDenied) else None
                found[f"GET {path}", "could not be read", type(error).__name__ + (f": {scope}" if scope else "")] += 1
                continue
            found.update(
                (f"GET {path}", finding, where) for finding, where in _differences(answer, size, assumed[path])
            )
    rows = [(*finding, times) for finding, times in sorted(found.items())]
    columns = (("operation", "string"), ("finding", "string"), ("where", "string"), ("times", "Int64"))
    return Frames().frame([(name, kind, itemgetter(place)) for place, (name, kind) in enumerate(columns)], rows)


def _differences(answer: Answer, size: int | None, assumed: Any) -> Iterator[tuple[str, str]]:
    for name in _HEADERS:
        if name not in answer.headers:
            yield "header is missing", name
    document = json.loads(answer.content)
    yield from _walk(assumed, document, "")
    if not isinstance(document, dict):
        return
    meta = document.get("pagination_meta")
    if size and isinstance(meta, dict) and meta.get("page_size") != size:
        yield f"page is not of {size} rows", "pagination_meta.page_size"
    incidents = document.get("incidents")
    for incident in incidents if isinstance(incidents, list) else ():
        yield from _unhidden(incident)


def _unhidden(incident: Any) -> Iterator[tuple[str, str]]:
    """Yield incidents that a list shows although they were not requested."""
    if not isinstance(incident, dict):
        return
    status = incident.get("incident_status")
    category = status.get("category") if isinstance(status, dict) else None
    for (name, hidden), value in zip(_HIDDEN, (incident.get("mode"), category), strict=True):
        if value in hidden:
            yield "row is listed that is assumed to be hidden", f"{name} {value}"


def _walk(assumed: Any, value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield the differences between a value and its assumed type."""
    if value is None:
        yield "null", where
    elif isinstance(assumed, str):
        if not isinstance(value, _TYPES[assumed]) or (isinstance(value, bool) and assumed != "boolean"):
            yield f"is no {assumed}", where
    elif "list" in assumed:
        if not isinstance(value, list):
            yield "is no list", where
            return
        for part in value:
            yield from _walk(assumed["list"], part, f"{where}[]")
    elif "enum" in assumed:
        if value not in assumed["enum"]:
            yield "unknown value", f"{where}: {_shown(value)}"
    elif isinstance(value, dict):
        yield from _fields(assumed["fields"], value, where)
    else:
        yield "is no object", where


def _fields(assumed: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    known = {name.rstrip("?"): inner for name, inner in assumed.items()}
    for name in assumed:
        if not name.endswith("?") and name not in value:
            yield "field is missing", f"{where}.{name}".lstrip(".")
    for name, part in value.items():
        inner = f"{where}.{_shown(name)}".lstrip(".")
        if name in known:
            yield from _walk(known[name], part, inner)
        else:
            yield "unknown field", inner


def _shown(name: object) -> str:
    """Return an identifier of the API unchanged; replace anything that may be free text with its length."""
    return name if isinstance(name, str) and _PLAIN.fullmatch(name) else f"(not shown: {len(str(name))} characters)"
