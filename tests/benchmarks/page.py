"""One page of 250 incidents, from bytes to the wide frame: how long it takes and what it weighs."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
import psutil

from incidentio_magic.api import endpoints, models
from incidentio_magic.frames import Frames
from tests.benchmarks import vendor
from tests.benchmarks.figures import Figure, fresh, side_by_side, slack
from tests.benchmarks.service import page, sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = 250
PAGES_KEPT = 12


def ours(content: bytes) -> pd.DataFrame:
    """Return the wide frame, by the decoder that the client uses."""
    records = endpoints.decoder("incidents", list[models.Incident]).decode(content).content
    return Frames(show_private=True).incidents(records, wide=True)


def theirs(content: bytes) -> pd.DataFrame:
    """Return the same columns from the SDK's models."""
    return vendor.frame(vendor.models(content))


def normalized(content: bytes) -> pd.DataFrame:
    """Return what pandas makes of the JSON by itself: lists stay lists."""
    return pd.json_normalize(json.loads(content)["incidents"])


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    with sandbox() as (url, key):
        content = page(url, key, SIZE)
    _compare(ours(content), theirs(content))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.json"
        path.write_bytes(content)
        yield from _durations(str(path), rounds=1 if quick else 21, loose=slack(quick=quick))
        yield _memory(str(path))


def _durations(path: str, rounds: int, loose: int) -> Iterator[Figure]:
    found = side_by_side((ours, theirs, normalized), path, rounds)
    mine, sdk, plain = (min(each) for each in zip(*found, strict=True))
    numbers = {"ours_ms": mine * 1e3, "sdk_ms": sdk * 1e3, "json_normalize_ms": plain * 1e3}
    what = f"a page of {SIZE} incidents, bytes → wide frame"
    for other, took, least in (("the SDK's models", sdk, 8), ("json + json_normalize", plain, 2)):
        holds = took >= least / loose * mine
        yield Figure(
            f"{what}, against {other}", f"{took / mine:.1f} × faster", f"≥ {least / loose:g} ×", holds, numbers
        )


def _memory(path: str) -> Figure:
    frame, objects = (fresh(_grown, work, path) for work in (ours, vendor.models))
    return Figure(
        "memory of an incident in the wide frame, against the SDK's objects",
        f"{frame / objects:.3f} ({frame / 1024:.1f} of {objects / 1024:.1f} KiB)",
        "≤ 1/3",
        frame <= objects / 3,
        {"frame_bytes": frame, "sdk_bytes": objects},
    )


def _grown(work: Callable[[bytes], Any], path: str) -> float:
    """Return the bytes an incident takes, by what the process grows while it keeps page after page."""
    content = Path(path).read_bytes()
    work(content)
    own = psutil.Process()
    gc.collect()
    before = own.memory_info().rss
    kept = [work(content) for _ in range(PAGES_KEPT)]
    gc.collect()
    return float(own.memory_info().rss - before) / sum(map(len, kept))


def _compare(ours: pd.DataFrame, other: pd.DataFrame) -> None:
    """Make sure that both ways end in the same cells, or the comparison would mean nothing.

    Raises:
        AssertionError: If they do not.
    """
    assert set(ours.columns) == set(other.columns)
    for name in ours.columns:
        left, right = ours[name], other[name]
        if str(left.dtype) == "category":
            left, right = left.astype("string"), right.astype("string")
        pd.testing.assert_series_equal(left, right, check_names=False)
