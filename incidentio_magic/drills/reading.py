"""Scenarios from TOML: those that come along, and one's own; what is wrong is told with its line and key."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.drills.scenario import EVENT_KINDS, EXPECTED, Event, Expectation, Metric, Scenario
from incidentio_magic.errors import InputError, UnknownName
from incidentio_magic.names.close_matches import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER: Final = "a number of minutes, not negative"
_POINT: Final = 2
_SCENARIO: Final = ("title", "briefing", "minutes", "event", "metric", "expect")
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
_MAY: Final = {"paged": ("path", "people", "after")}


def known() -> list[str]:
    """Return the names of the scenarios that come along."""
    folder = files("incidentio_magic.drills").joinpath("scenarios")
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml"))


def scenario(name: str) -> Scenario:
    """Return a scenario.

    Args:
        name: One of `known()`, or the path of a TOML file.

    Raises:
        UnknownName: If there is none.
        InputError: If the file is no scenario; the message names the line and the key.
    """
    if name in known():
        text = files("incidentio_magic.drills").joinpath("scenarios", f"{name}.toml").read_text("utf-8")
        return parsed(text, name, f"{name}.toml")
    path = Path(name).expanduser()
    if path.suffix != ".toml" and "/" not in name:
        near = closest(name, known())
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known())}"
        raise UnknownName(f"There is no drill {name!r}.", hint=f"{hint} One's own is a path to a .toml file")
    try:
        return parsed(path.read_text("utf-8"), path.stem, path.name)
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or "it is not UTF-8 text"
        raise InputError(f"{name} cannot be read: {why}.", hint=f"or one of: {', '.join(known())}") from None


def parsed(text: str, name: str, file: str = "the scenario") -> Scenario:
    """Return the scenario that a TOML text describes.

    Args:
        text: The TOML.
        name: What the scenario is called.
        file: What the text is called in messages.

    Raises:
        InputError: If it is none; the message names the line and the key.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is no TOML: {error}.", hint="strings stand in quotes, lists in [ ]") from None
    top = _Table(document, file, text, "", 0)
    top.only(_SCENARIO)
    metrics: dict[str, Metric] = {}
    for table in top.tables("metric"):
        metric = _metric(table)
        if metric.label in metrics:
            raise table.wrong("name", f"is another metric's, too: {metric.label}")
        metrics[metric.label] = metric
    events = tuple(_event(one) for one in top.tables("event"))
    expectations = tuple(_expectation(one) for one in top.tables("expect"))
    if not events or not expectations:
        missing = "expect" if events else "event"
        raise InputError(f"{file} has no [[{missing}]].", hint="a scenario needs events and expectations")
    return Scenario(
        name=name,
        title=top.text("title"),
        briefing=top.text("briefing"),
        minutes=top.minutes("minutes"),
        events=tuple(sorted(events, key=lambda one: one.at)),
        metrics=tuple(metrics.values()),
        expectations=expectations,
    )


class _Table:
    """A table of the file, which knows where it stands."""

    def __init__(self, content: dict[str, Any], file: str, text: str, name: str, number: int) -> None:
        self.content = content
        self._file = file
        self._text = text
        self._name = name
        self._number = number

    def wrong(self, key: str, why: str, hint: str = "") -> InputError:
        """Return the error that blames a key."""
        place = f"[[{self._name}]] {self._number + 1}: " if self._name else ""
        return InputError(f"{self._file}, line {self._line(key)}: {place}{key} {why}.", hint=hint)

    def _line(self, key: str) -> int:
        """Return the line where a key stands, or its table begins if it is missing."""
        begins, found = 1, None
        inside, tables = not self._name, -1
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", line):
                tables += header[1] == self._name
                inside = header[1] == self._name and tables == self._number
                begins = number if inside else begins
            elif inside and found is None and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                found = number
        return found or begins

    def only(self, allowed: Iterable[str], of: str = "") -> None:
        """Refuse keys that are not among these."""
        for key in self.content:
            if key not in allowed:
                near = closest(key, allowed, most=1)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(allowed)}"
                raise self.wrong(key, f"is no key of {of or self._name or 'a scenario'}", hint)

    def tables(self, key: str) -> list[_Table]:
        """Return the tables of a list."""
        found = self.content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.wrong(key, f"must be written as [[{key}]]")
        return [_Table(one, self._file, self._text, key, number) for number, one in enumerate(found)]

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        value = self.content.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, "must be a text")
        return value.strip()

    def minutes(self, key: str, default: float | None = None) -> float:
        """Return a number of minutes."""
        value = self.content.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing", f"give {_NUMBER}")
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
            raise self.wrong(key, f"must be {_NUMBER}")
        return float(value)

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return one text or a list of them."""
        value = self.content.get(key, [])
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not all(isinstance(one, str) and one.strip() for one in several):
            raise self.wrong(key, "must be a text or a list of texts")
        return tuple(one.strip() for one in several)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of some words."""
        value = self.text(key)
        if value not in choices:
            near = closest(value, choices, most=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(choices)}"
            raise self.wrong(key, f"cannot be {value!r}", hint)
        return value


def _event(table: _Table) -> Event:
    table.only(_EVENT)
    kind = table.choice("kind", EVENT_KINDS)
    opens = table.flag("opens")
    if opens and kind != "alert":
        raise table.wrong("opens", f"is for an alert, not for a {kind}")
    return Event(
        table.minutes("at"), kind, table.text("by"), table.text("title"), table.text("text", default=""), opens
    )


def _metric(table: _Table) -> Metric:
    table.only(_METRIC)
    points = table.content.get("points")
    if not isinstance(points, list) or not points or not all(map(_is_point, points)):
        raise table.wrong("points", "must be a list of [minute, value]", "such as [[-30, 0.2], [0, 0.2], [5, 7.5]]")
    pairs = tuple((float(minute), float(value)) for minute, value in points)
    if list(pairs) != sorted(pairs, key=lambda pair: pair[0]):
        raise table.wrong("points", "must go forward in time")
    return Metric(table.text("name"), table.text("unit", default=""), pairs)


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == _POINT
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in value)
    )


def _expectation(table: _Table) -> Expectation:
    kind = table.choice("kind", EXPECTED)
    needs = _NEEDS[kind]
    table.only((*_COMMON, *needs, *_MAY.get(kind, ())), of=f"an expectation of the kind {kind}")
    for key in needs:
        if key not in table.content:
            raise table.wrong(key, f"is missing: {kind!r} needs it")
        if table.content[key] == []:
            raise table.wrong(key, "must not be empty")
    made = Expectation(
        kind,
        within=table.minutes("within", 0.0),
        after=table.minutes("after", 0.0),
        every=table.minutes("every", 0.0),
        severity=table.texts("severity"),
        path=table.text("path", default=""),
        people=table.texts("people"),
        status=table.texts("status"),
        points=table.minutes("points", 10.0),
        practise=table.text("practise", default=""),
    )
    if kind == "cadence" and not made.every:
        raise table.wrong("every", "must be more than 0")
    if kind == "paged" and bool(made.path) == bool(made.people):
        raise table.wrong("path", "or people must say who is to be paged, one of them")
    return made
