"""Pictures are made small and stay what they show."""

from __future__ import annotations

from io import BytesIO

import vl_convert
from PIL import Image, ImageChops

from incidentio_magic.plots.looks import config, note
from incidentio_magic.plots.png import packed


def test_the_same_picture_in_less():
    """The picture keeps its size and looks the same, and takes less than half the bytes."""
    png = vl_convert.vegalite_to_png({**note("Nothing"), "config": config()}, vl_version="5.20", scale=2)
    small = packed(png)
    before, after = (Image.open(BytesIO(content)).convert("RGB") for content in (png, small))
    assert after.size == before.size
    # Steps between ink and page may fall on the next colour of the palette, which no eye tells apart.
    assert max(highest for _lowest, highest in ImageChops.difference(before, after).getextrema()) <= 24
    assert len(small) < len(png) / 2
