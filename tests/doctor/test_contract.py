"""doctor --contract: no difference against the sandbox, and every planted one named, without anybody's words."""

from __future__ import annotations

import dataclasses
import json

import pytest

from incidentio_magic.doctor.contract import compare
from incidentio_magic.errors import NotFound


@pytest.fixture
def compared(connect_to):
    """Compare the sandbox's answers, changed on the way by a function of path and answer."""

    def compared(change=None):
        client = connect_to()
        send = client.transport.send

        def spoiled(request):
            answer = send(request)
            return change(request.path, answer) if change else answer

        client.transport.send = spoiled
        return compare(client.settings, lambda _settings: client)

    return compared


def test_the_sandbox_answers_as_assumed(compared):
    """Against the sandbox the report is empty, with its columns."""
    report = compared()
    assert report.to_dict("records") == []
    assert list(report.columns) == ["operation", "finding", "where", "times"]


def rows(change):
    """Change the first incident of the list."""

    def changed(path, answer):
        if path != "/v2/incidents":
            return answer
        document = json.loads(answer.content)
        change(document["incidents"][0], document)
        return dataclasses.replace(answer, content=json.dumps(document).encode())

    return changed


def without(header):
    """Take a header from every answer."""
    return lambda _path, answer: dataclasses.replace(
        answer, headers={name: value for name, value in answer.headers.items() if name != header}
    )


def gone(path, answer):
    """Refuse one list."""
    if path == "/v3/follow_ups":
        raise NotFound("there is nothing", status=404)
    return answer


PLANTED = {
    "unknown field": (rows(lambda row, _: row.update(colour="red")), "unknown field", "incidents[].colour"),
    "unknown value": (rows(lambda row, _: row.update(mode="drill")), "unknown value", "incidents[].mode: drill"),
    "null": (rows(lambda row, _: row.update(name=None)), "null", "incidents[].name"),
    "missing field": (rows(lambda row, _: row.pop("reference")), "field is missing", "incidents[].reference"),
    "text for a list": (rows(lambda row, _: row.update(team_ids="none")), "is no list", "incidents[].team_ids"),
    "number for a text": (rows(lambda row, _: row.update(name=7)), "is no string", "incidents[].name"),
    "smaller page": (
        rows(lambda _, answer: answer["pagination_meta"].update(page_size=100)),
        "page is not of 250 rows",
        "pagination_meta.page_size",
    ),
    "no rate header": (without("x-ratelimit-limit"), "header is missing", "x-ratelimit-limit"),
    "test incident": (
        rows(lambda row, _: row.update(mode="test")),
        "row is listed that is assumed to be hidden",
        "mode test",
    ),
    "ended incident": (
        rows(lambda row, _: row["incident_status"].update(category="merged")),
        "row is listed that is assumed to be hidden",
        "category merged",
    ),
    "list that is gone": (gone, "could not be read", "NotFound"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_named(compared, name):
    """Each difference is one row that names where it is, and nothing else is reported."""
    change, finding, where = PLANTED[name]
    report = compared(change)
    assert set(zip(report["finding"], report["where"], strict=True)) == {(finding, where)}
    assert (report["times"] > 0).all()


def test_the_report_holds_nobody_s_words(compared):
    """Names of fields and values that look like somebody's text are not shown."""
    secret = "Payments of Alice <alice@example.com>"
    report = compared(rows(lambda row, _: row.update({secret: 1, "mode": secret, "name": [secret]})))
    assert len(report) == 3
    assert "lice" not in report.to_string()
