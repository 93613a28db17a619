"""What a benchmark finds: figures that are ratios of two measurements in one run, and the table they make."""

from __future__ import annotations

import gc
import multiprocessing
import time
import timeit
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


TURN = 0.4  # processor seconds
SLACK = 2  # how much worse a quick figure may be: it has one round, and the machine does other things


def slack(*, quick: bool) -> int:
    """Return by how much a bound on time is loosened: a quick run finds what got twice as slow, not a tenth."""
    return SLACK if quick else 1


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


def side_by_side(works: Sequence[Callable[[bytes], Any]], path: str, rounds: int) -> list[tuple[float, ...]]:
    """Return for each round the processor seconds that each of `works` takes on a file's bytes.

    Each has a process of its own, and they take turns, so that a busy moment of the machine harms all alike.
    """
    with ExitStack() as stack:
        pools = [stack.enter_context(multiprocessing.get_context("spawn").Pool(1)) for _ in works]
        found = (
            tuple(pool.apply(_seconds, (work, path)) for pool, work in zip(pools, works, strict=True))
            for _ in range(rounds + 1)
        )
        return list(found)[1:]  # the first one also loads what it needs


def _seconds(work: Callable[[bytes], Any], path: str) -> float:
    """Return the least of as many runs as take `TURN`: the quick and the slow are equally warm."""
    content = Path(path).read_bytes()
    # With the garbage collector, which timeit leaves out: it runs in a notebook, too.
    timer = timeit.Timer(lambda: work(content), setup=gc.enable, timer=time.process_time)
    took = [timer.timeit(1)]
    while sum(took) < TURN:
        took.append(timer.timeit(1))
    return min(took)


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    return "\n".join(["| what | found | must be | |", "|---|---|---|---|", *map(row, figures)])


def row(figure: Figure) -> str:
    """Return a figure as a row of a Markdown table."""
    cells = (figure.what, figure.found, figure.must, "✓" if figure.holds else "✗")
    return f"| {' | '.join(cells)} |"
