"""Reads scenarios from TOML files, built-in and your own; every mistake is named, with its line and key."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.drills.scenario import EVENT_KINDS, EXPECTED, Event, Expectation, Metric, Scenario
from incidentio_magic.drills.tables import LARGEST, Mistakes, Table
from incidentio_magic.errors import InputError, ScenarioError, UnknownName
from incidentio_magic.names.close_matches import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCENARIO: Final = ("title", "briefing", "minutes", "shared", "event", "metric", "expect")
_EVENT: Final = ("at", "kind", "by", "title", "text", "opens")
_METRIC: Final = ("name", "unit", "points")
_COMMON: Final = ("kind", "points", "practise")
_NEEDS: Final = {
    "declared": ("within", "severity"),
    "updated": ("within",),
    "cadence": ("every",),
    "escalated": ("after", "within", "severity"),
    "paged": ("within",),
    "closed": ("within",),
    "ended": ("within", "status"),
    "quiet": (),
}
_MAY: Final = {
    "declared": ("visibility",),
    "paged": ("path", "people", "after"),
    "closed": ("after",),
    "cadence": ("after",),
}
_UNTIL_IT_IS_OVER: Final = ("closed", "cadence")
_POINT: Final = 2
# What a sandbox plays at most.
_LONGEST: Final = 7 * 24 * 60  # minutes
_LONGEST_TITLE: Final = 200  # characters
_LARGEST_FILE: Final = 60_000  # characters
_MOST_EVENTS: Final = 500


def known() -> list[str]:
    """Return the names of the built-in scenarios."""
    folder = files("incidentio_magic.drills").joinpath("scenarios")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def scenario(name: str) -> Scenario:
    """Return a scenario.

    Args:
        name: One of `known()`, or the path of a TOML file.

    Raises:
        UnknownName: If there is none.
        InputError: If the file cannot be read.
        ScenarioError: If the file is not a scenario; every mistake is named with its line and key.
    """
    found, mistakes = scenario_with_mistakes(name)
    mistakes.refuse()
    return found


def scenario_with_mistakes(name: str) -> tuple[Scenario, Mistakes]:
    """Return what can be read of a scenario, and its mistakes, to which more can be added.

    Args:
        name: One of `known()`, or the path of a TOML file.

    Raises:
        UnknownName: If there is none.
        InputError: If the file cannot be read.
        ScenarioError: If the file is not TOML.
    """
    if name in known():
        text = files("incidentio_magic.drills").joinpath("scenarios", f"{name}.toml").read_text("utf-8")
        return _read(text, name, f"{name}.toml")
    path = Path(name).expanduser()
    if path.suffix != ".toml" and "/" not in name:
        near = closest(name, known())
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known())}."
        raise UnknownName(
            f"There is no drill {name!r}.", hint=f"{hint} A drill of your own is the path of a .toml file"
        )
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or "it is not UTF-8 text"
        hint = f"%incidents drill new {path.with_suffix('.toml')} writes one; there are: {', '.join(known())}"
        raise InputError(f"{name} cannot be read: {why}.", hint=hint) from None
    return _read(text, path.stem, path.name)


def parsed(text: str, name: str, file: str = "the scenario") -> Scenario:
    """Return the scenario that a TOML text describes.

    Args:
        text: The TOML.
        name: The scenario's name.
        file: The name of the text in messages.

    Raises:
        ScenarioError: If it is not a scenario; every mistake is named with its line and key.
    """
    found, mistakes = _read(text, name, file)
    mistakes.refuse()
    return found


def _read(text: str, name: str, file: str) -> tuple[Scenario, Mistakes]:
    if len(text) > _LARGEST_FILE:
        raise ScenarioError(
            f"{file} has {len(text):,} characters, and a scenario has at most {_LARGEST_FILE:,}.",
            hint="shorten its texts, or split it into two drills",
        )
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "texts stand in quotes, lists in [ ], each event under [[event]]"
        raise ScenarioError(f"{file} is not TOML: {error}.", hint=hint) from None
    mistakes = Mistakes(file, text)
    top = Table(document, mistakes)
    top.only(_SCENARIO)
    metrics: dict[str, Metric] = {}
    for table in top.tables("metric"):
        metric = _metric(table)
        if metric.label in metrics:
            table.wrong("name", f"is another metric's, too: {metric.label}")
        metrics[metric.label] = metric
    minutes = top.minutes("minutes")
    events = [_event(table) for table in top.tables("event")]
    # An event after the end is noted once, not for each expectation too.
    last = max((event.at for event in events if not minutes or event.at <= minutes), default=0.0)
    expectations = [_expectation(table, last) for table in top.tables("expect")]
    for kind, found in (("event", events), ("expect", expectations)):
        if not found:
            top.missing(kind, f"is missing: there must be at least one [[{kind}]]")
    if len(events) > _MOST_EVENTS:
        top.wrong("event", f"stands there {len(events)} times: a drill has at most {_MOST_EVENTS} events")
    _check_times(top, mistakes, minutes, events, expectations)
    made = Scenario(
        name=name,
        title=top.text("title"),
        briefing=top.text("briefing"),
        minutes=minutes,
        events=tuple(sorted(events, key=lambda event: event.at)),
        metrics=tuple(metrics.values()),
        expectations=tuple(expectations),
        shared=top.flag("shared"),
    )
    return made, mistakes


def _check_times(
    top: Table, mistakes: Mistakes, minutes: float, events: Sequence[Event], expectations: Sequence[Expectation]
) -> None:
    """Note what is planned for a time at which the drill is over, or what no reason can come in time for."""
    if not minutes:
        if top.content.get("minutes") == 0:
            top.wrong("minutes", "must be more than 0")
        return
    if minutes > _LONGEST:
        top.wrong("minutes", f"must be at most {_LONGEST}, a week, not {minutes:g}")
    after_the_end = f"is after the end of the drill, which takes {minutes:g} min"
    for event in events:
        if event.at > minutes:
            mistakes.note("event", event.number, "at", f"{event.at:g} {after_the_end}")
    for expectation in expectations:
        for key in ("after", "every"):
            value = getattr(expectation, key)
            if value > minutes:
                mistakes.note("expect", expectation.number, key, f"{value:g} {after_the_end}")
        if expectation.kind == "closed" and expectation.within < expectation.after:
            why = f"{expectation.within:g} is before minute {expectation.after:g}, when it is over"
            mistakes.note("expect", expectation.number, "within", why)


def _event(table: Table) -> Event:
    table.only(_EVENT)
    kind = table.choice("kind", EVENT_KINDS)
    opens = table.flag("opens")
    if opens and kind != "alert":
        table.wrong("opens", f"is for an alert, not for a {kind}")
    return Event(
        table.minutes("at"),
        kind,
        table.text("by", longest=_LONGEST_TITLE),
        table.text("title", longest=_LONGEST_TITLE),
        table.text("text", default=""),
        opens,
        table.number,
    )


def _metric(table: Table) -> Metric:
    table.only(_METRIC)
    points = table.content.get("points")
    pairs: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    if not isinstance(points, list) or not points or not all(map(_is_point, points)):
        table.wrong("points", "must be a list of [minute, value]", "such as [[-30, 0.2], [0, 0.2], [5, 7.5]]")
    else:
        pairs = tuple((float(minute), float(value)) for minute, value in points)
        if list(pairs) != sorted(pairs, key=lambda pair: pair[0]):
            table.wrong("points", "must go forward in time")
    return Metric(table.text("name"), table.text("unit", default=""), pairs)


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == _POINT
        and all(
            isinstance(number, int | float) and abs(number) <= LARGEST and not isinstance(number, bool)
            for number in value
        )
    )


def _expectation(table: Table, last: float) -> Expectation:
    """Read an expectation.

    Args:
        table: The table.
        last: The minute of the last event: until then an incident is not over, unless the file says otherwise.
    """
    kind = table.choice("kind", EXPECTED)
    if not kind:
        return Expectation("quiet", number=table.number)
    needs = _NEEDS[kind]
    table.only((*_COMMON, *needs, *_MAY.get(kind, ())), of=f"an expectation of the kind {kind}")
    for key in needs:
        if key not in table.content:
            table.missing(key, f"is missing: {kind!r} needs it")
        elif table.content[key] == []:
            table.wrong(key, "must not be empty")
    made = Expectation(
        kind,
        within=table.minutes("within", 0.0),
        after=table.minutes("after", last if kind in _UNTIL_IT_IS_OVER else 0.0),
        every=table.minutes("every", 0.0),
        severity=table.texts("severity"),
        path=table.text("path", default=""),
        people=table.texts("people"),
        status=table.texts("status"),
        visibility=table.choice("visibility", ("public", "private")) if "visibility" in table.content else "",
        points=table.number_of("points", 10.0, what="a number of points, 0 or more"),
        practise=table.text("practise", default=""),
        number=table.number,
    )
    if kind == "cadence" and not made.every and "every" in table.content:
        table.wrong("every", "must be more than 0")
    if kind == "paged" and bool(made.path) == bool(made.people):
        table.missing("path", "or people must say who is to be paged, one of them")
    return made


def new_scenario(path: str) -> Path:
    """Write a scenario with comments, to begin from, and return its path.

    Args:
        path: The file, which must not exist; `.toml` is added if it has no ending.

    Raises:
        InputError: If the file exists or cannot be written.
    """
    target = Path(path).expanduser()
    target = target if target.suffix else target.with_suffix(".toml")
    if target.suffix != ".toml":
        raise InputError(f"{target} must end in .toml.", hint=f"%incidents drill new {target.with_suffix('.toml')}")
    text = files("incidentio_magic.drills").joinpath("new_scenario.toml").read_text("utf-8")
    title = re.sub(r"[-_]+", " ", target.stem).strip().capitalize().replace("\\", "").replace('"', "")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text.replace("TITLE", title or "Something breaks", 1))
    except FileExistsError:
        hint = f"%incidents drill check {target} says whether it can be played; name another file for a new one"
        raise InputError(f"{target} is there already; nothing was written.", hint=hint) from None
    except OSError as error:
        raise InputError(
            f"{target} cannot be written: {error.strerror}.", hint="name a file in a folder of yours"
        ) from None
    return target
