"""Charts of frames: pure functions from frames to Vega-Lite specifications, which need no network."""

from __future__ import annotations

from incidentio_magic.plots.chart import VEGA_LITE, Chart, require_extra
from incidentio_magic.plots.metrics import BY, metrics_chart
from incidentio_magic.plots.timeline import timeline_chart

__all__ = ["BY", "VEGA_LITE", "Chart", "metrics_chart", "require_extra", "timeline_chart"]
