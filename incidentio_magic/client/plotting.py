"""Charts of timelines and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.client.load import LoadMixin
from incidentio_magic.client.timeline import TimelineMixin

if TYPE_CHECKING:
    from incidentio_magic.names.query import Names
    from incidentio_magic.plots import Chart

_BY: Final = ("month", "severity")  # the default groupings of a chart of metrics


class PlotMixin(TimelineMixin, LoadMixin):
    """The charts of a connection."""

    def plot_timeline(self, *references: str, series: Any = None, **options: Any) -> Chart:
        """Return a chart of the timeline of one or several incidents. It displays itself; `chart.frame` is its data.

        Args:
            references: The incident or incidents.
            series: Your own metrics to draw below the timeline: a Series or a DataFrame indexed by time, or a dict of
                these by name.
            options: The arguments of `timeline`, by name.

        Raises:
            InputError: If a series cannot be drawn.
            SettingsError: If the extra `plot` is not installed.
        """
        from incidentio_magic.plots import require_extra, timeline_chart  # noqa: PLC0415  loads on first use

        require_extra()
        given = {} if series is None else series if isinstance(series, Mapping) else {_name(series): series}
        return timeline_chart(self.timeline(*references, **options), series=given, timezone=self.settings.timezone)

    def plot_metrics(self, *, by: Names = _BY, **options: Any) -> Chart:
        """Return a chart of how long incidents took. It displays itself; `chart.frame` is its data.

        Args:
            by: What to group by, at most two.
            options: The other arguments of `metrics`, by name.

        Raises:
            InputError: If there are more groupings than can be drawn.
            SettingsError: If the extra `plot` is not installed.
        """
        from incidentio_magic.plots import metrics_chart, require_extra  # noqa: PLC0415  loads on first use

        require_extra()
        return metrics_chart(self.metrics(by=by, **options))


def _name(series: Any) -> str:
    name = getattr(series, "name", None)
    return "series" if name is None else str(name)
