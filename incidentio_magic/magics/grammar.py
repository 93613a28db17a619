"""Parses a magic's line. Words may contain templates; a misspelt option suggests close matches; an error is raised."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from incidentio_magic.magics.session import Session

_COMPLAINT: Final = r"argument (?P<option>--[\w-]+): (?:expected one argument|invalid \w+ value: (?P<value>.+))"
_MISSING: Final = r"the following arguments are required: (?P<names>.+)"
_CHOICE: Final = r"argument (?P<option>--[\w-]+): invalid choice: (?P<quote>['\"])(?P<value>(?s:.*))(?P=quote) \(.*\)"
_MOST_OFFERED: Final = 3
_NO_SPACES: Final = frozenset({"URL", "N"})
_DATE_AND_TIME: Final = r"\d{4}-\d\d-\d\d \d\d?:\d\d(:\d\d)?"
_KEY: Final = r"(?=.*[a-z_])[A-Za-z0-9_.\-]{24,}"  # an ID has capitals and digits only


class Subcommand(NamedTuple):
    """One subcommand of %incidents.

    Args:
        name: The word to type.
        summary: What it does, in one line.
        add: Adds its arguments to a grammar.
        run: Runs it; its return value is the cell's value.
    """

    name: str
    summary: str
    add: Callable[[Grammar], None]
    run: Callable[[Session, argparse.Namespace], Any]


class CellMagic(NamedTuple):
    """One cell magic.

    Args:
        summary: What it does, in one line.
        add: Adds its arguments to a grammar.
        run: Runs it with the arguments and the cell's text; its return value is the cell's value.
    """

    summary: str
    add: Callable[[Grammar], None]
    run: Callable[[Session, argparse.Namespace, str], Any]


class Grammar(argparse.ArgumentParser):
    """An argument parser that raises this project's errors, never exits and offers close matches.

    Args:
        command: What is typed before the arguments, such as `%incidents list`.
        summary: What it does, in one line.
    """

    def __init__(self, command: str, summary: str) -> None:
        super().__init__(
            prog=command,
            description=summary,
            add_help=False,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.color = False  # newer Pythons would put control sequences into the help
        self.add_argument("-h", "--help", action="store_true", help="explain this command")

    def error(self, message: str) -> NoReturn:
        """Raise an error for argparse's complaint."""
        if missing := re.fullmatch(_MISSING, message):
            raise self._incomplete(missing["names"].split(", "))
        if choice := re.fullmatch(_CHOICE, message):
            known = map(str, self._option_string_actions[choice["option"]].choices or ())
            raise InputError(
                f"{self.prog}: {choice['option']} cannot be {choice['value']!r}.",
                hint=nearest("choice", choice["value"], known).hint,
            )
        complaint = re.fullmatch(_COMPLAINT, message)
        action = self._option_string_actions.get(complaint["option"]) if complaint else None
        if complaint is None or action is None:
            raise InputError(f"{self.prog}: {message}", hint=f"{self.prog} --help explains it")
        needs = {int: "a whole number", float: "a number"}.get(action.type, "a value")  # type: ignore[call-overload]
        instead = f", not {complaint['value']}" if complaint["value"] else ""
        raise InputError(
            f"{self.prog}: {complaint['option']} needs {needs}{instead}.",
            hint=f"{complaint['option']} {action.metavar}: {action.help}",
        )

    def _incomplete(self, names: Sequence[str]) -> InputError:
        """Return the error for missing required arguments."""
        first = next(action for action in self._actions if names[0] in {action.metavar, *action.option_strings})
        metavar = f" {first.metavar}" if first.option_strings else ""
        return InputError(
            f"{self.prog} needs {' and '.join(names)}.",
            hint=f"{names[0]}{metavar}: {first.help}; {self.prog} --help explains it",
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace | None:
        """Return the parsed arguments, or None if the help was requested.

        Raises:
            InputError: If they cannot be understood.
        """
        if "--help" in words or "-h" in words:
            return None
        self._refuse_repeats(words)
        self._refuse_blanks(words)
        parsed, extra = self.parse_known_args(self._joined(words))
        if extra:
            word = extra[0]
            if looks_like_a_key(word):
                raise may_be_a_key(self.prog)
            near = _closest(word.partition("=")[0], self.options())
            what = "option" if word.startswith("-") else "argument"
            if what == "option":
                word = word.partition("=")[0]  # the value may be a key
            hint = f"did you mean {near[0]}?" if near else self._instead()
            if what == "argument" and not near:
                hint = self._in_quotes(words, word) or hint
            raise InputError(f"{self.prog} has no {what} {word!r}.", hint=hint)
        return parsed

    def _in_quotes(self, words: Sequence[str], extra: str) -> str:
        """Return the hint for a value with spaces that was typed without quotes; "" if no option precedes it."""
        at = words.index(extra)
        start = next((place for place in range(at - 1, -1, -1) if words[place].startswith("--")), at)
        end = next((place for place in range(at, len(words)) if words[place].startswith("-")), len(words))
        option, sign, first = words[start].partition("=")
        action = self._option_string_actions.get(option)
        if start == at or action is None or action.nargs is not None or action.type or action.metavar in _NO_SPACES:
            return ""
        parts = [first] * bool(sign) + list(words[start + 1 : end])
        if action.metavar == "TIME" and not re.fullmatch(_DATE_AND_TIME, " ".join(parts)):
            return ""
        offer = f'put it in quotes: {option} "{" ".join(parts)}"'
        several = action.metavar == "NAMES" and not any("," in part for part in parts)
        return offer + (f', or several names with commas: {option} "{",".join(parts)}"' if several else "")

    def _instead(self) -> str:
        """Return the hint for an unexpected word."""
        if self.prog.startswith("%%"):
            return f"the text goes below this line; {self.prog} --help lists what the line takes"
        return f"{self.prog} --help lists them"

    def _refuse_blanks(self, words: Sequence[str]) -> None:
        """Raise if an option's value is empty, such as an empty variable; the option would have no effect."""
        optional = {
            name: action
            for action in self._actions
            if isinstance(action.default, str | list)
            for name in action.option_strings
        }
        for word, following in zip(words, [*words[1:], "-"], strict=False):
            option, sign, value = word.partition("=")
            if option in optional and not (value if sign else following).strip():
                action = optional[option]
                raise InputError(
                    f"{self.prog}: the value of {option} is empty.",
                    hint=f"leave {option} out, or give a value: {option} {action.metavar}: {action.help}",
                )

    def _refuse_repeats(self, words: Sequence[str]) -> None:
        """Raise if an option for one value is given twice, because the first value would be lost."""
        given = Counter(word.partition("=")[0] for word in words if word.startswith("--"))
        once = (action for action in self._actions if isinstance(action, argparse._StoreAction))  # noqa: SLF001
        for option in (name for action in once for name in action.option_strings if given[name] > 1):
            raise InputError(
                f"{self.prog}: {option} is given twice.",
                hint=f'give it once; several names are one word: {option} "A,B"',
            )

    def _joined(self, words: Sequence[str]) -> list[str]:
        """Join an option with a value that begins with a dash, such as --sort -created_at."""
        takes_value = self.valued()
        joined: list[str] = []
        for word in words:
            if joined and joined[-1] in takes_value and word.startswith("-") and not word.startswith("--"):
                joined[-1] = f"{joined[-1]}={word}"
            else:
                joined.append(word)
        return joined

    def valued(self) -> set[str]:
        """Return the options that take a value."""
        return {name for action in self._actions if action.nargs in {None, "+"} for name in action.option_strings}

    def takes(self, *names: str) -> bool:
        """Return whether a positional argument has one of these names, such as `REF`."""
        return any(str(action.metavar).startswith(names) for action in self._actions if not action.option_strings)

    def options(self) -> list[str]:
        """Return the long options."""
        return [name for action in self._actions for name in action.option_strings if name.startswith("--")]


def add_reference(grammar: Grammar) -> None:
    """Add the argument that names an incident."""
    grammar.add_argument(
        "reference", nargs="?", default="", metavar="REF", help="the incident; the current incident if left out"
    )


def may_be_a_key(command: str) -> InputError:
    """Return the error for a word that may be an API key; the error does not show it."""
    return InputError(
        f"{command} takes no such argument; it may be an API key, so it is not repeated here.",
        hint="take the key out of the cell; %incidents connect --ask prompts for one",
    )


def looks_like_a_key(word: str) -> bool:
    """Return whether a word may be an API key."""
    return re.fullmatch(_KEY, word) is not None


def _is_short_for(text: str, name: str) -> bool:
    """Return whether a text is the beginning of a name or one of its words, such as ack or done."""
    typed = text.casefold()
    return len(typed) > 1 and (name.startswith(typed) or typed in name.split())


def _closest(text: str, known: Iterable[str]) -> list[str]:
    from incidentio_magic.names.close_matches import closest  # noqa: PLC0415  loads on first use

    return closest(text, known, most=1)


def nearest(kind: str, text: str, known: Iterable[str], *, instead: str = "") -> InputError:
    """Return the error for a word that is not one of `known`.

    Args:
        kind: The kind of word, for the message: "subcommand".
        text: What was typed.
        known: The known words.
        instead: The hint if no known word is near; by default the hint lists all.
    """
    known = list(known)
    plain = text.casefold().replace("-", "_")
    near = [name for name in known if name.replace("-", "_") == plain]
    near = near or _closest(text, known) or [name for name in known if _is_short_for(text, name)][:_MOST_OFFERED]
    hint = f"did you mean {' or '.join(near)}?" if near else instead or f"there are: {', '.join(known)}"
    return InputError(f"There is no {kind} {text!r}.", hint=hint)
