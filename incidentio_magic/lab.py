"""Starts JupyterLab on the first notebook, with a sandbox for every new notebook."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jupyterlab  # noqa: F401  a missing extra must fail before anything starts

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST: Final = "01-quickstart.ipynb"
_CONTAINERS: Final = ("/.dockerenv", "/run/.containerenv")  # files that Docker and Podman create in containers


def notebooks() -> Path:
    """Return the folder of the notebooks that come with this package: inside it, or beside it in a clone."""
    inside = Path(__file__).parent / "notebooks"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "notebooks"


def circumstances(given: Sequence[str], *, is_root: bool | None = None, in_container: bool | None = None) -> list[str]:
    """Return the options that JupyterLab needs as root or in a container, unless they are given.

    Args:
        given: The options that were given.
        is_root: Whether this is the administrator's account, which JupyterLab refuses otherwise.
        in_container: Whether this is a container, which has no browser and is reached from outside.
    """
    root = is_root if is_root is not None else hasattr(os, "geteuid") and os.geteuid() == 0
    container = in_container if in_container is not None else any(map(os.path.exists, _CONTAINERS))
    wanted = ["--allow-root"] if root else []
    wanted += ["--ip=0.0.0.0", "--no-browser"] if container else []
    names = {option.partition("=")[0] for option in given} | {"--ip" for option in given if "ServerApp.ip" in option}
    return [option for option in wanted if option.partition("=")[0] not in names]


def main(arguments: Sequence[str]) -> int:
    """Copy the notebooks, start a sandbox and JupyterLab, and return JupyterLab's exit code.

    Args:
        arguments: `--folder DIR`; what follows `--` goes to JupyterLab.
    """
    parser = argparse.ArgumentParser(prog="python -m incidentio_magic lab", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("incidentio-notebooks"), help="where to work (%(default)s)")
    split = list(arguments).index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    options.folder.mkdir(parents=True, exist_ok=True)
    for page in sorted([*notebooks().glob("*.ipynb"), *notebooks().glob("guide/*"), *notebooks().glob("pictures/*")]):
        copy = options.folder / page.relative_to(notebooks())
        if not copy.exists():  # keep a notebook that the user has worked in
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(page, copy)
    with Sandbox() as sandbox:
        environment = {
            **os.environ,
            "INCIDENTIO_BASE_URL": sandbox.url,
            "INCIDENTIO_API_KEY": sandbox.key,
        }
        print(f"A sandbox runs on {sandbox.url}; new notebooks are connected to it.", flush=True)  # noqa: T201
        given = arguments[split + 1 :]
        command = [sys.executable, "-m", "jupyterlab", str(options.folder / FIRST), *circumstances(given), *given]
        try:
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603  its own words
        except KeyboardInterrupt:
            return 0
