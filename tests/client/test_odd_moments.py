"""Whatever moments the records of an organisation have, reads end in a result or in one of our errors.

Serves `client/context.py`, `client/handover.py`, `client/task_lists.py` and `frames/tasks.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from incidentio_magic import errors
from incidentio_magic.api.transport import Transport

MOMENTS = re.compile(rb'"(created|updated|occurred|published|resolved|completed|paged|start|end)_at"\s*:\s*"[^"]*"')
# What is read together, so that the odd moments of some do not hide those of others.
PATHS = (
    ("follow_ups", "escalations", "timeline_items"),
    ("actions", "alert", "activity_log"),
    ("status_page", "schedule", "updates"),
    ("/v2/incidents",),
)
ODD = {
    "null": ("null", "America/New_York"),
    "before the first": ('"0001-01-01T00:00:00+14:00"', "UTC"),
    "the last": ('"9999-12-31T23:59:59Z"', "Pacific/Auckland"),
}
READS = {
    "follow_ups": lambda io: io.follow_ups(due={"": "7d"}, status="all")._repr_html_(),
    "follow-up counts": lambda io: io.follow_ups(by="owner"),
    "actions": lambda io: io.actions(due="2h", status="all")._repr_html_(),
    "pages": lambda io: io.pages()._repr_html_(),
    "alerts": lambda io: io.alerts()._repr_html_(),
    "status_page": lambda io: io.status_page()._repr_html_(),
    "oncall": lambda io: io.oncall(),
    "handover": lambda io: io.handover().markdown,
    "context": lambda io: io.context("INC-291"),
    "timeline": lambda io: io.timeline("INC-291")._repr_html_(),
    "chart": lambda io: io.plot_timeline("INC-291"),
    "postmortem": lambda io: io.postmortem("INC-291").markdown,
    "similar": lambda io: io.similar("INC-291"),
    "incidents": lambda io: io.incidents(all=True, wide=True)._repr_html_(),
    "metrics": lambda io: io.metrics(pages=True, with_open=True),
    "load": lambda io: io.load(),
    "counts": lambda io: io.counts(),
    "updates": lambda io: io.updates("INC-291"),
}


@pytest.fixture
def answering(connect_to, monkeypatch):
    """Let the answers of some paths have another moment for each of theirs; return a connection in a time zone."""

    def answering(paths, moment, timezone):
        exchange = Transport._exchange

        def exchanged(transport, request, *given):
            answer = exchange(transport, request, *given)
            if not any(path in request.path for path in paths):
                return answer
            return replace(answer, content=MOMENTS.sub(rb'"\1_at":' + moment.encode(), answer.content))

        monkeypatch.setattr(Transport, "_exchange", exchanged)
        return connect_to(timezone=timezone, cache_seconds=0.0)

    return answering


@pytest.mark.slow
@pytest.mark.parametrize("paths", PATHS, ids=" ".join)
@pytest.mark.parametrize(("moment", "timezone"), ODD.values(), ids=ODD)
def test_no_moment_ends_a_read(answering, paths, moment, timezone):
    """Unknown moments, and those at the edge of the calendar, end no read with somebody else's error."""
    io = answering(paths, moment, timezone)
    ended = dict.fromkeys(READS, "")
    for name, read in READS.items():
        try:
            read(io)
        except errors.IncidentioError as error:
            ended[name] = error.message
        except Exception as error:  # noqa: BLE001  what it is shall be seen beside the others
            pytest.fail(f"{name}: {type(error).__name__}: {error}")
    assert list(ended.values()).count("") > len(READS) / 2


def test_a_task_of_unknown_age_has_no_age(answering):
    """A follow-up whose creation is not known has neither an age nor a day on which it is due."""
    frame = answering(["follow_ups"], "null", "UTC").follow_ups(due={"": "7d"})
    assert len(frame)
    assert frame[["age", "due_at", "overdue"]].isna().all(axis=None)


def test_a_page_of_unknown_age_has_waited_for_an_unknown_time(answering):
    """A page that was made nobody knows when has no span, in place of two thousand years."""
    frame = answering(["escalations"], "null", "UTC").pages()
    assert frame[["waited", "acknowledged_after"]].isna().all(axis=None)


def test_what_was_updated_nobody_knows_when_is_not_overdue(answering):
    """Neither its last update nor its last change is known: a handover does not say that it needs an update."""
    io = answering(["/v2/incident"], "null", "UTC")
    assert not io.handover().frame["needs_update"].any()
