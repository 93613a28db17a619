"""Identifiers that look like the service's: 26 characters that sort by time, and depend only on the seed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Two characters are ten bits; thirteen pairs hold 48 bits of time and 80 of the rest.
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
SHIFTS = range(120, -1, -10)


def identifier(moment: datetime, seed: int, counter: int) -> str:
    """Make the identifier of the counter-th object, made at this moment.

    Args:
        moment: when the object was made; identifiers sort by it, then by the counter.
        seed: the sandbox's seed.
        counter: a number used once.
    """
    salt = int.from_bytes(sha256(b"%d:%d" % (seed, counter)).digest()[:6])
    value = int(moment.timestamp() * 1000) << 80 | (counter & 0xFFFFFFFF) << 48 | salt
    return "".join([PAIRS[value >> shift & 1023] for shift in SHIFTS])
