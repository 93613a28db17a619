"""Names and references to IDs: every form people type, and a close match for a typo.

Serves `names/_field_values.py`, `names/_kept_lists.py`, `names/close_matches.py` and
`names/references.py`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.vocabulary import Vocabulary, named, reference_path

ULID = "01FDAG4SAP5TYPT98WGR2N7W91"

REFERENCES = {
    "INC-123": "123",
    "inc-123": "123",
    " INC-123\n": "123",
    "#INC-123": "123",
    "#inc-123": "123",
    "#inc-123-its-channel": "123",
    "inc-123-2026-11-23-its-channel": "123",
    "123": "123",
    "#123": "123",
    "INC-007": "7",
    "INC-0": "0",
    "000": "0",
    "OPS2-45": "45",
    "OPS-INC-45": "45",
    "big_org-45": "45",
    "INC_123": "123",
    "inc 123": "123",
    "INC123": "123",
    "INC\u2013123": "123",
    "inc\u2011123": "123",
    "INC\u2212123": "123",
    "INC-123,": "123",
    "(INC-123)": "123",
    "\u201cINC-123\u201d.": "123",
    "\u00a0INC-123?": "123",
    "<https://app.incident.io/org/incidents/123>": "123",
    ULID: ULID,
    "https://app.incident.io/org/incidents/123": "123",
    "https://app.incident.io/org/incidents/123/": "123",
    "https://app.incident.io/org/incidents/123?tab=timeline#top": "123",
    "https://app.incident.io/org/incidents/INC-123": "123",
    f"https://app.incident.io/org/incidents/{ULID}": ULID,
    "http://127.0.0.1:8000/incidents/5": "5",
    "HTTPS://APP.INCIDENT.IO/ORG/INCIDENTS/5": "5",
    "12345678-1234-1234-1234-123456789012": "12345678-1234-1234-1234-123456789012",
    "abcdef12-3456-7890-abcd-ef1234567890": "abcdef12-3456-7890-abcd-ef1234567890",
    "INC-": "INC-",
    "INC-12x": "INC-12x",
    "https://example.com/other": "https://example.com/other",
}


@pytest.mark.parametrize(("text", "path"), REFERENCES.items(), ids=map(repr, REFERENCES))
def test_references(text, path):
    """Every form of a reference leads to the number or the ID by which the API finds the incident."""
    assert reference_path(text) == path


@pytest.mark.parametrize("text", ["", " ", "\n", ".", "..", " ... ", "#", "?", "\u201c\u201d"])
def test_nothing_is_no_reference(text):
    """Blanks and dots name no incident."""
    with pytest.raises(errors.InputError, match="No incident was given"):
        reference_path(text)


@given(st.text())
def test_references_survive_everything(text):
    """Any text is either a reference or told to be none."""
    try:
        path = reference_path(text)
    except errors.InputError:
        assert not re.search(r"\w", text)
    else:
        assert path.strip(".")


RED, BLUE = models.Named("ID1", "Red"), models.Named("ID2", "Dark Blue")
OTHER_RED = models.Named("ID3", "RED")
MANY = [models.Named(f"ID{number}", f"Colour {number}") for number in range(20)]


def find(text, *records):
    """Find a colour."""
    return named("colour", text, records, lambda record: record.name)


@pytest.mark.parametrize("text", ["Dark Blue", "dark blue", "DARK BLUE", " Dark Blue ", "ID2"])
def test_a_name_in_any_case_or_the_id(text):
    """A name is found in any case and with blanks around it, and an ID as it is."""
    assert find(text, RED, BLUE) is BLUE


def test_special_cases_of_case():
    """Names fold as Unicode says, and blanks in the organisation's own names do not hide them."""
    street = models.Named("ID4", "  Große Straße ")
    assert find("GROSSE STRASSE", RED, street) is street


@pytest.mark.parametrize(
    ("text", "records", "hint"),
    [
        ("Rde", [RED, BLUE], "did you mean Red?"),
        ("blue", [RED, BLUE], "did you mean Dark Blue?"),
        ("Dark", [RED, BLUE], "did you mean Dark Blue?"),
        ("drak blue", [RED, BLUE], "did you mean Dark Blue?"),
        ("drak", [RED, BLUE], "did you mean Dark Blue?"),
        ("xyz", [RED, BLUE], "there are: Red, Dark Blue"),
        ("xyz", [], "the organisation has none, or this key may not see them: no colour is known"),
        ("xyz", MANY, "there are 20 of them, such as Colour 0, Colour 1, Colour 2, Colour 3, Colour 4"),
        ("id1", [RED], "there are: Red"),
        ("", [RED], "there are: Red"),
    ],
)
def test_an_unknown_name_gets_an_offer(text, records, hint):
    """A name that does not exist is answered with close matches, or with what there is."""
    with pytest.raises(errors.UnknownName) as caught:
        find(text, *records)
    assert caught.value.message == f"There is no colour {text!r}."
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("alise", "did you mean Alice Archer?"),
        ("bob@exmaple.com", "did you mean bob@example.com?"),
        ("zzz", "there are: Alice Archer, Bob Brewer"),
    ],
)
def test_people_are_offered_once(text, hint):
    """A word that is nearly right is enough for an offer; who has several names is listed by the first of them."""
    people = [models.Named("ID1", "Alice Archer"), models.Named("ID2", "Bob Brewer")]
    with pytest.raises(errors.UnknownName) as caught:
        named("person", text, people, lambda record: [record.name, f"{record.name.split()[0].lower()}@example.com"])
    assert caught.value.hint == hint


def test_an_ambiguous_name():
    """A name that fits several things is never guessed; an ID still is exact."""
    with pytest.raises(errors.AmbiguousName, match="fits 2 entries of kind colour") as caught:
        find("red", RED, OTHER_RED)
    assert caught.value.hint == "choose one by its ID: ID1 (Red) or ID3 (RED)"
    assert find("ID3", RED, OTHER_RED) is OTHER_RED


def test_an_ambiguous_name_without_another():
    """Where nothing but the ID tells them apart, the ID is asked for."""
    with pytest.raises(errors.AmbiguousName, match=r"choose one by its ID: ID1 \(Red\) or ID9 \(Red\)"):
        find("Red", RED, models.Named("ID9", "Red"))


def test_several_names_of_one_thing():
    """A thing with two names that are the same is found, not ambiguous."""
    people = [models.User("U1", "a@b", email="a@b"), models.User("U2", "Bob", email="bob@b")]
    assert named("person", "A@B", people, lambda record: [record.name, record.email]).id == "U1"


def listing(*records):
    """Return a list of one page."""
    return Listing(lambda _cursor: Page(list(records), None))


class Fake:
    """The endpoints of a small organisation, counting how often each is asked."""

    def __init__(self):
        self.asked = []
        self.severity_list = [models.Severity("S2", "Major", 2), models.Severity("S1", "Minor", 1)]
        self.people = [
            models.User("U1", "Alice", email="Alice@Example.com"),
            models.User("U2", "Bob", email="bob@example.com"),
            models.User("U3", "Bob", email="robert@example.com"),
            models.User("U4", "Carol"),
        ]
        self.found = None
        self.entries = [models.CatalogEntry("E1", "Payments")]
        self.incident_list = []

    def severities(self):
        """List the severities in any order."""
        self.asked.append("severities")
        return list(self.severity_list)

    def incident_statuses(self):
        """List the statuses in any order."""
        rows = [("closed", 1), ("new", 1), ("live", 2), ("triage", 5), ("live", 1), ("learning", 1)]
        return [models.IncidentStatus(f"{name}{rank}", f"{name}{rank}", name, rank) for name, rank in rows]

    def incident_types(self):
        """List the types."""
        return [
            models.IncidentType("T1", "Alpha"),
            models.IncidentType("T2", "Zeta", is_default=True),
            models.IncidentType("T3", "Beta"),
        ]

    def incident_roles(self):
        """List the roles."""
        return [
            models.IncidentRole("R1", "Incident Lead", shortform="lead"),
            models.IncidentRole("R2", "Scribe", shortform="Scribe"),
            models.IncidentRole("R3", "Comms", shortform=""),
        ]

    def incident_timestamps(self):
        """List the timestamps."""
        return [models.IncidentTimestamp("TS2", "Fixed", 2), models.IncidentTimestamp("TS1", "Started", 1)]

    def custom_fields(self):
        """List the fields."""
        return [models.CustomField("F1", "Team", "multi_select"), models.CustomField("F2", "Note", "text")]

    last_unreadable: ClassVar[dict[str, int]] = {}
    last_lost = 0

    def whole(self, path, _kind, query=(), *, size=0):
        """List what a row of the table names."""
        found = getattr(self, path.rpartition("/")[2])(**({"include_inactive": True} if query else {}))
        return found.whole() if size else found

    def custom_field_options(self, identity):
        """List the options."""
        self.asked.append(f"options {identity}")
        return listing(models.CustomFieldOption("O1", "Red"), models.CustomFieldOption("O2", "Blue"))

    def catalog_entries(self, identity, *, identifier=""):
        """List the entries, or those that an identifier finds."""
        self.asked.append(f"entries {identity} {identifier}".strip())
        fits = [entry for entry in self.entries if identifier in {"", entry.id, *(entry.aliases or ())}]
        return listing(*fits)

    def incidents(self, _which, **_how):
        """List the incidents that were put there."""
        self.asked.append("incidents")
        return listing(*self.incident_list)

    def users(self, *, email="", include_inactive=False):
        """List the people, those who left only where they are asked for."""
        self.asked.append(f"users {email}".strip())
        return listing(
            *(
                user
                for user in self.people
                if (include_inactive or user.is_active is not False)
                and (not email or (user.email or "").casefold() == email.casefold())
            )
        )

    def incident(self, path):
        """Return the incident that was put there."""
        self.asked.append(f"incident {path}")
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def identity(self):
        """Return the key's identity."""
        self.asked.append("identity")
        return models.Identity("key", "https://app.incident.io/org")


@pytest.fixture
def api():
    """A small organisation."""
    return Fake()


@pytest.fixture
def words(api, clock):
    """Its vocabulary, remembered for ten minutes."""
    return Vocabulary(api, lifetime=600, clock=clock)


def test_orders(words):
    """Severities come by rank, statuses in the order incidents go through them, the default type first."""
    assert [severity.name for severity in words.severities()] == ["Minor", "Major"]
    assert [status.name for status in words.statuses()] == ["triage5", "live1", "live2", "learning1", "closed1", "new1"]
    assert [type_.name for type_ in words.types()] == ["Zeta", "Alpha", "Beta"]
    assert [timestamp.name for timestamp in words.timestamps()] == ["Started", "Fixed"]


def test_words_are_remembered(words, api, clock):
    """A list is fetched when first needed, remembered for its lifetime, and then fetched again."""
    assert api.asked == []
    for _number in range(3):
        words.severity("major")
    clock.time += 599
    words.severity("major")
    assert api.asked == ["severities"]
    clock.time += 1
    words.severity("major")
    assert api.asked == ["severities"] * 2


@pytest.mark.parametrize(("name", "times"), [("severities", 1), ("schedules", 2), ("escalation_paths", 2)])
def test_who_is_on_call_is_never_remembered(words, api, monkeypatch, name, times):
    """A list that says who is on call now is read each time; others once."""
    asked = []
    monkeypatch.setattr(api, "whole", lambda path, *_how, **_size: asked.append(path) or [])
    for _ in range(2):
        assert words.read(name) == []
    assert len(asked) == times


def test_nothing_is_remembered_for_no_time(api, clock):
    """With a lifetime of nothing every look asks again."""
    words = Vocabulary(api, lifetime=0, clock=clock)
    words.severities()
    words.severities()
    words.everyone()
    assert words.person("bob@example.com").email == "bob@example.com"
    assert api.asked[-2:] == ["users", "users bob@example.com"]
    del api.asked[-2:]
    assert api.asked == ["severities"] * 2


def test_reading_anew(words, api):
    """After a refresh everything is asked for again; until then the known names still complete."""
    words.severities()
    words.refresh()
    assert words.cached("severities") == ["Minor", "Major"]
    words.severities()
    assert api.asked == ["severities"] * 2


def test_an_unknown_name_refreshes_once(words, api, clock):
    """A name that is new since the list was read is found after one more look."""
    words.severity("Major")
    api.severity_list.append(models.Severity("S3", "Critical", 3))
    clock.time += 10
    assert words.severity("Critical").id == "S3"
    assert api.asked == ["severities"] * 2


def test_an_unknown_name_refreshes_only_once(words, api, clock):
    """A name that stays unknown costs one more look, and the next ones within five seconds none."""
    words.severity("Major")
    clock.time += 10
    for _number in range(3):
        with pytest.raises(errors.UnknownName, match="did you mean Major"):
            words.severity("Majro")
    assert api.asked == ["severities"] * 2


def test_a_fresh_list_is_not_read_twice(words, api):
    """An unknown name does not read a list again that was read this moment."""
    with pytest.raises(errors.UnknownName):
        words.severity("Critical")
    assert api.asked == ["severities"]


def test_an_ambiguous_name_is_not_looked_up_again(words, api, clock):
    """An ambiguous name stays ambiguous, without another look."""
    words.users()
    clock.time += 10
    with pytest.raises(errors.AmbiguousName):
        words.user("bob")
    assert api.asked == ["users"]


@pytest.mark.parametrize(
    ("look", "name", "identity"),
    [
        ("severity", "minor", "S1"),
        ("status", "LIVE2", "live2"),
        ("type", "zeta", "T2"),
        ("role", "incident lead", "R1"),
        ("role", "Lead", "R1"),
        ("role", "scribe", "R2"),
        ("timestamp", "fixed", "TS2"),
        ("field", "note", "F2"),
        ("user", "alice", "U1"),
        ("user", "U3", "U3"),
        ("user", "alice@example.com", "U1"),
        ("user", " ROBERT@example.com ", "U3"),
        ("user", "carol", "U4"),
    ],
)
def test_every_kind_of_name(words, look, name, identity):
    """Each kind is found by its names: roles by their short form too, people by email address."""
    assert getattr(words, look)(name).id == identity


def test_an_email_address_is_looked_up_alone(words, api):
    """A person named by email address costs one small request, once."""
    words.user("bob@example.com")
    words.user("BOB@example.com")
    assert api.asked == ["users bob@example.com"]


def test_a_name_is_found_in_the_list_of_people(words, api):
    """A name that is no address is not sent as one; the list is read instead."""
    assert words.user("alice").id == "U1"
    assert api.asked == ["users"]


def test_an_address_is_found_in_a_fresh_list(words, api, clock):
    """An address that stands in a list of people that was just read costs no request."""
    words.users()
    assert words.user("bob@example.com").id == words.user("BOB@example.com").id
    assert api.asked == ["users"]


def test_an_unknown_email_address_gets_an_offer(words):
    """An email address with a typo is answered with the near one."""
    with pytest.raises(errors.UnknownName, match="did you mean Alice@Example"):
        words.user("alcie@example.com")


def test_an_ambiguous_person_is_told_apart_by_email(words):
    """Two people of one name are told apart by their addresses."""
    with pytest.raises(errors.AmbiguousName, match=r"U2 \(Bob, bob@example.com\) or U3 \(Bob, robert@"):
        words.user("Bob")


@pytest.mark.parametrize(
    ("field", "options", "asked"),
    [
        (models.CustomField("F1", "Team", "single_select"), ["Red", "Blue"], ["options F1"]),
        (models.CustomField("F1", "Team", "multi_select"), ["Red", "Blue"], ["options F1"]),
        (models.CustomField("F1", "Team", "multi_select", catalog_type_id="C1"), ["Payments"], ["entries C1"]),
        (models.CustomField("F2", "Note", "text"), [], []),
        (models.CustomField("F2", "Cost", "numeric"), [], []),
        (models.CustomField("F2", "Link", "link"), [], []),
    ],
    ids=["single", "multi", "catalog", "text", "numeric", "link"],
)
def test_options(words, api, field, options, asked):
    """Select fields offer their options, catalog fields the catalog's entries, and the others nothing."""
    assert [option.name for option in words.options(field)] == options
    assert [option.name for option in words.options(field)] == options
    assert api.asked == asked


def test_an_option_by_name(words):
    """An option is found like any name, and its field is named where it is not."""
    field = models.CustomField("F1", "Team", "single_select")
    assert words.option(field, "red").id == "O1"
    with pytest.raises(errors.UnknownName, match="There is no value of Team 'rde'"):
        words.option(field, "rde")


@pytest.mark.parametrize(
    ("name", "category"),
    [(name, name) for name in models.CATEGORIES]
    + [("Active", "live"), ("post-incident", "learning"), (" Closed ", "closed")],
)
def test_categories(words, api, name, category):
    """Categories are known by the API's and by the dashboard's names, without any request."""
    assert words.category(name) == category
    assert api.asked == []


def test_unknown_categories_and_modes(words):
    """A category or mode that does not exist is answered with the near one."""
    with pytest.raises(errors.UnknownName, match="did you mean cancel"):
        words.category("cancelled!")
    with pytest.raises(errors.UnknownName, match="did you mean test"):
        words.mode("tset")
    assert words.mode("Test") == "test"


def test_completion_asks_nothing(words, api):
    """Names for completion are those at hand, without a request."""
    assert words.cached("severities") == []
    assert api.asked == []
    words.severities()
    assert words.cached("severities") == ["Minor", "Major"]
    assert api.asked == ["severities"]


def test_an_incident_by_reference(words, api, make_incident):
    """An incident is fetched by its number, and its reference remembered."""
    api.found = make_incident()
    assert words.incident("#inc-7-checkout").id == "01INC7"
    assert api.asked == ["incident 7"]
    assert list(words.references) == ["INC-7"]


@pytest.mark.parametrize("status", [404, 422])
def test_an_unknown_incident(words, api, make_incident, status):
    """An incident that is not there is told with the near references that were seen, and the request's id."""
    kind = errors.NotFound if status == 404 else errors.ValidationFailed
    api.found = kind("no", status=status, request_id="req-1")
    words.saw([make_incident(reference="INC-1234")])
    with pytest.raises(errors.UnknownName, match="There is no incident 'INC-1243' that this key may see") as caught:
        words.incident(" INC-1243 ")
    assert caught.value.hint == "did you mean INC-1234? %incidents lists the open ones"
    assert caught.value.request_id == "req-1"


def test_other_failures_are_not_taken_for_an_unknown_incident(words, api):
    """A failing service is not told as a missing incident."""
    api.found = errors.ServiceUnavailable("no", status=503)
    with pytest.raises(errors.ServiceUnavailable):
        words.incident("INC-1")


def test_a_failed_fetch_is_not_remembered(words, api):
    """After a failure the list is fetched again, not taken for empty."""
    good = api.severities
    api.severities = SimpleNamespace(__call__=None)
    with pytest.raises(TypeError):
        words.severities()
    api.severities = good
    assert len(words.severities()) == 2


def test_the_identity_is_remembered(words, api):
    """Who the key is, is asked once."""
    assert words.identity() is words.identity()
    assert api.asked == ["identity"]


GONE = models.User("U8", "Gus Gone", email="gus@example.com", is_active=False)


@pytest.mark.parametrize("name", ["gus@example.com", "Gus Gone", "U8", " GUS\u00a0GONE "])
def test_people_who_left(words, api, name):
    """Who left is found for filters, and refused with that reason for everything else; nobody else is proposed."""
    api.people.append(GONE)
    assert words.person(name) is GONE
    with pytest.raises(errors.UnknownName, match="inactive account: Gus Gone left the organisation") as caught:
        words.user(name)
    others = [part for user in api.people if user is not GONE for part in (user.name, user.email) if part]
    assert not any(other in str(caught.value) for other in others)
    assert GONE not in words.users()
    assert GONE in words.everyone()
    assert "Gus Gone" not in words.cached("users")


def test_a_person_who_left_is_looked_up_alone(words, api):
    """An address of somebody who has left costs one small request, too."""
    api.people.append(GONE)
    assert words.person("gus@example.com") is GONE
    assert api.asked == ["users gus@example.com"]


def test_a_key_that_may_not_read_timestamps(words, api):
    """No timestamp is known to mean declared then."""

    def refuse():
        raise errors.PermissionDenied("not allowed", status=403)

    api.incident_timestamps = refuse
    assert words.declared_timestamp() == ""


def test_the_active_account_among_equals(words, api):
    """Of several accounts with one address or name, the only active one is meant; of two active ones, none."""
    old = models.User("U6", "Dee", email="dee@example.com", is_active=False)
    new = models.User("U7", "Dee", email="dee@example.com", is_active=True)
    api.people += [old, new]
    assert words.user("dee@example.com") is new
    assert words.user("Dee") is new
    assert words.person("U6") is old
    api.people.append(models.User("U5", "Dee D", email="dee@example.com"))
    words.refresh()
    with pytest.raises(errors.AmbiguousName) as caught:
        words.user("dee@example.com")
    assert "U5" in caught.value.hint
    assert "U7" in caught.value.hint


CATALOG = models.CustomField("F3", "Service", "single_select", catalog_type_id="C")
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def entries(api):
    """A catalog with an archived entry and one with aliases."""
    api.entries = [
        models.CatalogEntry("E2", "old-svc", archived_at=WHEN),
        models.CatalogEntry("E3", "new-svc", aliases=["ns", "shop"], external_id="ext-3"),
        models.CatalogEntry("E4", "first", rank=-1),
    ]
    return api.entries


def test_archived_entries_are_not_offered(words, entries):
    """An archived entry is in no list of values and cannot be given; filters still find it."""
    assert [value.name for value in words.options(CATALOG)] == ["first", "new-svc"]
    assert words.cached("options of F3") == ["first", "new-svc"]
    with pytest.raises(errors.UnknownName, match="'old-svc' is archived"):
        words.option(CATALOG, "old-svc")
    assert words.past_option(CATALOG, "old-svc").id == "E2"
    with pytest.raises(errors.UnknownName) as caught:
        words.option(CATALOG, "old-scv")
    assert "old-svc" not in caught.value.hint


@pytest.mark.parametrize("name", ["shop", "NS", "ext-3", "E3", "new-svc"])
def test_other_names_of_an_entry(words, entries, name):
    """An entry is found by its name, its ID, its external ID and its aliases."""
    assert words.option(CATALOG, name) == models.Named("E3", "new-svc")


def test_one_entry_is_one_request(words, api, entries):
    """What the service finds by its identifier needs no reading of the whole catalog."""
    assert words.options_named(CATALOG, "shop")[0].id == "E3"
    assert words.options_named(CATALOG, "shop")[0].id == "E3"
    assert api.asked == ["entries C shop"]


def test_a_comma_in_a_name_that_only_the_whole_catalog_shows(words, api):
    """Where the service finds no entry by its name, the text is split anew once the catalog was read."""
    api.entries = [models.CatalogEntry("E5", "Checkout, EU"), models.CatalogEntry("E6", "Search")]
    read = api.catalog_entries
    api.catalog_entries = lambda catalog_type, **only: listing() if only else read(catalog_type)
    assert [value.id for value in words.options_named(CATALOG, "Search, Checkout, EU")] == ["E6", "E5"]
    with pytest.raises(errors.UnknownName, match="'Checkout'"):
        words.options_named(CATALOG, "Checkout, EU West")


def test_a_typo_reads_a_catalog_once(words, api, clock, entries):
    """A typo does not read the catalog a second time while it is remembered."""
    for typo in ("new-scv", "fisrt", "new-scv"):
        clock.time += 60
        with pytest.raises(errors.UnknownName, match="did you mean"):
            words.option(CATALOG, typo)
    assert api.asked.count("entries C") == 1


def used(make_incident, *values):
    """Return an incident with values of the field Team."""
    field = {"id": "F1", "name": "Team", "field_type": "multi_select"}
    options = [{"value_option": {"id": identity, "value": name}} for identity, name in values]
    return make_incident(custom_field_entries=[{"custom_field": field, "values": options}])


@pytest.mark.parametrize("name", ["Legacy", "OX"])
def test_values_no_longer_offered(words, api, make_incident, name):
    """A value that only old incidents have is found for filters by name or ID; it cannot be given any more."""
    team = words.field("Team")
    api.incident_list = [used(make_incident, ("OX", "Legacy"), ("O1", "Red"))]
    assert words.past_option(team, name).id == "OX"
    assert words.past_option(team, "Legacy").id == "OX"
    assert api.asked.count("incidents") == 1
    with pytest.raises(errors.UnknownName):
        words.option(team, name)
    with pytest.raises(errors.UnknownName, match="There is no value of Team 'xyzzy'"):
        words.past_option(team, "xyzzy")


def test_a_typo_does_not_read_all_incidents(words, api):
    """A value like one on offer is a typo; the hint says how to name a value that is no longer offered."""
    with pytest.raises(errors.UnknownName, match=r"did you mean Blue\? To find a value that is no longer offered"):
        words.past_option(words.field("Team"), "Bleu")
    assert "incidents" not in api.asked


@pytest.mark.parametrize("length", [20, 26])
def test_an_id_is_no_typo(words, api, make_incident, length):
    """All incidents are read for what looks like an ID, even if a value on offer looks much like it."""
    given, offered = ("01J".ljust(length - 1, "A") + last for last in "12")
    api.custom_field_options = lambda field: listing(models.CustomFieldOption("O1", offered, field, 10))
    api.incident_list = [used(make_incident, (given, "Legacy"))]
    assert words.past_option(words.field("Team"), given) == models.Named(given, "Legacy")


def test_options_in_their_order(words, api):
    """Options come as the organisation sorted them, those without a place last."""
    options = [("O1", "Third", None), ("O2", "Second", 20), ("O3", "First", 10)]
    api.custom_field_options = lambda _field: listing(
        *(models.CustomFieldOption(identity, name, sort_key=key) for identity, name, key in options)
    )
    assert [value.name for value in words.options(words.field("Team"))] == ["First", "Second", "Third"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("INC-9999", ""),
        ("INC-303", ""),
        ("INC-298", "INC-299"),
        ("INC-2999", "INC-299"),
        ("INC-2099", "INC-299"),
        ("INC-29", "INC-299"),
        ("INC-929", "INC-299"),
        ("INC-9", ""),
        ("whatever", ""),
    ],
)
def test_only_a_near_reference_is_offered(words, api, typed, offered):
    """A reference that does not exist is answered with one that differs by a slip, never with itself or a far one."""
    words.references = {"INC-299": None, "INC-303": None}
    api.found = errors.NotFound("no", status=404)
    with pytest.raises(errors.UnknownName) as caught:
        words.incident(typed)
    before = caught.value.hint.partition("%incidents")[0].strip()
    assert before == (f"did you mean {offered}?" if offered else "")


LOOKALIKES = ["Ann", "ann ", "ANN", "A\u200bnn", "\uff21nn", "Ann\u00a0Lee", "ann lee", "Zo\u00eb", "Zoe\u0308", "Bob"]
ADDRESSES = ["", "ann@example.com", "Ann@Example.com", "zoe@example.com"]


@st.composite
def organisations(draw):
    """Draw people with the same names and addresses, in look-alike letters, some of whom have left."""
    count = draw(st.integers(0, 6))
    return [
        models.User(
            f"01USER{number}",
            draw(st.sampled_from(LOOKALIKES)),
            email=draw(st.sampled_from(ADDRESSES)) or None,
            is_active=draw(st.sampled_from([True, False, None])),
        )
        for number in range(count)
    ]


def typed_for(people):
    """Return what may be typed for somebody: a name, an address or an ID, or what nobody has."""
    return st.sampled_from(
        [*LOOKALIKES, *filter(None, ADDRESSES), *(user.id for user in people), "nobody", "nobody@example.com"]
    )


@given(data=st.data(), is_listed=st.booleans())
def test_a_person_is_the_only_one_or_refused(data, is_listed):
    """Who is found is the only one who fits, or the only active one; of several nobody is chosen, listed or not."""
    api = Fake()
    api.people = data.draw(organisations())
    words = Vocabulary(api, lifetime=600, clock=lambda: 0.0)
    if is_listed:
        words.everyone()
    text = data.draw(typed_for(api.people))
    same = [user for user in api.people if comparable(text) in {comparable(user.name), comparable(user.email or "")}]
    fits = [user for user in api.people if user.id == text] or same
    active = [user for user in fits if user.is_active is not False]
    meant = active or fits
    for look, may_have_left in ((words.person, True), (words.user, False)):
        if len(meant) == 1 and (active or may_have_left):
            assert look(text) == meant[0]
        elif len(meant) > 1:
            with pytest.raises(errors.AmbiguousName) as caught:
                look(text)
            assert all(words.person(user.id) == user for user in meant if user.id in caught.value.hint)
            assert any(user.id in caught.value.hint for user in meant)
        else:
            with pytest.raises(errors.UnknownName):
                look(text)


@given(data=st.data())
def test_a_word_of_the_organisation_is_the_only_one_or_refused(data):
    """A severity, and a value that a catalog offers, is found if one has the name, and refused if several have it."""
    api = Fake()
    names = data.draw(st.lists(st.sampled_from(LOOKALIKES), max_size=5))
    retired = data.draw(st.lists(st.booleans(), min_size=len(names), max_size=len(names)))
    api.severity_list = [models.Severity(f"S{rank}", name, rank) for rank, name in enumerate(names)]
    api.entries = [
        models.CatalogEntry(f"E{place}", name, archived_at=WHEN if is_retired else None)
        for place, (name, is_retired) in enumerate(zip(names, retired, strict=True))
    ]
    words = Vocabulary(api, lifetime=600, clock=lambda: 0.0)
    text = data.draw(st.sampled_from(LOOKALIKES))
    for look, records in (
        (words.severity, api.severity_list),
        (lambda name: words.option(CATALOG, name), [entry for entry in api.entries if entry.archived_at is None]),
    ):
        fits = [record.id for record in records if comparable(record.name) == comparable(text)]
        if len(fits) == 1:
            assert look(text).id == fits[0]
        else:
            with pytest.raises(errors.AmbiguousName if fits else errors.InputError):
                look(text)


@pytest.mark.parametrize("typed", ["Team", " team ", "TEAM", "Te\u200bam"])
def test_completion_knows_a_field_as_people_write_it(words, typed):
    """The values of a field are completed however its name is written, as long as they are in memory."""
    assert words.cached_values(typed) == []
    words.option(words.field("Team"), "Red")
    assert words.cached_values(typed) == ["Red", "Blue"]
    assert words.cached_values("Teams") == []
