"""A small class through a whole drill; `python -m tests.classroom` holds one of thirty."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_a_class_through_a_drill():
    """Six processes on one server, with faults: no error, no lost or doubled write, scores as worked out by hand."""
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "tests.classroom", "--trainees", "6"]
    held = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=110, check=False)
    assert held.returncode == 0, held.stdout + held.stderr
    assert "problems: 0" in held.stdout
    assert re.search(r"6 trainees, \d+ commands, 23 writes", held.stdout), held.stdout
