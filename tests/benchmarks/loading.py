"""`import incidentio_magic` and `%load_ext`, in fresh processes with a shell: how long, and what else they load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.benchmarks.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = ("altair", "ipywidgets", "pandas", "requests")
PROGRAM = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
start = time.perf_counter()
{work}
took = time.perf_counter() - start
print(json.dumps([took, sorted(set(sys.modules) - before)]))
"""
LOAD = "import incidentio_magic; shell.run_line_magic('load_ext', 'incidentio_magic')"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    _fresh(LOAD)  # so that its bytecode is there, as an installed package's is
    rounds = [(_fresh(LOAD), _fresh("import pandas")) for _ in range(4 if quick else 12)]
    mine, pandas = (min(took for took, _modules in each) for each in zip(*rounds, strict=True))
    loaded = {name for name in HEAVY if name in rounds[0][0][1]}
    yield Figure(
        "`import incidentio_magic` and `%load_ext`, against `import pandas`",
        f"{mine / pandas:.1%} ({mine * 1e3:.0f} of {pandas * 1e3:.0f} ms); loads {', '.join(sorted(loaded)) or 'none'}",
        f"≤ 5 %; none of {', '.join(HEAVY)}",
        mine <= 0.05 * pandas and not loaded,
        {"load_ms": mine * 1e3, "pandas_ms": pandas * 1e3},
    )


def _fresh(work: str) -> tuple[float, list[str]]:
    program = PROGRAM.replace("{work}", work)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    found: Any = json.loads(answer.stdout)
    return found[0], found[1]
