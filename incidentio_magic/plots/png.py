"""Pictures made small: a notebook that is saved and committed carries them along."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PIXELS: Final = b"IDAT"
_AROUND: Final = 12  # bytes of a chunk beside its content: length, kind, checksum


def packed(png: bytes) -> bytes:
    """Return the same picture, its pixels compressed well; the tool that draws it packs them in haste.

    Args:
        png: A PNG.
    """
    chunks = list(_chunks(png))
    pixels = zlib.compress(zlib.decompress(b"".join(content for kind, content in chunks if kind == _PIXELS)))
    first = next(place for place, (kind, _content) in enumerate(chunks) if kind == _PIXELS)
    others = [(place, kind, content) for place, (kind, content) in enumerate(chunks) if kind != _PIXELS]
    before = [_chunk(kind, content) for place, kind, content in others if place < first]
    after = [_chunk(kind, content) for place, kind, content in others if place > first]
    return b"".join([_SIGNATURE, *before, _chunk(_PIXELS, pixels), *after])


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += _AROUND + length


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
