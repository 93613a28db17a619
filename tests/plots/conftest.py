"""Drawing a chart, which must succeed."""

from __future__ import annotations

import pytest


@pytest.fixture
def png_of():
    """Draw a chart, and insist that a picture comes out."""

    def png_of(chart):
        png = chart.png()
        assert png.startswith(b"\x89PNG")
        return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])

    return png_of
