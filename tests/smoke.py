"""Thirty steps through everything, in whatever versions are installed: `python tests/smoke.py`.

Each step is a cell of one notebook on a sandbox of its own. Deprecated ways to use a library count as failures.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import chdir
from importlib.metadata import version
from tempfile import TemporaryDirectory

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

STEPS = {
    "load": "%load_ext incidentio_magic",
    "sandbox": "%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    "open incidents": "assert len(get_ipython().run_line_magic('incidents', ''))",
    "list": 'frame = %incidents list --severity ">=Major" --since 30d\nassert len(frame)',
    "wide": "wide = %incidents list --limit 20 --wide\nassert 'id' in wide.columns",
    "show": "%incidents show INC-291 INC-293",
    "as HTML": "html = get_ipython().display_formatter.format(frame)[0]['text/html']\nassert '<table>' in html",
    "severities": "assert len(get_ipython().run_line_magic('incidents', 'severities'))",
    "users": "assert len(get_ipython().run_line_magic('incidents', 'users'))",
    "whoami": "%incidents whoami",
    "doctor": "checks = %incidents doctor\nassert len(checks)",
    "use": "%incidents use INC-291",
    "declare": (
        "%%incident_declare --severity Minor --mode test --out receipt\nCheckout answers with errors\nSince the deploy."
    ),
    "receipt": "assert receipt['outcome'].item() == 'sent'\nimport pandas as pd\npd.concat([receipt, receipt])",
    "update": "rate = 7.331\nget_ipython().run_cell_magic('incident_update', '', 'At {{ rate | round(1) }} %.')",
    "dry run": "%%incident_update --status Fixing --dry-run\nA look only.",
    "event": "%%incident_event --at 13:40\nDeploy 4711",
    "edit": "%incidents edit --severity Major",
    "page": "%incidents page INC-291 --to alice@example.com --dry-run",
    "updates": "updates = %incidents updates\nassert len(updates) > 1",
    "timeline": "timeline = %incidents timeline INC-291\nassert len(timeline)",
    "picture": ("chart = %incidents timeline INC-291 --plot\nassert chart.png()[:4] == b'\\x89PNG'"),
    "metrics": "metrics = %incidents metrics --by severity\nassert len(metrics)",
    "durations": "%incidents metrics --each --by month",
    "postmortem": "draft = %incidents postmortem INC-291\nassert 'INC-291' in draft.markdown",
    "own template": (
        "open('own.jinja', 'w').write('{{ incident.name }}')\n"
        "own = %incidents postmortem INC-291 --template own.jinja\nassert own.markdown"
    ),
    "Parquet": "timeline.to_parquet('a.parquet')\nassert len(pd.read_parquet('a.parquet')) == len(timeline)",
    "CSV": "frame.to_csv('a.csv')\nassert len(pd.read_csv('a.csv')) == len(frame)",
    "export": "%incidents export parquet --since 30d\n%incidents export csv --since 30d --format csv",
    "form": (
        "from incidentio_magic import connect\nfrom incidentio_magic.widgets.update import UpdateForm\n"
        "form = UpdateForm(connect(), 'INC-293', message='From a form.')\nform.submit()\n"
        "assert form.done, form.status.value"
    ),
    "completion": "assert 'list' in ' '.join(get_ipython().Completer.complete(line_buffer='%incidents li')[1])",
    "log": "log = %incidents log\nassert set(log['verb']) >= {'declare', 'update', 'event', 'edit'}",
    "reload": "%reload_ext incidentio_magic\nassert len(get_ipython().run_line_magic('incidents', 'log'))",
    "unload": "%unload_ext incidentio_magic",
}
DEPRECATED = (DeprecationWarning, FutureWarning, PendingDeprecationWarning)
LIBRARIES = ("IPython", "ipywidgets", "ipykernel", "pandas", "numpy", "pyarrow", "jinja2")


def main() -> int:
    """Run every step and return how many failed."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    for category in DEPRECATED:
        warnings.filterwarnings("error", category=category, module=r"incidentio_magic(\..*)?$")
        warnings.filterwarnings("error", category=category, message=".*incidentio_magic.*")
    failed = []
    with TemporaryDirectory() as folder, chdir(folder):
        for name, cell in STEPS.items():
            result = shell.run_cell(cell, store_history=False)
            if not result.success:
                failed.append(name)
                print(f"FAILED {name}: {result.error_in_exec or result.error_before_exec}")
    print("Python", sys.version.split()[0], *(f"{name} {_version(name)}" for name in LIBRARIES))
    print(f"{len(STEPS) - len(failed)} of {len(STEPS)} steps passed", *failed)
    return len(failed)


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "-"


if __name__ == "__main__":
    sys.exit(main())
