"""The reports on drills: their list, their feed, their metrics and their scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Final

import pandas as pd

from incidentio_magic.drills import scoring
from incidentio_magic.drills.played import last_moment, minutes_played
from incidentio_magic.frames import made
from incidentio_magic.printable import printable
from incidentio_magic.writes.outcome import banner_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api.models.drill import Drill
    from incidentio_magic.drills.scenario import Scenario
    from incidentio_magic.drills.scoring import Result

_BEFORE: Final = 30  # minutes of metrics before the drill began
_MARKS: Final = {
    scoring.IN_TIME: "✓",
    scoring.LATE: "◐",
    scoring.PARTLY: "◐",
    scoring.NO: "✗",
    scoring.PENDING: "…",
}
_COLOURS: Final = {
    scoring.IN_TIME: "--jp-success-color1, #388e3c",
    scoring.LATE: "--jp-warn-color1, #c77700",
    scoring.PARTLY: "--jp-warn-color1, #c77700",
    scoring.NO: "--jp-error-color1, #d32f2f",
    scoring.PENDING: "--jp-ui-font-color2, #616161",
}
_TEXT: Final = "string"


def scenarios_frame(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    """Return the scenarios as rows: name, title (string), minutes (Float64), expectations (Int64)."""
    return _ours(
        pd.DataFrame(
            {
                "name": pd.array([scenario.name for scenario in scenarios], dtype=_TEXT),
                "title": pd.array([scenario.title for scenario in scenarios], dtype=_TEXT),
                "minutes": pd.array([scenario.minutes for scenario in scenarios], dtype="Float64"),
                "expectations": pd.array([len(scenario.expectations) for scenario in scenarios], dtype="Int64"),
            }
        )
    )


def feed_frame(drill: Drill, timezone: str) -> pd.DataFrame:
    """Return what has happened so far: minute (Float64), kind, by, title, text (string), at (datetime).

    The minutes leave pauses out, as a scenario's do.
    """
    feed = drill.feed
    return _ours(
        pd.DataFrame(
            {
                "minute": pd.array([_minutes(drill, event.at) for event in feed], dtype="Float64"),
                **{
                    column: pd.array([printable(getattr(event, name)) for event in feed], dtype=_TEXT)
                    for column, name in (("kind", "kind"), ("by", "who"), ("title", "title"), ("text", "text"))
                },
                "at": _moments([event.at for event in feed], timezone),
            }
        )
    )


def metrics_frame(scenario: Scenario, drill: Drill, timezone: str) -> pd.DataFrame:
    """Return the drill's metrics minute by minute, from half an hour before it until now; they wait while it does.

    Returns:
        minute (Int64), at (datetime), and a column for each metric, named with its unit (Float64).
    """
    minutes = range(-_BEFORE, int(_minutes(drill, last_moment(drill))) + 1)
    return _ours(
        pd.DataFrame(
            {
                "minute": pd.array(list(minutes), dtype="Int64"),
                "at": _moments([_moment(drill, minute) for minute in minutes], timezone),
                **{
                    printable(metric.label): pd.array(
                        [round(metric.value(minute), 2) for minute in minutes], dtype="Float64"
                    )
                    for metric in scenario.metrics
                },
            }
        )
    )


def results_frame(results: Sequence[Result], timezone: str) -> pd.DataFrame:
    """Return the result of each expectation.

    Returns:
        expected, done, found, practise (string), at (datetime), score, of (Float64).
    """
    texts = {
        name: pd.array([printable(getattr(result, name)) for result in results], dtype=_TEXT)
        for name in ("expected", "done", "found", "practise")
    }
    return _scored(
        pd.DataFrame(
            {
                "expected": texts["expected"],
                "done": texts["done"],
                "found": texts["found"],
                "at": _moments([result.at for result in results], timezone),
                "score": pd.array([result.score for result in results], dtype="Float64"),
                "of": pd.array([result.of for result in results], dtype="Float64"),
                "practise": texts["practise"],
            }
        )
    )


def progress_frame(drills: Sequence[Drill]) -> pd.DataFrame:
    """Return a row for each trainee's or team's drill: trainee, drill, state (string), minute (Float64), incidents."""
    states = ["ended" if drill.ended_at else "paused" if drill.paused_at else "running" for drill in drills]
    return _ours(
        pd.DataFrame(
            {
                "trainee": pd.array([printable(drill.key.name) for drill in drills], dtype=_TEXT),
                "drill": pd.array([printable(drill.label) for drill in drills], dtype=_TEXT),
                "state": pd.array(states, dtype=_TEXT),
                "minute": pd.array([_minutes(drill, last_moment(drill)) for drill in drills], dtype="Float64"),
                "incidents": pd.array([len(drill.incident_ids) for drill in drills], dtype="Int64"),
            }
        )
    )


def class_frame(rows: Sequence[tuple[Drill, Sequence[Result]]], references: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per trainee, to compare a class.

    Args:
        rows: Each trainee's drill and its results.
        references: The references of their incidents, by ID.

    Returns:
        trainee, drill, incident, weakest (string), score, of, percent (Float64), and a column for each expectation
        with the percentage it got, where all do the same drill.
    """
    totals = [_total(results) for _drill, results in rows]
    columns: dict[str, object] = {
        "trainee": pd.array([printable(drill.key.name) for drill, _ in rows], dtype=_TEXT),
        "drill": pd.array([printable(drill.label) for drill, _ in rows], dtype=_TEXT),
        "incident": pd.array(
            [references.get(drill.incident_ids[0]) if drill.incident_ids else None for drill, _ in rows], dtype=_TEXT
        ),
        "score": pd.array([got for got, _ in totals], dtype="Float64"),
        "of": pd.array([most for _, most in totals], dtype="Float64"),
        "percent": pd.array([_percent(got, most) for got, most in totals], dtype="Float64"),
        "weakest": pd.array([_weakest(results) for _, results in rows], dtype=_TEXT),
    }
    kinds = [[result.expected for result in results] for _, results in rows]
    if kinds and all(kind == kinds[0] for kind in kinds):
        for place, name in enumerate(kinds[0]):
            got = [_percent(results[place].score, results[place].of) for _, results in rows]
            columns[printable(name)] = pd.array(got, dtype="Float64")
    return _scored(pd.DataFrame(columns))


@dataclass(frozen=True)
class Card:
    """A card that shows how a drill went.

    Args:
        title: The drill's title.
        who: Whose drill it is.
        minutes: How long it has taken.
        over: Whether it has ended.
        results: The result of each expectation.
        banner: A line above the rest, which says that this is training; empty if it is not.
    """

    title: str
    who: str
    minutes: float
    over: bool
    results: tuple[Result, ...]
    banner: str = ""

    @property
    def _headline(self) -> str:
        got, most = _total(self.results)
        state = "ended after" if self.over else "running for"
        return f"{got:g} of {most:g} points · {self.who} · {state} {self.minutes:.0f} min"

    def _advice(self) -> list[str]:
        short = sorted(
            (result for result in self.results if result.practise), key=lambda result: result.score - result.of
        )
        return list(dict.fromkeys(result.practise for result in short))

    def __repr__(self) -> str:
        width = max((len(result.expected) for result in self.results), default=0)
        lines = [*filter(None, [self.banner]), self.title, self._headline]
        lines += [f"  {_MARKS[result.done]} {result.expected:<{width}}  {result.found}" for result in self.results]
        advice = self._advice()
        lines += ["To practise:", *(f"  - {text}" for text in advice)] if advice else []
        lines.append(scoring.NOT_JUDGED)
        return printable("\n".join(lines))

    def _repr_html_(self) -> str:
        got, most = _total(self.results)
        rows = "".join(_row(result) for result in self.results)
        advice = "".join(f'<li style="margin:2px 0">{_html(text)}</li>' for text in self._advice())
        practise = (
            '<div style="margin-top:10px;font-weight:600">To practise</div>'
            f'<ul style="margin:4px 0 0;padding-left:20px">{advice}</ul>'
        )
        line = "var(--jp-border-color2, #d0d0d0)"
        return (
            f"{banner_html(self.banner) if self.banner else ''}"
            f'<div style="max-width:760px;border:1px solid {line};border-radius:6px;padding:12px 16px;'
            f'line-height:1.45;overflow-wrap:anywhere">'
            f'<div style="font-weight:600;font-size:115%">{_html(self.title)}</div>'
            f'<div style="color:var(--jp-ui-font-color2, #616161)">{_html(self._headline)}</div>'
            f'<div style="height:6px;border-radius:3px;margin:8px 0 10px;background:{line}">'
            f'<div style="height:6px;border-radius:3px;width:{_percent(got, most):.0f}%;'
            f'background:var(--jp-brand-color1, #1976d2)"></div></div>{rows}{practise if advice else ""}'
            '<div style="margin-top:10px;color:var(--jp-ui-font-color2, #616161)">'
            f"{_html(scoring.NOT_JUDGED)}</div></div>"
        )


def _row(result: Result) -> str:
    mark = f"flex:none;width:1.2em;text-align:center;font-weight:700;color:var({_COLOURS[result.done]})"
    return (
        '<div style="display:flex;gap:10px;padding:3px 0">'
        f'<span style="{mark}">{_MARKS[result.done]}</span>'
        f'<span style="flex:1 1 55%">{_html(result.expected)}</span>'
        f'<span style="flex:1 1 45%;color:var(--jp-ui-font-color2, #616161)">{_html(result.found)}</span>'
        f'<span style="flex:none;width:4.5em;text-align:right">{result.score:g} / {result.of:g}</span></div>'
    )


def _html(text: str) -> str:
    return escape(printable(text))


def _total(results: Sequence[Result]) -> tuple[float, float]:
    return sum(result.score for result in results), sum(result.of for result in results)


def _percent(got: float, most: float) -> float:
    return round(100 * got / most, 1) if most else 0.0


def _weakest(results: Sequence[Result]) -> str | None:
    short = [result for result in results if result.practise]
    return printable(max(short, key=lambda result: result.of - result.score).expected) if short else None


def _minutes(drill: Drill, moment: datetime) -> float:
    return round(minutes_played(drill.started_at, moment, drill.pauses), 2)


def _moment(drill: Drill, minute: float) -> datetime:
    """Return when so many minutes of a drill had passed."""
    moment = drill.started_at + timedelta(minutes=minute)
    for begin, end in drill.pauses:
        moment += end - begin if moment > begin else timedelta()
    return moment


def _moments(values: Sequence[object], timezone: str) -> pd.Series[pd.Timestamp]:
    moments = pd.to_datetime(pd.Series(list(values), dtype=object), utc=True).astype("datetime64[us, UTC]")
    return moments.dt.tz_convert(timezone)


def _ours(frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs = made(frame)
    return frame


def _scored(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of scores that says by which rules, and what they do not judge."""
    frame = _ours(frame)
    frame.attrs |= {"rules": scoring.VERSION, "not_judged": scoring.NOT_JUDGED}
    return frame
