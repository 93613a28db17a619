"""What the forms about an existing incident share: which one is meant."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from incidentio_magic.api.filters import Choice as Filter
from incidentio_magic.api.filters import IncidentFilter
from incidentio_magic.api.models import OPEN_CATEGORIES, TEST
from incidentio_magic.errors import IncidentioError, InputError
from incidentio_magic.widgets.form import Form
from incidentio_magic.widgets.form_fields import error_line
from incidentio_magic.widgets.incident_picker import IncidentPicker
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.parallel_reads import announced, read_together, require

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome


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
        lazy: Whether the lists are read only when the form is shown.
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
        lazy: bool = False,
    ) -> None:
        self._given = {"reference": reference, "message": message, "severity": severity, "status": status}
        self._fitted: models.Incident | None = None
        self._severities: list[models.Severity] = []
        self._statuses: list[models.IncidentStatus] = []
        self._permissions: Sequence[str] = ()
        super().__init__(client, render=render, on_sent=on_sent, lazy=lazy)

    @property
    def incident(self) -> models.Incident | None:
        """The incident that is meant, if one is chosen."""
        return self.picker.chosen

    def build_picker(self) -> IncidentPicker:
        """Make the field that says which incident is meant."""
        self.picker = IncidentPicker("incident", look_up=self._look_up, changed=self.changed)
        return self.add(self.picker)  # type: ignore[no-any-return]

    def build_message(self, placeholder: str) -> MarkdownField:
        """Make the field of the message."""
        return self.add(  # type: ignore[no-any-return]
            MarkdownField(
                "message",
                "Message",
                render=self._render,
                changed=self.changed,
                placeholder=f"{placeholder} {self._works}",
            )
        )

    def read_lists(self, client: Incidents) -> None:
        """Read the incidents and the words, all at once, and offer them."""
        chosen = self.incident
        reference = self._given["reference"] or (chosen.reference if chosen else "")
        words = client.vocabulary
        found = read_together(
            {
                "identity": words.identity,
                "severities": words.severities,
                "statuses": words.statuses,
                "incidents": lambda: self._listed(client),
                **({"incident": lambda: words.incident(reference)} if reference else {}),
                **self.more_lists(client),
            }
        )
        require(found, "identity", "severities", "statuses", "incidents")
        self._severities, self._statuses = found["severities"], found["statuses"]
        self._permissions = found["identity"].roles
        self.take(found)
        words.saw(found["incidents"])
        meant = found.get("incident")
        if isinstance(meant, IncidentioError) and not isinstance(meant, InputError):
            raise meant
        known = None if isinstance(meant, InputError) else meant
        self.picker.offer(found["incidents"], show_private=client.settings.show_private, chosen=known)
        if isinstance(meant, InputError):
            self.picker.refuse(reference, error_line(meant))
        if self._given["message"]:
            message: Any = self.fields["message"]
            message.write(self._given["message"])
        self._given |= {"reference": "", "message": ""}
        self._fit_all(client)

    def _fit_all(self, client: Incidents) -> None:
        """Offer what is possible for the chosen incident, and choose what the form was opened with."""
        self.fit()
        self._fitted = self.incident
        for name in ("severity", "status"):
            if name in self.fields:
                self.given(name, self._given[name], partial(self._put, client, name))
        if self.incident is not None:
            self._given |= {"severity": "", "status": ""}

    def _put(self, client: Incidents, name: str) -> None:
        record = getattr(client.vocabulary, name)(self._given[name])
        field: Any = self.fields[name]
        field.choose(record)
        if self.incident is not None and field.read() is None:
            raise InputError(f"{record.name} is not possible now", hint="choose another, or leave it")

    def more_lists(self, _client: Incidents) -> dict[str, Callable[[], Any]]:
        """Return what else is read when the form opens, by name."""
        return {}

    def take(self, found: dict[str, Any]) -> None:
        """Take what `more_lists` has brought."""

    def fit(self) -> None:
        """Offer what is possible for the chosen incident."""

    def adapt(self) -> None:
        """Fit the form to the incident, if it is another one than before."""
        if self._client is not None and self.incident is not self._fitted:
            self._refused = {}  # that concerned another one
            self._fit_all(self._client)

    def effects(self, drafts: list[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, with the incident's name beside its reference."""
        chosen = self.incident
        if chosen is None:
            return super().effects(drafts)
        name = chosen.shown_name(show_private=self.client.settings.show_private)
        rows = super().effects(drafts)
        return [(what, f"{content} · {name}" if what == "incident" else content) for what, content in rows]

    def renew(self) -> None:
        """Begin a new one about the same incident, as it is now."""
        self._given["reference"] = self.incident.reference if self.incident else ""
        super().renew()

    def _listed(self, client: Incidents) -> list[models.Incident]:
        modes = (TEST,) if client.training else ()
        listing = client.api.incidents(IncidentFilter(category=Filter(one_of=self.categories), modes=modes))
        return sorted(listing, key=_urgency, reverse=True)

    def _look_up(self, reference: str) -> models.Incident:
        with announced(self.client, self.status.working):
            try:
                return self.client.incident(reference)
            finally:
                self.status.rest()


def _urgency(incident: models.Incident) -> tuple[int, Any]:
    return (incident.severity.rank if incident.severity else 0), incident.created_at
