"""A large organisation: long lists, wide pages and figures over many incidents, each against its floor in one run."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
import psutil
import requests

from incidentio_magic import connect
from incidentio_magic.api import models
from incidentio_magic.api.decoding import decode
from incidentio_magic.frames import Frames
from incidentio_magic.metrics import Observations
from tests.benchmarks.figures import Figure, fresh, side_by_side, slack
from tests.benchmarks.large_organisation import large_organisation
from tests.benchmarks.organisation import Organisation, Size

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 250
AT_ONCE = 6  # requests, as the client makes them
MOST_MEMORY = 250  # MB above what the process had before
FEWER = 5  # times
MOST_GROWTH = 1.3  # times the memory of a process with a 5th of the incidents


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    count, loose = 5_000 if quick else 50_000, slack(quick=quick)
    with large_organisation(latency=0, size=Size(incidents=count // FEWER)) as (url, key):
        fewer = fresh(_listed, url, key)["most"]
    with large_organisation(latency=0, size=Size(incidents=count)) as (url, key):
        rounds = [(fresh(_listed, url, key), fresh(_fetched, url, key, count)) for _ in range(1 if quick else 3)]
    walls = min(mine["wall"] for mine, _floor in rounds), min(floor["wall"] for _mine, floor in rounds)
    cpus = min(mine["cpu"] for mine, _floor in rounds), min(floor["cpu"] for _mine, floor in rounds)
    grown, most = (max(mine[name] for mine, _floor in rounds) for name in ("grown", "most"))
    yield Figure(
        f"a narrow list of {count:,} incidents of 40 fields, against fetching its bytes {AT_ONCE} at a time",
        f"{walls[0] / walls[1]:.1f} × the wall ({walls[0]:.1f} s), {cpus[0] / cpus[1]:.1f} × the processor time "
        f"({cpus[0]:.1f} s), {grown:.0f} MB more at most; {most / fewer:.2f} × the memory of a process with a "
        f"{FEWER}th of them",
        f"≤ {1.5 * loose:g} ×, ≤ {2 * loose} ×, ≤ {MOST_MEMORY} MB, ≤ {MOST_GROWTH} ×",
        walls[0] <= 1.5 * loose * walls[1]
        and cpus[0] <= 2 * loose * cpus[1]
        and grown <= MOST_MEMORY
        and most <= MOST_GROWTH * fewer,
        {
            "seconds": walls[0],
            "floor_seconds": walls[1],
            "cpu": cpus[0],
            "floor_cpu": cpus[1],
            "megabytes": grown,
            "process_megabytes": most,
            "process_megabytes_of_fewer": fewer,
        },
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.json"
        path.write_bytes(_page())
        works = (_decoded, _arrays, _wide, _decoded_to_measure, _observed)
        turns = side_by_side(works, str(path), 1 if quick else 5)
    decoded, arrays, wide, slim, observed = (min(times) for times in zip(*turns, strict=True))
    least = decoded + arrays
    yield Figure(
        f"bytes to the wide frame of a page of {PAGE} with 40 fields, against decoding them to whole records, and "
        "pandas alone making arrays of the cells",
        f"{wide / least:.1f} × ({wide * 1e3:.0f}, {decoded * 1e3:.0f} and {arrays * 1e3:.0f} ms)",
        f"≤ {1.5 * loose:g} ×",
        wide <= 1.5 * loose * least,
        {"wide_ms": wide * 1e3, "decode_ms": decoded * 1e3, "arrays_ms": arrays * 1e3},
    )
    yield Figure(
        f"bytes to what the metrics keep of {PAGE} incidents, against decoding the parts they need",
        f"{observed / slim:.1f} × ({observed * 1e3:.1f} and {slim * 1e3:.1f} ms)",
        f"≤ {2 * loose} ×",
        observed <= 2 * loose * slim,
        {"observed_ms": observed * 1e3, "decode_ms": slim * 1e3},
    )


def _listed(url: str, key: str) -> dict[str, float]:
    """Return what a whole narrow list takes in a process that is warm."""
    with connect(url, key) as io:
        io.incidents(limit=10)
        with _Memory() as memory:
            took = _timed(lambda: io.incidents(all=True))
        frame = took.pop("result")
        if not frame.attrs["complete"]:
            raise RuntimeError(frame.attrs["why_incomplete"])
    return took | {"grown": memory.grown, "most": memory.most}


def _fetched(url: str, key: str, count: int) -> dict[str, float]:
    """Return what fetching the same bytes takes."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"

    def page(after: int) -> int:
        return len(session.get(f"{url}/v2/incidents", params={"page_size": PAGE, "after": after}, timeout=60).content)

    page(count)

    def everything() -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            sum(threads.map(page, range(count, 0, -PAGE)))

    took = _timed(everything)
    took.pop("result")
    return took


def _timed(work: Any) -> dict[str, Any]:
    gc.collect()
    start, processor = time.perf_counter(), time.process_time()
    result = work()
    return {"wall": time.perf_counter() - start, "cpu": time.process_time() - processor, "result": result}


class _Memory:
    """Watches how much the process grows, in MB."""

    def __enter__(self) -> Self:
        self._process = psutil.Process()
        self._before = self._most = self._process.memory_info().rss
        self._ended = Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self._most = max(self._most, self._process.memory_info().rss)

    @property
    def grown(self) -> float:
        """How much it grew at most."""
        return float(self._most - self._before) / 1e6

    @property
    def most(self) -> float:
        """How much it had at most."""
        return float(self._most) / 1e6


def _page() -> bytes:
    organisation = Organisation(Size(incidents=PAGE, open_incidents=0, users=1000, entries=9900))
    rows = b",".join(organisation.incident(number) for number in range(PAGE))
    return b'{"incidents":[' + rows + b'],"pagination_meta":{"page_size":250}}'


def _decoded(content: bytes) -> Any:
    return decode(content, "incidents", list[models.Incident]).content


def _wide(content: bytes) -> Any:
    return Frames().incidents(decode(content, "incidents", list[models.WideIncident]).content, wide=True)


def _arrays(content: bytes) -> Any:
    """Return what pandas makes of the cells of a wide frame, each column by its dtype."""
    return pd.DataFrame(
        {name: pd.array(values, dtype=dtype) for name, (values, dtype) in _cells(content).items()}, copy=False
    )


@lru_cache(maxsize=1)
def _cells(content: bytes) -> dict[str, tuple[list[Any], Any]]:
    frame = _wide(content)
    return {
        str(name): (column.astype(object).where(column.notna(), None).to_list(), column.dtype)
        for name, column in frame.items()
    }


def _decoded_to_measure(content: bytes) -> Any:
    return decode(content, "incidents", list[models.MeasuredIncident]).content


def _observed(content: bytes) -> Any:
    observations = Observations()
    for incident in _decoded_to_measure(content):
        observations.add(incident)
    return observations
