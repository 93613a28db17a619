"""Running tests against a changed copy of the tree: each run in a process forked from one that has imported much."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.mutation.changes import Change

ROOT = Path(__file__).parents[2]
NOT_COPIED = (
    ".git",
    ".venv",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    ".coverage*",
    "build",
    "dist",
    "site",
    "*.sqlite",
)
QUIET = (
    *("-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--timeout", "60"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of what `warm` has imported
)
NEAREST = 40  # tests that a change meets first, or all of its module's own; nearly all changes end there
FARTHER = 40  # tests that it meets then, from as many files as there are
LIMIT = 900  # seconds for one run of tests; a loop that a change makes endless ends by the limit of its test


def copy_tree(folder: Path) -> Path:
    """Copy what the tests need, which is the whole repository without what was made there, and return the copy."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return folder


def fingerprint(folder: Path) -> str:
    """Return what tells two trees apart: lines that move, or tests with other names, need a coverage of their own."""
    digest = hashlib.sha256()
    for module in sorted([*folder.glob("incidentio_magic/**/*.py"), *folder.glob("tests/**/*.py")]):
        digest.update(f"{module.relative_to(folder)}\0".encode() + module.read_bytes() + b"\0")
    return digest.hexdigest()


def collect_coverage(folder: Path, file: Path) -> None:
    """Run the tests once, and keep which test runs which line.

    Args:
        folder: A copy of the tree.
        file: Where the coverage is kept.

    Raises:
        SystemExit: If a test fails before anything is changed.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov", "incidentio_magic"]
    options = ["-p", "tests.mutation.contexts", "--cov-report", "", "--timeout", "300"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COVERAGE_FILE": str(file)}
    run = subprocess.run([*command, *options], cwd=folder, env=environment, check=False)
    if run.returncode:
        file.unlink(missing_ok=True)
        raise SystemExit("The tests fail before anything is changed: mend them first.")
    _tree_of(file).write_text(fingerprint(folder), "utf-8")


def check_coverage(folder: Path, file: Path) -> None:
    """Check that the coverage kept in a file is that of a tree.

    Raises:
        SystemExit: If it is another tree's.
    """
    try:
        kept = _tree_of(file).read_text("utf-8")
    except FileNotFoundError:
        kept = ""
    if kept != fingerprint(folder):
        raise SystemExit(f'"{file}" is the coverage of another tree. Remove it, or name a new file.')


def _tree_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.tree")


class Coverage:
    """Which tests run which lines."""

    def __init__(self, file: Path) -> None:
        """Read what `collect_coverage` kept."""
        import coverage

        self._data = coverage.CoverageData(str(file))
        self._data.read()
        # The paths are those of the copy that was measured.
        self._files = {
            name[name.rindex("incidentio_magic/", 0, name.rindex("/") + 1) :]: name
            for name in self._data.measured_files()
        }
        self._lines: dict[str, dict[int, list[str]]] = {}

    def tests_of(self, change: Change) -> tuple[list[str], list[str]]:
        """Return the tests that run a change's line, and those that run its module without it, each nearest first."""
        path = change.path
        if path not in self._lines:
            file = self._files.get(path)
            self._lines[path] = self._data.contexts_by_lineno(file) if file else {}
        lines = self._lines[path]
        everywhere = {test for tests in lines.values() for test in tests if test}
        here = {test for test in lines.get(change.line, ()) if test} or everywhere
        nearest = sorted(here, key=lambda test: _distance(test, path))
        # What runs once, as a module is imported or as a result is kept, is recorded with the first test only.
        return nearest, sorted(everywhere - here, key=lambda test: _distance(test, path))


def from_each_file(tests: Iterable[str]) -> list[str]:
    """Return tests in an order in which each file has its turn: those of one file notice much the same."""
    files: dict[str, list[str]] = {}
    for test in tests:
        files.setdefault(test.partition("::")[0], []).append(test)
    turns = itertools.zip_longest(*files.values())
    return [test for turn in turns for test in turn if test is not None]


def _distance(test: str, path: str) -> tuple[int, str]:
    """Return how far a test is from a module: the parts of their paths that differ."""
    ours = Path(path).with_suffix("").parts[1:]
    its = Path(test.partition("::")[0]).with_suffix("").parts[1:]
    its = (*its[:-1], its[-1].removeprefix("test_"))
    common = next((place for place, (our, their) in enumerate(zip(ours, its, strict=False)) if our != their), len(its))
    return (len(ours) - common, test)


def passes(folder: Path, tests: Sequence[str]) -> bool:
    """Return whether all of some tests pass in a copy of the tree; tests that do not end have failed."""
    child = os.fork()
    if child == 0:
        os.setsid()
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = str(folder)
        sys.path.insert(0, str(folder))
        sys.argv = ["pytest"]
        code = 70
        try:
            import pytest

            code = int(pytest.main([*QUIET, *tests]))
        finally:
            os._exit(code)
    ends = time.monotonic() + LIMIT
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_group(child)
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    _end_group(child)
    os.waitpid(child, 0)
    return False


def _end_group(leader: int) -> None:
    """End what a run has started and left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def survives(change: Change, folder: Path, covering: Coverage) -> bool:
    """Make a change in a copy of the tree, run the tests, and return whether all of them pass.

    The nearest tests that run the line come first, all of those in the module's own file; then others that run the
    line, from many files, then the nearest that run the module, and at last all that are left of those that run the
    line. A change that only tests beyond these would notice survives: the share of noticed changes is never too high.
    """
    path = folder / change.path
    source = path.read_bytes()
    path.write_bytes(change.apply(source))
    try:
        here, elsewhere = covering.tests_of(change)
        near = max(NEAREST, sum(_distance(test, change.path)[0] == 0 for test in here))
        farther = from_each_file(here[near:])
        rounds = (here[:near], farther[:FARTHER], elsewhere[:FARTHER], farther[FARTHER:])
        return all(passes(folder, tests) for tests in rounds if tests)
    finally:
        path.write_bytes(source)
        # Compiled code is known by its file's size and second of change: two changes can have both in common.
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def warm() -> None:
    """Import what the tests import, but nothing of the project: each forked run then starts at once."""
    import _hypothesis_pytestplugin  # noqa: F401
    import flask  # noqa: F401
    import hypothesis  # noqa: F401
    import IPython  # noqa: F401
    import ipywidgets  # noqa: F401
    import keyring  # noqa: F401
    import msgspec  # noqa: F401
    import pandas as pd  # noqa: F401
    import pytest_cov.plugin  # noqa: F401
    import pytest_timeout  # noqa: F401
    import requests  # noqa: F401
    import responses  # noqa: F401
    import xdist.plugin  # noqa: F401
