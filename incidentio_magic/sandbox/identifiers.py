"""Identifiers that look like the service's: 26 characters that sort by time, and depend only on the seed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def identifier(moment: datetime, seed: int, counter: int) -> str:
    """Make the identifier of the counter-th object, made at this moment.

    Args:
        moment: when the object was made; identifiers sort by it, then by the counter.
        seed: the sandbox's seed.
        counter: a number used once.
    """
    salt = int.from_bytes(sha256(b"%d:%d" % (seed, counter)).digest()[:6])
    value = int(moment.timestamp() * 1000) << 80 | (counter & 0xFFFFFFFF) << 48 | salt
    characters = []
    for _ in range(13):
        value, pair = divmod(value, 1024)
        characters.append(PAIRS[pair])
    return "".join(reversed(characters))
