"""Identifiers that look like the service's: 26 characters that sort by time, and depend only on the seed."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Three characters are fifteen bits.
TRIPLES = [first + second + third for first in ALPHABET for second in ALPHABET for third in ALPHABET]


def identifier(moment: datetime, seed: int, counter: int) -> str:
    """Make the identifier of the counter-th object, made at this moment.

    Args:
        moment: when the object was made; identifiers sort by it, then by the counter.
        seed: the sandbox's seed.
        counter: a number used once.
    """
    salt = int.from_bytes(sha256(b"%d:%d" % (seed, counter)).digest()[:6])
    return _beginning(moment, counter >> 12 & 0xFFFFF) + _characters((counter & 0xFFF) << 48 | salt)


@lru_cache(maxsize=64)
def _beginning(moment: datetime, number: int) -> str:
    """Write 48 bits of milliseconds and twenty of a number as fourteen characters."""
    milliseconds = int(moment.timestamp() * 1000)
    return TRIPLES[milliseconds >> 40][1:] + _characters((milliseconds & 0xFF_FFFF_FFFF) << 20 | number)


def _characters(bits: int) -> str:
    """Write sixty bits as twelve characters; whole numbers of this size are fast."""
    return TRIPLES[bits >> 45] + TRIPLES[bits >> 30 & 32767] + TRIPLES[bits >> 15 & 32767] + TRIPLES[bits & 32767]
