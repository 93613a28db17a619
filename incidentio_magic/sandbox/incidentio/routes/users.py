"""The key's identity, users and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, key, query, service
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page_of
from incidentio_magic.sandbox.incidentio.organisation import DASHBOARD

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.attached_answers import ShownTeam
    from incidentio_magic.sandbox.vocabulary import Named, TeamMember

blueprint = Blueprint("users", __name__)
LARGEST_PAGE_OF_USERS = 10_000


@blueprint.get("/v1/identity")
def identity() -> Response:
    """Show the key's identity; any key may."""
    query().check()
    shown = {
        "name": key().name,
        "roles": key().roles,
        "dashboard_url": DASHBOARD,
        "team_roles": [],
        "teams": [],
    }
    return answer({"identity": shown})


@blueprint.get("/v2/users")
def users() -> Response:
    """List the users; `include_inactive` adds those who left."""
    parameters = query()
    email, slack = parameters.text("email"), parameters.text("slack_user_id")
    everybody = parameters.flag("include_inactive")
    found = [
        user
        for user in service().organisation["users"].values()
        if (everybody or user["is_active"])
        and (email is None or user["email"] == email.lower())
        and (slack is None or user["slack_user_id"] == slack)
    ]
    chosen, meta = page_of(parameters, found, largest=LARGEST_PAGE_OF_USERS)
    return answer({"users": chosen, "pagination_meta": meta})


@blueprint.get("/v2/users/<identity>")
def user(identity: str) -> Response:
    """Show one user."""
    query().check()
    found = service().organisation["users"].get(identity)
    if found is None:
        raise not_found("user")
    return answer({"user": found})


@blueprint.get("/v3/teams")
def teams() -> Response:
    """List the teams and their members."""
    chosen, meta = page_of(query(), list(service().organisation["teams"].values()))
    return answer({"teams": [_team(team) for team in chosen], "pagination_meta": meta})


@blueprint.get("/v3/teams/<identity>")
def team(identity: str) -> Response:
    """Show one team."""
    query().check()
    found = service().organisation["teams"].get(identity)
    if found is None:
        raise not_found("team")
    return answer({"team": _team(found)})


def _member(identity: str) -> TeamMember:
    """Show a user as a member of a team, without a role."""
    user = service().organisation["users"][identity]
    return {"id": user["id"], "name": user["name"], "email": user["email"], "slack_user_id": user["slack_user_id"]}


def _team(team: Named) -> ShownTeam:
    """Show a team; its members are the users in the schedules that it owns."""
    organisation = service().organisation
    people = dict.fromkeys(
        user
        for schedule in organisation["schedules"].values()
        if team["id"] in schedule["team_ids"]
        for rotation in schedule["rotations"]
        for user in rotation["users"]
    )
    entry = next(entry for entry in organisation["catalog_entries"].values() if entry["name"] == team["name"])
    return {
        **team,
        "catalog_entry": {"id": entry["id"], "name": entry["name"], "external_id": entry["external_id"]},
        "members": [_member(person) for person in people],
    }
