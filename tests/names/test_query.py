"""Filters as people type them, turned into the API's IDs."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api import models
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, Choice, IncidentFilter, Window
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.errors import InputError, UnknownName
from incidentio_magic.names.query import IncidentQuery, ResolvedQuery, alternatives, pairs, select
from incidentio_magic.names.vocabulary import Vocabulary

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIVE = models.IncidentStatus("A", "Investigating", "live", 1)


def listing(*records):
    """Return a list of one page."""
    return Listing(lambda _cursor: Page(list(records), None))


class Organisation:
    """The endpoints of a small organisation; one status has a comma in its name."""

    last_unreadable: ClassVar[dict[str, int]] = {}
    last_lost = 0

    def whole(self, path, _kind, query=(), *, size=0):
        """List what a row of the table names."""
        found = getattr(self, path.rpartition("/")[2])(**({"include_inactive": True} if query else {}))
        return found.whole() if size else found

    def severities(self):
        """List the severities."""
        return [models.Severity(f"S{rank}", name, rank) for rank, name in enumerate(("Minor", "Major", "Critical"), 1)]

    def incident_statuses(self):
        """List the statuses."""
        rows = [("A", "Investigating"), ("B", "Fixed, watching"), ("C", "Closed")]
        return [models.IncidentStatus(identity, name, "live", 1) for identity, name in rows]

    def incident_types(self):
        """List the types."""
        return [models.IncidentType("T1", "Default"), models.IncidentType("T2", "Security")]

    def incident_roles(self):
        """List the roles."""
        return [models.IncidentRole("R1", "Incident Lead", shortform="lead")]

    def incident_timestamps(self):
        """List the timestamps; none of them means declared."""
        return [models.IncidentTimestamp("X1", "Fixed at", 1)]

    def custom_fields(self):
        """List the fields."""
        return [
            models.CustomField("F1", "Team", "multi_select"),
            models.CustomField("F2", "Note", "text"),
            models.CustomField("F3", "Service", "single_select", catalog_type_id="C"),
            models.CustomField("F4", "Customers", "numeric"),
        ]

    def custom_field_options(self, _identity):
        """List the options."""
        return listing(models.CustomFieldOption("O1", "Red"), models.CustomFieldOption("O2", "Blue"))

    def catalog_entries(self, _identity, *, identifier=""):
        """List the entries; names are no identifiers."""
        return listing(*([] if identifier else [models.CatalogEntry("E1", "Payments")]))

    def incidents(self, _which, **_how):
        """List no incidents."""
        return listing()

    def users(self, *, email="", include_inactive=False):
        """List the people, those who left only where they are asked for."""
        people = [models.User("U1", "Alice", email="alice@x.example"), models.User("U2", "Bob")]
        people += [models.User("U9", "Gus Gone", email="gus@x.example", is_active=False)] * include_inactive
        return listing(*(user for user in people if not email or user.email == email))


def chosen(*, training=False, oldest_first=False, **asked):
    """Return what was asked for means."""
    words = Vocabulary(Organisation(), lifetime=600, clock=lambda: 0.0)
    return select(
        IncidentQuery(**asked),
        words,
        now=lambda: NOW,
        zone=ZoneInfo("UTC"),
        training=training,
        oldest_first=oldest_first,
    )


NAMES = {
    "nothing": ({}, IncidentFilter()),
    "status": ({"status": "investigating"}, IncidentFilter(status=Choice(("A",)))),
    "two statuses": ({"status": "Investigating, Closed"}, IncidentFilter(status=Choice(("A", "C")))),
    "a list": ({"status": ["Investigating", "Closed"]}, IncidentFilter(status=Choice(("A", "C")))),
    "a name with a comma": ({"status": "Fixed, watching"}, IncidentFilter(status=Choice(("B",)))),
    "not": ({"not_status": "Closed"}, IncidentFilter(status=Choice(not_in=("C",)))),
    "both": ({"status": "Closed,Investigating", "not_status": "Closed"}, IncidentFilter(status=Choice(("A",)))),
    "category": ({"category": "Active,closed"}, IncidentFilter(category=Choice(("live", "closed")))),
    "not category": ({"not_category": "closed"}, IncidentFilter(category=Choice(not_in=("closed",)))),
    "severity": ({"severity": "major,critical"}, IncidentFilter(severity=Choice(("S2", "S3")))),
    "at least": ({"severity": ">=Major"}, IncidentFilter(severity=Choice(at_least="S2"))),
    "at most": ({"severity": " <= major"}, IncidentFilter(severity=Choice(at_most="S2"))),
    "more than": ({"severity": ">Minor"}, IncidentFilter(severity=Choice(("S2", "S3")))),
    "less than": ({"severity": "<Critical"}, IncidentFilter(severity=Choice(("S1", "S2")))),
    "equal": ({"severity": "=Major"}, IncidentFilter(severity=Choice(("S2",)))),
    "at least, the other way round": ({"severity": "=> Major"}, IncidentFilter(severity=Choice(at_least="S2"))),
    "at least, in one sign": ({"severity": "≥ Major"}, IncidentFilter(severity=Choice(at_least="S2"))),
    "at most, in one sign": ({"severity": "≤Major"}, IncidentFilter(severity=Choice(at_most="S2"))),
    "bound in a list": ({"severity": (">=Major",)}, IncidentFilter(severity=Choice(at_least="S2"))),
    "bound and not": (
        {"severity": ">=Minor", "not_severity": "Major"},
        IncidentFilter(severity=Choice(("S1", "S3"))),
    ),
    "type": ({"type": "security"}, IncidentFilter(type=Choice(("T2",)))),
    "mode": ({"mode": "test,standard"}, IncidentFilter(modes=("test", "standard"))),
    "role": ({"role": {"lead": "alice"}}, IncidentFilter(roles={"R1": Choice(("U1",))})),
    "people": ({"role": {"Incident Lead": "alice@x.example, Bob"}}, IncidentFilter(roles={"R1": Choice(("U1", "U2"))})),
    "people who left": (
        {"role": {"lead": "Gus Gone,gus@x.example,U9"}},
        IncidentFilter(roles={"R1": Choice(("U9",) * 3)}),
    ),
    "nobody": ({"role": {"lead": "Nobody"}}, IncidentFilter(roles={"R1": Choice(blank=True)})),
    "field": ({"field": {"team": "Red,Blue"}}, IncidentFilter(fields={"F1": Choice(("O1", "O2"))})),
    "catalog": ({"field": {"Service": "payments"}}, IncidentFilter(fields={"F3": Choice(("E1",))})),
    "not field": ({"not_field": {"Team": "Red"}}, IncidentFilter(fields={"F1": Choice(not_in=("O1",))})),
    "no field": ({"field": {"Team": "none"}}, IncidentFilter(fields={"F1": Choice(blank=True)})),
    "no text": ({"field": {"Note": "-"}}, IncidentFilter(fields={"F2": Choice(blank=True)})),
    "since": ({"since": "4h"}, IncidentFilter(created=Window(NOW - timedelta(hours=4)))),
    "updated": ({"updated_since": "4h"}, IncidentFilter(updated=Window(NOW - timedelta(hours=4)))),
    "open": ({"open": True}, IncidentFilter(category=Choice(("triage", "live", "paused")))),
    "open with a status": ({"open": True, "status": "Closed"}, IncidentFilter(status=Choice(("C",)))),
    "all": ({"all": True}, IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)),
    "all of a status": ({"all": True, "status": "Closed"}, IncidentFilter(status=Choice(("C",)), modes=EVERY_MODE)),
    "all of a mode": ({"all": True, "mode": "test"}, IncidentFilter(category=EVERY_CATEGORY, modes=("test",))),
    "training": ({"training": True}, IncidentFilter(modes=("test",))),
    "training and all": (
        {"training": True, "all": True},
        IncidentFilter(category=EVERY_CATEGORY, modes=("test",)),
    ),
    "oldest": ({"oldest_first": True}, IncidentFilter(oldest_first=True)),
}


@pytest.mark.parametrize(("asked", "which"), NAMES.values(), ids=NAMES)
def test_names_become_ids(asked, which):
    """Every filter by name becomes the API's filter by ID."""
    selection = chosen(**asked)
    assert selection.which == which
    assert selection.texts == {}


CONTRADICTIONS = {
    "nothing left": ({"status": "Closed", "not_status": "closed"}, "match nothing"),
    "no such severity": ({"severity": ">Critical"}, "No severity is >Critical"),
    "two bounds": ({"severity": [">=Minor", "<=Major"]}, "cannot be combined"),
    "a bound and a name in one text": ({"severity": ">=Major,Minor"}, "cannot be combined"),
    "a bound and a name": ({"severity": ["Minor", ">=Major"]}, "cannot be combined"),
    "other mode in training": ({"training": True, "mode": "standard"}, "test incidents only"),
    "one field in two spellings": ({"field": {"Team": "Red", "team": "Blue"}}, "given twice"),
    "one text in two spellings": ({"field": {"Note": "a", "note": "b"}}, "given twice"),
    "wanted and left out in two spellings": ({"field": {"Team": "Red"}, "not_field": {"team": "Blue"}}, "given twice"),
    "one role in two spellings": ({"role": {"lead": "Alice", "Incident Lead": "Bob"}}, "given twice"),
    "text left out": ({"not_field": {"Note": "x"}}, "cannot be excluded"),
    "exchanged": ({"since": "1h", "until": "2h"}, "swap the two bounds"),
}


@pytest.mark.parametrize(("asked", "printed"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_contradictions(asked, printed):
    """Filters that cannot be meant are refused, never dropped."""
    with pytest.raises(InputError, match=printed):
        chosen(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "Closd"},
        {"category": "actve"},
        {"severity": ">=Majr"},
        {"severity": "Major,Majr"},
        {"type": "Secrity"},
        {"mode": "tset"},
        {"role": {"leed": "Alice"}},
        {"role": {"lead": "Alcie"}},
        {"field": {"Taem": "Red"}},
        {"field": {"Team": "Rde"}},
        {"not_severity": "Majr"},
    ],
    ids=str,
)
def test_typos(asked):
    """A name that does not exist is answered with the near one."""
    with pytest.raises(UnknownName, match="did you mean"):
        chosen(**asked)


def with_note(make_incident, kind, text):
    """Return an incident whose note has a value."""
    value = [{f"value_{kind}": text}] if text is not None else []
    field = {"id": "F2", "name": "Note", "field_type": kind}
    return make_incident(custom_field_entries=[{"custom_field": field, "values": value}])


@pytest.mark.parametrize(
    ("wanted", "kind", "text", "admitted"),
    [
        ("abc", "text", "ABC", True),
        ("abc", "text", "abcd", False),
        ("late deploy", "text", "Late \u00a0 Deploy ", True),
        ("abc", "text", None, False),
        ("a,b", "text", "a,b", True),
        (("abc", "x"), "text", "x", True),
        ("5", "numeric", "5", True),
        ("https://a", "link", "https://a", True),
    ],
)
def test_text_fields_are_compared_here(make_incident, wanted, kind, text, admitted):
    """Texts, links and numbers, which the service does not filter by, are compared on this side."""
    selection = chosen(field={"Note": wanted})
    assert selection.which == IncidentFilter()
    assert selection.admits(with_note(make_incident, kind, text)) is admitted
    assert not selection.admits(make_incident())


def test_an_incident_may_be_created_up_to_a_day_before_it_is_declared(monkeypatch):
    """Where a timestamp means declared, the service is asked from a day before the window on, without an end."""
    stamps = [models.IncidentTimestamp("X2", "Reported at", 1)]
    monkeypatch.setattr(Organisation, "incident_timestamps", lambda _self: stamps)
    selection = chosen(since="4h", until="1h")
    assert selection.which.created == Window(NOW - timedelta(hours=28))
    assert selection.declared == Window(NOW - timedelta(hours=4), NOW - timedelta(hours=1))


def test_admits_in_time(make_incident):
    """An incident outside of the time, which the service lists by the day, is cut."""
    selection = chosen(since="4h")
    assert selection.admits(make_incident(created_at="2026-11-23T08:00:00Z"))
    assert not selection.admits(make_incident(created_at="2026-11-23T07:59:59Z"))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([], {}),
        (["Team=Red"], {"Team": "Red"}),
        ([" Team = Red,Blue "], {"Team": "Red,Blue"}),
        (["Team="], {"Team": ""}),
        (["Link=https://a?b=c"], {"Link": "https://a?b=c"}),
        (["Team=Red", "Service=Payments"], {"Team": "Red", "Service": "Payments"}),
    ],
)
def test_pairs(texts, found):
    """Texts with = become a mapping, split at the first one."""
    assert pairs(texts, "field") == found


@pytest.mark.parametrize("texts", [["Team"], ["=Red"], [" = "], ["Team=Red", "Team=Blue"], ["Team=Red", " Team = Red"]])
def test_unreadable_pairs(texts):
    """A text without a name or a value, or a name that comes twice, is refused, so that none is dropped."""
    with pytest.raises(InputError, match="field"):
        pairs(texts, "field")


ALTERNATIVES = {
    "without any": ({"status": "Closed", "type": "Web"}, [{"status": "Closed", "type": "Web"}]),
    "each alone": ({"any": True, "status": "Closed", "type": "Web"}, [{"status": "Closed"}, {"type": "Web"}]),
    "bounds belong together": (
        {"any": True, "since": "7d", "until": "1d", "severity": "Major", "not_severity": "Minor"},
        [{"severity": "Major", "not_severity": "Minor"}, {"since": "7d", "until": "1d"}],
    ),
    "each role and field": (
        {"any": True, "role": {"Lead": "Ann", "Scribe": "Bob"}, "field": {"Team": "A"}, "not_field": {"Team": "B"}},
        [
            {"role": {"Lead": "Ann"}},
            {"role": {"Scribe": "Bob"}},
            {"field": {"Team": "A"}},
            {"not_field": {"Team": "B"}},
        ],
    ),
    "the scope holds for each": (
        {"any": True, "open": True, "mode": "test", "severity": "Major", "type": "Web"},
        [{"open": True, "mode": "test", "severity": "Major"}, {"open": True, "mode": "test", "type": "Web"}],
    ),
    "a category is its own scope": (
        {"any": True, "open": True, "category": "closed", "type": "Web"},
        [{"category": "closed"}, {"type": "Web"}],
    ),
    "nothing but any": ({"any": True, "all": True}, [{"all": True}]),
}


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_alternatives(name):
    """With any, each filter is asked alone, within the same modes and categories; without it, all together."""
    asked, expected = ALTERNATIVES[name]
    assert alternatives(IncidentQuery(**asked)) == [IncidentQuery(**entry) for entry in expected]


KNOWN = ["Major", "Minor", ">=Major", "Fixed, watching", "Closed", "Default", "lead", "Team", "Note", "Red", "Payments"]
KNOWN += [
    "none",
    "Alice",
    "live",
    "active",
    "standard",
    "test",
    "4h",
    "7d",
    "2026-01-31",
    "14:05",
    "today",
    ",",
    "<",
    "",
]
TYPED = st.sampled_from(KNOWN) | st.text(max_size=8)
ONE_TEXT = {"since", "until", "updated_since", "updated_until", "search"}
SWITCHES = {"any", "all", "open"}
PAIRED = {"role", "field", "not_field"}


def typed(name):
    """Return what may be typed for a filter."""
    if name in SWITCHES:
        return st.booleans()
    if name in ONE_TEXT:
        return TYPED
    several = TYPED | st.lists(TYPED, max_size=3)
    return st.dictionaries(TYPED, TYPED if name == "role" else several, max_size=2) if name in PAIRED else several


NAMES_OF_FILTERS = [entry.name for entry in fields(IncidentQuery)]


@given(st.fixed_dictionaries({}, optional={name: typed(name) for name in NAMES_OF_FILTERS}), st.booleans())
def test_any_filters_are_a_query_or_refused(asked, training):
    """Whatever the filters are: pairs of texts for the query and a decision about an incident, or an InputError."""
    incident = models.Incident(
        id="I", reference="INC-1", name="x", mode="standard", visibility="public", permalink="", incident_status=LIVE,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    for alone in alternatives(IncidentQuery(**asked)):
        try:
            found = chosen(**{name: getattr(alone, name) for name in NAMES_OF_FILTERS}, training=training)
        except InputError:
            continue
        query = found.which.query()
        assert all(isinstance(part, str) and name for name, value in query for part in (name, value))
        assert not any(value == "" for _name, value in query)
        assert found.admits(incident) in {True, False}


@given(st.lists(st.text() | st.builds("{}={}".format, st.text(), st.text())))
def test_any_pairs_are_read_or_refused(texts):
    """Whatever is typed as `Name=value`: the pairs, each with a name, or an InputError."""
    with suppress(InputError):
        found = pairs(texts, "field")
        assert len(found) == len(texts)
        assert all(found)


class Literal(Organisation):
    """An organisation in which an option, a catalog entry and a person are called like the words for nothing."""

    def custom_field_options(self, _identity):
        """List options called `None` and `-`."""
        return listing(models.CustomFieldOption("O1", "None"), models.CustomFieldOption("O2", "-"))

    def catalog_entries(self, _identity, **_identifier):
        """List an entry called `blank`, which is found by its name."""
        return listing(models.CatalogEntry("E1", "Blank"))

    def users(self, **_which):
        """List a person called `Nobody`."""
        return listing(models.User("U1", "Nobody"))


@pytest.mark.parametrize(
    ("asked", "which"),
    [
        ({"field": {"Team": "none"}}, IncidentFilter(fields={"F1": Choice(("O1",))})),
        ({"field": {"Team": "-"}}, IncidentFilter(fields={"F1": Choice(("O2",))})),
        ({"field": {"Team": "blank"}}, IncidentFilter(fields={"F1": Choice(blank=True)})),
        ({"field": {"Service": "BLANK"}}, IncidentFilter(fields={"F3": Choice(("E1",))})),
        ({"field": {"Note": "none"}}, IncidentFilter(fields={"F2": Choice(blank=True)})),
        ({"field": {"Customers": "none"}}, IncidentFilter(fields={"F4": Choice(blank=True)})),
        ({"role": {"lead": "nobody"}}, IncidentFilter(roles={"R1": Choice(("U1",))})),
        ({"role": {"lead": "-"}}, IncidentFilter(roles={"R1": Choice(blank=True)})),
    ],
)
def test_a_name_goes_before_a_word_for_nothing(asked, which):
    """Where an option or a person is called `None`, that is meant; the other words still stand for nothing."""
    words = Vocabulary(Literal(), lifetime=600, clock=lambda: 0.0)
    found = select(IncidentQuery(**asked), words, now=lambda: NOW, zone=ZoneInfo("UTC"), training=False)
    assert found.which == which


def entry(identity, kind, **value):
    """Return a custom field's value of one incident."""
    return models.CustomFieldEntry(models.CustomField(identity, "x", kind), [models.CustomFieldValue(**value)])


@pytest.mark.parametrize(
    ("typed", "stored", "fits"),
    [
        ("42", "42.0", True),
        (42, "42", True),
        (42.0, "4.2e1", True),
        ("9007199254740993", "9007199254740993.0", True),
        ("9007199254740993", "9007199254740992", False),
        ("42", "many", False),
    ],
)
def test_numbers_are_compared_as_numbers(make_incident, typed, stored, fits):
    """A number field is compared by value with every digit, not by the letters that were sent."""
    incident = make_incident(custom_field_entries=[entry("F4", "numeric", value_numeric=stored)])
    assert chosen(field={"Customers": typed}).admits(incident) is fits


@pytest.mark.parametrize(("typed", "fits"), [("1.10", True), ("1.1", False), (1.1, False)])
def test_texts_are_compared_as_texts(make_incident, typed, fits):
    """In a text field 1.1 is not 1.10."""
    incident = make_incident(custom_field_entries=[entry("F2", "text", value_text="1.10")])
    assert chosen(field={"Note": typed}).admits(incident) is fits


@pytest.mark.parametrize("typed", ["many", ">=100", "1,200", float("nan"), True])
def test_what_no_number_can_equal_is_refused(typed):
    """A list without rows would look as if there were none; the hint works if typed."""
    with pytest.raises(InputError, match="Customers is a number field") as caught:
        chosen(field={"Customers": typed})
    name, value = re.search('"(.*?)=(.*?)"', caught.value.hint).groups()
    assert chosen(field={name: value}).texts == {"F4": ("1.2E+3",)}


@pytest.mark.parametrize(
    ("query", "cuts"),
    [
        (ResolvedQuery(IncidentFilter(severity=Choice(("S1",))), {}), False),
        (ResolvedQuery(IncidentFilter(updated=Window(NOW)), {}), True),
        (ResolvedQuery(IncidentFilter(), {"F2": ("red",)}), True),
        (ResolvedQuery(IncidentFilter(), {}, declared=Window(until=NOW)), True),
    ],
)
def test_what_is_cut_on_this_side(query, cuts):
    """Bounds in time, which the service knows by the day, and texts, which it does not know, are decided here."""
    assert query.cuts is cuts
