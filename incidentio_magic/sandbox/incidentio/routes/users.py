"""Who asks, and who works here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, key, query, service
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page_of
from incidentio_magic.sandbox.incidentio.organisation import DASHBOARD

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("users", __name__)
LARGEST_PAGE_OF_USERS = 10_000


@blueprint.get("/v1/identity")
def identity() -> Response:
    """Show the key that asks; every key may."""
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
    """List the users, those who left only on request."""
    asked = query()
    email, slack = asked.text("email"), asked.text("slack_user_id")
    everybody = asked.flag("include_inactive")
    found = [
        user
        for user in service().organisation["users"].values()
        if (everybody or user["is_active"])
        and (email is None or user["email"] == email.lower())
        and (slack is None or user["slack_user_id"] == slack)
    ]
    chosen, meta = page_of(asked, found, largest=LARGEST_PAGE_OF_USERS)
    return answer({"users": chosen, "pagination_meta": meta})


@blueprint.get("/v2/users/<identity>")
def user(identity: str) -> Response:
    """Show one user."""
    query().check()
    found = service().organisation["users"].get(identity)
    if found is None:
        raise not_found("user")
    return answer({"user": found})
