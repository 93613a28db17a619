"""The house itself: a module has its test at the same path, or the docstring of a test says that it serves it."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "incidentio_magic"


def behaves(module):
    """Return whether a module has a function or a method to test."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(module.read_text("utf-8"))))


def at_the_same_path(module):
    """Return where a module's own test may stand: `writes/sender.py` has `tests/writes/test_sender.py`."""
    room = TESTS / module.relative_to(PACKAGE).parent
    names = {module.stem, module.stem.strip("_"), room.name if module.stem == "__init__" else module.stem}
    return [room / f"test_{name}.py" for name in sorted(names)] + [room.parent / f"test_{room.name}.py"][
        : module.stem == "__init__"
    ]


@functools.cache
def served():
    """Return each module that a test's docstring names, with the tests that name it."""
    found = {}
    for test in sorted(TESTS.rglob("test_*.py")):
        words = ast.get_docstring(ast.parse(test.read_text("utf-8"))) or ""
        serves = re.search(r"^Serves (.*?)\.$", words, re.DOTALL | re.MULTILINE)
        for name in re.findall(r"`([\w/]+\.py)`", serves[1] if serves else ""):
            found.setdefault(name, []).append(test.relative_to(TESTS).as_posix())
    return found


def modules():
    """Return each module that has something to test, by its path in the package."""
    found = {module.relative_to(PACKAGE).as_posix(): module for module in sorted(PACKAGE.rglob("*.py"))}
    return {name: module for name, module in found.items() if behaves(module)}


def test_every_module_has_a_test():
    """No module is without: a new one gets a test at its path, or the test that serves it says so."""
    without = [
        name
        for name, module in modules().items()
        if name not in served() and not any(test.exists() for test in at_the_same_path(module))
    ]
    assert without == []


def test_no_test_serves_what_is_gone():
    """A test that names a module that has moved says something untrue."""
    assert {name: tests for name, tests in served().items() if not (PACKAGE / name).exists()} == {}
