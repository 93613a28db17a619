"""Pages, alerts, actions, follow-ups and timelines in an export, against the sandbox's raw JSON.

Serves `export/_timeline_step.py`.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pandas as pd
import pytest
import requests

from incidentio_magic import errors
from incidentio_magic.export import Export
from incidentio_magic.frames import MASK


def raw(sandbox, path, name, **query):
    """Return all records of a list as the sandbox writes them."""
    found, after = [], None
    while True:
        given = {"page_size": 50, **query} | ({"after": after} if after else {})
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        answer = requests.get(f"{sandbox.url}{path}", params=given, headers=headers, timeout=30).json()
        found += answer[name]
        after = answer["pagination_meta"].get("after")
        if not after or not answer[name]:
            return found


def moment(text):
    """Return a text as a moment of a column; NaT for none."""
    return pd.NaT if text is None else pd.Timestamp(datetime.fromisoformat(text))


@pytest.mark.slow
def test_pages_and_alerts_are_those_of_the_raw_json(client, sandbox, tmp_path):
    """Every page of an exported incident has a row with its moments, every attached alert one, too."""
    summary = client.export(tmp_path / "x", parts="pages,alerts", progress=False).set_index("dataset")
    pages = pd.read_parquet(tmp_path / "x" / "pages").set_index("id")
    expected = {}
    for page in raw(sandbox, "/v2/escalations", "escalations"):
        moments = {
            name: min(
                (event["occurred_at"] for event in page["events"] if event["event"] == name),
                default=None,
                key=datetime.fromisoformat,
            )
            for name in ("triggered", "acked")
        }
        for incident in page["related_incidents"]:
            expected[f"{page['id']}/{incident['id']}"] = (page["status"], moments["triggered"], moments["acked"])
    assert summary.loc["pages", "rows"] == len(pages) == len(expected) > 50
    for identity, (status, paged, acknowledged) in expected.items():
        row = pages.loc[identity]
        assert row["status"] == status
        assert row["paged_at"] == moment(paged)
        assert (row["acknowledged_at"] == moment(acknowledged)) or (
            pd.isna(row["acknowledged_at"]) and not acknowledged
        )
    alerts = pd.read_parquet(tmp_path / "x" / "alerts").set_index("id")
    links = {link["id"]: link for link in raw(sandbox, "/v2/incident_alerts", "incident_alerts")}
    assert set(alerts.index) == set(links)
    for identity, link in links.items():
        assert alerts.loc[identity, "incident_id"] == link["incident"]["id"]
        assert alerts.loc[identity, "created_at"] == moment(link["alert"]["created_at"])


@pytest.mark.slow
def test_tasks_of_every_mode_are_there(client, sandbox, tmp_path):
    """Actions and follow-ups of standard, test and tutorial incidents are exported."""
    client.export(tmp_path / "x", parts="all", format="parquet", progress=False)
    for path, name in (("/v3/actions", "actions"), ("/v3/follow_ups", "follow_ups")):
        found = pd.read_parquet(tmp_path / "x" / name).set_index("id")
        every = [*raw(sandbox, path, name), *raw(sandbox, path, name, incident_mode="test")]
        every += raw(sandbox, path, name, incident_mode="tutorial")
        assert set(found.index) == {task["id"] for task in every}
        assert {task["status"] for task in every} == set(found["status"])


@pytest.mark.slow
def test_only_of_the_exported_incidents(client, tmp_path):
    """What belongs to other incidents is left out."""
    client.export(tmp_path / "x", parts="all", severity="Critical", progress=False)
    identities = set(pd.read_parquet(tmp_path / "x" / "incidents")["id"])
    for name in ("pages", "alerts", "actions", "follow_ups"):
        assert set(pd.read_parquet(tmp_path / "x" / name)["incident_id"]) <= identities


@pytest.mark.slow
def test_texts_of_private_incidents_are_masked(client, tmp_path):
    """Titles and descriptions about a private incident are masked, unless they are requested."""
    everything = {}
    for folder, shown in (("masked", False), ("shown", True)):
        client.export(tmp_path / folder, parts="all", show_private=shown, progress=False)
        incidents = pd.read_parquet(tmp_path / folder / "incidents").set_index("id")
        private = set(incidents.index[incidents["visibility"] == "private"])
        for name, column in (
            ("alerts", "title"),
            ("pages", "title"),
            ("actions", "description"),
            ("follow_ups", "title"),
        ):
            frame = pd.read_parquet(tmp_path / folder / name)
            texts = frame.loc[frame["incident_id"].isin(private), column].dropna()
            everything[folder, name] = set(texts)
    masked = {name for (folder, name), texts in everything.items() if folder == "masked" and texts}
    assert masked
    for name in masked:
        assert everything["masked", name] == {MASK}
        assert MASK not in everything["shown", name]


@pytest.mark.slow
def test_a_second_run_changes_nothing_and_parts_can_be_added(client, tmp_path):
    """A folder that holds parts keeps them up to date; more can be requested later."""
    client.export(tmp_path / "x", parts="pages", progress=False)
    again = client.export(tmp_path / "x", progress=False).set_index("dataset")
    assert again.loc["pages", ["added", "replaced", "removed"]].tolist() == [0, 0, 0]
    more = client.export(tmp_path / "x", parts="alerts", progress=False).set_index("dataset")
    assert more.loc["alerts", "added"] == more.loc["alerts", "rows"] > 0
    assert more.loc["pages", "added"] == 0


@pytest.mark.slow
def test_csv_holds_the_same(client, tmp_path):
    """A CSV export has the same rows as Parquet."""
    client.export(tmp_path / "p", parts="all", progress=False)
    client.export(tmp_path / "c", parts="all", format="csv", progress=False)
    for name in ("pages", "alerts", "actions", "follow_ups"):
        parquet = pd.read_parquet(tmp_path / "p" / name)
        texts = pd.concat(pd.read_csv(path) for path in sorted((tmp_path / "c" / name).glob("**/*.csv")))
        assert set(texts["id"]) == set(parquet["id"])


@pytest.mark.slow
def test_a_part_that_the_key_may_not_read_is_said(client, tmp_path, monkeypatch):
    """Without a scope the rest is exported, and the frame says what is missing."""

    def refused(*_arguments, **_options):
        raise errors.PermissionDenied("This key lacks escalations.view.", status=403)

    monkeypatch.setattr(client.api, "escalations", refused)
    frame = client.export(tmp_path / "x", parts="pages,alerts", progress=False)
    assert not frame.attrs["complete"]
    assert frame.attrs["why_incomplete"] == "pages: This key lacks escalations.view"
    assert frame.set_index("dataset").loc["alerts", "rows"] > 0


def test_an_unknown_part_is_an_error(client, tmp_path):
    """A part that does not exist is refused with the nearest name, before anything is written."""
    with pytest.raises(errors.UnknownName, match="pagess"):
        client.export(tmp_path / "x", parts="pagess", progress=False)
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_timelines_are_those_of_the_client(client, tmp_path):
    """Every event of every exported incident has a row, with its texts, its moment and who acted."""
    summary = client.export(tmp_path / "x", parts="timelines", severity="Critical", progress=False)
    rows = pd.read_parquet(tmp_path / "x" / "timelines")
    incidents = pd.read_parquet(tmp_path / "x" / "incidents")
    assert summary.attrs["complete"]
    assert summary.set_index("dataset").loc["timelines", "rows"] == len(rows) == len(set(rows["id"]))
    assert set(rows["incident_id"]) == set(incidents["id"])
    for identity, reference in list(zip(incidents["id"], incidents["reference"], strict=True))[:5]:
        own = rows[rows["incident_id"] == identity].sort_values(["created_at", "id"])
        frame = client.timeline(reference)
        assert len(own) == len(frame)
        for left, right in (("created_at", "at"), ("title", "title"), ("status", "status"), ("actor", "actor")):
            assert sorted(map(str, own[left].dropna())) == sorted(map(str, frame[right].dropna()))
        assert sorted(own["elapsed_seconds"]) == sorted(frame["elapsed"].dt.total_seconds())


@pytest.mark.slow
def test_only_timelines_that_changed_are_read_again(client, sandbox, tmp_path):
    """A second run reads no timeline anew where nothing changed, and that of an incident that did."""
    path = tmp_path / "x"
    client.export(path, parts="timelines", severity="Critical", progress=False)
    before = len(sandbox.requests)
    client.export(path, severity="Critical", progress=False)
    logs = [request for request in sandbox.requests[before:] if request["path"] == "/v2/incident_activity_log_entries"]
    assert len(logs) < 5
    reference = pd.read_parquet(path / "incidents").sort_values("created_at")["reference"].iloc[-1]
    client.update(reference, "The replica is back.")
    again = client.export(path, severity="Critical", progress=False).set_index("dataset")
    assert again.loc["timelines", "added"] >= 1
    texts = pd.read_parquet(path / "timelines")["detail"].dropna()
    assert (texts == "The replica is back.").any()


@pytest.mark.slow
def test_timelines_resume_and_name_what_is_gone(client, tmp_path, monkeypatch):
    """An interrupted run goes on at the incident where it stopped; one that is gone is named, and stops nothing."""
    path = tmp_path / "x"
    read = client._story
    done = []

    def stopped(incident):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(incident.id)
        return read(incident)

    monkeypatch.setattr(client, "_story", stopped)
    with pytest.raises(errors.Interrupted):
        client.export(path, parts="timelines", severity="Critical", progress=False)
    gone = []

    def lost(incident):
        if not gone:
            gone.append(incident.id)
            raise errors.NotFound("There is no such incident.", status=404)
        return read(incident)

    monkeypatch.setattr(client, "_story", lost)
    frame = client.export(path, severity="Critical", progress=False)
    assert not frame.attrs["complete"]
    assert gone[0] in frame.attrs["missing"]
    rows = pd.read_parquet(path / "timelines")
    assert set(rows["incident_id"]) == set(pd.read_parquet(path / "incidents")["id"]) - {gone[0]}
    client.export(path, severity="Critical", progress=False)  # it is tried again, although it did not change
    assert gone[0] in set(pd.read_parquet(path / "timelines")["incident_id"])


@pytest.mark.slow
def test_private_timelines_are_masked(client, tmp_path):
    """The titles of events of private incidents are masked."""
    client.export(tmp_path / "x", parts="timelines", since="10d", progress=False)
    incidents = pd.read_parquet(tmp_path / "x" / "incidents")
    private = set(incidents.loc[incidents["visibility"] == "private", "id"])
    rows = pd.read_parquet(tmp_path / "x" / "timelines")
    assert set(rows.loc[rows["incident_id"].isin(private), "title"]) == {MASK}
    assert MASK not in set(rows.loc[~rows["incident_id"].isin(private), "title"].dropna())


@pytest.mark.slow
def test_timelines_that_are_added_later_are_all_read(client, tmp_path, monkeypatch):
    """A folder that gets its timelines in a later run, which is interrupted, has them all in the end."""
    path = tmp_path / "x"
    client.export(path, severity="Critical", progress=False)
    read, done = client._story, []

    def stopped(incident):
        if len(done) == 12:
            raise KeyboardInterrupt
        done.append(incident.id)
        return read(incident)

    monkeypatch.setattr(client, "_story", stopped)
    monkeypatch.setattr("incidentio_magic.export.Export", partial(Export, part_rows=50))
    with pytest.raises(errors.Interrupted):
        client.export(path, parts="timelines", severity="Critical", progress=False)
    assert len(pd.read_parquet(path / "timelines"))
    monkeypatch.setattr(client, "_story", read)
    client.export(path, severity="Critical", progress=False)
    assert set(pd.read_parquet(path / "timelines")["incident_id"]) == set(pd.read_parquet(path / "incidents")["id"])


@pytest.mark.slow
def test_what_a_timeline_no_longer_has_is_removed(client, tmp_path, monkeypatch):
    """An event that is gone when a timeline is read again is gone from the files, too."""
    path = tmp_path / "x"
    client.export(path, parts="timelines", severity="Critical", progress=False)
    reference = pd.read_parquet(path / "incidents").sort_values("created_at")["reference"].iloc[-1]
    identity = client.incident(reference).id
    client.update(reference, "The replica is back.")
    before = pd.read_parquet(path / "timelines")
    read = client._story

    def shorter(incident, **options):
        story = read(incident, **options)
        del story.events[:2]
        return story

    monkeypatch.setattr(client, "_story", shorter)
    again = client.export(path, severity="Critical", progress=False).set_index("dataset")
    after = pd.read_parquet(path / "timelines")
    assert again.loc["timelines", "removed"] == 2
    assert len(after[after["incident_id"] == identity]) == len(client.timeline(reference))  # shorter, too
    assert len(after) == len(before) - 2 + again.loc["timelines", "added"]
