"""Acknowledgement and detection, from pages and alerts: by hand, and against the sandbox's own JSON."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import msgspec
import pandas as pd
import pytest
import requests

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.frames.moments import UNSET, microseconds
from incidentio_magic.metrics import Paging
from incidentio_magic.metrics.definitions import ACKNOWLEDGED, ALERTED, PAGED

HERE = "2026-01-05T10:{:02}:00Z"


def escalation(status, *events, identity="E1", incidents=("I1",), **more):
    """Return a page with events (name, minute)."""
    raw = {
        "id": identity,
        "title": "Checkout fails",
        "status": status,
        "created_at": HERE.format(0),
        "updated_at": HERE.format(59),
        "events": [
            {"id": f"V{number}", "event": name, "occurred_at": HERE.format(minute)}
            for number, (name, minute) in enumerate(events)
        ],
        "related_incidents": [{"id": incident, "reference": "INC-1", "name": "x"} for incident in incidents],
        **more,
    }
    return msgspec.convert(raw, models.Escalation)


def minutes(moment):
    """Return a moment as minutes after ten o'clock; None for none."""
    ten = microseconds(datetime.fromisoformat(HERE.format(0)))
    return None if moment == UNSET else (moment - ten) / 60_000_000


@pytest.mark.parametrize(
    ("pages", "paged", "acknowledged", "reason"),
    [
        ([], None, None, "not_paged"),
        ([escalation("acked", ("triggered", 1), ("acked", 4))], 1, 4, None),
        ([escalation("resolved", ("triggered", 1), ("acked", 4), ("resolved", 30))], 1, 4, None),
        ([escalation("acked", ("triggered", 1), ("acked", 9), ("acked", 4))], 1, 4, None),
        ([escalation("acked", ("entered_grace_period", 1), ("notified_users", 3), ("acked", 4))], 3, 4, None),
        ([escalation("acked", ("acked", 4))], 0, 4, None),
        ([escalation("triggered", ("triggered", 1))], 1, None, "open"),
        ([escalation("snoozed", ("triggered", 1))], 1, None, "open"),
        ([escalation("delayed")], None, None, "open"),
        ([escalation("expired", ("triggered", 1), ("expired", 30))], 1, None, "page_expired"),
        ([escalation("cancelled", ("triggered", 1), ("cancelled", 2))], 1, None, "page_cancelled"),
        ([escalation("resolved", ("triggered", 1), ("resolved", 2))], 1, None, "page_cancelled"),
        ([escalation("something new", ("triggered", 1))], 1, None, "missing"),
        (
            [
                escalation("expired", ("triggered", 1), ("expired", 20)),
                escalation("acked", ("triggered", 21), ("acked", 25), identity="E2"),
            ],
            1,
            25,
            None,
        ),
        (
            [
                escalation("cancelled", ("triggered", 1)),
                escalation("expired", ("triggered", 2), identity="E2"),
            ],
            1,
            None,
            "page_expired",
        ),
        ([escalation("acked", ("triggered", 1), ("acked", 4), incidents=("I2", "I1"))], 1, 4, None),
        ([escalation("acked", ("triggered", 1), ("acked", 4), incidents=("I2",))], None, None, "not_paged"),
    ],
)
def test_one_incident(pages, paged, acknowledged, reason):
    """An incident is paged at its first page and acknowledged at the first of any, or it is known why not."""
    paging = Paging([*pages, *pages], ())
    found = paging.moments(["I1"])
    assert (minutes(found[PAGED][0]), minutes(found[ACKNOWLEDGED][0])) == (paged, acknowledged)
    if reason:
        assert paging.reasons(["I1"])[ACKNOWLEDGED] == [reason]


def test_the_first_alert_counts():
    """Of several alerts of an incident the earliest counts; an incident without one has none."""
    links = [
        models.IncidentAlert(
            str(minute),
            models.Alert(str(minute), created_at=datetime.fromisoformat(HERE.format(minute))),
            models.IncidentSlim(id="I1", name="x", reference="INC-1"),
        )
        for minute in (7, 3, 9)
    ]
    paging = Paging((), links)
    assert [minutes(moment) for moment in paging.moments(["I1", "I2"])[ALERTED]] == [3, None]
    assert paging.reasons(["I1", "I2"])[ALERTED] == ["no_alert", "no_alert"]


def raw(sandbox, path, name, **query):
    """Return all records of a list as the sandbox writes them."""
    found, after = [], None
    while True:
        given = {"page_size": 50, **query} | ({"after": after} if after else {})
        answer = requests.get(
            f"{sandbox.url}{path}", params=given, headers={"Authorization": f"Bearer {sandbox.key}"}, timeout=30
        ).json()
        found += answer[name]
        after = answer["pagination_meta"].get("after")
        if not after or not answer[name]:
            return found


MODES = ("standard", "retrospective", "test", "tutorial")
CATEGORIES = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")


def expected(sandbox):
    """Return for each incident its three figures, or the reason, from the raw JSON of three lists."""
    everything = {"mode[one_of]": MODES, "status_category[one_of]": CATEGORIES}
    incidents = raw(sandbox, "/v2/incidents", "incidents", **everything)
    pages, alerts = defaultdict(list), defaultdict(list)
    for page in raw(sandbox, "/v2/escalations", "escalations"):
        for incident in page.get("related_incidents", ()):
            pages[incident["id"]].append(page)
    for link in raw(sandbox, "/v2/incident_alerts", "incident_alerts"):
        alerts[link["incident"]["id"]].append(link["alert"]["created_at"])
    found = {"page to acknowledgement": {}, "declared to acknowledgement": {}, "alert to declared": {}}
    for incident in incidents:
        reference, category = incident["reference"], incident["incident_status"]["category"]
        stamps = {
            stamp["incident_timestamp"]["name"]: stamp["value"]["value"]
            for stamp in incident["incident_timestamp_values"]
            if stamp.get("value")
        }
        declared = datetime.fromisoformat(stamps.get("Reported at", incident["created_at"]))
        events = [event for page in pages[incident["id"]] for event in page["events"]]
        triggered, acked = (
            [datetime.fromisoformat(event["occurred_at"]) for event in events if event["event"] == name]
            for name in ("triggered", "acked")
        )
        fired = [datetime.fromisoformat(moment) for moment in alerts[incident["id"]]]
        why = {page["status"] for page in pages[incident["id"]]}
        unacknowledged = "not_paged" if not why else "open" if why & {"triggered", "pending"} else "page_expired"
        excluded = "test" if incident["mode"] in {"test", "tutorial"} else category
        spans = {
            "page to acknowledgement": min(acked) - min(triggered) if acked else unacknowledged,
            "declared to acknowledgement": min(acked) - declared if acked else unacknowledged,
            "alert to declared": declared - min(fired) if fired else "no_alert",
        }
        for name, span in spans.items():
            outcome = "reversed" if isinstance(span, timedelta) and span < timedelta() else span
            out = excluded in {"test", "merged", "declined", "canceled"}
            found[name][reference] = excluded if out else outcome
    return found


@pytest.mark.slow
def test_figures_are_those_of_the_raw_json(sandbox, client):
    """Median, p90, n and each reason of the whole organisation, and every single duration, are recomputed by hand."""
    by_hand = expected(sandbox)
    frame = client.metrics(pages=True).set_index("duration")
    for name, outcomes in by_hand.items():
        seconds = sorted(span.total_seconds() for span in outcomes.values() if isinstance(span, timedelta))
        reasons = Counter(span for span in outcomes.values() if isinstance(span, str))
        row = frame.loc[name]
        assert row["n"] == len(seconds) > 50
        assert row["median"] == pd.Timedelta(seconds=round(statistics.median(seconds)))
        assert row["p90"] == pd.Timedelta(seconds=round(seconds[math.ceil(0.9 * len(seconds)) - 1]))
        assert row["open"] == reasons.pop("open", 0)
        assert {reason: row[f"excluded.{reason}"] for reason in reasons} == dict(reasons)
        assert row["n"] + row["open"] + row["excluded"] == len(outcomes)
    single = client.durations(pages=True)
    for name, outcomes in by_hand.items():
        rows = single[single["duration"] == name].set_index("reference")
        for reference, outcome in outcomes.items():
            if isinstance(outcome, timedelta):
                assert rows.loc[reference, "lasted"] == outcome
            else:
                assert rows.loc[reference, "outcome"] == outcome


@pytest.mark.slow
def test_few_requests(sandbox, client):
    """Pages and alerts of an organisation are two lists; of a few incidents, only theirs are read."""
    client.metrics()
    before = len(sandbox.requests)
    whole = client.metrics(pages=True)
    paths = Counter(request["path"] for request in sandbox.requests[before:])
    assert (paths["/v2/escalations"], paths["/v2/incident_alerts"]) == (2, 3)
    assert whole.attrs["complete"]
    before = len(sandbox.requests)
    some = client.metrics(pages=True, severity="Critical", since="30d")
    paths = Counter(request["path"] for request in sandbox.requests[before:])
    assert 0 < some.attrs["incidents"] <= 20
    assert (paths["/v2/escalations"], paths["/v2/incident_alerts"]) == (1, some.attrs["incidents"])


def test_the_same_for_few_as_for_all(client):
    """The figures of a few incidents are those that the whole organisation's have for them."""
    few = client.durations(pages=True, severity="Critical", since="30d")
    every = client.durations(pages=True)
    kept = every[every["reference"].isin(few["reference"])]
    columns = ["reference", "duration", "lasted", "outcome"]
    order = ["reference", "duration"]
    left, right = (frame[columns].sort_values(order).reset_index(drop=True) for frame in (few, kept))
    assert left.astype(str).equals(right.astype(str))


def test_nothing_fits(sandbox, client):
    """Where no incident fits, no pages are read, and the frame has its columns."""
    client.metrics(pages=True)
    before = len(sandbox.requests)
    frame = client.metrics(pages=True, since="2030-01-01")
    assert frame.empty
    assert "excluded.not_paged" in frame
    assert not {"/v2/escalations", "/v2/incident_alerts"} & {request["path"] for request in sandbox.requests[before:]}


def test_pages_that_cannot_be_read_are_an_error(sandbox, connect_to):
    """Without the pages there is no acknowledgement: the error says which scope is missing, and no figure is made."""
    sandbox.fault(endpoint="GET /v2/escalations", kind="status", status=500)
    with pytest.raises(errors.ServiceError):
        connect_to(max_wait=0.0).metrics(pages=True)


@pytest.mark.slow
def test_business_hours_groups_and_estimates(client):
    """Acknowledgement is counted within business hours, by group, and with the pages that still wait."""
    frame = client.metrics(pages=True, by="severity", business_hours="Mon-Fri 09:00-17:00", with_open=True)
    rows = frame[frame["duration"] == "page to acknowledgement"]
    whole = client.metrics(pages=True, by="severity")
    every = whole[whole["duration"] == "page to acknowledgement"]
    assert rows["n"].tolist() == every["n"].tolist()
    assert (rows["mean"].dropna().to_numpy() < every["mean"].dropna().to_numpy()).all()
    assert rows["km.median"].notna().any()
    compared = client.compare("Major", "Critical", by="severity", pages=True)
    assert "alert to declared" in set(compared["duration"])
