"""What the environment says about training mode: a typo must not let a class write to real incidents."""

from __future__ import annotations

import subprocess
import sys

import pytest

from incidentio_magic.environment import NOTEBOOK, TRAINING_STAYS, class_in, how_training_ends, training_in


@pytest.mark.parametrize("value", ["1", "on", "yes", "ture", "0.0", " On "])
@pytest.mark.parametrize("name", ["INCIDENTIO_TRAINING", "incidentio_training"])
def test_training_is_on(name, value):
    """Any value but a clear no means yes, whatever the case of the name; no notebook can switch it off."""
    assert training_in({name: value})
    assert class_in({name: value})


@pytest.mark.parametrize("value", ["", "0", "off", "False", " no "])
def test_training_is_off(value):
    """A clear no, and no value at all, mean no."""
    assert not training_in({"INCIDENTIO_TRAINING": value})
    assert not training_in({})


def test_training_of_a_notebook():
    """What a notebook has switched on is training mode, but not the environment's."""
    assert training_in({"INCIDENTIO_TRAINING": NOTEBOOK})
    assert not class_in({"INCIDENTIO_TRAINING": NOTEBOOK})


def test_how_training_ends(monkeypatch):
    """A notebook's training mode ends with a command, the environment's only where the notebook is started."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", NOTEBOOK)
    assert how_training_ends() == "%incidents training off ends training mode"
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    assert how_training_ends() == TRAINING_STAYS


@pytest.mark.parametrize("change", ["", "del os.environ['INCIDENTIO_TRAINING']; "])
def test_a_class_stays_in_training_mode(monkeypatch, change):
    """A cell that removes the variable does not end a class's training mode."""
    if change and not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells with which environment a process was started")
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    program = (
        f"import os; {change}from incidentio_magic.environment import training_in;"
        " print(training_in(os.environ), training_in({}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"
