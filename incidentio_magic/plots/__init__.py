"""Charts of frames, as Vega-Lite specifications with a picture; drawing needs no network.

Pure: frames in, charts out.
Imports from `frames` and `timeline`; imported by `client`.
"""

from __future__ import annotations

from incidentio_magic.plots.chart import VEGA_LITE, Chart, require_extra
from incidentio_magic.plots.metrics import metrics_chart
from incidentio_magic.plots.timeline import timeline_chart

__all__ = ["VEGA_LITE", "Chart", "metrics_chart", "require_extra", "timeline_chart"]
