"""Turns typed filters into the API's IDs."""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api.filters import ALWAYS, EVERY_CATEGORY, EVERY_MODE, Choice, IncidentFilter, Window
from incidentio_magic.api.models import OPEN_CATEGORIES, TEST
from incidentio_magic.environment import how_training_ends
from incidentio_magic.names.comparison import comparable, comparable_number
from incidentio_magic.names.declaration import declared_at
from incidentio_magic.names.lists import Names, known_by, pairs, separated, split_names
from incidentio_magic.names.search import EVERYTHING, Search
from incidentio_magic.names.times import span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from incidentio_magic.api.models import CustomField, Incident
    from incidentio_magic.names.vocabulary import Vocabulary

__all__ = [
    "NOBODY",
    "IncidentQuery",
    "Names",
    "ResolvedQuery",
    "alternatives",
    "means_no_value",
    "means_nobody",
    "narrowed_to_open",
    "pairs",
    "select",
]
NOBODY: Final = frozenset({"none", "nobody", "blank", "-"})
_COMPARE: Final = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
_EARLIER: Final = timedelta(days=1)  # how long after its creation an incident's declaration may be
_COMPARED = re.compile(r"\s*(>=|<=|=>|=<|≥|≤|>|<|=)\s*(.+)", re.DOTALL)


@dataclass(frozen=True)
class IncidentQuery:
    """The filters of a list as they were typed. Give several names as a list or a comma-separated string.

    Args:
        status: Status names.
        category: Status categories, by the API's or the dashboard's names.
        severity: Severity names, or a bound such as `>=Major`.
        type: Incident type names.
        mode: standard, retrospective, test, tutorial.
        role: People by role name; `none` for a role that nobody holds.
        field: Values by custom field name; `none` for an empty field.
        since: Declared since: `4h`, `7d`, a date, a date and time. An incident whose declaration is set to more than a
            day after its creation may be missing, because the service filters by creation.
        until: Declared until.
        updated_since: Last updated since.
        updated_until: Last updated until.
        not_status: Statuses to leave out.
        not_category: Categories to leave out.
        not_severity: Severities to leave out.
        not_type: Types to leave out.
        not_field: Values to leave out, by custom field name.
        search: Words that the reference, the name, the summary or a field must contain; phrases in double quotes.
        any: Whether an incident needs to match only one of the filters.
        all: Whether to include every category and every mode.
        open: Whether to include only incidents that people are still working on.
    """

    status: Names = ()
    category: Names = ()
    severity: Names = ()
    type: Names = ()
    mode: Names = ()
    role: Mapping[str, str] = dataclasses.field(default_factory=dict)
    field: Mapping[str, Names | float] = dataclasses.field(default_factory=dict)
    since: str = ""
    until: str = ""
    updated_since: str = ""
    updated_until: str = ""
    not_status: Names = ()
    not_category: Names = ()
    not_severity: Names = ()
    not_type: Names = ()
    not_field: Mapping[str, Names | float] = dataclasses.field(default_factory=dict)
    search: str = ""
    any: bool = False
    all: bool = False
    open: bool = False


@dataclass(frozen=True)
class ResolvedQuery:
    """What to request from the service, and which of the returned incidents to keep.

    Args:
        which: The filter in IDs.
        texts: Values of text, link and number fields by field ID; the service does not filter by these.
        declared: The exact bounds of the declaration; the service filters by the day of creation.
        timestamp: The ID of the timestamp that means "declared"; "" if there is none, or no bound needs it.
        search: The words to search for.
    """

    which: IncidentFilter
    texts: Mapping[str, tuple[str, ...]]
    declared: Window = ALWAYS
    timestamp: str = ""
    search: Search = EVERYTHING

    @property
    def needs_whole(self) -> bool:
        """Whether the whole record is needed to decide whether an incident matches."""
        return bool(self.texts or self.search.terms)

    @property
    def cuts(self) -> bool:
        """Whether the service's list may contain incidents that do not match."""
        return self.needs_whole or self.declared != ALWAYS or self.which.updated != ALWAYS

    def declared_at(self, incident: Any) -> datetime:
        """Return when an incident was declared."""
        return declared_at(incident, self.timestamp) if self.timestamp else incident.created_at

    def admits(self, incident: Incident) -> bool:
        """Return whether an incident that the service listed really matches."""
        if not (self.which.admits(incident) and self.declared.holds(self.declared_at(incident))):
            return False
        if not self.texts:
            return self.search.admits(incident)
        values = {
            entry.custom_field.id: {_comparable_value(text, entry.custom_field) for text in entry.texts}
            for entry in incident.custom_field_entries or ()
            if entry.custom_field.id in self.texts
        }
        return self.search.admits(incident) and all(
            values.get(identity, set()) & {comparable(text) for text in wanted}
            for identity, wanted in self.texts.items()
        )


def _comparable_value(text: str, custom: CustomField) -> str:
    """Return the value of a text, link or number field for comparison; 42 equals 42.0 only in number fields."""
    return comparable((custom.is_numeric and comparable_number(text)) or text)


_TOGETHER: Final = (
    ("status", "not_status"),
    ("category", "not_category"),
    ("severity", "not_severity"),
    ("type", "not_type"),
    ("since", "until"),
    ("updated_since", "updated_until"),
    ("search",),
)


def alternatives(query: IncidentQuery) -> list[IncidentQuery]:
    """Return the filters to request: with `any`, each filter alone; otherwise all of them as a single filter.

    The service's own `filter_mode=any` would also treat modes and categories as alternatives, so that a list of open
    incidents would contain closed incidents.
    """
    if not query.any:
        return [query]
    base = IncidentQuery(mode=query.mode, all=query.all, open=narrowed_to_open(query))
    given = [{name: getattr(query, name) for name in names if getattr(query, name)} for names in _TOGETHER]
    alone = [dataclasses.replace(base, **together) for together in given if together]
    alone += [dataclasses.replace(base, role={name: person}) for name, person in query.role.items()]
    alone += [dataclasses.replace(base, field={name: value}) for name, value in query.field.items()]
    alone += [dataclasses.replace(base, not_field={name: value}) for name, value in query.not_field.items()]
    return alone or [base]


def narrowed_to_open(query: IncidentQuery) -> bool:
    """Return whether only open incidents are requested; a status or a category overrides that."""
    return query.open and not (query.status or query.category or query.not_category)


def select(
    query: IncidentQuery,
    vocabulary: Vocabulary,
    *,
    now: Callable[[], datetime],
    zone: ZoneInfo,
    training: bool,
    oldest_first: bool = False,
    timestamp: str | None = None,
    show_private: bool = False,
) -> ResolvedQuery:
    """Return the query that the filters mean in this organisation.

    Args:
        query: The filters as they were typed.
        vocabulary: The organisation's words.
        now: Returns the current time; called only if a bound needs it.
        zone: The time zone of dates.
        training: Whether only test incidents are listed.
        oldest_first: Whether the oldest incidents come first.
        timestamp: The ID of the timestamp that means "declared"; if None, it is looked up in the vocabulary.
        show_private: Whether to search the text of private incidents too.

    Raises:
        UnknownName: If a name is unknown.
        InputError: If filters contradict each other.
    """
    statuses = _choice(query.status, query.not_status, lambda name: vocabulary.status(name).id)
    categories = _choice(query.category, query.not_category, vocabulary.category)
    modes = tuple(vocabulary.mode(name) for name in split_names(query.mode))
    if narrowed_to_open(query):
        categories = Choice(one_of=OPEN_CATEGORIES)
    if query.all:
        if not (query.status or query.category or query.not_category):
            categories = EVERY_CATEGORY
        modes = modes or EVERY_MODE
    if training:
        if modes and TEST not in modes:
            raise errors.InputError(
                f"Training mode lists test incidents only, not {', '.join(modes)}.",
                hint=how_training_ends(),
            )
        modes = (TEST,)
    declared = _window(query.since, query.until, now, zone)
    if declared == ALWAYS:
        timestamp = ""
    elif timestamp is None:
        timestamp = vocabulary.declared_timestamp()
    updated = _window(query.updated_since, query.updated_until, now, zone)
    fields, texts = _fields(query, vocabulary)
    which = IncidentFilter(
        status=statuses,
        category=categories,
        severity=_severity(query, vocabulary),
        type=_choice(query.type, query.not_type, lambda name: vocabulary.type(name).id),
        modes=modes,
        roles=_roles(query, vocabulary),
        fields=fields,
        created=_created(declared) if timestamp else declared,
        updated=updated,
        oldest_first=oldest_first,
    )
    return ResolvedQuery(which, texts, declared, timestamp, Search.read(query.search, private=show_private))


def _window(since: str, until: str, now: Callable[[], datetime], zone: ZoneInfo) -> Window:
    return Window(*span(since, until, now=now(), zone=zone)) if since or until else ALWAYS


def _created(declared: Window) -> Window:
    """Return when incidents declared in a window may have been created: in the window, or at any time after it."""
    if declared.since is None or declared.since.date() <= date.min + _EARLIER:
        return ALWAYS
    return Window(declared.since - _EARLIER)


def _choice(wanted: Names, unwanted: Names, identity: Callable[[str], str]) -> Choice:
    knows = known_by(identity)
    return _chosen(
        [identity(name) for name in split_names(wanted, knows)],
        [identity(name) for name in split_names(unwanted, knows)],
    )


def _chosen(wanted: Sequence[str], unwanted: Sequence[str]) -> Choice:
    if not wanted or not unwanted:
        return Choice(one_of=tuple(wanted), not_in=tuple(unwanted))
    left = tuple(identity for identity in wanted if identity not in unwanted)
    if not left:
        raise errors.InputError("The filters match nothing: the same names are included and excluded.")
    return Choice(one_of=left)


def _severity(query: IncidentQuery, vocabulary: Vocabulary) -> Choice:
    several = [query.severity] if isinstance(query.severity, str) else list(query.severity)
    single = "".join(several[:1])
    if len(several) > 1 and any(_COMPARED.fullmatch(name) for name in several):
        raise _bound_with_others()
    if not (compared := _COMPARED.fullmatch(single)):
        return _choice(query.severity, query.not_severity, lambda name: vocabulary.severity(name).id)
    sign = {"=>": ">=", "=<": "<=", "≥": ">=", "≤": "<="}.get(compared[1], compared[1])
    if "," in compared[2] and not known_by(vocabulary.severity)(compared[2]):
        raise _bound_with_others()
    bound = vocabulary.severity(compared[2])
    unwanted = split_names(query.not_severity, known_by(vocabulary.severity))
    left_out = {vocabulary.severity(name).id for name in unwanted}
    if sign == ">=" and not left_out:
        return Choice(at_least=bound.id)
    if sign == "<=" and not left_out:
        return Choice(at_most=bound.id)
    fits = _COMPARE[sign]
    fitting = tuple(
        severity.id
        for severity in vocabulary.severities()
        if fits(severity.rank, bound.rank) and severity.id not in left_out
    )
    if not fitting:
        raise errors.InputError(
            f"No severity is {single.strip()}.",
            hint=f"from least to most severe: {', '.join(severity.name for severity in vocabulary.severities())}",
        )
    return Choice(one_of=fitting)


def _bound_with_others() -> errors.InputError:
    return errors.InputError(
        "A severity bound cannot be combined with names.", hint='write one bound, like ">=Major", or names'
    )


def _roles(query: IncidentQuery, vocabulary: Vocabulary) -> dict[str, Choice]:
    roles: dict[str, Choice] = {}
    for name, person in separated(query.role, known_by(vocabulary.role), "role"):
        role = vocabulary.role(name)
        if role.id in roles:
            raise errors.InputError(f"The role {role.name} is given twice.", hint='several people: "Role=one,two"')
        roles[role.id] = _person(person, vocabulary)
    return roles


def _person(name: str, vocabulary: Vocabulary) -> Choice:
    if means_nobody(name, vocabulary.person):
        return Choice(blank=True)
    return Choice(
        one_of=tuple(vocabulary.person(single).id for single in split_names(name, known_by(vocabulary.person)))
    )


def _fields(query: IncidentQuery, vocabulary: Vocabulary) -> tuple[dict[str, Choice], dict[str, tuple[str, ...]]]:
    choices: dict[str, Choice] = {}
    texts: dict[str, tuple[str, ...]] = {}
    known = known_by(vocabulary.field)
    included = dict(separated(_as_texts(query.field), known, "field"))
    excluded = dict(separated(_as_texts(query.not_field), known, "field"))
    for name in {**included, **excluded}:
        custom = vocabulary.field(name)
        if custom.id in choices or custom.id in texts:
            raise errors.InputError(
                f"The field {custom.name} is given twice.", hint='write it one way only: "Name=one,two"'
            )
        wanted, unwanted = included.get(name, ()), excluded.get(name, ())
        if isinstance(wanted, str) and means_no_value(wanted, custom, vocabulary):
            choices[custom.id] = Choice(blank=True)
        elif custom.has_options:
            find = partial(vocabulary.options_named, custom, past=True)
            choices[custom.id] = _chosen([value.id for value in find(wanted)], [value.id for value in find(unwanted)])
        elif unwanted:
            raise errors.InputError(f"{custom.name} is a {custom.field_type} field, whose values cannot be excluded.")
        else:
            values = (wanted,) if isinstance(wanted, str) else tuple(wanted)
            texts[custom.id] = _numbers(custom, values) if custom.is_numeric else values
    return choices, texts


def _as_texts(given: Mapping[str, Names | float]) -> dict[str, Names]:
    """Return field values as strings, or as lists of strings if a list, set or other collection is given."""
    return {
        name: list(value) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)
        for name, value in given.items()
    }


def means_nobody(name: str, resolve: Callable[[str], object]) -> bool:
    """Return whether a name means nobody: `none`, `nobody`, `blank` or `-`, unless a person is called that.

    Args:
        name: The text typed for a person.
        resolve: Resolves a person's name, or raises `UnknownName`.
    """
    word = name.strip().lower()
    return word in NOBODY and (word == "-" or not known_by(resolve)(name))


def means_no_value(text: str, custom: CustomField, vocabulary: Vocabulary) -> bool:
    """Return whether a text unsets a field: `none`, `nobody`, `blank` or `-`, unless an option is called that.

    Args:
        text: What was typed for the field.
        custom: The field.
        vocabulary: The names of the organisation.
    """
    return text.strip().lower() in NOBODY and not (custom.has_options and vocabulary.has_option(custom, text))


def _numbers(custom: CustomField, texts: Iterable[str]) -> tuple[str, ...]:
    numbers = []
    for text in texts:
        number = comparable_number(text)
        if number is None:
            raise errors.InputError(
                f"{custom.name} is a number field, and {text!r} is not a number.",
                hint=f'write it without separators, like "{custom.name}=1200", or "{custom.name}=none"',
            )
        numbers.append(number)
    return tuple(numbers)
