"""The documentation names every served operation, from the routes themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from incidentio_magic.sandbox import command
from incidentio_magic.sandbox.http.docs import CONTRACT, NOTHING, RULES, served
from incidentio_magic.sandbox.http.scopes import OPERATIONS

if TYPE_CHECKING:
    import pytest

    from incidentio_magic.sandbox import Sandbox


def test_the_command_prints_every_operation_and_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Each operation of the table of scopes is served and printed with its scope; and each rule with its certainty."""
    assert command.main(["--docs"]) == 0
    text = capsys.readouterr().out
    for name, scope in OPERATIONS.items():
        assert f"| `{name}` | `{scope or 'any key'}` |" in text
    for rule, certainty, difference in RULES:
        assert f"| {rule} | {certainty} | {difference} |" in text
        assert (certainty == CONTRACT) == (difference == NOTHING), rule


def test_the_page_needs_no_key(shared: Sandbox) -> None:
    """The page at the root shows the same without a key."""
    response = requests.get(shared.url, timeout=9)
    assert response.status_code == 200
    assert "GET /v2/incidents/{id}" in response.text


def test_every_route_of_the_service_is_documented(shared: Sandbox) -> None:
    """No route of the service is missing from the table: one that were would answer with an error."""
    assert shared.service
    from incidentio_magic.sandbox.http.app import create

    app = create(shared.service)
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/v1", "/v2", "/v3"))}
    assert len(served(app)) == len(OPERATIONS)
    assert len(rules) <= len(OPERATIONS)
