"""Pages: complete, without repeats, and steady while rows are added."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Caller

NEWEST, OLDEST = "created_at_newest_first", "created_at_oldest_first"


@pytest.mark.parametrize(("asked", "echoed"), [("1", 1), ("250", 250), ("500", 250), (None, 25)])
def test_page_sizes(call: Caller, asked: str | None, echoed: int) -> None:
    """A page has as many rows as asked for, 25 by default, 250 at most; the answer tells."""
    page = call.get("/v2/incidents", *([("page_size", asked)] if asked else []))
    assert page["pagination_meta"]["page_size"] == echoed
    assert len(page["incidents"]) == min(echoed, page["pagination_meta"]["total_record_count"])


@pytest.mark.parametrize(
    ("path", "largest"),
    [
        ("/v2/incidents", 500),
        ("/v2/incident_updates", 250),
        ("/v2/escalations", 50),
        ("/v2/incident_alerts", 50),
        ("/v2/workflow_runs", 50),
        ("/v2/escalation_paths", 25),
    ],
)
def test_largest_pages(call: Caller, path: str, largest: int) -> None:
    """Each list has a largest page that may be asked for; more is a 422 that blames `page_size`."""
    assert call.get(path, ("page_size", str(largest)))["pagination_meta"]["page_size"] == min(largest, 250)
    assert list(call.fields("GET", path, params={"page_size": largest + 1})) == ["/page_size"]


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_pages_are_complete_and_in_order(call: Caller, order: str) -> None:
    """All pages together are every row once, in the order asked for."""
    rows, after = [], None
    while True:
        cursor = [("after", after)] if after else []
        page = call.get("/v2/incidents", ("page_size", "7"), ("sort_by", order), *cursor)
        rows += [(datetime.fromisoformat(row["created_at"]), row["id"]) for row in page["incidents"]]
        after = page["pagination_meta"].get("after")
        if after is None:
            break
    assert len(rows) == page["pagination_meta"]["total_record_count"] == len(set(rows))
    assert rows == sorted(rows, reverse=order == NEWEST)


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_rows_added_meanwhile_move_nothing(own_call: Caller, order: str) -> None:
    """Incidents declared between two pages neither repeat nor hide a row that was there before."""
    before = {row["id"] for row in own_call.everything("/v2/incidents", "incidents")}
    seen, after = [], None
    while True:
        cursor = [("after", after)] if after else []
        page = own_call.get("/v2/incidents", ("page_size", "3"), ("sort_by", order), *cursor)
        seen += [row["id"] for row in page["incidents"]]
        after = page["pagination_meta"].get("after")
        if after is None:
            break
        if len(seen) < 12:
            own_call.declare()
    assert len(seen) == len(set(seen))
    assert before <= set(seen)
    assert (set(seen) == before) == (order == NEWEST)


def test_lists_of_one_incident_are_in_order(call: Caller) -> None:
    """Activity is in the order it happened, the timeline in the order of its own times."""
    for incident in call.get("/v2/incidents")["incidents"]:
        about = ("incident_id", incident["id"])
        entries = call.get("/v2/incident_activity_log_entries", about, ("page_size", "250"))
        moments = [entry["occurred_at"] for entry in entries["incident_activity_log_entries"]]
        assert moments == sorted(moments, key=datetime.fromisoformat)  # a text without a fraction sorts after others
        items = call.get("/v2/incident_timeline_items", about)["incident_timeline_items"]
        moments = [item["timestamp"] for item in items]
        assert moments == sorted(moments, key=datetime.fromisoformat)


def test_the_log_of_the_past_goes_on_in_the_present(own_call: Caller) -> None:
    """Seeded entries, which are kept together, and later ones are one list, also page by page."""
    path = name = "incident_activity_log_entries"
    incident, other = own_call.get("/v2/incidents", ("page_size", "2"))["incidents"]
    about = ("incident_id", incident["id"])
    before = own_call.get(f"/v2/{path}", about, ("page_size", "250"))[name]
    assert own_call.update(incident, message="Still looking").status_code == 201
    whole = own_call.get(f"/v2/{path}", about, ("page_size", "250"))[name]
    assert whole[: len(before)] == before
    assert [entry["content"]["incident_update"]["message"] for entry in whole[len(before) :]] == ["Still looking"]
    for entry, following in pairwise(whole):
        page = own_call.get(f"/v2/{path}", about, ("page_size", "1"), ("after", entry["id"]))
        assert page[name] == [following]
    for cursor in (own_call.get(f"/v2/{path}", ("incident_id", other["id"]))[name][0]["id"], "01NOTHING"):
        response = own_call("GET", f"/v2/{path}", params=dict([about, ("after", cursor)]))
        assert response.status_code == 404


PAGED = (
    "/v1/incidents", "/v2/incidents", "/v2/incident_updates", "/v2/alerts?page_size=5", "/v2/escalations", "/v2/users",
    "/v2/schedules", "/v2/escalation_paths", "/v3/actions", "/v3/follow_ups", "/v3/incident_forms", "/v2/workflow_runs",
    "/v1/postmortem_documents",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGED)
def test_an_unknown_cursor_is_not_found(call: Caller, path: str) -> None:
    """`after` names a record: one that does not exist, or no longer does, is a 404, as for any other record."""
    response = call("GET", path, params={"after": "01NOTHING"})
    assert response.status_code == 404
    assert response.json()["type"] == "not_found"
    assert "after" in response.json()["errors"][0]["message"]


def test_another_mistake_comes_before_an_unknown_cursor(call: Caller) -> None:
    """A query that is wrong is refused for what is wrong with it, whatever its cursor."""
    wrong = {"after": "01NOTHING", "page_size": "many"}
    assert list(call.fields("GET", "/v2/incidents", params=wrong)) == ["/page_size"]
