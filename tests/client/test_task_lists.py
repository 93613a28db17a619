"""Follow-ups and actions as frames: of the organisation and of an incident, due, overdue, private, unreadable.

Serves `frames/tasks.py`.
"""

from __future__ import annotations

import pandas as pd
import pytest

from incidentio_magic import errors
from incidentio_magic.frames import MASK

FOLLOW_UPS = [
    "follow_up", "title", "status", "owner", "age", "due_at", "overdue", "created_at", "completed_at", "lasted",
    "team", "priority", "incident", "severity", "mode", "category", "labels", "external_issue", "description", "id",
    "incident_id",
]  # fmt: skip
ACTIONS = [
    "action", "description", "status", "owner", "age", "due_at", "overdue", "created_at", "completed_at", "lasted",
    "incident", "severity", "mode", "id", "incident_id",
]  # fmt: skip


@pytest.mark.slow
def test_what_is_left_to_do(client):
    """Without choices there is all that is outstanding, the oldest first, each with its incident and its age."""
    frame = client.follow_ups()
    assert list(frame.columns) == FOLLOW_UPS
    assert set(frame["status"]) == {"outstanding"}
    assert frame["created_at"].is_monotonic_increasing
    assert (frame["age"] == pd.Timestamp("2026-01-15T14:00Z") - frame["created_at"]).all()
    assert frame["overdue"].isna().all()
    assert frame["severity"].cat.ordered
    everything = client.follow_ups(status="all")
    assert len(everything) == len(list(client.api.follow_ups()))
    done = everything[everything["status"] == "completed"]
    assert (done["lasted"] == done["completed_at"] - done["created_at"]).all()
    assert done["age"].isna().all()


@pytest.mark.slow
def test_numbers_are_those_of_the_incident(client):
    """What the whole organisation's list calls a task, its incident's own list does, too."""
    everything = client.follow_ups(status="all")
    incident = everything["incident"].value_counts().idxmax()
    own = client.follow_ups(incident, status="all")
    labels = [f"{incident}#{number + 1}" for number in range(len(own))]
    assert own["follow_up"].tolist() == labels
    assert everything.loc[everything["incident"] == incident, "follow_up"].tolist() == labels


@pytest.mark.slow
def test_a_part_of_the_list_is_named_by_ids(client):
    """Where only some of an incident's tasks were read their numbers are not known, so their IDs stand there."""
    frame = client.follow_ups(status="all", since="60d")
    assert (frame["follow_up"] == frame["id"]).all()
    everything = client.follow_ups(status="all")
    since = pd.Timestamp("2026-01-15T14:00Z") - pd.Timedelta(days=60)
    assert set(frame["id"]) == set(everything.loc[everything["created_at"] >= since, "id"])


@pytest.mark.slow
def test_due_by_your_own_rule(client):
    """A rule by priority says when each is due; what is never due is not overdue; "" is the rule for the rest."""
    frame = client.follow_ups(status="all", due={"Urgent": "7d", "low": "never", "": "30d"})
    for priority, days in (("Urgent", 7), ("Normal", 30)):
        rows = frame[frame["priority"] == priority]
        assert (rows["due_at"] - rows["created_at"] == pd.Timedelta(days=days)).all()
        late = (rows["status"] == "outstanding") & (rows["due_at"] < pd.Timestamp("2026-01-15T14:00Z"))
        assert (rows["overdue"] == late).all()
    assert frame.loc[frame["priority"] == "Low", "overdue"].isna().all()
    actions = client.actions(due="2h")
    assert (actions["due_at"] - actions["created_at"] == pd.Timedelta(hours=2)).all()


@pytest.mark.parametrize("rule", [{"": "soon"}, {"Urgent": "0d"}, {"": "2026-01-01"}])
def test_a_rule_that_cannot_be_read(client, rule):
    """A rule needs a length of time."""
    with pytest.raises(errors.InputError):
        client.follow_ups(due=rule)


@pytest.mark.slow
def test_owners_and_teams(client):
    """They can be those of one person, of nobody, or of a team."""
    frame = client.follow_ups(status="all")
    name = frame["owner"].value_counts().idxmax()
    assert len(client.follow_ups(status="all", owner=name)) == (frame["owner"] == name).sum()
    assert client.follow_ups(status="all", owner="none")["owner"].isna().all()
    assert set(client.follow_ups(team="search")["team"]) == {"Search"}
    with pytest.raises(errors.UnknownName, match="There is no team 'Serch'") as caught:
        client.follow_ups(team="Serch")
    assert caught.value.hint == "did you mean Search?"


@pytest.mark.slow
def test_modes(client):
    """What belongs to test incidents is listed where it is asked for."""
    ordinary, everything = client.follow_ups(status="all"), client.follow_ups(status="all", mode="all")
    assert "test" not in set(ordinary["mode"])
    assert {"standard", "test"} <= set(everything["mode"])
    assert set(client.follow_ups(status="all", mode="test")["mode"]) == {"test"}


def test_training_lists_test_incidents_only(connect_to):
    """In training mode there is what belongs to test incidents; another mode is refused."""
    client = connect_to(training=True)
    assert set(client.follow_ups(status="all")["mode"]) == {"test"}
    with pytest.raises(errors.InputError, match="Training mode"):
        client.actions(mode="standard")


@pytest.mark.slow
def test_counts(client):
    """Counting by owner leaves nothing out, and reads no incidents that it does not need."""
    everything = client.follow_ups(status="all")
    before = client.transport.requests_made
    counts = client.follow_ups(by="owner,team")
    assert client.transport.requests_made - before == 1
    assert counts["total"].sum() == len(everything) == counts[["outstanding", "completed", "not_doing"]].sum().sum()
    assert counts.attrs["complete"]
    by_severity = client.actions(by="severity")
    assert by_severity["severity"].cat.ordered
    assert by_severity["total"].sum() == len(client.actions(status="all"))


@pytest.mark.slow
def test_private_words_are_masked(client):
    """The words of a private incident's follow-up are hidden, whose it is and how old are not."""
    hidden, shown = client.follow_ups(status="all"), client.follow_ups(status="all", show_private=True)
    private = hidden["title"] == MASK
    assert 0 < private.sum() < len(hidden)
    assert MASK not in set(shown["title"])
    assert set(hidden.loc[private, "description"].dropna()) <= {MASK}
    assert hidden.loc[private, "incident"].notna().all()


def test_the_task_of_an_incident_that_is_gone(client, monkeypatch):
    """An incident that this key may not see may be private: its words are hidden, the row is there."""

    def gone(_identity):
        raise errors.NotFound("no", status=404)

    monkeypatch.setattr(client.api, "incident", gone)
    frame = client.follow_ups()
    assert set(frame["title"]) == {MASK}
    assert frame["incident"].isna().all()
    assert (frame["follow_up"] == frame["id"]).all()
    assert frame.attrs["complete"]


def test_incidents_that_could_not_be_read_are_said(client, monkeypatch):
    """A failing service is not an incident that is gone."""

    def fail(_identity):
        raise errors.ServiceUnavailable("The service is busy.", status=503)

    monkeypatch.setattr(client.api, "incident", fail)
    frame = client.follow_ups()
    assert not frame.attrs["complete"]
    assert "The service is busy" in frame.attrs["why_incomplete"]


@pytest.mark.slow
def test_many_incidents_are_read_as_one_list(client, monkeypatch):
    """Of many incidents the list is read, and the frame is the same."""
    one_by_one = client.follow_ups(status="all", mode="all")
    monkeypatch.setattr("incidentio_magic.client.task_lists._BY_ID", 3)
    before = client.transport.requests_made
    assert client.follow_ups(status="all", mode="all").equals(one_by_one)
    assert client.transport.requests_made - before < 15


@pytest.mark.slow
def test_frames_are_the_same_when_empty(client):
    """Columns and types are those of a full frame."""
    for read, columns in ((client.follow_ups, FOLLOW_UPS), (client.actions, ACTIONS)):
        full, empty = read(status="all"), read(status="all", since="1s")
        assert empty.empty
        assert list(empty.columns) == columns
        assert full.dtypes.drop("severity").equals(empty.dtypes.drop("severity"))
