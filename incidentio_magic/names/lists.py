"""Splits lists of names and `Name=value` texts, even if a name itself contains a comma or an equals sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Names = str | tuple[str, ...] | list[str]

_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "‘": "’"}  # noqa: RUF001  as word processors write them
_LONGEST: Final = 12  # maximum number of comma-separated parts to try together as one name


class Unsplit(str):
    """A `Name=value` text with several equals signs, until it is known which of them ends the name."""

    __slots__ = ()


def split_names(names: Names, knows: Callable[[str], object] | None = None) -> list[str]:
    """Return the names in a comma-separated string, or in a list of such strings.

    A name that contains a comma is kept whole if it is known, or in quotes: `"EU, west",US`.

    Args:
        names: The typed text.
        knows: Returns whether a name exists, so that `EU, west,US` is read as two names; None to split at every comma.

    Raises:
        InputError: If the commas can be read in several ways; quotes decide.
    """
    if not isinstance(names, str):
        return [part for name in names for part in split_names(name, knows)]
    if knows is not None and names.strip()[:1] in _QUOTES and knows(names.strip()):
        return [names.strip()]  # here the quotes are part of the name
    parts = _parts(names)
    if knows is None or len(parts) == 1 or any(quoted for _part, quoted in parts):
        return [part.strip() for part, _quoted in parts if part.strip()]
    texts = [part for part, _quoted in parts]
    readings = _readings(texts, knows)
    if len(readings) > 1:
        ways = ["'" + ",".join(f'"{name}"' for name in reading) + "'" for reading in readings]
        raise errors.InputError(
            f"The commas in {names!r} are ambiguous.",
            hint=f"put each name in quotes: {' or '.join(ways)}",
        )
    return readings[0] if readings else _greedy(texts, knows)


def _parts(text: str) -> list[tuple[str, bool]]:
    """Return the parts between commas outside quotes, and whether each part was in quotes."""
    parts: list[tuple[str, bool]] = []
    rest = text
    while True:
        part, quoted, rest = _next_part(rest)
        parts.append((part, quoted))
        if not rest:
            return parts
        rest = rest[1:]


def _next_part(text: str) -> tuple[str, bool, str]:
    """Return the first part, whether it was in quotes, and the rest, beginning with the comma."""
    stripped = text.lstrip()
    if closing := _QUOTES.get(stripped[:1]):
        end = stripped.find(closing, 1)
        after = stripped[end + 1 :].lstrip()  # everything, where the quote is not closed
        if not after or after.startswith(","):
            return stripped[1:end], True, after
    part, comma, rest = text.partition(",")
    return part, False, comma + rest


def _readings(parts: Sequence[str], knows: Callable[[str], object]) -> list[list[str]]:
    """Return up to two ways of joining neighbouring parts so that every name is known."""
    remembered: dict[str, bool] = {}

    def known(name: str) -> bool:
        if name not in remembered:
            remembered[name] = bool(knows(name))
        return remembered[name]

    # Works from the end: the possible readings from each part on.
    readings: list[list[list[str]]] = [[] for _part in parts] + [[[]]]
    for start in range(len(parts) - 1, -1, -1):
        if not parts[start].strip():
            readings[start] = list(readings[start + 1])
        for end in range(start + 1, min(len(parts), start + _LONGEST) + 1):
            name = _joined(parts[start:end])
            if readings[end] and name and known(name):
                readings[start] += [[name, *following] for following in readings[end]]
        readings[start] = readings[start][:2]
    return readings[0]


def _greedy(parts: Sequence[str], knows: Callable[[str], object]) -> list[str]:
    """Return the names if some are unknown: the longest known names, and every other part alone."""
    names = []
    start = 0
    while start < len(parts):
        ends = range(min(len(parts), start + _LONGEST), start + 1, -1)
        end = next((end for end in ends if knows(_joined(parts[start:end]))), start + 1)
        names += [name] if (name := _joined(parts[start:end])) else []
        start = end
    return names


def _joined(parts: Sequence[str]) -> str:
    return ",".join(parts).strip()


def pairs(texts: Iterable[str], what: str, *, equals: str = "first") -> dict[str, str]:
    """Return `Name=value` texts as a mapping.

    A name in quotes ends with them: `"Cost = impact"=high`.

    Args:
        texts: The typed text.
        what: The kind of name, for messages: "field".
        equals: Which equals sign ends the name: the "first", the "last", or "known". With "known", a text with several
            equals signs is kept whole as an `Unsplit` key, and `separated` finds the name that exists.

    Raises:
        InputError: If a text has no `=`, or a name occurs twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, value = _pair(text, what, equals)
        if name in found:
            raise errors.InputError(
                f"The {what} {name!r} is given twice.", hint='write several values once: "Name=one,two"'
            )
        found[name] = value
    return found


def _pair(text: str, what: str, equals: str) -> tuple[str, str]:
    stripped = text.strip()
    if closing := _QUOTES.get(stripped[:1]):
        end = stripped.find(closing, 1)
        after = stripped[end + 1 :].lstrip()
        if end > 1 and after.startswith("="):
            return stripped[1:end].strip(), after[1:].strip()
    name, sign, value = stripped.rpartition("=") if equals == "last" else stripped.partition("=")
    if not sign or not name.strip():
        raise errors.InputError(f"{text!r} is not a {what} with a value.", hint='write it like "Name=value", in quotes')
    if equals == "known" and "=" in value:
        return Unsplit(stripped), ""
    return name.strip(), value.strip()


def separated(given: Mapping[str, Any], knows: Callable[[str], object], what: str) -> list[tuple[str, Any]]:
    """Return names and values, with each `Unsplit` text divided after a name that exists.

    Args:
        given: Values by name, from `pairs` or from a Python caller.
        knows: Returns whether a name exists.
        what: The kind of name, for messages: "field".

    Raises:
        InputError: If a text can be read in several ways; quotes around the name decide.
    """
    divided = []
    for name, value in given.items():
        if not isinstance(name, Unsplit):
            divided.append((name, value))
            continue
        places = [place for place, letter in enumerate(name) if letter == "=" and name[:place].strip()]
        fitting = [place for place in places if knows(name[:place].strip())]
        if len(fitting) > 1:
            raise errors.InputError(
                f"The name of the {what} is ambiguous in {str(name)!r}.",
                hint=f"""put the name in quotes: '"{name[: fitting[-1]].strip()}"={name[fitting[-1] + 1 :].strip()}'""",
            )
        place = (fitting or places)[0]
        divided.append((name[:place].strip(), name[place + 1 :].strip()))
    return divided


def known_by(resolve: Callable[[str], object]) -> Callable[[str], bool]:
    """Return a function that says whether a name exists, using a function that resolves it or raises `UnknownName`.

    Args:
        resolve: Resolves a name, or raises `UnknownName`.
    """

    def knows(name: str) -> bool:
        try:
            resolve(name)
        except errors.AmbiguousName:
            return True
        except errors.UnknownName:
            return False
        return True

    return knows
