"""Which permission a request needs: the scopes are the sandbox's own table, which the contract's judge checks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incidentio_magic import errors
from incidentio_magic.api import permissions, wire
from incidentio_magic.sandbox.http import scopes


def test_every_scope_is_the_one_that_the_sandbox_requires():
    """Client and sandbox share no code: their tables must agree all the same."""
    required = {name: scopes.OPERATIONS[name] for name in permissions.SCOPES}
    assert dict(permissions.SCOPES) == required


def test_no_endpoint_is_without_its_scope():
    """Each path that the client's endpoints name is in the table."""
    folder = Path(permissions.__file__).parent / "endpoints"
    source = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.py")))
    named = {re.sub(r"\{[^}]+\}", "{id}", path) for path in re.findall(r'"(/v\d/[^"?]+)"', source)}
    named -= {"/v2/{id}"}  # any list of one incident, each by its name
    assert len(named) > 30
    assert named <= {name.partition(" ")[2] for name in permissions.SCOPES}


def test_every_scope_has_a_permission_whose_role_carries_it():
    """No scope is without the dashboard's words, and the sandbox's role of that name carries it."""
    for scope in {*permissions.SCOPES.values(), "incidents.update_name", "incidents.view_private"} - {None}:
        permission = permissions.permission_for(scope)
        assert permission, scope
        assert scope in scopes.SCOPES[permission.role], scope


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v2/incidents", "GET /v2/incidents"),
        ("GET", "/v2/incidents/01ABC", "GET /v2/incidents/{id}"),
        ("POST", "/v2/incidents/01ABC/actions/edit", "POST /v2/incidents/{id}/actions/edit"),
        ("GET", "/v1/postmortem_documents/01ABC/content", "GET /v1/postmortem_documents/{id}/content"),
        ("GET", "/", "GET //"),
    ],
)
def test_an_operation_is_named_without_identifiers(method, path, name):
    """An identifier in a path becomes {id}."""
    assert permissions.operation(method, path) == name


@pytest.mark.parametrize(
    ("method", "path", "message", "found"),
    [
        ("GET", "/v2/call_sessions", "Forbidden", {"call_transcripts.view": permissions.CALLS}),
        ("GET", "/v2/call_sessions", "missing call_transcripts.view.", {"call_transcripts.view": permissions.CALLS}),
        (
            "POST",
            "/v2/incidents/1/actions/edit",
            "needs incidents.update_name and incidents.create",
            {"incidents.update_name": permissions.EDITOR, "incidents.create": permissions.CREATOR},
        ),
        ("POST", "/v2/incidents/1/actions/edit", "Forbidden", {}),
        ("GET", "/v9/unheard_of", "needs things.view", {}),
    ],
)
def test_what_is_missing(method, path, message, found):
    """The scopes that the service names count; where it names none, the operation's own."""
    assert permissions.missing(method, path, message) == found


def test_advice_names_each_permission_once():
    """Several scopes of one permission are one piece of advice."""
    assert permissions.advice([permissions.EDITOR, permissions.EDITOR]) == (
        'give this API key the permission "Edit incidents" (role incident_editor)'
    )
    assert "permissions" in permissions.advice([permissions.EDITOR, permissions.CREATOR])


def test_a_refusal_says_scope_and_permission():
    """A 403 names the permission in the dashboard's words, and what to do, whatever the service's own words are."""
    answer = wire.Answer(403, {}, b'{"errors": [{"message": "Not allowed"}]}')
    error = wire.error_of(wire.Request("GET", "/v2/call_sessions"), answer)
    assert isinstance(error, errors.PermissionDenied)
    assert error.missing == '"View call transcripts" (role call_transcripts_viewer) for call_transcripts.view'
    assert error.hint.startswith('give this API key the permission "View call transcripts" (role call_transcripts')
    assert "%incidents doctor" in error.hint
