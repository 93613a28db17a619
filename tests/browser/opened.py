"""A notebook that is open in a page, and has been run."""

from __future__ import annotations

import ast

START = (
    "%load_ext incidentio_magic\n"
    "%config IncidentMagics.max_wait = 2\n"
    "%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z\n"
    'session = get_ipython().magics_manager.registry["IncidentMagics"].session\n'
    "def sent(path):\n"
    '    return [r["body"] for r in session.sandbox.requests if (r["method"], r["path"]) == ("POST", path)]\n'
    "rate = 3.25"
)
REQUIRED = "--field 'Affected service=Payments'"  # what the sandbox's own declare form requires
EVALUATE = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code: 'pass', user_expressions: {value: code}, store_history: false});
  const reply = await future.done;
  const value = reply.content.user_expressions.value;
  return value.status === 'ok' ? value.data['text/plain'] : 'error: ' + value.evalue; }"""
RUN_CELL = """async number => {
  const panel = window.jupyterapp.shell.currentWidget; panel.content.activeCellIndex = number;
  panel.content.deselectAll();
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
BUSY = """code => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}); }"""
RESTART = "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
WIDE = {"width": 1280, "height": 3000}


class Notebook:
    """A page with a notebook that has been run."""

    def __init__(self, page, outputs):
        self.page = page
        self.outputs = outputs

    def value(self, code):
        """Return what an expression comes to in the kernel, after everything that was clicked before."""
        return self.page.evaluate(EVALUATE, code)

    def bodies(self, path):
        """Return the bodies of the writes to a path."""
        return ast.literal_eval(self.value(f"sent({path!r})"))

    def find(self, name):
        """Return the part of the form with a class."""
        return self.page.locator(f".incidentio-{name}")

    def fill(self, name, text):
        """Type into a field and leave it."""
        control = self.find(name).locator("input, textarea").first
        control.fill(text)
        control.press("Tab")

    def pick(self, name, label):
        """Choose a radio button by its beginning."""
        self.find(name).locator("label", has_text=label).locator("input").check()

    def run(self, number):
        """Run a cell again, and wait until its old form is gone."""
        before = self.find("form").element_handle()
        self.page.evaluate(RUN_CELL, number)
        self.page.wait_for_function("form => !form.isConnected", arg=before)

    def restart(self):
        """Restart the kernel."""
        self.page.evaluate(RESTART)

    def submit(self):
        """Click the button."""
        self.find("submit").click()

    def ends(self, kind):
        """Wait until the form says how it ended."""
        self.page.locator(f".incidentio-outcome.{kind}").first.wait_for()
        return self.find("outcomes").inner_text()
