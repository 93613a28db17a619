"""An organisation's own form of a kind: which fields it shows, in which order, and which are required.

Source: `GET /v3/incident_forms`. Without the scope, or if the organisation has no such form, it shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HTML, Box

from incidentio_magic.errors import IncidentioError
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._conditions import Judgement, form_for, judge
from incidentio_magic.widgets._shared import shared
from incidentio_magic.widgets.fields import Choice, TextField

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.widgets.detail_fields import DetailFields
    from incidentio_magic.widgets.fields import Field

_DETAILS: Final = {
    "custom_field": ("field", "custom_field_id"),
    "incident_role": ("role", "incident_role_id"),
    "timestamp": ("at", "incident_timestamp_id"),
}
_NOTHING: Final = object()  # what was laid out before anything was


class OwnForm:
    """An organisation's own form of a kind.

    Args:
        form_type: declare, update or resolve.
        names: The name of the field for each type of element.
        fields: The fields, by name.
        details: The custom fields, roles and times.
        may_default: Returns whether an element's default may be put into the field with a name.
    """

    def __init__(
        self,
        form_type: str,
        names: Mapping[str, str],
        fields: Mapping[str, Any],
        details: DetailFields,
        *,
        may_default: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self._form_type = form_type
        self._names = names
        self._fields = fields
        self._details = details
        self._may_default = may_default
        self._forms: list[models.IncidentForm] = []
        self._form: models.IncidentForm | object | None = _NOTHING
        self.elements: dict[str, models.FormElement] = {}
        self.note = HTML(**shared("html"))

    def take(self, found: Sequence[models.IncidentForm] | IncidentioError) -> None:
        """Store the organisation's forms, or the error if they cannot be read."""
        forms = () if isinstance(found, IncidentioError) else found
        self._forms = [form for form in forms if form.form_type == self._form_type]
        self._form = _NOTHING

    @property
    def has_times(self) -> bool:
        """Whether a form of this kind asks for a time."""
        elements = [element for form in self._forms for element in form.lifecycle_elements or ()]
        return any(element.element_type == "timestamp" for element in elements)

    @property
    def exists(self) -> bool:
        """Whether the organisation has a form for the chosen type."""
        return self._form is not _NOTHING and self._form is not None

    @property
    def asks_for(self) -> set[str]:
        """The types of the elements of the chosen form."""
        form: Any = self._form if self.exists else None
        return {element.element_type for element in (form.lifecycle_elements or ())} if form else set()

    def select(self, incident_type_id: str | None) -> bool:
        """Choose the form for an incident type; return whether the form changed and must be laid out again."""
        form = form_for(self._forms, self._form_type, incident_type_id)
        changed = form is not self._form
        self._form = form
        return changed

    def lay_out(self, *, without: Collection[str] = ()) -> list[Any]:
        """Return the fields and texts of the chosen form, in its order; a note names what only the dashboard has.

        Args:
            without: The names of fields that are left out.
        """
        self.elements, parts, unavailable = {}, [], []
        form: Any = self._form if self.exists else None
        elements = [(element, self._name_of(element)) for element in (form.lifecycle_elements if form else None) or ()]
        # All at once, so that what they offer is read in one round trip.
        self._details.shown([name for _element, name in elements if name not in without and name not in self._fields])
        for element, name in elements:
            if element.element_type in {"text", "divider"}:
                parts.append(HTML(markup.markdown(element.description or "---"), **shared("html")))
            elif name not in without and (name in self._fields or self._details.shown([name])):
                self.elements[name] = element
                parts.append(self._fields[name])
                self._apply(element, name)
            else:
                unavailable.append(element.element_type.replace("_", " "))
        missing = f"Only in the dashboard: {', '.join(unavailable)}." if unavailable else ""
        self.note.value = markup.line("note", missing) if missing else ""
        return parts

    def _name_of(self, element: models.FormElement) -> str:
        """Return the name of the field for an element."""
        if element.element_type in _DETAILS:
            kind, attribute = _DETAILS[element.element_type]
            return f"{kind} {getattr(element, attribute)}"
        return self._names.get(element.element_type, element.element_type)

    def _apply(self, element: models.FormElement, name: str) -> None:
        """Apply an element's texts and its default."""
        field = self._fields[name]
        if element.placeholder and hasattr(field.control, "placeholder"):
            field.control.placeholder = markup.plain(element.placeholder)
        if element.description:
            field.hint = markup.plain(element.description)
        self.put_default(name)

    def put_default(self, name: str) -> None:
        """Put an element's default into its field, if nothing is chosen there yet."""
        element, field = self.elements[name], self._fields[name]
        literals = element.default_value.literals if element.default_value else []
        if not literals or field.touched or field.unmet or field.typed() or not self._may_default(name):
            return
        if isinstance(field, TextField):
            field.write(literals[0])
        elif isinstance(field, Choice):
            wanted = [record for record in field.records if getattr(record, "id", record) == literals[0]]
            if wanted:
                field.choose(wanted[0])

    def judge(self, values: Mapping[str, frozenset[str]]) -> None:
        """Show the elements whose conditions hold or cannot be evaluated.

        Args:
            values: The current value of each reference of a condition; see `_conditions.judge`.
        """
        for name, element in self.elements.items():
            shown = judge(element.show_if_condition_groups, values)
            field = self._fields[name]
            field.shown = shown is not Judgement.NO
            if shown is Judgement.UNKNOWN:
                hint = markup.plain(element.description or "")
                field.hint = f"{hint} Shown because its condition could not be evaluated.".strip()

    def required(
        self, problems: dict[str, str], values: Mapping[str, frozenset[str]], *, has: Collection[str] = ()
    ) -> dict[str, str]:
        """Return the problems, including elements that the organisation requires and that are empty.

        Args:
            problems: What is wrong, by field.
            values: The current value of each reference of a condition.
            has: The names of the fields that may stay empty, because the incident already has a value.
        """
        for name, element in self.elements.items():
            field = self._fields[name]
            needed = element.required_if == "always_require" or (
                element.required_if == "check_engine_config"
                and bool(element.required_if_condition_groups)
                and judge(element.required_if_condition_groups, values) is Judgement.YES
            )
            if needed and field.shown and name not in {*problems, *has} and _is_empty(field):
                problems[name] = f"{field.label} is required by your organisation"
        return problems


def arranged(parts: Sequence[Any], wide: Collection[str]) -> list[Any]:
    """Return fields in their order: consecutive narrow fields share a row, and a single one joins the name's row.

    Args:
        parts: Fields and texts.
        wide: The names of the fields that take the whole width.
    """
    rows: list[Any] = []
    narrow: list[Field] = []
    for part in [*parts, None]:
        if part is not None and getattr(part, "name", "") not in wide and not isinstance(part, HTML):
            narrow.append(part)
            continue
        if len(narrow) == 1 and rows and getattr(rows[-1], "name", "") == "name":
            rows[-1] = Box([rows[-1], *narrow], **shared()).add_class("incidentio-pair")
        elif narrow:
            rows.append(Box(narrow, **shared()).add_class("incidentio-grid"))
        narrow = []
        if part is not None:
            rows.append(part)
    return rows


def put(body: Box, parts: Sequence[Any]) -> None:
    """Put these parts into a form's body and close its previous rows and texts; the fields stay open."""
    before = body.children
    body.children = tuple(parts)
    for part in before:
        if type(part) in {Box, HTML} and part not in body.children:
            part.close()


def _is_empty(field: Field) -> bool:
    try:
        value = field.read()
    except IncidentioError:
        return False
    return not value or (isinstance(value, str) and not value.strip())
