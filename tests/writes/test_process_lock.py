"""One at a time, over threads and processes, and never a reason not to write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from incidentio_magic.writes.process_lock import turn

HOLD = """
import pathlib, sys
from incidentio_magic.writes.process_lock import turn
with turn(pathlib.Path(sys.argv[1]), "same", patience=0) as got:
    print(got, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that keeps the turn called `same`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def test_a_free_turn_is_got_at_once(tmp_path, clock):
    """A turn that nobody has is got without a wait, and again after it was given back."""
    for _time in range(2):
        with turn(tmp_path / "deep" / "turns", "same", patience=9, sleep=clock.sleep) as got:
            assert got
    assert clock.slept == []


def test_only_the_owner_can_use_the_files(tmp_path):
    """The files that stand for the turns belong to one user alone."""
    with turn(tmp_path / "turns", "update-ab12", patience=0):
        assert [path.name for path in (tmp_path / "turns").iterdir()] == ["12"]
    assert (tmp_path / "turns").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "turns" / "12").stat().st_mode & 0o777 == 0o600


def test_another_process_is_waited_for(tmp_path, clock, holder):
    """While another process keeps a turn it is waited for, told so, and got when that process dies."""
    told = []

    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.slept) == 5:
            holder.send_signal(signal.SIGKILL)
            holder.wait()

    with turn(tmp_path, "same", patience=9, waiting=told.append, sleep=sleep) as got:
        assert got
    assert len(clock.slept) >= 5
    assert told == [True, False]


def test_patience_ends(tmp_path, clock, holder):
    """A turn that is kept for too long is done without."""
    told = []
    with turn(tmp_path, "same", patience=1.0, waiting=told.append, sleep=clock.sleep) as got:
        assert not got
    assert sum(clock.slept) == pytest.approx(1.0, abs=0.1)
    assert told == [True, False]


def test_other_names_do_not_wait(tmp_path, clock, holder):
    """A turn with another name is free."""
    with turn(tmp_path, "other", patience=9, sleep=clock.sleep) as got:
        assert got
    assert clock.slept == []


def test_threads_take_turns(tmp_path):
    """Threads of one process exclude each other too."""
    inside, most = [], []

    def work():
        with turn(tmp_path, "same", patience=30) as got:
            assert got
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == [1] * 8


def test_an_interrupt_ends_the_wait(tmp_path, holder):
    """Who stops waiting for a turn leaves nothing open."""

    def stop(_seconds):
        raise KeyboardInterrupt

    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH208, PTH112
    with pytest.raises(KeyboardInterrupt), turn(tmp_path, "same", patience=9, sleep=stop):
        pass
    after = len(os.listdir("/proc/self/fd")) if before else 0  # noqa: PTH208
    assert after == before


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_used(tmp_path, place):
    """Where the files cannot be made there is no turn, and no error."""
    (tmp_path / "file").write_text("")
    with turn(tmp_path / place, "same", patience=9) as got:
        assert not got
