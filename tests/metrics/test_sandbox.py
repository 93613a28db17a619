"""Metrics against an independent computation from the sandbox's own database: the whole year, and by group.

Serves `client/metrics.py` and `client/_measuring.py`.
"""

from __future__ import annotations

import json
import math
import random
import statistics
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from incidentio_magic import errors
from incidentio_magic.client import Incidents
from incidentio_magic.frames import MASK
from incidentio_magic.settings import Secret, Settings

REASONS = ("test", "merged", "declined", "canceled", "stale", "missing", "reversed")
ENDS = {"declared to accepted": "Accepted at", "declared to fixed": "Fixed at", "declared to closed": "Closed at"}
OPEN = ("triage", "live", "paused")


@pytest.fixture(scope="module")
def sandbox(seeded):
    """A year of incidents."""
    seeded.clear_faults()
    seeded.reset()
    return seeded


@pytest.fixture
def make(sandbox, tmp_path):
    """Make clients of the sandbox."""
    made = []

    def make(**options):
        settings = {"base_url": sandbox.url, "key": Secret(sandbox.key), "ledger": tmp_path / "ledger.jsonl"}
        client = Incidents(Settings(**{**settings, **options}), sleep=lambda _seconds: None)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make):
    """A client of the sandbox."""
    return make()


@pytest.fixture
def stored(sandbox):
    """The sandbox's incidents, as its database has them."""
    return [json.loads(row["document"]) for row in sandbox.service.store.rows("SELECT document FROM incidents")]


class Expected:
    """Computes by hand what `metrics` should say of the database's documents."""

    def __init__(self, sandbox) -> None:
        self.service = sandbox.service
        self.organisation = sandbox.service.organisation
        self.stamps = {
            timestamp["name"]: identity for identity, timestamp in self.organisation["incident_timestamps"].items()
        }
        self.metrics = {metric["name"]: identity for identity, metric in self.organisation["duration_metrics"].items()}

    def outcome(self, incident, duration):
        """Return the seconds, or why there are none."""
        category = self.organisation["incident_statuses"][incident["incident_status_id"]]["category"]
        if incident["mode"] in ("test", "tutorial"):
            return "test"
        if category in ("merged", "declined", "canceled"):
            return category
        if duration in self.metrics:
            return self.of_service(incident, duration, going_on=category in OPEN)
        start, end = (incident["timestamps"].get(self.stamps[name]) for name in ("Reported at", ENDS[duration]))
        if start and end:
            seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
            return seconds if seconds >= 0 else "reversed"
        going_on = category in OPEN or (category == "learning" and duration == "declared to closed")
        return "open" if start and going_on else "missing"

    def of_service(self, incident, duration, *, going_on):
        """Return the same for a duration metric."""
        measured = incident["durations"].get(self.metrics[duration], {"status": "", "value_seconds": None})
        value = measured["value_seconds"]
        if measured["status"] == "success":
            return value
        if measured["status"] == "invalid_timestamps" and value is None:
            return "reversed"
        if going_on:
            return "open"
        return "missing" if value is None else "stale"

    def first_severity(self, incident):
        """Return the name of the severity it was declared with."""
        query = "SELECT document FROM incident_updates WHERE incident_id = ? ORDER BY created_at, id LIMIT 1"
        severity = json.loads(self.service.store.row(query, (incident["id"],))["document"])["new_severity"]
        return self.severity({"severity_id": severity})

    def severity(self, incident):
        """Return the name of the severity it has now."""
        found = self.organisation["severities"].get(incident["severity_id"] or "")
        return found["name"] if found else None

    def type(self, incident):
        """Return the name of its type."""
        return self.organisation["incident_types"][incident["incident_type_id"]]["name"]

    def month(self, incident, zone="UTC"):
        """Return the month it was reported in."""
        reported = incident["timestamps"].get(self.stamps["Reported at"], incident["created_at"])
        return f"{datetime.fromisoformat(reported).astimezone(ZoneInfo(zone)):%Y-%m}"

    def shown(self, incidents):
        """Return the durations that have rows: a metric that says what another duration says has none."""
        columns = {}
        for duration in (*ENDS, *self.metrics):
            column = [self.outcome(incident, duration) for incident in incidents]
            column = [known if known == "open" or not isinstance(known, str) else "not counted" for known in column]
            n = sum(not isinstance(known, str) for known in column)
            if duration in ENDS or n < 10 or column not in columns.values():
                columns[duration] = column
        return list(columns)

    def table(self, incidents, groupings):
        """Return the figures by group and duration."""
        found = defaultdict(list)
        shown = self.shown(incidents)
        for incident in incidents:
            for duration in shown:
                key = (*(group(incident) for group in groupings), duration)
                found[key].append(self.outcome(incident, duration))
        return {key: figures(outcomes) for key, outcomes in found.items()}


def figures(outcomes):
    """Return n, median, p90, mean, open and the reasons, of one group's outcomes."""
    seconds = sorted(outcome for outcome in outcomes if not isinstance(outcome, str))
    counts = Counter(outcome for outcome in outcomes if isinstance(outcome, str))
    n = len(seconds)
    found = {"n": n, "open": counts["open"], "excluded": sum(counts[reason] for reason in REASONS)}
    found |= {f"excluded.{reason}": counts[reason] for reason in REASONS}
    if n:
        values = (statistics.median(seconds), seconds[math.ceil(n * 9 / 10) - 1], statistics.fmean(seconds))
        found |= {
            name: timedelta(seconds=round(entry)) for name, entry in zip(("median", "p90", "mean"), values, strict=True)
        }
    return found


def results(frame, groupings):
    """Return a frame of metrics in the form of `Expected.table`."""
    found = {}
    for row in frame.to_dict("records"):
        key = (*(None if pd.isna(row[name]) else row[name] for name in groupings), row["duration"])
        spans = {name: row[name].to_pytimedelta() for name in ("median", "p90", "mean") if not pd.isna(row[name])}
        counts = {name: row[name] for name in ("n", "open", "excluded", *(f"excluded.{reason}" for reason in REASONS))}
        assert key not in found
        found[key] = counts | spans
    return found


@pytest.mark.slow
def test_a_year(client, sandbox, stored):
    """Every figure of the whole year is what the database says; of every outcome there is some."""
    frame = client.metrics()
    assert results(frame, []) == Expected(sandbox).table(stored, [])
    assert (frame["n"] + frame["open"] + frame["excluded"] == len(stored)).all()
    assert frame["open"].sum()
    assert all(frame[f"excluded.{reason}"].sum() for reason in REASONS)
    assert frame.attrs["complete"]
    assert frame.attrs["incidents"] == len(stored)


@pytest.mark.parametrize(
    ("by", "options"),
    [
        ("severity", {}),
        ("type", {}),
        ("month", {}),
        ("month,severity", {}),
        ("severity,type,month", {}),
        ("severity", {"as_of": "declaration"}),
    ],
)
def test_by_group(client, sandbox, stored, by, options):
    """Every figure of every group is what the database says."""
    expected = Expected(sandbox)
    names = by.split(",")
    known = {"severity": expected.severity, "type": expected.type, "month": expected.month}
    if options:
        known["severity"] = expected.first_severity
    assert results(client.metrics(by=by, **options), names) == expected.table(stored, [known[name] for name in names])


def test_severity_as_declared_is_another(client):
    """Some incidents changed their severity, so the two ways of grouping differ."""
    now, then = client.metrics(by="severity"), client.metrics(by="severity", as_of="declaration")
    assert results(now, ["severity"]) != results(then, ["severity"])
    assert then.attrs["notes"] == now.attrs["notes"]


def test_lists_only(make, sandbox):
    """Figures come from lists of the whole organisation, however many incidents there are."""
    client = make()
    before = len(sandbox.requests)
    frame = client.metrics(by="severity,month", as_of="declaration")
    paths = Counter(request["path"] for request in sandbox.requests[before:])
    assert set(paths) == {
        "/v1/incident_statuses",
        "/v1/severities",
        "/v2/incident_timestamps",
        "/v2/incident_updates",
        "/v2/incidents",
    }
    assert paths["/v2/incidents"] == 2
    assert frame.attrs["requests"] == sum(paths.values())


def test_months_are_local(make, sandbox, stored):
    """A month begins at midnight of the configured time zone."""
    zone = "Pacific/Kiritimati"
    expected = Expected(sandbox)
    frame = make(timezone=zone).metrics(by="month")
    assert results(frame, ["month"]) == expected.table(stored, [lambda record: expected.month(record, zone)])
    assert expected.table(stored, [lambda record: expected.month(record, zone)]) != expected.table(
        stored, [expected.month]
    )


def test_by_a_field_with_several_values(client, sandbox, stored):
    """An incident counts for each of its values, a private one under the mask, and once only; the notes say so."""
    expected = Expected(sandbox)
    options = {identity: option["value"] for identity, option in expected.organisation["custom_field_options"].items()}
    field = next(
        identity
        for identity, entry in expected.organisation["custom_fields"].items()
        if entry["name"] == "Affected regions"
    )
    found = defaultdict(list)
    for incident in stored:
        values = {options[entry["value_option_id"]] for entry in incident["fields"].get(field, ())} or {None}
        for value in {MASK} if incident["visibility"] == "private" and values != {None} else values:
            found[value, "Time to identify"].append(expected.outcome(incident, "Time to identify"))
    frame = client.metrics(by="affected regions")
    frame = frame[frame["duration"] == "Time to identify"]
    assert results(frame, ["field.Affected regions"]) == {key: figures(entry) for key, entry in found.items()}
    assert "An incident with several values of Affected regions counts for each of them." in frame.attrs["notes"]


@pytest.mark.slow
def test_a_field_called_like_a_plain_grouping(client, make, sandbox, stored):
    """Where a custom field is called Severity, `severity` is the incident's own, and `field.Severity` the field."""
    teams = make().metrics(by="field.Owning team")
    assert teams["field.Owning team"].nunique() > 3
    (field,) = (
        entry for entry in sandbox.service.organisation["custom_fields"].values() if entry["name"] == "Owning team"
    )
    field["name"] = "Severity"
    sandbox.service._ready()
    try:
        own, other = (client.metrics(by=by) for by in ("Severity", "field.severity"))
    finally:
        field["name"] = "Owning team"
        sandbox.service._ready()
    expected = Expected(sandbox)
    assert results(own, ["severity"]) == expected.table(stored, [expected.severity])
    assert results(other, ["field.Severity"]) == results(teams, ["field.Owning team"])


def test_filters(client, sandbox, stored):
    """Filters are those of the list; a mode or category that is asked for by name is not left out of the figures."""
    expected = Expected(sandbox)
    major = [entry for entry in stored if expected.severity(entry) in ("Major", "Critical")]
    assert results(client.metrics(severity=">=Major"), []) == expected.table(major, [])
    tests = client.metrics(mode="test")
    assert tests["excluded.test"].sum() == 0
    assert tests["n"].sum() > 0
    merged = client.metrics(category="merged")
    assert merged["excluded.merged"].sum() == 0
    either = client.metrics(any=True, severity="Critical", type="Security")
    fitting = [
        entry for entry in stored if expected.severity(entry) == "Critical" or expected.type(entry) == "Security"
    ]
    assert results(either, []) == expected.table(fitting, [])


def test_training_counts_tests(make, stored):
    """In training mode the test incidents are all there is, they count, and the frame says that it is training."""
    frame = make(training=True).metrics()
    assert frame.attrs["incidents"] == sum(entry["mode"] == "test" for entry in stored)
    assert "banner" in frame.attrs
    assert "banner" not in make().metrics().attrs
    assert frame["excluded.test"].sum() == 0
    assert frame["n"].sum() > 0


def test_single_durations(client, sandbox, stored):
    """Each duration of each incident is there with its outcome; metrics are their summary."""
    expected = Expected(sandbox)
    frame = client.durations(by="Affected regions")
    by_reference = {f"INC-{entry['number']}": entry for entry in stored}
    assert len(frame) == len(stored) * 7
    assert not any("Time to fix" in note for note in frame.attrs["notes"])
    for row in frame.to_dict("records"):
        outcome = expected.outcome(by_reference[row["reference"]], row["duration"])
        if isinstance(outcome, str):
            assert (row["outcome"], row["lasted"]) == (outcome, pd.NaT)
        else:
            assert (row["outcome"], row["lasted"]) == ("counted", timedelta(seconds=outcome))
    opened = frame[(frame["outcome"] == "open") & frame["started_at"].notna()]
    epoch = pd.Timestamp("2026-01-15T14:00:00Z")
    assert ((epoch - opened["started_at"] - opened["so_far"]).abs() < pd.Timedelta("2s")).all()
    assert frame.loc[frame["outcome"] != "open", "so_far"].isna().all()


@pytest.mark.slow
def test_private_incidents_count_and_are_not_named(client, make):
    """A private incident's durations are there, its name is not, unless asked for."""
    frame = client.durations()
    assert (frame["name"] == MASK).any()
    assert not frame["name"].str.contains("CONFIDENTIAL").any()
    assert client.durations(show_private=True)["name"].str.contains("CONFIDENTIAL").any()
    assert make(show_private=True).durations()["name"].str.contains("CONFIDENTIAL").any()
    texts = client.metrics(by="Root cause")["field.Root cause"].dropna()
    assert MASK in set(texts)
    assert not texts.str.contains("CONFIDENTIAL").any()


def test_empty_frames_have_the_same_form(client):
    """Where no incident fits, columns and dtypes are those of full frames."""
    by = "severity,type,month,Affected service"
    nothing, something = (client.metrics(by=by, since=since) for since in ("2030-01-01", "2025-12-01"))
    assert nothing.empty
    assert not something.empty
    kinds = [dict(frame.dtypes.astype(str)) for frame in (nothing, something)]
    assert kinds[0] == kinds[1]
    singles = [client.durations(since=since) for since in ("2030-01-01", "2025-12-01")]
    assert singles[0].empty
    assert dict(singles[0].dtypes.astype(str)) == dict(singles[1].dtypes.astype(str))


def test_pairs_and_meanings(client, sandbox, stored):
    """A pair of timestamps is measured when asked for, and a meaning can be given to another timestamp."""
    expected = Expected(sandbox)
    frame = client.metrics(pairs="reported at..Identified at", meaning={"fixed": "Resolved at"})
    rows = frame.set_index("duration")
    columns = ["n", "median", "p90", "mean", "excluded.missing"]
    same = client.metrics().set_index("duration").loc["Time to identify", columns]
    assert (rows.loc["Reported at to Identified at", columns] == same).all()
    assert "Time to identify is the same as Reported at to Identified at" in " ".join(frame.attrs["notes"])
    assert rows.loc["declared to fixed", "to"] == "Resolved at"
    assert frame.attrs["timestamps"]["fixed"] == "Resolved at"
    assert frame.attrs["definitions"]["declared to fixed"] == (
        "from its timestamp 'Reported at' to its timestamp 'Resolved at'"
    )
    assert rows.loc["Time to fix", "n"] == figures([expected.outcome(entry, "Time to fix") for entry in stored])["n"]


def test_a_duration_with_two_names_has_one_row(client):
    """A metric that says what another duration says, and a pair given again, are named in words only."""
    frame = client.metrics(pairs="Reported at..Fixed at,Identified at..Fixed at,Identified at..Fixed at")
    assert list(frame["duration"]) == [
        "declared to accepted",
        "declared to fixed",
        "declared to closed",
        "Identified at to Fixed at",
        "Time to identify",
        "Time to resolve",
        "Length of impact",
    ]
    assert frame.attrs["notes"] == [
        f"{name} is the same as declared to fixed, so it has no row of its own."
        for name in ("Reported at to Fixed at", "Time to fix")
    ]
    assert frame.attrs["definitions"]["Time to fix"] == "the same as declared to fixed"
    few = client.metrics(since="3d")  # so few can be equal by chance
    assert few.set_index("duration").loc["Time to fix", "n"] < 10


@pytest.mark.slow
def test_business_hours(client, sandbox, stored):
    """Only the hours asked for count; the service's own metrics know none, and are left out aloud."""
    expected = Expected(sandbox)
    frame = client.metrics(business_hours="Mon-Fri 09:00-17:00")
    assert list(frame["duration"]) == list(ENDS)
    assert "Time to fix" in " ".join(frame.attrs["notes"])

    def minutes(start, end):
        """Count minute by minute what lies within the hours."""
        at = datetime.fromisoformat(start)
        end = datetime.fromisoformat(end)
        seconds = 0.0
        while at < end:
            step = min(timedelta(seconds=60 - at.second), end - at)
            if at.weekday() < 5 and 9 <= at.hour < 17:
                seconds += step.total_seconds()
            at += step
        return seconds

    lasted = client.durations(business_hours="Mon-Fri 09:00-17:00")
    lasted = lasted[(lasted["duration"] == "declared to closed") & (lasted["outcome"] == "counted")]
    lasted = lasted.set_index("reference")["lasted"]
    assert len(lasted) > 100
    for incident in stored[:120]:
        outcome = expected.outcome(incident, "declared to closed")
        if not isinstance(outcome, str):
            start, end = (incident["timestamps"][expected.stamps[name]] for name in ("Reported at", "Closed at"))
            assert lasted[f"INC-{incident['number']}"] == timedelta(seconds=round(minutes(start, end)))


def kaplan_meier(ended, ongoing):
    """Return the steps of the curve, computed by hand: time, survival, and both ends of its interval (log-log)."""
    survival, spread, steps = 1.0, 0.0, []
    for time in sorted(set(ended)):
        at_risk = sum(other >= time for other in [*ended, *ongoing])
        deaths = ended.count(time)
        survival *= (at_risk - deaths) / at_risk
        low = high = survival
        if at_risk > deaths:
            spread += deaths / (at_risk * (at_risk - deaths))
            width = 1.959964 * math.sqrt(spread) / abs(math.log(survival))
            low, high = survival ** math.exp(width), survival ** math.exp(-width)
        steps.append((time, survival, low, high))
    return steps


def test_estimates_with_open_incidents(client, sandbox, stored):
    """Median, p90, their intervals and the number at risk are what a computation by hand finds in the database."""
    expected = Expected(sandbox)
    now = datetime.fromisoformat("2026-01-15T14:00:00+00:00")
    ended, ongoing = [], []
    for incident in stored:
        outcome = expected.outcome(incident, "declared to closed")
        if outcome == "open":
            reported = datetime.fromisoformat(incident["timestamps"][expected.stamps["Reported at"]])
            ongoing.append((now - reported).total_seconds())
        elif not isinstance(outcome, str):
            ended.append(outcome)
    assert len(ongoing) > 5
    steps = kaplan_meier(ended, ongoing)
    row = client.metrics(with_open=True).set_index("duration").loc["declared to closed"]
    for name, level in (("median", 0.5), ("p90", 0.1)):
        found = [next((step[0] for step in steps if step[place] <= level + 1e-12), None) for place in (1, 2, 3)]
        for column, seconds in zip((f"km.{name}", f"km.{name}.low", f"km.{name}.high"), found, strict=True):
            assert pd.isna(row[column]) if seconds is None else row[column] == timedelta(seconds=round(seconds))
    median = next(step[0] for step in steps if step[1] <= 0.5 + 1e-12)
    assert row["km.at_risk"] == sum(other >= median for other in [*ended, *ongoing])
    assert row["km.median"] >= row["median"]


def test_two_quarters_compared(client, sandbox, stored):
    """Medians, their difference and its interval are those of the database, resampled by hand."""
    expected = Expected(sandbox)
    groups = defaultdict(list)
    for incident in stored:
        outcome = expected.outcome(incident, "declared to fixed")
        year, month = map(int, expected.month(incident).split("-"))
        if not isinstance(outcome, str):
            groups[f"{year}-Q{(month + 2) // 3}"].append(outcome)
    first, second = groups["2025-Q3"], groups["2025-Q4"]
    row = client.compare("2025-Q3", "2025-Q4", by="quarter").set_index("duration").loc["declared to fixed"]
    assert (row["n.first"], row["n.second"]) == (len(first), len(second))
    medians = [statistics.median(seconds) for seconds in (first, second)]
    spans = row[["median.first", "median.second", "difference"]].tolist()
    assert [span.total_seconds() for span in spans] == pytest.approx([*medians, medians[1] - medians[0]], abs=1)
    dice = random.Random(3)
    resampled = sorted(
        statistics.median(dice.choices(second, k=len(second))) - statistics.median(dice.choices(first, k=len(first)))
        for _ in range(4000)
    )
    low, high = resampled[99], resampled[3899]
    assert row["low"].total_seconds() == pytest.approx(low, abs=(high - low) / 6)
    assert row["high"].total_seconds() == pytest.approx(high, abs=(high - low) / 6)


def test_counts_of_a_year(client, sandbox, stored):
    """The count of each month, and the limits of a c chart, are those of the database."""
    expected = Expected(sandbox)
    out = {"merged", "declined", "canceled"}
    counts = Counter(
        expected.month(incident)
        for incident in stored
        if incident["mode"] not in {"test", "tutorial"}
        and expected.organisation["incident_statuses"][incident["incident_status_id"]]["category"] not in out
    )
    frame = client.counts(by="month")
    assert dict(zip(frame["period"], frame["incidents"], strict=True)) == counts
    whole = [count for month, count in counts.items() if month != "2026-01"]
    mean = statistics.fmean(whole)
    limits = [mean, max(0, mean - 3 * math.sqrt(mean)), mean + 3 * math.sqrt(mean)]
    for row in frame.to_dict("records"):
        assert [row[name] for name in ("mean", "lower", "upper")] == pytest.approx(limits, abs=0.006)
        is_outside = row["period"] != "2026-01" and not limits[1] <= row["incidents"] <= limits[2]
        assert row["outside"] == is_outside
    assert frame["outside"].any()


@pytest.mark.parametrize(
    ("filters", "periods", "partial"),
    [
        ({"until": "2025-08-31"}, "2025-01 2025-08", []),
        ({"until": "2025-08-30"}, "2025-01 2025-08", [-1]),
        ({"since": "2025-03-01", "until": "2025-08-31"}, "2025-03 2025-08", []),
        ({"since": "2025-03-02", "until": "2025-09-30"}, "2025-03 2025-09", [0]),
        ({"since": "2025-06-20"}, "2025-06 2026-01", [0, -1]),
        ({"since": "2024-11-01", "until": "2025-06-30"}, "2024-11 2025-06", []),
    ],
)
def test_counts_of_a_part_of_the_history(client, filters, periods, partial):
    """Months outside the filter are no months without incidents; those of which it holds a part are not judged."""
    frame = client.counts(by="month", **filters)
    assert f"{frame['period'].iloc[0]} {frame['period'].iloc[-1]}" == periods
    whole = frame.drop(index=[frame.index[place] for place in partial])
    assert len(whole) >= 6
    assert frame["mean"].iloc[0] == pytest.approx(whole["incidents"].mean(), abs=0.006)
    assert frame.attrs["notes"] == []


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"by": "sevrity"}, "severity"),
        ({"by": "Affected servic"}, "Affected service"),
        ({"by": "field.severity"}, "Affected service"),
        ({"by": "month,month"}, "once"),
        ({"as_of": "then"}, "declaration"),
        ({"business_hours": "always"}, "Mon-Fri 09:00-17:00"),
        ({"business_hours": "Mon-Fri 09:00-09:00"}, "Mon-Fri 09:00-17:00"),
        ({"business_hours": "Mon-Fri 09:75-17:00"}, "Mon-Fri 09:00-17:00"),
        ({"business_hours": "09:00-17:00"}, "Mon-Fri 09:00-17:00"),
        ({"business_hours": "Mon-Fri 09:00-17:00; Sat"}, "Mon-Fri 09:00-17:00"),
        ({"out_of_hours": True}, "--business-hours"),
        ({"holidays": "DE"}, "--business-hours"),
        ({"business_hours": "Mon-Fri 09:00-17:00", "holidays": "XX"}, "ISO 3166"),
        ({"business_hours": "Mon-Fri 09:00-17:00", "holidays": "DE-XX"}, "DE-BB"),
        ({"pairs": "Reported at"}, "Reported at..Identified at"),
        ({"pairs": "Reported at..Fixd at"}, "Fixed at"),
        ({"meaning": {"repaired": "Fixed at"}}, "fixed"),
        ({"meaning": {"fixed": "Fixd at"}}, "Fixed at"),
        ({"sevrity": "Major"}, "severity"),
    ],
)
def test_what_cannot_be_understood(client, asked, hint):
    """What is not known is an error that offers the nearest right thing."""
    with pytest.raises(errors.InputError) as wrong:
        client.metrics(**asked)
    assert hint in wrong.value.hint
