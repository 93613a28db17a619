"""The lock serialises threads and processes, and never keeps a write from being sent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from incidentio_magic.writes.process_lock import process_lock

HOLD = """
import pathlib, sys
from incidentio_magic.writes.process_lock import process_lock
with process_lock(pathlib.Path(sys.argv[1]), "same", patience=0) as acquired:
    print(acquired, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock called `same`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def test_a_free_lock_is_acquired_at_once(tmp_path, clock):
    """A free lock is acquired without a wait, and again after its release."""
    for _round in range(2):
        with process_lock(tmp_path / "deep" / "locks", "same", patience=9, sleep=clock.sleep) as acquired:
            assert acquired
    assert clock.slept == []


def test_only_the_owner_can_use_the_files(tmp_path):
    """The lock files belong to one user alone."""
    with process_lock(tmp_path / "locks", "update-ab12", patience=0):
        assert [path.name for path in (tmp_path / "locks").iterdir()] == ["12"]
    assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "locks" / "12").stat().st_mode & 0o777 == 0o600


def test_another_process_is_waited_for(tmp_path, clock, holder):
    """A lock of another process is waited for and announced, and acquired when that process dies."""
    announced = []

    def sleep(seconds):
        clock.sleep(seconds)
        if len(clock.slept) == 5:
            holder.send_signal(signal.SIGKILL)
            holder.wait()

    with process_lock(tmp_path, "same", patience=9, waiting=announced.append, sleep=sleep) as acquired:
        assert acquired
    assert len(clock.slept) >= 5
    assert announced == [True, False]


def test_patience_ends(tmp_path, clock, holder):
    """A lock that is held for too long is not waited for any longer."""
    announced = []
    with process_lock(tmp_path, "same", patience=1.0, waiting=announced.append, sleep=clock.sleep) as acquired:
        assert not acquired
    assert sum(clock.slept) == pytest.approx(1.0, abs=0.1)
    assert announced == [True, False]


def test_other_names_do_not_wait(tmp_path, clock, holder):
    """A lock with another name is free."""
    with process_lock(tmp_path, "other", patience=9, sleep=clock.sleep) as acquired:
        assert acquired
    assert clock.slept == []


def test_threads_exclude_each_other(tmp_path):
    """Threads of one process exclude each other too."""
    inside, most = [], []

    def work():
        with process_lock(tmp_path, "same", patience=30) as acquired:
            assert acquired
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_an_interrupt_ends_the_wait(tmp_path, holder):
    """An interrupted wait leaves no file open."""

    def stop(_seconds):
        raise KeyboardInterrupt

    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH208, PTH112
    with pytest.raises(KeyboardInterrupt), process_lock(tmp_path, "same", patience=9, sleep=stop):
        pass
    after = len(os.listdir("/proc/self/fd")) if before else 0  # noqa: PTH208
    assert after == before


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_used(tmp_path, place):
    """Where the files cannot be made there is no lock, and no error."""
    (tmp_path / "file").write_text("")
    with process_lock(tmp_path / place, "same", patience=9) as acquired:
        assert not acquired
