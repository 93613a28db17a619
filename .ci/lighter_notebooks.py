"""Builds the wheel's notebooks without indentation, and without the pictures of charts: JupyterLab draws these."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CHART = "application/vnd.vegalite.v5+json"
INSIDE = "incidentio_magic/notebooks"


class LighterNotebooks(BuildHookInterface):  # type: ignore[type-arg]  # hatchling does not say of what
    """Puts the numbered notebooks and the guide into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the notebooks to a folder of their own, and name each for the wheel."""
        if version == "editable":
            return
        self.folder = Path(tempfile.mkdtemp())
        source = Path(self.root) / "notebooks"
        for path in sorted([*source.glob("[0-9]*.ipynb"), *source.glob("guide/[!.]*.*")]):
            copy = self.folder / path.relative_to(source)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(without_drawn_charts(path) if path.suffix == ".ipynb" else path.read_bytes())
            build_data["force_include"][str(copy)] = f"{INSIDE}/{path.relative_to(source).as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatch's
        """Remove the folder."""
        if version != "editable":
            shutil.rmtree(self.folder)


def without_drawn_charts(path: Path) -> bytes:
    """Return a notebook in which a chart that has its description has no picture."""
    notebook = json.loads(path.read_text("utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if CHART in data:
                data.pop("image/png", None)
    return json.dumps(notebook, ensure_ascii=False, separators=(",", ":")).encode()
