"""The base of the forms for an existing incident, with the choice of the incident."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from incidentio_magic.api.filters import Choice as Filter
from incidentio_magic.api.filters import IncidentFilter
from incidentio_magic.api.models import OPEN_CATEGORIES, TEST
from incidentio_magic.errors import IncidentioError, InputError, Interrupted
from incidentio_magic.widgets import markup
from incidentio_magic.widgets.form import Form
from incidentio_magic.widgets.form_fields import error_line
from incidentio_magic.widgets.incident_picker import IncidentPicker
from incidentio_magic.widgets.markdown_field import MarkdownField
from incidentio_magic.widgets.parallel_reads import announced, read_together, require
from incidentio_magic.widgets.style import STYLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.client import Incidents
    from incidentio_magic.writes.drafts import Draft

_LISTING: Final = "Reading the incidents"


class IncidentForm(Form):
    """A form for an existing incident. Its arguments are those of `Form` and `Prefill`."""

    categories: ClassVar[tuple[str, ...]] = OPEN_CATEGORIES

    @property
    def incident(self) -> models.Incident | None:
        """The chosen incident, or None."""
        return self.picker.chosen

    def build_picker(self) -> IncidentPicker:
        """Create the field that chooses the incident."""
        self._fitted: models.Incident | None = None
        self._severities: list[models.Severity] = []
        self._statuses: list[models.IncidentStatus] = []
        self._permissions: Sequence[str] = ()
        self.picker = IncidentPicker(
            "incident", look_up=self._look_up, list_all=self._list_incidents, changed=self.changed
        )
        return self.add(self.picker)  # type: ignore[no-any-return]

    def build_message(self, placeholder: str) -> MarkdownField:
        """Create the field for the message."""
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
        """Read the lists, and the incident or the incidents to choose from, all at once, and offer them."""
        chosen = self.incident
        reference = self.prefill.reference or (chosen.reference if chosen else "")
        words = client.vocabulary
        calls: dict[str, Callable[[], Any]] = {
            "identity": words.recent_identity,
            "severities": words.severities,
            "statuses": words.statuses,
            **self.more_lists(client),
        }
        if reference:
            calls["incident"] = lambda: words.incident(reference)
        elif not (self._lazy and words.cached("severities") and words.cached("statuses")):
            calls["incidents"] = lambda: self._listed(client)
        found = read_together(calls)
        require(found, "identity", "severities", "statuses", *(("incidents",) if "incidents" in calls else ()))
        self._severities, self._statuses = found["severities"], found["statuses"]
        self._permissions = found["identity"].roles
        self.take(found)
        meant = found.get("incident")
        if isinstance(meant, IncidentioError) and not isinstance(meant, InputError):
            raise meant
        listed = found.get("incidents")
        show_private = client.settings.show_private
        if listed is not None:
            words.saw(listed)
        self.picker.offer(listed, show_private=show_private, chosen=None if isinstance(meant, InputError) else meant)
        if isinstance(meant, InputError):
            self.picker.refuse(reference, error_line(meant))
        if self.prefill.fixed and self.incident is not None:
            name = self.incident.shown_name(show_private=show_private)
            self.head.value = STYLE + markup.heading(f"{self.action} {self.incident.reference} · {name}")
            self.picker.shown = False
        message: Any = self.fields["message"]
        if self.prefill.message:
            message.write(self.prefill.message)
        self.prefill = replace(self.prefill, reference="", message="")
        self._fit_all(client)

    def read_the_rest(self) -> None:
        """Read the incidents to choose from, if the other lists were known and the fields are already shown."""
        if self._client is None or self.incident is not None or self.failure.value:
            return
        try:
            self.picker.offer_all()
        except IncidentioError as error:
            self._show_parts(error)
        except KeyboardInterrupt:
            self._show_parts(InputError("Reading the incidents was stopped."))
            raise Interrupted("Stopped; nothing was written.") from None

    def _list_incidents(self) -> list[models.Incident]:
        """Return the incidents to choose from, read when the fields are shown or the user searches for another one."""
        self.status.working(_LISTING)
        with announced(self.client, lambda line: self.status.working(line or _LISTING)):
            try:
                listed = self._listed(self.client)
            finally:
                self.status.rest()
        self.client.vocabulary.saw(listed)
        return listed

    def _fit_all(self, client: Incidents) -> None:
        """Offer what is possible for the chosen incident, and apply the initial values."""
        self.fit()
        self._fitted = self.incident
        for name in ("severity", "status"):
            if name in self.fields:
                self.given(name, getattr(self.prefill, name), partial(self._put, client, name))
        if self.incident is not None:
            self.prefill = replace(self.prefill, severity="", status="")

    def _put(self, client: Incidents, name: str) -> None:
        record = getattr(client.vocabulary, name)(getattr(self.prefill, name))
        field: Any = self.fields[name]
        field.choose(record)
        if self.incident is not None and field.read() is None:
            raise InputError(f"{record.name} is not possible now", hint="choose another, or leave it")

    def more_lists(self, _client: Incidents) -> dict[str, Callable[[], Any]]:
        """Return further lists to read when the form opens, by name."""
        return {}

    def take(self, found: dict[str, Any]) -> None:
        """Store the results of `more_lists`."""

    def fit(self) -> None:
        """Offer what is possible for the chosen incident."""

    def adapt(self) -> None:
        """Adapt the form to the incident, if it changed."""
        if self._client is not None and self.incident is not self._fitted:
            self.state = replace(self.state, refused={})  # it was about another incident
            self._fit_all(self._client)

    def effects(self, drafts: Sequence[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, with the incident's name beside its reference."""
        chosen = self.incident
        if chosen is None:
            return super().effects(drafts)
        name = chosen.shown_name(show_private=self.client.settings.show_private)
        rows = super().effects(drafts)
        return [(what, f"{content} · {name}" if what == "incident" else content) for what, content in rows]

    def renew(self) -> None:
        """Start a new form for the same incident in its current state."""
        reference = self.incident.reference if self.incident else ""
        self.prefill = replace(self.prefill, reference=reference)
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
