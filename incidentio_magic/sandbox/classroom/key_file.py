"""The file beside a database that holds the keys in clear text, readable by its owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidentio_magic.sandbox.class_records import Secrets

OWNER_ONLY = 0o600


class KeyFile:
    """Keeps the keys of one database.

    Args:
        database: the database's path; None keeps nothing.
    """

    def __init__(self, database: str | None) -> None:
        self.path = Path(f"{database}.keys") if database else None

    def read(self) -> Secrets:
        """Return the file's content; empty if there is no file.

        Raises:
            ValueError: the file is not a key file.
        """
        if self.path is None or not self.path.exists():
            return {}
        self.path.chmod(OWNER_ONLY)
        try:
            found: Secrets | None = json.loads(self.path.read_text("utf-8"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ValueError(f"{self.path} holds no keys: move it away, and new keys are made")  # noqa: TRY004
        return found

    def write(self, content: Secrets) -> None:
        """Replace the file atomically; only its owner can ever read it."""
        if self.path is None:
            return
        new = self.path.with_name(f"{self.path.name}.new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
