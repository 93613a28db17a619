"""How much one template may make, and for how long it may run: it must not hang the kernel, nor fill its memory."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from math import prod
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LARGEST: Final = 1_000_000  # characters, bytes or items of one value
_MOST: Final = 10 * LARGEST  # of all values together
SECONDS: Final = 5.0
_CELLS_OF_ONE: Final = 10  # cells of a table that count as one character
_MOST_BITS: Final = 20_000  # of a number; as many as Python turns into digits
_HINT: Final = "compute it in a cell above, and use the result"


class Budget:
    """What one template has left.

    Args:
        clock: Seconds from any start, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + SECONDS
        self._left = _MOST

    def spend(self, value: Any = None) -> Any:
        """Count a step and what it made, and return that.

        Raises:
            TemplateError: If it is too much, or takes too long.
        """
        size = 1 + size_of(value)
        self._left -= size
        if size > LARGEST or self._left < 0:
            raise too_much()
        if self._clock() > self._until:
            raise TemplateError(f"The template takes longer than {SECONDS:.0f} s.", hint=_HINT)
        return value

    def spent(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield values one by one, each counted."""
        for value in values:
            yield self.spend(value)


def size_of(value: Any) -> int:
    """Return how many characters, bytes or items a value has; how many digits, roughly, a number; a table's cells."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value.bit_length() // 3
    if isinstance(value, str | bytes | Sequence | Mapping | AbstractSet):
        return len(value)
    return _weight(shape) if isinstance(shape := getattr(value, "shape", None), tuple) else 0


def cells_of_both(left: Any, right: Any) -> int:
    """Return the size of what two arrays are computed into, of which each side may be spread over the other's."""
    shapes = [one.shape for one in (left, right) if type(one).__module__ == "numpy"]
    return _weight(tuple(map(max, zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1)))) if shapes else 0


def _weight(shape: tuple[int, ...]) -> int:
    """Return the size that counts of so many cells: a table may well be larger than a text."""
    return prod(shape) // _CELLS_OF_ONE


def allow(size: int) -> None:
    """Refuse to make a value of this size, before it is made.

    Raises:
        TemplateError: If it is too large.
    """
    if size > LARGEST:
        raise too_much()


def allow_bits(bits: float) -> None:
    """Refuse to compute a number of so many bits.

    Raises:
        TemplateError: If it is too large.
    """
    if bits > _MOST_BITS:
        raise TemplateError("The template computes too large a number.", hint=_HINT)


def too_much() -> TemplateError:
    """Return the error of a template that makes too much."""
    return TemplateError(f"The template makes more than {LARGEST:,} characters.", hint=_HINT)
