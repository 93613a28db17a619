"""Pictures are packed without changing a pixel."""

from __future__ import annotations

import struct
import zlib

import vl_convert

from incidentio_magic.plots.looks import config, said
from incidentio_magic.plots.png import packed


def chunks(png):
    """Return the chunks of a PNG, each with its checksum checked."""
    found, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert png[place + 8 + length : place + 12 + length] == struct.pack(">I", zlib.crc32(kind + content))
        found.append((kind, content))
        place += 12 + length
    return found


def pixels(png):
    """Return the pixels of a PNG."""
    return zlib.decompress(b"".join(content for kind, content in chunks(png) if kind == b"IDAT"))


def test_the_same_picture_in_less():
    """Every other chunk and every pixel stay, in their order, and there are fewer bytes."""
    png = vl_convert.vegalite_to_png({**said("Nothing"), "config": config()}, vl_version="5.20", scale=2)
    small = packed(png)
    assert small[:8] == png[:8]
    assert pixels(small) == pixels(png)
    assert [one for one in chunks(small) if one[0] != b"IDAT"] == [one for one in chunks(png) if one[0] != b"IDAT"]
    assert len(small) < len(png) / 2
