"""A client killed at any moment and its notebook run again from the top: everything is there once."""

from __future__ import annotations

import io
import random
import signal
import time
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import incidentio_magic.client  # noqa: F401  imported before the first child starts
from incidentio_magic.magics import extension  # noqa: F401
from incidentio_magic.writes import settling
from tests.faults.children import Child
from tests.faults.service import Service, environment

CELLS = [
    "%load_ext incidentio_magic",
    "%config IncidentMagics.timeout = 2.0",
    "%%incident_declare --severity Minor\nKilled {number}\nIts kernel dies again and again.",
    "%%incident_update --status Fixing\nKilled {number}: the cause is known",
    "%%incident_update\nKilled {number}: a second update",
    "%%incident_event --at 2026-01-15T00:01\nKilled {number}",
    '%incidents edit --field "Customers affected=42"',
    "%incidents page --to alice@example.com --title 'Killed {number}'",
    "%incidents acknowledge",
    "%%incident_followup\nKilled {number}",
    "%%incident_action\nKilled {number}",
    "%incidents attach https://example.com/killed/{number} --title 'Killed {number}'",
    "%%incident_update --severity Major\nKilled {number}: the last update",
]
COUNTS = {
    "incidents": ("incidents", "name", 1),
    "updates": ("incident_updates", "message", 3),
    "timeline items": ("incident_timeline_items", "title", 1),
    "pages": ("escalations", "title", 1),
    "follow-ups": ("follow_ups", "title", 1),
    "actions": ("actions", "description", 1),
    "attachments": ("incident_attachments", "resource.title", 1),
}


def run_notebook(number: int) -> list[str]:
    """Run the cells from the top in a fresh shell, as after a restart, and return the errors."""
    settling.SETTLED_AFTER = 2.0  # a service of this machine has carried out a request by then, or never will
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    failed = []
    for cell in CELLS:
        with redirect_stdout(io.StringIO()):
            result = shell.run_cell(cell.replace("{number}", str(number)))
        if not result.success:
            failed.append(f"{type(result.error_in_exec or result.error_before_exec).__name__}")
    return failed


def kills(count: int, *, seed: int = 1, share: float = 0.0) -> dict:
    """Run a notebook, kill it, run it again from the top until it ends, for `count` kills in all.

    Args:
        count: How often a client is killed.
        seed: Decides when.
        share: The share of requests that fail meanwhile.

    Returns:
        What was counted, and `wrong`, which should be empty.
    """
    dice = random.Random(seed)
    wrong, runs, cut = [], 0, 0
    with TemporaryDirectory() as folder, Service(folder) as service:
        begun = time.monotonic()
        whole = _timed(service, folder)
        service.fail(share) if share else None
        number = 0
        while cut < count:
            number += 1
            variables = environment(service, Path(folder) / f"ledger-{number}.jsonl")
            for _kill in range(dice.randint(1, 4)):
                child = Child(lambda: run_notebook(number), variables)  # noqa: B023  it runs at once
                time.sleep(dice.uniform(0, whole))
                child.kill(signal.SIGKILL)
                cut += child.result() is None
                runs += 1
            for _last in range(20):
                failed = Child(lambda: run_notebook(number), variables).result()  # noqa: B023
                runs += 1
                if not failed:
                    break
            else:
                wrong.append(f"notebook {number} never ended without an error: {failed}")
            wrong += [f"notebook {number}: {problem}" for problem in miscounted(service, number)]
        return {
            "asked": {"count": count, "seed": seed, "share": share},
            "notebooks": number,
            "runs": runs,
            "killed": cut,
            "seconds": round(time.monotonic() - begun, 1),
            "wrong": wrong,
        }


def _timed(service: Service, folder: str) -> float:
    """Return how long the notebook takes when nobody kills it."""
    begun = time.monotonic()
    failed = Child(lambda: run_notebook(0), environment(service, Path(folder) / "ledger-0.jsonl")).result()
    if failed or miscounted(service, 0):
        raise RuntimeError(f"the notebook does not run: {failed}, {miscounted(service, 0)}")
    return time.monotonic() - begun


def miscounted(service: Service, number: int) -> list[str]:
    """Return what is there more or less often than the notebook writes it."""
    problems = []
    for what, (table, text, expected) in COUNTS.items():
        query = f"SELECT count(*) FROM {table} WHERE json_extract(document, '$.{text}') GLOB ?"
        ((there,),) = service.rows(query, f"Killed {number}:*" if text == "message" else f"Killed {number}")
        if there != expected:
            problems.append(f"{there} {what} in place of {expected}")
    return problems
