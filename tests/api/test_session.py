"""The session: what it adds to a request, and what it does not follow."""

from __future__ import annotations

import pytest
import requests

from incidentio_magic import errors
from incidentio_magic.api.session import Bearer, Session
from incidentio_magic.settings import Secret
from incidentio_magic.version import __version__

KEY = "inc-session-key-1234"
URL = "https://api.example/v1/severities"


def test_the_key_is_hidden_in_the_header_of_a_prepared_request():
    """A prepared request carries the key and does not show it in a repr of its headers."""
    with Session("https://api.example") as session:
        prepared = session.prepare_request(requests.Request("GET", URL, auth=Bearer(Secret(KEY))))
    assert prepared.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(prepared.headers)
    assert KEY not in repr(dict(prepared.headers))


def test_a_request_says_who_asks_and_carries_no_key_by_itself():
    """Every request names this project and its version; the key is on none that was not given it."""
    with Session("https://api.example") as session:
        prepared = session.prepare_request(requests.Request("GET", URL))
    assert prepared.headers["User-Agent"] == f"incidentio_magic/{__version__}"
    assert prepared.headers["Accept"] == "application/json"
    assert "Authorization" not in prepared.headers


def test_a_redirect_has_no_target():
    """An answer that redirects leads nowhere."""
    answer = requests.Response()
    answer.status_code = 302
    answer.headers["Location"] = "https://elsewhere.example"
    with Session("https://api.example") as session:
        assert answer.is_redirect
        assert session.get_redirect_target(answer) is None


@pytest.fixture
def proxied(monkeypatch):
    """An environment that names a proxy."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://somebody:secret@proxy.example:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_proxy_is_refused_unasked(proxied):
    """What the environment names is not gone through unless that was asked for; the error shows no password."""
    with Session("https://api.example") as session, pytest.raises(errors.SettingsError) as caught:
        session.check_proxy()
    printed = "\n".join(caught.value.lines())
    assert "names a proxy for api.example, which is used only on request" in printed
    assert "%config IncidentMagics.proxy = True" in printed
    assert "secret" not in printed


def test_a_proxy_is_gone_through_where_that_is_asked_for(proxied):
    """With `proxy` the session takes the environment's, and says nothing."""
    with Session("https://api.example", proxy=True) as session:
        session.check_proxy()
        assert "https" in session.merge_environment_settings("https://api.example", {}, None, None, None)["proxies"]


@pytest.mark.parametrize(("address", "past"), [("https://api.example", "api.example"), ("http://127.0.0.1:1", "")])
def test_past_a_proxy(proxied, monkeypatch, address, past):
    """NO_PROXY and an address of this machine need none."""
    monkeypatch.setenv("NO_PROXY", past)
    with Session(address) as session:
        session.check_proxy()


@pytest.mark.parametrize(
    ("address", "trusted"),
    [("https://api.example", True), ("http://127.0.0.1:8765", False), ("http://localhost:1", False)],
)
def test_the_environment_is_trusted_for_other_machines_only(address, trusted):
    """Proxies of the environment are for the outside, not for this machine."""
    with Session(address) as session:
        assert session.trust_env is trusted
