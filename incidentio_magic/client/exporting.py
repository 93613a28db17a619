"""Exports incidents and their updates as a folder of files."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from incidentio_magic.client.reading import asked_for
from incidentio_magic.client.timeline import TimelineMixin
from incidentio_magic.client.timeline import chosen as chosen_of
from incidentio_magic.frames import Frames
from incidentio_magic.names.query import IncidentQuery, alternatives, select

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from incidentio_magic.export import Export, Folder
    from incidentio_magic.names.query import Names, ResolvedQuery


class ExportMixin(TimelineMixin):
    """The exports of a connection."""

    def export(
        self,
        path: str | Path,
        *,
        format: str = "parquet",  # noqa: A002  what it is called everywhere
        updates: bool = True,
        parts: Names = (),
        show_private: bool | None = None,
        progress: bool = True,
        **filters: Any,
    ) -> pd.DataFrame:
        """Write incidents and their updates to a folder, or update an existing export there.

        If interrupted, run it again and it resumes. If the export is complete, a further run reads only what has
        changed since, with a day's overlap. Without filters, incidents of every mode and category are exported. An
        incident that no longer matches the filters is removed. A deleted incident stays, because the service does not
        report deletions.

        Args:
            path: The folder.
            format: `parquet` (needs the extra `parquet`) or `csv`.
            updates: Whether to export the incidents' updates too.
            parts: What else to export. `pages`, `alerts`, `actions` and `follow_ups`, or `all` of these four, are read
                again in full in each run. `timelines` takes about ten requests per incident, so only changed timelines
                are read again. Once a folder holds a part, each run updates it.
            show_private: Whether to write the names and messages of private incidents; the connection's setting if
                None.
            progress: Whether to show a progress bar.
            filters: Which incidents; the fields of `IncidentQuery`, by name. Relative times such as `7d` count back
                from the first export.

        Returns:
            One row per dataset: dataset, path (string); rows, added, replaced (rows that differed), removed, files
            (Int64). `attrs` says up to when the export is complete, and what could not be read. Its `missing` holds, by
            incident ID, why updates could not be read; updates that were already in the files stay. Sources: `GET
            /v2/incidents`, `GET /v2/incident_updates`; for the parts `GET /v2/escalations`, `/v2/incident_alerts`,
            `/v3/actions`, `/v3/follow_ups`.

        Raises:
            UnknownName: If there is no such part.
            InputError: If the folder holds other files, or an export with other filters or from another organisation.
            ExportFailed: If the folder cannot be written.
            SettingsError: If the extra is missing.
        """
        # These modules load on first use.
        from incidentio_magic.export import Export, Folder, Plan, format_named  # noqa: PLC0415
        from incidentio_magic.export.folder import folder_path  # noqa: PLC0415
        from incidentio_magic.export.parts import PARTS  # noqa: PLC0415
        from incidentio_magic.export.run import INCIDENT_UPDATES  # noqa: PLC0415
        from incidentio_magic.export.timelines import TIMELINES, ReadTimeline  # noqa: PLC0415

        query = asked_for(filters)
        chosen = format_named(format)
        names = tuple(part.name for part in PARTS)
        wanted = tuple(chosen_of("part", parts, (*names, TIMELINES), everything=names))
        private = self.settings.show_private if show_private is None else show_private
        folder = Folder(folder_path(path), chosen.suffix)
        before = self.transport.requests_made
        self.vocabulary.refresh()
        identity = self.vocabulary.identity()
        typed = _typed(query)
        plan = Plan(
            identity.dashboard_url, chosen.name, typed, updates, private, self.training, wanted, self.transport.everyone
        )

        def selections(now: datetime) -> list[ResolvedQuery]:
            return [
                select(
                    each,
                    self.vocabulary,
                    now=lambda: now,
                    zone=self.settings.zone,
                    training=self.training,
                    show_private=private,
                )
                for each in alternatives(replace(query, all=not query.open))
            ]

        def timeline_of(identity: str) -> ReadTimeline:
            story = self._story(self.incident(identity))
            return ReadTimeline(frames.timeline(story.events, declared=story.declared), story.events, story.gaps)

        frames = Frames(self.vocabulary.severities(), self.vocabulary.statuses(), show_private=private)
        job = Export(
            plan,
            selections,
            bool(typed) or self.training,
            self.api,
            self.vocabulary,
            frames,
            folder,
            chosen,
            self.transport.now,
            timeline_of,
            progress=progress,
        )
        state = job.run()
        frame = self._summary(job, folder, left_out="" if updates else INCIDENT_UPDATES)
        frame.attrs |= {
            "complete": not (job.missing or job.lost),
            "why_incomplete": _why_incomplete(job),
            "missing": job.missing,
            "unreadable": dict(job.unreadable),
            "as_of": state.complete_to,
            "pages": job.pages,
            "requests": self.transport.requests_made - before,
        }
        return frame

    def _summary(self, job: Export, folder: Folder, *, left_out: str) -> pd.DataFrame:
        rows = []
        for name, dataset in job.datasets.items():
            if name != left_out:
                count, files = dataset.count()
                rows.append((name, count, job.tallies[name], files, str(folder.path / name)))
        return self._frames().frame(
            [
                ("dataset", "string", lambda row: row[0]),
                ("rows", "Int64", lambda row: row[1]),
                ("added", "Int64", lambda row: row[2].added),
                ("replaced", "Int64", lambda row: row[2].replaced),
                ("removed", "Int64", lambda row: row[2].removed),
                ("files", "Int64", lambda row: row[3]),
                ("path", "string", lambda row: row[4]),
            ],
            rows,
        )


def _why_incomplete(job: Export) -> str:
    """Return what the export is missing; "" if nothing."""
    lost = f"{job.lost} record{'s' if job.lost > 1 else ''} could not be read" if job.lost else ""
    parts = [f"{name}: {reason.rstrip('.')}" for name, reason in job.missing.items() if name in job.datasets]
    gone = ", ".join(
        f"{identity} ({reason.rstrip('.')})" for identity, reason in job.missing.items() if identity not in job.datasets
    )
    return "; ".join(filter(None, (lost, *parts, f"no updates of {gone}" if gone else "")))


def _typed(query: IncidentQuery) -> dict[str, str]:
    """Return the filters that are set, as strings."""
    given = {field.name: getattr(query, field.name) for field in fields(IncidentQuery)}
    return {name: _text(value) for name, value in given.items() if value and name != "all"}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}={_text(single)}" for name, single in sorted(value.items()))
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
