"""Postmortems: drafted from everything known about an incident, and imported into incident.io once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.client.timeline import TimelineMixin, chosen
from incidentio_magic.writes.drafts import Document

if TYPE_CHECKING:
    from pathlib import Path

    from incidentio_magic.names.query import Names
    from incidentio_magic.postmortem.draft import PostmortemDraft
    from incidentio_magic.writes.outcome import Outcome

_PICTURE: Final = "timeline.png"  # the picture's placeholder in the text until the draft is shown or saved


class PostmortemMixin(TimelineMixin):
    """The postmortems of a connection."""

    def postmortem(
        self,
        reference: str,
        *,
        template: str | Path = "",
        kind: Names = (),
        curated: bool = False,
        plot: bool = False,
        show_private: bool | None = None,
    ) -> PostmortemDraft:
        """Return a draft of an incident's postmortem.

        Args:
            reference: The incident.
            template: `sre`, `howie`, `short`, or the path of a Jinja template file that uses the fields of `Facts`.
            kind: The kinds of key events, from `KINDS`; if empty, the kinds that make up the story, and every curated
                event.
            curated: Whether only events of the curated timeline count as key events.
            plot: Whether the draft includes a picture of the timeline.
            show_private: Whether to include the text of a private incident; the connection's setting if None.

        Raises:
            UnknownName: If there is no such incident.
            InputError: If the template file cannot be read.
            TemplateError: If the template uses an unknown name, or fails.
            SettingsError: If `plot` is set and its extra is not installed.
        """
        from incidentio_magic.postmortem.draft import PostmortemDraft, rendered  # noqa: PLC0415  loads jinja2
        from incidentio_magic.postmortem.facts import facts  # noqa: PLC0415  beside the rest
        from incidentio_magic.timeline import KINDS  # noqa: PLC0415  beside the rest

        shown = self.settings.show_private if show_private is None else show_private
        frame, records = self._timeline(reference, show_private=shown)
        incident = records.incident
        known = facts(
            records,
            frame,
            self.vocabulary.timestamps(),
            zone=self.settings.zone,
            show_private=shown,
            kinds=chosen("kind of event", kind, KINDS),
            curated=curated,
            chart=_PICTURE if plot else "",
        )
        picture = b""
        if plot:
            from incidentio_magic.plots import timeline_chart  # noqa: PLC0415  only where it is drawn

            picture = timeline_chart(frame, timezone=self.settings.timezone).png()
        title = f"{incident.reference}: {incident.shown_name(show_private=shown)}"
        return PostmortemDraft(incident, title, rendered(known, template), known, picture)

    def import_postmortem(self, draft: PostmortemDraft, *, again: bool = False, dry_run: bool = False) -> Outcome:
        """Import a draft into incident.io as a postmortem document, unless the incident already has one.

        Args:
            draft: The draft; `dataclasses.replace(draft, markdown=…)` changes its text.
            again: Whether to import it even if the incident already has a document.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            InputError: If the draft of a private incident is masked.
            OutcomeUnknown: If it is unknown whether the draft was imported.

        Sources: `GET /v1/postmortem_documents`, `POST /v2/incidents/{id}/actions/import_postmortem_document`.
        """
        if draft.facts.is_masked:
            raise errors.InputError(
                f"{draft.incident.reference} is private and its draft is masked; nothing was sent.",
                hint="--show-private writes it out",
            )
        return self._sender.send_checked(
            Document(draft.incident, draft.title, draft.markdown), again=again, dry_run=dry_run
        )
