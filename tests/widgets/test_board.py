"""The board: what it shows, how it stays fresh, and how it ends.

Serves `widgets/board_panels.py`, `widgets/board_reader.py`, `widgets/board_rows.py`, `widgets/board_table.py` and
`magics/board.py`.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
import types
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import ipywidgets
import msgspec
import pytest
from board_stage import NOW, SEVERITIES, buttons, html, incident
from ipywidgets.widgets.widget import _instances

from incidentio_magic.api import models
from incidentio_magic.client import Incidents
from incidentio_magic.errors import ConnectionFailed, InputError, UnknownName
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.widgets.board_panels import Panel
from incidentio_magic.widgets.board_reader import Reader
from incidentio_magic.widgets.board_rows import Row, ordered, span_of

HOSTILE = [
    "<script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed=1">',
    "x" * 200,
    "مرحبا بالعالم \u202edlrow",
    "🔥🚒 👩‍🚒",
    "line\nbreak\x1b[31m",
]


def references(board):
    """Return the references on a board from top to bottom."""
    text = html(board)
    return sorted(
        {part for part in text.replace("<", " ").replace(">", " ").split() if part.startswith("INC-")}, key=text.rindex
    )


def open_forms(board):
    """Return the references whose forms are shown, each under its own row."""
    found = []
    for above, below in itertools.pairwise(board._rows.children):
        if isinstance(below, Panel):
            line = board._rows.children[board._rows.children.index(below) - 1]
            found.append(below.reference)
            assert isinstance(above, Panel) or line.reference == below.reference
    return found


def seen(widget):
    """Return the labels of the buttons that nothing hides, from top to bottom."""
    if widget.layout.display == "none":
        return []
    if isinstance(widget, ipywidgets.Button):
        return [widget.description]
    return [label for child in getattr(widget, "children", ()) for label in seen(child)]


@pytest.mark.parametrize("name", HOSTILE)
def test_every_string_of_the_service_is_escaped(board, service, name):
    """No name, status, lead, severity or link becomes a tag; control and direction characters are gone."""
    service.rows = [incident(1, status=name, name=name, lead=name, reference=name, permalink=f"https://x/{name}")]
    shown = html(board())
    rows = shown[shown.index("ib-row ib-1") :]
    assert "<script" not in rows
    assert "<img" not in rows
    assert "\u202e" not in rows
    assert "\x1b" not in rows


def test_a_link_is_a_link_only_to_https(board, service):
    """References link to https addresses; anything else is plain text."""
    service.rows = [incident(1), incident(2, permalink="javascript:alert(1)"), incident(3, permalink=None)]
    shown = html(board())
    assert 'href="https://app.incident.io/x/incidents/1"' in shown
    assert "javascript" not in shown
    assert shown.count("<a ") == 1


def test_what_is_cut_off_is_in_a_title(board, service):
    """A long status or lead can be read by pointing at it."""
    service.rows = [incident(1, status="Waiting for somebody else", lead='Ann "the rock" Archer')]
    shown = html(board())
    assert 'title="Waiting for somebody else"' in shown
    assert 'title="Ann &quot;the rock&quot; Archer"' in shown


def test_order(board, service):
    """The most severe first, within a severity the oldest first, without a severity last."""
    service.rows = [
        incident(1, "Minor", minutes=500),
        incident(2, "Critical", minutes=5),
        incident(3, "Major", minutes=5),
        incident(4, None, minutes=900),
        incident(5, "Major", minutes=50),
    ]
    assert references(board()) == ["INC-2", "INC-5", "INC-3", "INC-1", "INC-4"]


def test_private_names_are_masked(board, service):
    """A private incident's name is not shown unless asked for."""
    service.rows = [incident(1, name="Acquisition", visibility="private")]
    masked = board()
    assert "Acquisition" not in html(masked) + masked._repr_mimebundle_()["text/plain"]
    assert "🔒 private" in html(masked)
    assert "Acquisition" in html(board(show_private=True))


def test_changes_are_marked_until_the_next_refresh(board, service, poller, clock):
    """New, another severity, another status and gone are marked once; the first read marks nothing."""
    service.rows = [incident(1, "Minor"), incident(2, status="Triage"), incident(3)]
    shown = board()
    assert not [mark for mark in (">NEW<", ">GONE<", "was <bdi>") if mark in html(shown)]
    service.rows = [incident(1, "Critical"), incident(2, status="Fixing"), incident(4)]
    clock.seconds += 40
    poller.read_due()
    text = html(shown)
    assert "was <bdi>Minor</bdi>" in text
    assert "was <bdi>Triage</bdi>" in text
    assert text.count(">NEW<") == 1
    assert text.count(">GONE<") == 1
    assert text.index("INC-3") > text.index("INC-4")
    clock.seconds += 40
    poller.read_due()
    assert not [mark for mark in (">NEW<", ">GONE<", "was <bdi>", "INC-3<") if mark in html(shown)]


def test_overdue_by_severity(board, service):
    """The usual spans go by rank from the top; paused incidents are never overdue; the board states the rule."""
    service.rows = [
        incident(1, "Critical", minutes=31),
        incident(2, "Critical", minutes=30),
        incident(3, "Major", minutes=300, updated=61),
        incident(4, "Minor", minutes=239),
        incident(5, "Critical", minutes=900, category="paused"),
        incident(6, None, minutes=60 * 25),
    ]
    text = html(board())
    assert text.count("⚠ overdue") == 3
    assert "3 overdue" in text
    assert "30 min (Critical), 1 h (Major), 4 h (Minor), 1 d (no severity). Paused incidents are never overdue." in text


def test_overdue_spans_can_be_given(board, service):
    """Spans by severity, `never` included; an unknown severity is an error."""
    service.rows = [incident(1, "Critical", minutes=31), incident(2, "Minor", minutes=20)]
    text = html(board(overdue={"critical": None, "Minor": timedelta(minutes=15)}))
    assert text.count("⚠ overdue") == 1
    assert "any time (Critical), 1 h (Major), 15 min (Minor)" in text
    assert "There is no severity" in html(board(overdue={"Majr": None}))


def test_spans_as_they_are_typed():
    """Minutes, hours, days and never."""
    assert [span_of(text) for text in ("45m", "2 h", "1d", "never")] == [
        timedelta(minutes=45),
        timedelta(hours=2),
        timedelta(days=1),
        None,
    ]
    with pytest.raises(InputError):
        span_of("soon")


def test_nothing_is_a_sentence(board, service):
    """An empty board says so, with or without filters, in training or not; it can be refreshed and stopped."""
    shown = board()
    assert "No open incidents." in html(shown)
    assert seen(shown) == ["Refresh now", "Stop"]
    assert "No open incidents match these filters." in html(board({"open": True, "severity": "Major"}))
    training = html(board(training=True))
    assert "No open test incidents." in training
    assert "Training: only test incidents are shown." in training


def test_incomplete_and_slower_are_told(board, service):
    """A cut list and a slow pace are never silent."""
    service.rows = [incident(1)]
    service.incomplete = "the service repeated a cursor"
    service.left = 0.05
    text = html(board())
    assert "Incomplete: the service repeated a cursor." in text
    assert "10 times slower than usual" in text


def test_many_rows_are_cut_and_counted(board, service):
    """At most fifty rows are shown, the rest is counted."""
    service.rows = [incident(number) for number in range(1, 61)]
    text = html(board())
    assert "Open incidents: 60" in text
    assert "and 10 more" in text


def test_stale_and_recovered(board, service, poller, clock):
    """A failed refresh keeps the rows and says since when they are stale and why; a good one takes that away."""
    service.rows = [incident(1)]
    shown = board()
    assert "As of 14:00:00 UTC" in html(shown)
    service.error = ConnectionFailed("No connection to <host>.", hint="check the network")
    clock.seconds += 40
    poller.read_due()
    text = html(shown)
    assert "Stale: last read at 14:00:00 UTC. No connection to &lt;host&gt;." in text
    assert "next about 14:01:13 UTC" in text
    assert "INC-1" in text
    service.error = None
    clock.seconds += 40
    poller.read_due()
    assert "Stale" not in html(shown)
    assert "As of 14:01:20 UTC" in html(shown)


def test_nothing_read_yet(board, service):
    """A board that could not be read at all says so and goes on trying."""
    service.error = ConnectionFailed("No connection.")
    shown = board()
    assert "Nothing could be read yet." in html(shown)
    assert seen(shown) == ["Refresh now", "Stop"]


def test_the_buttons_of_the_board(board, service, poller):
    """Refresh reads now; stop stops and says as of when."""
    shown = board()
    (refresh,) = buttons(shown, "Refresh now")
    refresh.click()
    assert refresh.disabled
    poller.read_due()
    assert not refresh.disabled
    assert len(service.asked) == 2
    buttons(shown, "Stop")[0].click()
    assert shown.stopped
    assert poller.stopped
    assert "Stopped. This is as of 14:00:00 UTC." in html(shown)


def test_without_forms_there_are_no_row_buttons(board, service):
    """Where no form is installed, rows have no buttons."""
    service.rows = [incident(1)]
    assert not buttons(board(), "Update")


def test_row_buttons_open_forms(board, service, poller, clock):
    """A row's button opens its form once and shows it again; an error stands under the row."""
    service.rows = [incident(1), incident(2, "Critical")]
    opened = []

    def open_form(kind, reference):
        opened.append((kind, reference))
        if kind == "close":
            raise InputError("It <b>cannot</b> be closed.")
        return None if kind == "escalate" else ipywidgets.VBox([ipywidgets.Text()])

    shown = board(kinds=("update", "escalate", "close"), open_form=open_form)
    first, second = [button for button in buttons(shown, "Update") if not button.disabled]
    first.click()
    first.click()
    assert opened == [("update", "INC-2")]
    clock.seconds += 40
    service.rows = [incident(1, "Critical", minutes=500), incident(2, "Critical")]
    poller.read_due()
    second.click()
    assert opened[-1] == ("update", "INC-1")
    assert len(buttons(shown, "Hide")) == 1  # the first form is hidden, but what was typed in it stays
    first.click()
    assert opened == [("update", "INC-2"), ("update", "INC-1")]
    assert open_forms(shown) == ["INC-2"]
    buttons(shown, "Hide")[0].click()
    assert not open_forms(shown)
    next(button for button in buttons(shown, "Close") if not button.disabled).click()
    assert "It &lt;b&gt;cannot&lt;/b&gt; be closed." in html(shown)
    next(button for button in buttons(shown, "Escalate") if not button.disabled).click()
    assert "Run %incidents escalate INC-1 in a cell." in html(shown)


@pytest.mark.slow
def test_a_thousand_refreshes_do_not_grow(board, service, poller, clock):
    """Threads, widgets and comms stay as many while incidents come, change and go."""
    service.rows = [incident(number) for number in range(1, 9)]
    shown = board(kinds=("update", "escalate", "close"))
    counted = []
    for number in range(1000):
        service.rows = [
            incident(place, ("Minor", "Major", "Critical")[(place + number) % 3], minutes=place + number)
            for place in range(number, number + 8)
        ]
        service.error = ConnectionFailed("none") if number % 7 == 3 else None
        clock.seconds += 200
        poller.read_due()
        if number % 70 == 6:
            counted.append((threading.active_count(), len(_instances), len(shown._lines), len(service.kept)))
    assert len(service.asked) == 1001
    assert len(set(counted)) == 1, counted
    before = len(_instances)
    shown.close()
    assert before - len(_instances) > 8


def test_closing_leaves_no_widget(board, service):
    """A closed board leaves none of its widgets behind."""
    before = set(_instances)
    service.rows = [incident(1), incident(2)]
    shown = board(kinds=("update",), open_form=lambda _kind, _reference: ipywidgets.Text())
    next(button for button in buttons(shown, "Update") if not button.disabled).click()
    shown.close()
    assert set(_instances) == before


def test_it_stops_when_its_output_is_cleared(board, poller):
    """The front end counts its views; with the last one the board stops."""
    shown = board()
    shown.set_state({"_view_count": 1})
    assert not shown.stopped
    shown.set_state({"_view_count": 0})
    assert shown.stopped
    assert poller.stopped


@pytest.fixture
def shell(bare_shell, tmp_path, monkeypatch):
    """A shell that looks like a kernel's, connected to a sandbox."""
    shell = bare_shell
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True) as sandbox:
        for name, value in (("BASE_URL", sandbox.url), ("API_KEY", sandbox.key), ("LEDGER", str(tmp_path / "l.jsonl"))):
            monkeypatch.setenv(f"INCIDENTIO_{name}", value)
        shell.run_line_magic("load_ext", "incidentio_magic")
        shell.sandbox = sandbox
        yield shell
        shell.run_line_magic("unload_ext", "incidentio_magic")


@pytest.fixture
def kernel(shell, monkeypatch):
    """The same with a kernel, and a way to run a cell in a named notebook cell."""
    shell.kernel = types.SimpleNamespace()
    current = {}
    shell.get_parent = lambda: {"metadata": {"cellId": current.get("cell")}}

    def run(cell, identity="a"):
        current["cell"] = identity
        result = shell.run_cell(cell, cell_id=identity)
        result.raise_error()
        return result.result

    return run


def pollers():
    """Return the threads that poll."""
    return [thread for thread in threading.enumerate() if thread.name == "incidentio-board"]


def ended():
    """Return whether all polling threads end soon."""
    for thread in pollers():
        thread.join(5)
    return not pollers()


def soon(condition):
    """Return whether something becomes true within ten seconds."""
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.mark.slow
def test_in_a_terminal_it_prints_once(shell, capsys):
    """Without a kernel the table is text, and says that it does not refresh."""
    shell.run_cell("%incidents board").raise_error()
    out = capsys.readouterr().out
    assert "INC-299" in out
    assert "It does not refresh here: a live board needs Jupyter." in out
    assert "Overdue: no update" in out
    shell.run_cell("%incidents board --severity Critical --type Security").raise_error()
    assert "No open incidents match these filters." in capsys.readouterr().out
    assert not pollers()


@pytest.mark.slow
def test_the_magic_makes_a_live_board(kernel):
    """The board is read when the cell ends; filters are those of list; updates are read once for each incident."""
    shown = kernel("%incidents board --severity Major")
    assert len(pollers()) == 1
    assert {"INC-291", "INC-293"} <= set(references(shown))
    assert "INC-299" not in html(shown)
    assert "1 h" in html(shown)
    assert "text/plain" in shown._repr_mimebundle_()


@pytest.mark.slow
def test_mistakes_stop_the_cell(kernel):
    """A name that there is not raises, and leaves no thread."""
    for line in ("--severity Majr", "--overdue Majr=3m"):
        with pytest.raises(UnknownName):
            kernel(f"%incidents board {line}")
        assert ended()
    with pytest.raises(InputError):
        kernel("%incidents board --overdue Major=soon")


@pytest.mark.slow
def test_one_poller_and_it_stops_with_the_cells(kernel):
    """Many boards, one thread; a cell that is run again takes its board with it, the last one the thread."""
    boards = [kernel("%incidents board", f"cell{number}") for number in range(3)]
    assert len(pollers()) == 1
    again = kernel("%incidents board", "cell0")
    assert boards[0].stopped
    assert not boards[1].stopped
    assert len(pollers()) == 1
    for number in range(3):
        kernel("1", f"cell{number}")
    assert again.stopped
    assert ended()


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell", ["%incidents training on", "%incidents sandbox --incidents 5", "%unload_ext incidentio_magic"]
)
def test_it_stops_with_its_connection(kernel, shell, cell):
    """Another connection, other settings and unloading stop every board, which says so; no hook stays."""
    hooks = list(shell.events.callbacks["pre_run_cell"])
    shown = kernel("%incidents board")
    kernel(cell, "b")
    assert shown.stopped
    assert "Stopped. The " in html(shown)
    assert ended()
    own = [] if "unload" in cell else hooks  # the extension takes its own hook along
    assert shell.events.callbacks["pre_run_cell"] == own
    if "unload" not in cell:
        kernel("%incidents board")
        assert shown.comm is None
        kernel("1")
    if "unload" in cell:
        shell.run_line_magic("load_ext", "incidentio_magic")


@pytest.mark.slow
def test_a_server_that_fails_is_a_stale_board(kernel, shell):
    """A service that is down gives a board that says so, and no traceback."""
    shell.sandbox.fault(kind="status", status=503)
    shell.run_line_magic("config", "IncidentMagics.max_wait = 0.0")
    shown = kernel("%incidents board")
    assert "Nothing could be read yet. The service is not available." in html(shown)
    shell.sandbox.clear_faults()
    shown.refresh()
    assert soon(lambda: "INC-299" in html(shown))


@pytest.mark.slow
def test_what_its_forms_write_is_shown_at_once(kernel):
    """A form that was opened from a row has moved the incident: the board reads without being asked to."""
    shown = kernel("%incidents board")
    next(button for button in buttons(shown, "Update") if button.tooltip == "Update INC-295").click()
    form = shown._panels._panels["update", "INC-295"].form
    form.fields["status"].control.index = 1
    moved = form.fields["status"].read().name
    form.submit()
    assert soon(lambda: "was <bdi>Fixing</bdi>" in html(shown))
    row = next(row for row in shown.feed.snapshot.rows if row.incident.reference == "INC-295")
    assert row.status == moved
    shown.stop()
    shown.refresh()
    assert ended()


@pytest.mark.slow
def test_updates_are_read_again_only_after_a_change(kernel, shell):
    """A refresh without changes costs one request, and two for who is on call; a changed incident one more."""
    kernel("%incidents board")
    shell.run_cell("shown = _")
    shown = shell.user_ns["shown"]
    assert soon(lambda: shown.feed.next_at)

    def requests():
        before = len(shell.sandbox.requests)
        at = shown.feed.next_at
        shown.refresh()
        assert soon(lambda: shown.feed.next_at not in {None, at})
        return sorted(request["path"] for request in shell.sandbox.requests[before:])

    on_call = ["/v2/escalations", "/v2/schedules"]
    assert requests() == sorted(["/v2/incidents", *on_call])
    kernel("%%incident_update INC-299\nWe are on it.", "b")
    assert requests() == sorted(["/v2/incidents", "/v2/incident_updates", *on_call])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "badge", "status"),
    [
        ("update INC-295 --status Closed", "CLOSED", "Closed"),
        ("update INC-295 --status Documenting", "POST-INCIDENT", "Documenting"),
        ("update INC-295 --severity Minor", "NO LONGER FITS", "Fixing"),
    ],
)
def test_the_gone_say_where_they_went(kernel, shell, change, badge, status):
    """Closed, in the post-incident flow, or only no longer fitting the filters; with the status it has now."""
    shown = kernel("%incidents board --severity Moderate")
    at = shown.feed.snapshot
    kernel("%%incident_" + change + "\nSo it is.", "b")
    shown.refresh()
    assert soon(lambda: shown.feed.snapshot is not at)
    assert soon(lambda: f">{badge}<" in html(shown))
    row = next(line for line in html(shown).splitlines() if f">{badge}<" in line)
    assert "INC-295" in row
    assert f"<bdi>{status}</bdi>" in row
    assert ("was <bdi>Fixing</bdi>" in row) == (status != "Fixing")


@pytest.mark.slow
def test_one_that_cannot_be_found_is_gone(kernel, shell):
    """Hidden from this key, or not to be read just now: the board says no more than it knows."""
    shown = kernel("%incidents board")
    reader, row = shown._poller._source, shown.feed.snapshot.rows[0]
    shell.sandbox.fault(kind="malformed", endpoint="GET /v2/incidents/*")
    assert [gone.where for gone in reader.whereabouts([row])] == ["gone"]
    shell.sandbox.clear_faults()
    unseen = Row(msgspec.structs.replace(row.incident, id="01KEYTM6800002RWA0JX08MG99"), row.last_update)
    assert [gone.where for gone in reader.whereabouts([unseen])] == ["no longer visible"]
    assert [gone.where for gone in reader.whereabouts([row] * 11)].count("gone") == 1


@pytest.mark.slow
def test_overdue_spans_can_be_configured(kernel, shell):
    """%config sets the spans of all boards; an option wins over it, and what cannot be understood is an error."""
    shell.run_line_magic("config", 'IncidentMagics.overdue = {"Critical": "never", "Major": "10m"}')
    assert "any time (Critical), 10 min (Major)" in html(kernel("%incidents board"))
    assert "any time (Critical), 45 min (Major)" in html(kernel("%incidents board --overdue Major=45m"))
    shell.run_line_magic("config", 'IncidentMagics.overdue = {"Major": "soon"}')
    with pytest.raises(InputError):
        kernel("%incidents board")


@pytest.mark.slow
def test_a_row_s_form_is_in_training_with_everything_else(kernel, shell):
    """A form opened from a row writes to no real incident once training is on; a new board lists none."""
    shown = kernel("%incidents board")
    for kind in ("Update", "Escalate", "Close"):
        next(button for button in buttons(shown, kind) if not button.disabled).click()
    forms = [panel.form for panel in shown._panels._panels.values()]
    assert len(forms) == 3
    for form in forms:
        form.fields["message"].control.value = "no"
    kernel("%incidents training on", "b")
    for form in forms * 2:  # a user who should look it over may click again without doing so
        form.submit()
        assert form.status.state != "sent"
    board = kernel("%incidents board", "c")
    assert "Training: only test incidents are shown." in html(board)
    assert {row.incident.mode for row in board.feed.snapshot.rows} == {"test"}
    assert not [request for request in shell.sandbox.requests if request["method"] != "GET"]


@pytest.mark.slow
def test_a_variable_set_later_changes_the_board(kernel, shell, monkeypatch):
    """A board that stands open shows test incidents, and says so, once the class's variable is set."""
    shown = kernel("%incidents board")
    assert "Training:" not in html(shown)
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    shown.refresh()
    assert soon(lambda: "Training: only test incidents are shown." in html(shown))
    assert {row.incident.mode for row in shown.feed.snapshot.rows} == {"test"}


def test_rows_are_shown_before_their_details_are_read(board, service, poller, monkeypatch):
    """The rows appear with the list; their last updates follow, for the fifty rows that are shown."""
    rows = [incident(number) for number in range(1, 301)]
    shown = board()
    service.rows = [Row(row.incident, None) for row in rows]
    seen_before = []
    complete = service.complete

    def completing(asked):
        seen_before.append(html(shown))
        return complete(asked)

    monkeypatch.setattr(service, "complete", completing)
    poller.refresh(shown.feed)
    poller.read_due()
    assert service.completed == [50]
    assert "Open incidents: 300" in seen_before[-1]
    assert "reading the last updates" in seen_before[-1]
    assert ">…<" in seen_before[-1]
    assert ">…<" not in html(shown)
    assert "reading the last" not in html(shown)


def test_last_updates_that_cannot_be_read_are_named(board, service, poller, clock):
    """The rows stay and are current; the board says what is missing, why, and when it tries again."""
    service.rows = [Row(incident(number).incident, None) for number in (1, 2)]
    service.details_error = ConnectionFailed("No connection.")
    shown = board()
    assert "Read at 14:00:00 UTC, without the last updates of 2 incidents. No connection." in html(shown)
    assert "Stale" not in html(shown)
    assert shown.feed.failures == 1
    service.details_error = None
    clock.seconds += 40
    poller.read_due()
    assert "without the last updates" not in html(shown)


def test_an_unread_last_update_is_bounded_by_the_last_change(board, service):
    """No update was shared after the incident's last change, so an old change alone makes it overdue."""
    old, recent = incident(1, "Critical", minutes=31).incident, incident(2, "Critical", minutes=10).incident
    service.rows = [Row(old, None), Row(recent, None)]
    service.details_error = ConnectionFailed("No connection.")
    assert html(board()).count("⚠ overdue") == 1


class CountingService(ThreadingHTTPServer):
    """A service with 300 open incidents that counts requests, and how many are in progress together."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CountingHandler)
        self.lock = threading.Lock()
        self.paths = []
        self.running = self.most = 0


class CountingHandler(BaseHTTPRequestHandler):
    """Answers from made records, late enough for parallel requests to meet."""

    def log_message(self, *_parts):
        """Print nothing."""

    def do_GET(self):
        """Answer a list of incidents, severities or updates."""
        server, (path, _mark, query) = self.server, self.path.partition("?")
        with server.lock:
            server.paths.append(path)
            server.running += 1
            server.most = max(server.most, server.running)
        time.sleep(0.02)
        body = json.dumps(self.answer(path, dict(parse_qsl(query)))).encode()
        with server.lock:
            server.running -= 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def answer(path, query):
        """Return the body for a path."""
        if path == "/v2/incidents":
            first, size = int(query.get("after", "0")), int(query["page_size"])
            found = [msgspec.to_builtins(incident(number).incident) for number in range(first + 1, 301)][:size]
            after = {"after": str(first + size)} if first + size < 300 else {}
            return {"incidents": found, "pagination_meta": {"page_size": size, **after}}
        if path == "/v1/severities":
            return {"severities": msgspec.to_builtins(SEVERITIES)}
        return {"incident_updates": [], "pagination_meta": {"page_size": int(query.get("page_size", "25"))}}


@pytest.mark.slow
def test_a_board_of_three_hundred_costs_few_requests(tmp_path):
    """One request for each shown row, in parallel; a refresh without changes reads the list only."""
    with CountingService() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings = Settings(
            key=Secret("k" * 20), base_url=f"http://127.0.0.1:{server.server_port}", ledger=tmp_path / "ledger.jsonl"
        )
        reader = Reader(Incidents(settings))
        reading = reader.read({"open": True})
        assert len(reading.rows) == 300
        listed = len(server.paths)
        assert "/v2/incident_updates" not in server.paths
        completed, error = reader.complete(reading.rows[:50])
        assert error is None
        assert len(completed) == 50
        assert server.paths.count("/v2/incident_updates") == 50
        assert len(server.paths) <= 60
        assert 50 / 6 <= server.most <= 12  # six rounds at most
        again = reader.read({"open": True})
        assert reader.complete(again.rows[:50]) == ({}, None)
        assert len(server.paths) - listed - 50 < listed
        reader.close()
        server.shutdown()
        thread.join()


def test_a_form_opens_under_its_row_and_keeps_what_was_typed(board, service, poller, clock):
    """One form is open at a time unless it is kept open; hidden text returns; the form moves with its row."""
    service.rows = [incident(1), incident(2), incident(3)]
    shown = board(kinds=("update",), open_form=lambda _kind, _reference: ipywidgets.VBox([ipywidgets.Text()]))
    update = {button.tooltip: button for button in buttons(shown, "Update") if not button.disabled}
    update["Update INC-1"].click()
    shown._panels._panels["update", "INC-1"].form.children[0].value = "typed"
    update["Update INC-3"].click()
    assert open_forms(shown) == ["INC-3"]
    update["Update INC-1"].click()
    assert open_forms(shown) == ["INC-1"]
    assert shown._panels._panels["update", "INC-1"].form.children[0].value == "typed"
    shown._panels._panels["update", "INC-1"].keep.value = True
    update["Update INC-2"].click()
    assert open_forms(shown) == ["INC-1", "INC-2"]
    clock.seconds += 40
    service.rows = [incident(2), incident(1, "Critical"), incident(3)]
    poller.read_due()
    assert open_forms(shown) == ["INC-1", "INC-2"]


def test_a_visible_form_stays_when_its_incident_leaves_the_board(board, service, poller, clock):
    """What is being typed is never taken away; a hidden form goes with its incident."""
    service.rows = [incident(1), incident(2), incident(3)]
    shown = board(kinds=("update",), open_form=lambda _kind, _reference: ipywidgets.VBox([ipywidgets.Text()]))
    update = {button.tooltip: button for button in buttons(shown, "Update") if not button.disabled}
    update["Update INC-2"].click()
    update["Update INC-1"].click()
    service.rows = [incident(3)]
    for _refresh in range(2):
        clock.seconds += 40
        poller.read_due()
    assert isinstance(shown._rows.children[-1], Panel)
    assert list(shown._panels._panels) == [("update", "INC-1")]


def order(board):
    """Return the references of the rows from top to bottom."""
    return [child.reference for child in board._rows.children if not isinstance(child, Panel)]


def signal(board, name):
    """Click what the page's script clicks."""
    next(child for child in board.children if name in child._dom_classes).click()


def test_rows_keep_their_order_while_the_user_is_in_the_table(board, service, poller, clock):
    """New rows are added at the end and rows that leave stay, marked, until the user leaves the table."""
    service.rows = [incident(1, "Critical"), incident(2), incident(3, "Minor")]
    shown = board(kinds=("update",))
    signal(shown, "ib-hold")
    service.rows = [incident(3, "Critical", minutes=500), incident(2), incident(4, "Critical", minutes=600)]
    for _refresh in range(2):
        clock.seconds += 40
        poller.read_due()
    assert order(shown) == ["INC-1", "INC-2", "INC-3", "INC-4"]
    gone = next(button for button in buttons(shown, "Update") if button.tooltip == "Update INC-1")
    assert gone.disabled
    signal(shown, "ib-release")
    assert order(shown) == ["INC-4", "INC-3", "INC-2"]


def test_a_row_counts_from_the_declaration():
    """An incident that was written down later is as old as its declaration, and sorted by it."""
    late = incident(3).incident
    stamp = models.IncidentTimestampValue(
        models.IncidentTimestamp("T", "Reported at", 1), models.TimestampValue(NOW - timedelta(days=9))
    )
    late = msgspec.structs.replace(late, incident_timestamp_values=[stamp], severity=incident(1).incident.severity)
    rows = ordered([Row(incident(1).incident, None, "T"), Row(late, None, "T")])
    assert [row.incident.reference for row in rows] == [late.reference, incident(1).incident.reference]
    assert rows[0].declared_at == NOW - timedelta(days=9)
    assert Row(late, None).declared_at == late.created_at
