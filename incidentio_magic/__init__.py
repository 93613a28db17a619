"""incident.io inside Jupyter: magics, DataFrames and a Python client.

`%load_ext incidentio_magic` in a notebook, or `from incidentio_magic import connect` in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from incidentio_magic.client import Incidents, connect
    from incidentio_magic.client.archive import open_export
    from incidentio_magic.errors import IncidentioError
    from incidentio_magic.frames.excel import for_excel

__all__ = ["IncidentioError", "Incidents", "__version__", "connect", "for_excel", "open_export"]

_HOMES = {
    "Incidents": "incidentio_magic.client",
    "connect": "incidentio_magic.client",
    "IncidentioError": "incidentio_magic.errors",
    "open_export": "incidentio_magic.client.archive",
    "for_excel": "incidentio_magic.frames.excel",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that loading the extension stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Register the magics in a shell; called by `%load_ext incidentio_magic`."""
    from incidentio_magic.magics._early import uncollected  # noqa: PLC0415

    with uncollected("incidentio_magic.magics.extension"):
        from incidentio_magic.magics.extension import load  # noqa: PLC0415

        load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Remove the magics from a shell; called by `%unload_ext incidentio_magic`."""
    from incidentio_magic.magics.extension import unload  # noqa: PLC0415

    unload(ipython)
