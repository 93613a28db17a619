"""Plays a whole incident in a real IPython shell: each cell is printed, then run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from incidentio_magic import sandbox  # noqa: F401  a missing extra must fail before the story begins

if TYPE_CHECKING:
    from collections.abc import Sequence

_UPDATE: Final = (
    "%%incident_update --status Fixing\nThe error rate is **{{ error_rate | round(1) }} %**, rolling the deploy back."
)
_DECLARE: Final = """%%incident_declare --severity Minor --mode test
Checkout answers with errors
Seen by the synthetic checks of eu-west since the last deploy."""
CELLS: Final = (
    "%load_ext incidentio_magic",
    "%incidents sandbox",
    "%incidents",
    "%incidents severities",
    _DECLARE,
    "failed, requests = 733, 10_000\nerror_rate = 100 * failed / requests",
    _UPDATE,
    _UPDATE,  # as after Run All: nothing is shared twice
    "%%incident_update --severity Major\nThe rollback does not help, payments fail as well.",
    "%%incident_update --status Closed\nThe database has a new primary, the error rate is back to {{ 0.1 }} %.",
    "%incidents updates",
    "%incidents sandbox stop",
)


def main(arguments: Sequence[str]) -> int:
    """Play the demo and return 0, or 1 if a cell failed.

    Args:
        arguments: None are taken, except --help.
    """
    argparse.ArgumentParser(prog="python -m incidentio_magic demo", description=__doc__).parse_args(arguments)
    config = Config()
    config.HistoryManager.enabled = False  # a demonstration leaves nothing behind
    shell: Any = InteractiveShell.instance(config=config)
    failed = False
    for number, cell in enumerate(CELLS, 1):
        first, *more = cell.split("\n")
        print("\n".join([f"\nIn [{number}]: {first}", *(f"   ...: {line}" for line in more)]), flush=True)  # noqa: T201
        failed = not shell.run_cell(cell, store_history=True).success or failed
    shell.run_line_magic("unload_ext", "incidentio_magic")
    return int(failed)
