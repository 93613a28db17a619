"""A notebook that is open in a page, and has been run; one page serves many tests."""

from __future__ import annotations

import ast
from contextlib import ExitStack, contextmanager

from laboratory import READY, run_all, watched

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
RENEW = """async sources => {
  const app = window.jupyterapp; await app.restored;
  const panel = app.shell.currentWidget; await panel.context.ready; await panel.sessionContext.ready;
  const context = panel.sessionContext;  // whose kernel an earlier test may have shut down
  await (context.session?.kernel ? context.restartKernel() : context.changeKernel({name: 'python3'}));
  const model = panel.content.model.sharedModel, before = model.cells.length;
  model.transact(() => {
    model.insertCells(0, sources.map(source => ({cell_type: 'code', source, metadata: {}, outputs: []})));
    model.deleteCellRange(sources.length, sources.length + before);
  });
  panel.content.activeCellIndex = 0;
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));  // what is left is drawn
}"""
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


class SharedPage:
    """One page of JupyterLab, which many tests use: each has a kernel that was just started, and its own cells.

    To open a page takes longer than most tests. A page in which a test has failed is not used again.

    Args:
        browser: The browser.
        laboratory: The running JupyterLab.
        folder: Where the notebook is written.
    """

    def __init__(self, browser, laboratory, folder):
        self._browser, self._laboratory, self._folder = browser, laboratory, folder
        self._stack = ExitStack()
        self._page = None
        self.logged, self.outside = [], []

    @contextmanager
    def opened(self, cells, viewport=None):
        """Yield the notebook of some cells that were run."""
        try:
            page = self._renewed(cells, viewport or WIDE)
            outputs = run_all(page)
            page.set_default_timeout(20_000)
            yield Notebook(page, outputs)
        except BaseException:
            self.close()
            raise

    def _renewed(self, cells, viewport):
        from playwright.sync_api import Error

        for last in (False, True):
            if self._page is None:
                self._open()
            page = self._page
            page.set_viewport_size(WIDE)  # JupyterLab takes no cell out of the page while others take its place
            page.mouse.move(0, 0)
            try:
                page.evaluate(RENEW, list(cells))
                page.set_viewport_size(viewport)
            except Error:  # what an earlier test has done to the page
                self.close()
                if last:
                    raise
            else:
                del self.logged[:], self.outside[:]
                return page
        raise AssertionError

    def _open(self):
        import nbformat

        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
        made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, self._folder / "shared.ipynb")
        self._page, self.logged, self.outside = self._stack.enter_context(watched(self._browser, viewport=WIDE))
        self._page.goto(self._laboratory.address(self._laboratory.add(self._folder / "shared.ipynb")))
        self._page.set_default_timeout(90_000)
        self._page.wait_for_function(READY)

    def close(self):
        """Close the page."""
        self._stack.close()
        self._page = None
