"""SIGINT, as Stop sends it, to a kernel in a slow write or a slow list: the kernel goes on, and nothing is twice."""

from __future__ import annotations

import ast
import os
import threading
import time

import pytest

from incidentio_magic.writes.ledger import Ledger

pytestmark = pytest.mark.storm

PATIENCE = 60
TEXT = "Shared while the service was slow"
WRITE = f"%%incident_update {{reference}}\n{TEXT}"


class Slowness:
    """A service that is slow until it is released.

    Args:
        sandbox: The service.
        number: Which of its slow answers is kept waiting, from 1; those before it are not.
    """

    def __init__(self, sandbox, number=1):
        self.reached = threading.Event()
        self.released = threading.Event()
        self.left = number
        sandbox.service.wait = self.wait

    def wait(self, _seconds):
        """Stand in for the service's own wait."""
        self.left -= 1
        if self.left == 0:
            self.reached.set()
            self.released.wait(PATIENCE)


class Kernel:
    """A kernel in a process of its own, with the extension loaded.

    Args:
        variables: Its environment.
    """

    def __init__(self, variables):
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(env=variables)

    def run(self, cell, **options):
        """Run a cell and return its reply; what arrives while an error ends is aborted unrun, and asked again."""
        while (reply := self.reply(self.client.execute(cell, **options)))["status"] == "aborted":
            pass
        return reply

    def value(self, expression):
        """Return what an expression comes to."""
        reply = self.run("pass", user_expressions={"value": expression})
        return ast.literal_eval(reply["user_expressions"]["value"]["data"]["text/plain"])

    def interrupted(self, cell, slowness):
        """Run a cell, send SIGINT to the process as soon as the service is slow, and return its reply."""
        asked = self.client.execute(cell)
        assert slowness.reached.wait(PATIENCE)
        self.manager.interrupt_kernel()
        return self.reply(asked)

    def reply(self, asked):
        """Wait for the reply to what was asked."""
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"]["msg_id"] == asked:
                return message["content"]

    def stop(self):
        """End the process."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(sandbox, tmp_path):
    """A kernel connected to the sandbox."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT")}
    kernel = Kernel(
        variables
        | {
            "INCIDENTIO_BASE_URL": sandbox.url,
            "INCIDENTIO_API_KEY": sandbox.key,
            "INCIDENTIO_LEDGER": str(tmp_path / "ledger.jsonl"),
            "IPYTHONDIR": str(tmp_path / "ipython"),
        }
    )
    assert kernel.run("%load_ext incidentio_magic")["status"] == "ok"
    yield kernel
    kernel.stop()
    sandbox.service.__dict__.pop("wait", None)


def written(sandbox):
    """Return how many updates with the text there are."""
    query = "SELECT count(*) FROM incident_updates WHERE json_extract(document, '$.message') = ?"
    return sandbox.service.store.count(query, (TEXT,))


def answered(sandbox):
    """Return how many requests for an update the service has answered, heard or not."""
    return sum((request["method"], request["path"]) == ("POST", "/v2/incident_updates") for request in sandbox.requests)


def until(condition):
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("arrives", [True, False], ids=["it arrives afterwards", "run again before it arrives"])
def test_a_slow_write_is_stopped(kernel, sandbox, client, tmp_path, arrives):
    """Stopped, a write whose answer is late is told as not known; the cell run again has it there exactly once."""
    reference = client.incidents(open=True, type="Platform")["reference"].iloc[0]
    slowness = Slowness(sandbox)
    sandbox.fault("slow", "POST /v2/incident_updates", times=1)
    stopped = kernel.interrupted(WRITE.format(reference=reference), slowness)
    assert (stopped["status"], stopped["ename"]) == ("error", "Interrupted")
    assert "It is not known whether the update" in stopped["evalue"]
    assert written(sandbox) == 0
    if arrives:
        slowness.released.set()
        until(lambda: answered(sandbox) == 1)
    assert kernel.value("1 + 1") == 2
    again = kernel.run(WRITE.format(reference=reference))
    assert again["status"] == "ok", again
    assert written(sandbox) == 1
    slowness.released.set()
    until(lambda: answered(sandbox) == 2)
    assert kernel.run(WRITE.format(reference=reference))["status"] == "ok"
    assert written(sandbox) == 1
    ends = [entry.outcome for entry in Ledger(tmp_path / "ledger.jsonl").outcomes()]
    assert (ends[0], ends[-1], len(ends)) == ("unknown", "not sent", 3)  # the last run found it there


def test_a_slow_list_is_stopped(kernel, sandbox, client):
    """Stopped in the middle of its pages, a list says that nothing was written; the next is complete and right."""
    expected = list(client.incidents(all=True)["reference"])
    assert kernel.run("from incidentio_magic.api.endpoints import _base; _base.PAGE = 10")["status"] == "ok"
    slowness = Slowness(sandbox, number=3)
    sandbox.fault("slow", "GET /v2/incidents", times=3)
    stopped = kernel.interrupted("frame = %incidents list --all", slowness)
    assert (stopped["status"], stopped["ename"]) == ("error", "Interrupted")
    assert "nothing was written" in stopped["evalue"]
    slowness.released.set()
    assert not kernel.value("'frame' in globals()")
    assert kernel.run("frame = %incidents list --all")["status"] == "ok"
    assert kernel.value("list(frame['reference'])") == expected
    assert kernel.value("frame.attrs['complete']")
