"""Request bodies: reads each field with its type and collects every problem."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from incidentio_magic.sandbox.http.errors import Problem, invalid
from incidentio_magic.sandbox.incidentio.clock import parsed, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incidentio_magic.sandbox.records import JsonObject

T = TypeVar("T")
LONGEST_TEXT = 100_000


class Body:
    """A JSON object of a request.

    Args:
        document: the object.
        problems: where problems are collected; objects inside this one share it.
        pointer: where this object is in the request.
    """

    def __init__(self, document: JsonObject, problems: list[Problem] | None = None, pointer: str = "") -> None:
        self.document = document
        self.problems: list[Problem] = [] if problems is None else problems
        self.pointer = pointer

    def __contains__(self, name: str) -> bool:
        return self.document.get(name) is not None

    def blame(self, name: str, message: str, code: str = "invalid_value") -> None:
        """Note that a field is wrong."""
        self.problems.append(Problem(message, f"{self.pointer}/{name}", code))

    def check(self) -> None:
        """Refuse the request if any field was wrong.

        Raises:
            RefusedError: 422, with every problem.
        """
        if self.problems:
            raise invalid(*self.problems)

    def _typed(self, name: str, kind: type[T], called: str, *, required: bool) -> T | None:
        value = self.document.get(name)
        if value is None:
            if name in self.document and not required:
                self.blame(name, f"{name} must not be null: leave it out")
            elif required:
                self.blame(name, f"{name} is required", "is_required")
            return None
        # JSON has booleans that are not numbers; in Python they are.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.blame(name, f"{name} must be {called}")
            return None
        return value

    def text(self, name: str, *, required: bool = False, empty: bool = True, longest: int = LONGEST_TEXT) -> str | None:
        """Return a string.

        Args:
            name: the field.
            required: whether it must be given.
            empty: whether it may be empty.
            longest: how many characters it may have.
        """
        value = self._typed(name, str, "a string", required=required)
        if value is None:
            return None
        if "\0" in value:
            self.blame(name, f"{name} must not contain NUL characters")
        elif not empty and not value.strip():
            self.blame(name, f"{name} must not be empty", "is_required")
        elif len(value) > longest:
            self.blame(name, f"{name} must have at most {longest} characters", "too_long")
        else:
            return value
        return None

    def choice(self, name: str, choices: Iterable[str], *, required: bool = False) -> str | None:
        """Return one of the strings that are allowed."""
        value = self.text(name, required=required)
        if value is not None and value not in choices:
            self.blame(name, f"{name} must be one of {', '.join(choices)}")
            return None
        return value

    def reference(self, name: str, known: Mapping[str, object], *, required: bool = False) -> str | None:
        """Return the identifier of something that exists."""
        value = self.text(name, required=required)
        if value is not None and value not in known:
            self.blame(name, f"{name} does not exist", "not_found")
            return None
        return value

    def take_null_as_absent(self, *names: str) -> None:
        """Let null stand for nothing in these properties, where the contract says that it does."""
        for name in names:
            if name in self.document and self.document[name] is None:
                del self.document[name]

    def flag(self, name: str, *, required: bool = False) -> bool | None:
        """Return a boolean."""
        return self._typed(name, bool, "a boolean", required=required)

    def integer(self, name: str, least: int, most: int) -> int | None:
        """Return a whole number within bounds."""
        value = self._typed(name, int, "an integer", required=False)
        if value is not None and not least <= value <= most:
            self.blame(name, f"{name} must be between {least} and {most}")
            return None
        return value

    def moment(self, name: str, *, required: bool = False) -> str | None:
        """Return a time, as the store writes it."""
        value = self.text(name, required=required)
        if value is None:
            return None
        try:
            if datetime.fromisoformat(value).tzinfo is None:
                raise ValueError(value)  # noqa: TRY301  one answer for every bad time
            return written(parsed(value))
        except (ValueError, OverflowError):
            self.blame(name, f"{name} must be an RFC 3339 time")
            return None

    def inner(self, name: str, *, required: bool = False) -> Body | None:
        """Return an object inside this one."""
        value = self._typed(name, dict, "an object", required=required)
        return None if value is None else Body(value, self.problems, f"{self.pointer}/{name}")

    def inners(self, name: str, *, required: bool = False) -> list[Body]:
        """Return the objects of a list inside this one."""
        bodies = []
        for position, value in enumerate(self._typed(name, list, "a list", required=required) or []):
            if isinstance(value, dict):
                bodies.append(Body(value, self.problems, f"{self.pointer}/{name}/{position}"))
            else:
                self.blame(f"{name}/{position}", f"each entry of {name} must be an object")
        return bodies

    def texts(self, name: str) -> list[str]:
        """Return the strings of a list."""
        values = self._typed(name, list, "a list", required=False) or []
        if not all(isinstance(value, str) for value in values):
            self.blame(name, f"{name} must be a list of strings")
            return []
        return values
