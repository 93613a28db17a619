"""A long watch: thousands of refreshes, cells and simulated minutes leave threads, sockets and memory as they were."""

from __future__ import annotations

import gc
import io
import os
import sys
import threading
import time
from contextlib import contextmanager, redirect_stdout
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ipywidgets.widgets.widget import _instances as widgets

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.widgets.board import Board
from incidentio_magic.widgets.board_reader import Reader
from incidentio_magic.widgets.poller import SHORTEST, Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROWTH = 1.01  # times what was there after the first half, and one more: a server's pool may begin its last thread
ENDLESS = 10**9


class SimulatedClock:
    """Seconds that pass only when something waits."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.waits.append(seconds)
        self.seconds += seconds


def steady(act: Callable[[int], None], rounds: int) -> dict:
    """Do something many times and compare what is left after the second half with what was left after the first.

    Args:
        act: Does it; given the number of the round.
        rounds: How often.

    Returns:
        The figures after each half, and `wrong`, which should be empty.
    """
    begun = time.monotonic()
    for number in range(rounds // 10):  # caches fill, pools open
        act(-1 - number)
    halves = []
    for half in (0, 1):
        for number in range(rounds // 2):
            act(half * (rounds // 2) + number)
        gc.collect()
        halves.append(
            {
                "memory blocks": sys.getallocatedblocks(),
                "threads": threading.active_count(),
                "descriptors": len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0,
                "widgets": len(widgets),
            }
        )
    first, second = halves
    wrong = [
        f"more {name}: {first[name]}, then {second[name]}" for name in first if second[name] > first[name] * GROWTH + 1
    ]
    return {"rounds": rounds, "halves": halves, "seconds": round(time.monotonic() - begun, 1), "wrong": wrong}


@contextmanager
def _client(**options: object) -> Iterator[tuple[Sandbox, Incidents, SimulatedClock]]:
    clock = SimulatedClock()
    limits = {"rate": ENDLESS, "list_rate": ENDLESS // 10, **options}
    with TemporaryDirectory() as folder, Sandbox(seed=1, incidents=40, **limits) as sandbox:
        sandbox.service.rates._monotonic = clock
        settings = Settings(base_url=sandbox.url, key=Secret(sandbox.key), ledger=Path(folder) / "ledger.jsonl")
        with Incidents(settings, clock=clock, sleep=clock.sleep) as client:
            yield sandbox, client, clock
            sandbox.service.requests.clear()


def board(rounds: int) -> dict:
    """Refresh a board again and again, while incidents change."""
    with _client() as (sandbox, client, clock):
        poller = Poller(lambda _announce, _sleep: Reader(client), clock=clock, random=lambda: 0.5)
        poller.start = lambda: None  # its turns are taken here
        shown = Board(poller, {"open": True}, zone=UTC)
        references = list(client.incidents(open=True, severity=">=Minor")["reference"])

        def refresh(number: int) -> None:
            if number % 50 == 0:
                client.edit(references[number % len(references)], name=f"Renamed {number % 7}")
            clock.sleep(2 * SHORTEST)
            clock.waits.clear()
            sandbox.service.requests.clear()
            poller.read_due()

        found = steady(refresh, rounds)
        if shown.feed.error or shown.feed.snapshot is None:
            found["wrong"].append(f"the board does not show anything: {shown.feed.error}")
        shown.close()
        poller.close()
        return found


CELLS = [
    "%incidents severities --out words",
    "%incidents statuses --out words",
    "%incidents severities",
    "%incidents show {reference} --out one",
    "%incidents list --severity Majr",
    "%%incident_update {reference}\nThe same text again and again: {{{{ 1 + 1 }}}}",
    "%incidents list --limit 3",
    "%incidents declare --help",
    "%incidents use {reference}",
    "%incidents nonsense",
]


def cells(rounds: int) -> dict:
    """Run thousands of cells in one shell."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    with _client() as (sandbox, client, _clock):
        os.environ |= {
            "INCIDENTIO_BASE_URL": sandbox.url,
            "INCIDENTIO_API_KEY": sandbox.key,
            "INCIDENTIO_LEDGER": str(client.settings.ledger),
        }
        shell.run_line_magic("load_ext", "incidentio_magic")
        reference = client.incidents(open=True, type="Platform")["reference"].iloc[0]
        codes = [cell.format(reference=reference) for cell in CELLS]
        failed: dict[str, int] = {}

        def run(number: int) -> None:
            code = codes[number % len(codes)]
            with redirect_stdout(io.StringIO()):
                result = shell.run_cell(code, store_history=False)
            sandbox.service.requests.clear()
            shell.history_manager.outputs.clear()  # IPython keeps all that a session showed, for %notebook
            # The ledger's own growth is no leak: every write is a line.
            if number % 500 == 0:
                client.settings.ledger.unlink(missing_ok=True)
            if result.error_in_exec is not None:
                failed[code] = failed.get(code, 0) + 1

        found = steady(run, rounds)
        shell.run_line_magic("unload_ext", "incidentio_magic")
        shell.reset()
        InteractiveShell.clear_instance()
        meant = {code for code in codes if "Majr" in code or "nonsense" in code}
        found["wrong"] += [f"{code!r} failed {count} times" for code, count in failed.items() if code not in meant]
        return found


def day(minutes: int) -> dict:
    """Live through so many simulated minutes with the service's own rate limits, every hour with a rush.

    Every minute something is listed; every hour a hundred lists are asked for at once, more than the limit allows.
    """
    reported: list[str] = []
    with _client(rate=1200, list_rate=60) as (sandbox, client, clock):
        client.transport.announce = reported.append
        asked = refused = 0

        def live(minute: int) -> None:
            nonlocal asked, refused
            for _list in range(100 if minute % 60 == 30 else 1):
                client.incidents(open=True)
                asked += 1
            refused += sum(request["status"] == 429 for request in sandbox.requests)
            sandbox.service.requests.clear()
            clock.sleep(60)

        found = steady(live, minutes)
        longest = max((wait for wait in clock.waits if wait != 60), default=0.0)
        if reported.count("") * 2 != len(reported):
            found["wrong"].append("a wait was told and not taken back")
        if not reported and minutes >= 60:
            found["wrong"].append("no wait was told")
        if longest > client.settings.max_wait:
            found["wrong"].append(f"one wait took {longest:.0f} s")
        return found | {
            "lists": asked,
            "refused": refused,
            "waits told": len(reported) // 2,
            "longest wait": round(longest, 1),
        }
