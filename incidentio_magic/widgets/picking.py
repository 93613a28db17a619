"""What the forms about an existing incident share: which one is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ipywidgets import Box

from incidentio_magic.api.filters import Choice as Filter
from incidentio_magic.api.filters import IncidentFilter
from incidentio_magic.api.models import OPEN_CATEGORIES
from incidentio_magic.drafts import TEST
from incidentio_magic.errors import IncidentioError
from incidentio_magic.widgets.fields import Choice, Field, Words
from incidentio_magic.widgets.form import Form
from incidentio_magic.widgets.loading import demanded, together
from incidentio_magic.widgets.words import line_of
from incidentio_magic.widgets.written import Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.outcomes import Outcome


class Reference(Words):
    """A reference that is looked up when it is typed; it stays only if there is no such incident."""

    failure: IncidentioError | None = None

    def read(self) -> str:
        """Return nothing: what is found is chosen in the list.

        Raises:
            IncidentioError: If what is typed was not found.
        """
        if self.control.value.strip() and self.failure is not None:
            raise self.failure
        return ""


class IncidentForm(Form):
    """A form about an incident that there is already.

    Args:
        client: The connection, or what returns the present one.
        reference: The incident; chosen in the form if empty.
        render: Computes the templates in the message.
        on_sent: Called with how each write ended.
        message: What to tell, in Markdown.
        severity: A severity's name.
        status: A status's name.
    """

    categories: ClassVar[tuple[str, ...]] = OPEN_CATEGORIES

    def __init__(
        self,
        client: Incidents | Callable[[], Incidents],
        reference: str = "",
        *,
        render: Callable[[str], str] | None = None,
        on_sent: Callable[[Outcome], None] | None = None,
        message: str = "",
        severity: str = "",
        status: str = "",
    ) -> None:
        self._given = {"reference": reference, "message": message, "severity": severity, "status": status}
        self._fitted: models.Incident | None = None
        self._severities: list[models.Severity] = []
        self._statuses: list[models.IncidentStatus] = []
        super().__init__(client, render=render, on_sent=on_sent)

    @property
    def incident(self) -> models.Incident | None:
        """The incident that is meant, if one is chosen."""
        return self.fields["incident"].read()  # type: ignore[no-any-return]

    def build_picker(self) -> Box:
        """Make the fields that say which incident is meant."""
        pick = self.add(Choice("incident", "Incident", empty="Choose an incident…", changed=self.changed))
        other = self.add(
            Reference("reference", "or another, by its reference", placeholder="INC-123", changed=self.changed)
        )
        return Box([pick, other]).add_class("incidentio-grid")

    def build_message(self, placeholder: str) -> Written:
        """Make the field of the message."""
        placeholder += " Markdown and {{ variables }} work."
        return self.add(  # type: ignore[no-any-return]
            Written("message", "Message", render=self._render, changed=self.changed, placeholder=placeholder)
        )

    def read_lists(self, client: Incidents) -> None:
        """Read the incidents and the words, all at once, and offer them."""
        chosen = self.incident
        reference = self._given["reference"] or (chosen.reference if chosen else "")
        words = client.vocabulary
        found = together(
            {
                "identity": words.identity,
                "severities": words.severities,
                "statuses": words.statuses,
                "incidents": lambda: self._listed(client),
                **({"incident": lambda: words.incident(reference)} if reference else {}),
                **self.more_lists(client),
            }
        )
        demanded(found, "identity", "severities", "statuses", "incidents", *(["incident"] if reference else []))
        self._severities, self._statuses = found["severities"], found["statuses"]
        self.take(found)
        words.saw(found["incidents"])
        self._offer(client, found["incidents"], found.get("incident"))
        self.fit()
        self._fitted = self.incident
        for name in ("severity", "status"):
            if self._given[name] and name in self.fields:
                record = getattr(words, name)(self._given[name])
                field: Any = self.fields[name]
                field.choose(record)
                if field.read() is None:
                    field.hint = f"{record.name} is not possible now"
        if self._given["message"]:
            message: Any = self.fields["message"]
            message.write(self._given["message"])
        self._given = dict.fromkeys(self._given, "")

    def more_lists(self, _client: Incidents) -> dict[str, Callable[[], Any]]:
        """Return what else is read when the form opens, by name."""
        return {}

    def take(self, found: dict[str, Any]) -> None:
        """Take what `more_lists` has brought."""

    def fit(self) -> None:
        """Offer what is possible for the chosen incident."""

    def changed(self, field: Field) -> None:
        """Look up a typed reference; fit the form to another incident."""
        if isinstance(field, Reference):
            self._look_up(field)
        super().changed(field)

    def adapt(self) -> None:
        """Fit the form to the incident, if it is another one than before."""
        if self._client is not None and self.incident is not self._fitted:
            self.fit()
            self._fitted = self.incident

    def renew(self) -> None:
        """Begin a new one about the same incident, as it is now."""
        self._given["reference"] = self.incident.reference if self.incident else ""
        super().renew()

    def _listed(self, client: Incidents) -> list[models.Incident]:
        modes = (TEST,) if client.settings.training else ()
        listing = client.api.incidents(IncidentFilter(category=Filter(one_of=self.categories), modes=modes))
        return sorted(listing, key=_urgency, reverse=True)

    def _offer(self, client: Incidents, incidents: list[models.Incident], meant: models.Incident | None = None) -> None:
        if meant is not None:
            others = [one for one in incidents if one.id != meant.id]
            incidents = [meant, *others] if len(others) == len(incidents) else incidents
        show_private = client.settings.show_private
        pick: Any = self.fields["incident"]
        pick.offer(incidents, lambda one: line_of(one, show_private=show_private))
        if meant is not None:
            pick.choose(meant)

    def _look_up(self, field: Reference) -> None:
        field.failure = None
        typed = str(field.control.value).strip()
        if not typed:
            return
        try:
            found = self.client.incident(typed)
        except IncidentioError as error:
            field.failure = error
            return
        field.clear()
        pick: Any = self.fields["incident"]
        self._offer(self.client, [one for one in pick.records if one.id != found.id], found)
        pick.touched = True


def _urgency(incident: models.Incident) -> tuple[int, Any]:
    return (incident.severity.rank if incident.severity else 0), incident.created_at
