"""Lays out the events: lanes for related kinds, rows within them, and groups in crowded places."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from incidentio_magic.plots.looks import CHARACTER, WIDTH, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LANES: Final = {
    "updates": ("declaration", "update", "status", "severity", "merge", "note", "status_page"),
    "pages": ("page", "notification", "acknowledgement", "escalation"),
    "alerts": ("alert", "investigation"),
    "people": ("role", "channel", "call", "transcript", "message"),
    "work": ("action", "follow_up", "workflow", "postmortem"),
    "record": ("field", "incident", "timestamp", "other"),
}
"""The lanes from top to bottom, and the kinds of events in each; unknown kinds belong to the lane "record"."""

PAGES: Final = "pages"
ROW: Final = 18  # pixels from one row of a lane to the next
_PADDING: Final = 10
_ROWS: Final = 4
_POINT: Final = 12  # pixels of width
_LONGEST: Final = 46  # characters of a label
_SHORTEST: Final = 10
_MOST_MARKS: Final = 110
_FEW: Final = 18  # a lane with up to this many events is never grouped
_BIN: Final = 38.0  # pixels within which events become one mark
_WIDEST_BIN: Final = 2.0**40

_LANE_OF: Final = {kind: lane for lane, kinds in LANES.items() for kind in kinds}


@dataclass
class Mark:
    """A point of the chart: an event, or several that lie too close to be distinguished.

    Args:
        lane: Its lane.
        pixel: Its distance from the left end of the window; negative before it.
        row: Its row within the lane, from the top.
        events: The positions of its events in the frame.
        label: The label beside it; empty if there is no room.
        side: 1 if the label is on the right, -1 if it is on the left.
    """

    lane: str
    pixel: float
    row: int
    events: list[int] = field(default_factory=list)
    label: str = ""
    side: int = 1


def lane_of(kind: str) -> str:
    """Return the lane of a kind of event."""
    return _LANE_OF.get(kind, "record")


def arranged(
    names: Sequence[str], pixels: Sequence[float], labels: Sequence[str], order: Iterable[str] = LANES
) -> list[Mark]:
    """Return the marks of events, at most 110, in the order of the lanes.

    Args:
        names: The lane of each event.
        pixels: The distance of each from the left end of the window, in order.
        labels: The label of each.
        order: The lanes from top to bottom.
    """
    by_lane: dict[str, list[int]] = {name: [] for name in order}
    for place, name in enumerate(names):
        by_lane[name].append(place)
    spread = {lane: _in_lane(lane, places, pixels, labels) for lane, places in by_lane.items()}
    width = _BIN
    while sum(map(len, spread.values())) > _MOST_MARKS and width < _WIDEST_BIN:
        crowded = [lane for lane, places in by_lane.items() if len(places) > _FEW]
        spread |= {lane: _binned(lane, by_lane[lane], pixels, labels, width) for lane in crowded}
        width *= 2
    return [mark for marks in spread.values() for mark in marks]


def _binned(
    lane: str, places: Sequence[int], pixels: Sequence[float], labels: Sequence[str], width: float
) -> list[Mark]:
    """Return one row of marks for a crowded lane; each mark groups the events of a stretch of time."""
    groups: list[list[int]] = []
    for place in places:
        if groups and pixels[place] - pixels[groups[-1][0]] < width:
            groups[-1].append(place)
        else:
            groups.append([place])  # far enough from the previous group that the numbers do not overlap
    marks = [Mark(lane, pixels[held[0]], 0, held, str(len(held))) for held in groups]
    for mark, following in zip_longest(marks, marks[1:]):
        if len(mark.events) == 1:
            mark.label = _fitting(
                labels[mark.events[0]], (following.pixel if following else WIDTH) - mark.pixel - 2 * _POINT
            )
    return marks


def heights(marks: Iterable[Mark], order: Iterable[str] = LANES) -> dict[str, tuple[int, int]]:
    """Return the top and the height of each lane that has marks, in pixels.

    Args:
        marks: The marks.
        order: The lanes from top to bottom.
    """
    rows: dict[str, int] = {}
    for mark in marks:
        rows[mark.lane] = max(rows.get(mark.lane, 0), mark.row + 1)
    found, top = {}, 0
    for lane in order:
        if lane in rows:
            height = rows[lane] * ROW + _PADDING
            found[lane] = (top, height)
            top += height
    return found


def _in_lane(lane: str, places: Sequence[int], pixels: Sequence[float], labels: Sequence[str]) -> list[Mark]:
    marks: list[Mark] = []
    free = [float("-inf")] * _ROWS  # where each row becomes free for a point with its label
    bare = [float("-inf")] * _ROWS  # where each row becomes free for a point without a label
    last: list[Mark | None] = [None] * _ROWS
    for place in places:
        pixel = pixels[place]
        row = next((number for number in range(_ROWS) if pixel >= max(free[number], bare[number])), None)
        mark = Mark(lane, pixel, row or 0, [place])
        if row is not None:
            _label(mark, labels[place], free[row])
        else:
            row = mark.row = max(range(_ROWS), key=lambda number: pixel - bare[number])
            before = last[row]
            if before is not None and pixel < bare[row]:
                before.events.append(place)
                continue
            if before is not None and before.side > 0:
                before.label = _fitting(before.label, pixel - before.pixel - 2 * _POINT)
        marks.append(mark)
        last[row] = mark
        bare[row] = pixel + _POINT
        free[row] = pixel + _POINT + (len(mark.label) + 2) * CHARACTER if mark.side > 0 else pixel + _POINT
    for mark in marks:
        if len(mark.events) > 1:
            mark.label = _grouped(mark, labels)
    return marks


def _label(mark: Mark, label: str, free: float) -> None:
    """Write a label to the right of a mark, or to the left at the right end of the window."""
    if not 0 <= mark.pixel <= WIDTH:
        mark.label = shortened(label, _LONGEST)
        return
    mark.label = _fitting(label, WIDTH - mark.pixel - _POINT)
    if len(mark.label) < min(len(label), _LONGEST):
        before = _fitting(label, mark.pixel - max(free, 0) - 2 * _POINT)
        if len(before) > len(mark.label):
            mark.label, mark.side = before, -1


def _grouped(mark: Mark, labels: Sequence[str]) -> str:
    """Return the label of a group: how many events it holds, and the first of them if there is room."""
    count = f"{len(mark.events)} events"
    if not mark.label or len(mark.label) < len(count):
        return count if mark.label else ""
    return shortened(f"{count}: {labels[mark.events[0]]}", len(mark.label))


def _fitting(label: str, pixels: float) -> str:
    room = int(pixels / CHARACTER)
    return shortened(label, min(room, _LONGEST)) if room >= min(_SHORTEST, len(label)) else ""
