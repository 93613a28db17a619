"""The local memory of writes: private, append-only, and honest about what it does not know.

Serves `writes/ledger_entry.py`.
"""

from __future__ import annotations

import getpass
import json
import os
import stat
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidentio_magic.writes.drafts import Declaration, Update
from incidentio_magic.writes.ledger import NOT_SENT, SENDING, SENT, UNKNOWN, Entry, Ledger
from incidentio_magic.writes.ledger_entry import Notes

ENTRY = Entry(
    at="2026-11-23T12:00:00+00:00",
    who="alice",
    organisation="https://app.incident.io/org",
    verb="update",
    reference="INC-7",
    intent="update-1",
    key="update-1",
    outcome=SENDING,
)


@pytest.fixture
def ledger(tmp_path):
    """A ledger whose folders do not exist yet."""
    return Ledger(tmp_path / "state" / "deep" / "ledger.jsonl")


def write(ledger, *outcomes, key="update-1", **changes):
    """Append entries with these outcomes in turn."""
    for outcome in outcomes:
        ledger.append(replace(ENTRY, outcome=outcome, key=key, **changes))


def ends(ledger):
    """Return how each write ended."""
    return [entry.outcome for entry in ledger.outcomes()]


def test_a_missing_ledger_is_empty(ledger):
    """A ledger that was never written has no entries, and reading does not make it."""
    assert list(ledger.entries()) == ledger.outcomes() == ledger.of_intent("update-1") == []
    assert not ledger.path.exists()


def test_only_the_owner_can_read_it(ledger):
    """The file and its folder are made for their owner only, whatever the umask allows."""
    before = os.umask(0)
    try:
        write(ledger, SENDING)
    finally:
        os.umask(before)
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("act", [lambda ledger: write(ledger, SENT), Ledger.check], ids=["written", "checked"])
def test_a_file_that_others_could_read(ledger, act):
    """A ledger that something else made for all to read is closed to them."""
    ledger.path.parent.mkdir(parents=True)
    ledger.path.touch(0o644)
    ledger.path.chmod(0o666)
    act(ledger)
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


def test_a_device_keeps_its_mode(tmp_path):
    """Who keeps no ledger names a device for it, which is everybody's and stays so."""
    before = Path("/dev/null").stat().st_mode
    (tmp_path / "link").symlink_to("/dev/null")
    ledger = Ledger(tmp_path / "link")
    write(ledger, SENT)
    ledger.check()
    assert Path("/dev/null").stat().st_mode == before


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero"])
def test_a_device_holds_nothing(device):
    """A device in place of a file is not read, since it may have no end."""
    assert list(Ledger(device).entries()) == []


def test_entries_come_back_as_written(ledger):
    """What was appended is read back, in order, whatever characters it has."""
    odd = replace(ENTRY, who="Zoë\n\u2028\x85\ud800\"'", reference="🔥", result="r", request_id="q")
    ledger.append(ENTRY)
    ledger.append(odd)
    assert list(ledger.entries()) == [ENTRY, odd]
    assert len(ledger.path.read_bytes().splitlines()) == 2


def test_nothing_but_the_named_parts_is_kept(ledger):
    """A line has exactly the documented parts: no message and no key to the service."""
    write(ledger, SENT)
    line = json.loads(ledger.path.read_text())
    assert set(line) == {
        "at", "who", "organisation", "verb", "reference", "intent", "key", "outcome", "result", "request_id",
        "service_at",
    }  # fmt: skip
    assert set(line) == set(asdict(ENTRY))


@pytest.mark.parametrize(
    "torn",
    [
        b'{"at": "2026',
        b"\x00" * 40,
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{}",
        b'{"at": "x", "unknown": 1}',
        b"[" * 100_000,
        b"",
    ],
    ids=["cut", "zeroes", "not UTF-8", "list", "text", "null", "no parts", "other parts", "nested", "empty"],
)
@pytest.mark.parametrize("ended", [True, False], ids=["with line end", "without"])
def test_a_torn_line_costs_only_itself(ledger, torn, ended):
    """A line that a crash cut short hides neither the lines before it nor those appended after it."""
    write(ledger, SENDING, SENT)
    with ledger.path.open("ab") as file:
        file.write(torn + b"\n" * ended)
    assert len(list(ledger.entries())) == 2
    write(ledger, SENDING, UNKNOWN, key="update-2")
    assert [entry.outcome for entry in ledger.entries()] == [SENDING, SENT, SENDING, UNKNOWN]
    assert ends(ledger) == [SENT, UNKNOWN]


def test_a_path_may_be_text(ledger):
    """A path given as text is as good as any."""
    Ledger(str(ledger.path)).append(ENTRY)
    assert list(ledger.entries()) == [ENTRY]


def test_parts_of_later_versions_are_ignored(ledger):
    """A line with more parts than are known is still read."""
    write(ledger, SENT)
    ledger.path.write_text(json.dumps({**asdict(ENTRY), "colour": "red", "result": 5}) + "\n")
    assert list(ledger.entries()) == [replace(ENTRY, result="5")]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ([(SENDING, "a"), (SENT, "a")], [("a", SENT)]),
        ([(SENDING, "a"), (NOT_SENT, "a")], [("a", NOT_SENT)]),
        ([(SENDING, "a"), (UNKNOWN, "a")], [("a", UNKNOWN)]),
        ([(SENDING, "a")], [("a", UNKNOWN)]),
        ([(SENT, "a")], [("a", SENT)]),
        ([(SENDING, "a"), (SENDING, "b"), (SENT, "b"), (SENT, "a")], [("a", SENT), ("b", SENT)]),
        ([(SENDING, "a"), (SENDING, "b"), (SENT, "b")], [("a", UNKNOWN), ("b", SENT)]),
        ([(SENDING, "a"), (SENT, "a"), (SENDING, "a"), (NOT_SENT, "a")], [("a", SENT), ("a", NOT_SENT)]),
        ([(SENDING, "a"), (SENDING, "a"), (NOT_SENT, "a")], [("a", UNKNOWN), ("a", NOT_SENT)]),
        ([(SENDING, "a"), (SENDING, "a"), (SENT, "a"), (NOT_SENT, "a")], [("a", NOT_SENT), ("a", SENT)]),
    ],
    ids=[
        "sent",
        "not sent",
        "unknown",
        "crash",
        "beginning lost",
        "interleaved",
        "one crashed",
        "repeated",
        "crash and repeat",
        "two at once",
    ],
)
def test_how_writes_ended(ledger, written, found):
    """Each write has one end; a write without one is unknown, and a repeat after a crash is not mixed up with it."""
    for outcome, key in written:
        write(ledger, outcome, key=key)
    assert [(entry.key, entry.outcome) for entry in ledger.outcomes()] == found


def test_the_end_tells_the_result(ledger):
    """The end's own parts, such as result and request id, are what is told of a write."""
    write(ledger, SENDING)
    write(ledger, SENT, result="01U", request_id="req")
    assert [(outcome.result, outcome.request_id) for outcome in ledger.outcomes()] == [("01U", "req")]


def test_writes_of_one_intent(ledger):
    """The writes of one intent are found whatever keys they were chained to."""
    write(ledger, SENDING, SENT)
    write(ledger, SENDING, SENT, key="update-2")
    write(ledger, SENDING, SENT, key="update-3", intent="update-3")
    assert [entry.key for entry in ledger.of_intent("update-1")] == ["update-1", "update-2"]


SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from incidentio_magic.writes.ledger import Entry, Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(300):
    for outcome in ("sending", "sent"):
        ledger.append(Entry("t", sys.argv[2], "o", "update", "INC", "i", f"{sys.argv[2]}-{number}", outcome, "x" * 200))
"""


def test_two_processes_may_append(ledger):
    """Lines of processes that write at the same time never mix."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(ledger.path), name],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for name in "ab"
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(list(ledger.entries())) == 1200
    assert ends(ledger) == [SENT] * 600


@pytest.mark.parametrize("kind", ["a folder", "below a file"])
def test_an_unusable_path_is_an_os_error(tmp_path, kind):
    """A ledger that cannot be written says so by OSError, for its caller to judge."""
    if kind == "below a file":
        (tmp_path / "file").write_text("")
    path = tmp_path if kind == "a folder" else tmp_path / "file" / "ledger.jsonl"
    with pytest.raises(OSError, match=r"directory|exists"):
        Ledger(path).append(ENTRY)
    with pytest.raises(OSError, match="directory"):
        list(Ledger(path).entries())


def test_a_full_disk_is_not_taken_for_a_written_line(ledger, monkeypatch):
    """A line that was written in part only is reported, and does not spoil the next one."""
    whole = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[:10]))
        with pytest.raises(OSError, match="No space left"):
            write(ledger, SENDING)
    write(ledger, SENT)
    assert ends(ledger) == [SENT]


def test_an_intent_is_found_among_many_lines(ledger):
    """Only the lines of one intent are parsed; those of others, torn ones and the last line do not disturb."""
    ledger.path.parent.mkdir(parents=True)
    ledger.path.write_bytes(b'{"broken\n' * 3)
    wanted = [replace(ENTRY, intent="wanted", key=f"key-{number}", outcome=SENT) for number in range(3)]
    for entry in wanted:
        ledger.append(replace(ENTRY, intent="other", key="wanted-not", outcome=SENT))
        ledger.append(entry)
    assert ledger.of_intent("wanted") == wanted
    assert ledger.of_intent("missing") == []


@pytest.mark.parametrize("error", [OSError("no such user"), KeyError("uid not found: 4711"), ImportError("no pwd")])
def test_a_user_without_a_name(ledger, monkeypatch, make_incident, error):
    """In a container that runs as a number nobody has a name; the write is noted all the same."""

    def nameless():
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)
    Notes(ledger, Update(make_incident(), "text"), "org", timedelta).add(SENT, result="U1")
    (entry,) = ledger.outcomes()
    assert (entry.who, entry.outcome, entry.result, entry.reference) == ("", SENT, "U1", "INC-7")


def test_a_reference_that_is_known_only_afterwards(ledger):
    """A declaration has no reference before it is made; the line of its end has it."""
    notes = Notes(ledger, Declaration("Checkout fails"), "org", timedelta)
    notes.add(SENDING)
    notes.add(SENT, result="01INC7", reference="INC-7")
    assert [entry.reference for entry in ledger.entries()] == ["", "INC-7"]


def test_both_clocks_are_noted(ledger):
    """A line has the time of both clocks: the service's is shown, this machine's decides how long to wait."""
    before = datetime.now(UTC).replace(microsecond=0)
    Notes(ledger, Declaration("Checkout fails"), "org", lambda: timedelta(days=-300)).add(SENT, result="01INC7")
    (entry,) = ledger.entries()
    at = datetime.fromisoformat(entry.at)
    assert before <= at <= datetime.now(UTC)
    assert entry.moment == datetime.fromisoformat(entry.service_at) == at - timedelta(days=300)


@pytest.mark.parametrize(
    ("at", "service_at", "moment"),
    [
        ("2026-11-23T12:00:00+00:00", "2026-11-24T09:00:00+00:00", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("2026-11-23T12:00:00+00:00", "", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("2026-11-23T12:00:00", "", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("garbled", "", None),
    ],
    ids=["both clocks", "an earlier version", "without a zone", "garbled"],
)
def test_when_it_was(at, service_at, moment):
    """The service's time counts where a line has it; lines of earlier versions have this machine's."""
    assert replace(ENTRY, at=at, service_at=service_at).moment == moment
