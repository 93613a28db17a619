"""Identifiers that look like the service's: 26 characters that sort by time, and depend only on the seed."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
LENGTH = 26


def identifier(moment: datetime, seed: int, counter: int) -> str:
    """Make the identifier of the counter-th object, made at this moment.

    Args:
        moment: when the object was made; identifiers sort by it, then by the counter.
        seed: the sandbox's seed.
        counter: a number used once.
    """
    salt = int.from_bytes(sha256(b"%d:%d" % (seed, counter)).digest()[:6])
    value = int(moment.timestamp() * 1000) << 80 | (counter & 0xFFFFFFFF) << 48 | salt
    # 20 bytes are 32 characters; the first six are nothing but zeros.
    return b32encode(value.to_bytes(20)).translate(CROCKFORD)[-LENGTH:].decode()
