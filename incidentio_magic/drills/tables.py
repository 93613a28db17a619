"""Tables of a scenario's file, which read their values and note what is wrong, with its line."""

from __future__ import annotations

import re
import reprlib
import sys
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import ScenarioError
from incidentio_magic.names.close_matches import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST: Final = sys.float_info.max  # TOML has infinity, and whole numbers of any size
_MINUTES: Final = "a number of minutes, 0 or more"


class Mistakes:
    """The mistakes of one file.

    Args:
        file: What the file is called in messages.
        text: Its text.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self._found: list[tuple[int, str, str]] = []

    def note(self, table: str, number: int, key: str, why: str, hint: str = "") -> None:
        """Note a mistake.

        Args:
            table: The kind of table, such as `event`; empty for the file's beginning.
            number: Its place among those of its kind, from 0.
            key: The key to blame.
            why: What is wrong with it.
            hint: The nearest right thing.
        """
        place = f"[[{table}]] {number + 1}: " if table else ""
        self._found.append((self._line(table, number, key), f"{place}{key} {why}", hint))

    def refuse(self) -> None:
        """Refuse the file if there are mistakes.

        Raises:
            ScenarioError: Naming all of them, in the order of their lines.
        """
        found = sorted(self._found, key=lambda mistake: mistake[0])
        if not found:
            return
        if len(found) == 1:
            line, text, hint = found[0]
            raise ScenarioError(f"{self.file}, line {line}: {text}.", hint=hint)
        raise ScenarioError(
            f"{self.file} has {len(found)} mistakes.",
            mistakes=[f"line {line}: {text}." + (f" → {hint}" if hint else "") for line, text, hint in found],
        )

    def _line(self, table: str, number: int, key: str) -> int:
        """Return the line where a key stands, or its table begins if it is missing."""
        begins, found = 1, None
        inside, tables = not table, -1
        for place, line in enumerate(self._text.splitlines(), 1):
            if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", line):
                if not table and header[1] == key:
                    return found or place  # the key is a table
                tables += header[1] == table
                inside = header[1] == table and tables == number
                begins = place if inside else begins
            elif inside and found is None and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                found = place
        return found or begins


class Table:
    """One table of the file.

    Args:
        content: What TOML has read.
        mistakes: Where mistakes are noted.
        name: The kind of table; empty for the file's beginning.
        number: Its place among those of its kind, from 0.
    """

    def __init__(self, content: dict[str, Any], mistakes: Mistakes, name: str = "", number: int = 0) -> None:
        self.content = content
        self.number = number
        self._mistakes = mistakes
        self._name = name
        self._misspelt: set[str] = set()  # keys that are there under a wrong name

    def wrong(self, key: str, why: str, hint: str = "") -> None:
        """Note that a key is wrong."""
        self._mistakes.note(self._name, self.number, key, why, hint)

    def missing(self, key: str, why: str = "is missing", hint: str = "") -> None:
        """Note that a key is missing, unless it is only misspelt, which is noted already."""
        if key not in self._misspelt:
            self.wrong(key, why, hint)

    def only(self, allowed: Iterable[str], of: str = "") -> None:
        """Note keys that are not among these."""
        for key in self.content:
            if key not in allowed:
                near = closest(key, allowed, most=1)
                self._misspelt.update(near)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(allowed)}"
                self.wrong(key, f"is not a key of {of or self._name or 'a scenario'}", hint)

    def tables(self, key: str) -> list[Table]:
        """Return the tables of a list."""
        found = self.content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.wrong(key, f"must be written as [[{key}]]")
            return []
        return [Table(entry, self._mistakes, key, number) for number, entry in enumerate(found)]

    def text(self, key: str, default: str | None = None, *, longest: int = 0) -> str:
        """Return a text.

        Args:
            key: The key.
            default: The text if the key is missing; None if it must be there.
            longest: How many characters it may have; 0 for any number.
        """
        value = self.content.get(key, default)
        if value is None:
            self.missing(key)
        elif not isinstance(value, str) or (default is None and not value.strip()):
            self.wrong(key, f"must be text in quotes, not {reprlib.repr(value)}")
        elif "\0" in value:
            self.wrong(key, f"must not contain NUL characters: {reprlib.repr(value)}")
        elif longest and len(value.strip()) > longest:
            self.wrong(key, f"must have at most {longest} characters, not {len(value.strip())}")
        else:
            return value.strip()
        return ""

    def minutes(self, key: str, default: float | None = None) -> float:
        """Return a number of minutes."""
        return self.number_of(key, default, what=_MINUTES)

    def number_of(self, key: str, default: float | None, *, what: str) -> float:
        """Return a number that is not negative.

        Args:
            key: The key.
            default: The number if the key is missing; None if it must be there.
            what: What it is, for messages.
        """
        value = self.content.get(key, default)
        if value is None:
            self.missing(key, hint=f"give {what}")
        elif not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LARGEST:
            self.wrong(key, f"must be {what}, not {reprlib.repr(value)}")
        else:
            return float(value)
        return 0.0

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"must be true or false, not {reprlib.repr(value)}")
            return False
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return one text or a list of them."""
        value = self.content.get(key, [])
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            self.wrong(key, f"must be text in quotes, or a list of such texts, not {reprlib.repr(value)}")
            return ()
        return tuple(text.strip() for text in texts)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of some words; nothing if it is none of them."""
        value = self.text(key)
        if not value or value in choices:
            return value
        near = closest(value, choices, most=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(choices)}"
        self.wrong(key, f"cannot be {value!r}", hint)
        return ""
