"""The vendor's contract, downloaded when it is needed; nothing of it is in this repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import platformdirs

VERSION = "2.29.0"
VARIABLE = "INCIDENTIO_CONTRACT"  # the path of an openapi.json to use instead


class NoContract(Exception):
    """The contract cannot be had here; the message says why."""


def contract() -> dict[str, Any]:
    """Return the OpenAPI description in the source distribution of the vendor's SDK, kept in the user's cache.

    Raises:
        NoContract: If it cannot be downloaded.
    """
    if named := os.environ.get(VARIABLE):
        return json.loads(Path(named).read_text())
    kept = platformdirs.user_cache_path("incidentio_magic") / f"contract-{VERSION}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(_downloaded(kept.parent))
    return json.loads(kept.read_text())


def _downloaded(folder: Path) -> bytes:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation", "--no-binary"]
    command = [*pip, ":all:", "--dest", str(folder), f"incident-io=={VERSION}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    archive = next(folder.glob("incident_io-*.tar.gz"), None)
    if archive is None:
        raise NoContract(f"pip could not download incident-io {VERSION}: {ended.stderr.strip()[-200:]}")
    try:
        with tarfile.open(archive) as files:
            member = next(name for name in files.getnames() if name.endswith("/openapi.json"))
            content = files.extractfile(member)
            assert content is not None
            return content.read()
    finally:
        archive.unlink()
