"""Finds earlier incidents that are similar to an incident, and says why, how they were fixed, and how long it took."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from incidentio_magic import errors
from incidentio_magic.client.connection import Connection
from incidentio_magic.client.parallel import GONE, Source, gather
from incidentio_magic.frames import MASK
from incidentio_magic.names.query import IncidentQuery, select
from incidentio_magic.similarity import Match, Similarity, Traits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.api import models

_ALERTS_OF: Final = 30  # how many of the nearest incidents also have their alerts compared
_LEAST: Final = 0.1  # below this score, incidents have almost nothing in common
_LEFT_OUT: Final = frozenset({"declined", "canceled", "merged"})
_PRACTICE: Final = frozenset({"test", "tutorial"})
_SHOWN: Final = ("reference", "name", "why", "lasted", "fix")


class Similar(NamedTuple):
    """An earlier incident that is similar to the given incident.

    Args:
        incident: The incident.
        match: How similar it is, and why.
        related: Whether incident.io itself lists the two as related.
        fixed_at: When it was fixed.
        fix: How it was fixed.
    """

    incident: models.Incident
    match: Match
    related: bool
    fixed_at: datetime | None = None
    fix: str | None = None


class SimilarMixin(Connection):
    """The method of a connection that finds similar incidents."""

    def similar(
        self, reference: str, *, limit: int = 10, since: str = "365d", show_private: bool | None = None
    ) -> pd.DataFrame:
        """Return earlier incidents that are similar to an incident, the most similar first.

        It compares names, summaries, types and custom field values; for the most similar incidents also alerts. A word
        or value that few incidents share counts more than one that many share. Incidents that incident.io itself lists
        as related are always included, and marked. Declined, canceled and merged incidents are left out; so are test
        incidents, unless the incident itself is a test.

        Args:
            reference: The incident.
            limit: The maximum number of rows.
            since: Only incidents declared since then: `90d`, or a date.
            show_private: Whether to compare and show private incidents; the connection's setting if None. A related
                private incident is always listed, but masked.

        Returns:
            reference, name, why, fix, permalink (string); score (Float64, between 0 and 1); severity, status (ordered
            category); declared_at (time); lasted (timedelta, from the declaration until it was fixed); related
            (boolean). `fix` is the text of a field about the cause or the resolution, else the message shared when the
            incident was fixed. `attrs` says how many incidents were compared, and what could not be read. Sources: `GET
            /v2/incidents`, `/v2/incident_alerts`, `/v2/incident_updates`, `GET /v1/incident_relationships`.

        Raises:
            UnknownName: If there is no such incident.
            InputError: If the incident is private and private text may not be shown.
        """
        if limit < 1:
            raise errors.InputError(f"limit must be at least 1, not {limit}.", hint="leave it out to get 10")
        before = self.transport.requests_made
        incident = self.incident(reference)
        private = self._shows_private(show_private)
        if incident.is_private and not private:
            raise errors.InputError(
                f"{incident.reference} is private, and the words it shares with other incidents would reveal its text.",
                hint=f"%incidents similar {incident.reference} --show-private compares it all the same",
            )
        earlier, incomplete = self._earlier(incident, since, private=private)
        sources = gather({"related incidents": partial(self._related, incident)})
        related = {found.id: found for found in sources["related incidents"].records}
        nearest = self._nearest(incident, earlier, related, sources, private=private)
        kept = self._with_fixes(nearest[:limit], sources, private=private)
        frame = self._similar_frame(kept, private=private)
        incomplete += [f"{name}: {source.why}" for name, source in sources.items() if not source.complete]
        frame.attrs |= {
            "incident": incident.reference,
            "compared": len(earlier),
            "complete": not incomplete,
            "why_incomplete": "; ".join(incomplete),
            "as_of": self.transport.now().isoformat(timespec="seconds"),
            "requests": self.transport.requests_made - before,
        }
        return frame

    def _earlier(
        self, incident: models.Incident, since: str, *, private: bool
    ) -> tuple[list[models.Incident], list[str]]:
        """Return the incidents declared before the given incident, and why some are missing."""
        mode = incident.mode if incident.mode in _PRACTICE else "standard,retrospective"
        query = IncidentQuery(since=since, mode="" if self.training else mode, all=True)
        self.vocabulary.statuses()  # read first: the response sets the service's clock
        selection = select(
            query, self.vocabulary, now=self.transport.now, zone=self.settings.zone, training=self.training
        )
        listing = self.api.incidents(selection.which, ahead=True)
        declared = self.vocabulary.declared_at(incident)
        found = [
            other
            for other in listing
            if other.id != incident.id
            and selection.admits(other)
            and self.vocabulary.declared_at(other) < declared
            and other.incident_status.category not in _LEFT_OUT
        ]
        open_ones = [other for other in found if private or not other.is_private]
        missing = [listing.incomplete] if listing.incomplete else []
        if hidden := len(found) - len(open_ones):
            verb = "s were" if hidden > 1 else " was"
            missing.append(f"{hidden} private incident{verb} not compared (--show-private compares them)")
        return open_ones, missing

    def _related(self, incident: models.Incident) -> list[models.Incident]:
        """Return the incidents that the service calls related, without those that this key may not see."""
        found = []
        for relationship in self.api.incident_relationships(incident.id):
            try:
                found.append(self.api.incident(relationship.incident.id))
            except GONE:
                continue
        return found

    def _nearest(
        self,
        incident: models.Incident,
        earlier: Sequence[models.Incident],
        related: Mapping[str, models.Incident],
        sources: dict[str, Source],
        *,
        private: bool,
    ) -> list[Similar]:
        """Return the similar incidents, the most similar first."""
        traits = {other.id: _traits(other) for other in earlier}
        similarity = Similarity(_traits(incident), traits.values())
        compared = {other.id: other for other in (*earlier, *related.values()) if private or not other.is_private}
        traits |= {identity: _traits(other) for identity, other in related.items() if identity not in traits}
        scores = {identity: similarity.match(traits[identity]) for identity in compared}
        near = sorted(compared, key=lambda identity: -scores[identity].score)[:_ALERTS_OF]
        alerts = gather(
            {identity: partial(self._alert_titles, identity) for identity in dict.fromkeys([incident.id, *near])}
        )
        sources["alerts"] = next((source for source in alerts.values() if not source.complete), Source())
        similarity.with_alerts(alerts[incident.id].records)
        for identity in near:
            scores[identity] = similarity.match(replace(traits[identity], alerts=tuple(alerts[identity].records)))
        found = [
            Similar(other, scores.get(identity, Match(0.0, ())), identity in related)
            for identity, other in {**compared, **related}.items()
            if identity in related or scores[identity].score >= _LEAST
        ]
        return sorted(found, key=lambda row: (not row.related, -row.match.score, row.incident.reference))

    def _alert_titles(self, identity: str) -> list[str]:
        return [link.alert.title for link in self.api.incident_alerts(identity)]

    def _with_fixes(self, rows: Sequence[Similar], sources: dict[str, Source], *, private: bool) -> list[Similar]:
        """Return the rows with when and how each incident was fixed."""
        from incidentio_magic.metrics import impact_of, milestones, moments_of  # noqa: PLC0415  loads pandas

        fixed = milestones(self.vocabulary.timestamps(), {}).found.get("fixed")
        moments = {row.incident.id: moments_of(row.incident).get(fixed.id) if fixed else None for row in rows}
        for row in rows:
            if moments[row.incident.id] is None:
                moments[row.incident.id] = impact_of(row.incident, self.vocabulary.timestamps()).end
        wanted = [row.incident for row in rows if private or not row.incident.is_private]
        read = gather({other.id: partial(self.api.incident_updates, other.id) for other in wanted})
        sources["updates"] = next((source for source in read.values() if not source.complete), Source())
        found = []
        for row in rows:
            fixed_at = moments[row.incident.id]
            hidden = row.incident.is_private and not private
            updates = read[row.incident.id].records if row.incident.id in read else ()
            fix = MASK if hidden else _field_text(row.incident) or _message_at(updates, fixed_at)
            found.append(row._replace(fixed_at=fixed_at, fix=fix))
        return found

    def _similar_frame(self, rows: Sequence[Similar], *, private: bool) -> pd.DataFrame:
        frames = self._frames(show_private=private)
        declared = {row.incident.id: self.vocabulary.declared_at(row.incident) for row in rows}

        def why(row: Similar) -> str:
            return "; ".join((["related in incident.io"] if row.related else []) + list(row.match.why))

        def lasted(row: Similar) -> float | None:
            return (row.fixed_at - declared[row.incident.id]).total_seconds() if row.fixed_at else None

        frame = frames.frame(
            [
                ("reference", "string", lambda row: row.incident.reference),
                ("name", "string", lambda row: row.incident.shown_name(show_private=private)),
                ("score", "Float64", lambda row: round(row.match.score, 2)),
                ("why", "string", why),
                ("severity", "severity", lambda row: row.incident.severity.name if row.incident.severity else None),
                ("status", "status", lambda row: row.incident.incident_status.name),
                ("declared_at", frames.time, lambda row: declared[row.incident.id]),
                ("lasted", "timedelta64[us]", lasted),
                ("fix", "string", lambda row: row.fix),
                ("related", "boolean", lambda row: row.related),
                ("permalink", "string", lambda row: row.incident.permalink),
            ],
            rows,
        )
        frame.attrs["shown"] = {"columns": list(_SHOWN), "of": len(frame.columns)}
        return frame


def _traits(incident: models.Incident) -> Traits:
    fields: dict[str, tuple[str, ...]] = {}
    for entry in incident.custom_field_entries or ():
        name = entry.custom_field.name
        fields[name] = (*fields.get(name, ()), *entry.texts)
    if incident.incident_type:
        fields["type"] = (incident.incident_type.name,)
    return Traits(incident.name, incident.summary or "", fields)


def _field_text(incident: models.Incident) -> str | None:
    """Return the text of the incident's fields about its cause and its resolution."""
    from incidentio_magic.postmortem.sections import by_section  # noqa: PLC0415  loads jinja2

    rows = [
        {"name": entry.custom_field.name, "value": text}
        for entry in incident.custom_field_entries or ()
        for text in entry.texts
    ]
    sections = by_section(rows)
    return "; ".join(f"{row['name']}: {row['value']}" for row in (*sections["causes"], *sections["resolution"])) or None


def _message_at(updates: Iterable[models.IncidentUpdate], fixed_at: datetime | None) -> str | None:
    """Return the message shared nearest to the moment when an incident was fixed, else the last message."""
    messages = [update for update in updates if update.message]
    if not messages:
        return None
    if fixed_at is None:
        return max(messages, key=lambda update: update.created_at).message
    return min(messages, key=lambda update: abs(update.created_at - fixed_at)).message


def similar_lines(attrs: Mapping[Any, Any]) -> list[str]:
    """Return lines that describe what a frame of similar incidents is based on.

    Args:
        attrs: The frame's `attrs`.
    """
    count = attrs["compared"]
    lines = [f"Compared with {count} earlier incident{'' if count == 1 else 's'}."]
    return [*lines, *([f"Incomplete: {attrs['why_incomplete']}."] if attrs["why_incomplete"] else [])]
