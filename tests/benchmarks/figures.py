"""What a benchmark finds: figures that are ratios of two measurements in one run, and the table they make."""

from __future__ import annotations

import multiprocessing
import timeit
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Args:
        what: What is measured.
        found: What came out, to read.
        must: What must come out, to read.
        holds: Whether it did.
        numbers: The measurements behind it, with their units in their names.
    """

    what: str
    found: str
    must: str
    holds: bool
    numbers: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


def fresh(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what `work` returns in a new process, whose memory nobody else has used."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def least(work: Callable[[bytes], Any], path: str, rounds: int) -> float:
    """Return the least seconds that `work` takes on a file's bytes."""
    content = Path(path).read_bytes()
    return min(timeit.repeat(lambda: work(content), number=1, repeat=rounds))


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| what | found | must be | |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.found} | {one.must} | {'✓' if one.holds else '✗'} |" for one in figures]
    return "\n".join(lines)
