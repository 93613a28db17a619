"""Any endpoint as a frame: types by the values, private words masked, nothing written.

Serves `frames/raw.py`.
"""

from __future__ import annotations

from typing import ClassVar

import pytest

from incidentio_magic import errors
from incidentio_magic.frames import MASK, Frames


def test_a_list(client):
    """A list has a row for each record, and says that it is complete."""
    frame = client.get("/v2/workflows")
    assert "Announce major incidents" in set(frame["name"])
    assert str(frame["continue_on_step_error"].dtype) == "boolean"
    assert frame["trigger.name"].iloc[0] == "incident.updated"
    assert (frame.attrs["complete"], frame.attrs["hidden"]) == (True, 0)


@pytest.mark.slow
def test_all_pages_are_read(client):
    """A long list is read to its end."""
    frame = client.get("/v2/incidents", {"mode[one_of]": ["standard", "test"]})
    assert frame.attrs["pages"] > 1
    assert {"standard", "test"} == set(frame["mode"])
    assert frame["id"].is_unique
    assert str(frame["created_at"].dtype) == "datetime64[us, UTC]"


def test_one_object_and_a_query_in_the_path(client):
    """An object is one row; a query counts as parameters, and an address of the API as its path."""
    row = client.get("/v2/incidents/291").iloc[0]
    assert (row["reference"], row["severity.name"]) == ("INC-291", "Major")
    identity = client.incident("INC-291").id
    by_query = client.get(f"{client.transport.base_url}/v2/incident_updates?incident_id={identity}&page_size=2")
    assert by_query.equals(client.get("/v2/incident_updates", {"incident_id": "INC-291"}))
    assert len(by_query) == 3


def words_of(client, incident):
    """Return the words of an incident."""
    found = {incident.name, incident.summary, *(update.message for update in client.api.incident_updates(incident.id))}
    found |= {page.title for page in client.api.escalations(incident.id)}
    found |= {action.description for action in client.api.actions(incident.id)}
    found |= {entry.title for entry in client.api.activity_log_entries(incident.id)}
    found |= {item.title for item in client.api.timeline_items(incident.id)}
    return {text for text in found if text and len(text) > 12}


ABOUT_INCIDENTS = [
    ("/v2/incidents", {"visibility": "private"}),
    ("/v2/incident_updates", {}),
    ("/v2/escalations", {}),
    ("/v3/actions", {}),
    ("/v3/follow_ups", {}),
    ("/v2/alerts", {}),
    ("/v2/incident_alerts", {}),
    ("/v2/incident_activity_log_entries", {"incident_id": "INC-297"}),
    ("/v2/incident_timeline_items", {"incident_id": "INC-297"}),
    ("/v2/incident_participants", {"incident_id": "INC-297"}),
    ("/v2/call_sessions", {"incident_id": "INC-297"}),
    ("/v1/postmortem_documents", {}),
    ("/v2/workflow_runs", {"incident_id": "INC-297"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "params"), ABOUT_INCIDENTS, ids=[path for path, _params in ABOUT_INCIDENTS])
def test_no_private_word_is_shown(client, path, params):
    """Whatever endpoint tells of a private incident, its words are hidden, unless that was asked for."""
    params = {name: value for name, value in params.items() if name != "visibility"}
    private = client.incident("INC-297")
    text = client.get(path, params).to_csv()
    own = words_of(client, private) - {"Announce major incidents"}
    assert not [word for word in own if word in text and word.splitlines()[0] not in _public(client, path, params)]
    shown = client.get(path, params, show_private=True)
    assert MASK not in shown.to_csv()


def _public(client, path, params):
    """Return the texts that other records of the list have as well, such as phrases that every history repeats."""
    frame = client.get(path, params, show_private=True)
    hidden = client.get(path, params)
    public = hidden[~hidden.apply(lambda row: MASK in set(map(str, row)), axis=1)]
    return frame.loc[public.index].to_csv() if len(public) else ""


def test_what_stays_of_a_private_incident(client):
    """IDs, times and states stay, so that the row can be found again."""
    row = client.get("/v2/incidents/297").iloc[0]
    assert (row["reference"], row["visibility"], row["mode"]) == ("INC-297", "private", "standard")
    assert (row["name"], row["summary"], row["severity.name"]) == (MASK, MASK, MASK)


def test_of_what_is_not_known_whose_it_is(client):
    """An alert does not say whose it is, so its words are hidden; the organisation's lists are never hidden."""
    alerts = client.get("/v2/alerts")
    assert alerts.attrs["hidden"] == len(alerts) > 50
    assert set(alerts["title"]) == {MASK}
    assert client.get("/v1/incident_statuses").attrs["hidden"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "workflows", "/workflows", "", "/", "/v2", "/v2/", "https://other.example/v2/incidents", "//other.example/v2/x",
        "/v2/../v1/x", "/v2/%2e%2e/x", "/v2/a b", "/v2/a\nb", "http://127.0.0.1:1/v2/incidents", "/sandbox/about",
    ],
)  # fmt: skip
def test_only_paths_of_the_api(client, path):
    """What is no path of the API is refused before anything is sent."""
    before = client.transport.requests_made
    with pytest.raises(errors.InputError, match="is not the path of an endpoint"):
        client.get(path)
    assert client.transport.requests_made == before


def test_an_endpoint_that_does_not_exist(client):
    """The service's own answer is the error."""
    with pytest.raises(errors.NotFound):
        client.get("/v2/unicorns")


def test_types_by_the_values():
    """Each column has the type of its values; what has no common type is text, and nothing is lost."""
    frame = Frames().raw(
        [
            {"n": 1, "f": 1.5, "b": True, "at": "2026-01-15T12:00:00Z", "made_at": "2026-01-15T12:00:00Z", "m": 1},
            {
                "n": None,
                "f": 2,
                "b": None,
                "at": "x",
                "made_at": None,
                "m": "a",
                "deep": {"er": {"x": [1]}},
                "big": 2**70,
            },
        ]
    )
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds == {
        "n": "Int64", "f": "Float64", "b": "boolean", "at": "string", "made_at": "datetime64[us, UTC]", "m": "string",
        "deep.er.x": "string", "big": "string",
    }  # fmt: skip
    assert frame["big"].iloc[1] == str(2**70)
    assert frame["m"].tolist() == ["1", "a"]
    assert frame["deep.er.x"].iloc[1] == "[1]"
    assert Frames().raw([]).empty


def test_keys_and_passwords_are_hidden(client, monkeypatch):
    """What an answer calls a token, a secret or a password is not shown, with or without private words."""
    listed = type(next(iter(client.api.raw("/v2/workflows"))))
    record = listed("1", {"id": "1", "secret_token": "s3cr3t", "auth": {"password": "pw"}, "token_count": 3})
    monkeypatch.setattr(client.api, "raw", lambda _path, _query: _Listing([record]))
    row = client.get("/v2/workflows", show_private=True).iloc[0]
    assert (row["secret_token"], row["auth.password"], row["token_count"]) == ("…", "…", 3)


class _Listing(list):
    """A list that was read whole."""

    pages = 1
    unreadable: ClassVar[dict[str, int]] = {}
    incomplete = ""
