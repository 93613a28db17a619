"""`import incidentio_magic` and `%load_ext`, in fresh processes and kernels: how long, and what else they load."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import start_new_kernel

from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.service import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAVY = ("altair", "ipywidgets", "pandas", "requests")
SHELL = "from IPython.core.interactiveshell import InteractiveShell; shell = InteractiveShell.instance()"
PROGRAM = """
import json, sys, time
start = time.perf_counter()
{work}
took = time.perf_counter() - start
print(json.dumps([took, sorted(sys.modules)]))
"""
LOAD = "import incidentio_magic; get_ipython().run_line_magic('load_ext', 'incidentio_magic')"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    _process(LOAD)  # whose bytecode is written
    loose = slack(quick=quick)
    yield _figure("process", _process, 3 if quick else 12, loose)
    yield _figure("kernel", _kernel, 2 if quick else 8, loose)


def _figure(where: str, run: Callable[[str], tuple[float, list[str]]], rounds: int, loose: int) -> Figure:
    pairs = [(run(LOAD), run("import pandas")) for _ in range(rounds)]
    mine, pandas = (min(took for took, _modules in each) for each in zip(*pairs, strict=True))
    loaded = sorted({name for (_took, modules), _pandas in pairs for name in HEAVY if name in modules})
    return Figure(
        f"`import incidentio_magic` and `%load_ext` in a fresh {where}, against `import pandas`",
        f"{mine / pandas:.1%} ({mine * 1e3:.0f} of {pandas * 1e3:.0f} ms); loads {', '.join(loaded) or 'none'}",
        f"≤ {5 * loose} %; none of {', '.join(HEAVY)}",
        mine <= 0.05 * loose * pandas and not loaded,
        {"load_ms": mine * 1e3, "pandas_ms": pandas * 1e3},
    )


def _process(work: str) -> tuple[float, list[str]]:
    program = f"{SHELL}\nget_ipython = lambda: shell\n{PROGRAM.replace('{work}', work)}"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    return _read(answer.stdout)


def _kernel(work: str) -> tuple[float, list[str]]:
    manager, client = start_new_kernel(env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    printed: list[str] = []
    try:
        client.execute_interactive(
            PROGRAM.replace("{work}", work),
            timeout=60,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return _read("".join(printed))


def _read(text: str) -> tuple[float, list[str]]:
    found: Any = json.loads(text)
    return found[0], found[1]
