"""A plugin for pytest: each line that coverage records is recorded with the test that runs it."""

from __future__ import annotations

import coverage
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """From here on, lines are run by this test."""
    if measuring := coverage.Coverage.current():
        measuring.switch_context(item.nodeid)
