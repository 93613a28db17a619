"""What the process's environment says: the names of its variables, and whether training mode is on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_VARIABLES: Final = ("INCIDENTIO_API_KEY", "INCIDENT_API_KEY")
TRAINING_VARIABLE: Final = "INCIDENTIO_TRAINING"
NOTEBOOK: Final = "notebook"  # the value if the notebook, not its environment, switched training mode on
USER_VARIABLE: Final = "INCIDENTIO_USER"
PROXY_VARIABLE: Final = "INCIDENTIO_PROXY"
TRAINING_STAYS: Final = f"unset {TRAINING_VARIABLE} where the notebook is started, and restart the kernel"
NO: Final = frozenset({"", "0", "off", "false", "no"})  # values that switch something off


def training_in(environment: Mapping[str, str]) -> bool:
    """Return whether `INCIDENTIO_TRAINING` sets training mode, or did when this module was imported.

    Every value except 0, off, no and false means yes, and the variable's name may have any case, because a typo must
    not let a class write to real incidents.
    """
    return class_in(environment) or environment.get(TRAINING_VARIABLE) == NOTEBOOK


def class_in(environment: Mapping[str, str]) -> bool:
    """Return whether the environment has switched training mode on; then no notebook can switch it off."""
    return _STARTED_IN_CLASS or _class_in(environment)


def how_training_ends() -> str:
    """Return how to end training mode; a notebook cannot end the environment's training mode."""
    return TRAINING_STAYS if class_in(os.environ) else "%incidents training off ends training mode"


def _class_in(environment: Mapping[str, str]) -> bool:
    values = [value.strip().lower() for name, value in environment.items() if name.upper() == TRAINING_VARIABLE]
    return any(value not in NO and value != NOTEBOOK for value in values)


def _start_environment() -> dict[str, str]:
    """Return the environment with which the process was started, if the system provides it; code cannot change it."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(entry).partition("=") for entry in entries)
    return {name: value for name, _, value in pairs if name}


# A class stays in training mode even if a cell removes or changes the variable before this module is imported.
_STARTED_IN_CLASS: Final = _class_in(os.environ) or _class_in(_start_environment())
