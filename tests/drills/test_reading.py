"""Scenarios: those that come along are sound, and a mistake in your own is named with its line and key.

Serves `drills/scenario.py` and `drills/tables.py`.
"""

from __future__ import annotations

import pytest

from incidentio_magic.drills.reading import known, new_scenario, parsed, scenario
from incidentio_magic.errors import InputError, ScenarioError, UnknownName

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
    shipped = scenario(name)
    assert shipped.name == name
    assert shipped.events[0].at == 0
    assert max(event.at for event in shipped.events) <= shipped.minutes
    for metric in shipped.metrics:
        assert metric.points[0][0] <= -30
        assert metric.points[-1][0] >= shipped.minutes
    assert sum(expectation.points for expectation in shipped.expectations) > 0


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
    ("name", "error", "printed"),
    [
        ("database-poll", UnknownName, "did you mean database-pool?"),
        ("zzz", UnknownName, "there are: bad-deploy"),
        ("missing.toml", InputError, "cannot be read"),
        ("/nowhere/x", InputError, "cannot be read"),
    ],
)
def test_there_is_no_such_drill(name, error, printed):
    """A name that is none gets the nearest, a path that is none says why."""
    with pytest.raises(error) as caught:
        scenario(name)
    assert printed in str(caught.value)


WRONG = {
    "no TOML": (("minutes = 30", "minutes = "), "at line 3", ""),
    "a key of no scenario": (("briefing", "breifing"), "line 2: breifing is not a key of a scenario", "mean briefing?"),
    "a missing text": (('title = "Something breaks"\n', ""), "title is missing", ""),
    "minutes that are none": (("minutes = 30", 'minutes = "long"'), "line 3: minutes must be a number", ""),
    "infinite minutes": (("minutes = 30", "minutes = inf"), "line 3: minutes must be a number", ""),
    "a kind of event": (('"alert"', '"allert"'), "line 7: [[event]] 1: kind cannot be 'allert'", "mean alert?"),
    "a key of an event": (('by = "Met', 'who = "Met'), "line 8: [[event]] 1: who is not a key of event", ""),
    "a negative time": (("at = 0", "at = -1"), "line 6: [[event]] 1: at must be", ""),
    "true as a time": (("at = 0", "at = true"), "line 6: [[event]] 1: at must be", ""),
    "points that go back": (("[[-30, 0], [0, 5]]", "[[0, 5], [-30, 0]]"), "line 14: [[metric]] 1: points must go", ""),
    "a point that is no number": (
        ("[[-30, 0], [0, 5]]", "[[-30, 0], [0, nan]]"),
        "points must be a list of",
        "such as",
    ),
    "a point without end": (("[[-30, 0], [0, 5]]", "[[-30, 0], [inf, 5]]"), "points must be a list of [min", "such as"),
    "too large a point": (("[[-30, 0], [0, 5]]", f"[[0, {10**400}]]"), "points must be a list of [minute", "such as"),
    "too late a time": (("at = 0", f"at = {10**400}"), "line 6: [[event]] 1: at must be", ""),
    "points that are none": (("[[-30, 0], [0, 5]]", "[1, 2]"), "points must be a list of [minute", "such as"),
    "a kind of expectation": (('"declared"', '"declare"'), "line 17: [[expect]] 1: kind cannot", "mean declared?"),
    "a needed key": (("within = 5\nseverity", "severity"), "[[expect]] 1: within is missing: 'declared' needs", ""),
    "a key of another kind": (("path =", "every = 3\npath ="), "line 24: [[expect]] 2: every is not a key", ""),
    "a near key": (("severity =", "severty ="), "line 19: [[expect]] 1: severty is not a key", "mean severity?"),
    "nobody to page": (('path = "Payments on-call"', ""), "[[expect]] 2: path or people must say who", ""),
    "a severity that is none": (
        ('"Major"', "3"),
        "line 19: [[expect]] 1: severity must be text in quotes, or a list of such texts, not 3",
        "",
    ),
    "points that are none of an expectation": (
        ('"Major"', '"Major"\npoints = -5'),
        "line 20: [[expect]] 1: points must be a number of points, 0 or more, not -5",
        "",
    ),
    "a misspelt table": (("[[metric]]", "[[metrics]]"), "line 11: metrics is not a key of a scenario", "mean metric?"),
    "a title that is too long": (
        ('title = "Errors"', f'title = "{"x" * 201}"'),
        "[[event]] 1: title must have at most 200 characters, not 201",
        "",
    ),
    "a NUL": (('title = "Errors"', 'title = "a\\u0000b"'), "[[event]] 1: title must not contain NUL", ""),
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
    "an empty title": (('"Something breaks"', '" "'), "line 1: title must be text in quotes, not ' '", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_mistake_is_named(case):
    """Every mistake names the file, the line and the key, and the nearest right word where there is one."""
    (old, new), printed, hint = WRONG[case]
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        parsed(GOOD.replace(old, new, 1), "mine", "mine.toml")
    assert "mine.toml" in caught.value.message
    assert printed in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize("header", ["[[event]]", "[[expect]]"])
def test_a_scenario_needs_both(header):
    """Without events nothing happens, without expectations nothing is learnt."""
    with pytest.raises(ScenarioError, match=r"there must be at least one \[\["):
        parsed(_without(header), "mine")


IMPOSSIBLE = {
    "an event after the end": (("at = 0", "at = 31"), "line 6: [[event]] 1: at 31 is after the end"),
    "longer than a sandbox plays": (
        ("minutes = 30", "minutes = 10081"),
        "line 3: minutes must be at most 10080, a week",
    ),
    "no time at all": (("minutes = 30", "minutes = 0"), "line 3: minutes must be more than 0"),
    "a reason after the end": (
        ("within = 5\npath", "within = 5\nafter = 40\npath"),
        "line 24: [[expect]] 2: after 40 is after the end",
    ),
    "closed before it is over": (
        ('"declared"\nwithin = 5\nseverity = "Major"', '"closed"\nwithin = 5\nafter = 20'),
        "line 18: [[expect]] 1: within 5 is before minute 20",
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_impossible_plans(case):
    """What could never happen in the drill's time is refused."""
    (old, new), message = IMPOSSIBLE[case]
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        parsed(GOOD.replace(old, new, 1), "mine", "mine.toml")
    assert message in caught.value.message


def test_more_than_a_sandbox_plays():
    """What the sandbox would refuse at the start is a mistake of the file, however long it is."""
    event = '\n[[event]]\nat = 1\nkind = "alert"\nby = "x"\ntitle = "y"\n'
    with pytest.raises(ScenarioError, match=r"line 5: event stands there 501 times: a drill has at most 500"):
        parsed(GOOD + 500 * event, "mine")
    with pytest.raises(ScenarioError, match=r"and a scenario has at most 60,000"):
        parsed(GOOD + "# " + 60_000 * "x", "mine")


def test_an_event_after_the_end_is_one_mistake():
    """No expectation is blamed for a time that the file does not give it."""
    text = GOOD.replace("at = 0", "at = 45", 1) + '\n[[expect]]\nkind = "closed"\nwithin = 30\n'
    text += '\n[[expect]]\nkind = "cadence"\nevery = 10\n'
    with pytest.raises(ScenarioError) as caught:
        parsed(text, "mine", "mine.toml")
    assert caught.value.message.endswith(
        "line 6: [[event]] 1: at 45 is after the end of the drill, which takes 30 min."
    )


def test_one_run_names_every_mistake():
    """All mistakes are named at once, in the order of their lines, each with the nearest right word."""
    text = GOOD
    for old, new in (
        ("briefing", "breifing"),
        ('"alert"', '"allert"'),
        ("minutes = 30", 'minutes = "x"'),
        ("[[-30, 0], [0, 5]]", "[]"),
        ("severity =", "severty ="),
        ("path =", "paht ="),
    ):
        text = text.replace(old, new)
    with pytest.raises(ScenarioError) as caught:
        parsed(text, "mine", "mine.toml")
    assert [line.strip() for line in caught.value.lines()] == [
        "ScenarioError: mine.toml has 6 mistakes.",
        "line 2: breifing is not a key of a scenario. → did you mean briefing?",
        "line 3: minutes must be a number of minutes, 0 or more, not 'x'.",
        "line 7: [[event]] 1: kind cannot be 'allert'. → did you mean alert?",
        "line 14: [[metric]] 1: points must be a list of [minute, value]. → such as [[-30, 0.2], [0, 0.2], [5, 7.5]]",
        "line 19: [[expect]] 1: severty is not a key of an expectation of the kind declared. → did you mean severity?",
        "line 24: [[expect]] 2: paht is not a key of an expectation of the kind paged. → did you mean path?",
    ]


def test_a_new_scenario(tmp_path):
    """What is written can be played as it is; a file that is there is not overwritten."""
    path = new_scenario(str(tmp_path / "my-first_drill"))
    assert path.name == "my-first_drill.toml"
    assert scenario(str(path)).title == "My first drill"
    before = path.read_text()
    for name in ("my-first_drill", "my-first_drill.toml"):
        with pytest.raises(InputError, match="is there already") as caught:
            new_scenario(str(tmp_path / name))
        assert "drill check" in caught.value.hint
    assert path.read_text() == before
    with pytest.raises(InputError, match="must end in"):
        new_scenario(str(tmp_path / "drill.txt"))
    with pytest.raises(InputError, match="cannot be written"):
        new_scenario(str(tmp_path / "missing" / "drill"))


def test_a_strange_file_name_is_no_mistake(tmp_path):
    """Whatever the file is called, what is written is TOML."""
    for name in ('a "quoted" drill', "back\\slash", "---"):
        assert scenario(str(new_scenario(str(tmp_path / name)))).title


def _without(header):
    blocks = GOOD.split("\n\n")
    return "\n\n".join(block for block in blocks if not block.startswith(header))


def test_values_between_points():
    """A metric is straight between its points, flat outside them, and may jump."""
    metric = parsed(GOOD.replace("[0, 5]]", "[0, 5], [10, 5], [10, 50], [20, 0]]"), "mine").metrics[0]
    assert [metric.value(entry) for entry in (-60, -30, -15, 0, 5, 15, 20, 99)] == [0, 0, 2.5, 5, 5, 25, 0, 0]
