"""Schedules: rotations in local time, gaps, overrides, and lists in pages."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from incidentio_magic.sandbox.incidentio import schedules

if TYPE_CHECKING:
    from conftest import Caller

USERS = [f"user{number}" for number in range(10)]
TEAMS = ["team1", "team2", "team3"]


@pytest.fixture
def made() -> list[dict[str, Any]]:
    """The schedules of an organisation founded in 2024, with an override around New Year 2026."""
    numbers = iter(range(100))
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    return schedules.build(lambda: f"id{next(numbers)}", epoch, "2024-01-03T12:00:00.000Z", USERS, TEAMS)


def window(schedule: dict[str, Any], start: str, days: float) -> dict[str, list[dict[str, Any]]]:
    """Return the shifts of a window of so many days."""
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return schedules.entries(schedule, first, first + timedelta(days=days))


def test_handovers_keep_their_local_time_where_clocks_change(made: list[dict[str, Any]]) -> None:
    """The week in which London's clocks go forward has 167 hours, the one in which they go back 169."""
    for start, hours in (("2026-03-24", 167), ("2026-10-20", 169), ("2026-06-02", 168)):
        shift = window(made[0], start, 0.1)["scheduled"][0]
        begin, end = (datetime.fromisoformat(shift[name]) for name in ("start_at", "end_at"))
        assert (end - begin).total_seconds() == hours * 3600


def test_shifts_follow_each_other_without_a_gap_and_in_turn(made: list[dict[str, Any]]) -> None:
    """A rotation without working hours has somebody on call at any time, one person after the other."""
    final = window(made[1], "2026-02-20", 30)["final"]
    assert all(before["end_at"] == after["start_at"] for before, after in itertools.pairwise(final))
    assert [shift["user"] for shift in final[:4]] != [final[0]["user"]] * 4
    assert final[0]["user"] == final[4]["user"]


def test_nobody_is_on_call_outside_working_hours(made: list[dict[str, Any]]) -> None:
    """A schedule of office hours has gaps at night and at the weekend."""
    assert window(made[2], "2026-06-06", 2)["final"] == []  # a weekend
    day = window(made[2], "2026-06-03", 1)["final"]
    assert [(shift["start_at"][11:16], shift["end_at"][11:16]) for shift in day] == [("07:00", "15:00")]


def test_an_override_replaces_what_it_overlaps_and_nothing_else(made: list[dict[str, Any]]) -> None:
    """The plan stays listed; in force are the plan before, the override, and the plan after."""
    found = window(made[0], "2025-12-31T12:00", 1)
    (override,) = found["overrides"]
    (planned,) = found["scheduled"]
    before, during, after = found["final"]
    assert during == override
    assert (before["user"], after["user"]) == (planned["user"], planned["user"])
    assert (before["end_at"], after["start_at"]) == (override["start_at"], override["end_at"])
    assert (before["start_at"], after["end_at"]) == (planned["start_at"], planned["end_at"])


def test_the_list_names_who_is_on_call_now(call: Caller) -> None:
    """Current shifts are those in force; the next ones are named on small pages only."""
    listed = call.get("/v2/schedules")["schedules"]
    for schedule in listed:
        entries = call.get("/v2/schedule_entries", ("schedule_id", schedule["id"]))["schedule_entries"]
        assert {shift["entry_id"] for shift in schedule["current_shifts"]} <= {
            shift["entry_id"] for shift in entries["final"]
        }
        assert schedule["next_shifts"]
    assert all(
        "next_shifts" not in schedule for schedule in call.get("/v2/schedules", ("page_size", "10000"))["schedules"]
    )


def test_a_long_window_comes_in_pages(call: Caller) -> None:
    """Following the pages gives every shift of the window once."""
    daily = next(
        schedule for schedule in call.get("/v2/schedules")["schedules"] if schedule["timezone"] == "America/New_York"
    )
    path = f"/v2/schedule_entries?schedule_id={daily['id']}&entry_window_start=2026-01-01&entry_window_end=2026-12-31"
    found: list[str] = []
    pages = 0
    while path:
        page = call.get(path)
        pages += 1
        found += [shift["start_at"] for shift in page["schedule_entries"]["final"]]
        url = urlsplit(page.get("pagination_meta", {}).get("after_url", ""))
        path = f"{url.path}?{url.query}" if url.query else ""
    assert pages == 4
    assert len(found) == len(set(found)) == 365


@pytest.mark.parametrize(
    "query", ["", "schedule_id=x&entry_window_start=soon", "schedule_id=x&entry_window_end=2020-01-01"]
)
def test_a_bad_window_is_refused(call: Caller, query: str) -> None:
    """A window without a schedule, without a time or before its start is a 422; an unknown schedule a 404."""
    assert call("GET", f"/v2/schedule_entries?{query}").status_code == 422
    assert call("GET", "/v2/schedule_entries?schedule_id=x").status_code == 404
