"""Reads any endpoint as a frame: every page, within the rate limit. The frame says whether it is complete."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from incidentio_magic import errors
from incidentio_magic.api.models import MASK, PRIVATE
from incidentio_magic.client._lists import Reading
from incidentio_magic.client.task_lists import TaskListMixin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from incidentio_magic.names.query import Names

_PATH: Final = re.compile(r"/v\d+(?:/[\w.~-]+)+")
_VERSION: Final = re.compile(r"/v\d+/")
# Endpoints about incidents: their free text is private if the incident is private or unknown.
_ABOUT_INCIDENTS: Final = re.compile(
    r"incidents?|incident_\w+|actions|follow_ups|alerts|escalations|call_\w+|postmortem_\w+|workflow_runs|debriefs\w*"
)
_LISTS: Final = frozenset(
    {"incident_statuses", "incident_types", "incident_roles", "incident_timestamps", "incident_forms"}
)
_OPEN_NAMES: Final = re.compile(
    r"(?:\w*_)?(?:id|ids|at|type|status|visibility|mode|rank|reference|event|urgency|category|permalink)"
)
_SECRET: Final = re.compile(r"(?:\w*_)?(?:token|secret|password|authorization)s?", re.IGNORECASE)
_MENTIONS: Final = frozenset({"incident", "incidents", "related_incident", "related_incidents", "merged_into_incident"})


class RawMixin(TaskListMixin):
    """The method of a connection that reads any endpoint."""

    def get(
        self, path: str, params: Mapping[str, Names] | None = None, *, show_private: bool | None = None
    ) -> pd.DataFrame:
        """Return all records of any GET endpoint as rows, from every page.

        Args:
            path: The endpoint's path, such as `/v2/workflows`; it may contain a query.
            params: Query parameters; a list gives one parameter several values. An `incident_id` may be a reference.
            show_private: Whether to show the free text of private incidents; the connection's setting if None.

        Returns:
            One row per record. A nested value has a column such as `status.name`; a list is JSON. Free text is masked
            if its incident is private or unknown. `attrs` says whether the frame is complete. Source: `GET` of the
            path.

        Raises:
            InputError: If the path is not a path of the API.
            NotFound: If there is no such endpoint or record.
            UnexpectedAnswer: If the response is not JSON.
        """
        path, query = _address(path, self.transport.base_url)
        for name, values in (params or {}).items():
            query += [(name, str(value)) for value in ([values] if isinstance(values, str) else values)]
        query = [(name, self.incident(value).id if name == "incident_id" else value) for name, value in query]
        read = Reading()
        records = [record.members for record in read.all(self.api.raw(path, tuple(query))).values()]
        shown = self.settings.show_private if show_private is None else show_private
        missing: dict[str, str] = {}
        hidden = 0
        if not shown and _is_about_incidents(path):
            about = [value for name, value in query if name == "incident_id"]
            private, missing = self._private_records(records, about)
            records = [_masked(record) if hide else record for record, hide in zip(records, private, strict=True)]
            hidden = sum(private)
        frame = self._frames(show_private).raw([_without_secrets(record) for record in records])
        frame.attrs |= read.attrs(self.transport.now(), missing)
        frame.attrs["hidden"] = hidden
        return frame

    def _private_records(
        self, records: Sequence[Mapping[str, Any]], about: Sequence[str]
    ) -> tuple[list[bool], dict[str, str]]:
        """Return for each record whether its incident is private or unknown, and why incidents could not be read."""
        mentioned = [[*_mentioned(record), *about] for record in records]
        known = [list(_visibilities(record)) for record in records]
        unknown = {
            identity for identities, seen in zip(mentioned, known, strict=True) if not seen for identity in identities
        }
        incidents, missing = self._incidents_by_id(sorted(unknown))
        private = []
        for identities, seen in zip(mentioned, known, strict=True):
            found = [incidents.get(identity) for identity in identities]
            hidden = PRIVATE in seen or any(incident is None or incident.is_private for incident in found if not seen)
            private.append(hidden or not (seen or found))
        return private, missing


def _address(path: str, base_url: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the path of an endpoint and the parameters in its query.

    Raises:
        InputError: If it is not a path of the API.
    """
    text = path.strip()
    parts = urlsplit(text.removeprefix(base_url) if text.startswith(f"{base_url}/") else text)
    plain = unquote(parts.path)
    blank = any(map(str.isspace, text))  # URL parsers silently drop some characters
    if blank or parts.scheme or parts.netloc or not _PATH.fullmatch(plain) or ".." in plain:
        hint = "write it like /v2/workflows; https://api-docs.incident.io lists them"
        raise errors.InputError(f"{path!r} is not the path of an endpoint.", hint=hint)
    return plain, parse_qsl(parts.query)


def _is_about_incidents(path: str) -> bool:
    first = _VERSION.sub("", path, count=1).partition("/")[0]
    return bool(_ABOUT_INCIDENTS.fullmatch(first)) and first not in _LISTS


def _visibilities(value: Any) -> Iterator[str]:
    """Yield every visibility that occurs in a record."""
    if isinstance(value, dict):
        if isinstance(value.get("visibility"), str):
            yield value["visibility"]
        for inner in value.values():
            yield from _visibilities(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _visibilities(inner)


def _mentioned(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the IDs of the incidents that a record is about."""
    if isinstance(identity := record.get("incident_id"), str) and identity:
        yield identity
    for name in _MENTIONS & record.keys():
        inner = record[name] if isinstance(record[name], list) else [record[name]]
        for incident in inner:
            if isinstance(incident, dict) and isinstance(incident.get("id"), str):
                yield incident["id"]


def _masked(value: Any, name: str = "") -> Any:
    """Return a record with its free text masked; IDs, times, statuses and similar values stay."""
    if isinstance(value, dict):
        return {key: _masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, name) for inner in value]
    return MASK if isinstance(value, str) and value and not _OPEN_NAMES.fullmatch(name) else value


def _without_secrets(value: Any, name: str = "") -> Any:
    """Return a record in which every possible key or password is hidden."""
    if isinstance(value, dict):
        return {key: _without_secrets(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner, name) for inner in value]
    return "…" if isinstance(value, str) and value and _SECRET.fullmatch(name) else value
