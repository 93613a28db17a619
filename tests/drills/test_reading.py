"""Scenarios: those that come along are sound, and what is wrong with one's own is told with its line and key.

Serves `drills/scenario.py`.
"""

from __future__ import annotations

import pytest

from incidentio_magic.drills.reading import known, parsed, scenario
from incidentio_magic.errors import InputError, UnknownName

GOOD = """title = "Something breaks"
briefing = "You are on call."
minutes = 30

[[event]]
at = 0
kind = "alert"
by = "Metrics monitors"
title = "Errors"

[[metric]]
name = "errors"
unit = "%"
points = [[-30, 0], [0, 5]]

[[expect]]
kind = "declared"
within = 5
severity = "Major"

[[expect]]
kind = "paged"
within = 5
path = "Payments on-call"
"""


@pytest.mark.parametrize("name", known())
def test_those_that_come_along(name):
    """Each has a briefing, a clear first event, metrics that cover its time, and expectations within it."""
    one = scenario(name)
    assert one.name == name
    assert one.events[0].at == 0
    assert max(event.at for event in one.events) <= one.minutes
    for metric in one.metrics:
        assert metric.points[0][0] <= -30
        assert metric.points[-1][0] >= one.minutes
    assert sum(expectation.points for expectation in one.expectations) > 0


def test_there_are_at_least_five():
    """The credible ones are there by name."""
    assert {"database-pool", "bad-deploy", "expired-certificate", "third-party-outage", "false-alarm"} <= set(known())


def test_ones_own_from_a_path(tmp_path):
    """A path is read; the scenario is called as its file."""
    path = tmp_path / "my-drill.toml"
    path.write_text(GOOD)
    assert scenario(str(path)).name == "my-drill"
    assert scenario(str(path)).metrics[0].value(-15) == 2.5


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("database-poll", UnknownName, "did you mean database-pool?"),
        ("zzz", UnknownName, "there are: bad-deploy"),
        ("missing.toml", InputError, "cannot be read"),
        ("/nowhere/x", InputError, "cannot be read"),
    ],
)
def test_there_is_no_such_drill(name, error, said):
    """A name that is none gets the nearest, a path that is none says why."""
    with pytest.raises(error) as caught:
        scenario(name)
    assert said in str(caught.value)


WRONG = {
    "no TOML": (("minutes = 30", "minutes = "), "at line 3", ""),
    "a key of no scenario": (("briefing", "breifing"), "line 2: breifing is no key of a scenario", "mean briefing?"),
    "a missing text": (('title = "Something breaks"\n', ""), "title is missing", ""),
    "minutes that are none": (("minutes = 30", 'minutes = "long"'), "line 3: minutes must be a number", ""),
    "infinite minutes": (("minutes = 30", "minutes = inf"), "line 3: minutes must be a number", ""),
    "a kind of event": (('"alert"', '"allert"'), "line 7: [[event]] 1: kind cannot be 'allert'", "mean alert?"),
    "a key of an event": (('by = "Met', 'who = "Met'), "line 8: [[event]] 1: who is no key of event", ""),
    "a negative time": (("at = 0", "at = -1"), "line 6: [[event]] 1: at must be", ""),
    "true as a time": (("at = 0", "at = true"), "line 6: [[event]] 1: at must be", ""),
    "points that go back": (("[[-30, 0], [0, 5]]", "[[0, 5], [-30, 0]]"), "line 14: [[metric]] 1: points must go", ""),
    "points that are none": (("[[-30, 0], [0, 5]]", "[1, 2]"), "points must be a list of [minute", "such as"),
    "a kind of expectation": (('"declared"', '"declare"'), "line 17: [[expect]] 1: kind cannot", "mean declared?"),
    "a needed key": (("within = 5\nseverity", "severity"), "[[expect]] 1: within is missing: 'declared' needs", ""),
    "a key of another kind": (("path =", "every = 3\npath ="), "line 24: [[expect]] 2: every is no key", ""),
    "a near key": (("severity =", "severty ="), "line 19: [[expect]] 1: severty is no key", "mean severity?"),
    "nobody to page": (('path = "Payments on-call"', ""), "[[expect]] 2: path or people must say who", ""),
    "a severity that is none": (('"Major"', "3"), "line 19: [[expect]] 1: severity must be a text", ""),
    "a table in place of a list": (("[[metric]]", "[metric]"), "metric must be written as [[metric]]", ""),
    "no severity at all": (('"Major"', "[]"), "line 19: [[expect]] 1: severity must not be empty", ""),
    "no time between updates": (
        ('"paged"\nwithin = 5\npath = "Payments on-call"', '"cadence"\nevery = 0'),
        "line 23: [[expect]] 2: every must be more than 0",
        "",
    ),
    "the same metric twice": (
        ("[[metric]]", '[[metric]]\nname = "errors"\nunit = "%"\npoints = [[0, 0]]\n\n[[metric]]'),
        "line 17: [[metric]] 2: name is another metric's, too: errors (%)",
        "",
    ),
    "an empty title": (('"Something breaks"', '" "'), "line 1: title must be a text", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(case):
    """Every mistake names the file, the line and the key, and the nearest right word where there is one."""
    (old, new), said, hint = WRONG[case]
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        parsed(GOOD.replace(old, new, 1), "mine", "mine.toml")
    assert "mine.toml" in caught.value.message
    assert said in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("header", ["[[event]]", "[[expect]]"])
def test_a_scenario_needs_both(header):
    """Without events nothing happens, without expectations nothing is learnt."""
    with pytest.raises(InputError, match=r"has no \[\["):
        parsed(_without(header), "mine")


def _without(header):
    blocks = GOOD.split("\n\n")
    return "\n\n".join(block for block in blocks if not block.startswith(header))


def test_values_between_points():
    """A metric is straight between its points, flat outside them, and may jump."""
    metric = parsed(GOOD.replace("[0, 5]]", "[0, 5], [10, 5], [10, 50], [20, 0]]"), "mine").metrics[0]
    assert [metric.value(one) for one in (-60, -30, -15, 0, 5, 15, 20, 99)] == [0, 0, 2.5, 5, 5, 25, 0, 0]
