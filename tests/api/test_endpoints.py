"""Each endpoint's request: method, path, query, body and page size.

Serves `api/endpoints/_base.py`, `api/endpoints/_incidents.py`, `api/endpoints/_on_call.py`,
`api/endpoints/_organisation.py` and `api/endpoints/_work.py`.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import responses

from incidentio_magic import errors
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.filters import Choice, IncidentFilter, Window
from incidentio_magic.api.transport import Transport
from incidentio_magic.api.wire import CREATE_ESCALATION, EVERYTHING, LIST_INCIDENTS, Answer
from incidentio_magic.names.vocabulary import Vocabulary
from incidentio_magic.settings import Secret

BODY = {"idempotency_key": "k"}
LARGEST, BIG, SMALL, SMALLEST = (("page_size", str(size)) for size in (10_000, 250, 50, 25))
OF = ("incident_id", "01A")
WEEK = Window(datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC))


class Stop(Exception):
    """Ends a call once its request is known."""


@pytest.fixture
def requests_():
    """The requests that were made."""
    return []


@pytest.fixture
def api(requests_):
    """Endpoints whose requests are kept and not sent."""

    def send(request):
        requests_.append(request)
        raise Stop

    return Api(SimpleNamespace(send=send))


READS = {
    "identity": (lambda api: api.identity(), "GET /v1/identity", ()),
    "severities": (lambda api: Vocabulary(api, lifetime=0).read("severities"), "GET /v1/severities", ()),
    "incident_statuses": (lambda api: Vocabulary(api, lifetime=0).read("statuses"), "GET /v1/incident_statuses", ()),
    "incident_types": (lambda api: Vocabulary(api, lifetime=0).read("types"), "GET /v1/incident_types", ()),
    "incident_roles": (lambda api: Vocabulary(api, lifetime=0).read("roles"), "GET /v2/incident_roles", ()),
    "incident_timestamps": (
        lambda api: Vocabulary(api, lifetime=0).read("timestamps"),
        "GET /v2/incident_timestamps",
        (),
    ),
    "custom_fields": (lambda api: Vocabulary(api, lifetime=0).read("fields"), "GET /v2/custom_fields", ()),
    "incident": (lambda api: api.incident("7"), "GET /v2/incidents/7", ()),
    "participants": (lambda api: api.participants("01A"), "GET /v2/incident_participants", (OF,)),
    "postmortem_content": (
        lambda api: api.postmortem_content("P"),
        "GET /v1/postmortem_documents/P/content",
        (),
    ),
    "custom_field_options": (
        lambda api: api.custom_field_options("F"),
        "GET /v1/custom_field_options",
        (("custom_field_id", "F"), BIG),
    ),
    "catalog_entries": (
        lambda api: api.catalog_entries("C"),
        "GET /v3/catalog_entries",
        (("catalog_type_id", "C"), BIG),
    ),
    "one catalog entry": (
        lambda api: api.catalog_entries("C", identifier="shop"),
        "GET /v3/catalog_entries",
        (("catalog_type_id", "C"), ("identifier", "shop"), BIG),
    ),
    "incident_forms": (lambda api: api.incident_forms(), "GET /v3/incident_forms", (BIG,)),
    "users": (lambda api: api.users(), "GET /v2/users", (LARGEST,)),
    "users by email": (lambda api: api.users(email="a@b"), "GET /v2/users", (("email", "a@b"), LARGEST)),
    "users who left": (
        lambda api: api.users(include_inactive=True),
        "GET /v2/users",
        (("include_inactive", "true"), LARGEST),
    ),
    "escalation_paths": (lambda api: api.escalation_paths(), "GET /v2/escalation_paths", (SMALLEST,)),
    "updates": (lambda api: api.incident_updates("01A"), "GET /v2/incident_updates", (OF, BIG)),
    "every update": (lambda api: api.incident_updates(), "GET /v2/incident_updates", (BIG,)),
    "timeline": (lambda api: api.timeline_items("01A"), "GET /v2/incident_timeline_items", (OF, BIG)),
    "activity": (lambda api: api.activity_log_entries("01A"), "GET /v2/incident_activity_log_entries", (OF, BIG)),
    "escalations": (
        lambda api: api.escalations("01A"),
        "GET /v2/escalations",
        (("incident[one_of]", "01A"), SMALL),
    ),
    "every escalation": (
        lambda api: api.escalations(
            statuses=["triggered", "acked"], escalation_path_ids=["P"], created=WEEK, idempotency_key="k"
        ),
        "GET /v2/escalations",
        (
            ("status[one_of]", "triggered"),
            ("status[one_of]", "acked"),
            ("escalation_path[one_of]", "P"),
            ("created_at[date_range]", "2026-11-02~2026-11-08"),
            ("idempotency_key[is]", "k"),
            SMALL,
        ),
    ),
    "escalation": (lambda api: api.escalation("E"), "GET /v2/escalations/E", ()),
    "every alert": (
        lambda api: api.alerts(statuses=["firing"], alert_source_ids=["S"], created=WEEK, deduplication_key="d"),
        "GET /v2/alerts",
        (
            ("status[one_of]", "firing"),
            ("alert_source[one_of]", "S"),
            ("created_at[date_range]", "2026-11-02~2026-11-08"),
            ("deduplication_key[is]", "d"),
            SMALL,
        ),
    ),
    "alert_sources": (lambda api: Vocabulary(api, lifetime=0).read("alert_sources"), "GET /v2/alert_sources", ()),
    "schedules": (lambda api: api.schedules(), "GET /v2/schedules", (BIG,)),
    "schedules, next shifts": (
        lambda api: api.schedules(with_next_shifts=True),
        "GET /v2/schedules",
        (SMALLEST,),
    ),
    "schedule_entries": (
        lambda api: api.schedule_entries("S", WEEK.since, WEEK.until),
        "GET /v2/schedule_entries",
        (
            ("schedule_id", "S"),
            ("entry_window_start", "2026-11-02T00:00:00+00:00"),
            ("entry_window_end", "2026-11-08T00:00:00+00:00"),
        ),
    ),
    "every follow-up": (
        lambda api: api.follow_ups(created=WEEK, assignee_team_id="T"),
        "GET /v3/follow_ups",
        (("created_at[date_range]", "2026-11-02~2026-11-08"), ("assignee_team_id", "T"), BIG),
    ),
    "every action": (
        lambda api: api.actions(mode="test", updated=WEEK),
        "GET /v3/actions",
        (("incident_mode", "test"), ("updated_at[date_range]", "2026-11-02~2026-11-08"), BIG),
    ),
    "workloads": (
        lambda api: api.participant_workloads("01A"),
        "GET /v2/incident_participant_workloads",
        (OF,),
    ),
    "relationships": (lambda api: api.incident_relationships("01A"), "GET /v1/incident_relationships", (OF, BIG)),
    "attachments": (lambda api: api.incident_attachments("01A"), "GET /v1/incident_attachments", (OF,)),
    "alerts": (lambda api: api.incident_alerts("01A"), "GET /v2/incident_alerts", (OF, SMALL)),
    "actions": (lambda api: api.actions("01A", "test"), "GET /v3/actions", (OF, ("incident_mode", "test"), BIG)),
    "follow_ups": (
        lambda api: api.follow_ups("01A", "test"),
        "GET /v3/follow_ups",
        (OF, ("incident_mode", "test"), BIG),
    ),
    "call_sessions": (lambda api: api.call_sessions("01A"), "GET /v2/call_sessions", (OF, BIG)),
    "call_transcript": (
        lambda api: api.call_transcript("01C"),
        "GET /v2/call_transcript_entries",
        (("call_session_id", "01C"), BIG),
    ),
    "workflow_runs": (lambda api: api.workflow_runs("01A"), "GET /v2/workflow_runs", (OF, SMALL)),
    "postmortems": (lambda api: api.postmortem_documents("01A"), "GET /v1/postmortem_documents", (OF, BIG)),
}


@pytest.mark.parametrize(("call", "name", "query"), READS.values(), ids=READS)
def test_reads(api, requests_, call, name, query):
    """Each read asks at its own address for exactly what was named, in pages as large as allowed."""
    with pytest.raises(Stop):
        list(call(api))
    request = requests_[0]
    assert (request.name, request.query, request.body) == (name, query, None)
    assert (request.repeatable, request.rate) == (True, EVERYTHING)


WRITES = {
    "declare": (lambda api: api.create_incident(BODY), "/v2/incidents", True, EVERYTHING),
    "update": (lambda api: api.create_incident_update(BODY), "/v2/incident_updates", True, EVERYTHING),
    "event": (lambda api: api.create_timeline_item(BODY), "/v2/incident_timeline_items", True, EVERYTHING),
    "page": (lambda api: api.create_escalation(BODY), "/v2/escalations", True, CREATE_ESCALATION),
    "edit": (lambda api: api.edit_incident("01A", BODY), "/v2/incidents/01A/actions/edit", False, EVERYTHING),
    "import": (
        lambda api: api.import_postmortem("01A", BODY),
        "/v2/incidents/01A/actions/import_postmortem_document",
        False,
        EVERYTHING,
    ),
}


CHANGES = {
    "add an action": (lambda api: api.create_action(BODY), "POST /v3/actions", False),
    "change an action": (lambda api: api.update_action("A", BODY), "PUT /v3/actions/A", False),
    "add a follow-up": (lambda api: api.create_follow_up(BODY), "POST /v3/follow_ups", False),
    "change a follow-up": (lambda api: api.update_follow_up("F", BODY), "PUT /v3/follow_ups/F", False),
    "attach": (lambda api: api.create_incident_attachment(BODY), "POST /v1/incident_attachments", False),
    "acknowledge": (lambda api: api.respond_to_escalation("E", BODY), "POST /v2/escalations/E/actions/respond", False),
    "cancel": (lambda api: api.cancel_escalation("E"), "POST /v2/escalations/E/actions/cancel", True),
    "finish": (lambda api: api.set_postmortem_status("D", "completed"), "PUT /v1/postmortem_documents/D", True),
}
BODIES = {"cancel": None, "finish": {"status": "completed"}}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_without_a_key(api, requests_, change):
    """A change without an idempotency key is repeated only where the endpoint itself does no more the second time."""
    call, name, repeatable = CHANGES[change]
    with pytest.raises(Stop):
        call(api)
    request = requests_[0]
    assert (request.name, request.body) == (name, BODIES.get(change, BODY))
    assert (request.keyed, request.repeatable) == (False, repeatable)


@pytest.mark.parametrize("change", ["acknowledge", "cancel"])
def test_a_success_without_content(change):
    """Acknowledging and cancelling are answered with an empty body, which is no fault."""
    transport = Transport("https://api.example", Secret("key-of-a-test"))
    with responses.RequestsMock() as service:
        path = CHANGES[change][1].removeprefix("POST ")
        service.add(responses.POST, "https://api.example" + path, headers={"X-Request-Id": "R"})
        api = Api(transport)
        CHANGES[change][0](api)
        assert api.last_request_id == "R"
    transport.close()


def shift(day, *, person="U"):
    """Return a shift of one day in November."""
    start, end = (f"2026-11-{number:02}T09:00:00Z" for number in (day, day + 1))
    return {"start_at": start, "end_at": end, "user": {"id": person, "name": "Ada"}}


def test_schedule_entries_go_on_where_the_service_says():
    """The next page of a schedule begins at the cursor, the window's end unchanged; a page without one is the last."""
    pages = [
        {"schedule_entries": {"final": [shift(2), shift(3)], "overrides": [], "scheduled": [shift(4)]}}
        | {"pagination_meta": {"after": "opaque", "after_url": "https://api.example/next"}},
        {"schedule_entries": {"final": [shift(3), shift(5)], "overrides": [], "scheduled": []}},
    ]
    asked = []

    def send(request):
        asked.append(dict(request.query))
        return Answer(200, {}, json.dumps(pages.pop(0)).encode())

    listing = Api(SimpleNamespace(send=send)).schedule_entries("S", WEEK.since, WEEK.until)
    assert [entry.start_at.day for entry in listing] == [2, 3, 5]  # a shift on both pages comes once
    assert [query["entry_window_start"] for query in asked] == [WEEK.since.isoformat(), "opaque"]
    assert {query["entry_window_end"] for query in asked} == {WEEK.until.isoformat()}
    assert listing.complete


@pytest.mark.parametrize(("call", "path", "keyed", "rate"), WRITES.values(), ids=WRITES)
def test_writes(*, api, requests_, call, path, keyed, rate):
    """Each write posts its body; only those with an idempotency key may be repeated."""
    with pytest.raises(Stop):
        call(api)
    request = requests_[0]
    assert (request.method, request.path, request.query, request.body) == ("POST", path, (), BODY)
    assert (request.keyed, request.repeatable, request.rate) == (keyed, keyed, rate)


@pytest.mark.parametrize(
    ("limit", "size"), [(None, "250"), (1000, "250"), (250, "250"), (10, "10"), (1, "1"), (0, "1")]
)
def test_listing_incidents(api, requests_, limit, size):
    """Listing incidents uses its own allowance and asks for no more than is wanted."""
    which = IncidentFilter(status=Choice(("S",)))
    with pytest.raises(Stop):
        list(api.incidents(which, limit=limit))
    assert requests_[0].name == "GET /v2/incidents"
    assert requests_[0].query == (*which.query(), ("page_size", size))
    assert requests_[0].rate == LIST_INCIDENTS


def test_following_pages():
    """The next page is asked for with the same filters and the cursor, whatever characters it has."""
    asked = []
    pages = [b'{"users": [{"id": "1", "name": "n"}], "pagination_meta": {"after": "a/b?c&d", "page_size": 25}}']
    pages.append(b'{"users": [{"id": "2", "name": "n"}], "pagination_meta": null}')

    def send(request):
        asked.append(request.query)
        return Answer(200, {}, pages.pop(0))

    listing = Api(SimpleNamespace(send=send)).users(email="a@b")
    assert [user.id for user in listing] == ["1", "2"]
    assert asked == [(("email", "a@b"), LARGEST), (("email", "a@b"), LARGEST, ("after", "a/b?c&d"))]
    assert (listing.complete, listing.page_size) == (True, 25)


def refusing(larger_than, page):
    """Return what answers a request with `page`, or refuses one for larger pages than that, and the sizes it saw."""
    asked = []

    def send(request):
        size = int(dict(request.query)["page_size"])
        asked.append(size)
        if size > larger_than:
            raise errors.ValidationFailed("too large", status=422, fields={"page_size": "too large"})
        return Answer(200, {}, page)

    return Api(SimpleNamespace(send=send)), asked


def test_a_page_size_that_is_refused():
    """A list whose pages turn out to be smaller is read in the pages that every list takes."""
    api, asked = refusing(100, b'{"call_sessions": [], "pagination_meta": {"page_size": 25}}')
    listing = api.call_sessions("01A")
    assert list(listing) == list(listing) == []
    assert asked == [250, 25, 25]
    assert listing.complete


def test_a_large_page_of_people_that_is_refused():
    """People are read in one request; where that page is too large, in the next smaller one, then and later."""
    api, asked = refusing(250, b'{"users": [{"id": "1", "name": "n"}], "pagination_meta": {"page_size": 250}}')
    assert [user.id for user in api.users()] == ["1"]
    assert [user.id for user in api.users(email="a@b")] == ["1"]
    assert asked == [10_000, 250, 250]


def test_a_smaller_page_that_may_not_be_the_last():
    """A full page of the smaller size that does not say whether there is more leaves the list in doubt."""
    call = {"id": "", "incident_id": "01A", "started_at": "2026-11-23T12:00:00Z"}
    calls = [call | {"id": str(number)} for number in range(25)]
    api, _asked = refusing(100, json.dumps({"call_sessions": calls}).encode())
    listing = api.call_sessions("01A")
    assert len(list(listing)) == 25
    assert listing.incomplete == "the service did not say whether there is more"


@pytest.mark.parametrize("fields", [{"page_size": "no"}, {"incident_id": "no"}])
def test_a_refusal_is_told(fields):
    """A list that is refused for another reason, or in any size, raises the refusal."""
    asked = []

    def send(request):
        asked.append(request.query[-1])
        raise errors.ValidationFailed("no", status=422, fields=fields)

    with pytest.raises(errors.ValidationFailed):
        list(Api(SimpleNamespace(send=send)).call_sessions("01A"))
    assert asked == [BIG, SMALLEST][: 1 + ("page_size" in fields)]


HOSTILE = {
    "../../x?y#z": "..%2F..%2Fx%3Fy%23z",
    "a/b": "a%2Fb",
    "a?b=c": "a%3Fb%3Dc",
    "a#b": "a%23b",
    "a b": "a%20b",
    "a%2fb": "a%252fb",
    "ü": "%C3%BC",
    "a\r\nHost: evil": "a%0D%0AHost%3A%20evil",
    "..;": "..%3B",
    "...x": "...x",
}


@pytest.mark.parametrize("method", ["incident", "edit_incident", "postmortem_content"])
@pytest.mark.parametrize(("identity", "quoted"), HOSTILE.items(), ids=map(repr, HOSTILE))
def test_hostile_identities_stay_in_their_place(method, identity, quoted):
    """An identity with special characters reaches the service as one part of the path."""
    path = {
        "incident": f"/v2/incidents/{quoted}",
        "edit_incident": f"/v2/incidents/{quoted}/actions/edit",
        "postmortem_content": f"/v1/postmortem_documents/{quoted}/content",
    }[method]
    transport = Transport("https://api.example/base", Secret("key-of-a-test"))
    with responses.RequestsMock() as service:
        service.add(
            responses.POST if method == "edit_incident" else responses.GET,
            "https://api.example/base" + path,
            status=404,
        )
        with pytest.raises(errors.NotFound):
            getattr(Api(transport), method)(identity, *([{}] if method == "edit_incident" else []))
        assert service.calls[0].request.path_url == "/base" + path
    transport.close()


@pytest.mark.parametrize("method", ["incident", "edit_incident", "postmortem_content"])
@pytest.mark.parametrize("identity", ["", ".", "..", "...", "01\ud800"])
def test_dots_are_no_identity(api, requests_, method, identity):
    """Dots, which would name another address, are refused before anything is sent."""
    with pytest.raises(errors.InputError, match="is not an ID"):
        getattr(api, method)(identity, *([{}] if method == "edit_incident" else []))
    assert requests_ == []


def test_request_ids_are_of_their_thread():
    """The id of the last request is that of the thread that asks."""
    numbers = iter(range(10))
    answers = {}

    def send(_request):
        return Answer(200, {"x-request-id": f"req-{next(numbers)}"}, b'{"severities": []}')

    api = Api(SimpleNamespace(send=send))
    assert api.last_request_id == ""
    Vocabulary(api, lifetime=0).read("severities")

    def other():
        answers["before"] = api.last_request_id
        Vocabulary(api, lifetime=0).read("severities")
        answers["after"] = api.last_request_id

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(5)
    assert answers == {"before": "", "after": "req-1"}
    assert api.last_request_id == "req-0"


def test_a_whole_record(make_incident_json):
    """An answer's record is taken out of its envelope."""
    content = json.dumps({"incident": make_incident_json()}).encode()
    api = Api(SimpleNamespace(send=lambda _request: Answer(200, {}, content)))
    assert api.incident("7").reference == "INC-7"


RECORD = {"id": "01A", "reference": "INC-7", "name": "n"}


@pytest.mark.parametrize("identity", ["01A", "01a", "7", "007", "INC-7"])
def test_the_incident_that_was_asked_for(identity):
    """An incident is taken by its ID, by its reference, and by the number of it."""
    content = json.dumps({"incident": RECORD}).encode()
    assert Api(SimpleNamespace(send=lambda _request: Answer(200, {}, content))).incident(identity).id == "01A"


ABOUT = {
    "incident by number": (lambda api: api.incident("8"), "incident", errors.UnexpectedAnswer),
    "incident by ID": (lambda api: api.incident("01B"), "incident", errors.UnexpectedAnswer),
    "escalation": (lambda api: api.escalation("01B"), "escalation", errors.UnexpectedAnswer),
    "edit": (lambda api: api.edit_incident("01B", {}), "incident", errors.AnswerLost),
    "read action": (lambda api: api.action("01B"), "action", errors.UnexpectedAnswer),
    "read follow-up": (lambda api: api.follow_up("01B"), "follow_up", errors.UnexpectedAnswer),
    "new action": (lambda api: api.create_action({"incident_id": "01B"}), "action", errors.AnswerLost),
    "new follow-up": (lambda api: api.create_follow_up({"incident_id": "01B"}), "follow_up", errors.AnswerLost),
    "attachment": (
        lambda api: api.create_incident_attachment({"incident_id": "01B"}),
        "incident_attachment",
        errors.AnswerLost,
    ),
    "action": (lambda api: api.update_action("01B", {}), "action", errors.AnswerLost),
    "follow-up": (lambda api: api.update_follow_up("01B", {}), "follow_up", errors.AnswerLost),
    "update": (
        lambda api: api.create_incident_update({"incident_id": "01B"}),
        "incident_update",
        errors.AnswerLost,
    ),
    "event": (
        lambda api: api.create_timeline_item({"incident_id": "01B"}),
        "incident_timeline_item",
        errors.AnswerLost,
    ),
}


@pytest.mark.parametrize(("call", "name", "kind"), ABOUT.values(), ids=ABOUT)
def test_an_answer_about_something_else(call, name, kind):
    """An answer about another record than was asked for is refused: a read says so, a write is a lost answer."""
    record = RECORD | {"incident_id": "01A", "resource": {"resource_type": "arbitrary_url"}}
    content = json.dumps({name: record}).encode()
    api = Api(SimpleNamespace(send=lambda _request: Answer(200, {"x-request-id": "R"}, content)))
    with pytest.raises(kind, match="is about a different ") as caught:
        call(api)
    assert caught.value.request_id == "R"
