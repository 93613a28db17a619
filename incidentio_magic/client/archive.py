"""Reads an export as a connection reads the service: the same lists, figures and charts, without a request."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NoReturn

from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.client._arguments import checked
from incidentio_magic.client.parallel import EMPTY, READ, Source
from incidentio_magic.client.plotting import PlotMixin
from incidentio_magic.client.reading import ReadMixin
from incidentio_magic.client.similar import SimilarMixin
from incidentio_magic.errors import InputError, NotFound
from incidentio_magic.export.archive import Archive
from incidentio_magic.export.timelines import TIMELINES, UNREAD
from incidentio_magic.frames import Frames
from incidentio_magic.names.resources import RESOURCES
from incidentio_magic.names.vocabulary import Vocabulary
from incidentio_magic.settings import Settings
from incidentio_magic.timeline import DEFAULT_SOURCES, Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from incidentio_magic.api.filters import IncidentFilter
    from incidentio_magic.timeline import Event

_FOREVER: Final = float("inf")
_USERS: Final = "users"


class _NoTransport:
    """Stands in for the transport: it sends nothing, and its current time is the export's.

    Args:
        now: The time up to which the export is complete.
    """

    requests_made = 0
    shows_own_only = False

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time up to which the export is complete."""
        return self._now

    def close(self) -> None:
        """Do nothing; there is no connection."""


class _ArchiveApi:
    """Stands in for the endpoints whose records an export holds.

    Args:
        archive: The export.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.last_unreadable: Counter[str] = Counter()
        self.last_lost = 0

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """Return a function that raises an error, because an export does not hold these records."""
        what = name.replace("_", " ")

        def missing(*_arguments: Any, **_options: Any) -> NoReturn:
            raise InputError(f"An export holds no {what}.", hint="leave out --from to read them from incident.io")

        return missing

    def whole(self, path: str, _kind: Any, _query: Any = (), *, size: int = 0) -> list[Any]:  # noqa: ARG002
        """Return one of the organisation's lists, as it was when the export was written."""
        name = next((name for name, resource in RESOURCES.items() if resource.path == path), "")
        if name == _USERS:
            return self._archive.people()
        if name not in self._archive.vocabulary:
            raise InputError(f"An export holds no {path.rpartition('/')[2].replace('_', ' ')}.")
        return self._archive.vocabulary[name]

    def users(self, **_options: Any) -> Listing[models.User]:
        """List the people who hold a role."""
        return _listing(self._archive.people())

    def custom_field_options(self, _custom_field_id: str) -> Listing[models.CustomFieldOption]:
        """Return no options: the export holds only the options that its incidents use."""
        return _listing([])

    def catalog_entries(self, _catalog_type_id: str, **_options: Any) -> Listing[models.CatalogEntry]:
        """Return no entries: the export holds only the entries that its incidents use."""
        return _listing([])

    def incidents(self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False) -> Listing[Any]:  # noqa: ARG002
        """List incidents."""
        return _IncidentListing(self._archive, which, limit)

    def wide_incidents(self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False) -> Listing[Any]:
        """List incidents with the columns of a wide table."""
        return self.incidents(which, limit=limit, ahead=ahead)

    def narrow_incidents(self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False) -> Listing[Any]:  # noqa: ARG002
        """List incidents without their custom fields, roles and texts."""
        return _IncidentListing(self._archive, which, limit, whole=False)

    def measured_incidents(self, which: IncidentFilter, *, ahead: bool = True) -> Listing[Any]:
        """List incidents with the values that their durations are computed from."""
        return self.narrow_incidents(which, ahead=ahead)

    def incident(self, identity: str) -> models.Incident:
        """Return one incident."""
        found = self._archive.incident(identity)
        if found is None:
            raise NotFound(f"The export holds no incident {identity!r}.", status=404)
        return found

    def incident_updates(self, incident_id: str = "") -> Listing[models.IncidentUpdate]:
        """List updates."""
        return _listing(self._archive.updates(incident_id))

    def escalations(self, incident_ids: str | Iterable[str] = ()) -> Listing[models.Escalation]:
        """List pages."""
        wanted = [incident_ids] if isinstance(incident_ids, str) else incident_ids
        return _listing(self._archive.escalations(wanted))

    def actions(self, incident_id: str = "", _mode: str = "") -> Listing[models.Action]:
        """List actions."""
        return _listing(self._archive.actions(incident_id))

    def follow_ups(self, incident_id: str = "", _mode: str = "") -> Listing[models.FollowUp]:
        """List follow-ups."""
        return _listing(self._archive.follow_ups(incident_id))

    def incident_alerts(self, incident_id: str = "") -> Listing[models.IncidentAlert]:
        """List the alerts that are attached to incidents."""
        return _listing(self._archive.alerts(incident_id))


class _IncidentListing(Listing[models.Incident]):
    """A list of incidents that counts the incidents whose masked values could not be compared.

    Args:
        archive: The export.
        which: Which incidents.
        limit: The maximum number of incidents, or None for all.
        whole: Whether custom fields, roles and texts are wanted.
    """

    def __init__(self, archive: Archive, which: IncidentFilter, limit: int | None, *, whole: bool = True) -> None:
        self._masked: set[str] = set()
        super().__init__(_Batches(archive.incidents(which, self._masked, whole=whole)), limit)

    @property
    def incomplete(self) -> str:
        """Why incidents are missing; "" if none are."""
        count = len(self._masked)
        verb = "s were" if count > 1 else " was"
        masked = f"{count} private incident{verb} not compared: the export masks their fields" if count else ""
        return "; ".join(filter(None, (super().incomplete, masked)))


class _Batches:
    """Serves batches of records to a `Listing`, each as a page.

    Args:
        batches: The batches, in order.
    """

    def __init__(self, batches: Iterator[Sequence[Any]]) -> None:
        self._batches = (batch for batch in batches if batch)
        self._next: Sequence[Any] | None = next(self._batches, None)
        self._number = 0

    def __call__(self, _after: str | None) -> Page[Any]:
        records, self._next = self._next or [], next(self._batches, None)
        self._number += 1
        after = str(self._number) if self._next is not None else None
        return Page(list(records), models.PaginationMeta(after=after, page_size=len(records)))


def _listing(records: Iterable[Any]) -> Listing[Any]:
    found = list(records)
    return Listing(lambda _cursor: Page(found, None))


@checked
class ExportedIncidents(ReadMixin, SimilarMixin, PlotMixin):
    """The incidents of an export, opened by `open_export()`. Its figures equal those from the service.

    If the export holds timelines, `timeline` returns them. With `sources`, or if the export holds no timelines, it
    merges a timeline from the other datasets and names the missing sources.

    Relative times such as `7d` count back from the time up to which the export is complete.

    Args:
        path: The export's folder.
        timezone: The time zone of dates, months and displayed times.
        show_private: Whether to show the text of private incidents, if the export holds it.

    Raises:
        InputError: If the folder holds no complete export.
        ExportFailed: If it cannot be read.
        SettingsError: If DuckDB is not installed (extra `files`).
    """

    def __init__(self, path: str | Path, *, timezone: str = "UTC", show_private: bool = False) -> None:
        self._archive = Archive(path)
        self.settings = Settings(timezone=timezone, show_private=show_private and self._holds_private)
        self.transport: Any = _NoTransport(self._archive.as_of)
        endpoints: Any = _ArchiveApi(self._archive)
        self.api = endpoints
        self.vocabulary = Vocabulary(endpoints, lifetime=_FOREVER)

    def __repr__(self) -> str:
        return f"ExportedIncidents({str(self._archive.path)!r})"

    @property
    def training(self) -> bool:
        """Whether the export holds test incidents only."""
        return self._archive.state.plan.training

    @property
    def _holds_private(self) -> bool:
        return self._archive.state.plan.show_private

    def _shows_private(self, show_private: bool | None) -> bool:
        if show_private and not self._holds_private:
            raise InputError(
                f"The export in {str(self._archive.path)!r} holds no text of private incidents.",
                hint="write another folder with %incidents export FOLDER --show-private",
            )
        return super()._shows_private(show_private)

    def _merged(
        self, incident: models.Incident, wanted: Sequence[str]
    ) -> tuple[Mapping[str, Source], Records, Sequence[Event]]:
        """Return the exported timeline, and how each source ended when it was exported."""
        if list(wanted) != list(DEFAULT_SOURCES) or not self._archive.has(TIMELINES):
            return super()._merged(incident, wanted)  # merged from the export's other datasets
        events = self._archive.events(incident.id)
        counts = Counter(event.source for event in events)
        counts.update(link.partition(":")[0] for event in events for link in event.also_in)
        gaps = self._archive.gaps.get(incident.id, {})
        found = {}
        for name in wanted:
            state, why = gaps.get(UNREAD) or gaps.get(name) or (READ if counts[name] else EMPTY, "")
            found[name] = Source([None] * counts[name], state, why)
        return found, Records(incident), events

    def _frames(self, show_private: bool | None = None) -> Frames:
        return Frames(
            self.vocabulary.severities(),
            self.vocabulary.statuses(),
            timezone=self.settings.timezone,
            show_private=self._shows_private(show_private),
        )


def open_export(path: str | Path, *, timezone: str = "UTC", show_private: bool = False) -> ExportedIncidents:
    """Open an export and read it like a connection: `open_export("archive").metrics(by="severity")`.

    DuckDB reads the files in batches of rows, in this process. If the history is too large for one machine, compute the
    same figures from the same files with Dask or Spark. A duration is the difference of two `at.` columns. An incident
    counts if its `mode` is not test or tutorial, its `category` is not declined, canceled or merged, and its end is not
    before its start; p90 is the value at position 0.9 n, rounded up, in ascending order:

        incidents = dask.dataframe.read_parquet("archive/incidents")
        incidents = incidents[~incidents["mode"].isin(["test", "tutorial"])]
        incidents = incidents[~incidents["category"].isin(["declined", "canceled", "merged"])]
        lasted = (incidents["at.Fixed at"] - incidents["at.Reported at"]).dt.total_seconds()
        incidents = incidents.assign(lasted=lasted)[lasted >= 0]
        incidents.groupby("severity")["lasted"].apply(lambda seconds: seconds.median(), meta=("lasted", "f8")).compute()

        spark.read.parquet("archive/incidents").createOrReplaceTempView("incidents")
        spark.sql('''SELECT severity, count(*) n, median(`at.Fixed at` - `at.Reported at`) median,
            percentile_disc(0.9) WITHIN GROUP (ORDER BY `at.Fixed at` - `at.Reported at`) p90 FROM incidents
            WHERE mode NOT IN ('test', 'tutorial') AND category NOT IN ('declined', 'canceled', 'merged')
            AND `at.Fixed at` >= `at.Reported at` GROUP BY severity''')

    Args:
        path: The export's folder.
        timezone: The time zone of dates, months and displayed times.
        show_private: Whether to show the text of private incidents, if the export holds it.

    Raises:
        InputError: If the folder holds no complete export.
        ExportFailed: If it cannot be read.
        SettingsError: If DuckDB is not installed (extra `files`).
    """
    return ExportedIncidents(path, timezone=timezone, show_private=show_private)
