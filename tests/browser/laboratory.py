"""A real JupyterLab and a real browser for tests and pictures."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTS_WITHIN = 90
# What shows the notebooks, JupyterLab or Notebook 7; its application, and the path of a notebook.
FRONT_END = os.environ.get("FRONT_END", "jupyterlab")
FRONT_ENDS = {
    "jupyterlab": ("LabApp", "doc/tree"),
    "notebook": ("JupyterNotebookApp", "notebooks"),
}
RUNS_WITHIN = 90_000

# A fresh page has no kernel for a moment, and a saved notebook brings its old outputs.
RUN_ALL = """async () => {
  const app = window.jupyterapp; await app.restored;
  const panel = app.shell.currentWidget; await panel.context.ready; await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  await app.commands.execute('notebook:clear-all-cell-outputs');
  await app.commands.execute('notebook:run-all-cells');
}"""
# The command resolves as soon as one cell fails, while others still run; a cell that has not run has no number.
DONE = """() => { const panel = window.jupyterapp.shell.currentWidget;
  const cells = [...panel.content.model.cells].filter(cell => cell.type === 'code');
  const stopped = cell => !(cell.getMetadata('tags') || []).includes('raises-exception') &&
    cell.outputs.toJSON().some(output => output.output_type === 'error');
  return panel.sessionContext.session.kernel.status === 'idle' &&
    (cells.some(stopped) || cells.every(cell => cell.executionCount !== null)); }"""
OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells].map(
  cell => cell.outputs ? cell.outputs.toJSON() : [])"""
READY = """() => window.jupyterapp && window.jupyterapp.shell.currentWidget
  && window.jupyterapp.shell.currentWidget.sessionContext"""


class Laboratory:
    """JupyterLab in its own process, with its own settings, on a folder of its own.

    Args:
        folder: Where notebooks, settings and the log are kept.
        theme: The theme's name.
        front_end: jupyterlab, or notebook for Notebook 7.
    """

    def __init__(self, folder: Path, theme: str = "JupyterLab Light", front_end: str = FRONT_END) -> None:
        application, self._place = FRONT_ENDS[front_end]
        self.folder = folder
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self._token = secrets.token_hex(8)
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = (folder / "lab.log").open("wb")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("INCIDENT")},
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "IPYTHONDIR": str(folder / "ipython"),
            "INCIDENTIO_LEDGER": str(folder / "ledger.jsonl"),
        }
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", front_end, "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.token={self._token}"),
                *(f"--ServerApp.root_dir={self.work}", f"--{application}.expose_app_in_browser=True"),
            ],
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/api?token={self._token}", timeout=5).close()
            except (urllib.error.URLError, OSError):
                if self._process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    raise RuntimeError((self.folder / "lab.log").read_text()) from None
                time.sleep(0.1)
            else:
                return

    def add(self, notebook: Path) -> str:
        """Copy a notebook into the folder under a new name, since a name keeps its kernel, and return the name."""
        name = f"{notebook.stem}-{secrets.token_hex(3)}.ipynb"
        shutil.copy(notebook, self.work / name)
        return name

    def address(self, name: str) -> str:
        """Return where a notebook is shown alone."""
        return f"{self.url}/{self._place}/{name}?token={self._token}&reset"

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


@contextmanager
def watched(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str], list[str]]]:
    """Yield a page, the errors it logs, and the addresses outside this machine it asks for."""
    page = browser.new_page(**options)
    logged: list[str] = []
    outside: list[str] = []
    page.on("console", lambda message: logged.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: logged.append(error.stack or str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
            else outside.append(request.url)
        ),
    )
    try:
        yield page, logged, outside
    finally:
        page.close()


def change_theme(page: Page, theme: str) -> None:
    """Change to the theme "Dark" or "Light" and wait until JupyterLab has taken its splash away.

    The splash of a second change within 200 ms is removed twice, which JupyterLab logs as an error.
    """
    change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    page.evaluate(change, f"JupyterLab {theme}")
    light = "true" if theme == "Light" else "false"
    page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")
    page.locator("#jupyterlab-splash").wait_for(state="detached")


def run_all(page: Page) -> list[list[dict[str, Any]]]:
    """Run all cells and return the outputs of each from the notebook's model, which never lags."""
    page.set_default_timeout(RUNS_WITHIN)
    page.wait_for_function(READY)
    page.evaluate(RUN_ALL)
    page.wait_for_function(DONE)
    return page.evaluate(OUTPUTS)
