"""The incident list's filters, against a count done by hand over the stored incidents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Caller

    from incidentio_magic.sandbox import Sandbox

ALL_MODES = [("mode[one_of]", mode) for mode in ("standard", "retrospective", "test", "tutorial")]
CATEGORIES = ("triage", "live", "learning", "paused", "closed", "declined", "canceled", "merged")
ALL_CATEGORIES = [("status_category[one_of]", category) for category in CATEGORIES]
HIDDEN = ("declined", "canceled", "merged")


class Stored:
    """Every stored incident, and the vocabulary's identifiers by name."""

    def __init__(self, sandbox: Sandbox) -> None:
        service = sandbox.service
        assert service
        rows = service.store.rows("SELECT document FROM incidents")
        self.incidents = [json.loads(row["document"]) for row in rows]
        self.organisation = service.organisation

    def identity(self, table: str, name: str) -> str:
        """Return the identifier of what has this name."""
        records = self.organisation[table].values()
        return next(
            record["id"] for record in records if name in (record.get("name"), record.get("value"), record.get("email"))
        )

    def category(self, incident: dict[str, Any]) -> str:
        """Return the category of an incident's status."""
        return self.organisation["incident_statuses"][incident["incident_status_id"]]["category"]

    def rank(self, incident: dict[str, Any]) -> int | None:
        """Return the rank of an incident's severity."""
        severity = incident["severity_id"]
        return self.organisation["severities"][severity]["rank"] if severity else None

    def default(self, incident: dict[str, Any]) -> bool:
        """Tell whether an incident is listed when nothing is asked for."""
        return incident["mode"] in ("standard", "retrospective") and self.category(incident) not in HIDDEN

    def chosen(self, test: Callable[[dict[str, Any]], Any]) -> set[str]:
        """Return the identifiers of the incidents that pass a test."""
        return {incident["id"] for incident in self.incidents if test(incident)}


@pytest.fixture
def stored(own: Sandbox) -> Stored:
    """What the test's own sandbox holds."""
    return Stored(own)


def listed(call: Caller, *pairs: tuple[str, str]) -> set[str]:
    """Return the identifiers that a list answers, over all its pages."""
    rows = call.everything("/v2/incidents", "incidents", *pairs)
    identities = [row["id"] for row in rows]
    assert len(identities) == len(set(identities))
    return set(identities)


def test_hidden_rows(own_call: Caller, stored: Stored) -> None:
    """Tests, and what was declined, canceled or merged, are listed only when asked for."""
    assert listed(own_call) == stored.chosen(stored.default)
    everything = listed(own_call, *ALL_MODES, *ALL_CATEGORIES)
    assert everything == stored.chosen(lambda _: True)
    assert listed(own_call, *ALL_MODES) == stored.chosen(lambda incident: stored.category(incident) not in HIDDEN)
    merged = stored.identity("incident_statuses", "Merged")
    assert listed(own_call, ("status[one_of]", merged)) == stored.chosen(
        lambda incident: incident["incident_status_id"] == merged and incident["mode"] in ("standard", "retrospective")
    )


def test_statuses_severities_and_types(own_call: Caller, stored: Stored) -> None:
    """Each filter finds exactly what it says, and a lower rank is less severe."""
    closed = stored.identity("incident_statuses", "Closed")
    major = stored.identity("severities", "Major")
    rank = stored.organisation["severities"][major]["rank"]
    platform = stored.identity("incident_types", "Platform")
    live = ("triage", "live")
    for pairs, test in (
        ([("status[one_of]", closed)], lambda incident: incident["incident_status_id"] == closed),
        ([("status[not_in]", closed)], lambda incident: incident["incident_status_id"] != closed),
        (
            [("status_category[one_of]", category) for category in live],
            lambda incident: stored.category(incident) in live,
        ),
        ([("severity[one_of]", major)], lambda incident: incident["severity_id"] == major),
        ([("severity[not_in]", major)], lambda incident: incident["severity_id"] != major),
        ([("severity[gte]", major)], lambda incident: (stored.rank(incident) or 0) >= rank),
        ([("severity[lte]", major)], lambda incident: (stored.rank(incident) or 99) <= rank),
        ([("incident_type[one_of]", platform)], lambda incident: incident["incident_type_id"] == platform),
        ([("incident_type[not_in]", platform)], lambda incident: incident["incident_type_id"] != platform),
    ):
        assert listed(own_call, *pairs) == stored.chosen(
            lambda incident, test=test: stored.default(incident) and test(incident)
        ), pairs
    assert listed(own_call, ("status_category[not_in]", "live")) == stored.chosen(
        lambda incident: incident["mode"] in ("standard", "retrospective") and stored.category(incident) != "live"
    )


def test_roles_and_custom_fields(own_call: Caller, stored: Stored) -> None:
    """Filters with an identifier in brackets look into that role or field."""
    lead = stored.identity("incident_roles", "Incident Lead")
    user = next(incident["roles"][lead] for incident in stored.incidents if lead in incident["roles"])
    regions = stored.identity("custom_fields", "Affected regions")
    west = {"value_option_id": stored.identity("custom_field_options", "eu-west")}
    ticket = stored.identity("custom_fields", "Customer ticket")
    team = stored.identity("custom_fields", "Owning team")
    entry = {"value_catalog_entry_id": stored.identity("catalog_entries", "Payments")}
    for pair, test in (
        ((f"incident_role[{lead}][one_of]", user), lambda incident: incident["roles"].get(lead) == user),
        ((f"incident_role[{lead}][is_blank]", "true"), lambda incident: lead not in incident["roles"]),
        ((f"incident_role[{lead}][is_blank]", "false"), lambda incident: lead in incident["roles"]),
        ((f"incident_role[{lead}][is_set]", "true"), lambda incident: lead in incident["roles"]),
        (
            (f"custom_field[{regions}][one_of]", west["value_option_id"]),
            lambda incident: west in incident["fields"].get(regions, []),
        ),
        (
            (f"custom_field[{regions}][not_in]", west["value_option_id"]),
            lambda incident: west not in incident["fields"].get(regions, []),
        ),
        ((f"custom_field[{ticket}][is_blank]", "true"), lambda incident: ticket not in incident["fields"]),
        ((f"custom_field[{ticket}][is_set]", "true"), lambda incident: ticket in incident["fields"]),
        (
            (f"custom_field[{team}][one_of]", entry["value_catalog_entry_id"]),
            lambda incident: entry in incident["fields"].get(team, []),
        ),
    ):
        assert listed(own_call, pair) == stored.chosen(
            lambda incident, test=test: stored.default(incident) and test(incident)
        ), pair


def test_dates_are_whole_days(own_call: Caller, stored: Stored) -> None:
    """Both ends of a date filter are whole UTC days and are included."""
    days = sorted({incident["created_at"][:10] for incident in stored.incidents if stored.default(incident)})
    first, last = days[3], days[-4]
    for pair, test in (
        (("created_at[gte]", first), lambda day: day >= first),
        (("created_at[lte]", first), lambda day: day <= first),
        (("created_at[gte]", f"{first}T23:59:59Z"), lambda day: day >= first),
        (("created_at[date_range]", f"{first}~{last}"), lambda day: first <= day <= last),
    ):
        expected = stored.chosen(
            lambda incident, test=test: stored.default(incident) and test(incident["created_at"][:10])
        )
        assert listed(own_call, pair) == expected, pair
    day = max(incident["updated_at"][:10] for incident in stored.incidents)
    assert listed(own_call, ("updated_at[gte]", day)) == stored.chosen(
        lambda incident: stored.default(incident) and incident["updated_at"][:10] >= day
    )


def test_filter_mode(own_call: Caller, stored: Stored) -> None:
    """`all` joins filters with AND, `any` with OR; what is hidden stays hidden either way."""
    minor = stored.identity("severities", "Minor")
    closed = stored.identity("incident_statuses", "Closed")
    pairs = [("severity[one_of]", minor), ("status[one_of]", closed)]

    def both(incident: dict[str, Any]) -> tuple[bool, bool]:
        return incident["severity_id"] == minor, incident["incident_status_id"] == closed

    for mode, join in (("all", all), ("any", any)):
        expected = stored.chosen(lambda incident, join=join: stored.default(incident) and join(both(incident)))
        assert listed(own_call, ("filter_mode", mode), *pairs) == expected


@pytest.mark.parametrize(
    "pairs",
    [
        [("status[one_of]", "Closed")],
        [("status[gte]", "Closed")],
        [("status", "Closed")],
        [("status[a][b][one_of]", "Closed")],
        [("status_category[one_of]", "running")],
        [("severity[gte]", "Major")],
        [("mode[not_in]", "test")],
        [("mode[one_of]", "real")],
        [("incident_role[nobody][is_blank]", "true")],
        [("custom_field[nothing][one_of]", "x")],
        [("created_at[gte]", "yesterday")],
        [("created_at[date_range]", "2026-01-01")],
        [("created_at[gte]", "2026-01-01"), ("created_at[date_range]", "2026-01-01~2026-02-01")],
        [("created_at[gte]", "2026-01-01"), ("created_at[gte]", "2026-01-02")],
        [("filter_mode", "some")],
        [("sort_by", "name")],
        [("sort", "name")],
        [("page_size", "0")],
        [("page_size", "many")],
        [("page_size", "-1")],
    ],
)
def test_what_is_not_understood_is_refused(call: Caller, pairs: list[tuple[str, str]]) -> None:
    """An unknown filter, operator or value is a 422 that names the parameter, never ignored."""
    blamed = call.fields("GET", "/v2/incidents", params=pairs)
    assert any(pairs[0][0].partition("[")[0] in pointer for pointer in blamed)


def test_other_lists_refuse_what_they_do_not_know(call: Caller) -> None:
    """Every list refuses unknown parameters, and those that need one say so."""
    for path in ("/v1/severities", "/v2/users", "/v3/actions", "/v2/escalations", "/v2/incident_updates"):
        assert "/color" in call.fields("GET", path, params={"color": "red"})
    for path, name in (
        ("/v2/incident_timeline_items", "incident_id"),
        ("/v2/incident_activity_log_entries", "incident_id"),
        ("/v2/call_sessions", "incident_id"),
        ("/v2/incident_participants", "incident_id"),
        ("/v2/call_transcript_entries", "call_session_id"),
        ("/v1/custom_field_options", "custom_field_id"),
        ("/v3/catalog_entries", "catalog_type_id"),
        ("/v2/incident_alerts", "page_size"),
    ):
        assert f"/{name}" in call.fields("GET", path)


def test_an_incident_that_is_no_full_identifier_finds_nothing(call: Caller) -> None:
    """A reference where an identifier is needed gives an empty list, not an error."""
    for path, name in (
        ("/v2/incident_updates", "incident_updates"),
        ("/v2/incident_timeline_items", "incident_timeline_items"),
        ("/v3/actions", "actions"),
        ("/v3/follow_ups", "follow_ups"),
    ):
        assert call.get(path, ("incident_id", "INC-1"))[name] == []


def test_tasks_of_tests_need_their_mode(call: Caller) -> None:
    """Actions of test incidents are listed only when their mode is asked for."""
    test = call.get("/v2/incidents", ("mode[one_of]", "test"), ("page_size", "250"))["incidents"]
    identities = {incident["id"] for incident in test}
    usual = {row["incident_id"] for row in call.everything("/v3/actions", "actions")}
    asked = {row["incident_id"] for row in call.everything("/v3/actions", "actions", ("incident_mode", "test"))}
    assert not usual & identities
    assert asked
    assert asked <= identities


def test_users(call: Caller) -> None:
    """Who left is listed only on request; e-mail and Slack find one person."""
    active = call.everything("/v2/users", "users")
    everybody = call.everything("/v2/users", "users", ("include_inactive", "true"))
    assert len(everybody) == len(active) + 2
    assert [user["name"] for user in everybody if not user["is_active"]] == ["Oscar Former", "Xavier Yeoman"]
    zoe = call.get("/v2/users", ("email", "ZOE@example.com"))["users"]
    assert [user["name"] for user in zoe] == ["Zoë Müller-Ångström"]
    assert call.get("/v2/users", ("slack_user_id", zoe[0]["slack_user_id"]))["users"] == zoe
    assert len([user for user in active if user["name"].startswith("Alice ")]) == 2
    assert len({user["email"] for user in active}) == len(active)
    assert (
        len({user["email"] for user in everybody}) == len(everybody) - 1
    )  # an old account has its successor's address


def test_both_bounds_of_a_time_are_a_range(call: Caller) -> None:
    """`gte` with `lte` finds what `date_range` finds."""
    bounds = [("created_at[gte]", "2026-02-01"), ("created_at[lte]", "2026-03-01")]
    found = call.everything("/v2/incidents", "incidents", *bounds)
    assert found
    assert found == call.everything("/v2/incidents", "incidents", ("created_at[date_range]", "2026-02-01~2026-03-01"))


def test_active_is_another_name_of_live(call: Caller) -> None:
    """The category that answers call live may be asked for as active."""
    asked = [call.get("/v2/incidents", ("status_category[one_of]", name))["incidents"] for name in ("active", "live")]
    assert asked[0] == asked[1] != []


def test_a_catalog_field_is_filtered_by_external_id(call: Caller) -> None:
    """The entry's external ID finds what its own ID finds."""
    field = next(
        field for field in call.get("/v2/custom_fields")["custom_fields"] if field["name"] == "Affected components"
    )
    query = [("catalog_type_id", field["catalog_type_id"]), ("page_size", "1")]
    (entry,) = call.get("/v3/catalog_entries", *query)["catalog_entries"]
    name = f"custom_field[{field['id']}][one_of]"
    found = [call.get("/v2/incidents", (name, entry[key]))["incidents"] for key in ("id", "external_id")]
    assert found[0] == found[1] != []


def test_an_archived_entry_says_so_and_an_alias_finds_it(call: Caller) -> None:
    """An entry that was archived stays listed with the time, and can be found by any of its names."""
    kinds = call.get("/v3/catalog_types")["catalog_types"]
    component = next(kind["id"] for kind in kinds if kind["name"] == "Component")
    query = [("catalog_type_id", component), ("page_size", "250")]
    archived = [entry for entry in call.get("/v3/catalog_entries", *query)["catalog_entries"] if "archived_at" in entry]
    assert [entry["name"] for entry in archived] == ["mainframe"]
    for name in ("mainframe", "big iron", archived[0]["external_id"], archived[0]["id"]):
        found = call.get("/v3/catalog_entries", *query, ("identifier", name))["catalog_entries"]
        assert found == archived
