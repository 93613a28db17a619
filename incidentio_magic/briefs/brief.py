"""A text for a colleague: it displays itself as a document and can be saved, but never over an edited file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incidentio_magic.postmortem.saving import save

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Brief:
    """A text for a colleague. It displays itself as a document.

    Args:
        markdown: The text.
        frame: The rows behind the text; None if there are none.
    """

    markdown: str
    frame: pd.DataFrame | None = None

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save it atomically to a file. A file that was edited is not replaced.

        Args:
            path: The file.
            overwrite: Whether to replace the file even if it was edited.

        Raises:
            InputError: If the file was edited, or cannot be written.
        """
        return save(Path(path).expanduser(), self.markdown, overwrite=overwrite)

    def __repr__(self) -> str:
        return self.markdown

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, Any]:
        return {"text/markdown": self.markdown, "text/plain": self.markdown}
