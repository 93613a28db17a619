"""Identifiers that look like the service's: 26 characters that sort by time and are the same for the same seed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Two characters are ten bits; a table of all triples would not stay in a processor's cache.
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


class Identifiers:
    """Makes the identifiers of one sandbox.

    Args:
        seed: the sandbox's seed.
    """

    def __init__(self, seed: int) -> None:
        self._salt = sha256(b"%d:" % seed)  # a copy of it is faster than a new one

    def make(self, at: str, counter: int) -> str:
        """Make the identifier of the counter-th object.

        Args:
            at: when the object was made, as the store keeps it; identifiers sort by it, then by the counter.
            counter: a number used once.
        """
        salt = self._salt.copy()
        salt.update(b"%d" % counter)
        bits = (counter & 0xFFF) << 48 | int.from_bytes(salt.digest()[:6])
        return (
            f"{_beginning(at, counter >> 12)}{PAIRS[bits >> 50]}{PAIRS[bits >> 40 & 1023]}{PAIRS[bits >> 30 & 1023]}"
            f"{PAIRS[bits >> 20 & 1023]}{PAIRS[bits >> 10 & 1023]}{PAIRS[bits & 1023]}"
        )


def identifier(moment: datetime, seed: int, counter: int) -> str:
    """Make one identifier: that of the counter-th object, made at this moment.

    Args:
        moment: when the object was made.
        seed: the sandbox's seed.
        counter: a number used once.
    """
    return Identifiers(seed).make(moment.isoformat(), counter)


@lru_cache(maxsize=64)  # many objects are made at the same time
def _beginning(at: str, number: int) -> str:
    """Write milliseconds as ten characters, and the lowest twenty bits of a number as four."""
    time = int(datetime.fromisoformat(at).timestamp() * 1000)
    return (
        f"{PAIRS[time >> 40]}{PAIRS[time >> 30 & 1023]}{PAIRS[time >> 20 & 1023]}{PAIRS[time >> 10 & 1023]}"
        f"{PAIRS[time & 1023]}{PAIRS[number >> 10 & 1023]}{PAIRS[number & 1023]}"
    )
