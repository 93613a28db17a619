"""Identifiers that look like the service's: 26 characters that sort by time, and depend only on the seed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Two characters are ten bits; thirteen pairs hold 48 bits of time and 80 of the rest.
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def identifier(moment: datetime, seed: int, counter: int) -> str:
    """Make the identifier of the counter-th object, made at this moment.

    Args:
        moment: when the object was made; identifiers sort by it, then by the counter.
        seed: the sandbox's seed.
        counter: a number used once.
    """
    salt = int.from_bytes(sha256(b"%d:%d" % (seed, counter)).digest()[:6])
    milliseconds, number = int(moment.timestamp() * 1000), counter & 0xFFFFFFFF
    # Sixty bits at a time stay small numbers, which are faster than one of 128 bits.
    low = (number & 0xFFF) << 48 | salt
    high = (milliseconds & 0xFF_FFFF_FFFF) << 20 | number >> 12
    return PAIRS[milliseconds >> 40] + _characters(high) + _characters(low)


def _characters(bits: int) -> str:
    """Write sixty bits as twelve characters."""
    return (
        PAIRS[bits >> 50]
        + PAIRS[bits >> 40 & 1023]
        + PAIRS[bits >> 30 & 1023]
        + PAIRS[bits >> 20 & 1023]
        + PAIRS[bits >> 10 & 1023]
        + PAIRS[bits & 1023]
    )
