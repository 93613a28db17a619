"""What a page's forms and boards are held against: axe-core, the contrast of every text, and what leaves its place.

axe-core comes from npm when it is first needed, and is kept in the cache of this machine.
"""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import platformdirs
import pytest

VERSION = "4.14.1"
ENOUGH = 4.5


@functools.cache
def axe() -> str:
    """Return the text of axe-core; skip, saying why, where it cannot be had."""
    kept = Path(platformdirs.user_cache_dir("incidentio_magic-tests")) / f"axe-core-{VERSION}.min.js"
    if not kept.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("axe-core comes from npm, which is not installed")
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", f"axe-core@{VERSION}", "--silent"]
            fetched = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
            packed = next(Path(folder).glob("*.tgz"), None)
            if packed is None:
                pytest.skip(f"axe-core could not be fetched: {fetched.stderr.decode()[-200:]}")
            with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as archive:
                text = archive.extractfile("package/axe.min.js").read()
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(text)
    return kept.read_text("utf-8")


def findings(page) -> list[str]:
    """Return what is wrong with a page's forms and boards: by axe-core, by contrast, and by what leaves its place."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
        page.evaluate(Path(__file__).with_suffix(".js").read_text("utf-8"))
    return page.evaluate("wanted => window.examine(wanted)", ENOUGH)
