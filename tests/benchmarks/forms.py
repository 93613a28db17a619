"""`%incidents declare` until its dropdowns are live: round trips, bytes to the browser, and what a keystroke costs."""

from __future__ import annotations

import json
import math
import time
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import comm
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets import HTML, Text, Widget

from incidentio_magic import connect
from incidentio_magic.widgets.declare import DeclareForm
from tests.benchmarks.figures import Figure, fresh, slack
from tests.benchmarks.service import sandbox, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATENCY = 150  # ms
MOST_SAVED = 40  # kB
MOST_CHANGE = 0.02  # seconds
KEYSTROKES = 9


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    with sandbox("--latency", str(LATENCY)) as (url, key):
        rounds = [fresh(_opened, url, key) for _ in range(1 if quick else 3)]
    found = min(rounds, key=lambda found: found["seconds"])
    yield Figure(
        f"the form that declares until its lists are there, {LATENCY} ms latency",
        f"{found['round_trips']} round trips ({found['requests']} requests), {found['seconds']:.2f} s with drawing; "
        f"opened again {found['requests_again']} requests",
        "≤ 2 round trips; again 0 requests",
        found["round_trips"] <= 2 and found["requests_again"] == 0 and found["offered"],
        found,
    )
    yield Figure(
        "the form that declares: comm messages at its opening, and what a saved notebook holds of it",
        f"{found['sent_bytes'] / 1e3:.0f} kB in {found['messages']} messages; {found['saved_bytes'] / 1e3:.1f} kB of "
        f"output, and {found['state_bytes'] / 1e3:.0f} kB more where the front end saves the state of widgets",
        f"≤ {MOST_SAVED} kB of output",
        found["saved_bytes"] <= MOST_SAVED * 1e3,
        found,
    )
    yield keystroke_figure("the form that declares", rounds, slack(quick=quick))


def _opened(url: str, key: str) -> dict[str, Any]:
    with connect(url, key) as io:
        made = spans(io)
        start = time.perf_counter()
        with messages() as sent:
            form = DeclareForm(io)
        found: dict[str, Any] = {"seconds": time.perf_counter() - start, "requests": len(made)}
        controls = [field.control for field in form.fields.values()]
        found |= {
            "round_trips": in_a_row(made),
            "offered": all(control.options for control in controls if hasattr(control, "options")),
            "messages": len(sent),
            "sent_bytes": sum(sent),
            "saved_bytes": saved(form),
            "state_bytes": len(json.dumps(Widget.get_manager_state())),
        }
        DeclareForm(io)
        return found | {"requests_again": len(made) - found["requests"]} | keystrokes(form)


def keystroke_figure(what: str, rounds: list[dict[str, Any]], loose: int) -> Figure:
    """Return what a keystroke costs, by the best of several rounds."""
    took, floor = (min(found[name] for found in rounds) for name in ("keystroke_s", "echo_s"))
    return Figure(
        f"{what}: from the message of what was typed to its preview, processor time of the kernel",
        f"{took * 1e3:.1f} ms, of which a text that fills an HTML takes {floor * 1e3:.1f} ms",
        f"≤ {MOST_CHANGE * loose * 1e3:g} ms",
        took <= MOST_CHANGE * loose,
        {"keystroke_s": took, "echo_s": floor},
    )


def keystrokes(form: DeclareForm) -> dict[str, float]:
    """Return the processor seconds from what is typed into the summary to its preview, and what the least of it takes.

    Raises:
        AssertionError: If the preview does not show what is typed.
    """
    summary: Any = form.fields["summary"]
    typed, echoed = Text(), HTML()
    typed.observe(lambda change: setattr(echoed, "value", change["new"]), "value")
    return {
        "keystroke_s": min(
            _typed(summary.control, number, lambda: summary.preview.value) for number in range(KEYSTROKES)
        ),
        "echo_s": min(_typed(typed, number, lambda: echoed.value) for number in range(KEYSTROKES)),
    }


def _typed(control: Any, number: int, shown: Callable[[], str]) -> float:
    text = f"Checkout fails for customer {number}"
    message = {
        "content": {"data": {"method": "update", "state": {"value": text}, "buffer_paths": []}},
        "buffers": [],
    }
    start = time.process_time()
    control._handle_msg(message)
    took = time.process_time() - start
    assert text in shown()
    return took


def saved(form: DeclareForm) -> int:
    """Return the bytes of output that a saved notebook holds of a form."""
    InteractiveShell.instance()
    with capture_output() as captured:
        form._ipython_display_()
    return sum(len(json.dumps([output.data, output.metadata])) for output in captured.outputs)


@contextmanager
def messages() -> Iterator[list[int]]:
    """Return a list that fills with the bytes of each comm message to the browser while widgets are made."""
    sent: list[int] = []

    class Counted(comm.base_comm.BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, **others: Any) -> None:
            sent.append(len(json.dumps([msg_type, data, others.get("metadata")], default=str)))

    create, comm.create_comm = comm.create_comm, Counted
    try:
        yield sent
    finally:
        comm.create_comm = create


def in_a_row(made: list[tuple[float, float]]) -> int:
    """Return how many requests at most were each sent after the one before was answered; drawing takes none of it.

    Args:
        made: When each was sent and answered.
    """
    count, last = 0, -math.inf
    for sent, answered in sorted(made, key=itemgetter(1)):
        if sent >= last:
            count, last = count + 1, answered
    return count
