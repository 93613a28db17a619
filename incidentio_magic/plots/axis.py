"""The time axis that all parts of a timeline share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.moments import later, local
from incidentio_magic.plots.looks import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

WINDOW: Final = "window"
"""The name of the selection of the visible time window."""

_MARGIN: Final = 0.02
_BESIDE: Final = 0.08  # before and after an impact
_LONELY: Final = timedelta(minutes=5)
_CUT_BELOW: Final = 12
_CLOSE: Final = 2
_FORMATS: Final = {
    "year": "%Y",
    "quarter": "%b %Y",
    "month": "%b %Y",
    "week": "%b %d",
    "date": "%b %d",
    "hours": "%H:%M",
    "minutes": "%H:%M",
    "seconds": "%H:%M:%S",
    "milliseconds": "%H:%M:%S.%L",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True)
class TimeAxis:
    """The time axis: the drawn time, and the positions of moments.

    Args:
        start: The beginning of all the time.
        end: The end of all the time.
        window: The part that is visible at first.
        zone: The time zone of displayed times.
    """

    start: datetime
    end: datetime
    window: tuple[datetime, datetime]
    zone: ZoneInfo

    @property
    def is_cut(self) -> bool:
        """Whether only a part is visible at first."""
        return self.window != (self.start, self.end)

    @property
    def offset(self) -> timedelta:
        """The zone's offset from UTC at the start of the window; used for the whole axis, so no hour appears twice."""
        begin = local(self.window[0], self.zone)
        return (begin.utcoffset() if begin else None) or timedelta()

    @property
    def title(self) -> str:
        """The zone's name, and its offset from UTC if that is not zero."""
        if not self.offset:
            return self.zone.key
        minutes = round(self.offset.total_seconds() / 60)
        return f"{self.zone.key} (UTC{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})"

    def place(self, moment: datetime) -> int:
        """Return a moment as a number: its local time as milliseconds, as if it were UTC."""
        return (moment - _EPOCH + self.offset) // _MILLISECOND

    def pixels(self, moment: datetime) -> float:
        """Return a moment's distance from the left end of the window in pixels; negative before it."""
        return (moment - self.window[0]) / (self.window[1] - self.window[0]) * WIDTH

    def whole_pixels(self, moment: datetime) -> float:
        """Return a moment's distance from the left end of all the time in pixels."""
        return (moment - self.start) / (self.end - self.start) * WIDTH

    def clock(self, moment: datetime) -> str:
        """Return the time of day of a moment."""
        here = local(moment, self.zone)
        return f"{here:%H:%M:%S}" if here else ""

    def written(self, moment: datetime) -> str:
        """Return a formatted moment."""
        here = local(moment, self.zone)
        return f"{here:%Y-%m-%d %H:%M:%S %Z}" if here else "at an unknown time"

    def encoding(self, field: str, *, axis: dict[str, Any] | None = None, whole: bool = False) -> dict[str, Any]:
        """Return the x encoding of a field that holds positions in time.

        Args:
            field: The field's name.
            axis: The look of the axis; None for no axis.
            whole: Whether to show all the time instead of the window.
        """
        domain: Any = [self.place(self.start), self.place(self.end)]
        if self.is_cut and not whole:
            domain = {"param": WINDOW}
        return {"field": field, "type": "temporal", "scale": {"type": "utc", "domain": domain}, "axis": axis}

    def ticks(self, title: str | None) -> dict[str, Any]:
        """Return the look of the axis, with a 24-hour clock.

        Args:
            title: The title below it.
        """
        return {"title": title, "labelOverlap": True, "grid": True, "tickCount": 10, "format": _FORMATS}

    def selection(self) -> dict[str, Any]:
        """Return the selection with which a reader moves the window, in its initial state."""
        return {
            "name": WINDOW,
            "select": {"type": "interval", "encodings": ["x"], "mark": {"fill": "#808080", "fillOpacity": 0.25}},
            "value": {"x": [self.place(self.window[0]), self.place(self.window[1])]},
        }


def axis_over(
    moments: Sequence[datetime],
    *,
    until: datetime | None,
    zone: ZoneInfo,
    impact: tuple[datetime, datetime] | None = None,
) -> TimeAxis:
    """Return the axis for events; its window is the impact, else the period with most events.

    Hours of work are often followed by quiet days. So the window is the impact, from its start or the declaration to
    its end, if known; else the shortest period with 70 % of the events, plus the events close to it. It is all the time
    if that is less than twice as long (without a known impact, less than twelve times).

    Args:
        moments: When the events happened, in order; at least one.
        until: The current moment if the incident is open; None if it is over.
        zone: The time zone of displayed times.
        impact: When the impact began and ended.
    """
    last = max(moments[-1], until) if until else moments[-1]
    start, end = _padded(moments[0], last)
    if impact is not None and impact[0] < impact[1] and impact[1] > moments[0] and impact[0] < last:
        window = _padded(impact[0], impact[1], _BESIDE)
        if (window[1] - window[0]) * 2 > end - start:
            return TimeAxis(start, end, (start, end), zone)
        return TimeAxis(min(start, window[0]), max(end, window[1]), window, zone)
    busy = _busy(moments)
    if (busy[1] - busy[0]) * _CUT_BELOW > last - moments[0]:
        return TimeAxis(start, end, (start, end), zone)
    return TimeAxis(start, end, _padded(*busy), zone)


def _busy(moments: Sequence[datetime]) -> tuple[datetime, datetime]:
    most = -(-len(moments) * 7 // 10)
    first = min(range(len(moments) - most + 1), key=lambda place: moments[place + most - 1] - moments[place])
    last = first + most - 1
    while True:
        near = (moments[last] - moments[first]) / _CLOSE
        if last + 1 < len(moments) and moments[last + 1] - moments[last] <= near:
            last += 1
        elif first and moments[first] - moments[first - 1] <= near:
            first -= 1
        else:
            return moments[first], moments[last]


def _padded(first: datetime, last: datetime, share: float = _MARGIN) -> tuple[datetime, datetime]:
    margin = (last - first) * share or _LONELY
    return later(first, -margin) or first, later(last, margin) or last
